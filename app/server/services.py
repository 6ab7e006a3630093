"""A push service as this server reaches it: over few connections, to addresses that were looked at."""

import asyncio
import ssl

import httpx

from app.server.endpoints import Allowed, Endpoint
from app.server.http2 import ConnectionLostError, Headers, Http2Connection

CONNECTIONS = 4  # HTTP/2, to one service
STREAMS = 64  # requests on one of them, beyond which another is opened
CONNECT_SECONDS = 5
REFUSAL_SECONDS = 1  # for so long after a connection could not be made, none is tried


class NoConnectionError(OSError):
    """The push service cannot be reached now."""


def tls_context() -> ssl.SSLContext:
    """Verifies against SSL_CERT_FILE or SSL_CERT_DIR if set, else against Mozilla's list; offers HTTP/2."""
    context = httpx.create_ssl_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


class PushService:
    """Sends requests to one origin. No redirect is followed, no proxy of the environment used."""

    def __init__(self, endpoint: Endpoint, allowed: Allowed, context: ssl.SSLContext) -> None:
        self._scheme, self._host, self._port = endpoint.scheme, endpoint.host, endpoint.port
        self._authority = endpoint.authority
        self._allowed = allowed
        self._context = context
        self._connections: list[Http2Connection] = []
        self._connecting = asyncio.Lock()
        self._refused_until = 0.0  # of the event loop's clock
        self._http1_address: str | None = None  # of a service that speaks no HTTP/2
        self._http1 = httpx.AsyncClient(
            verify=context,
            trust_env=False,
            timeout=None,  # noqa: S113 - who asks sets one for all there is to do
            limits=httpx.Limits(max_connections=CONNECTIONS * STREAMS),
        )

    async def post(self, path: str, headers: Headers, body: bytes) -> tuple[int, Headers]:
        """The answer's status and headers.

        Raises OSError (NoConnectionError, ConnectionLostError and others), httpx.TransportError.
        """
        try:
            return await self._post(path, headers, body)
        except ConnectionLostError:
            # Servers end a connection now and then; what was under way goes once more on another.
            return await self._post(path, headers, body)

    async def close(self) -> None:
        for connection in self._connections:
            connection.abort()
        await self._http1.aclose()

    async def _post(self, path: str, headers: Headers, body: bytes) -> tuple[int, Headers]:
        connection = self._free_connection()
        if connection is None and self._http1_address is None:
            async with self._connecting:
                connection = self._free_connection()
                if connection is None and self._http1_address is None:
                    connection = await self._connect()
        if connection:
            return await connection.post(path, headers, body)
        if self._http1_address is None:
            raise NoConnectionError("the service could not be reached")
        return await self._post_http1(self._http1_address, path, headers, body)

    def _free_connection(self) -> Http2Connection | None:
        """The first that has room, for more to be written at once; none if there may be another."""
        self._connections = [connection for connection in self._connections if not connection.closed]
        for connection in self._connections:
            if connection.load < min(STREAMS, connection.streams):
                return connection
        if len(self._connections) < CONNECTIONS:
            return None
        return min(self._connections, key=lambda connection: connection.load)

    async def _connect(self) -> Http2Connection | None:
        """A new connection; None if the service speaks HTTP/1.1 alone. Raises NoConnectionError."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._refused_until:
            raise NoConnectionError("a moment ago the service could not be reached")
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await self._connect_to_any(await self._allowed.addresses(self._host, self._port))
        except (OSError, TimeoutError) as error:
            self._refused_until = loop.time() + REFUSAL_SECONDS
            raise NoConnectionError(str(error) or "no answer") from error

    async def _connect_to_any(self, addresses: list[str]) -> Http2Connection | None:
        for address in addresses:
            if self._scheme == "http":
                self._http1_address = address
                return None
            try:
                connection = await self._open(address)
            except OSError:
                if address == addresses[-1]:
                    raise
                continue
            if not connection.agreed:
                connection.abort()
                self._http1_address = address
                return None
            self._connections.append(connection)
            return connection
        raise NoConnectionError("the service has no address")

    async def _open(self, address: str) -> Http2Connection:
        _transport, connection = await asyncio.get_running_loop().create_connection(
            lambda: Http2Connection(self._scheme, self._authority),
            address,
            self._port,
            ssl=self._context,
            server_hostname=self._host,
        )
        return connection

    async def _post_http1(
        self, address: str, path: str, headers: Headers, body: bytes
    ) -> tuple[int, Headers]:
        url = httpx.URL(scheme=self._scheme, host=address, port=self._port, raw_path=path.encode())
        named = {"sni_hostname": self._host}  # the address is connected to, the name is asked for
        sent = {**headers, "host": self._authority}
        try:
            answer = await self._http1.post(url, headers=sent, content=body, extensions=named)
        except httpx.ConnectError:
            self._http1_address = None  # the name may have come to mean another
            raise
        return answer.status_code, dict(answer.headers)
