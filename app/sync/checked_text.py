"""Secrets as text for copying: Crockford's base 32 in groups, with a checksum."""

import hashlib
from typing import Literal

CHECK_BYTES = 3
GROUP = 4  # characters
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letters that look like digits."""

_LOOKALIKES = str.maketrans("OIL", "011", " -\u2010\u2011\u2013\u2014\t\r\n\u00a0\u3000")


class KeyTextError(ValueError):
    """Invalid text of a secret.

    `code`: "length" (too short or too long), "character" (an invalid one), "checksum" (a typing error).
    """

    def __init__(self, code: Literal["length", "character", "checksum"]) -> None:
        super().__init__(code)
        self.code = code


def text_length(size: int) -> int:
    """Number of characters, without dashes, for `size` bytes; with checksum, a multiple of 5 bytes."""
    return (size + CHECK_BYTES) * 8 // 5


def to_groups(secret: bytes, label: bytes) -> str:
    """The secret and its checksum, in groups of 4 characters."""
    return grouped(secret + _checksum(secret, label))


def grouped(data: bytes) -> str:
    """Base 32 in groups of 4 characters, without the bits that do not fill a character."""
    length = len(data) * 8 // 5
    number = int.from_bytes(data) >> len(data) * 8 % 5
    digits = "".join(ALPHABET[number >> shift & 31] for shift in range((length - 1) * 5, -1, -5))
    return "-".join(digits[at : at + GROUP] for at in range(0, length, GROUP))


def digits_of(text: str) -> str:
    """Normalize text: drop spaces and dashes, convert to capitals, read O, I and L as digits.

    Raises KeyTextError.
    """
    digits = text.upper().translate(_LOOKALIKES)
    if not set(digits) <= set(ALPHABET):
        raise KeyTextError("character")
    return digits


def from_digits(digits: str, size: int, label: bytes) -> bytes:
    """Decode a secret of `size` bytes. Raises KeyTextError."""
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
