"""Keys, boxes and grants, as specified by docs/protocol.md under Keys, Boxes and Changing the key."""

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HPKE = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_128_GCM)


def encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def base32(value: bytes, bits: int) -> str:
    """Encode the first bits of a value, five per character, in groups of four."""
    number = int.from_bytes(value) >> (len(value) * 8 - bits)
    digits = [CROCKFORD[number >> shift & 31] for shift in range(bits - 5, -1, -5)]
    return "-".join("".join(digits[first : first + 4]) for first in range(0, len(digits), 4))


def write_secret(secret: bytes, about: bytes) -> str:
    whole = secret + hashlib.sha256(about + secret).digest()[:3]
    return base32(whole, len(whole) * 8)


def read_secret(text: str, about: bytes) -> bytes:
    """Parse a secret. Raises ValueError for a wrong checksum or a character outside base 32."""
    plain = "".join(text.upper().split()).replace("-", "")
    digits = plain.replace("O", "0").replace("I", "1").replace("L", "1")
    number = 0
    for digit in digits:
        number = number << 5 | CROCKFORD.index(digit)
    secret = number.to_bytes(len(digits) * 5 // 8)[:-3]
    if write_secret(secret, about).replace("-", "") != digits:
        raise ValueError("wrong checksum")
    return secret


SYNC_KEY = b"kaeru sync key"
PAIRING_SECRET = b"kaeru pairing secret"


def derive(secret: bytes, info: str, length: int, salt: str = "kaeru/1") -> bytes:
    return HKDF(hashes.SHA256(), length, salt.encode(), info.encode()).derive(secret)


def fingerprint(account: str) -> str:
    return base32(hashlib.sha256(b"kaeru account" + bytes.fromhex(account)).digest(), 60)


@dataclass(frozen=True)
class Key:
    """A sync key and the values derived from it."""

    sync: bytes

    @property
    def text(self) -> str:
        return write_secret(self.sync, SYNC_KEY)

    @property
    def account(self) -> str:
        return derive(self.sync, "account", 16).hex()

    @property
    def secret(self) -> str:
        return encode(derive(self.sync, "authentication", 32))

    @property
    def sealing(self) -> bytes:
        return derive(self.sync, "sealing", 32)

    @property
    def header(self) -> str:
        return self.account[:16]

    def prove(self, info: bytes, key: bytes) -> bytes:
        return hmac.digest(derive(self.sync, "grant", 32), info + b"\0" + key, "sha256")


def seal(key: bytes, plain: bytes, associated: str, nonce: bytes | None = None) -> str:
    nonce = nonce or os.urandom(12)
    return encode(nonce + AESGCM(key).encrypt(nonce, plain, associated.encode()))


def unseal(key: bytes, box: str, associated: str) -> bytes | None:
    """Decrypt a box; None if this key doesn't open it."""
    whole = decode(box)
    try:
        return AESGCM(key).decrypt(whole[:12], whole[12:], associated.encode())
    except (InvalidTag, ValueError):
        return None


def new_private_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def read_public(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def grant_info(key: Key, epoch: int, device: str) -> bytes:
    return f"kaeru/1 grant {key.account} {epoch} {device}".encode()


def open_grant(
    grant: str,
    private: ec.EllipticCurvePrivateKey,
    account: str,
    epoch: int,
    device: str,
    known: dict[int, Key],
) -> Key:
    """Open a grant. Raises ValueError if its key is another account's, or lacks a known key's proof."""
    info = f"kaeru/1 grant {account} {epoch} {device}".encode()
    content = json.loads(HPKE.decrypt(decode(grant), private, info))
    key = Key(decode(content["key"]))
    if key.account != account:
        raise ValueError("the grant holds the key of another account")
    newest = max(known)
    proof = decode(content["proofs"].get(str(newest), ""))
    if not hmac.compare_digest(proof, known[newest].prove(info, key.sync)):
        raise ValueError("nobody who holds the current key made this grant")
    return key
