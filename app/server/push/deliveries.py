"""What is still to reach which device: made when a reminder falls due, claimed by who sends, settled after.

Who claims a delivery moves its time on by a lease. If they die, it falls due again and another takes it up:
each is made at least once. Several dispatchers may share PostgreSQL: they skip rows that another one holds.
Who waits for a row, instead, locks reminders first, and in the order of their keys, so that nobody waits in a
circle; who locks an account does so before.
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
    text,
    true,
    tuple_,
    update,
)
from sqlmodel import col

from app.server.database.engine import insert_or
from app.server.database.row_keys import among, handed
from app.server.database.tables import Account, Delivery, Reminder, Subscription

LEASE = timedelta(seconds=30)  # longer than a push may take
BATCH = 500  # reminders made into deliveries, or expired ones removed, in one transaction

Key = tuple[bytes, str, str]
"""Account, reminder, device."""

REMINDER_KEY = col(Reminder.account), col(Reminder.id)
KEY = col(Delivery.account), col(Delivery.reminder), col(Delivery.device)


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


# For what is done by the thousand. Should PostgreSQL's machine crash, the last moment of this may be lost:
# then pushes come once more, of the same topic. Waiting for the disk each time is not worth it. And of the
# rows of this minute its statistics know nothing: to find the first ones, it would collect all that are due.
IN_HASTE = text(
    "SELECT set_config('synchronous_commit', 'off', true), set_config('enable_bitmapscan', 'off', true),"
    " set_config('plan_cache_mode', 'force_custom_plan', true)"
)
# One that has expired does not ring: it is not marked as rung, so that devices learn that it was missed.
DUE_REMINDERS = (
    select(*REMINDER_KEY)
    .where(
        col(Reminder.rung) == false(),
        col(Reminder.fire_at) <= bindparam("now"),
        col(Reminder.expires_at) > bindparam("now"),
    )
    .order_by(col(Reminder.fire_at))
    .limit(BATCH)
    .with_for_update(skip_locked=True)
    .cte("due")
)
RING = (
    update(Reminder)
    .where(tuple_(*REMINDER_KEY).in_(select(DUE_REMINDERS)))
    .values(rung=True)
    .returning(*REMINDER_KEY)
)
DUE = (
    select(*KEY)
    .where(col(Delivery.service) == bindparam("of_service"), col(Delivery.next_at) <= bindparam("now"))
    .order_by(col(Delivery.next_at))
    .limit(bindparam("room"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
LEND = (
    update(Delivery)
    .where(tuple_(*KEY).in_(select(DUE)))
    .values(next_at=bindparam("until"), attempts=col(Delivery.attempts) + 1)
    .returning(*KEY)
)
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
    select(*REMINDER_KEY)
    .where(col(Reminder.rung) == true(), col(Reminder.expires_at) <= bindparam("now"))
    .order_by(*REMINDER_KEY)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)
MISSED = col(Reminder.rung) == false(), col(Reminder.expires_at) <= bindparam("now")
ACCOUNTS_THAT_MISSED = select(col(Reminder.account)).where(*MISSED).distinct().limit(BATCH)
# Longer than any that a push service was granted: its time was noted while the clock was ahead.
STUCK = (
    select(*KEY)
    .where(col(Delivery.next_at) > bindparam("latest"))
    .limit(BATCH)
    .with_for_update(skip_locked=True)
    .cte("stuck")
)
RELEASE = update(Delivery).where(tuple_(*KEY).in_(select(STUCK))).values(next_at=bindparam("now"))


@dataclass(frozen=True)
class Statements:
    """Those about the rows whose keys are handed over with them."""

    fan_out: Any  # one delivery for each device that can be rung, of reminders that have not expired
    details: Any  # of deliveries: what `Claimed` has
    hold: Any
    remove: Any
    hold_of_reminders: Any
    remove_of_reminders: Any
    remove_reminders: Any

    @classmethod
    @cache
    def of(cls, dialect: str) -> "Statements":
        these, these_reminders = among(dialect, *KEY), among(dialect, *REMINDER_KEY)
        of_reminders = among(dialect, *KEY[:2])
        made = (
            select(
                *REMINDER_KEY,
                col(Subscription.device),
                col(Subscription.service),
                col(Reminder.fire_at),
                literal(0),
            )
            .join(Subscription, col(Subscription.account) == col(Reminder.account))
            .where(these_reminders, col(Reminder.expires_at) > bindparam("now"))
        )
        columns = ["account", "reminder", "device", "service", "next_at", "attempts"]
        return cls(
            fan_out=insert_or(dialect, Delivery).from_select(columns, made).on_conflict_do_nothing(),
            details=select(
                *KEY,
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
            .join(
                Reminder,
                (col(Reminder.account) == col(Delivery.account))
                & (col(Reminder.id) == col(Delivery.reminder)),
            )
            .join(
                Subscription,
                (col(Subscription.account) == col(Delivery.account))
                & (col(Subscription.device) == col(Delivery.device)),
            )
            .where(these),
            hold=select(*KEY).where(these).order_by(*KEY).with_for_update(),
            remove=delete(Delivery).where(these),
            hold_of_reminders=select(*KEY).where(of_reminders).order_by(*KEY).with_for_update(),
            remove_of_reminders=delete(Delivery).where(of_reminders),
            remove_reminders=delete(Reminder).where(these_reminders),
        )


def waiting(connection: Connection, now: datetime) -> Waiting:
    """What there is to do."""
    due = (
        select(literal(1))
        .where(col(Reminder.rung) == false(), col(Reminder.fire_at) <= now, col(Reminder.expires_at) > now)
        .limit(1)
    )
    services = select(col(Delivery.service)).where(col(Delivery.next_at) <= now).distinct()
    return Waiting(
        connection.execute(due).first() is not None, list(connection.execute(services).scalars().all())
    )


def ring(connection: Connection, now: datetime) -> int:
    """Make deliveries of reminders that have fallen due. Gives how many reminders."""
    hasten(connection)
    due = connection.execute(RING, {"now": now}).all()
    if due:
        dialect = connection.dialect.name
        connection.execute(Statements.of(dialect).fan_out, {**handed(due), "now": now})
    return len(due)


def settle_and_claim(
    connection: Connection, settlement: Settlement, service: str, room: int, now: datetime
) -> list[Claimed]:
    """Note what became of earlier deliveries; give the next ones for a push service, at most `room`.

    Those that have expired meanwhile are among them: they are over, too, once they are settled.
    """
    hasten(connection)
    if settlement:
        settle(connection, settlement)
    return claim(connection, service, room, now) if room else []


def hasten(connection: Connection) -> None:
    """Until the transaction ends."""
    if connection.dialect.name != "sqlite":
        connection.execute(IN_HASTE)


def claim(connection: Connection, service: str, room: int, now: datetime) -> list[Claimed]:
    """Those of a device that is rung no more are lent too, or they would stay first in line until swept."""
    wanted = {"of_service": service, "now": now, "room": room, "until": now + LEASE}
    lent = connection.execute(LEND, wanted).all()
    if not lent:
        return []
    dialect = connection.dialect.name
    details = connection.execute(Statements.of(dialect).details, handed(lent)).all()
    return [Claimed._make(row) for row in details]


def settle(connection: Connection, settlement: Settlement) -> None:
    """At least one."""
    dialect = connection.dialect.name
    statements = Statements.of(dialect)
    everything = [*settlement.over, *(key for key, _at in settlement.again)]
    hold(connection, statements.hold, handed(everything))
    if settlement.over:
        connection.execute(statements.remove, handed(settlement.over))
    if settlement.again:
        connection.execute(RETRY, [{**named(key), "at": at} for key, at in settlement.again])


def named(key: Key) -> dict[str, Any]:
    account, reminder, device = key
    return {"of_account": account, "of_reminder": reminder, "of_device": device}


def move(connection: Connection, account: bytes, device: str, service: str) -> None:
    """What is still to reach a device goes to another push service. The account is locked."""
    mine = col(Delivery.account) == account, col(Delivery.device) == device
    hold(connection, select(col(Delivery.device)).where(*mine).order_by(*KEY).with_for_update())
    connection.execute(update(Delivery).where(*mine).values(service=service))


def drop(connection: Connection, account: bytes, *which: ColumnElement[bool]) -> None:
    """Let deliveries of an account be made no more."""
    mine = col(Delivery.account) == account, *which
    hold(connection, select(col(Delivery.device)).where(*mine).order_by(*KEY).with_for_update())
    connection.execute(delete(Delivery).where(*mine))


def sweep(connection: Connection, now: datetime) -> tuple[int, int]:
    """Remove expired reminders that have rung, and what of them is undelivered. Gives how many of each."""
    expired = connection.execute(EXPIRED, {"now": now}).all()
    if not expired:
        return 0, 0
    dialect = connection.dialect.name
    statements, these = Statements.of(dialect), handed(expired)
    hold(connection, statements.hold_of_reminders, these)
    undelivered = connection.execute(statements.remove_of_reminders, these).rowcount
    connection.execute(statements.remove_reminders, these)
    return len(expired), undelivered


def sweep_missed(connection: Connection, now: datetime) -> tuple[int, int]:
    """Remove reminders that expired before they rang, as when no dispatcher ran or the clock was wrong.

    The plans of their accounts move on, so that devices look at them again and plan what is still to come.
    Gives how many accounts and reminders. Accounts that are locked are left for the next time.
    """
    found = connection.execute(ACCOUNTS_THAT_MISSED, {"now": now}).scalars().all()
    if not found:
        return 0, 0
    locking = select(col(Account.id)).where(col(Account.id).in_(found)).order_by(col(Account.id))
    accounts = connection.execute(locking.with_for_update(skip_locked=True)).scalars().all()
    removing = delete(Reminder).where(col(Reminder.account).in_(accounts), *MISSED)
    removed = connection.execute(removing.returning(col(Reminder.account)), {"now": now}).scalars().all()
    moving = update(Account).where(col(Account.id).in_(set(removed)))
    connection.execute(moving.values(plan_rev=col(Account.plan_rev) + 1))
    return len(accounts), len(removed)


def release_stuck(connection: Connection, now: datetime, longest: timedelta) -> int:
    """Try deliveries now that are to be tried later than any ever is. Gives how many."""
    return connection.execute(RELEASE, {"now": now, "latest": now + longest}).rowcount


def hold(connection: Connection, rows: Select[Any], values: dict[str, Any] | None = None) -> None:
    """Lock rows in their order, on PostgreSQL; SQLite has one writer."""
    if connection.dialect.name != "sqlite":
        connection.execute(rows, values or {}).all()
