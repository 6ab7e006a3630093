"""Times a first sync: a full account arrives on an empty device. Runs in Pyodide too.

The server is the tests' own, in memory: what is measured is the device's work (requests read, boxes opened,
records merged, stored and indexed), not a network.
"""

import asyncio
import sys
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from app.platform.base import Sealer
from app.store.database import open_database
from app.store.store import Store
from app.sync import keys
from app.sync.client import Client
from app.sync.engine import Line, synchronise
from tests.bench.data import entities
from tests.unit.store.support import Clock
from tests.unit.sync.support import KEY, SERVER, FakeServer

NOW = datetime(2026, 6, 10, 9, 30, tzinfo=UTC)
RECORDS = 10_000
PULLED_SECONDS = 5


class FirstSync(NamedTuple):
    pushed: float  # seconds that sending took
    pulled: float  # seconds that it took until all was there
    longest: float  # milliseconds in which nothing else could happen
    bytes: float  # of a box, on average


def run(path: Path) -> FirstSync:
    """On CPython; `path` is that of the empty device's database."""
    return asyncio.run(first_sync(path))


async def first_sync(path: Path) -> FirstSync:
    clock = Clock(NOW)
    server, sealer = FakeServer(clock), make_sealer(keys.derive(KEY).sealing)
    full, empty = Store(open_database(":memory:"), clock), Store(open_database(path), clock)
    full.save(*islice(entities(NOW), RECORDS))
    pushed, _ = await meet(full, server, sealer, clock)
    pulled, longest = await meet(empty, server, sealer, clock)
    size = sum(len(box) for _, box, _ in server.records.values()) * 3 / 4 / RECORDS
    arrived = empty.exchange.state()
    if arrived is None or arrived.cursor != RECORDS:
        raise RuntimeError("not everything arrived")
    full.close()
    empty.close()
    return FirstSync(pushed, pulled, longest, size)


async def meet(store: Store, server: FakeServer, sealer: Sealer, clock: Clock) -> tuple[float, float]:
    """Seconds until the two agree, and the longest time (ms) that the event loop had to wait meanwhile."""
    device, derived = f"device-{len(server.devices)}", keys.derive(KEY)
    client = Client(SERVER, clock, server)
    token = await client.register(derived.account, derived.secret, device, b"", create=server.account is None)
    store.exchange.begin(SERVER, device, joining=False)
    longest, last = 0.0, perf_counter()

    async def beat() -> None:
        nonlocal longest, last
        while True:
            await asyncio.sleep(0)
            longest, last = max(longest, perf_counter() - last), perf_counter()

    heart = asyncio.ensure_future(beat())
    start = perf_counter()
    await synchronise(Line(store.exchange, Client(SERVER, clock, server, token), sealer, clock))
    taken = perf_counter() - start
    heart.cancel()
    return taken, longest * 1000


def make_sealer(key: bytes) -> Sealer:
    if sys.platform == "emscripten":
        from app.platform.web import WebSealer

        return WebSealer(key)
    from app.platform.native import NativeSealer

    return NativeSealer(key)


def report(figures: dict[str, FirstSync]) -> None:
    """Print them beside what is aimed for."""
    print(f"\nA first sync of {RECORDS:,} records, without the network")
    for where, each in figures.items():
        verdict = "met" if each.pulled < PULLED_SECONDS else "MISSED"
        print(f"  {where}: sent in {each.pushed:.1f} s; all there after {each.pulled:.1f} s,", end=" ")
        print(f"under {PULLED_SECONDS} s: {verdict}")
        print(f"  {where}: a box has {each.bytes:.0f} bytes; the screen waited {each.longest:.0f} ms at most")
