"""Connection limits, over real sockets, with a clock that the test sets."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from app.server.settings import ServerSettings
from app.server.web.connections import HEAD_BYTES, STALLED_SECONDS, LimitedServer
from app.server.web.dependencies import PROVEN
from app.server.web.limits import REQUEST_BYTES
from tests.server.conftest import Running, serving

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
ANSWER_BYTES = 30_000_000  # more than both sockets' buffers hold
SHORT = {"head_seconds": 10, "body_seconds": 20, "body_rate": 1000, "idle_seconds": 60}
HEAD = b"POST /%s HTTP/1.1\r\nhost: kaeru\r\n"


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """/read reads the body, /refuse doesn't, /proven verifies a token first, /long sends a long response."""
    path = scope["path"]
    if path == "/proven":
        scope[PROVEN] = "a token"
    if path in {"/read", "/proven"}:
        with suppress(ClientDisconnect):
            body = await Request(scope, receive).body()
            await PlainTextResponse(f"{len(body)} bytes")(scope, receive, send)
    elif path == "/long":
        await PlainTextResponse(b"." * ANSWER_BYTES)(scope, receive, send)
    elif path == "/wait":
        await asyncio.sleep(3600)
    else:
        await PlainTextResponse("refused", 401)(scope, receive, send)


class Listening:
    """A server of `application` in this event loop, with its clock."""

    def __init__(self, data: Path, **limits: Any) -> None:
        self.now = 1000.0
        settings = ServerSettings(data=data, **{**SHORT, **limits})
        self.server = LimitedServer(application, settings, clock=lambda: self.now)
        self.config = self.server.config
        self.config.load()
        self.state = ServerState()
        self.port = 0
        self.clients: list[Writer] = []  # unreferenced clients would be closed

    @property
    def connections(self) -> int:
        return len(self.server.connections)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.server.connections.sweep()

    async def connect(self, sent: bytes = b"", address: str = "127.0.0.1") -> tuple[Reader, Writer]:
        before = self.state.connections.copy()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(address, 0))
        self.clients.append(writer)
        writer.write(sent)
        await until(lambda: bool(self.state.connections - before))
        (made,) = self.state.connections - before
        if sent:
            await until(lambda: made.stage != "idle" or made.cycle is not None)
        return reader, writer


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the condition depends on the code under test
            await asyncio.sleep(0.001)


async def answer_of(reader: Reader) -> bytes:
    """Read until the connection is closed."""
    answer = b""
    async with asyncio.timeout(20):
        with suppress(ConnectionError):
            while piece := await reader.read(65_536):
                answer += piece
    return answer


def run(test: Callable[[Listening], Awaitable[None]], data: Path, **limits: Any) -> None:
    async def listen() -> None:
        listening = Listening(data, **limits)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: listening.config.http_protocol_class(
                config=listening.config, server_state=listening.state, app_state={}
            ),
            "127.0.0.1",
            0,
        )
        listening.port = server.sockets[0].getsockname()[1]
        try:
            await test(listening)
        finally:
            server.close()
            for task in listening.state.tasks:
                task.cancel()
            for writer in listening.clients:
                writer.transport.abort()
            await until(lambda: not listening.state.connections and not listening.connections)

    asyncio.run(listen())


def test_a_connection_without_a_request_is_closed(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        reader, _writer = await listening.connect()
        listening.pass_time(9)
        assert listening.connections == 1
        listening.pass_time(2)
        assert await answer_of(reader) == b""

    run(test, tmp_path)


def test_an_incomplete_head_gets_408_and_is_closed(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        reader, writer = await listening.connect(HEAD % b"read")
        listening.pass_time(9)
        writer.write(b"x-more: 1\r\n")  # sending more doesn't extend the time
        await asyncio.sleep(0.01)
        assert listening.connections == 1
        listening.pass_time(2)
        assert (await answer_of(reader)).startswith(b"HTTP/1.1 408 ")

    run(test, tmp_path)


def test_an_incomplete_second_request_is_closed(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        reader, writer = await listening.connect(HEAD % b"read" + b"content-length: 0\r\n\r\n")
        assert b"0 bytes" in await reader.readuntil(b"bytes")
        listening.pass_time(50)  # within the idle limit
        writer.write(HEAD % b"read")
        (connection,) = listening.state.connections
        await until(lambda: connection.stage == "head")
        listening.pass_time(11)
        assert (await answer_of(reader)).startswith(b"HTTP/1.1 408 ")

    run(test, tmp_path)


def test_an_idle_connection_is_closed(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        reader, writer = await listening.connect(HEAD % b"read" + b"content-length: 0\r\n\r\n")
        assert b"0 bytes" in await reader.readuntil(b"bytes")
        listening.pass_time(59)
        writer.write(b"\r\n" * 100)  # not a request
        await asyncio.sleep(0.01)
        assert listening.connections == 1
        listening.pass_time(2)
        assert await answer_of(reader) == b""

    run(test, tmp_path)


@pytest.mark.parametrize(
    "piece", [b"x: 1\r\n", b"x" * 1000, b"x: " + b"y" * 1000 + b"\r\n"], ids=["many", "one-name", "long"]
)
def test_endless_headers_get_431(tmp_path: Path, piece: bytes) -> None:
    async def test(listening: Listening) -> None:
        reader, writer = await listening.connect(HEAD % b"read")
        writer.write(piece * (HEAD_BYTES // len(piece) + 1))
        assert (await answer_of(reader)).startswith(b"HTTP/1.1 431 ")

    run(test, tmp_path)


def test_a_head_of_usual_size_is_accepted(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        cookie = b"cookie: " + b"c" * 16_000 + b"\r\n"
        reader, _ = await listening.connect(HEAD % b"read" + cookie + b"content-length: 0\r\n\r\n")
        assert b" 200 " in await reader.readuntil(b"bytes")

    run(test, tmp_path)


def test_a_body_below_the_minimum_rate_is_refused_and_one_at_that_rate_is_not(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        head = HEAD % b"read" + b"content-length: 100000\r\n\r\n"
        slow, slow_writer = await listening.connect(head)
        fair, fair_writer = await listening.connect(head)
        slow_writer.write(b"s" * 9_000)
        fair_writer.write(b"f" * 11_000)
        both = list(listening.state.connections)
        await until(lambda: {each._body_bytes for each in both} == {9_000, 11_000})
        listening.pass_time(28)
        assert listening.connections == 2
        listening.pass_time(2)
        assert (await answer_of(slow)).startswith(b"HTTP/1.1 408 ")
        fair_writer.write(b"f" * 89_000)
        assert b"100000 bytes" in await fair.readuntil(b" bytes")

    run(test, tmp_path)


def test_an_unread_body_is_drained_after_the_response_up_to_a_limit(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        reader, writer = await listening.connect(HEAD % b"refuse" + b"content-length: 900000000\r\n\r\n")
        assert b" 401 " in await reader.readuntil(b"refused")
        sent = 0
        try:
            while sent < 100_000_000:
                writer.write(b"x" * 100_000)
                sent += 100_000
                await writer.drain()
        except ConnectionError:
            pass
        assert REQUEST_BYTES < sent < 9 * REQUEST_BYTES
        assert await answer_of(reader) == b""

    run(test, tmp_path)


def test_an_endless_body_gets_no_second_response(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        reader, _writer = await listening.connect(HEAD % b"refuse" + b"content-length: 9\r\n\r\n1234")
        assert b" 401 " in await reader.readuntil(b"refused")
        listening.pass_time(19)
        assert listening.connections == 1
        listening.pass_time(2)
        # The client would read it as the response to its next request.
        assert await answer_of(reader) == b""

    run(test, tmp_path)


def test_an_oversized_body_sent_whole_gets_a_response_and_the_connection_stays_open(
    tmp_path: Path,
) -> None:
    async def test(listening: Listening) -> None:
        length = REQUEST_BYTES + 1_000_000
        reader, writer = await listening.connect(HEAD % b"refuse" + b"content-length: %d\r\n\r\n" % length)
        writer.write(b"x" * length)
        await writer.drain()
        writer.write(HEAD % b"read" + b"content-length: 3\r\n\r\n123")
        assert b" 401 " in await reader.readuntil(b"refused")
        assert b" 200 " in await reader.readuntil(b"3 bytes")

    run(test, tmp_path)


def test_too_many_pipelined_requests_are_refused(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        few, _ = await listening.connect(b"GET / HTTP/1.1\r\n\r\n" * 8)
        for _ in range(8):
            assert b"401" in await few.readuntil(b"refused")
        many, _ = await listening.connect(b"GET /wait HTTP/1.1\r\n\r\n" * 5_000)
        assert await answer_of(many) == b""
        assert listening.connections == 1

    run(test, tmp_path)


def test_a_disconnect_with_a_queued_request_causes_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(listening: Listening) -> None:
        _reader, writer = await listening.connect(
            HEAD % b"refuse" + b"content-length: 1\r\n\r\n." + HEAD % b"refuse" + b"\r\n"
        )
        writer.transport.abort()
        await until(lambda: not listening.connections)
        await asyncio.sleep(0.05)

    run(test, tmp_path)
    assert not caplog.records


@pytest.mark.parametrize(
    "sent", [b"GET /\x00 HTTP/1.1\r\n\r\n", b"GET http://[ HTTP/1.1\r\n\r\n", b"\x16\x03\x01"]
)
def test_invalid_http_gets_400(tmp_path: Path, sent: bytes) -> None:
    async def test(listening: Listening) -> None:
        reader, writer = await listening.connect()
        writer.write(sent)
        assert (await answer_of(reader)).startswith(b"HTTP/1.1 400 ")

    run(test, tmp_path)


@pytest.mark.parametrize("begun", [b"5;", b"0\r\nx: "], ids=["extension", "trailer"])
def test_the_overhead_of_a_chunked_body_is_limited(tmp_path: Path, begun: bytes) -> None:
    async def test(listening: Listening) -> None:
        reader, writer = await listening.connect(HEAD % b"read" + b"transfer-encoding: chunked\r\n\r\n")
        writer.write(b"1\r\nx\r\n" * 10_000)  # a client may choose any chunk size
        (connection,) = listening.state.connections
        await until(lambda: connection._body_bytes == 10_000)
        listening.pass_time(1)
        assert listening.connections == 1
        writer.write(begun + b"e" * 1_000_000)
        await answer_of(reader)
        assert not listening.connections

    run(test, tmp_path)


def test_a_response_that_is_not_read_is_aborted_and_one_read_slowly_is_not(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        asked = HEAD % b"long" + b"content-length: 0\r\n\r\n"
        never, _writer = await listening.connect(asked)
        slow, _slow_writer = await listening.connect(asked)
        await until(lambda: all(each.flow.write_paused for each in listening.state.connections))
        got = 0
        while got < ANSWER_BYTES:  # headers come in addition
            async with asyncio.timeout(20):
                got += len(await slow.readexactly(100_000))
            listening.pass_time(STALLED_SECONDS / 50)
        assert len(await answer_of(never)) < ANSWER_BYTES

    run(test, tmp_path)


def test_an_address_at_its_limit_replaces_only_its_own_connections(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        other, _ = await listening.connect(HEAD % b"read", "127.0.0.2")
        held = [await listening.connect(HEAD % b"read") for _ in range(5)]
        assert listening.connections == 4
        for reader, _writer in held[:2]:
            assert await answer_of(reader) == b""
        held[4][1].write(b"content-length: 0\r\n\r\n")
        assert b" 200 " in await held[4][0].readuntil(b"bytes")
        assert not other.at_eof()

    run(test, tmp_path, address_connections=3)


def test_a_full_server_closes_the_least_recently_answered_connection(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        useful = await listening.connect(HEAD % b"read" + b"content-length: 0\r\n\r\n", "127.0.0.2")
        assert b"0 bytes" in await useful[0].readuntil(b"bytes")
        stranger = await listening.connect(HEAD % b"read" + b"content-length: 9\r\n\r\n", "127.0.0.3")
        proven = await listening.connect(HEAD % b"proven" + b"content-length: 9\r\n\r\n", "127.0.0.4")
        # `useful` was answered before the others came, and again now, so it stays.
        useful[1].write(HEAD % b"read" + b"content-length: 0\r\n\r\n")
        assert b"0 bytes" in await useful[0].readuntil(b"bytes")
        newer = await listening.connect(HEAD % b"read", "127.0.0.5")
        assert await answer_of(stranger[0]) == b""
        for reader, writer in (useful, newer):
            writer.write((HEAD % b"read" if reader is useful[0] else b"") + b"content-length: 0\r\n\r\n")
            assert b"0 bytes" in await reader.readuntil(b"bytes")
        proven[1].write(b"123456789")
        assert b"9 bytes" in await proven[0].readuntil(b"bytes")

    run(test, tmp_path, connections=3)


def test_a_connection_being_answered_is_never_closed_for_another(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        asked = HEAD % b"wait" + b"content-length: 0\r\n\r\n"
        for _ in range(2):
            await listening.connect(asked)
        reader, writer = await asyncio.open_connection("127.0.0.1", listening.port)
        listening.clients.append(writer)
        assert await answer_of(reader) == b""
        assert listening.connections == 2

    run(test, tmp_path, connections=2)


def test_connections_of_a_trusted_proxy_are_not_limited_by_address(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        for _ in range(5):
            await listening.connect(HEAD % b"read")
        assert listening.connections == 5

    run(test, tmp_path, address_connections=2, trusted_proxies="127.0.0.0/8")


def test_no_state_is_kept_of_addresses_without_connections(tmp_path: Path) -> None:
    async def test(listening: Listening) -> None:
        for number in range(1, 6):
            _reader, writer = await listening.connect(HEAD % b"read", f"127.0.0.{number}")
            writer.close()
        await until(lambda: not listening.connections)
        assert listening.server.connections._by_address == {}

    run(test, tmp_path)


def test_the_server_sweeps_connections_periodically(web: Path, tmp_path: Path) -> None:
    with (
        serving(web, data=tmp_path, head_seconds=1) as running,
        socket.create_connection((running.host, running.port), timeout=20) as connection,
    ):
        connection.sendall(HEAD % b"read")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 408 ")


def test_a_websocket_request_is_answered_like_any_other_and_not_logged_by_uvicorn(
    server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {
        "connection": "upgrade",
        "upgrade": "websocket",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-version": "13",
    }
    with caplog.at_level("DEBUG"):
        for path in ("/api/v1/devices/0b9d4a6e71f84c0f9a52d3c1e8b7f604?name=Tanaka", "/?name=Tanaka"):
            assert server.client.get(path, headers=headers).status_code in {200, 405}
    said = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("uvicorn"))
    assert said == ""
