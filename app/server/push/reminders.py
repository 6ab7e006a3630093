"""The plan of an account's reminders: any of its devices changes it, from the revision that device knows."""

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
    """A reminder as a device wants it."""

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
    """Drop reminders, then put others. What is there, or has rung, is left as it is. Gives the revision.

    Where reminders have expired unheard, the plan moves on once more after this change: the device still
    takes them to be there, and is to look again.

    Raises Problem: "plan" where another device has changed the plan since, "quota"; nothing is changed then.
    """
    caller = caller_of(connection, token, locked=True, sealing=True)
    if base != caller.plan_rev:
        raise HttpProblem("plan", rev=caller.plan_rev, ids=ids_ahead(connection, caller.account, now))
    dropped = remove(connection, caller.account, col(ReminderRow.id).in_(drop)) if drop else 0
    added, missed = add(connection, caller, put, limits, now) if put else (0, 0)
    rev = caller.plan_rev
    if dropped or added:
        rev = move_on(connection, caller.account, rev)
    if missed:
        move_on(connection, caller.account, rev)
    return rev


def drop_group(connection: Connection, token: Token, group: str) -> None:
    """Drop what belongs together, as when the message it is about was answered. Once more is no error."""
    caller = caller_of(connection, token, locked=True)
    if remove(connection, caller.account, col(ReminderRow.group) == group):
        move_on(connection, caller.account, caller.plan_rev)


def ids_ahead(connection: Connection, account: bytes, now: datetime) -> list[str]:
    """Those still to come. One that is due is no device's to miss: it rings, if it has not yet."""
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
    """Gives how many were added, and how many had expired before they rang. Raises Problem("quota")."""
    account = caller.account
    mine = col(ReminderRow.account) == account
    # What expired is as good as gone, although the sweep may not have come by.
    expired = connection.execute(
        select(col(ReminderRow.id), col(ReminderRow.rung)).where(mine, col(ReminderRow.expires_at) <= now)
    ).all()
    erase(connection, account, [row.id for row in expired])
    missed = sum(not row.rung for row in expired)
    known = set(connection.execute(select(col(ReminderRow.id)).where(mine)).scalars().all())
    new = [each for each in put if each.id not in known and each.expires_at > now]
    if not new:
        return 0, missed
    ahead = connection.execute(
        select(func.count()).where(mine, col(ReminderRow.rung) == false())
    ).scalar_one()
    # Those that have rung are kept for a while too; they may be as many again.
    if ahead + len(new) > REMINDERS or len(known) + len(new) > 2 * REMINDERS:
        raise HttpProblem("quota", of="reminders", used=ahead, limit=REMINDERS)
    check_bytes(connection, caller, sum(len(each.box) for each in new), limits)
    rows = [{"account": account, **each._asdict(), "rung": False} for each in new]
    connection.execute(insert(ReminderRow), rows)
    return len(new), missed


def check_bytes(connection: Connection, caller: Caller, size: int, limits: Limits) -> None:
    """Raise Problem("quota") where `size` bytes more, of records or reminders, are too many.

    Reminders are only added up where they can matter: few accounts are nearly full.
    """
    most = (2 * REMINDERS + limits.devices) * REMINDER_BYTES  # rung ones and tests of devices included
    if caller.box_bytes + most + size <= limits.bytes:
        return
    mine = col(ReminderRow.account) == caller.account
    boxes = select(func.coalesce(func.sum(func.length(col(ReminderRow.box))), 0)).where(mine)
    used = caller.box_bytes + connection.execute(boxes).scalar_one()
    if used + size > limits.bytes:
        raise HttpProblem("quota", of="bytes", used=used, limit=limits.bytes)


def remove(connection: Connection, account: bytes, which: ColumnElement[bool]) -> int:
    """Drop reminders. Of those that have rung what is undelivered is dropped. Gives how many had not rung."""
    found = connection.execute(
        select(col(ReminderRow.id), col(ReminderRow.rung))
        .where(col(ReminderRow.account) == account, which)
        .order_by(col(ReminderRow.id))
        .with_for_update()
    ).all()
    if rung := [row.id for row in found if row.rung]:
        deliveries.drop(connection, account, col(DeliveryRow.reminder).in_(rung))
    ahead = [row.id for row in found if not row.rung]
    connection.execute(
        delete(ReminderRow).where(col(ReminderRow.account) == account, col(ReminderRow.id).in_(ahead))
    )
    return len(ahead)


def erase(connection: Connection, account: bytes, ids: Sequence[str] | None = None) -> None:
    """Remove reminders and their deliveries without a trace; all of the account's, unless some are named."""
    which = [] if ids is None else [col(ReminderRow.id).in_(ids)]
    if ids is not None and not ids:
        return
    deliveries.hold(
        connection,
        select(col(ReminderRow.id))
        .where(col(ReminderRow.account) == account, *which)
        .order_by(col(ReminderRow.id))
        .with_for_update(),
    )
    deliveries.drop(connection, account, *([] if ids is None else [col(DeliveryRow.reminder).in_(ids)]))
    connection.execute(delete(ReminderRow).where(col(ReminderRow.account) == account, *which))


def move_on(connection: Connection, account: bytes, rev: int) -> int:
    connection.execute(update(AccountRow).where(col(AccountRow.id) == account).values(plan_rev=rev + 1))
    return rev + 1
