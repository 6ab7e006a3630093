"""HTTP/2 against a server that another library speaks for (h2), and that breaks rules where h2 would not."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
import hpack
import pytest
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PushPromiseFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from app.server.http2 import ConnectionLostError, Headers, Http2Connection

Settings = h2.settings.SettingCodes
Answer = tuple[int, Headers]
HEADERS = {"authorization": "vapid t=" + "x" * 400, "ttl": "60", "topic": "t"}


class Server(asyncio.Transport):
    """The other end, in memory: h2 reads what the client writes; `turns` raises what is wrong with it."""

    def __init__(self, **settings: int) -> None:
        super().__init__()
        configuration = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        self.h2 = h2.connection.H2Connection(configuration)
        values = {getattr(Settings, name): value for name, value in settings.items()}
        self.h2.local_settings = h2.settings.Settings(client=False, initial_values=values)
        self.h2.initiate_connection()
        self.requests: dict[int, Headers] = {}
        self.bodies: dict[int, bytes] = {}
        self.whole: list[int] = []  # streams of requests that have come to their end
        self.resets: dict[int, int] = {}
        self.ended: int | None = None  # with which code the client ended the connection
        self.pongs: list[bytes] = []
        self.reads = True  # lets the client send as much again
        self.is_closed = False
        self.fault: h2.exceptions.ProtocolError | None = None
        self.client = Http2Connection("https", "push.example")
        self.client.connection_made(self)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self

    def selected_alpn_protocol(self) -> str:
        return "h2"

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    abort = close

    def write(self, data: Any) -> None:
        try:
            events = self.h2.receive_data(data)
        except h2.exceptions.ProtocolError as fault:
            self.fault = self.fault or fault
            return
        for event in events:
            match event:
                case h2.events.RequestReceived():
                    self.requests[event.stream_id] = dict(event.headers)
                    self.bodies[event.stream_id] = b""
                case h2.events.DataReceived():
                    self.bodies[event.stream_id] += event.data
                    if self.reads:
                        self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case h2.events.StreamEnded():
                    self.whole.append(event.stream_id)
                case h2.events.StreamReset():
                    self.resets[event.stream_id] = event.error_code
                case h2.events.ConnectionTerminated():
                    self.ended = event.error_code
                case h2.events.PingAckReceived():
                    self.pongs.append(event.ping_data)

    async def turns(self) -> None:
        """Until neither side has more to say."""
        for _ in range(20):
            if data := self.h2.data_to_send():
                self.client.data_received(data)
            await asyncio.sleep(0)
        if self.fault:
            raise self.fault

    async def post(self, *bodies: bytes) -> list[asyncio.Task[Answer]]:
        """Requests for /0, /1 and so on, on their way."""
        started = [
            asyncio.create_task(self.client.post(f"/{number}", HEADERS, body))
            for number, body in enumerate(bodies)
        ]
        await self.turns()
        return started

    async def answer(self, *streams: int) -> None:
        for stream in streams:
            self.h2.send_headers(stream, [(":status", "201"), ("location", f"/{stream}")], end_stream=True)
        await self.turns()

    async def say(self, *said: Frame | bytes) -> None:
        """What h2 knows nothing of."""
        self.client.data_received(
            b"".join(each if isinstance(each, bytes) else each.serialize() for each in said)
        )
        await self.turns()


Story = Callable[[], Coroutine[Any, Any, None]]


def told(story: Story) -> Callable[[], None]:
    """A test that is a coroutine. Whatever goes wrong, it does not wait for ever."""

    def test() -> None:
        asyncio.run(asyncio.wait_for(story(), 20))

    return test


def outcomes(started: list[asyncio.Task[Answer]]) -> list[int | type[BaseException] | None]:
    """Of each: its status, what it raised, or None while it is under way."""
    return [
        None if not task.done() else type(error) if (error := task.exception()) else task.result()[0]
        for task in started
    ]


async def lost(*started: Awaitable[Answer]) -> None:
    for each in started:
        with pytest.raises(ConnectionLostError):
            await each


@told
async def test_requests_arrive_as_they_were_made_and_get_their_own_answers() -> None:
    server = Server()
    first, second = await server.post(b"one", b"x" * 4096)
    assert server.requests[1] == {
        ":method": "POST",
        ":scheme": "https",
        ":authority": "push.example",
        ":path": "/0",
        **HEADERS,
    }
    assert server.bodies == {1: b"one", 3: b"x" * 4096}
    assert server.whole == [1, 3]
    await server.answer(3, 1)
    assert (await first, await second) == ((201, {"location": "/1"}), (201, {"location": "/3"}))


@told
async def test_nothing_is_asked_before_the_server_has_said_how_much_it_takes() -> None:
    server = Server()
    settings = server.h2.data_to_send()
    started = await server.post(b"one")
    assert server.requests == {}
    server.client.data_received(settings)
    await server.turns()
    assert server.whole == [1]
    await server.answer(1)
    assert outcomes(started) == [201]


@told
async def test_as_many_requests_at_a_time_as_the_server_takes() -> None:
    server = Server(MAX_CONCURRENT_STREAMS=2)
    started = await server.post(*[b"body"] * 5)
    assert (server.whole, server.client.streams, server.client.load) == ([1, 3], 2, 5)
    await server.answer(1)
    assert server.whole == [1, 3, 5]
    server.h2.update_settings({Settings.MAX_CONCURRENT_STREAMS: 3})
    await server.turns()
    assert server.whole == [1, 3, 5, 7]
    await server.answer(3, 5, 7)
    await server.answer(9)
    assert outcomes(started) == [201] * 5


@told
async def test_a_tiny_window_gets_a_body_in_pieces() -> None:
    server = Server(INITIAL_WINDOW_SIZE=10)
    server.reads = False
    (started,) = await server.post(b"x" * 35)
    assert server.bodies == {1: b"x" * 10}
    server.h2.increment_flow_control_window(7, 1)
    await server.turns()
    assert len(server.bodies[1]) == 17
    # More for each stream; then less than it has had already, which is to be made up for.
    server.h2.update_settings({Settings.INITIAL_WINDOW_SIZE: 15})
    await server.turns()
    assert len(server.bodies[1]) == 22
    server.h2.update_settings({Settings.INITIAL_WINDOW_SIZE: 0})
    await server.turns()
    server.h2.increment_flow_control_window(20, 1)
    await server.turns()
    assert (len(server.bodies[1]), server.whole) == (27, [])
    server.h2.increment_flow_control_window(8, 1)
    await server.turns()
    assert server.whole == [1]
    await server.answer(1)
    assert (await started)[0] == 201


@told
async def test_all_requests_share_the_window_of_the_connection() -> None:
    server = Server()
    server.reads = False
    started = await server.post(*[b"x" * 1000] * 100)
    assert sum(len(body) for body in server.bodies.values()) == 65_535
    assert len(server.whole) == 65
    await server.answer(*server.whole)
    server.h2.increment_flow_control_window(65_535)
    await server.turns()
    assert len(server.whole) == 100
    await server.answer(*server.whole[65:])
    assert outcomes(started) == [201] * 100


@told
async def test_a_long_body_is_cut_into_frames_that_the_server_takes() -> None:
    server = Server(INITIAL_WINDOW_SIZE=60_000)
    (started,) = await server.post(b"x" * 50_000)  # h2 refuses a frame of more than 16,384
    assert server.whole == [1]
    await server.answer(1)
    assert (await started)[0] == 201


@told
async def test_answers_may_be_long_and_come_in_parts() -> None:
    server = Server()
    (started,) = await server.post(b"one")
    server.h2.send_headers(1, [(":status", "103"), ("link", "<a>")])
    server.h2.send_headers(1, [(":status", "429"), ("retry-after", "120"), ("x-long", "y" * 20_000)])
    for _ in range(40):
        while server.h2.local_flow_control_window(1) < 10_000:
            await server.turns()  # the client lets more of it come
        server.h2.send_data(1, b"z" * 10_000)
    server.h2.send_headers(1, [("checksum", "0")], end_stream=True)
    await server.turns()
    status, headers = await started
    assert (status, headers["retry-after"], len(headers["x-long"])) == (429, "120", 20_000)


@told
async def test_an_answer_that_comes_before_the_body_was_read() -> None:
    server = Server(INITIAL_WINDOW_SIZE=10)
    server.reads = False
    started = await server.post(b"x" * 35, b"y")
    await server.answer(1, 3)
    assert outcomes(started) == [201, 201]
    assert server.resets == {1: h2.errors.ErrorCodes.CANCEL}


@told
async def test_a_request_that_is_reset_fails_alone() -> None:
    server = Server()
    started = await server.post(b"one", b"two", b"three")
    server.h2.reset_stream(3, h2.errors.ErrorCodes.REFUSED_STREAM)
    await server.answer(1, 5)
    assert outcomes(started) == [201, ConnectionResetError, 201]


@told
async def test_who_goes_away_still_answers_what_it_has_taken_up() -> None:
    server = Server(MAX_CONCURRENT_STREAMS=3)
    started = await server.post(*[b"body"] * 4)
    # Once to say so (RFC 9113, 6.8), once to say how far it got.
    await server.say(GoAwayFrame(0, last_stream_id=2**31 - 1))
    assert outcomes(started) == [None, None, None, ConnectionLostError]
    await server.say(GoAwayFrame(0, last_stream_id=3))
    assert outcomes(started) == [None, None, ConnectionLostError, ConnectionLostError]
    assert server.client.closed
    await lost(server.client.post("/later", HEADERS, b""))
    await server.answer(3)
    assert not server.is_closed
    await server.answer(1)
    assert outcomes(started)[:2] == [201, 201]
    assert server.is_closed


@told
async def test_who_goes_away_with_nothing_to_answer_is_left() -> None:
    server = Server()
    await server.turns()
    await server.say(GoAwayFrame(0, last_stream_id=0))
    assert server.is_closed


@told
async def test_a_connection_that_dies_loses_what_is_under_way() -> None:
    server = Server(MAX_CONCURRENT_STREAMS=2)
    started = await server.post(*[b"body"] * 3)
    await server.answer(1)
    server.client.connection_lost(None)
    await server.turns()
    assert outcomes(started) == [201, ConnectionLostError, ConnectionLostError]
    await lost(server.client.post("/later", HEADERS, b""))


@told
async def test_a_request_given_up_is_withdrawn_and_harms_no_other() -> None:
    server = Server(MAX_CONCURRENT_STREAMS=2)
    given_up, other, waiting, last = await server.post(*[b"body"] * 4)
    # Its answer is on the way already: what it puts into the table of header fields counts for the next one.
    server.h2.send_headers(1, [(":status", "201"), ("location", "/known")], end_stream=True)
    waiting.cancel()
    given_up.cancel()
    arrived = server.h2.data_to_send()
    server.h2.ping(b"anything")
    server.client.data_received(server.h2.data_to_send())
    await asyncio.sleep(0)
    server.client.data_received(arrived)
    await server.turns()
    server.h2.send_headers(3, [(":status", "201"), ("location", "/known")], end_stream=True)
    await server.turns()
    assert await other == (201, {"location": "/known"})
    assert server.requests.keys() == {1, 3, 5}
    await server.answer(5)
    assert (await last)[0] == 201
    assert not server.client.closed


@told
async def test_a_connection_on_which_nothing_comes_back_is_given_up() -> None:
    server = Server()
    await server.turns()
    silent, other = await server.post(b"one", b"two")
    silent.cancel()
    await lost(other)
    assert (server.client.closed, server.is_closed) == (True, True)


@told
async def test_a_ping_comes_back() -> None:
    server = Server()
    server.h2.ping(b"12345678")
    await server.turns()
    assert server.pongs == [b"12345678"]


@told
async def test_a_server_that_keeps_no_table_of_fields_is_told_that_we_need_none() -> None:
    server = Server()
    server.h2.update_settings({Settings.HEADER_TABLE_SIZE: 0})
    started = await server.post(b"one", b"two")  # h2 insists that it is said
    await server.answer(1, 3)
    assert outcomes(started) == [201, 201]


@told
async def test_padding_priorities_and_frames_nobody_knows() -> None:
    server = Server()
    (started,) = await server.post(b"one")
    block = hpack.Encoder().encode([(":status", "410"), ("warning", "été".encode("latin-1"))])
    headers = HeadersFrame(1, block[:1], pad_length=5, flags=["PADDED", "PRIORITY"], depends_on=0)
    body = DataFrame(1, b"gone", pad_length=200, flags=["PADDED", "END_STREAM"])
    unknown = b"\0\0\3\xee\0\0\0\0\1abc"
    rest = ContinuationFrame(1, block[1:], flags=["END_HEADERS"])
    # Byte by byte, as a slow network might bring it.
    for byte in b"".join(each.serialize() for each in (headers, rest)) + unknown + body.serialize():
        server.client.data_received(bytes([byte]))
    assert await started == (410, {"warning": "été"})


STATUS = hpack.Encoder().encode([(":status", "201")])
BROKEN = {
    "a frame too long": (b"\0\x40\1\0\0\0\0\0\1", "FRAME_SIZE_ERROR"),
    "a number cut short": (b"\0\0\2\x08\0\0\0\0\0\0\1", "FRAME_SIZE_ERROR"),
    "settings cut short": (b"\0\0\2\x04\0\0\0\0\0\0\1", "FRAME_SIZE_ERROR"),
    "a ping cut short": (b"\0\0\2\x06\0\0\0\0\0\0\1", "FRAME_SIZE_ERROR"),
    "a promise": (PushPromiseFrame(1, 2, STATUS, flags=["END_HEADERS"]), "PROTOCOL_ERROR"),
    "an answer nobody asked for": (HeadersFrame(3, STATUS, flags=["END_HEADERS"]), "PROTOCOL_ERROR"),
    "a body on no stream": (DataFrame(2, b"body"), "PROTOCOL_ERROR"),
    "a rest of nothing": (ContinuationFrame(1, STATUS, flags=["END_HEADERS"]), "PROTOCOL_ERROR"),
    "headers that are broken off": (
        HeadersFrame(1, STATUS).serialize() + PingFrame(0).serialize(),
        "PROTOCOL_ERROR",
    ),
    "headers without end": (
        HeadersFrame(1).serialize() + ContinuationFrame(1, bytes(16_000)).serialize() * 5,
        "ENHANCE_YOUR_CALM",
    ),
    "more padding than frame": (b"\0\0\2\1\x0c\0\0\0\1\x08\x88", "PROTOCOL_ERROR"),
    "fields that mean nothing": (HeadersFrame(1, b"\xff" * 9, flags=["END_HEADERS"]), "COMPRESSION_ERROR"),
    "no more room": (WindowUpdateFrame(0, 0), "FLOW_CONTROL_ERROR"),
    "too much room": (WindowUpdateFrame(0, 2**31 - 1), "FLOW_CONTROL_ERROR"),
    "too much room for one": (WindowUpdateFrame(1, 2**31 - 1), "FLOW_CONTROL_ERROR"),
    "too much room for each": (SettingsFrame(0, {4: 2**31}), "FLOW_CONTROL_ERROR"),
}


@pytest.mark.parametrize(("said", "code"), BROKEN.values(), ids=BROKEN.keys())
def test_who_breaks_the_rules_is_told_how_and_left(said: Frame | bytes, code: str) -> None:
    async def story() -> None:
        server = Server()
        (started,) = await server.post(b"one")
        await server.say(said)
        await lost(started)
        assert (server.ended, server.is_closed) == (h2.errors.ErrorCodes[code], True)

    told(story)()


@told
async def test_an_answer_without_a_status_is_none() -> None:
    server = Server()
    started = await server.post(b"one", b"two")
    block = hpack.Encoder().encode([("location", "/")])
    await server.say(HeadersFrame(1, block, flags=["END_HEADERS", "END_STREAM"]))
    await server.answer(3)
    assert outcomes(started) == [ConnectionResetError, 201]
