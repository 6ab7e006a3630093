"""The push service that the benchmark sends to, a process of its own: notes which push arrived when.

It takes as little time as it can, for it shares the machine with what is measured: it answers without reading
more of a push than the number at its path's end. Says where it is, then answers each line on its input with
what arrived since, pairs of a number and a time in Unix seconds, and its processor seconds so far.
"""

import asyncio
import json
import re
import ssl
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from app.server.frames import PREFACE, Flag, FrameReader, Kind, frame
from tests.server.sink import write_certificate

PATH = "/wpush/v2/"
NUMBER = re.compile(rf"{PATH}(\d{{160}})".encode())
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)\r\n")
CREATED_1 = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
CREATED_2 = b"\x08\x03201"  # RFC 7541, 6.2.2: ":status" is the name of number 8

Arrivals = list[tuple[int, float]]


def path_of(number: int) -> str:
    """As long as those of real services."""
    return f"{PATH}{number:0160}"


def number_in(head: bytes) -> int:
    """Of a push, from its headers."""
    found = NUMBER.search(head)
    assert found, head
    return int(found[1])


class Http1(asyncio.Protocol):
    """One connection of HTTP/1.1, for the loops."""

    def __init__(self, arrivals: Arrivals) -> None:
        self.arrivals = arrivals
        self.buffer = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        length = LENGTH.search(head + b"\r\n")
        if end and length and len(body) >= int(length[1]):
            self.arrivals.append((number_in(head), time.time()))
            self.buffer = body[int(length[1]) :]
            self.transport.write(CREATED_1)


class Http2(asyncio.Protocol):
    """One connection of HTTP/2, for the dispatcher."""

    def __init__(self, arrivals: Arrivals) -> None:
        self.arrivals = arrivals
        self.reader = FrameReader()
        self.preface = len(PREFACE)
        self.numbers: dict[int, int] = {}  # by stream

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(frame(Kind.SETTINGS, 0))

    def data_received(self, data: bytes) -> None:
        skipped, self.preface = min(self.preface, len(data)), max(0, self.preface - len(data))
        # Room for as much again, and for the answers of this turn.
        answers = [frame(Kind.WINDOW_UPDATE, 0, len(data).to_bytes(4))]
        for found in self.reader.read(data[skipped:]):
            if found.kind == Kind.HEADERS:
                self.numbers[found.stream] = number_in(found.payload)
            elif found.kind == Kind.DATA and found.flags & Flag.END_STREAM:
                self.arrivals.append((self.numbers.pop(found.stream), time.time()))
                answers.append(
                    frame(Kind.HEADERS, found.stream, CREATED_2, Flag.END_HEADERS | Flag.END_STREAM)
                )
        self.transport.write(b"".join(answers))


class Secure(asyncio.Protocol):
    """One connection of TLS, of the version of HTTP that was agreed upon."""

    def __init__(self, arrivals: Arrivals) -> None:
        self.arrivals = arrivals

    def connection_made(self, transport: Any) -> None:
        agreed = transport.get_extra_info("ssl_object").selected_alpn_protocol()
        protocol = (Http2 if agreed == "h2" else Http1)(self.arrivals)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)


async def serve(folder: Path) -> None:
    certificate = folder / "sink.pem"
    write_certificate(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    arrivals: Arrivals = []
    loop = asyncio.get_running_loop()
    plain = await loop.create_server(lambda: Http1(arrivals), "127.0.0.1", 0)
    secure = await loop.create_server(lambda: Secure(arrivals), "127.0.0.1", 0, ssl=context)
    ports = {
        name: server.sockets[0].getsockname()[1] for name, server in (("http", plain), ("https", secure))
    }
    print(json.dumps({"certificate": str(certificate), **ports}), flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps([arrivals, time.process_time()]), flush=True)
        arrivals.clear()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(serve(Path(folder)))
