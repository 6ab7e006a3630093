"""What 1,000 half-open connections and 100 slow bodies leave of a server: how long usual requests take.

`python -m tests.bench.connections` measures this server, in a process of its own; with a URL, another one.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from urllib.parse import urlsplit

from tests.server.conftest import write_web
from tests.server.processes import environment, serving_process

HALF_OPEN, SLOW_BODIES, USUAL = 1_000, 100, 4
SECONDS = 10
ENDLESS_BYTES = 300_000_000
ATTACKERS = 10  # addresses, beside the one of usual requests
HEAD = (
    b"POST /api/v1/devices HTTP/1.1\r\nhost: kaeru\r\nkaeru-protocol: 1\r\ncontent-type: application/json\r\n"
)
USUAL_REQUEST = b"GET /api/v1/info HTTP/1.1\r\nhost: kaeru\r\n\r\n"
AIM_P95 = 100  # milliseconds


@dataclass
class Attack:
    """Connections that never finish what they ask for."""

    host: str
    port: int
    writers: list[asyncio.StreamWriter]
    watching: set[asyncio.Task[None]]
    closed: int = 0

    async def connect(self, sent: bytes, number: int) -> asyncio.StreamWriter:
        address = f"127.0.0.{2 + number % ATTACKERS}" if self.host == "127.0.0.1" else None
        reader, writer = await asyncio.open_connection(
            self.host, self.port, local_addr=(address, 0) if address else None
        )
        writer.write(sent)
        self.watching.add(asyncio.create_task(self.watch(reader)))
        self.writers.append(writer)
        return writer

    async def half_open(self) -> None:
        for number in range(HALF_OPEN):
            with contextlib.suppress(OSError):
                await self.connect(HEAD, number)

    async def slow_body(self, number: int) -> None:
        with contextlib.suppress(OSError):
            writer = await self.connect(HEAD + b"content-length: 15000\r\n\r\n", number)
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(1)

    async def watch(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            await reader.read()
        self.closed += 1


async def usual(host: str, port: int, until: float) -> list[float]:
    """Milliseconds of one request after another on one connection."""
    times = []
    reader, writer = await asyncio.open_connection(host, port)
    while time.perf_counter() < until:
        started = time.perf_counter()
        writer.write(USUAL_REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        times.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(0.01)
    writer.close()
    return times


async def endless_headers(host: str, port: int) -> int:
    """How many bytes of headers the server takes."""
    taken = 0
    _reader, writer = await asyncio.open_connection(host, port)
    writer.write(HEAD)
    with contextlib.suppress(OSError):
        async with asyncio.timeout(60):
            for number in count():
                piece = b"".join(b"x-%d-%d: y\r\n" % (number, line) for line in range(5_000))
                writer.write(piece)
                await writer.drain()
                taken += len(piece)
                if taken > ENDLESS_BYTES:
                    break
    return taken


def p95(times: list[float]) -> float:
    return sorted(times)[len(times) * 95 // 100]


async def measure(host: str, port: int) -> float:
    async def load() -> list[float]:
        until = time.perf_counter() + SECONDS
        return [*chain(*await asyncio.gather(*(usual(host, port, until) for _ in range(USUAL))))]

    calm = await load()
    attack = Attack(host, port, [], set())
    await attack.half_open()
    bodies = [asyncio.create_task(attack.slow_body(number)) for number in range(SLOW_BODIES)]
    held = await load()
    print(f"usual requests alone               p95 {p95(calm):7.1f} ms   longest {max(calm):7.1f} ms")
    print(f"beside half-open and slow ones     p95 {p95(held):7.1f} ms   longest {max(held):7.1f} ms")
    await asyncio.sleep(25)
    left = len(attack.writers) - attack.closed
    print(f"left of {HALF_OPEN + SLOW_BODIES} such connections after {SECONDS + 25} s   {left}")
    for task in bodies:
        task.cancel()
    for writer in attack.writers:
        writer.transport.abort()
    print(f"headers taken of one request       {await endless_headers(host, port):,} bytes")
    return p95(held)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?")
    url = parser.parse_args().url
    with contextlib.ExitStack() as stack:
        if url is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            variables = {**environment({"data": folder}, write_web(folder)), "KAERU_LOG_LEVEL": "error"}
            url = stack.enter_context(serving_process(folder / "log", **variables)).url
        parts = urlsplit(url)
        reached = asyncio.run(measure(parts.hostname or "", parts.port or 80))
    return 0 if reached < AIM_P95 else 1


if __name__ == "__main__":
    sys.exit(main())
