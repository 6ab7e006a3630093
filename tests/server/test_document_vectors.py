"""The test vectors of docs/protocol.md hold for the client written from it alone."""

import json
import re
from pathlib import Path
from typing import Any

from tests.server.document.keys import (
    PAIRING_SECRET,
    Key,
    decode,
    encode,
    fingerprint,
    read_secret,
    seal,
    unseal,
)
from tests.server.document.merging import Version, canonical, merge, read, successor
from tests.server.document.pairing import Pairing, commitment

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text()
VECTORS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)]
KEY_VECTORS = next(block for block in VECTORS if "merges" in block)
PAIRING_VECTORS = next(block for block in VECTORS if "transcript" in block)


def test_the_vectors_of_keys_and_boxes_hold() -> None:
    key = Key(bytes.fromhex(KEY_VECTORS["key"]))
    assert key.text == KEY_VECTORS["text"]
    assert (key.account, key.secret) == (KEY_VECTORS["account"], KEY_VECTORS["secret"])
    assert (key.sealing.hex(), key.header) == (KEY_VECTORS["sealing"], KEY_VECTORS["kaeru_key"])
    assert fingerprint(key.account) == PAIRING_VECTORS["fingerprint"]
    new = KEY_VECTORS["change"]
    proof = key.prove(new["info"].encode(), bytes.fromhex(new["key"]))
    assert (encode(proof), Key(bytes.fromhex(new["key"])).account) == (new["proof"], new["account"])
    for box in KEY_VECTORS["boxes"]:
        plain = unseal(key.sealing, box["box"], box["associated"])
        assert plain == box["plain"].encode()
        assert seal(key.sealing, plain, box["associated"], decode(box["box"])[:12]) == box["box"]


def vector(version: dict[str, Any]) -> Version:
    return read(json.dumps({"v": 1, **version}).encode())


def test_the_vectors_of_pairing_hold() -> None:
    secret = read_secret(PAIRING_VECTORS["text"], PAIRING_SECRET)
    assert secret.hex() == PAIRING_VECTORS["secret"]
    pairing = Pairing(secret)
    assert pairing.id == PAIRING_VECTORS["id"]
    assert pairing.open("request", PAIRING_VECTORS["request_box"]) == PAIRING_VECTORS["request"].encode()
    pairing.offer, pairing.request = PAIRING_VECTORS["offer"].encode(), PAIRING_VECTORS["request"].encode()
    pairing.nonce = decode(PAIRING_VECTORS["nonce"])
    assert commitment(pairing.nonce) == json.loads(pairing.offer)["commitment"]
    assert pairing.transcript.hex() == PAIRING_VECTORS["transcript"]
    assert pairing.code == PAIRING_VECTORS["code"]


def test_the_vectors_of_merging_hold() -> None:
    for value, text in KEY_VECTORS["canonical"]:
        assert canonical(value) == text
    for clock, after in KEY_VECTORS["successors"]:
        assert successor(clock) == after
    for each in KEY_VECTORS["merges"]:
        one, other, result = (vector(each[name]) for name in ("one", "other", "result"))
        assert merge(one, other).same(result), each["about"]
        assert merge(other, one).same(result), each["about"]
