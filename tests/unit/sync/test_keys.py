"""The sync key as text, and derived keys."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from app.sync import keys
from app.sync.checked_text import ALPHABET, KeyTextError

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
some_key = st.binary(min_size=32, max_size=32)


@given(some_key)
def test_a_key_is_parsed_from_any_spelling_of_its_text(key: bytes) -> None:
    text = keys.to_text(key)
    assert len(text) == 14 * 4 + 13
    assert keys.from_text(text) == key
    assert keys.from_text(f"  {text.lower().replace('-', ' ')}\n") == key
    assert keys.from_text(text.replace("0", "o").replace("1", "l")) == key


@given(some_key, st.integers(0, 55), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_detected(key: bytes, place: int, wrong: str) -> None:
    digits = keys.to_text(key).replace("-", "")
    mistyped = digits[:place] + wrong + digits[place + 1 :]
    if mistyped == digits:
        assert keys.from_text(mistyped) == key
    else:
        # With a checksum of three bytes, one error in 16 million is not detected.
        with pytest.raises(KeyTextError) as caught:
            keys.from_text(mistyped)
        assert caught.value.code == "checksum"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "length"),
        ("ABCD-1234", "length"),
        ("héron", "character"),
        ("U" * 56, "character"),
        ("0" * 57, "length"),
        (f"https://kaeru.example/pair#{keys.to_text(bytes(32))}", "character"),
    ],
)
def test_invalid_key_text_is_rejected_with_a_code(text: str, code: str) -> None:
    with pytest.raises(KeyTextError) as caught:
        keys.from_text(text)
    assert caught.value.code == code


@given(some_key, st.binary(max_size=20), st.binary(max_size=20), st.integers(1, 100))
def test_hkdf_equals_the_library_implementation(key: bytes, salt: bytes, info: bytes, length: int) -> None:
    expected = HKDF(SHA256(), length, salt, info).derive(key)
    assert keys.hkdf(key, salt, info, length) == expected


def test_keys_match_the_published_vectors() -> None:
    key = bytes.fromhex(VECTORS["key"])
    derived = keys.derive(key)
    assert keys.to_text(key) == VECTORS["text"]
    assert derived.account == VECTORS["account"]
    assert derived.secret.hex() == VECTORS["secret"]
    assert derived.sealing.hex() == VECTORS["sealing"]
    assert derived.reminders.hex() == VECTORS["reminders"]


def test_account_fingerprints_have_three_groups_and_differ() -> None:
    first, second = (keys.account_fingerprint(f"{number:032x}") for number in (1, 2))
    assert [len(group) for group in first.split("-")] == [4, 4, 4]
    assert first != second
    assert keys.account_fingerprint(f"{1:032X}") == first
