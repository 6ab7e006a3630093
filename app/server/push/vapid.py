"""This server's identity to push services: a key pair, and tokens signed with it (VAPID, RFC 8292)."""

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
TOKEN_USE = timedelta(hours=6)  # before a new token is signed: the service's clock may be ahead

LEAST_USE = timedelta(minutes=20)  # Apple's service rejects tokens that are renewed more often


def stored_key(connection: Connection) -> bytes | None:
    """Read the private key's number from the database; None if there is none yet."""
    statement = select(col(ServerKeyRow.value)).where(col(ServerKeyRow.name) == NAME)
    return connection.execute(statement).scalar_one_or_none()


def make_key(connection: Connection) -> bytes | None:
    """Create the key unless another process already has; return the stored one."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32, "big")
    connection.execute(
        insert_or(connection.dialect.name, ServerKeyRow).on_conflict_do_nothing(),
        {"name": NAME, "value": number},
    )
    return stored_key(connection)


class Identity:
    """The server's VAPID key: from the settings, else from the database, where it is created on first use.

    Devices subscribe with it, so they must all subscribe again if it is lost.
    """

    def __init__(self, database: Database, private_key: str | None) -> None:
        self._database = database
        self._key = read_private_key(private_key) if private_key else None

    async def private_key(self) -> ec.EllipticCurvePrivateKey:
        """Return the private key. The first call may raise DatabaseUnavailableError."""
        if self._key is None:
            number = await self._database.read(stored_key) or await self._database.write(make_key)
            self._key = private_key_of(number or b"")
        return self._key

    async def public_key(self) -> bytes:
        """Return the application server key: 65 bytes, uncompressed. Raises like `private_key`."""
        key = await self.private_key()
        return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class Tokens:
    """Caches the Authorization header of each push service and signs a new one every few hours.

    A token signed at a future time isn't used: the clock was wrong then, and services refuse an `exp` too far
    ahead.
    """

    def __init__(self, identity: Identity, contact: str, now: Callable[[], datetime]) -> None:
        self._identity = identity
        self._contact = contact
        self._now = now
        self._headers: dict[str, tuple[str, datetime]] = {}  # header, time of signing
        self._signing = asyncio.Lock()

    async def authorization(self, service: str) -> str:
        """Return the header for a service, given by its origin, such as https://push.example."""
        if header := self._cached(service):
            return header
        async with self._signing:
            return self._cached(service) or await self._sign(service)

    def refused(self, service: str, header: str) -> None:
        """Discard a refused token, unless it is recent: services limit how often tokens change."""
        cached, signed_at = self._headers.get(service, ("", self._now()))
        if cached == header and self._now() - signed_at >= LEAST_USE:
            del self._headers[service]

    def _cached(self, service: str) -> str | None:
        if service not in self._headers:
            return None
        header, signed_at = self._headers[service]
        return header if signed_at <= self._now() < signed_at + TOKEN_USE else None

    async def _sign(self, service: str) -> str:
        # RFC 8292 allows any https URL as contact; py_vapid's strict check rejects one with a path.
        vapid = Vapid02(await self._identity.private_key(), {"no-strict": True})
        now = self._now()
        expiry = now + TOKEN_LIFE
        signed = vapid.sign({"aud": service, "sub": self._contact, "exp": int(expiry.timestamp())})
        header: str = signed["Authorization"]
        self._headers[service] = header, now
        return header
