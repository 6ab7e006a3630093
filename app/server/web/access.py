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

from app.server.database.tables import ACCOUNT_BYTES, Account, Device
from app.server.web.problems import Problem
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
            raise Problem("unauthorized") from None
        if len(token) != ACCOUNT_BYTES + TOKEN_BYTES:
            raise Problem("unauthorized")
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
        col(Account.rev),
        col(Account.oldest_cursor),
        col(Account.records),
        col(Account.box_bytes),
        col(Account.plan_rev),
        col(Account.key_epoch),
        col(Account.alias),
        col(Device.id),
        col(Device.seen_at),
        col(Device.revoked_at),
    )
    .select_from(Account)
    .join(Device, col(Device.account) == col(Account.id))
    .where(col(Account.id) == bindparam("account"), col(Device.token_hash) == bindparam("hash"))
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
            select(col(Account.id)).where(col(Account.id) == token.account)
        ).one_or_none()
        raise Problem("unauthorized") if known else Problem("no_account", status=401)
    if row.revoked_at is not None:
        raise Problem("revoked")
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
        raise Problem.outdated(key_epoch=epoch)
    if token.key is not None and token.key != key_name(current_id):
        raise Problem("key_changed", epoch=epoch)
