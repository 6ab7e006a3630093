"""The push service that the benchmark sends to, a process of its own: notes which push arrived when.

It takes as little time as it can, for it shares the machine with what is measured: it answers without reading
more of a push than the number at its path's end. Says where it is, then answers each line on its input (the
milliseconds it waits before it answers a push) with what arrived since, pairs of a number and a time
in Unix seconds, and its processor seconds so far.
"""

import asyncio
import json
import re
import ssl
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.server.sink import write_certificate

PATH = "/wpush/v2/"
NUMBER = re.compile(rf"{PATH}(\d{{160}})".encode())
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)\r\n")
CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"


@dataclass
class State:
    """What arrived, by number and time in Unix seconds, and how many seconds an answer takes."""

    arrivals: list[tuple[int, float]] = field(default_factory=list)
    wait: float = 0.0


def path_of(number: int) -> str:
    """As long as those of real services."""
    return f"{PATH}{number:0160}"


def number_in(head: bytes) -> int:
    """Of a push, from its headers."""
    found = NUMBER.search(head)
    assert found, head
    return int(found[1])


class Http1(asyncio.Protocol):
    """One connection."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.buffer = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        length = LENGTH.search(head + b"\r\n")
        if end and length and len(body) >= int(length[1]):
            self.state.arrivals.append((number_in(head), time.time()))
            self.buffer = body[int(length[1]) :]
            if self.state.wait:
                asyncio.get_running_loop().call_later(self.state.wait, self.transport.write, CREATED)
            else:
                self.transport.write(CREATED)


async def serve(folder: Path) -> None:
    certificate = folder / "sink.pem"
    write_certificate(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    state = State()
    loop = asyncio.get_running_loop()
    plain = await loop.create_server(lambda: Http1(state), "127.0.0.1", 0)
    secure = await loop.create_server(lambda: Http1(state), "127.0.0.1", 0, ssl=context)
    ports = {
        name: server.sockets[0].getsockname()[1] for name, server in (("http", plain), ("https", secure))
    }
    print(json.dumps({"certificate": str(certificate), **ports}), flush=True)
    while asked := await asyncio.to_thread(sys.stdin.readline):
        state.wait = int(asked) / 1000
        print(json.dumps([state.arrivals, time.process_time()]), flush=True)
        state.arrivals.clear()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(serve(Path(folder)))
