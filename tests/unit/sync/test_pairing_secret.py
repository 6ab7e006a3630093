"""The pairing secret as text and links, and other accepted input."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sync import keys
from app.sync.checked_text import ALPHABET, KeyTextError
from app.sync.pairing_secret import OLD_LINK, PairingEntry, PairingSecret, read_entry, without_key

SERVER = "https://kaeru.example"
SECRET = PairingSecret.of(bytes(range(17)))
KEY = bytes(range(32))
some_secret = st.binary(min_size=17, max_size=17)


@given(some_secret)
def test_a_secret_is_parsed_from_its_text_and_links_in_any_spelling(secret: bytes) -> None:
    made = PairingSecret.of(secret)
    assert [len(group) for group in made.text.split("-")] == [4] * 8
    typed = made.text.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert read_entry(f" {typed}\n") == PairingEntry("pairing", "", secret)
    assert read_entry(made.link(SERVER)) == PairingEntry("pairing", SERVER, secret)
    assert read_entry(made.app_link(SERVER)) == PairingEntry("pairing", SERVER, secret)


@given(some_secret, st.integers(0, 31), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_detected(secret: bytes, place: int, wrong: str) -> None:
    digits = PairingSecret.of(secret).text.replace("-", "")
    mistyped = digits[:place] + wrong + digits[place + 1 :]
    if mistyped != digits:
        with pytest.raises(KeyTextError) as caught:
            read_entry(mistyped)
        assert caught.value.code == "checksum"


def test_links_have_the_secret_in_the_fragment() -> None:
    assert SECRET.link(SERVER) == f"{SERVER}/pair#{SECRET.text}"
    assert SECRET.app_link(SERVER) == f"kaeru://pair?server={quote(SERVER, safe='')}#{SECRET.text}"


def test_a_key_is_accepted_alone_but_not_in_a_link() -> None:
    text = keys.to_text(KEY)
    assert read_entry(text) == PairingEntry("key", secret=KEY)
    for link in (f"{SERVER}/pair#{text}", f"kaeru://pair?server={quote(SERVER, safe='')}#{text}"):
        assert read_entry(link) == PairingEntry("old_link", SERVER)
        assert read_entry(link[:-1] + ("0" if link[-1] != "0" else "1")) == PairingEntry("old_link", SERVER)
    assert read_entry(OLD_LINK) == PairingEntry("old_link")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "length"),
        ("ABCD-1234", "length"),
        (f"{SERVER}/pair#", "length"),
        (f"{SERVER}/pair#ABCD", "length"),
        ("héron", "character"),
        (f"{SERVER}/pair#héron", "character"),
        ("0" * 33, "length"),
        (keys.to_text(KEY)[:-1], "length"),
        ("0" * 56, "checksum"),
        ("0" * 32, "checksum"),
    ],
)
def test_invalid_input_is_rejected_with_a_code(text: str, code: str) -> None:
    with pytest.raises(KeyTextError) as caught:
        read_entry(text)
    assert caught.value.code == code


@pytest.mark.parametrize("words", [keys.to_text(KEY), keys.to_text(KEY).lower().replace("-", "")])
def test_a_key_in_a_link_is_discarded(words: str) -> None:
    assert without_key(words) == OLD_LINK
    assert without_key(SECRET.text) == SECRET.text
    assert without_key("héron") == "héron"
