"""The push subscriptions of an account's devices, and test notifications."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlmodel import col

from app.server.database.engine import insert_or
from app.server.database.tables import AccountRow, DeliveryRow, ReminderRow, ServerTable, SubscriptionRow
from app.server.push import deliveries
from app.server.push.endpoints import Endpoint
from app.server.web.access import Token, caller_of
from app.server.web.problems import HttpProblem

TEST = "test"
TEST_LIFE = timedelta(minutes=5)


@dataclass(frozen=True)
class Address:
    """A browser's push subscription (W3C Push API)."""

    endpoint: Endpoint
    p256dh: bytes = field(repr=False)
    auth: bytes = field(repr=False)


def subscribe(connection: Connection, token: Token, address: Address, now: datetime) -> None:
    """Store this device's subscription; remove other devices of the account with the same endpoint."""
    caller = caller_of(connection, token, locked=True)
    others = select(col(SubscriptionRow.device)).where(
        col(SubscriptionRow.account) == caller.account,
        col(SubscriptionRow.endpoint) == str(address.endpoint),
        col(SubscriptionRow.device) != caller.device,
    )
    for device in connection.execute(others).scalars().all():
        unsubscribe_device(connection, caller.account, device)
    values = {
        "service": address.endpoint.service,
        "endpoint": str(address.endpoint),
        "p256dh": address.p256dh,
        "auth": address.auth,
        "created_at": now,
    }
    upsert(connection, SubscriptionRow, {"account": caller.account, "device": caller.device}, values)
    deliveries.move(connection, caller.account, caller.device, address.endpoint.service)


def unsubscribe(connection: Connection, token: Token) -> None:
    """Delete this device's subscription. Idempotent."""
    caller = caller_of(connection, token, locked=True)
    unsubscribe_device(connection, caller.account, caller.device)


def unsubscribe_device(connection: Connection, account: bytes, device: str) -> None:
    """Delete a device's subscription and pending deliveries. The caller holds the account's lock."""
    connection.execute(
        delete(SubscriptionRow).where(
            col(SubscriptionRow.account) == account, col(SubscriptionRow.device) == device
        )
    )
    deliveries.drop(connection, account, col(DeliveryRow.device) == device)


def forget_gone(connection: Connection, account: bytes, device: str, endpoint: str) -> bool:
    """Delete a subscription that the push service reports as gone. False if the device has a new one."""
    connection.execute(select(col(AccountRow.id)).where(col(AccountRow.id) == account).with_for_update())
    current = connection.execute(
        select(col(SubscriptionRow.endpoint)).where(
            col(SubscriptionRow.account) == account, col(SubscriptionRow.device) == device
        )
    ).scalar_one_or_none()
    if current not in {None, endpoint}:
        return False
    unsubscribe_device(connection, account, device)
    return True


def forget_service(connection: Connection, service: str) -> int:
    """Delete all subscriptions at an invalid push service. Returns the number of devices affected."""
    of_service = col(SubscriptionRow.service) == service
    subscribed = select(col(SubscriptionRow.account), col(SubscriptionRow.device)).where(of_service)
    found = connection.execute(subscribed.order_by(col(SubscriptionRow.account))).all()
    accounts = sorted({account for account, _device in found})
    connection.execute(
        select(col(AccountRow.id))
        .where(col(AccountRow.id).in_(accounts))
        .order_by(col(AccountRow.id))
        .with_for_update()
    ).all()
    remaining = connection.execute(subscribed).all()  # some may have subscribed elsewhere meanwhile
    for account, device in remaining:
        if account in accounts:
            unsubscribe_device(connection, account, device)
    connection.execute(delete(DeliveryRow).where(col(DeliveryRow.service) == service))
    return len(remaining)


def send_test(connection: Connection, token: Token, box: bytes, now: datetime) -> None:
    """Schedule a test notification to this device only, due now. Raises HttpProblem("no_subscription")."""
    caller = caller_of(connection, token, locked=True, sealing=True)
    service = connection.execute(
        select(col(SubscriptionRow.service)).where(
            col(SubscriptionRow.account) == caller.account, col(SubscriptionRow.device) == caller.device
        )
    ).scalar_one_or_none()
    if service is None:
        raise HttpProblem("no_subscription")
    # Ids from clients never contain a colon.
    reminder = f"{TEST}:{caller.device}"
    values = {"group": TEST, "fire_at": now, "expires_at": now + TEST_LIFE, "urgency": "high", "box": box}
    upsert(connection, ReminderRow, {"account": caller.account, "id": reminder}, {**values, "rung": True})
    key = {"account": caller.account, "reminder": reminder, "device": caller.device}
    upsert(connection, DeliveryRow, key, {"service": service, "next_at": now, "attempts": 0})


def upsert(
    connection: Connection, table: type[ServerTable], key: dict[str, Any], values: dict[str, Any]
) -> None:
    """Insert a row, or update the existing row with these values."""
    statement = insert_or(connection.dialect.name, table)
    new = {name: getattr(statement.excluded, name) for name in values}
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=new), {**key, **values})
