"""Authentication: secrets, tokens, and the device that a token belongs to.

A token is 64 characters, the base64url of the account's id and 32 random bytes. The server stores SHA-256
hashes of tokens and secrets. Both are random and have 256 bits, so a slow hash would add no protection.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from app.server.database.tables import ACCOUNT_BYTES, AccountRow, DeviceRow
from app.server.web.problems import HttpProblem
from app.server.web.wire import decode_base64url

TOKEN_BYTES = 32


@dataclass(frozen=True)
class Token:
    """The token that a request authenticates with."""

    account: bytes
    hash: bytes = field(repr=False)
    key: str | None = None  # name of the sync key that the device seals with; None: not stated

    @classmethod
    def read(cls, text: str) -> "Token":
        """Parse a token. Raises HttpProblem("unauthorized") if it is malformed."""
        try:
            token = decode_base64url(text)
        except ValueError:
            raise HttpProblem("unauthorized") from None
        if len(token) != ACCOUNT_BYTES + TOKEN_BYTES:
            raise HttpProblem("unauthorized")
        return cls(token[:ACCOUNT_BYTES], hashed(token))


@dataclass(frozen=True)
class Caller:
    """The requesting device, and the current state of its account."""

    account: bytes
    device: str
    seen_at: datetime
    rev: int
    oldest_cursor: int
    records: int
    box_bytes: int
    plan_rev: int
    key_epoch: int


def new_token(account: bytes) -> tuple[str, bytes]:
    """Create a token for a device of the account. Returns the token and its hash, which is stored."""
    token = account + secrets.token_bytes(TOKEN_BYTES)
    return base64.urlsafe_b64encode(token).decode(), hashed(token)


def hashed(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def is_secret(secret: bytes, secret_hash: bytes) -> bool:
    """Compare a secret with a hash in constant time."""
    return hmac.compare_digest(hashed(secret), secret_hash)


# The account is selected, and so locked, first. All transactions do so, which avoids deadlocks.
CALLER = (
    select(
        col(AccountRow.rev),
        col(AccountRow.oldest_cursor),
        col(AccountRow.records),
        col(AccountRow.box_bytes),
        col(AccountRow.plan_rev),
        col(AccountRow.key_epoch),
        col(AccountRow.alias),
        col(DeviceRow.id),
        col(DeviceRow.seen_at),
        col(DeviceRow.revoked_at),
    )
    .select_from(AccountRow)
    .join(DeviceRow, col(DeviceRow.account) == col(AccountRow.id))
    .where(col(AccountRow.id) == bindparam("account"), col(DeviceRow.token_hash) == bindparam("hash"))
)


def prove(connection: Connection, token: Token) -> None:
    """Raise HttpProblem unless the token belongs to an active device. Locks nothing."""
    caller_of(connection, token, locked=False)


def key_name(account_id: bytes) -> str:
    """Name the sync key that an account id is derived from, as in the header `Kaeru-Key`."""
    return account_id.hex()[:16]


def caller_of(connection: Connection, token: Token, *, locked: bool, sealing: bool = False) -> Caller:
    """Return the device that a token belongs to, with its account's state.

    `locked`: lock the account until the transaction ends.
    `sealing`: the request sends or fetches boxes, so the device must have the account's current key.
    The token is looked up by its hash: lookup timing leaks only the hash.
    Raises HttpProblem: "unauthorized", "revoked", "no_account"; with `sealing` also "key_changed",
    "protocol".
    """
    statement = CALLER.with_for_update() if locked else CALLER
    row = connection.execute(statement, {"account": token.account, "hash": token.hash}).one_or_none()
    if row is None:
        known = connection.execute(
            select(col(AccountRow.id)).where(col(AccountRow.id) == token.account)
        ).one_or_none()
        raise HttpProblem("unauthorized") if known else HttpProblem("no_account", status=401)
    if row.revoked_at is not None:
        raise HttpProblem("revoked")
    if sealing:
        check_key(token, row.key_epoch, row.alias or token.account)
    return Caller(
        account=token.account,
        device=row.id,
        seen_at=row.seen_at,
        rev=row.rev,
        oldest_cursor=row.oldest_cursor,
        records=row.records,
        box_bytes=row.box_bytes,
        plan_rev=row.plan_rev,
        key_epoch=row.key_epoch,
    )


def check_key(token: Token, epoch: int, current_id: bytes) -> None:
    """Raise HttpProblem unless the device seals with the account's current key.

    A client that names no key predates key changes. After a key change it would send boxes sealed with the
    earlier key, so it has to be updated.
    """
    if token.key is None and epoch > 0:
        raise HttpProblem.outdated(key_epoch=epoch)
    if token.key is not None and token.key != key_name(current_id):
        raise HttpProblem("key_changed", epoch=epoch)
