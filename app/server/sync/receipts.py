"""Receipts: signed statements about an account that devices keep in case the server is restored.

A server restored from a backup doesn't know which devices were revoked, or which key was current, before the
loss. The devices know, but a revoked device may be the first to connect. So the server gives its devices
receipts with a MAC whose key is in every backup. A restored server trusts only these: until `guarded_until`
it accepts only a key named by a receipt, and revokes only devices named by a receipt or registered since the
restore.

A revoked device has no receipt from after its revocation. Its older ones are true as well and are superseded
by later ones: epochs only increase and revoked devices stay revoked.
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
    """An account's state when the receipt was issued."""

    account: str  # hexadecimal, as are `id` and `secret_hash`
    epoch: int
    id: str  # derived from the current key
    secret_hash: str
    revoked: list[str]


def issue(connection: Connection, account: bytes, now: datetime) -> str | None:
    """Create a receipt of the account's current state; None during the guard period after a restore."""
    row = connection.execute(
        select(
            col(AccountRow.key_epoch),
            col(AccountRow.alias),
            col(AccountRow.secret_hash),
            col(AccountRow.guarded_until),
        ).where(col(AccountRow.id) == account)
    ).one()
    if is_active(row.guarded_until, now):
        return None
    revoked = (
        select(col(DeviceRow.id))
        .where(col(DeviceRow.account) == account, col(DeviceRow.revoked_at).is_not(None))
        .order_by(col(DeviceRow.revoked_at).desc(), col(DeviceRow.id))
        .limit(REVOKED_DEVICES)
    )
    statement = {
        "account": account.hex(),
        "epoch": row.key_epoch,
        "id": (row.alias or account).hex(),
        "secret_hash": row.secret_hash.hex(),
        "revoked": list(connection.execute(revoked).scalars()),
    }
    content = json.dumps(statement, separators=(",", ":")).encode()
    return urlsafe_b64encode(compute_mac(connection, content) + content).decode().rstrip("=")


def read(connection: Connection, account: bytes, text: str) -> Receipt | None:
    """Parse a receipt; None unless this server issued it for this account."""
    try:
        whole = decode_base64url(text)
    except ValueError:
        return None
    code, content = whole[:MAC_BYTES], whole[MAC_BYTES:]
    if not hmac.compare_digest(code, compute_mac(connection, content)):
        return None
    receipt = Receipt(**json.loads(content))
    return receipt if receipt.account == account.hex() else None


def compute_mac(connection: Connection, content: bytes) -> bytes:
    key = connection.execute(
        select(col(ServerKeyRow.value)).where(col(ServerKeyRow.name) == KEY_NAME)
    ).scalar_one()
    return hmac.digest(key, b"kaeru receipt\0" + content, hashlib.sha256)


def hand_in(connection: Connection, token: Token, text: str, now: datetime) -> None:
    """Apply a receipt to a restored account; does nothing outside the guard period."""
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
    """Raise HttpProblem("restored") if only a receipt may revoke the device or invalidate its token."""
    guarded = guarded_account(connection, account, now)
    restored = select(col(DeviceRow.restored)).where(
        col(DeviceRow.account) == account, col(DeviceRow.id) == device
    )
    if guarded and connection.execute(restored).scalar_one_or_none():
        raise restored_problem(guarded)


def check_key_change(
    connection: Connection, account: bytes, change: tuple[int, bytes, bytes], now: datetime
) -> None:
    """Raise HttpProblem("restored") unless a receipt named the new key.

    `change`: the new key's epoch, id and secret hash."""
    guarded = guarded_account(connection, account, now)
    if guarded and change != (guarded.proven_epoch, guarded.proven_id, guarded.proven_secret_hash):
        raise restored_problem(guarded)


class Guarded(NamedTuple):
    """An account in the guard period after a restore."""

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
    if row is None or row.guarded_until is None or not is_active(row.guarded_until, now):
        return None
    return Guarded(row.guarded_until, row.key_epoch, row.proven_epoch, row.proven_id, row.proven_secret_hash)


def is_active(until: datetime | None, now: datetime) -> bool:
    return until is not None and until > now


def restored_problem(account: Guarded) -> HttpProblem:
    return HttpProblem("restored", until=account.until.isoformat())
