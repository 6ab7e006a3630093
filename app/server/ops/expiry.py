"""Deletes what has expired: pairings after minutes, and accounts that no device has used for a long time.

An account is deleted in two steps that are weeks apart. One that is idle is given a date first; when one of
its devices syncs, that date is taken away. A server whose clock was wrong for a while therefore deletes
nothing: it would have to be wrong for weeks.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, select, update
from sqlmodel import col

from app.server.database.engine import Database, DatabaseFaultError, DatabaseUnavailableError
from app.server.database.tables import AccountRow
from app.server.sync import accounts, pairings

logger = logging.getLogger("kaeru.expiry")

GRACE = timedelta(days=30)  # from the date's being set until the account is deleted
MARKED, ERASED = 500, 1  # accounts in one transaction; one may be 200 MB
EVERY = timedelta(hours=6)
PAIRINGS_EVERY = timedelta(minutes=10)
RETRY = timedelta(seconds=30)  # after the database failed


class Expiry:
    """Looks for what has expired now and then; any number of processes may do so at the same time."""

    def __init__(self, database: Database, idle_days: int, now: Callable[[], datetime]) -> None:
        """`idle_days`: how long an account may be unused; 0: for ever."""
        self.database = database
        self.idle = timedelta(days=idle_days)
        self.now = now

    async def run(self) -> None:
        """Sweep again and again, until cancelled."""
        await asyncio.gather(
            self._repeat(self.sweep_pairings, PAIRINGS_EVERY), self._repeat(self.sweep, EVERY)
        )

    async def _repeat(self, sweep: Callable[[], Awaitable[None]], every: timedelta) -> None:
        while True:
            pause = every
            try:
                await sweep()
            except (DatabaseUnavailableError, DatabaseFaultError):
                pause = RETRY  # it has been logged
            except Exception:
                logger.exception("sweep")
            await asyncio.sleep(pause.total_seconds())

    async def sweep_pairings(self) -> None:
        """Delete the pairings that are over. Raises DatabaseUnavailableError, DatabaseFaultError."""
        await self.database.write(partial(pairings.sweep, now=self.now()))

    async def sweep(self) -> None:
        """Set the date of every idle account that has none, and delete those whose date has come.

        Does nothing if accounts may be unused for ever. Raises DatabaseUnavailableError, DatabaseFaultError.
        """
        if not self.idle:
            return
        for step, done in ((mark, "idle accounts found"), (erase, "idle accounts deleted")):
            total = 0
            while count := await self.database.write(partial(step, idle=self.idle, now=self.now())):
                total += count
            if total:
                logger.warning(done, extra={"fields": {"accounts": total}})


def mark(connection: Connection, idle: timedelta, now: datetime) -> int:
    """Set the date of some idle accounts. Gives how many."""
    found = (
        select(col(AccountRow.id))
        .where(col(AccountRow.seen_at) < now - idle, col(AccountRow.expires_at).is_(None))
        .order_by(col(AccountRow.id))
        .limit(MARKED)
        .with_for_update(skip_locked=True)  # a device is using it, or another process is at it
    )
    ids = connection.execute(found).scalars().all()
    if ids:
        connection.execute(
            update(AccountRow).where(col(AccountRow.id).in_(ids)).values(expires_at=now + GRACE)
        )
    return len(ids)


def erase(connection: Connection, idle: timedelta, now: datetime) -> int:
    """Delete some accounts whose date has come and that are still idle. Gives how many."""
    found = (
        select(col(AccountRow.id))
        .where(col(AccountRow.expires_at) <= now, col(AccountRow.seen_at) < now - idle)
        .order_by(col(AccountRow.id))
        .limit(ERASED)
        .with_for_update(skip_locked=True)
    )
    ids = connection.execute(found).scalars().all()
    for account in ids:
        accounts.erase(connection, account)
    return len(ids)
