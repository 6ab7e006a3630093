"""Where the server's database is: a file of SQLite's, or PostgreSQL's hosts as libpq's URLs name them.

libpq's own reader takes the URL apart, so that everything it knows works here: several hosts, Unix sockets,
certificates. What it says about a URL that it cannot read may quote the password, so no error repeats it.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

SCHEME = re.compile(r"^postgres(ql)?://")
AUTHORITY_END = re.compile(r"[/?#]")
HOST = re.compile(r"[A-Za-z0-9_.:%-]*|/.*|@.*")  # a name, an address, or a folder of Unix sockets
PREPARE = "prepare_threshold"


class AddressError(ValueError):
    """The URL cannot be used. The message repeats nothing of it: any part may belong to a password."""


@dataclass(frozen=True)
class DatabaseAddress:
    """An SQLite file, or else what `psycopg.connect` takes. The password is among the parameters."""

    file: Path | None = None
    parameters: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of_url(cls, url: str, connect_seconds: int) -> "DatabaseAddress":
        """Raises AddressError."""
        if not SCHEME.match(url):
            raise AddressError("must begin with postgresql:// (without it, SQLite is used)")
        check_authority(url)
        url, threshold = split_threshold(url)
        try:
            parameters: dict[str, Any] = conninfo_to_dict(url)
        except ProgrammingError:
            raise AddressError(f"cannot be read: {ENCODING_HELP}") from None
        hosts = hosts_in(parameters)
        ports = str(parameters.get("port") or "").split(",")
        if not all(map(HOST.fullmatch, hosts)) or not all(map(is_port, ports)):
            raise AddressError(f"has a host or port that cannot be one: {ENCODING_HELP}")
        # A pooler such as PgBouncer hands each transaction to another of PostgreSQL's sessions, which does
        # not know the statements that were prepared in the one before.
        defaults = {"connect_timeout": connect_seconds, "application_name": "kaeru"}
        return cls(parameters={**defaults, **parameters, PREPARE: threshold})

    @property
    def is_sqlite(self) -> bool:
        return self.file is not None

    @property
    def hosts(self) -> list[str]:
        """Names, addresses or folders of Unix sockets; empty texts and SQLite are this machine."""
        return hosts_in(self.parameters)

    def without_password(self, text: str) -> str:
        """What the database or its driver says, without the password should that be in it."""
        for name in ("password", "sslpassword"):
            if secret := self.parameters.get(name):
                text = text.replace(str(secret), "***")
        return text


ENCODING_HELP = "percent-encode special characters in the user name and password (RFC 3986), as %40 for @"


def hosts_in(parameters: dict[str, Any]) -> list[str]:
    return str(parameters.get("host") or "").split(",")


def check_authority(url: str) -> None:
    """Raise AddressError where an unencoded character would cut the password in two.

    Its second half would then be taken for a host, a port or a name, and be shown in errors as such.
    """
    rest = SCHEME.sub("", url)
    authority = AUTHORITY_END.split(rest, maxsplit=1)[0]
    if rest.count("@") > 1 or rest.count("@") != authority.count("@"):
        raise AddressError(f"has an @ that is out of place: {ENCODING_HELP}")


def split_threshold(url: str) -> tuple[str, int | None]:
    """Take psycopg's `prepare_threshold`, which is not among libpq's parameters, out of a URL.

    It is how often a statement runs before it is prepared; None: no statement is. Raises AddressError.
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


def is_port(text: str) -> bool:
    return text == "" or (text.isascii() and text.isdecimal() and 0 < int(text) < 65536)
