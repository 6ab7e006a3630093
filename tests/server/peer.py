"""The other end of an HTTP/2 connection, in memory: another library (h2) speaks for it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings
import pytest
from hyperframe.frame import Frame

from app.server.http2 import ConnectionLostError, Headers, Http2Connection

Settings = h2.settings.SettingCodes
Answer = tuple[int, Headers]
HEADERS = {"authorization": "vapid t=" + "x" * 400, "ttl": "60", "topic": "t"}


class Peer(asyncio.Transport):
    """h2 reads what the client writes; `turns` raises what is wrong with it."""

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
