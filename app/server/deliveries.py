"""What is still to reach which device: made when a reminder falls due, claimed by who sends, settled after.

Who claims a delivery moves its time on by a lease. If they die, it falls due again and another takes it up:
each is made at least once. Several dispatchers may share PostgreSQL: they skip rows that another one holds.
Rows are locked reminders first, and in the order of their keys, so that nobody waits in a circle; who locks
an account does so before.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
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

REMINDER_KEY = tuple_(col(Reminder.account), col(Reminder.id))
DELIVERY_KEY = tuple_(col(Delivery.account), col(Delivery.reminder), col(Delivery.device))
IN_ORDER = col(Delivery.account), col(Delivery.reminder), col(Delivery.device)
THESE = DELIVERY_KEY.in_(bindparam("keys", expanding=True))
OF_THESE_REMINDERS = tuple_(col(Delivery.account), col(Delivery.reminder)).in_(
    bindparam("keys", expanding=True)
)


class Claimed(NamedTuple):
    """A delivery to be made now, by who claimed it."""

    account: bytes
    reminder: str
    device: str
    attempts: int  # before this one
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
RING = update(Reminder).where(REMINDER_KEY.in_(bindparam("keys", expanding=True))).values(rung=True)
CLAIM = (
    select(
        col(Delivery.account),
        col(Delivery.reminder),
        col(Delivery.device),
        col(Delivery.attempts),
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
    .where(
        col(Delivery.service) == bindparam("service"),
        col(Delivery.next_at) <= bindparam("now"),
        col(Reminder.expires_at) > bindparam("now"),
    )
    .order_by(col(Delivery.next_at))
    .limit(bindparam("room"))
    .with_for_update(of=Delivery, skip_locked=True)
)
LEND = update(Delivery).where(THESE).values(next_at=bindparam("until"), attempts=col(Delivery.attempts) + 1)
HOLD = select(col(Delivery.device)).where(THESE).order_by(*IN_ORDER).with_for_update()
REMOVE = delete(Delivery).where(THESE)
RETRY = (
    update(Delivery)
    .where(
        col(Delivery.account) == bindparam("of_account"),
        col(Delivery.reminder) == bindparam("of_reminder"),
        col(Delivery.device) == bindparam("of_device"),
    )
    .values(next_at=bindparam("at"))
)
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
        .where(
            REMINDER_KEY.in_(bindparam("keys", expanding=True)),
            col(Reminder.expires_at) > bindparam("now"),
        )
    )
    columns = ["account", "reminder", "device", "service", "next_at", "attempts"]
    return insert_or(dialect, Delivery).from_select(columns, rows).on_conflict_do_nothing()


def ring(connection: Connection, now: datetime) -> int:
    """Make deliveries of reminders that have fallen due. Gives how many reminders."""
    keys = [tuple(row) for row in connection.execute(DUE_REMINDERS, {"now": now})]
    if keys:
        connection.execute(fan_out(connection.dialect.name), {"keys": keys, "now": now})
        connection.execute(RING, {"keys": keys})
    return len(keys)


def settle_and_claim(
    connection: Connection, settlement: Settlement, service: str, room: int, now: datetime
) -> list[Claimed]:
    """Note what became of earlier deliveries; give the next ones for a push service, at most `room`."""
    settle(connection, settlement)
    if not room:
        return []
    wanted = {"service": service, "now": now, "room": room}
    claimed = [Claimed._make(row) for row in connection.execute(CLAIM, wanted)]
    if claimed:
        connection.execute(LEND, {"keys": [each.key for each in claimed], "until": now + LEASE})
    return claimed


def settle(connection: Connection, settlement: Settlement) -> None:
    keys = [*settlement.over, *(key for key, _at in settlement.again)]
    if not keys:
        return
    hold(connection, HOLD, {"keys": keys})
    if settlement.over:
        connection.execute(REMOVE, {"keys": settlement.over})
    if settlement.again:
        rows = [
            {"of_account": key[0], "of_reminder": key[1], "of_device": key[2], "at": at}
            for key, at in settlement.again
        ]
        connection.execute(RETRY, rows)


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
    connection.execute(delete(Reminder).where(REMINDER_KEY.in_(bindparam("keys", expanding=True))), mine)
    return len(keys), undelivered


def hold(connection: Connection, rows: Select[Any], values: dict[str, Any] | None = None) -> None:
    """Lock rows in their order, on PostgreSQL; SQLite has one writer."""
    if connection.dialect.name != "sqlite":
        connection.execute(rows, values or {}).all()
