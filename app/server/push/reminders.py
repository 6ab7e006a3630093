"""An account's reminder plan. Any device may change it, based on the revision that it knows."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, false, func, insert, select, update
from sqlmodel import col

from app.server.database.tables import AccountRow, DeliveryRow, ReminderRow
from app.server.push import deliveries
from app.server.web.access import Caller, Token, caller_of
from app.server.web.limits import REMINDER_BYTES, REMINDERS, Limits
from app.server.web.problems import HttpProblem


class Planned(NamedTuple):
    """A reminder submitted by a device."""

    id: str
    group: str
    fire_at: datetime
    expires_at: datetime
    urgency: str
    box: bytes


def change(
    connection: Connection,
    token: Token,
    base: int,
    put: Sequence[Planned],
    drop: Sequence[str],
    limits: Limits,
    now: datetime,
) -> int:
    """Drop reminders, then add new ones. Returns the plan's revision.

    Reminders that exist already, rung or not, are not changed. If reminders have expired before they rang,
    the revision is incremented once more after the one returned: the device still assumes they exist and has
    to reconcile.

    Raises HttpProblem and changes nothing: "plan" if another device has changed the plan since `base`,
    "quota".
    """
    caller = caller_of(connection, token, locked=True, sealing=True)
    if base != caller.plan_rev:
        raise HttpProblem("plan", rev=caller.plan_rev, ids=upcoming_ids(connection, caller.account, now))
    dropped = remove(connection, caller.account, col(ReminderRow.id).in_(drop)) if drop else 0
    added, missed = add(connection, caller, put, limits, now) if put else (0, 0)
    rev = caller.plan_rev
    if dropped or added:
        rev = increment_plan_rev(connection, caller.account, rev)
    if missed:
        increment_plan_rev(connection, caller.account, rev)
    return rev


def drop_group(connection: Connection, token: Token, group: str) -> None:
    """Drop all reminders of a group, for instance once the message was answered. Idempotent."""
    caller = caller_of(connection, token, locked=True)
    if remove(connection, caller.account, col(ReminderRow.group) == group):
        increment_plan_rev(connection, caller.account, caller.plan_rev)


def upcoming_ids(connection: Connection, account: bytes, now: datetime) -> list[str]:
    """Ids of reminders not yet due. A due one is left out: it rings even if no device knows of it."""
    statement = (
        select(col(ReminderRow.id))
        .where(
            col(ReminderRow.account) == account,
            col(ReminderRow.rung) == false(),
            col(ReminderRow.fire_at) > now,
        )
        .order_by(col(ReminderRow.id))
    )
    return list(connection.execute(statement).scalars().all())


def add(
    connection: Connection, caller: Caller, put: Sequence[Planned], limits: Limits, now: datetime
) -> tuple[int, int]:
    """Add reminders. Returns how many were added and how many had expired unrung.

    Raises HttpProblem("quota")."""
    account = caller.account
    of_account = col(ReminderRow.account) == account
    # Expired reminders count as deleted even before the sweep.
    expired = connection.execute(
        select(col(ReminderRow.id), col(ReminderRow.rung)).where(
            of_account, col(ReminderRow.expires_at) <= now
        )
    ).all()
    erase(connection, account, [row.id for row in expired])
    missed = sum(not row.rung for row in expired)
    known = set(connection.execute(select(col(ReminderRow.id)).where(of_account)).scalars().all())
    new = [each for each in put if each.id not in known and each.expires_at > now]
    if not new:
        return 0, missed
    upcoming = connection.execute(
        select(func.count()).where(of_account, col(ReminderRow.rung) == false())
    ).scalar_one()
    # Rung reminders are kept until they expire; up to as many again are allowed.
    if upcoming + len(new) > REMINDERS or len(known) + len(new) > 2 * REMINDERS:
        raise HttpProblem("quota", of="reminders", used=upcoming, limit=REMINDERS)
    check_bytes(connection, caller, sum(len(each.box) for each in new), limits)
    rows = [{"account": account, **each._asdict(), "rung": False} for each in new]
    connection.execute(insert(ReminderRow), rows)
    return len(new), missed


def check_bytes(connection: Connection, caller: Caller, size: int, limits: Limits) -> None:
    """Raise HttpProblem("quota") if `size` more bytes of records or reminders exceed the limit.

    The reminders' sizes are summed up only if they could matter: few accounts are nearly full.
    """
    upper_bound = (2 * REMINDERS + limits.devices) * REMINDER_BYTES  # with rung ones and tests
    if caller.box_bytes + upper_bound + size <= limits.bytes:
        return
    of_account = col(ReminderRow.account) == caller.account
    boxes = select(func.coalesce(func.sum(func.length(col(ReminderRow.box))), 0)).where(of_account)
    used = caller.box_bytes + connection.execute(boxes).scalar_one()
    if used + size > limits.bytes:
        raise HttpProblem("quota", of="bytes", used=used, limit=limits.bytes)


def remove(connection: Connection, account: bytes, which: ColumnElement[bool]) -> int:
    """Drop reminders, and the pending deliveries of rung ones. Returns how many had not rung."""
    found = connection.execute(
        select(col(ReminderRow.id), col(ReminderRow.rung))
        .where(col(ReminderRow.account) == account, which)
        .order_by(col(ReminderRow.id))
        .with_for_update()
    ).all()
    if rung := [row.id for row in found if row.rung]:
        deliveries.drop(connection, account, col(DeliveryRow.reminder).in_(rung))
    upcoming = [row.id for row in found if not row.rung]
    connection.execute(
        delete(ReminderRow).where(col(ReminderRow.account) == account, col(ReminderRow.id).in_(upcoming))
    )
    return len(upcoming)


def erase(connection: Connection, account: bytes, ids: Sequence[str] | None = None) -> None:
    """Delete reminders, rung or not, and their deliveries. `ids`: None for all of the account."""
    which = [] if ids is None else [col(ReminderRow.id).in_(ids)]
    if ids is not None and not ids:
        return
    deliveries.lock_rows(
        connection,
        select(col(ReminderRow.id))
        .where(col(ReminderRow.account) == account, *which)
        .order_by(col(ReminderRow.id))
        .with_for_update(),
    )
    deliveries.drop(connection, account, *([] if ids is None else [col(DeliveryRow.reminder).in_(ids)]))
    connection.execute(delete(ReminderRow).where(col(ReminderRow.account) == account, *which))


def increment_plan_rev(connection: Connection, account: bytes, rev: int) -> int:
    connection.execute(update(AccountRow).where(col(AccountRow.id) == account).values(plan_rev=rev + 1))
    return rev + 1
