"""Accounts and their devices: registration, labels, revocation, leaving and deletion."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update
from sqlmodel import col

from app.server.database.engine import insert_or
from app.server.database.tables import AccountRow, DeviceRow, RecordRow, RetiredIdRow, SubscriptionRow
from app.server.push import reminders, subscriptions
from app.server.sync import pairings, receipts
from app.server.web.access import Caller, Token, caller_of, hashed, is_secret, new_token
from app.server.web.limits import REVOKED_DEVICES, Limits
from app.server.web.problems import HttpProblem

logger = logging.getLogger("kaeru.accounts")

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Registration:
    """A device's request for a token. `create`: create the account if it doesn't exist."""

    account: bytes
    secret: bytes = field(repr=False)
    device: str
    label: bytes
    create: bool


class KnownDevice(NamedTuple):
    """An active device."""

    id: str
    label: bytes
    created_at: datetime
    seen_at: datetime


DeviceState = Literal["unknown", "active", "revoked"]


def register(
    connection: Connection, registration: Registration, limits: Limits, now: datetime
) -> tuple[str, int]:
    """Register a device, or replace its token. Returns the token and the key's epoch.

    Raises HttpProblem: "no_account", "closed", "wrong_secret", "device_revoked", "too_many_devices",
    "restored".
    """
    account = account_of(connection, registration.account)
    if account is None:
        create_account(connection, registration, limits, now)
        account = registration.account
    epoch = check_secret(connection, account, registration.secret)
    state = device_state(connection, account, registration.device)
    if state == "revoked":
        raise HttpProblem("device_revoked")
    receipts.check_revocation(connection, account, registration.device, now)  # the old token becomes invalid
    touch(connection, account, now)
    token, token_hash = new_token(account)
    values = {"label": registration.label, "token_hash": token_hash, "seen_at": now}
    if state == "active":
        change_device(connection, account, registration.device, **values)
    else:
        make_device_room(connection, account, limits)
        row = {"account": account, "id": registration.device, "created_at": now, **values}
        connection.execute(insert(DeviceRow), row)
    return token, epoch


def create_account(connection: Connection, registration: Registration, limits: Limits, now: datetime) -> None:
    if not registration.create:
        raise HttpProblem("no_account")
    if not limits.new_accounts:
        raise HttpProblem("closed")
    check_new_account(connection, limits, now)
    row = {
        "id": registration.account,
        "secret_hash": hashed(registration.secret),
        "created_at": now,
        "seen_at": now,
    }
    counts = {"rev": 0, "oldest_cursor": 0, "records": 0, "box_bytes": 0, "plan_rev": 0, "key_epoch": 0}
    # Another device may create it concurrently; the secret is checked afterwards.
    connection.execute(
        insert_or(connection.dialect.name, AccountRow).on_conflict_do_nothing(), {**row, **counts}
    )


def check_new_account(connection: Connection, limits: Limits, now: datetime) -> None:
    """Raise HttpProblem if the server has too many accounts, or too many new ones in the last hour.

    Accounts created concurrently by several processes may exceed a limit by as many.
    Raises HttpProblem: "closed", "rate_limited".
    """
    accounts = select(col(AccountRow.id))
    # Counting stops at the limit, so the cost doesn't grow with the number of accounts.
    if limits.accounts and count_up_to(connection, accounts, limits.accounts) >= limits.accounts:
        logger.warning("no new account: there are KAERU_ACCOUNTS of them")
        raise HttpProblem("closed")
    recent = accounts.where(col(AccountRow.created_at) > now - HOUR, col(AccountRow.created_at) <= now)
    if count_up_to(connection, recent, limits.accounts_an_hour) >= limits.accounts_an_hour:
        oldest = connection.execute(
            recent.with_only_columns(func.min(col(AccountRow.created_at)), maintain_column_froms=True)
        ).scalar_one()
        raise HttpProblem.rate_limited((oldest + HOUR - now).total_seconds())


def count_up_to(connection: Connection, rows: Select[Any], limit: int) -> int:
    counted = select(func.count()).select_from(rows.limit(limit).subquery())
    return int(connection.execute(counted).scalar_one())


def make_device_room(connection: Connection, account: bytes, limits: Limits) -> None:
    """Raise HttpProblem if the account has too many devices; delete the oldest of too many revoked ones."""
    of_account = col(DeviceRow.account) == account
    revoked_at = col(DeviceRow.revoked_at)
    active = connection.execute(select(func.count()).where(of_account, revoked_at.is_(None))).scalar_one()
    if active >= limits.devices:
        raise HttpProblem("too_many_devices", limit=limits.devices)
    revoked = select(col(DeviceRow.id)).where(of_account, revoked_at.is_not(None))
    forgotten = (
        connection.execute(revoked.order_by(revoked_at.desc()).offset(REVOKED_DEVICES)).scalars().all()
    )
    if forgotten:
        connection.execute(delete(DeviceRow).where(of_account, col(DeviceRow.id).in_(forgotten)))


def devices(
    connection: Connection, token: Token, now: datetime
) -> tuple[Caller, list[KnownDevice], str | None]:
    """Return the caller, its account's active devices, oldest first, and a receipt."""
    caller = caller_of(connection, token, locked=False)
    statement = (
        select(col(DeviceRow.id), col(DeviceRow.label), col(DeviceRow.created_at), col(DeviceRow.seen_at))
        .where(col(DeviceRow.account) == caller.account, col(DeviceRow.revoked_at).is_(None))
        .order_by(col(DeviceRow.created_at), col(DeviceRow.id))
    )
    known = [KnownDevice(*row) for row in connection.execute(statement)]
    return caller, known, receipts.issue(connection, caller.account, now)


def rename(connection: Connection, token: Token, device: str, label: bytes) -> None:
    """Change a device's label. Raises HttpProblem("no_device")."""
    caller = caller_of(connection, token, locked=True, sealing=True)
    if device_state(connection, caller.account, device) != "active":
        raise HttpProblem("no_device")
    change_device(connection, caller.account, device, label=label)


def revoke(connection: Connection, token: Token, device: str, now: datetime) -> None:
    """Revoke a device: its token is invalid from now on. The caller's own device is deleted instead.

    Idempotent. Raises HttpProblem: "no_device", "restored".
    """
    caller = caller_of(connection, token, locked=True)
    state = device_state(connection, caller.account, device)
    if state == "unknown":
        raise HttpProblem("no_device")
    if device != caller.device and state == "active":
        receipts.check_revocation(connection, caller.account, device, now)
    touch(connection, caller.account, now)
    subscriptions.unsubscribe_device(connection, caller.account, device)
    pairings.forget(connection, caller.account, device)
    if device == caller.device:
        connection.execute(delete(DeviceRow).where(*is_device(caller.account, device)))
    elif state == "active":
        change_device(connection, caller.account, device, revoked_at=now)


def delete_account(connection: Connection, token: Token, secret: bytes) -> None:
    """Delete the account and all its data. Raises HttpProblem("wrong_secret")."""
    caller = caller_of(connection, token, locked=True)
    check_secret(connection, caller.account, secret)
    erase(connection, caller.account)


def erase(connection: Connection, account: bytes) -> None:
    """Delete an account and all its data. The caller holds the account's lock."""
    reminders.erase(connection, account)
    pairings.forget(connection, account)
    connection.execute(delete(SubscriptionRow).where(col(SubscriptionRow.account) == account))
    connection.execute(delete(RecordRow).where(col(RecordRow.account) == account))
    connection.execute(delete(DeviceRow).where(col(DeviceRow.account) == account))
    connection.execute(delete(RetiredIdRow).where(col(RetiredIdRow.account) == account))
    connection.execute(delete(AccountRow).where(col(AccountRow.id) == account))


def touch(connection: Connection, account: bytes, now: datetime) -> None:
    """Note that the account is in use, so that it doesn't expire."""
    connection.execute(
        update(AccountRow).where(col(AccountRow.id) == account).values(seen_at=now, expires_at=None)
    )


def note_seen(connection: Connection, caller: Caller, now: datetime) -> None:
    """Update when a device and its account were last seen, once a day. Locks the account first."""
    if needs_seen_update(caller, now):
        touch(connection, caller.account, now)
        change_device(connection, caller.account, caller.device, seen_at=now)


def needs_seen_update(caller: Caller, now: datetime) -> bool:
    return caller.seen_at.date() < now.date()


def knows_secret(connection: Connection, derived: bytes, secret: bytes) -> bool:
    """Whether an account's current sync key has this derived id and secret. Locks nothing."""
    account = col(AccountRow.id)
    statement = select(col(AccountRow.secret_hash)).where(
        (col(AccountRow.alias) == derived) | ((account == derived) & col(AccountRow.alias).is_(None))
    )
    secret_hash = connection.execute(statement).scalar_one_or_none()
    return secret_hash is not None and is_secret(secret, secret_hash)


def account_of(connection: Connection, derived: bytes) -> bytes | None:
    """Find the account by the id derived from its current sync key; None if the id was never used.

    Raises HttpProblem("no_account") for the id of an earlier key, which must not give access any more.
    """
    current = select(col(AccountRow.id)).where(col(AccountRow.alias) == derived)
    if (account := connection.execute(current).scalar_one_or_none()) is not None:
        return account
    first = connection.execute(
        select(col(AccountRow.alias)).where(col(AccountRow.id) == derived)
    ).one_or_none()
    retired = connection.execute(select(col(RetiredIdRow.id)).where(col(RetiredIdRow.id) == derived)).first()
    if retired or (first and first.alias is not None):
        raise HttpProblem("no_account", key_changed=True)
    return derived if first else None


def check_secret(connection: Connection, account: bytes, secret: bytes) -> int:
    """Lock the account until the transaction ends and return its key's epoch.

    Raises HttpProblem("wrong_secret") unless the secret belongs to the account's current key.
    """
    statement = (
        select(col(AccountRow.secret_hash), col(AccountRow.key_epoch))
        .where(col(AccountRow.id) == account)
        .with_for_update()
    )
    row = connection.execute(statement).one_or_none()
    if row is None or not is_secret(secret, row.secret_hash):
        raise HttpProblem("wrong_secret")
    epoch: int = row.key_epoch
    return epoch


def device_state(connection: Connection, account: bytes, device: str) -> DeviceState:
    row = connection.execute(
        select(col(DeviceRow.revoked_at)).where(*is_device(account, device))
    ).one_or_none()
    if row is None:
        return "unknown"
    return "active" if row[0] is None else "revoked"


def change_device(connection: Connection, account: bytes, device: str, **values: Any) -> None:
    connection.execute(update(DeviceRow).where(*is_device(account, device)).values(**values))


def is_device(account: bytes, device: str) -> tuple[ColumnElement[bool], ...]:
    return col(DeviceRow.account) == account, col(DeviceRow.id) == device
