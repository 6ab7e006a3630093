"""What is done to a database that was replaced by a backup.

Revisions move on, so that no number means two things.

Devices know cursors, bases and plan revisions that were given out after the backup was made. The database has
lost what they stood for, and would give the same numbers to other changes.
"""

import secrets
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select, update
from sqlmodel import col

from app.server.database.tables import AccountRow, DeviceRow, RecordRow

LEAST_JUMP = 1_000_000_000
"""More revisions than an account can be given between a backup and its restore."""
MOST_JUMP = 100 * LEAST_JUMP
"""So 90,000 restores fit into the 2^53 that every JSON reader reads exactly."""


class Restored(NamedTuple):
    """What the database holds after the restore."""

    accounts: int
    devices: int  # that were not revoked when the backup was made


NOTHING_PROVEN = {"proven_epoch": 0, "proven_id": None, "proven_secret_hash": None}


def new_jump() -> int:
    """How far revisions move on: at random, so that restoring one backup twice gives different ones."""
    return LEAST_JUMP + secrets.randbelow(MOST_JUMP - LEAST_JUMP)


def forget_cursors(connection: Connection, jump: int) -> Restored:
    """Renumber all records, so that every device compares all it has with this database.

    Every record's revision stays above the account's `oldest_cursor`, which moves to `rev + jump`: cursors
    given out from now on are valid, and all given out before are refused. An account's revisions keep their
    distances, so `rev` grows by `jump` and the number of revisions since the last restore.
    """
    shift = col(AccountRow.rev) + jump - col(AccountRow.oldest_cursor)
    of_account = select(shift).where(col(AccountRow.id) == col(RecordRow.account)).scalar_subquery()
    # Each new revision is above every old one, so no row meets another one's revision in the unique index.
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


def guard(connection: Connection, until: datetime) -> None:
    """Until then believe receipts alone about who was shut out and which key is current (see receipts.py)."""
    connection.execute(update(AccountRow).values(guarded_until=until, **NOTHING_PROVEN))
    connection.execute(update(DeviceRow).values(restored=True))


def lift_guard(connection: Connection) -> None:
    """Let devices change keys and revoke each other again."""
    connection.execute(update(AccountRow).values(guarded_until=None, **NOTHING_PROVEN))
    connection.execute(update(DeviceRow).values(restored=False))
