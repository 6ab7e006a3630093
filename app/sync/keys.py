"""The sync key, how a person writes it down, and everything that is derived from it."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from app.sync.checked_text import digits_of, from_digits, grouped, to_groups

KEY_BYTES = 32
_LABEL = b"kaeru sync key"
_SALT = b"kaeru/1"


@dataclass(frozen=True)
class Keys:
    """What the sync key stands for. Only `account` and `secret` ever reach the server."""

    account: str  # the account's id, hexadecimal
    secret: bytes  # proves that a new device may join
    sealing: bytes  # AES-256: opens and seals the boxes
    reminders: bytes  # makes reminders' names that say nothing to the server
    grants: bytes  # proves that a new key comes from somebody who holds this one

    @property
    def name(self) -> str:
        """What requests say which key their boxes are sealed with (the header `Kaeru-Key`)."""
        return self.account[:16]


def new_key() -> bytes:
    """256 bits from the system's own source of randomness."""
    return secrets.token_bytes(KEY_BYTES)


def to_text(key: bytes) -> str:
    """The key as a person writes it: 14 groups of 4 characters, the last of them a checksum."""
    return to_groups(key, _LABEL)


def from_text(text: str) -> bytes:
    """The key from its text, however it was typed. Raises KeyTextError."""
    return from_digits(digits_of(text), KEY_BYTES, _LABEL)


def account_fingerprint(account: str) -> str:
    """What a person tells an account by: 12 characters in 3 groups, from its id in hexadecimal.

    The id cannot be found from it, so it may be shown to anybody.
    """
    digest = hashlib.sha256(b"kaeru account" + bytes.fromhex(account)).digest()
    return grouped(digest[:8])[:14]


def derive(key: bytes) -> Keys:
    """A key for each purpose, none of which gives away another (docs/protocol.md)."""
    return Keys(
        account=hkdf(key, _SALT, b"account", 16).hex(),
        secret=hkdf(key, _SALT, b"authentication", 32),
        sealing=hkdf(key, _SALT, b"sealing", 32),
        reminders=hkdf(key, _SALT, b"reminders", 32),
        grants=hkdf(key, _SALT, b"grant", 32),
    )


def hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA256 (RFC 5869). In a few lines here, for the browser's Python has no library that does it."""
    pseudorandom = hmac.digest(salt, key, "sha256")
    block, made = b"", b""
    for number in range(1, -(-length // 32) + 1):
        block = hmac.digest(pseudorandom, block + info + bytes([number]), "sha256")
        made += block
    return made[:length]
