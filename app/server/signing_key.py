"""Parses the server's private key, stored as a 32-byte number in a setting or in the database."""

import base64

from cryptography.hazmat.primitives.asymmetric import ec


def read_private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """Parse a P-256 private key: its number as 32 bytes in base64url. Raises ValueError."""
    return private_key_of(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))


def private_key_of(number: bytes) -> ec.EllipticCurvePrivateKey:
    """Build a P-256 private key from its number, 32 bytes big-endian. Raises ValueError."""
    if len(number) != 32:
        raise ValueError("a private key of P-256 has 32 bytes")
    return ec.derive_private_key(int.from_bytes(number, "big"), ec.SECP256R1())
