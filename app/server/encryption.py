"""Encrypts a push for one browser (RFC 8291): what a push service carries and cannot read.

http_ece, which pywebpush uses, does the same for more versions of it, and takes half as long again.
"""

import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
HASH = SHA256()
RECORD_BYTES = 4096  # all is one record (RFC 8188, 2), which must not be longer
LONGEST = RECORD_BYTES - 17  # bytes of a message: the record ends with a delimiter and a tag


def encrypt(
    message: bytes,
    p256dh: bytes,
    auth: bytes,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body to post, with the content coding aes128gcm (RFC 8188). Key and salt are new for each message.

    Raises ValueError if p256dh is no point of the curve, or the message is longer than LONGEST bytes.
    """
    if len(message) > LONGEST:
        raise ValueError("the message is too long for a push")
    key = key or ec.generate_private_key(CURVE)
    salt = salt or os.urandom(16)
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, p256dh))
    secret = HKDF(HASH, 32, auth, b"WebPush: info\0" + p256dh + point).derive(shared)
    content_key = HKDF(HASH, 16, salt, b"Content-Encoding: aes128gcm\0").derive(secret)
    nonce = HKDF(HASH, 12, salt, b"Content-Encoding: nonce\0").derive(secret)
    head = salt + RECORD_BYTES.to_bytes(4) + bytes((len(point),)) + point
    return head + AESGCM(content_key).encrypt(nonce, message + b"\x02", None)  # the last record's delimiter
