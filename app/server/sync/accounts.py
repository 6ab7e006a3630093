"""Accounts and their devices: registering, naming, revoking, leaving, deleting everything."""

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
    """A device that asks for a token; `create`: and for the account, if there is none."""

    account: bytes
    secret: bytes = field(repr=False)
    device: str
    label: bytes
    create: bool


class KnownDevice(NamedTuple):
    """A device that was not revoked."""

    id: str
    label: bytes
    created_at: datetime
    seen_at: datetime


DeviceState = Literal["unknown", "active", "revoked"]


def register(connection: Connection, wish: Registration, limits: Limits, now: datetime) -> tuple[str, int]:
    """Give a device its token; one that has one gets another in its place. Also gives the key's epoch.

    Raises Problem: "no_account", "closed", "wrong_secret", "device_revoked", "too_many_devices", "restored".
    """
    account = account_of(connection, wish.account)
    if account is None:
        create_account(connection, wish, limits, now)
        account = wish.account
    epoch = prove(connection, account, wish.secret)
    state = device_state(connection, account, wish.device)
    if state == "revoked":
        raise HttpProblem("device_revoked")
    receipts.check_revocation(connection, account, wish.device, now)  # its token would stop
    touch(connection, account, now)
    token, token_hash = new_token(account)
    values = {"label": wish.label, "token_hash": token_hash, "seen_at": now}
    if state == "active":
        change_device(connection, account, wish.device, **values)
    else:
        make_room(connection, account, limits)
        row = {"account": account, "id": wish.device, "created_at": now, **values}
        connection.execute(insert(DeviceRow), row)
    return token, epoch


def create_account(connection: Connection, wish: Registration, limits: Limits, now: datetime) -> None:
    if not wish.create:
        raise HttpProblem("no_account")
    if not limits.new_accounts:
        raise HttpProblem("closed")
    check_room(connection, limits, now)
    row = {"id": wish.account, "secret_hash": hashed(wish.secret), "created_at": now, "seen_at": now}
    counts = {"rev": 0, "oldest_cursor": 0, "records": 0, "box_bytes": 0, "plan_rev": 0, "key_epoch": 0}
    # Another device may be creating it at the same moment: then the secret decides.
    connection.execute(
        insert_or(connection.dialect.name, AccountRow).on_conflict_do_nothing(), {**row, **counts}
    )


def check_room(connection: Connection, limits: Limits, now: datetime) -> None:
    """Refuse an account too many, of all that this server's processes keep or have started lately.

    What several processes start at the very same moment may exceed a limit by as many.
    Raises Problem: "closed", "rate_limited".
    """
    accounts = select(col(AccountRow.id))
    # Counting stops at the limit: the cost does not grow with the number of accounts.
    if limits.accounts and count_up_to(connection, accounts, limits.accounts) >= limits.accounts:
        logger.warning("no new account: there are KAERU_ACCOUNTS of them")
        raise HttpProblem("closed")
    lately = accounts.where(col(AccountRow.created_at) > now - HOUR, col(AccountRow.created_at) <= now)
    if count_up_to(connection, lately, limits.accounts_an_hour) >= limits.accounts_an_hour:
        oldest = connection.execute(
            lately.with_only_columns(func.min(col(AccountRow.created_at)), maintain_column_froms=True)
        ).scalar_one()
        raise HttpProblem.rate_limited((oldest + HOUR - now).total_seconds())


def count_up_to(connection: Connection, rows: Select[Any], limit: int) -> int:
    counted = select(func.count()).select_from(rows.limit(limit).subquery())
    return int(connection.execute(counted).scalar_one())


def make_room(connection: Connection, account: bytes, limits: Limits) -> None:
    """Refuse one device too many; forget the oldest of too many revoked ones."""
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
    """The caller, every device of its account that was not revoked, oldest first, and a receipt."""
    caller = caller_of(connection, token, locked=False)
    statement = (
        select(col(DeviceRow.id), col(DeviceRow.label), col(DeviceRow.created_at), col(DeviceRow.seen_at))
        .where(col(DeviceRow.account) == caller.account, col(DeviceRow.revoked_at).is_(None))
        .order_by(col(DeviceRow.created_at), col(DeviceRow.id))
    )
    known = [KnownDevice(*row) for row in connection.execute(statement)]
    return caller, known, receipts.issue(connection, caller.account, now)


def rename(connection: Connection, token: Token, device: str, label: bytes) -> None:
    """Raises Problem("no_device")."""
    caller = caller_of(connection, token, locked=True, sealing=True)
    if device_state(connection, caller.account, device) != "active":
        raise HttpProblem("no_device")
    change_device(connection, caller.account, device, label=label)


def revoke(connection: Connection, token: Token, device: str, now: datetime) -> None:
    """Stop a device's token from this moment on. One's own device is forgotten: it leaves of its own will.

    Revoking twice is no error. Raises Problem: "no_device", "restored".
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
    """Delete everything of the account. Raises Problem("wrong_secret")."""
    caller = caller_of(connection, token, locked=True)
    prove(connection, caller.account, secret)
    erase(connection, caller.account)


def erase(connection: Connection, account: bytes) -> None:
    """Delete an account, whose row is locked, and all that is kept of it."""
    reminders.erase(connection, account)
    pairings.forget(connection, account)
    connection.execute(delete(SubscriptionRow).where(col(SubscriptionRow.account) == account))
    connection.execute(delete(RecordRow).where(col(RecordRow.account) == account))
    connection.execute(delete(DeviceRow).where(col(DeviceRow.account) == account))
    connection.execute(delete(RetiredIdRow).where(col(RetiredIdRow.account) == account))
    connection.execute(delete(AccountRow).where(col(AccountRow.id) == account))


def touch(connection: Connection, account: bytes, now: datetime) -> None:
    """Remember that the account is in use, so that it does not expire."""
    connection.execute(
        update(AccountRow).where(col(AccountRow.id) == account).values(seen_at=now, expires_at=None)
    )


def note_seen(connection: Connection, caller: Caller, now: datetime) -> None:
    """Remember that a device was there, once a day. The account's row is locked before the device's."""
    if is_news(caller, now):
        touch(connection, caller.account, now)
        change_device(connection, caller.account, caller.device, seen_at=now)


def is_news(caller: Caller, now: datetime) -> bool:
    return caller.seen_at.date() < now.date()


def knows_secret(connection: Connection, derived: bytes, secret: bytes) -> bool:
    """Whether an account's current sync key gives this id, and this is its secret; nothing is locked."""
    account = col(AccountRow.id)
    statement = select(col(AccountRow.secret_hash)).where(
        (col(AccountRow.alias) == derived) | ((account == derived) & col(AccountRow.alias).is_(None))
    )
    secret_hash = connection.execute(statement).scalar_one_or_none()
    return secret_hash is not None and is_secret(secret, secret_hash)


def account_of(connection: Connection, derived: bytes) -> bytes | None:
    """The account whose current sync key gives this id; None if no key of any account ever gave it.

    Raises Problem("no_account") for the id of an earlier key, which must open nothing any more.
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


def prove(connection: Connection, account: bytes, secret: bytes) -> int:
    """Lock the account until this commits, and give its key's epoch.

    Raises Problem("wrong_secret") unless the secret is that of the account's key.
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
