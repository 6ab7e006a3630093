"""Limits connections: their number, how long a request may take, and how slowly a response may be read.

uvicorn alone waits forever for the rest of a request and accepts headers of any length. `sweep()`, called
once a second, closes connections that exceed a time limit; sizes are checked as bytes arrive.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, Literal

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from app.server.settings import ServerSettings
from app.server.web.dependencies import PROVEN
from app.server.web.limits import REQUEST_BYTES, network_of

HEAD_BYTES = 32_768  # of the request line and headers
# Allowed beyond the body: a one-byte chunk is encoded as six, and trailers follow the last chunk.
OVERHEAD_BYTES, OVERHEAD_RATIO = 65_536, 8
# Read of a body answered before its end: some clients read the response only after sending it all.
DRAINED_BYTES = 4 * REQUEST_BYTES
PIPELINED = 16  # requests queued on one connection; real clients don't pipeline
STALLED_SECONDS = 60.0  # without the client reading any byte of a response
CLOSING_HEADERS = b"content-length: 0\r\nconnection: close\r\ncache-control: no-store\r\n\r\n"

ConnectionStage = Literal["idle", "head", "body", "answer"]


class RequestRefusedError(Exception):
    """A request's head is too long, or too many requests are pipelined."""


@dataclass(frozen=True)
class ConnectionLimits:
    """Limits in seconds, bytes a second and numbers of connections."""

    head_seconds: float
    body_seconds: float  # grace period; after it, `body_rate` applies on average
    body_rate: float
    idle_seconds: float
    connections: int
    address_connections: int
    proxies: tuple[str, ...] = ()  # networks exempt from the limit by address

    @classmethod
    def of(cls, settings: ServerSettings) -> "ConnectionLimits":
        return cls(
            head_seconds=settings.head_seconds,
            body_seconds=settings.body_seconds,
            body_rate=settings.body_rate,
            idle_seconds=settings.idle_seconds,
            connections=settings.connections,
            address_connections=settings.address_connections,
            proxies=tuple(filter(None, settings.trusted_proxies.split(","))),
        )


class Connections:
    """The open connections of a server, the most recently answered last."""

    def __init__(self, limits: ConnectionLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.clock = clock
        self._proxies = [ip_network(proxy) for proxy in limits.proxies]
        self._open: dict[LimitedConnection, None] = {}
        self._by_address: dict[str, dict[LimitedConnection, None]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: "LimitedConnection") -> bool:
        """Add a new connection. Returns False if a limit is reached.

        To make room, the least recently answered connection is closed that is idle or whose request is still
        arriving without a verified token. Connections being answered are never closed.
        """
        connection.address = self._address_of(connection)
        peers = self._by_address.setdefault(connection.address, {}) if connection.address else {}
        for group, limit in ((peers, self.limits.address_connections), (self._open, self.limits.connections)):
            if len(group) >= limit and not self._close_least_recent(group):
                self._forget_address(connection.address)
                return False
        self._open[connection] = None
        if connection.address:
            self._by_address.setdefault(connection.address, peers)[connection] = None
        return True

    def mark_answered(self, connection: "LimitedConnection") -> None:
        """Move a connection to the end: others are closed for a new one first."""
        for group in (self._open, self._by_address.get(connection.address, {})):
            if connection in group:
                group[connection] = group.pop(connection)

    def discard(self, connection: "LimitedConnection") -> None:
        self._open.pop(connection, None)
        self._by_address.get(connection.address, {}).pop(connection, None)
        self._forget_address(connection.address)

    def sweep(self) -> None:
        """Close every connection that has exceeded a time limit."""
        now = self.clock()
        for connection in list(self._open):
            connection.check(now)

    def _address_of(self, connection: "LimitedConnection") -> str:
        """Return the address to count the connection by; empty for proxies and local sockets."""
        if connection.client is None:
            return ""
        try:
            address = ip_address(connection.client[0].partition("%")[0])
        except ValueError:
            return ""
        if any(address.version == proxy.version and address in proxy for proxy in self._proxies):
            return ""
        return network_of(str(address))

    def _forget_address(self, address: str) -> None:
        if address in self._by_address and not self._by_address[address]:
            del self._by_address[address]

    def _close_least_recent(self, group: dict["LimitedConnection", None]) -> bool:
        candidate = next((each for each in group if each.may_be_closed), None)
        if candidate is None:
            return False
        self.discard(candidate)
        candidate.transport.abort()
        return True


class LimitedConnection(HttpToolsProtocol):
    """A connection that enforces the limits. `LimitedServer` sets the registry, one per server."""

    registry: Connections

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.access_log = False  # uvicorn's log contains addresses and queries
        self.address = ""
        self.since = self.registry.clock()  # start of the current stage
        self._receiving: Literal["nothing", "head", "body"] = "nothing"
        self._refused = False
        self._head_bytes = 0
        self._raw_bytes = 0  # received after the head, including chunk encoding
        self._body_bytes = 0  # of these, the body's content
        self._stalled_since: float | None = None
        self._unsent = 0
        # The cycle being answered; `cycle` belongs to the last request received.
        self._answering: RequestResponseCycle | None = None

    @property
    def stage(self) -> ConnectionStage:
        if self._receiving == "body":
            return "body"
        if self.is_answering:
            return "answer"
        return "head" if self._receiving == "head" else "idle"

    @property
    def is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # may be None, unlike in uvicorn's annotation
        return cycle is not None and not cycle.response_complete

    @property
    def may_be_closed(self) -> bool:
        """Whether it may be closed to make room for another connection."""
        if self.stage == "body":
            return self.cycle.response_complete or PROVEN not in self.cycle.scope
        return self.stage != "answer"

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if not self.registry.add(self):
            self._refused = True
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.registry.discard(self)
        self._disconnect()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        before = self._receiving
        super().data_received(data)
        if self._receiving == "head":
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self.refuse(431)
        elif self._receiving == "body" and before == "body":
            self._raw_bytes += len(data)
            overhead = self._raw_bytes - self._body_bytes
            if overhead > OVERHEAD_BYTES + OVERHEAD_RATIO * self._body_bytes:
                self.refuse(400)
            elif self.cycle.response_complete and self._raw_bytes > DRAINED_BYTES:
                self.refuse(413)  # answered, and still being sent

    # Callbacks of the parser.
    def on_message_begin(self) -> None:
        # Requests received in one piece are all parsed, although reading pauses at the second.
        if len(self.pipeline) >= PIPELINED:
            raise RequestRefusedError
        super().on_message_begin()
        self._enter("head")
        self._head_bytes = 0

    def on_url(self, url: bytes) -> None:
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_head(len(name) + len(value) + len(": \r\n"))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._enter("body")
        self._raw_bytes = self._body_bytes = 0

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._enter("nothing")
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if self._receiving != "body":
            self.since = self.registry.clock()  # now idle
        self.registry.mark_answered(self)
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled_since, self._unsent = self.registry.clock(), self.transport.get_write_buffer_size()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stalled_since = None

    def send_400_response(self, msg: str) -> None:
        """Refuse the request: the parser failed, on its input or on a limit."""
        self.refuse(431 if self._head_bytes > HEAD_BYTES else 400)

    def _unsupported_upgrade_warning(self) -> None:
        """Suppress uvicorn's warning: any client may request a WebSocket, and requests are logged anyway."""

    def check(self, now: float) -> None:
        """Close the connection if it has exceeded a time limit."""
        limits = self.registry.limits
        elapsed = now - self.since
        if self._is_stalled(now):
            self.transport.abort()
        elif self.transport.is_closing() or self.flow.read_paused:
            return  # while reading is paused, the client is waiting for the server
        elif self.stage == "head" or (self.cycle is None and self.stage == "idle"):
            if elapsed > limits.head_seconds:
                self.refuse(408)
        elif self.stage == "idle":
            if elapsed > limits.idle_seconds:
                self.transport.close()
        elif self.stage == "body" and elapsed > limits.body_seconds + self._body_bytes / limits.body_rate:
            self.refuse(408)

    def refuse(self, status: int) -> None:
        """Close the connection, after an error response if a request is unanswered."""
        if self._refused:
            return
        self._refused = True
        # A second response would be read as that of the next request.
        if self._receiving == "body":
            is_unanswered = not self.cycle.response_started
        else:
            is_unanswered = not self.is_answering and (self._receiving == "head" or status == 400)
        if is_unanswered:
            self.transport.write(STATUS_LINE[status] + CLOSING_HEADERS)
        if self.is_answering:
            # Wake the endpoint that awaits the body: the client is gone.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._disconnect()
        self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _disconnect(self) -> None:
        """Notify the endpoint being answered of the disconnect; uvicorn notifies only the last request's."""
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()

    def _enter(self, receiving: Literal["nothing", "head", "body"]) -> None:
        self._receiving = receiving
        self.since = self.registry.clock()

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES:
            raise RequestRefusedError

    def _is_stalled(self, now: float) -> bool:
        """Whether the client has read nothing for `STALLED_SECONDS`. A slow reader makes progress."""
        unsent = self.transport.get_write_buffer_size()
        if not unsent:
            self._stalled_since = None
        elif self._stalled_since is None or unsent != self._unsent:
            self._stalled_since, self._unsent = now, unsent
        return self._stalled_since is not None and now - self._stalled_since > STALLED_SECONDS


class LimitedServer(uvicorn.Server):
    """uvicorn with these limits, without its request log, WebSockets and server header."""

    def __init__(
        self, app: ASGIApp, settings: ServerSettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.connections = Connections(ConnectionLimits.of(settings), clock)
        connection = type("Connection", (LimitedConnection,), {"registry": self.connections})
        config = uvicorn.Config(
            app,
            http=connection,
            ws="none",  # uvicorn would log the client's address and query
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # create_app adds the middleware
            timeout_keep_alive=settings.idle_seconds,
            timeout_graceful_shutdown=settings.shutdown_seconds,
        )
        super().__init__(config)

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:  # once a second
            self.connections.sweep()
        return await super().on_tick(counter)
