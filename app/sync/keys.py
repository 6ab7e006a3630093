"""The sync key, its text form, and the keys derived from it."""

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
    """Keys derived from the sync key. Only `account` and `secret` are sent to the server."""

    account: str  # the account's id, hexadecimal
    secret: bytes  # proves that a new device may join
    sealing: bytes  # AES-256 key for records and labels
    reminders: bytes  # HMAC key that hides reminder names from the server
    grants: bytes  # HMAC key that proves a new key comes from a holder of this one

    @property
    def name(self) -> str:
        """Identifies the sealing key in requests (header `Kaeru-Key`)."""
        return self.account[:16]


def new_key() -> bytes:
    """A random key of 256 bits from the operating system."""
    return secrets.token_bytes(KEY_BYTES)


def to_text(key: bytes) -> str:
    """The key as text: 14 groups of 4 characters, including a checksum."""
    return to_groups(key, _LABEL)


def from_text(text: str) -> bytes:
    """Parse a key's text, in any spelling. Raises KeyTextError."""
    return from_digits(digits_of(text), KEY_BYTES, _LABEL)


def account_fingerprint(account: str) -> str:
    """A short name of an account for people: 12 characters in 3 groups, from the hexadecimal id.

    The id cannot be computed from it, so it may be shown to anyone.
    """
    digest = hashlib.sha256(b"kaeru account" + bytes.fromhex(account)).digest()
    return grouped(digest[:8])[:14]


def derive(key: bytes) -> Keys:
    """Derive independent keys for each purpose (docs/protocol.md)."""
    return Keys(
        account=hkdf(key, _SALT, b"account", 16).hex(),
        secret=hkdf(key, _SALT, b"authentication", 32),
        sealing=hkdf(key, _SALT, b"sealing", 32),
        reminders=hkdf(key, _SALT, b"reminders", 32),
        grants=hkdf(key, _SALT, b"grant", 32),
    )


def hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA256 (RFC 5869). Implemented here because the browser's Python has no library for it."""
    pseudorandom = hmac.digest(salt, key, "sha256")
    block, made = b"", b""
    for number in range(1, -(-length // 32) + 1):
        block = hmac.digest(pseudorandom, block + info + bytes([number]), "sha256")
        made += block
    return made[:length]
