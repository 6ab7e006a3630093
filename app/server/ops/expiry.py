"""Deletes expired pairings and idle accounts.

An idle account is deleted in two steps, weeks apart: it is given a deletion date first, which is removed when
one of its devices syncs. So a server whose clock is wrong deletes no account unless it stays wrong for weeks.
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

GRACE = timedelta(days=30)  # between setting the deletion date and deleting the account
SCHEDULED_BATCH, DELETED_BATCH = 500, 1  # accounts per transaction; one may hold 200 MB
SWEEP_INTERVAL = timedelta(hours=6)
PAIRING_SWEEP_INTERVAL = timedelta(minutes=10)
RETRY = timedelta(seconds=30)  # after the database failed


class Expiry:
    """Sweeps periodically; any number of processes may do so concurrently."""

    def __init__(self, database: Database, idle_days: int, now: Callable[[], datetime]) -> None:
        """`idle_days`: days without use after which an account expires; 0: never."""
        self.database = database
        self.idle = timedelta(days=idle_days)
        self.now = now

    async def run(self) -> None:
        """Sweep periodically until cancelled."""
        await asyncio.gather(
            self._repeat(self.sweep_pairings, PAIRING_SWEEP_INTERVAL),
            self._repeat(self.sweep, SWEEP_INTERVAL),
        )

    async def _repeat(self, sweep: Callable[[], Awaitable[None]], interval: timedelta) -> None:
        while True:
            pause = interval
            try:
                await sweep()
            except (DatabaseUnavailableError, DatabaseFaultError):
                pause = RETRY  # already logged
            except Exception:
                logger.exception("sweep")
            await asyncio.sleep(pause.total_seconds())

    async def sweep_pairings(self) -> None:
        """Delete expired pairings. Raises DatabaseUnavailableError, DatabaseFaultError."""
        await self.database.write(partial(pairings.sweep, now=self.now()))

    async def sweep(self) -> None:
        """Set the deletion date of newly idle accounts, and delete those whose date has passed.

        Does nothing if accounts never expire. Raises DatabaseUnavailableError, DatabaseFaultError.
        """
        if not self.idle:
            return
        for step, done in (
            (schedule_deletion, "idle accounts found"),
            (delete_expired, "idle accounts deleted"),
        ):
            total = 0
            while count := await self.database.write(partial(step, idle=self.idle, now=self.now())):
                total += count
            if total:
                logger.warning(done, extra={"fields": {"accounts": total}})


def schedule_deletion(connection: Connection, idle: timedelta, now: datetime) -> int:
    """Set the deletion date of a batch of idle accounts. Returns their number."""
    found = (
        select(col(AccountRow.id))
        .where(col(AccountRow.seen_at) < now - idle, col(AccountRow.expires_at).is_(None))
        .order_by(col(AccountRow.id))
        .limit(SCHEDULED_BATCH)
        .with_for_update(skip_locked=True)  # locked by a device's request or another process
    )
    ids = connection.execute(found).scalars().all()
    if ids:
        connection.execute(
            update(AccountRow).where(col(AccountRow.id).in_(ids)).values(expires_at=now + GRACE)
        )
    return len(ids)


def delete_expired(connection: Connection, idle: timedelta, now: datetime) -> int:
    """Delete a batch of accounts that are past their deletion date and still idle. Returns their number."""
    found = (
        select(col(AccountRow.id))
        .where(col(AccountRow.expires_at) <= now, col(AccountRow.seen_at) < now - idle)
        .order_by(col(AccountRow.id))
        .limit(DELETED_BATCH)
        .with_for_update(skip_locked=True)
    )
    ids = connection.execute(found).scalars().all()
    for account in ids:
        accounts.erase(connection, account)
    return len(ids)
