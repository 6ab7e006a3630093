"""Prepares a database restored from a backup: advances revisions so that none is given out twice.

Devices know cursors, base revisions and plan revisions from after the backup. The database has lost the
changes they stand for and would give the same numbers to other changes.
"""

import secrets
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select, update
from sqlmodel import col

from app.server.database.tables import AccountRow, DeviceRow, RecordRow

LEAST_JUMP = 1_000_000_000
"""More revisions than an account can use between a backup and its restore."""
MOST_JUMP = 100 * LEAST_JUMP
"""Leaves room for 90,000 restores below 2^53, the largest integer that every JSON parser reads exactly."""


class Restored(NamedTuple):
    """Counts of what the restored database contains."""

    accounts: int
    devices: int  # that were not revoked when the backup was made


NOTHING_PROVEN = {"proven_epoch": 0, "proven_id": None, "proven_secret_hash": None}


def new_jump() -> int:
    """Return a random revision jump, so that restoring a backup twice yields different revisions."""
    return LEAST_JUMP + secrets.randbelow(MOST_JUMP - LEAST_JUMP)


def forget_cursors(connection: Connection, jump: int) -> Restored:
    """Renumber all records, so that every device compares all its records with the database.

    Every record's revision stays above its account's `oldest_cursor`, which becomes `rev + jump`: later
    cursors are valid, all earlier ones are refused. The gaps between revisions stay the same, so `rev` grows
    by `jump` plus the number of revisions since the last restore.
    """
    shift = col(AccountRow.rev) + jump - col(AccountRow.oldest_cursor)
    of_account = select(shift).where(col(AccountRow.id) == col(RecordRow.account)).scalar_subquery()
    # Each new revision is above every old one, so the unique index holds during the update.
    connection.execute(update(RecordRow).values(rev=col(RecordRow.rev) + of_account))
    connection.execute(
        update(AccountRow).values(
            rev=col(AccountRow.rev) + shift,
            oldest_cursor=col(AccountRow.rev) + jump,
            plan_rev=col(AccountRow.plan_rev) + jump,
        )
    )
    accounts = connection.execute(select(func.count()).select_from(AccountRow)).scalar_one()
    active = select(func.count()).select_from(DeviceRow).where(col(DeviceRow.revoked_at).is_(None))
    return Restored(accounts, connection.execute(active).scalar_one())


def start_guard(connection: Connection, until: datetime) -> None:
    """Until then trust only receipts on revoked devices and current keys (see receipts.py)."""
    connection.execute(update(AccountRow).values(guarded_until=until, **NOTHING_PROVEN))
    connection.execute(update(DeviceRow).values(restored=True))


def lift_guard(connection: Connection) -> None:
    """End the guard period: devices may change keys and revoke each other again."""
    connection.execute(update(AccountRow).values(guarded_until=None, **NOTHING_PROVEN))
    connection.execute(update(DeviceRow).values(restored=False))
