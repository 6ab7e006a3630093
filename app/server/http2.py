"""One HTTP/2 connection that many small requests share, for sending pushes by the thousand.

httpx speaks HTTP/2 too, with the library h2 beneath. It spends ten times as long on a request, and h2 loses
what a server still answers after saying that it will end the connection (h2 issue 1181): push services do so
now and then, and each time up to 64 devices would ring twice. So the frames are our own. What was asked for
in one turn of the event loop is written at once.
"""

import asyncio
import struct
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

import hpack

from app.server import frames
from app.server.frames import (
    BIGGEST_STREAM,
    BIGGEST_WINDOW,
    EMPTY_TABLE,
    FRAME_BYTES,
    NUMBER,
    PREFACE,
    SETTING,
    TWO_NUMBERS,
    WINDOW_BYTES,
    Code,
    FaultError,
    Flag,
    Frame,
    FrameReader,
    Kind,
    Setting,
    frame,
    settings_frame,
)

Headers = dict[str, str]

UNLIMITED = 2**32


class ConnectionLostError(OSError):
    """The connection ended before the answer. Whether the request was acted on is not known."""


@dataclass(eq=False)
class Exchange:
    """A request on its way, and its answer."""

    block: bytes  # of header fields
    body: bytes  # what is still to be sent of it
    answer: asyncio.Future[tuple[int, Headers]]
    stream: int = 0  # 0: it waits for its turn
    window: int = 0  # so many bytes of the body the server takes now
    status: int = 0
    headers: Headers = field(default_factory=dict)

    def fail(self, error: OSError) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class Http2Connection(asyncio.Protocol):
    """Speaks to a server, if TLS settles on "h2" (RFC 9113, 3.2); else it is `agreed` that it does not."""

    def __init__(self, scheme: str, authority: str) -> None:
        first = {":method": "POST", ":scheme": scheme, ":authority": authority}
        self._first = b"".join(frames.field(*each) for each in first.items())
        self._reader = FrameReader()
        self._decoder = hpack.Decoder()
        self._out: list[bytes] = []  # frames to be written in the next turn
        self._turn_planned = False
        self._waiting: deque[Exchange] = deque()
        self._open: dict[int, Exchange] = {}
        self._unsent: dict[int, Exchange] = {}  # those of them that the server takes no more of just now
        self._next_stream = 1
        self._settled = False  # the server has said how much it takes at a time
        self._streams = UNLIMITED
        self._frame_bytes = FRAME_BYTES
        self._stream_window = self._window = WINDOW_BYTES
        self._unread = 0  # bytes received that the server does not know we have read
        self._arrivals = 0
        self.agreed = False
        self.closed = False  # takes no more requests

    @property
    def streams(self) -> int:
        """How many requests at a time the server takes."""
        return self._streams

    @property
    def load(self) -> int:
        """How many requests are on their way or wait for their turn."""
        return len(self._open) + len(self._waiting)

    async def post(self, path: str, headers: Headers, body: bytes) -> tuple[int, Headers]:
        """The answer's status and headers; its body is of no use to anybody.

        Raises ConnectionLostError, ConnectionResetError where the server does not want this one.
        """
        if self.closed:
            raise ConnectionLostError("the connection was closed")
        fields = [frames.field(":path", path), *(frames.common_field(*each) for each in headers.items())]
        block = self._first + b"".join(fields)
        exchange = Exchange(block, body, asyncio.get_running_loop().create_future())
        arrivals = self._arrivals
        self._waiting.append(exchange)
        self._plan_turn()
        try:
            return await exchange.answer
        except asyncio.CancelledError:
            self._give_up(exchange)
            if self._arrivals == arrivals:
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
            self._out += PREFACE, settings_frame({Setting.ENABLE_PUSH: 0})
            self._plan_turn()

    def data_received(self, data: bytes) -> None:
        self._arrivals += 1
        try:
            for found in self._reader.read(data):
                self._note(found)
        except FaultError as fault:
            self._end(fault.code)
        except struct.error:
            self._end(Code.FRAME_SIZE_ERROR)
        except hpack.HPACKError:
            self._end(Code.COMPRESSION_ERROR)
        else:
            self._plan_turn()

    def connection_lost(self, _error: Exception | None) -> None:
        self._fail()

    def _note(self, found: Frame) -> None:
        match found.kind:
            case Kind.HEADERS | Kind.DATA:
                self._note_answer(found)
            case Kind.SETTINGS if not found.flags & Flag.ACK:
                self._note_settings(found)
            case Kind.WINDOW_UPDATE:
                self._note_window(found.stream, *NUMBER.unpack(found.payload))
            case Kind.RST_STREAM:
                NUMBER.unpack(found.payload)
                if exchange := self._forget(found.stream):
                    exchange.fail(ConnectionResetError("the request was reset"))
            case Kind.PING if not found.flags & Flag.ACK:
                TWO_NUMBERS.unpack(found.payload)  # 8 bytes, of any meaning
                self._out.append(frame(Kind.PING, 0, found.payload, Flag.ACK))
            case Kind.GOAWAY:
                last, _code = TWO_NUMBERS.unpack_from(found.payload)
                self._go_away(last)
            case Kind.PUSH_PROMISE:
                raise FaultError  # we have said that we want none

    def _note_answer(self, found: Frame) -> None:
        if found.stream % 2 == 0 or found.stream >= self._next_stream:
            raise FaultError
        exchange = self._open.get(found.stream)
        ended = bool(found.flags & Flag.END_STREAM)
        if found.kind == Kind.DATA:
            self._read(0 if ended or not exchange else found.stream, len(found.payload))
        else:
            fields = frames.fields_of(found.payload, self._decoder)  # also of what we gave up
            status = fields.pop(":status", "")
            # With less than 200 it is on its way; with none, these come after the body.
            if exchange and status.isdecimal() and int(status) >= 200:
                exchange.status, exchange.headers = int(status), fields
        if exchange and ended:
            if exchange.body:  # it answers without having read all
                self._out.append(frame(Kind.RST_STREAM, found.stream, NUMBER.pack(Code.CANCEL)))
            self._forget(found.stream)
            if not exchange.status:
                exchange.fail(ConnectionResetError("the answer has no status"))
            elif not exchange.answer.done():
                exchange.answer.set_result((exchange.status, exchange.headers))

    def _read(self, stream: int, size: int) -> None:
        """Let the server send as much again (RFC 9113, 6.9), on that stream if it is none that has ended."""
        self._unread += size
        if self._unread > WINDOW_BYTES // 2:
            self._out.append(frame(Kind.WINDOW_UPDATE, 0, NUMBER.pack(self._unread)))
            self._unread = 0
        if stream and size:
            self._out.append(frame(Kind.WINDOW_UPDATE, stream, NUMBER.pack(size)))

    def _note_settings(self, found: Frame) -> None:
        for name, value in SETTING.iter_unpack(found.payload):
            match name:
                case Setting.MAX_CONCURRENT_STREAMS:
                    self._streams = value
                case Setting.INITIAL_WINDOW_SIZE:
                    if value > BIGGEST_WINDOW:
                        raise FaultError(Code.FLOW_CONTROL_ERROR)
                    for exchange in self._open.values():
                        exchange.window += value - self._stream_window
                    self._stream_window = value
                case Setting.MAX_FRAME_SIZE:
                    self._frame_bytes = max(value, FRAME_BYTES)
        self._settled = True
        self._out.append(frame(Kind.SETTINGS, 0, flags=Flag.ACK))

    def _note_window(self, stream: int, more: int) -> None:
        if not stream:
            self._window += more
        elif exchange := self._open.get(stream):
            exchange.window += more
            if exchange.window > BIGGEST_WINDOW:
                raise FaultError(Code.FLOW_CONTROL_ERROR)
        if not more or self._window > BIGGEST_WINDOW:
            raise FaultError(Code.FLOW_CONTROL_ERROR)

    def _go_away(self, last: int) -> None:
        """The server takes no more requests; those up to `last` it still answers (RFC 9113, 6.8)."""
        self.closed = True
        self._lose([*(each for each in self._open.values() if each.stream > last), *self._waiting])
        self._waiting.clear()

    def _plan_turn(self) -> None:
        if not self._turn_planned:
            self._turn_planned = True
            asyncio.get_running_loop().call_soon(self._take_turn)

    def _take_turn(self) -> None:
        """Write what there is to write: as many requests as the server has room for, and answers to it."""
        self._turn_planned = False
        for exchange in [*self._unsent.values()]:
            self._send_body(exchange)
        while self._waiting and self._settled and len(self._open) < self._streams:
            if self._next_stream > BIGGEST_STREAM:
                self._go_away(BIGGEST_STREAM)
                break
            self._begin(self._waiting.popleft())
        if self._out and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
            self._out.clear()
        if self.closed and not self._open:
            self._transport.close()

    def _begin(self, exchange: Exchange) -> None:
        stream = exchange.stream = self._next_stream
        block = exchange.block if stream > 1 else EMPTY_TABLE + exchange.block
        self._next_stream += 2
        self._open[stream] = self._unsent[stream] = exchange
        exchange.window = self._stream_window
        # A path has at most 1,000 characters, so this fits into the smallest frame there may be.
        self._out.append(frame(Kind.HEADERS, stream, block, Flag.END_HEADERS))
        self._send_body(exchange)

    def _send_body(self, exchange: Exchange) -> None:
        """As much of it as the server takes now."""
        while exchange.body and (room := min(exchange.window, self._window, self._frame_bytes)) > 0:
            part, exchange.body = exchange.body[:room], exchange.body[room:]
            exchange.window -= len(part)
            self._window -= len(part)
            self._out.append(frame(Kind.DATA, exchange.stream, part, 0 if exchange.body else Flag.END_STREAM))
        if not exchange.body:
            del self._unsent[exchange.stream]

    def _give_up(self, exchange: Exchange) -> None:
        if exchange in self._waiting:
            self._waiting.remove(exchange)
        elif self._forget(exchange.stream):
            self._out.append(frame(Kind.RST_STREAM, exchange.stream, NUMBER.pack(Code.CANCEL)))
            self._plan_turn()

    def _forget(self, stream: int) -> Exchange | None:
        self._unsent.pop(stream, None)
        return self._open.pop(stream, None)

    def _end(self, code: Code) -> None:
        """What came before the server broke the rules is let out of our buffers; what is under way fails."""
        self._transport.write(b"".join([*self._out, frame(Kind.GOAWAY, 0, TWO_NUMBERS.pack(0, code))]))
        self._out.clear()
        self._transport.close()
        self._fail()

    def _fail(self) -> None:
        self.closed = True
        self._lose([*self._open.values(), *self._waiting])
        self._waiting.clear()

    def _lose(self, exchanges: Iterable[Exchange]) -> None:
        for exchange in exchanges:
            self._forget(exchange.stream)
            exchange.fail(ConnectionLostError("the connection was lost"))
