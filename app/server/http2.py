"""One HTTP/2 connection that many small requests share, for sending pushes by the thousand.

httpx speaks HTTP/2 too, with the same library (h2) beneath, but spends ten times as long on a request: it
writes each frame on its own and asks a lock for each. Here what was asked for in one turn of the event loop
is written at once.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any, cast

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import hpack
from hpack import HeaderTuple, NeverIndexedHeaderTuple

Headers = dict[str, str]

CONFIGURATION = h2.config.H2Configuration(
    client_side=True,
    # Ours are lower case and in order; checking each again takes longer than sending it.
    validate_outbound_headers=False,
    normalize_outbound_headers=False,
)
# The same for every push to one service. HPACK keeps what it has seen in a small table; the rest would only
# push these out of it (and an endpoint's path is a secret of its own, RFC 7541, 7.1.3).
REPEATED = {"authorization", "content-encoding", "content-type", "urgency"}


class ConnectionLostError(OSError):
    """The connection ended before the answer. Whether the request was acted on is not known."""


class Encoder(hpack.Encoder):
    """Does without Huffman coding, which takes longer in Python than the bytes it saves take on the wire."""

    def encode(self, headers: Any, huffman: bool = False) -> bytes:
        return super().encode(headers, huffman=False)


@dataclass
class Exchange:
    """A request on its way, and its answer."""

    headers: list[HeaderTuple]
    body: bytes
    answer: asyncio.Future[tuple[int, Headers]]
    stream: int = 0  # 0: it waits for its turn
    status: int = 0
    answer_headers: Headers = field(default_factory=dict)


class Http2Connection(asyncio.Protocol):
    """Speaks to a server, if TLS settles on "h2" (RFC 9113, 3.2); else it is `agreed` that it does not."""

    def __init__(self, scheme: str, authority: str) -> None:
        self._first = [HeaderTuple(b":method", b"POST"), HeaderTuple(b":scheme", scheme.encode())]
        self._first.append(HeaderTuple(b":authority", authority.encode()))
        self._h2 = h2.connection.H2Connection(CONFIGURATION)
        self._h2.encoder = Encoder()
        self._open: dict[int, Exchange] = {}
        self._waiting: deque[Exchange] = deque()
        self._turn_planned = False
        self._settled = False  # the server has said how much it takes at a time
        self._frames = 0
        self.agreed = False
        self.closed = False

    @property
    def load(self) -> int:
        """How many requests are on their way or wait for their turn."""
        return len(self._open) + len(self._waiting)

    async def post(self, path: str, headers: Headers, body: bytes) -> tuple[int, Headers]:
        """The answer's status and headers; its body is of no use to anybody.

        Raises ConnectionLostError, ConnectionResetError. Cancelling gives the request up.
        """
        if self.closed:
            raise ConnectionLostError("the connection is closed")
        fields = [*self._first, NeverIndexedHeaderTuple(b":path", path.encode())]
        for name, value in headers.items():
            kind = HeaderTuple if name in REPEATED else NeverIndexedHeaderTuple
            fields.append(kind(name.encode(), value.encode()))
        exchange = Exchange(fields, body, asyncio.get_running_loop().create_future())
        received = self._frames
        self._waiting.append(exchange)
        self._plan_turn()
        try:
            return await exchange.answer
        except asyncio.CancelledError:
            self._give_up(exchange)
            if self._frames == received:
                self.abort()  # nothing at all came back meanwhile: there may be nobody any more
            raise

    def abort(self) -> None:
        """Close at once; what is under way fails."""
        self._transport.abort()
        self._fail()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.agreed = transport.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
        if self.agreed:
            self._h2.initiate_connection()
            self._plan_turn()

    def data_received(self, data: bytes) -> None:
        self._frames += 1
        try:
            for event in self._h2.receive_data(data):
                self._note(event)
        except h2.exceptions.ProtocolError:
            self._end()
        else:
            self._plan_turn()

    def connection_lost(self, _error: Exception | None) -> None:
        self._fail()

    def _note(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RemoteSettingsChanged():
                self._settled = True
            case h2.events.ResponseReceived():
                if exchange := self._open.get(event.stream_id):
                    found = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
                    exchange.status, exchange.answer_headers = int(found.pop(":status")), found
            case h2.events.DataReceived():
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case h2.events.StreamEnded():
                if (exchange := self._open.pop(event.stream_id, None)) and not exchange.answer.done():
                    exchange.answer.set_result((exchange.status, exchange.answer_headers))
            case h2.events.StreamReset():
                if (exchange := self._open.pop(event.stream_id, None)) and not exchange.answer.done():
                    exchange.answer.set_exception(ConnectionResetError("the request was reset"))
            case h2.events.ConnectionTerminated():
                self._end()

    def _plan_turn(self) -> None:
        if not self._turn_planned:
            self._turn_planned = True
            asyncio.get_running_loop().call_soon(self._take_turn)

    def _take_turn(self) -> None:
        """Write what there is to write: as many requests as the server has room for, and h2's own frames."""
        self._turn_planned = False
        try:
            while self._waiting and self._has_room_for(self._waiting[0]):
                exchange = self._waiting.popleft()
                exchange.stream = self._h2.get_next_available_stream_id()
                self._open[exchange.stream] = exchange
                self._h2.send_headers(exchange.stream, exchange.headers)
                self._h2.send_data(exchange.stream, exchange.body, end_stream=True)
        except h2.exceptions.ProtocolError:  # all numbers of streams are used up
            self._end()
        if (data := self._h2.data_to_send()) and not self._transport.is_closing():
            self._transport.write(data)

    def _has_room_for(self, exchange: Exchange) -> bool:
        if not self._settled:
            return False
        settings = self._h2.remote_settings
        window = min(self._h2.outbound_flow_control_window, settings.initial_window_size)
        frame = self._h2.max_outbound_frame_size
        return len(self._open) < settings.max_concurrent_streams and len(exchange.body) <= min(window, frame)

    def _give_up(self, exchange: Exchange) -> None:
        if not exchange.stream:
            if exchange in self._waiting:
                self._waiting.remove(exchange)
        elif self._open.pop(exchange.stream, None) and not self.closed:
            self._h2.reset_stream(exchange.stream, h2.errors.ErrorCodes.CANCEL)
            self._plan_turn()

    def _end(self) -> None:
        """What came before the server ended it is let out of our buffers; what is under way fails."""
        self._transport.close()
        self._fail()

    def _fail(self) -> None:
        self.closed = True
        for exchange in (*self._open.values(), *self._waiting):
            if not exchange.answer.done():
                exchange.answer.set_exception(ConnectionLostError("the connection was lost"))
        self._open.clear()
        self._waiting.clear()
