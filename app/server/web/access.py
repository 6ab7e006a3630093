"""Who may do what: secrets, tokens, and the device that a token stands for.

A token is 64 characters: base64url of the account's id and 32 random bytes, so that it tells where to look.
Of tokens and secrets the server keeps SHA-256. Both are random and of 256 bits: a slow hash would protect
nothing more.
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
    """What a request proves who it is with."""

    account: bytes
    hash: bytes = field(repr=False)
    key: str | None = None  # which sync key the device seals with; None: it does not say

    @classmethod
    def read(cls, text: str) -> "Token":
        """Raises Problem("unauthorized") for what cannot be a token."""
        try:
            token = decode_base64url(text)
        except ValueError:
            raise HttpProblem("unauthorized") from None
        if len(token) != ACCOUNT_BYTES + TOKEN_BYTES:
            raise HttpProblem("unauthorized")
        return cls(token[:ACCOUNT_BYTES], hashed(token))


@dataclass(frozen=True)
class Caller:
    """The device that asks, and its account as it is now."""

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
    """A token for a device of the account, and the hash to keep of it."""
    token = account + secrets.token_bytes(TOKEN_BYTES)
    return base64.urlsafe_b64encode(token).decode(), hashed(token)


def hashed(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def is_secret(secret: bytes, secret_hash: bytes) -> bool:
    """Whether the hash is of this secret; how long it takes does not tell how much of it is right."""
    return hmac.compare_digest(hashed(secret), secret_hash)


# The account comes first, and so is locked first, as everywhere: nobody waits in a circle.
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
    """Raise Problem unless the token is a device's that may use the account; nothing is locked."""
    caller_of(connection, token, locked=False)


def key_name(account_id: bytes) -> str:
    """How a request names the sync key that an account id is derived from (`Kaeru-Key`)."""
    return account_id.hex()[:16]


def caller_of(connection: Connection, token: Token, *, locked: bool, sealing: bool = False) -> Caller:
    """The device a token stands for; `locked`: and nobody else changes the account until this commits.

    `sealing`: the request carries boxes or asks for some, so the device must have the account's current key.

    The token is found by its hash: how long that takes tells of a hash that nobody can aim at.
    Raises Problem: "unauthorized", "revoked", "no_account"; with `sealing` also "key_changed", "protocol".
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
    """Raise Problem unless the device seals with the account's current key.

    A client that names no key knows nothing of changed keys: once the key was changed, it must not send
    boxes sealed with the earlier one, and needs an update.
    """
    if token.key is None and epoch > 0:
        raise HttpProblem.outdated(key_epoch=epoch)
    if token.key is not None and token.key != key_name(current_id):
        raise HttpProblem("key_changed", epoch=epoch)
