"""Posts pushes to one push service with aiohttp, over kept HTTP/1.1 connections to checked addresses.

Every known service takes HTTP/1.1: the usual libraries (pywebpush, web-push for Node) speak nothing else.
One connection carries one push at a time, so a connection that breaks leaves one push in doubt.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from app.server.push.endpoints import Allowed, Endpoint

CONNECTIONS = 128  # to one service at a time; at 50 ms an answer they carry 2,500 pushes a second
CONNECT_SECONDS = 5
KEEP_SECONDS = 30  # an idle connection is kept
BREAK_SECONDS = 1  # no push is tried for so long after a connection could not be made
ANSWER_BYTES = 16_384  # of an answer's body are read; a connection with more to come is closed
LOST = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, aiohttp.ClientConnectionResetError)
OWN_HEADERS = ("Accept", "Accept-Encoding", "User-Agent")  # aiohttp adds these; a push needs none of them


class NoConnectionError(OSError):
    """The push service cannot be reached now."""


def tls_context() -> ssl.SSLContext:
    """Verifies against SSL_CERT_FILE or SSL_CERT_DIR if set, else against Mozilla's list."""
    context = httpx.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class CheckedResolver(AbstractResolver):
    """Resolves names to the addresses that may be called, at every connect.

    aiohttp connects to exactly these, so a name cannot come to mean another address in between.
    """

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises OSError, ForbiddenAddressError among them."""
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in await self._allowed.addresses(host, port)
        ]

    async def close(self) -> None:
        """Nothing is kept."""


class PushTransport:
    """Posts to one origin. It follows no redirect, keeps no cookie and uses no proxy of the environment."""

    def __init__(self, endpoint: Endpoint, allowed: Allowed, context: ssl.SSLContext) -> None:
        self._origin = endpoint.service
        self._allowed = allowed
        self._context = context
        self._kept: aiohttp.ClientSession | None = None  # made in the event loop that uses it
        self._broken_until = 0.0  # by the event loop's clock

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str]]:
        """Send a push and return the answer's status and headers.

        A push whose connection was lost before the answer is sent once more: it may arrive twice.

        Raises NoConnectionError if no connection can be made, aiohttp.ClientError for other faults.
        """
        if asyncio.get_running_loop().time() < self._broken_until:
            raise NoConnectionError("the service could not be reached a moment ago")
        try:
            return await self._post(path, headers, body)
        except LOST:
            # Services close idle connections, also while a push is on its way.
            return await self._post(path, headers, body)

    async def close(self) -> None:
        if self._kept:
            await self._kept.close()

    async def _post(
        self, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str]]:
        url = URL(f"{self._origin}{path}", encoded=True)
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                await answer.content.read(ANSWER_BYTES)
                return answer.status, answer.headers
        except aiohttp.ClientConnectorError as error:
            raise self._no_connection(error.os_error) from error
        except aiohttp.ConnectionTimeoutError as error:
            raise self._no_connection(error) from error

    def _no_connection(self, cause: Exception) -> NoConnectionError:
        self._broken_until = asyncio.get_running_loop().time() + BREAK_SECONDS
        return NoConnectionError(str(cause))

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._kept is None:
            self._kept = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=self._context,
                    resolver=CheckedResolver(self._allowed),
                    use_dns_cache=False,  # an address is checked when it is connected to
                    limit=CONNECTIONS,
                    keepalive_timeout=KEEP_SECONDS,
                ),
                # The caller limits the whole push.
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=OWN_HEADERS,
                auto_decompress=False,
                trust_env=False,
            )
        return self._kept
