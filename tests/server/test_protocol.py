"""docs/protocol.md matches the server, and its test vectors hold with third-party libraries."""

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.server.web.problems import PROBLEMS

PROTOCOL = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text()
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@pytest.fixture
def vectors() -> dict[str, Any]:
    (written,) = re.findall(r"## Test vectors.*?```json\n(.*?)```", PROTOCOL, re.DOTALL)
    found: dict[str, Any] = json.loads(written)
    return found


def derive(vectors: dict[str, Any], info: bytes, length: int) -> bytes:
    hkdf = HKDF(hashes.SHA256(), length, b"kaeru/1", info)
    return hkdf.derive(bytes.fromhex(vectors["key"]))


def test_the_key_schedule_matches_the_vectors(vectors: dict[str, Any]) -> None:
    assert derive(vectors, b"account", 16).hex() == vectors["account"]
    assert derive(vectors, b"authentication", 32) == base64.urlsafe_b64decode(vectors["secret"] + "=")
    assert derive(vectors, b"sealing", 32).hex() == vectors["sealing"]


def test_the_key_change_matches_the_vectors(vectors: dict[str, Any]) -> None:
    change = vectors["change"]
    assert vectors["kaeru_key"] == vectors["account"][:16]
    assert derive(change, b"account", 16).hex() == change["account"]
    assert change["info"] == f"kaeru/1 grant {change['account']} {change['epoch']} {change['device']}"
    proven_by = derive(vectors, b"grant", 32)
    assert proven_by.hex() == vectors["grant"]
    proof = hmac.digest(proven_by, change["info"].encode() + b"\0" + bytes.fromhex(change["key"]), "sha256")
    assert base64.urlsafe_b64encode(proof).rstrip(b"=").decode() == change["proof"]


def test_the_text_form_of_the_key_matches_the_vectors(vectors: dict[str, Any]) -> None:
    groups = vectors["text"].split("-")
    assert [len(group) for group in groups] == [4] * 14
    number = 0
    for character in "".join(groups):
        number = number * 32 + CROCKFORD.index(character)
    whole = number.to_bytes(35, "big")
    assert whole[:32].hex() == vectors["key"]
    assert whole[32:] == hashlib.sha256(b"kaeru sync key" + whole[:32]).digest()[:3]


def test_the_boxes_of_the_vectors_open(vectors: dict[str, Any]) -> None:
    key = AESGCM(bytes.fromhex(vectors["sealing"]))
    for each in vectors["boxes"]:
        box = base64.urlsafe_b64decode(each["box"] + "=" * (-len(each["box"]) % 4))
        assert key.decrypt(box[:12], box[12:], each["associated"].encode()) == each["plain"].encode()


def test_every_problem_code_is_documented_with_its_status() -> None:
    table = PROTOCOL.partition("## Problems")[2]
    rows = re.findall(r"^\| (`[a-z_`, ]+) \| ([0-9][^|]*) \|", table, re.MULTILINE)
    described = {
        code: {int(status) for status in re.findall(r"\d{3}", statuses)}
        for codes, statuses in rows
        for code in re.findall(r"[a-z_]+", codes)
    }
    assert set(described) == set(PROBLEMS)
    for code, (status, _title) in PROBLEMS.items():
        assert status in described[code]
