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
from app.server.database.tables import AccountRow, DeliveryRow, ReminderRow, SubscriptionRow

LEASE = timedelta(seconds=30)  # longer than a push may take
BATCH = 500  # reminders made into deliveries, or expired ones removed, in one transaction

DeliveryKey = tuple[bytes, str, str]
"""Account, reminder, device."""

REMINDER_KEY = col(ReminderRow.account), col(ReminderRow.id)
KEY = col(DeliveryRow.account), col(DeliveryRow.reminder), col(DeliveryRow.device)


class ClaimedDelivery(NamedTuple):
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
    def key(self) -> DeliveryKey:
        return self.account, self.reminder, self.device


@dataclass(frozen=True)
class DueWork:
    """Whether reminders have fallen due, and the push services that deliveries are due at."""

    reminders: bool
    services: list[str]


@dataclass
class DeliveryResults:
    """What became of deliveries: those that are over, and when the others are to be tried again."""

    over: list[DeliveryKey] = field(default_factory=list)
    again: list[tuple[DeliveryKey, datetime]] = field(default_factory=list)

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
        col(ReminderRow.rung) == false(),
        col(ReminderRow.fire_at) <= bindparam("now"),
        col(ReminderRow.expires_at) > bindparam("now"),
    )
    .order_by(col(ReminderRow.fire_at))
    .limit(BATCH)
    .with_for_update(skip_locked=True)
    .cte("due")
)
RING = (
    update(ReminderRow)
    .where(tuple_(*REMINDER_KEY).in_(select(DUE_REMINDERS)))
    .values(rung=True)
    .returning(*REMINDER_KEY)
)
DUE = (
    select(*KEY)
    .where(col(DeliveryRow.service) == bindparam("of_service"), col(DeliveryRow.next_at) <= bindparam("now"))
    .order_by(col(DeliveryRow.next_at))
    .limit(bindparam("room"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
LEND = (
    update(DeliveryRow)
    .where(tuple_(*KEY).in_(select(DUE)))
    .values(next_at=bindparam("until"), attempts=col(DeliveryRow.attempts) + 1)
    .returning(*KEY)
)
RETRY = (
    update(DeliveryRow)
    .where(
        col(DeliveryRow.account) == bindparam("of_account"),
        col(DeliveryRow.reminder) == bindparam("of_reminder"),
        col(DeliveryRow.device) == bindparam("of_device"),
    )
    .values(next_at=bindparam("at"))
)
EXPIRED = (
    select(*REMINDER_KEY)
    .where(col(ReminderRow.rung) == true(), col(ReminderRow.expires_at) <= bindparam("now"))
    .order_by(*REMINDER_KEY)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)
MISSED = col(ReminderRow.rung) == false(), col(ReminderRow.expires_at) <= bindparam("now")
ACCOUNTS_THAT_MISSED = select(col(ReminderRow.account)).where(*MISSED).distinct().limit(BATCH)
# Longer than any that a push service was granted: its time was noted while the clock was ahead.
STUCK = (
    select(*KEY)
    .where(col(DeliveryRow.next_at) > bindparam("latest"))
    .limit(BATCH)
    .with_for_update(skip_locked=True)
    .cte("stuck")
)
RELEASE = update(DeliveryRow).where(tuple_(*KEY).in_(select(STUCK))).values(next_at=bindparam("now"))


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
                col(SubscriptionRow.device),
                col(SubscriptionRow.service),
                col(ReminderRow.fire_at),
                literal(0),
            )
            .join(SubscriptionRow, col(SubscriptionRow.account) == col(ReminderRow.account))
            .where(these_reminders, col(ReminderRow.expires_at) > bindparam("now"))
        )
        columns = ["account", "reminder", "device", "service", "next_at", "attempts"]
        return cls(
            fan_out=insert_or(dialect, DeliveryRow).from_select(columns, made).on_conflict_do_nothing(),
            details=select(
                *KEY,
                col(DeliveryRow.attempts),
                col(ReminderRow.group),
                col(ReminderRow.fire_at),
                col(ReminderRow.expires_at),
                col(ReminderRow.urgency),
                col(ReminderRow.box),
                col(SubscriptionRow.endpoint),
                col(SubscriptionRow.p256dh),
                col(SubscriptionRow.auth),
            )
            .join(
                ReminderRow,
                (col(ReminderRow.account) == col(DeliveryRow.account))
                & (col(ReminderRow.id) == col(DeliveryRow.reminder)),
            )
            .join(
                SubscriptionRow,
                (col(SubscriptionRow.account) == col(DeliveryRow.account))
                & (col(SubscriptionRow.device) == col(DeliveryRow.device)),
            )
            .where(these),
            hold=select(*KEY).where(these).order_by(*KEY).with_for_update(),
            remove=delete(DeliveryRow).where(these),
            hold_of_reminders=select(*KEY).where(of_reminders).order_by(*KEY).with_for_update(),
            remove_of_reminders=delete(DeliveryRow).where(of_reminders),
            remove_reminders=delete(ReminderRow).where(these_reminders),
        )


def waiting(connection: Connection, now: datetime) -> DueWork:
    """What there is to do."""
    due = (
        select(literal(1))
        .where(
            col(ReminderRow.rung) == false(),
            col(ReminderRow.fire_at) <= now,
            col(ReminderRow.expires_at) > now,
        )
        .limit(1)
    )
    services = select(col(DeliveryRow.service)).where(col(DeliveryRow.next_at) <= now).distinct()
    return DueWork(
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
    connection: Connection, settlement: DeliveryResults, service: str, room: int, now: datetime
) -> list[ClaimedDelivery]:
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


def claim(connection: Connection, service: str, room: int, now: datetime) -> list[ClaimedDelivery]:
    """Those of a device that is rung no more are lent too, or they would stay first in line until swept."""
    wanted = {"of_service": service, "now": now, "room": room, "until": now + LEASE}
    lent = connection.execute(LEND, wanted).all()
    if not lent:
        return []
    dialect = connection.dialect.name
    details = connection.execute(Statements.of(dialect).details, handed(lent)).all()
    return [ClaimedDelivery._make(row) for row in details]


def settle(connection: Connection, settlement: DeliveryResults) -> None:
    """At least one."""
    dialect = connection.dialect.name
    statements = Statements.of(dialect)
    everything = [*settlement.over, *(key for key, _at in settlement.again)]
    hold(connection, statements.hold, handed(everything))
    if settlement.over:
        connection.execute(statements.remove, handed(settlement.over))
    if settlement.again:
        connection.execute(RETRY, [{**named(key), "at": at} for key, at in settlement.again])


def named(key: DeliveryKey) -> dict[str, Any]:
    account, reminder, device = key
    return {"of_account": account, "of_reminder": reminder, "of_device": device}


def move(connection: Connection, account: bytes, device: str, service: str) -> None:
    """What is still to reach a device goes to another push service. The account is locked."""
    mine = col(DeliveryRow.account) == account, col(DeliveryRow.device) == device
    hold(connection, select(col(DeliveryRow.device)).where(*mine).order_by(*KEY).with_for_update())
    connection.execute(update(DeliveryRow).where(*mine).values(service=service))


def drop(connection: Connection, account: bytes, *which: ColumnElement[bool]) -> None:
    """Let deliveries of an account be made no more."""
    mine = col(DeliveryRow.account) == account, *which
    hold(connection, select(col(DeliveryRow.device)).where(*mine).order_by(*KEY).with_for_update())
    connection.execute(delete(DeliveryRow).where(*mine))


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
    locking = select(col(AccountRow.id)).where(col(AccountRow.id).in_(found)).order_by(col(AccountRow.id))
    accounts = connection.execute(locking.with_for_update(skip_locked=True)).scalars().all()
    removing = delete(ReminderRow).where(col(ReminderRow.account).in_(accounts), *MISSED)
    removed = connection.execute(removing.returning(col(ReminderRow.account)), {"now": now}).scalars().all()
    moving = update(AccountRow).where(col(AccountRow.id).in_(set(removed)))
    connection.execute(moving.values(plan_rev=col(AccountRow.plan_rev) + 1))
    return len(accounts), len(removed)


def release_stuck(connection: Connection, now: datetime, longest: timedelta) -> int:
    """Try deliveries now that are to be tried later than any ever is. Gives how many."""
    return connection.execute(RELEASE, {"now": now, "latest": now + longest}).rowcount


def hold(connection: Connection, rows: Select[Any], values: dict[str, Any] | None = None) -> None:
    """Lock rows in their order, on PostgreSQL; SQLite has one writer."""
    if connection.dialect.name != "sqlite":
        connection.execute(rows, values or {}).all()
