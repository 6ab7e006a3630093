"""Times a first sync: a full account arrives on an empty device, from a real server. Runs in Pyodide too.

All that a person waits for is in it, but a network's distance: requests answered, boxes opened, records
merged, stored and indexed.
"""

import asyncio
import sys
import tempfile
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from app.domain.entities import new_id
from app.platform.base import Sealer
from app.store.database import open_database
from app.store.store import Store
from app.sync import keys
from app.sync.api_client import ApiClient
from app.sync.engine import SyncContext, synchronise
from app.sync.sealing import seal_label, seal_records
from tests.bench.data import entities

RECORDS = 10_000
BEAT = 0.01  # seconds; a browser gives a worker that never pauses nothing of what it fetches
PULLED_SECONDS = 5


class FirstSync(NamedTuple):
    pushed: float  # seconds that sending took
    pulled: float  # seconds that it took until all was there
    longest: float  # milliseconds in which nothing else could happen
    bytes: float  # of a box, on average


def now() -> datetime:
    return datetime.now(UTC)


def run(server: str, rounds: int) -> list[FirstSync]:
    """On CPython, over a server's address."""
    figures = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            figures.append(asyncio.run(first_sync(server, Path(folder) / "kaeru.db")))
    return figures


async def first_sync(server: str, path: Path) -> FirstSync:
    """A new account at the server is filled, then fetched into a database at `path`."""
    key = keys.derive(keys.new_key())
    sealer = make_sealer(key.sealing)
    full, empty = Store(open_database(":memory:"), now), Store(open_database(path), now)
    full.save(*islice(entities(now()), RECORDS))
    boxes = await seal_records(sealer, [each.state for each in full.sync_store.outgoing(RECORDS)])
    pushed, _ = await sync_once(full, server, sealer, key, create=True)
    pulled, longest = await sync_once(empty, server, sealer, key, create=False)
    arrived = empty.sync_store.state()
    if arrived is None or arrived.cursor != RECORDS:
        raise RuntimeError("not everything arrived")
    full.close()
    empty.close()
    return FirstSync(pushed, pulled, longest, sum(map(len, boxes)) / RECORDS)


async def sync_once(
    store: Store, server: str, sealer: Sealer, key: keys.Keys, *, create: bool
) -> tuple[float, float]:
    """Seconds until the two agree, and the longest time (ms) that the event loop had to wait meanwhile."""
    device, client = new_id(), make_client(server)
    label = await seal_label(sealer, device, "bench")
    token = await client.register(key.account, key.secret, device, label, create=create)
    await client.close()
    store.sync_store.begin(server, device, joining=False)
    longest, last = 0.0, perf_counter()

    async def beat() -> None:
        nonlocal longest, last
        while True:
            await asyncio.sleep(BEAT)
            longest, last = max(longest, perf_counter() - last - BEAT), perf_counter()

    heart = asyncio.ensure_future(beat())
    client = make_client(server, token)
    start = perf_counter()
    await synchronise(SyncContext(store.sync_store, client, sealer, now))
    taken = perf_counter() - start
    heart.cancel()
    await client.close()
    return taken, longest * 1000


def make_client(server: str, token: str = "") -> ApiClient:
    if sys.platform == "emscripten":
        from app.platform.fetch import FetchTransport

        return ApiClient(server, now, FetchTransport(), token)
    return ApiClient(server, now, token=token)


def make_sealer(key: bytes) -> Sealer:
    if sys.platform == "emscripten":
        from app.platform.web import WebSealer

        return WebSealer(key)
    from app.platform.native import NativeSealer

    return NativeSealer(key)


def report(figures: dict[str, list[FirstSync]]) -> None:
    """Print them beside what is aimed for."""
    print(f"\nA first sync of {RECORDS:,} records, without the network: the median (least – most)")
    for where, each in figures.items():
        pulled = [one.pulled for one in each]
        verdict = "met" if max(pulled) < PULLED_SECONDS else "MISSED"
        print(f"  {where}: sent in {_in_words([one.pushed for one in each])} s;", end=" ")
        print(f"all there after {_in_words(pulled)} s, under {PULLED_SECONDS} s every time: {verdict}")
        longest, size = max(one.longest for one in each), each[0].bytes
        print(f"  {where}: a box has {size:.0f} bytes; the screen waited {longest:.0f} ms at most")


def _in_words(seconds: list[float]) -> str:
    return f"{median(seconds):.1f} ({min(seconds):.1f} – {max(seconds):.1f})"
