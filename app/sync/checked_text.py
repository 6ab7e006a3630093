"""Secrets as a person copies them: Crockford's base 32 in groups, with a checksum."""

import hashlib
from typing import Literal

CHECK_BYTES = 3
GROUP = 4  # characters between two dashes
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter looks like a digit."""

_LOOKALIKES = str.maketrans("OIL", "011", " -\u2010\u2011\u2013\u2014\t\r\n\u00a0\u3000")


class KeyTextError(ValueError):
    """This text is no such secret.

    `code`: "length" (characters are missing or too many), "character" (one that these texts do not have),
    "checksum" (one is mistyped).
    """

    def __init__(self, code: Literal["length", "character", "checksum"]) -> None:
        super().__init__(code)
        self.code = code


def text_length(size: int) -> int:
    """Characters, without dashes, of a secret of `size` bytes; with its checksum a multiple of 5 bytes."""
    return (size + CHECK_BYTES) * 8 // 5


def to_groups(secret: bytes, label: bytes) -> str:
    """The secret and its checksum in groups of 4 characters."""
    return grouped(secret + _checksum(secret, label))


def grouped(data: bytes) -> str:
    """Bytes in base 32, in groups of 4 characters; bits that fill no character are left out."""
    length = len(data) * 8 // 5
    number = int.from_bytes(data) >> len(data) * 8 % 5
    digits = "".join(ALPHABET[number >> shift & 31] for shift in range((length - 1) * 5, -1, -5))
    return "-".join(digits[at : at + GROUP] for at in range(0, length, GROUP))


def digits_of(text: str) -> str:
    """The characters that count, in capitals: spaces and dashes are dropped, O, I and L read as digits.

    Raises KeyTextError.
    """
    digits = text.upper().translate(_LOOKALIKES)
    if not set(digits) <= set(ALPHABET):
        raise KeyTextError("character")
    return digits


def from_digits(digits: str, size: int, label: bytes) -> bytes:
    """The secret of `size` bytes. Raises KeyTextError."""
    if len(digits) != text_length(size):
        raise KeyTextError("length")
    number = 0
    for digit in digits:
        number = number << 5 | ALPHABET.index(digit)
    whole = number.to_bytes(size + CHECK_BYTES)
    secret, check = whole[:size], whole[size:]
    if check != _checksum(secret, label):
        raise KeyTextError("checksum")
    return secret


def _checksum(secret: bytes, label: bytes) -> bytes:
    return hashlib.sha256(label + secret).digest()[:CHECK_BYTES]
