"""Receipts: what the server states about an account, for the day on which it is restored from a backup.

A restored server does not know which devices were revoked and which key was current when it was lost. The
devices know, but one that was shut out can be the first to ask. So the server gives its devices a statement
with a MAC of its own, whose key is in every backup. A restored server believes such a statement and nothing
else: until `guarded_until` it changes the key only to one that a receipt names, and revokes only devices that
a receipt names, or that joined since.

A shut-out device has no receipt of what came after it. Its older ones tell the truth too, and later ones go
further: keys only move on, and revoked devices stay so.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select, update
from sqlmodel import col

from app.server.database.tables import AccountRow, DeviceRow, ServerKeyRow
from app.server.push import subscriptions
from app.server.sync import pairings
from app.server.web.access import Token, caller_of
from app.server.web.limits import REVOKED_DEVICES
from app.server.web.problems import HttpProblem
from app.server.web.wire import decode_base64url

KEY_NAME = "receipts"
MAC_BYTES = 32


@dataclass(frozen=True)
class Receipt:
    """What the server knew when it wrote this."""

    account: str  # hexadecimal, as all of these
    epoch: int
    id: str  # derived from the current key
    secret_hash: str
    revoked: list[str]


def issue(connection: Connection, account: bytes, now: datetime) -> str | None:
    """What holds now; None while the server may know less than it did."""
    row = connection.execute(
        select(
            col(AccountRow.key_epoch),
            col(AccountRow.alias),
            col(AccountRow.secret_hash),
            col(AccountRow.guarded_until),
        ).where(col(AccountRow.id) == account)
    ).one()
    if is_later(row.guarded_until, now):
        return None
    revoked = (
        select(col(DeviceRow.id))
        .where(col(DeviceRow.account) == account, col(DeviceRow.revoked_at).is_not(None))
        .order_by(col(DeviceRow.revoked_at).desc(), col(DeviceRow.id))
        .limit(REVOKED_DEVICES)
    )
    told = {
        "account": account.hex(),
        "epoch": row.key_epoch,
        "id": (row.alias or account).hex(),
        "secret_hash": row.secret_hash.hex(),
        "revoked": list(connection.execute(revoked).scalars()),
    }
    content = json.dumps(told, separators=(",", ":")).encode()
    return urlsafe_b64encode(mac(connection, content) + content).decode().rstrip("=")


def read(connection: Connection, account: bytes, text: str) -> Receipt | None:
    """None for what this server did not write about this account."""
    try:
        whole = decode_base64url(text)
    except ValueError:
        return None
    code, content = whole[:MAC_BYTES], whole[MAC_BYTES:]
    if not hmac.compare_digest(code, mac(connection, content)):
        return None
    receipt = Receipt(**json.loads(content))
    return receipt if receipt.account == account.hex() else None


def mac(connection: Connection, content: bytes) -> bytes:
    key = connection.execute(
        select(col(ServerKeyRow.value)).where(col(ServerKeyRow.name) == KEY_NAME)
    ).scalar_one()
    return hmac.digest(key, b"kaeru receipt\0" + content, hashlib.sha256)


def hand_in(connection: Connection, token: Token, text: str, now: datetime) -> None:
    """Take back what a receipt tells. Does nothing where the server was not restored lately."""
    caller = caller_of(connection, token, locked=True)
    account = guarded_account(connection, caller.account, now)
    receipt = account and read(connection, caller.account, text)
    if not account or not receipt:
        return
    still_active = select(col(DeviceRow.id)).where(
        col(DeviceRow.account) == caller.account,
        col(DeviceRow.id).in_(receipt.revoked),
        col(DeviceRow.revoked_at).is_(None),
    )
    for device in connection.execute(still_active).scalars().all():
        subscriptions.unsubscribe_device(connection, caller.account, device)
        pairings.forget(connection, caller.account, device)
        connection.execute(
            update(DeviceRow)
            .where(col(DeviceRow.account) == caller.account, col(DeviceRow.id) == device)
            .values(revoked_at=now, key_grant=None)
        )
    if receipt.epoch > max(account.key_epoch, account.proven_epoch):
        connection.execute(
            update(AccountRow)
            .where(col(AccountRow.id) == caller.account)
            .values(
                proven_epoch=receipt.epoch,
                proven_id=bytes.fromhex(receipt.id),
                proven_secret_hash=bytes.fromhex(receipt.secret_hash),
            )
        )


def check_revocation(connection: Connection, account: bytes, device: str, now: datetime) -> None:
    """Raise Problem("restored") for a device that only a receipt may revoke, or give another token."""
    guarded = guarded_account(connection, account, now)
    restored = select(col(DeviceRow.restored)).where(
        col(DeviceRow.account) == account, col(DeviceRow.id) == device
    )
    if guarded and connection.execute(restored).scalar_one_or_none():
        raise refusal(guarded)


def check_key_change(
    connection: Connection, account: bytes, change: tuple[int, bytes, bytes], now: datetime
) -> None:
    """Raise Problem("restored") unless a receipt names the key: its epoch, its id, its secret's hash."""
    guarded = guarded_account(connection, account, now)
    if guarded and change != (guarded.proven_epoch, guarded.proven_id, guarded.proven_secret_hash):
        raise refusal(guarded)


class Guarded(NamedTuple):
    """An account of which the server may know less than it did."""

    until: datetime
    key_epoch: int
    proven_epoch: int
    proven_id: bytes | None
    proven_secret_hash: bytes | None


def guarded_account(connection: Connection, account: bytes, now: datetime) -> Guarded | None:
    row = connection.execute(
        select(
            col(AccountRow.guarded_until),
            col(AccountRow.key_epoch),
            col(AccountRow.proven_epoch),
            col(AccountRow.proven_id),
            col(AccountRow.proven_secret_hash),
        ).where(col(AccountRow.id) == account)
    ).one_or_none()
    if row is None or row.guarded_until is None or not is_later(row.guarded_until, now):
        return None
    return Guarded(row.guarded_until, row.key_epoch, row.proven_epoch, row.proven_id, row.proven_secret_hash)


def is_later(until: datetime | None, now: datetime) -> bool:
    return until is not None and until > now


def refusal(account: Guarded) -> HttpProblem:
    return HttpProblem("restored", until=account.until.isoformat())
