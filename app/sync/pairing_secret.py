"""The one-time pairing secret: its text, its links, derived keys, and parsing of user input."""

import secrets
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs, quote, urlsplit

from app.sync import keys
from app.sync.addresses import pairing_server
from app.sync.checked_text import KeyTextError, digits_of, from_digits, text_length, to_groups

SECRET_BYTES = 17
OLD_LINK = "old-link"
"""Replaces the sync key in links of the first edition; the key itself is discarded at once."""
APP_SCHEME = "kaeru"

_LABEL = b"kaeru pairing secret"
_SALT = b"kaeru/pair/1"


@dataclass(frozen=True)
class PairingSecret:
    """The secret by which two devices pair, once, within ten minutes."""

    secret: bytes = field(repr=False)
    id: str  # hexadecimal; identifies the pairing on the server
    transport: bytes = field(repr=False)  # AES-256 key for the messages between the two devices

    @classmethod
    def of(cls, secret: bytes) -> "PairingSecret":
        return cls(
            secret,
            keys.hkdf(secret, _SALT, b"id", 16).hex(),
            keys.hkdf(secret, _SALT, b"transport", 32),
        )

    @classmethod
    def new(cls) -> "PairingSecret":
        """A random secret of 136 bits from the operating system."""
        return cls.of(secrets.token_bytes(SECRET_BYTES))

    @property
    def text(self) -> str:
        """The secret as 8 groups of 4 characters."""
        return to_groups(self.secret, _LABEL)

    def link(self, server: str) -> str:
        """A link to the app in a browser. Browsers do not send the part after "#"."""
        return f"{server}/pair#{self.text}"

    def app_link(self, server: str) -> str:
        """A link to the installed app."""
        return f"{APP_SCHEME}://pair?server={quote(server, safe='')}#{self.text}"


@dataclass(frozen=True)
class PairingEntry:
    """What the user entered, or the link they opened.

    "pairing": `secret` is a pairing secret. "key": `secret` is the sync key, without a link. "old_link": a
    link with a sync key, as created by the first edition. `server` is the link's.
    """

    kind: Literal["pairing", "key", "old_link"]
    server: str = ""
    secret: bytes = field(default=b"", repr=False)


def read_entry(text: str) -> PairingEntry:
    """Parse user input. Raises KeyTextError, with "length" if it is neither a secret nor a key."""
    address, is_link, words = text.strip().rpartition("#")
    if words.strip() == OLD_LINK:
        return PairingEntry("old_link")
    server = _server_of(address, text) if is_link else ""
    digits = digits_of(words)
    if len(digits) == text_length(keys.KEY_BYTES):
        return (
            PairingEntry("old_link", server) if is_link else PairingEntry("key", secret=keys.from_text(words))
        )
    if len(digits) != text_length(SECRET_BYTES):
        raise KeyTextError("length")
    return PairingEntry("pairing", server, from_digits(digits, SECRET_BYTES, _LABEL))


def without_key(words: str) -> str:
    """The fragment of a link, safe to store: a sync key is replaced by OLD_LINK."""
    try:
        long = len(digits_of(words)) >= text_length(keys.KEY_BYTES)
    except KeyTextError:
        return words
    return OLD_LINK if long else words


def _server_of(address: str, text: str) -> str:
    if address.startswith(f"{APP_SCHEME}:"):
        return parse_qs(urlsplit(address).query).get("server", [""])[0]
    return pairing_server(text)
