"""What is still to reach which device: made when a reminder falls due, claimed by who sends, settled after.

Who claims a delivery moves its time on by a lease. If they die, it falls due again and another takes it up:
each is made at least once. Several dispatchers may share PostgreSQL: they skip rows that another one holds.
Rows are locked reminders first, and in the order of their keys, so that nobody waits in a circle; who locks
an account does so before.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    false,
    literal,
    select,
    tuple_,
    update,
)
from sqlmodel import col

from app.server.database import insert_or
from app.server.tables import Delivery, Reminder, Subscription

LEASE = timedelta(seconds=30)  # longer than a push may take
BATCH = 500  # reminders made into deliveries, or expired ones removed, in one transaction

Key = tuple[bytes, str, str]
"""Account, reminder, device."""

# One at a time: drivers send statements of many rows together, and nothing is longer for more of them.
THIS_REMINDER = (col(Reminder.account) == bindparam("of_account")) & (
    col(Reminder.id) == bindparam("of_reminder")
)
THIS = (
    (col(Delivery.account) == bindparam("of_account"))
    & (col(Delivery.reminder) == bindparam("of_reminder"))
    & (col(Delivery.device) == bindparam("of_device"))
)
THESE_REMINDERS = tuple_(col(Reminder.account), col(Reminder.id)).in_(bindparam("keys", expanding=True))
OF_THESE_REMINDERS = tuple_(col(Delivery.account), col(Delivery.reminder)).in_(
    bindparam("keys", expanding=True)
)
# Text as Python sorts it, whatever the language that the database was made for.
IN_ORDER = (
    col(Delivery.account),
    col(Delivery.reminder).collate("C"),
    col(Delivery.device).collate("C"),
)


class Claimed(NamedTuple):
    """A delivery to be made now, by who claimed it."""

    account: bytes
    reminder: str
    device: str
    attempts: int  # with this one
    group: str
    fire_at: datetime
    expires_at: datetime
    urgency: str
    box: bytes
    endpoint: str
    p256dh: bytes
    auth: bytes

    @property
    def key(self) -> Key:
        return self.account, self.reminder, self.device


@dataclass(frozen=True)
class Waiting:
    """Whether reminders have fallen due, and the push services that deliveries are due at."""

    reminders: bool
    services: list[str]


@dataclass
class Settlement:
    """What became of deliveries: those that are over, and when the others are to be tried again."""

    over: list[Key] = field(default_factory=list)
    again: list[tuple[Key, datetime]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.over) + len(self.again)


DUE_REMINDERS = (
    select(col(Reminder.account), col(Reminder.id))
    .where(col(Reminder.rung) == false(), col(Reminder.fire_at) <= bindparam("now"))
    .order_by(col(Reminder.fire_at))
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)
RING = update(Reminder).where(THIS_REMINDER).values(rung=True)
NEXT = (
    select(
        col(Delivery.account),
        col(Delivery.reminder),
        col(Delivery.device),
        col(Delivery.attempts) + 1,
        col(Reminder.group),
        col(Reminder.fire_at),
        col(Reminder.expires_at),
        col(Reminder.urgency),
        col(Reminder.box),
        col(Subscription.endpoint),
        col(Subscription.p256dh),
        col(Subscription.auth),
    )
    .select_from(Delivery)
    .join(
        Reminder,
        (col(Reminder.account) == col(Delivery.account)) & (col(Reminder.id) == col(Delivery.reminder)),
    )
    .join(
        Subscription,
        (col(Subscription.account) == col(Delivery.account))
        & (col(Subscription.device) == col(Delivery.device)),
    )
    .where(col(Delivery.service) == bindparam("of_service"), col(Delivery.next_at) <= bindparam("now"))
    .order_by(col(Delivery.next_at))
    .limit(bindparam("room"))
    .with_for_update(of=Delivery, skip_locked=True)
)
LEND = update(Delivery).where(THIS).values(next_at=bindparam("until"), attempts=col(Delivery.attempts) + 1)
RETRY = update(Delivery).where(THIS).values(next_at=bindparam("at"))
REMOVE = delete(Delivery).where(THIS)
EXPIRED = (
    select(col(Reminder.account), col(Reminder.id))
    .where(col(Reminder.expires_at) <= bindparam("now"))
    .order_by(col(Reminder.account), col(Reminder.id))
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)


def waiting(connection: Connection, now: datetime) -> Waiting:
    """What there is to do."""
    due = select(literal(1)).where(col(Reminder.rung) == false(), col(Reminder.fire_at) <= now).limit(1)
    services = select(col(Delivery.service)).where(col(Delivery.next_at) <= now).distinct()
    return Waiting(
        connection.execute(due).first() is not None, list(connection.execute(services).scalars().all())
    )


@cache
def fan_out(dialect: str) -> Any:
    """One delivery for each device that can be rung, of reminders that have not expired."""
    rows = (
        select(
            col(Reminder.account),
            col(Reminder.id),
            col(Subscription.device),
            col(Subscription.service),
            col(Reminder.fire_at),
            literal(0),
        )
        .join(Subscription, col(Subscription.account) == col(Reminder.account))
        .where(THIS_REMINDER, col(Reminder.expires_at) > bindparam("now"))
    )
    columns = ["account", "reminder", "device", "service", "next_at", "attempts"]
    return insert_or(dialect, Delivery).from_select(columns, rows).on_conflict_do_nothing()


def ring(connection: Connection, now: datetime) -> int:
    """Make deliveries of reminders that have fallen due. Gives how many reminders."""
    due = [reminder_named(*row) for row in connection.execute(DUE_REMINDERS, {"now": now})]
    if due:
        connection.execute(fan_out(connection.dialect.name), [{**each, "now": now} for each in due])
        connection.execute(RING, due)
    return len(due)


def settle_and_claim(
    connection: Connection, settlement: Settlement, service: str, room: int, now: datetime
) -> list[Claimed]:
    """Note what became of earlier deliveries; give the next ones for a push service, at most `room`.

    Those that have expired meanwhile are among them: they are over, too, once they are settled.
    """
    settle(connection, settlement)
    if not room:
        return []
    wanted = {"of_service": service, "now": now, "room": room}
    claimed = [Claimed._make(row) for row in connection.execute(NEXT, wanted)]
    if claimed:
        until = now + LEASE
        connection.execute(LEND, [{**named(each.key), "until": until} for each in claimed])
    return claimed


def settle(connection: Connection, settlement: Settlement) -> None:
    """In the order of their keys, whatever became of them."""
    outcomes = sorted([*((key, None) for key in settlement.over), *settlement.again])
    for again, found in groupby(outcomes, lambda outcome: outcome[1] is not None):
        if again:
            connection.execute(RETRY, [{**named(key), "at": at} for key, at in found])
        else:
            connection.execute(REMOVE, [named(key) for key, _at in found])


def named(key: Key) -> dict[str, Any]:
    account, reminder, device = key
    return {"of_account": account, "of_reminder": reminder, "of_device": device}


def reminder_named(account: bytes, reminder: str) -> dict[str, Any]:
    return {"of_account": account, "of_reminder": reminder}


def move(connection: Connection, account: bytes, device: str, service: str) -> None:
    """What is still to reach a device goes to another push service. The account is locked."""
    mine = col(Delivery.account) == account, col(Delivery.device) == device
    hold(connection, select(col(Delivery.device)).where(*mine).order_by(*IN_ORDER).with_for_update())
    connection.execute(update(Delivery).where(*mine).values(service=service))


def drop(connection: Connection, account: bytes, *which: ColumnElement[bool]) -> None:
    """Let deliveries of an account be made no more."""
    mine = col(Delivery.account) == account, *which
    hold(connection, select(col(Delivery.device)).where(*mine).order_by(*IN_ORDER).with_for_update())
    connection.execute(delete(Delivery).where(*mine))


def sweep(connection: Connection, now: datetime) -> tuple[int, int]:
    """Remove expired reminders and what of them is undelivered. Gives how many of each."""
    keys = [tuple(row) for row in connection.execute(EXPIRED, {"now": now})]
    if not keys:
        return 0, 0
    mine = {"keys": keys}
    hold(
        connection,
        select(col(Delivery.device)).where(OF_THESE_REMINDERS).order_by(*IN_ORDER).with_for_update(),
        mine,
    )
    undelivered = connection.execute(delete(Delivery).where(OF_THESE_REMINDERS), mine).rowcount
    connection.execute(delete(Reminder).where(THESE_REMINDERS), mine)
    return len(keys), undelivered


def hold(connection: Connection, rows: Select[Any], values: dict[str, Any] | None = None) -> None:
    """Lock rows in their order, on PostgreSQL; SQLite has one writer."""
    if connection.dialect.name != "sqlite":
        connection.execute(rows, values or {}).all()
