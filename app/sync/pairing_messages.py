"""Pairing messages: contents, encryption and the comparison code (docs/protocol.md, Pairing).

The member sends an offer with a commitment to a nonce, the new device a request with its public key; then the
member reveals the nonce. A transcript covers all of it, and determines the code that the user compares. A man
in the middle must choose values before knowing the devices' values, so two codes are equal only by chance:
once in a million.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from app.platform.base import Hpke, Platform
from app.sync import wire
from app.sync.devices import NAME_LENGTH
from app.sync.errors import SyncError
from app.sync.pairing_secret import PairingSecret

VERSION = 1
NONCE_BYTES = 32
NAMES_BYTES = 4_000
"""Maximum total size of the device names in an offer."""

PairingStep = Literal["offer", "request", "reveal", "answer"]


@dataclass(frozen=True)
class Offer:
    """Shown to the new device's user before joining."""

    server: str  # as known to the member
    account: str  # the account's fingerprint
    device: str  # the member's id in the account
    name: str  # the member's name
    names: tuple[str, ...]  # of the account's other devices
    others: int  # number of other devices; at least that of `names`
    commitment: bytes


def distinct_name(name: str, taken: Collection[str]) -> str:
    """The name, with a number appended if another device of the account already uses it."""
    numbered = (f"{name} {number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(each for each in numbered if each not in taken)


@dataclass(frozen=True)
class Request:
    """Shown to the member's user before the key is given."""

    name: str
    public: bytes  # of the new device's HPKE key pair, generated for this pairing


@dataclass(frozen=True)
class PairingAnswer:
    """What the new device needs to join."""

    account: str  # its id, hexadecimal
    key: bytes = field(repr=False)  # the current sync key


class PairingBoxes:
    """Encrypts and decrypts one pairing's messages. Reading raises SyncError: "pairing_broken", "newer"."""

    def __init__(self, platform: Platform, secret: PairingSecret) -> None:
        self._sealer = platform.sealer(secret.transport)
        self._id = secret.id

    async def seal(self, step: PairingStep, plain: bytes) -> bytes:
        return (await self._sealer.seal([(self._associated_data(step), plain)]))[0]

    async def open(self, step: PairingStep, box: bytes) -> bytes:
        plain = (await self._sealer.open([(self._associated_data(step), box)]))[0]
        if plain is None:
            raise SyncError("pairing_broken")
        return plain

    def _associated_data(self, step: PairingStep) -> bytes:
        return f"pairing:{step}:{self._id}".encode()


def new_nonce() -> bytes:
    return secrets.token_bytes(NONCE_BYTES)


def commitment_to(nonce: bytes) -> bytes:
    return hashlib.sha256(b"kaeru/pair/1/commitment" + nonce).digest()


def check_commitment(commitment: bytes, nonce: bytes) -> None:
    """Raise SyncError("pairing_broken") if the nonce does not match the commitment."""
    if not hmac.compare_digest(commitment, commitment_to(nonce)):
        raise SyncError("pairing_broken")


def transcript_of(id_: str, offer: bytes, request: bytes, nonce: bytes) -> bytes:
    """SHA-256 over both sides' contributions; offer and request as plaintext."""
    parts = (bytes.fromhex(id_), hashlib.sha256(offer).digest(), hashlib.sha256(request).digest(), nonce)
    return hashlib.sha256(b"kaeru/pair/1/transcript" + b"".join(parts)).digest()


def code_of(transcript: bytes) -> str:
    """The 6 digits shown on both devices."""
    digest = hashlib.sha256(b"kaeru/pair/1/code" + transcript).digest()
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"


async def seal_answer(hpke: Hpke, public: bytes, transcript: bytes, answer: PairingAnswer) -> bytes:
    """Seal the key so that only the new device of this transcript can open it, with its ephemeral key."""
    content = {"v": VERSION, "account": answer.account, "key": wire.encode(answer.key)}
    try:
        return await hpke.seal(public, _info(transcript), _to_json(content))
    except ValueError as error:  # not a point on the curve
        raise SyncError("pairing_broken") from error


async def open_answer(hpke: Hpke, private: bytes, transcript: bytes, box: bytes) -> PairingAnswer:
    plain = await hpke.open(private, _info(transcript), box)
    if plain is None:
        raise SyncError("pairing_broken")
    content = _from_json(plain)
    account, key = _text(content, "account"), _bytes(content, "key", 32)
    if len(account) != 32 or set(account) - set("0123456789abcdef"):
        raise SyncError("pairing_broken")
    return PairingAnswer(account, key)


def offer_to_json(offer: Offer) -> bytes:
    return _to_json(
        {
            "v": VERSION,
            "server": offer.server,
            "account": offer.account,
            "device": offer.device,
            "name": offer.name,
            "names": list(offer.names),
            "others": offer.others,
            "commitment": wire.encode(offer.commitment),
        }
    )


def read_offer(plain: bytes) -> Offer:
    content = _from_json(plain)
    names, others = content.get("names"), content.get("others")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise SyncError("pairing_broken")
    if type(others) is not int or others < len(names):
        raise SyncError("pairing_broken")
    return Offer(
        server=clean(_text(content, "server")),
        account=clean(_text(content, "account")),
        device=_text(content, "device"),
        name=clean(_text(content, "name")),
        names=tuple(clean(name) for name in names),
        others=others,
        commitment=_bytes(content, "commitment", 32),
    )


def request_to_json(request: Request) -> bytes:
    return _to_json({"v": VERSION, "name": request.name, "public": wire.encode(request.public)})


def read_request(plain: bytes) -> Request:
    content = _from_json(plain)
    return Request(clean(_text(content, "name")), _bytes(content, "public", 65))


def reveal_to_json(nonce: bytes) -> bytes:
    return _to_json({"v": VERSION, "nonce": wire.encode(nonce)})


def read_reveal(plain: bytes) -> bytes:
    return _bytes(_from_json(plain), "nonce", NONCE_BYTES)


def clean(name: str) -> str:
    """Make another device's text safe to show: one line, limited length, no invisible characters."""
    return "".join(letter if letter.isprintable() else " " for letter in name)[:NAME_LENGTH].strip()


def fit_names(names: Sequence[str]) -> tuple[str, ...]:
    """As many names, from the first on, as fit into an offer."""
    kept: list[str] = []
    left = NAMES_BYTES
    for name in names:
        left -= len(name.encode()) + 4
        if left < 0:
            break
        kept.append(name)
    return tuple(kept)


def _info(transcript: bytes) -> bytes:
    return b"kaeru/pair/1/key" + transcript


def _to_json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _from_json(plain: bytes) -> dict[str, Any]:
    try:
        content = json.loads(plain)
    except (ValueError, RecursionError) as error:
        raise SyncError("pairing_broken") from error
    if not isinstance(content, dict):
        raise SyncError("pairing_broken")
    if isinstance(content.get("v"), int) and content["v"] > VERSION:
        raise SyncError("newer")
    return content


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str):
        raise SyncError("pairing_broken")
    return value


def _bytes(content: dict[str, Any], name: str, length: int) -> bytes:
    try:
        value = wire.decode(_text(content, name))
    except ValueError as error:
        raise SyncError("pairing_broken") from error
    if len(value) != length:
        raise SyncError("pairing_broken")
    return value
