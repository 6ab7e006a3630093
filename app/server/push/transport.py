"""Posts pushes to one push service with aiohttp, over persistent HTTP/1.1 connections to checked addresses.

Every known service accepts HTTP/1.1: the common libraries (pywebpush, web-push for Node) use nothing else. A
connection carries one push at a time, so a broken one leaves a single push in doubt.
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

CONNECTIONS = 128  # to one service; at 50 ms a response they carry 2,500 pushes a second
CONNECT_SECONDS = 5
KEEP_SECONDS = 30  # idle connections are kept open
BREAK_SECONDS = 1  # no push is attempted after a failure to connect
ANSWER_BYTES = 16_384  # read of a response's body; a connection with more to read is closed
CONNECTION_LOST = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, aiohttp.ClientConnectionResetError)
DEFAULT_HEADERS = ("Accept", "Accept-Encoding", "User-Agent")  # aiohttp's defaults, which a push doesn't need


class NoConnectionError(OSError):
    """The push service is unreachable."""


def tls_context() -> ssl.SSLContext:
    """Create a TLS context that trusts SSL_CERT_FILE or SSL_CERT_DIR if set, else Mozilla's CA list."""
    context = httpx.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class CheckedResolver(AbstractResolver):
    """Resolves a name to its permitted addresses, for every new connection.

    aiohttp connects to exactly these, so the name can't resolve to another address in between.
    """

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve the host. Raises OSError, including ForbiddenAddressError."""
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
        """Do nothing: the resolver holds no resources."""


class PushTransport:
    """Posts to one origin, without redirects, cookies or the environment's proxies."""

    def __init__(self, endpoint: Endpoint, allowed: Allowed, context: ssl.SSLContext) -> None:
        self._origin = endpoint.service
        self._allowed = allowed
        self._context = context
        self._client: aiohttp.ClientSession | None = None  # created in the event loop that uses it
        self._broken_until = 0.0  # by the event loop's clock

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str]]:
        """Send a push and return the response's status and headers.

        If the connection is lost before the response, the push is sent once more and may arrive twice.

        Raises NoConnectionError if no connection can be made, aiohttp.ClientError for other faults.
        """
        if asyncio.get_running_loop().time() < self._broken_until:
            raise NoConnectionError("the service could not be reached a moment ago")
        try:
            return await self._post(path, headers, body)
        except CONNECTION_LOST:
            # The service may have closed an idle connection while the push was being sent.
            return await self._post(path, headers, body)

    async def close(self) -> None:
        if self._client:
            await self._client.close()

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
        if self._client is None:
            self._client = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=self._context,
                    resolver=CheckedResolver(self._allowed),
                    use_dns_cache=False,  # addresses are checked at every connect
                    limit=CONNECTIONS,
                    keepalive_timeout=KEEP_SECONDS,
                ),
                # The caller sets a timeout for the whole push.
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=DEFAULT_HEADERS,
                auto_decompress=False,
                trust_env=False,
            )
        return self._client
