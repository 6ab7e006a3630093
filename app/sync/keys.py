"""The sync key, how a person writes it down, and everything that is derived from it."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Literal

KEY_BYTES = 32
CHECK_BYTES = 3
GROUP = 4  # characters between two dashes
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter looks like a digit."""

_LENGTH = (KEY_BYTES + CHECK_BYTES) * 8 // 5
_LOOKALIKES = str.maketrans("OIL", "011", " -\u2010\u2011\u2013\u2014\t\r\n\u00a0\u3000")
_SALT = b"kaeru/1"


class KeyTextError(ValueError):
    """This text is no sync key.

    `code`: "length" (characters are missing or too many), "character" (one that keys do not have), "checksum"
    (one is mistyped).
    """

    def __init__(self, code: Literal["length", "character", "checksum"]) -> None:
        super().__init__(code)
        self.code = code


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
    number = int.from_bytes(key + _checksum(key))
    digits = [ALPHABET[number >> shift & 31] for shift in range((_LENGTH - 1) * 5, -1, -5)]
    return "-".join("".join(digits[at : at + GROUP]) for at in range(0, _LENGTH, GROUP))


def from_text(text: str) -> bytes:
    """The key from its text, or from a pairing link, however it was typed. Raises KeyTextError."""
    digits = text.rpartition("#")[2].upper().translate(_LOOKALIKES)
    if not set(digits) <= set(ALPHABET):
        raise KeyTextError("character")
    if len(digits) != _LENGTH:
        raise KeyTextError("length")
    number = 0
    for digit in digits:
        number = number << 5 | ALPHABET.index(digit)
    whole = number.to_bytes(KEY_BYTES + CHECK_BYTES)
    key, check = whole[:KEY_BYTES], whole[KEY_BYTES:]
    if check != _checksum(key):
        raise KeyTextError("checksum")
    return key


def pairing_link(origin: str, key: bytes) -> str:
    """An address that carries the key where no server sees it: in the fragment."""
    return f"{origin}/pair#{to_text(key)}"


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


def _checksum(key: bytes) -> bytes:
    return hashlib.sha256(b"kaeru sync key" + key).digest()[:CHECK_BYTES]
