"""The pairing vectors in docs/protocol.md hold with third-party libraries and with the app's code."""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.sync import keys
from app.sync.pairing_messages import (
    check_commitment,
    code_of,
    offer_to_json,
    read_offer,
    read_request,
    read_reveal,
    request_to_json,
    reveal_to_json,
    transcript_of,
)
from app.sync.pairing_secret import PairingSecret, read_entry

PROTOCOL = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text()
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@pytest.fixture
def vectors() -> dict[str, Any]:
    (written,) = re.findall(r"### Pairing\n.*?```json\n(.*?)```", PROTOCOL, re.DOTALL)
    found: dict[str, Any] = json.loads(written)
    return found


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def in_base32(number: int, length: int) -> str:
    digits = "".join(CROCKFORD[number >> 5 * place & 31] for place in reversed(range(length)))
    return "-".join(digits[at : at + 4] for at in range(0, length, 4))


def test_the_secret_matches_the_vectors(vectors: dict[str, Any]) -> None:
    secret = bytes.fromhex(vectors["secret"])
    whole = secret + sha(b"kaeru pairing secret", secret)[:3]
    assert in_base32(int.from_bytes(whole, "big"), 32) == vectors["text"]
    for info, length in (("id", 16), ("transport", 32)):
        derived = HKDF(hashes.SHA256(), length, b"kaeru/pair/1", info.encode()).derive(secret)
        assert derived.hex() == vectors[info]


def test_the_fingerprint_matches_the_vectors(vectors: dict[str, Any]) -> None:
    digest = sha(b"kaeru account", bytes.fromhex(vectors["account"]))
    assert in_base32(int.from_bytes(digest[:8], "big") >> 4, 12) == vectors["fingerprint"]


def test_the_code_matches_the_vectors(vectors: dict[str, Any]) -> None:
    nonce, offer = decoded(vectors["nonce"]), json.loads(vectors["offer"])
    assert decoded(offer["commitment"]) == sha(b"kaeru/pair/1/commitment", nonce)
    transcript = sha(
        b"kaeru/pair/1/transcript",
        bytes.fromhex(vectors["id"]),
        sha(vectors["offer"].encode()),
        sha(vectors["request"].encode()),
        nonce,
    )
    assert transcript.hex() == vectors["transcript"]
    number = int.from_bytes(sha(b"kaeru/pair/1/code", transcript)[:8], "big") % 1_000_000
    assert f"{number:06d}" == vectors["code"]


def test_the_box_of_the_vectors_opens(vectors: dict[str, Any]) -> None:
    box = decoded(vectors["request_box"])
    bound = f"pairing:request:{vectors['id']}".encode()
    plain = AESGCM(bytes.fromhex(vectors["transport"])).decrypt(box[:12], box[12:], bound)
    assert plain == vectors["request"].encode()


def test_the_apps_code_matches_the_vectors(vectors: dict[str, Any]) -> None:
    secret = PairingSecret.of(bytes.fromhex(vectors["secret"]))
    assert (secret.text, secret.id, secret.transport.hex()) == (
        vectors["text"],
        vectors["id"],
        vectors["transport"],
    )
    assert read_entry(vectors["text"]).secret == secret.secret
    assert keys.account_fingerprint(vectors["account"]) == vectors["fingerprint"]
    offer, request = vectors["offer"].encode(), vectors["request"].encode()
    assert offer_to_json(read_offer(offer)) == offer
    assert request_to_json(read_request(request)) == request
    nonce = read_reveal(vectors["reveal"].encode())
    assert reveal_to_json(nonce) == vectors["reveal"].encode()
    check_commitment(read_offer(offer).commitment, nonce)
    transcript = transcript_of(secret.id, offer, request, nonce)
    assert (transcript.hex(), code_of(transcript)) == (vectors["transcript"], vectors["code"])
