"""Who this server is to push services: a key pair, and tokens signed with it (VAPID, RFC 8292)."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from sqlalchemy import Connection, select
from sqlmodel import col

from app.server.database.engine import Database, insert_or
from app.server.database.tables import ServerKeyRow
from app.server.signing_key import private_key_of, read_private_key

NAME = "vapid"
TOKEN_LIFE = timedelta(hours=12)  # RFC 8292 allows 24
TOKEN_USE = timedelta(hours=6)  # before another is signed: the service's clock may be ahead of this one

LEAST_USE = timedelta(minutes=20)  # Apple's service refuses who signs more often than that


def kept_key(connection: Connection) -> bytes | None:
    """The private key's number, if the server has made one already."""
    statement = select(col(ServerKeyRow.value)).where(col(ServerKeyRow.name) == NAME)
    return connection.execute(statement).scalar_one_or_none()


def make_key(connection: Connection) -> bytes | None:
    """Make the key, unless another process was quicker; give what is kept."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32, "big")
    connection.execute(
        insert_or(connection.dialect.name, ServerKeyRow).on_conflict_do_nothing(),
        {"name": NAME, "value": number},
    )
    return kept_key(connection)


class Identity:
    """The server's key: what is set, or else what the database keeps, made when it is first asked for.

    Devices subscribe with it, so losing it means that each has to subscribe anew.
    """

    def __init__(self, database: Database, private_key: str | None) -> None:
        self._database = database
        self._key = read_private_key(private_key) if private_key else None

    async def private_key(self) -> ec.EllipticCurvePrivateKey:
        """Raises DatabaseUnavailableError, the first time."""
        if self._key is None:
            number = await self._database.read(kept_key) or await self._database.write(make_key)
            self._key = private_key_of(number or b"")
        return self._key

    async def public_key(self) -> bytes:
        """65 bytes, uncompressed: what browsers call the application server key. Raises as above."""
        key = await self.private_key()
        return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class Tokens:
    """The Authorization header for each push service, signed anew every few hours.

    One that was signed in what is now the future is not used: the clock was wrong, and services refuse an
    `exp` that is too far ahead.
    """

    def __init__(self, identity: Identity, contact: str, now: Callable[[], datetime]) -> None:
        self._identity = identity
        self._contact = contact
        self._now = now
        self._kept: dict[str, tuple[str, datetime]] = {}  # and when it was signed
        self._signing = asyncio.Lock()

    async def authorization(self, service: str) -> str:
        """`service`: its origin, as https://push.example."""
        if header := self._fresh(service):
            return header
        async with self._signing:
            return self._fresh(service) or await self._sign(service)

    def refused(self, service: str, header: str) -> None:
        """Sign anew for a service that does not accept a token, but not all the time: services limit that."""
        kept, signed_at = self._kept.get(service, ("", self._now()))
        if kept == header and self._now() - signed_at >= LEAST_USE:
            del self._kept[service]

    def _fresh(self, service: str) -> str | None:
        if service not in self._kept:
            return None
        header, signed_at = self._kept[service]
        return header if signed_at <= self._now() < signed_at + TOKEN_USE else None

    async def _sign(self, service: str) -> str:
        # Any https address is a contact to RFC 8292; py_vapid's own check wants one without a path.
        vapid = Vapid02(await self._identity.private_key(), {"no-strict": True})
        now = self._now()
        expiry = now + TOKEN_LIFE
        signed = vapid.sign({"aud": service, "sub": self._contact, "exp": int(expiry.timestamp())})
        header: str = signed["Authorization"]
        self._kept[service] = header, now
        return header
