"""Changes an account's sync key: kept devices receive the new key sealed to them, others are revoked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update
from sqlmodel import col

from app.server.database.tables import AccountRow, DeviceRow, RetiredIdRow
from app.server.push import reminders, subscriptions
from app.server.sync import pairings, receipts
from app.server.sync.accounts import change_device, check_secret, touch
from app.server.web.access import Token, caller_of, hashed
from app.server.web.problems import HttpProblem


class CurrentKey(NamedTuple):
    """An account's current key: its epoch and id, and the sealed keys."""

    epoch: int
    account: bytes  # the id derived from it
    grant: bytes | None
    keyring: bytes | None
    receipt: str | None


class KeptGrant(NamedTuple):
    """A kept device: its label sealed with the new key, and the new key sealed to the device."""

    id: str
    label: bytes
    grant: bytes | None


@dataclass(frozen=True)
class KeyChangeRequest:
    """A device's request to change the key."""

    secret: bytes = field(repr=False)
    base: int
    epoch: int
    account: bytes
    new_secret: bytes = field(repr=False)
    keyring: bytes
    keep: Sequence[KeptGrant]
    revoke: Sequence[str]


def current_key(connection: Connection, token: Token, now: datetime) -> CurrentKey:
    """Return the current key, for a device that may have missed a key change."""
    caller = caller_of(connection, token, locked=False)
    # One statement: the key could change between two.
    row = connection.execute(
        select(
            col(AccountRow.key_epoch),
            col(AccountRow.alias),
            col(DeviceRow.key_grant),
            col(AccountRow.keyring),
        )
        .select_from(AccountRow)
        .join(DeviceRow, col(DeviceRow.account) == col(AccountRow.id))
        .where(col(AccountRow.id) == caller.account, col(DeviceRow.id) == caller.device)
    ).one()
    receipt = receipts.issue(connection, caller.account, now)
    return CurrentKey(row.key_epoch, row.alias or caller.account, row.key_grant, row.keyring, receipt)


def change_key(
    connection: Connection, token: Token, change: KeyChangeRequest, now: datetime
) -> tuple[int, str | None]:
    """Replace the current key in one transaction. Returns the new epoch and a receipt.

    The request must name every active device, so that a device that joined meanwhile is noticed.
    Reminders are deleted: their ids and boxes are made with the earlier key.
    Raises HttpProblem: "key_changed", "wrong_secret", "devices_changed", "malformed", "restored".
    """
    caller = caller_of(connection, token, locked=True)
    if change.base != caller.key_epoch:
        raise HttpProblem("key_changed", epoch=caller.key_epoch)
    check_secret(connection, caller.account, change.secret)
    active = set(
        connection.execute(
            select(col(DeviceRow.id)).where(
                col(DeviceRow.account) == caller.account, col(DeviceRow.revoked_at).is_(None)
            )
        ).scalars()
    )
    if {each.id for each in change.keep} | set(change.revoke) != active:
        raise HttpProblem("devices_changed", devices=sorted(active))
    if caller.device in change.revoke:
        raise HttpProblem("malformed", where=["body.revoke"], detail="The device that asks stays.")
    changed_to = (change.epoch, change.account, hashed(change.new_secret))
    receipts.check_key_change(connection, caller.account, changed_to, now)
    for device in change.revoke:
        receipts.check_revocation(connection, caller.account, device, now)
    retire_ids(connection, caller.account, change.account)
    connection.execute(
        update(AccountRow)
        .where(col(AccountRow.id) == caller.account)
        .values(
            alias=change.account,
            secret_hash=hashed(change.new_secret),
            key_epoch=change.epoch,
            keyring=change.keyring,
            plan_rev=caller.plan_rev + 1,
        )
    )
    for each in change.keep:
        change_device(connection, caller.account, each.id, label=each.label, key_grant=each.grant)
    for device in change.revoke:
        subscriptions.unsubscribe_device(connection, caller.account, device)
        change_device(connection, caller.account, device, revoked_at=now, key_grant=None)
    reminders.erase(connection, caller.account)
    pairings.forget(connection, caller.account)  # their offers contain the earlier key
    touch(connection, caller.account, now)
    return change.epoch, receipts.issue(connection, caller.account, now)


def retire_ids(connection: Connection, account: bytes, new: bytes) -> None:
    """Retire the current id. Raises HttpProblem("malformed") if the new id is taken."""
    known = select(col(AccountRow.id)).where((col(AccountRow.id) == new) | (col(AccountRow.alias) == new))
    retired = select(col(RetiredIdRow.id)).where(col(RetiredIdRow.id) == new)
    if connection.execute(known).first() or connection.execute(retired).first():
        raise HttpProblem("malformed", where=["body.account"])
    current = connection.execute(
        select(col(AccountRow.alias)).where(col(AccountRow.id) == account)
    ).scalar_one()
    if current is not None:
        connection.execute(insert(RetiredIdRow), {"id": current, "account": account})
