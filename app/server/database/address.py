"""The database's address: an SQLite file, or a PostgreSQL URL as libpq defines it.

libpq's own parser splits the URL, so everything libpq supports works: several hosts, Unix sockets,
certificates. Its error messages may quote the password, so they aren't passed on.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

SCHEME = re.compile(r"^postgres(ql)?://")
AUTHORITY_END = re.compile(r"[/?#]")
HOST = re.compile(r"[A-Za-z0-9_.:%-]*|/.*|@.*")  # a name, an address, or a directory of Unix sockets
PREPARE = "prepare_threshold"


class AddressError(ValueError):
    """The URL is invalid. The message quotes nothing from it: any part may belong to the password."""


@dataclass(frozen=True)
class DatabaseAddress:
    """An SQLite file, or parameters for `psycopg.connect`, which include the password."""

    file: Path | None = None
    parameters: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of_url(cls, url: str, connect_seconds: int) -> "DatabaseAddress":
        """Parse a PostgreSQL URL. Raises AddressError."""
        if not SCHEME.match(url):
            raise AddressError("must begin with postgresql:// (without it, SQLite is used)")
        check_authority(url)
        url, threshold = extract_prepare_threshold(url)
        try:
            parameters: dict[str, Any] = conninfo_to_dict(url)
        except ProgrammingError:
            raise AddressError(f"cannot be read: {ENCODING_HELP}") from None
        hosts = hosts_of(parameters)
        ports = str(parameters.get("port") or "").split(",")
        if not all(map(HOST.fullmatch, hosts)) or not all(map(is_valid_port, ports)):
            raise AddressError(f"has a host or port that cannot be one: {ENCODING_HELP}")
        # Prepared statements are off by default: a pooler such as PgBouncer may run each transaction in
        # another PostgreSQL session, which doesn't have the statements prepared in the previous one.
        defaults = {"connect_timeout": connect_seconds, "application_name": "kaeru"}
        return cls(parameters={**defaults, **parameters, PREPARE: threshold})

    @property
    def is_sqlite(self) -> bool:
        return self.file is not None

    @property
    def hosts(self) -> list[str]:
        """Host names, addresses or Unix socket directories. An empty string is this machine or SQLite."""
        return hosts_of(self.parameters)

    def without_password(self, text: str) -> str:
        """Replace the passwords in a message from the database or its driver with asterisks."""
        for name in ("password", "sslpassword"):
            if secret := self.parameters.get(name):
                text = text.replace(str(secret), "***")
        return text


ENCODING_HELP = "percent-encode special characters in the user name and password (RFC 3986), as %40 for @"


def hosts_of(parameters: dict[str, Any]) -> list[str]:
    return str(parameters.get("host") or "").split(",")


def check_authority(url: str) -> None:
    """Raise AddressError if an unencoded character would split the password.

    The second part would be parsed as a host, port or database name and appear in error messages.
    """
    rest = SCHEME.sub("", url)
    authority = AUTHORITY_END.split(rest, maxsplit=1)[0]
    if rest.count("@") > 1 or rest.count("@") != authority.count("@"):
        raise AddressError(f"has an @ that is out of place: {ENCODING_HELP}")


def extract_prepare_threshold(url: str) -> tuple[str, int | None]:
    """Split psycopg's `prepare_threshold`, which libpq doesn't know, from a URL.

    Returns the URL without it, and its value: the number of executions after which a statement is prepared;
    None: never. Raises AddressError.
    """
    before, mark, query = url.partition("?")
    given = query.split("&")
    values = [each.partition("=")[2] for each in given if each.partition("=")[0] == PREPARE]
    if not values:
        return url, None
    others = "&".join(each for each in given if each.partition("=")[0] != PREPARE)
    value = values[-1]
    if value.lower() in {"", "none"}:
        threshold = None
    elif value.isascii() and value.isdecimal() and len(value) <= 9:
        threshold = int(value)
    else:
        raise AddressError(f"{PREPARE} must be a whole number from 0, or none")
    return f"{before}{mark if others else ''}{others}", threshold


def is_valid_port(text: str) -> bool:
    return text == "" or (text.isascii() and text.isdecimal() and 0 < int(text) < 65536)
