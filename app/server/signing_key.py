"""The server's private key as a setting and as the database keeps it: a number of 32 bytes."""

import base64

from cryptography.hazmat.primitives.asymmetric import ec


def read_private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """A private key of P-256 from its number, 32 bytes in base64url. Raises ValueError."""
    return private_key_of(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))


def private_key_of(number: bytes) -> ec.EllipticCurvePrivateKey:
    """Raises ValueError."""
    if len(number) != 32:
        raise ValueError("a private key of P-256 has 32 bytes")
    return ec.derive_private_key(int.from_bytes(number, "big"), ec.SECP256R1())
