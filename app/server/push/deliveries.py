"""Pending deliveries: created when a reminder falls due, claimed by a dispatcher, deleted or retried after.

A claim advances the delivery's time by a lease. If the dispatcher crashes, the delivery falls due again: each
is attempted at least once. Several dispatchers may share one PostgreSQL: they skip each other's locked rows.
To avoid deadlocks, transactions that wait for locks take them in this order: account, reminders, deliveries;
and within a table by key.
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
from app.server.database.row_keys import key_is_in, key_parameters
from app.server.database.tables import AccountRow, DeliveryRow, ReminderRow, SubscriptionRow

LEASE = timedelta(seconds=30)  # longer than the timeout of a push
BATCH = 500  # reminders that fall due, or that are deleted, in one transaction

DeliveryKey = tuple[bytes, str, str]
"""Account, reminder, device."""

REMINDER_KEY = col(ReminderRow.account), col(ReminderRow.id)
KEY = col(DeliveryRow.account), col(DeliveryRow.reminder), col(DeliveryRow.device)


class ClaimedDelivery(NamedTuple):
    """A claimed delivery with all that its push needs."""

    account: bytes
    reminder: str
    device: str
    attempts: int  # including this one
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
    """Whether reminders have fallen due, and the push services with due deliveries."""

    reminders: bool
    services: list[str]


@dataclass
class DeliveryResults:
    """Results of pushes: finished deliveries, and the others with the time of their next attempt."""

    finished: list[DeliveryKey] = field(default_factory=list)
    retries: list[tuple[DeliveryKey, datetime]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.finished) + len(self.retries)


# For high-volume statements. If PostgreSQL's machine crashes, the last moments may be lost and some pushes
# are sent twice, with the same topic; that isn't worth an fsync each. Bitmap scans and generic plans are off
# because the statistics don't cover the latest rows: the planner would collect all due rows to find the
# first.
RELAX_DURABILITY = text(
    "SELECT set_config('synchronous_commit', 'off', true), set_config('enable_bitmapscan', 'off', true),"
    " set_config('plan_cache_mode', 'force_custom_plan', true)"
)
# Expired reminders are not sent or marked as rung, so that devices learn that they were missed.
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
LEASE_DUE = (
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
# Deliveries further ahead than any retry: their time was stored while the clock was ahead.
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
    """Statements about rows selected by `key_parameters`."""

    fan_out: Any  # inserts a delivery for each subscribed device of unexpired reminders
    details: Any  # selects the fields of `ClaimedDelivery`
    lock: Any
    remove: Any
    lock_of_reminders: Any
    remove_of_reminders: Any
    remove_reminders: Any

    @classmethod
    @cache
    def of(cls, dialect: str) -> "Statements":
        given_keys, given_reminder_keys = key_is_in(dialect, *KEY), key_is_in(dialect, *REMINDER_KEY)
        given_reminders = key_is_in(dialect, *KEY[:2])
        new_deliveries = (
            select(
                *REMINDER_KEY,
                col(SubscriptionRow.device),
                col(SubscriptionRow.service),
                col(ReminderRow.fire_at),
                literal(0),
            )
            .join(SubscriptionRow, col(SubscriptionRow.account) == col(ReminderRow.account))
            .where(given_reminder_keys, col(ReminderRow.expires_at) > bindparam("now"))
        )
        columns = ["account", "reminder", "device", "service", "next_at", "attempts"]
        return cls(
            fan_out=insert_or(dialect, DeliveryRow)
            .from_select(columns, new_deliveries)
            .on_conflict_do_nothing(),
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
            .where(given_keys),
            lock=select(*KEY).where(given_keys).order_by(*KEY).with_for_update(),
            remove=delete(DeliveryRow).where(given_keys),
            lock_of_reminders=select(*KEY).where(given_reminders).order_by(*KEY).with_for_update(),
            remove_of_reminders=delete(DeliveryRow).where(given_reminders),
            remove_reminders=delete(ReminderRow).where(given_reminder_keys),
        )


def find_due_work(connection: Connection, now: datetime) -> DueWork:
    """Check for due reminders and due deliveries."""
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


def create_due_deliveries(connection: Connection, now: datetime) -> int:
    """Create the deliveries of up to `BATCH` due reminders. Returns the number of reminders."""
    relax_durability(connection)
    due = connection.execute(RING, {"now": now}).all()
    if due:
        dialect = connection.dialect.name
        connection.execute(Statements.of(dialect).fan_out, {**key_parameters(due), "now": now})
    return len(due)


def store_results_and_claim(
    connection: Connection, results: DeliveryResults, service: str, room: int, now: datetime
) -> list[ClaimedDelivery]:
    """Store the results of earlier deliveries; claim up to `room` due ones of a push service.

    Expired deliveries are claimed too: the dispatcher reports them as finished.
    """
    relax_durability(connection)
    if results:
        store_results(connection, results)
    return claim(connection, service, room, now) if room else []


def relax_durability(connection: Connection) -> None:
    """Trade durability for speed until the transaction ends (PostgreSQL only)."""
    if connection.dialect.name != "sqlite":
        connection.execute(RELAX_DURABILITY)


def claim(connection: Connection, service: str, room: int, now: datetime) -> list[ClaimedDelivery]:
    """Claim up to `room` due deliveries of a push service.

    Deliveries without a subscription are leased but not returned: otherwise they would stay first in the
    queue until swept."""
    wanted = {"of_service": service, "now": now, "room": room, "until": now + LEASE}
    leased = connection.execute(LEASE_DUE, wanted).all()
    if not leased:
        return []
    dialect = connection.dialect.name
    details = connection.execute(Statements.of(dialect).details, key_parameters(leased)).all()
    return [ClaimedDelivery._make(row) for row in details]


def store_results(connection: Connection, results: DeliveryResults) -> None:
    """Store the results of at least one delivery."""
    dialect = connection.dialect.name
    statements = Statements.of(dialect)
    everything = [*results.finished, *(key for key, _at in results.retries)]
    lock_rows(connection, statements.lock, key_parameters(everything))
    if results.finished:
        connection.execute(statements.remove, key_parameters(results.finished))
    if results.retries:
        connection.execute(RETRY, [{**retry_parameters(key), "at": at} for key, at in results.retries])


def retry_parameters(key: DeliveryKey) -> dict[str, Any]:
    account, reminder, device = key
    return {"of_account": account, "of_reminder": reminder, "of_device": device}


def move(connection: Connection, account: bytes, device: str, service: str) -> None:
    """Move a device's pending deliveries to another push service. The caller holds the account's lock."""
    condition = col(DeliveryRow.account) == account, col(DeliveryRow.device) == device
    lock_rows(connection, select(col(DeliveryRow.device)).where(*condition).order_by(*KEY).with_for_update())
    connection.execute(update(DeliveryRow).where(*condition).values(service=service))


def drop(connection: Connection, account: bytes, *which: ColumnElement[bool]) -> None:
    """Delete the pending deliveries of an account that match all conditions."""
    condition = col(DeliveryRow.account) == account, *which
    lock_rows(connection, select(col(DeliveryRow.device)).where(*condition).order_by(*KEY).with_for_update())
    connection.execute(delete(DeliveryRow).where(*condition))


def sweep(connection: Connection, now: datetime) -> tuple[int, int]:
    """Delete expired reminders that have rung, with their pending deliveries. Returns the numbers of both."""
    expired = connection.execute(EXPIRED, {"now": now}).all()
    if not expired:
        return 0, 0
    dialect = connection.dialect.name
    statements, given_keys = Statements.of(dialect), key_parameters(expired)
    lock_rows(connection, statements.lock_of_reminders, given_keys)
    undelivered = connection.execute(statements.remove_of_reminders, given_keys).rowcount
    connection.execute(statements.remove_reminders, given_keys)
    return len(expired), undelivered


def sweep_missed(connection: Connection, now: datetime) -> tuple[int, int]:
    """Delete reminders that expired before they rang, as when no dispatcher ran or the clock was wrong.

    Their accounts' plan revisions are incremented, so that devices reconcile and schedule the reminders still
    to come. Locked accounts are skipped until the next sweep. Returns the numbers of accounts and reminders.
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
    """Make deliveries due now whose next attempt is more than `longest` ahead. Returns their number."""
    return connection.execute(RELEASE, {"now": now, "latest": now + longest}).rowcount


def lock_rows(connection: Connection, rows: Select[Any], values: dict[str, Any] | None = None) -> None:
    """Lock the selected rows in their order, on PostgreSQL; SQLite has a single writer."""
    if connection.dialect.name != "sqlite":
        connection.execute(rows, values or {}).all()
