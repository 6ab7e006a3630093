"""The sync server under load: changes a second in batches, and how long one change takes.

The server is a process of its own, and so are the clients: what the two cores can do together is measured.
"""

import argparse
import asyncio
import base64
import json
import os
import secrets
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import httpx

from tests.server.conftest import new_database, temporary_postgresql, write_web
from tests.server.processes import environment, run, serving_process

ACCOUNTS = 8
BATCHES = 10  # of each account
BATCH = 250
BOX_BYTES = 400  # a message with a sentence or two, sealed
RATE, DISK_RATE, SECONDS = 100, 20, 10
PAGE_BYTES = 4096
AIM_CHANGES, AIM_P99 = 3_000, 50
NAME, COLUMN = 44, 22


@dataclass
class Figures:
    """Changes a second, bytes of one on the wire, and milliseconds: of a one-change sync, and of the disk."""

    pushed: float
    pulled: float
    p50: float
    p99: float
    bytes_up: float
    bytes_down: float
    disk: float  # the longest that a page took to be written and on the disk meanwhile


class Account:
    """A device that reads and writes raw HTTP, so that the clients cost the cores as little as can be."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.cursor = 0

    async def register(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        self.headers = ""
        body = {
            "account": secrets.token_hex(16),
            "secret": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "device": uuid4().hex,
            "label": "AAAA",
            "create": True,
        }
        token = json.loads(await self.post("/api/v1/devices", json.dumps(body)))["token"]
        self.headers = f"authorization: Bearer {token}\r\n"

    def changes(self, number: int) -> str:
        made = [
            {
                "id": uuid4().hex,
                "base": 0,
                "box": base64.urlsafe_b64encode(secrets.token_bytes(BOX_BYTES)).decode(),
            }
            for _ in range(number)
        ]
        return json.dumps(made, separators=(",", ":"))

    async def sync(self, changes: str, cursor: int) -> bytes:
        return await self.post("/api/v1/sync", f'{{"cursor":{cursor},"changes":{changes}}}')

    async def post(self, path: str, body: str) -> bytes:
        self.writer.write(
            f"POST {path} HTTP/1.1\r\nhost: kaeru\r\nkaeru-protocol: 1\r\ncontent-type: application/json\r\n"
            f"{self.headers}content-length: {len(body)}\r\n\r\n{body}".encode()
        )
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
        answer = await self.reader.readexactly(length)
        if not head.startswith(b"http/1.1 20"):
            raise RuntimeError(answer.decode())
        return answer


async def load(url: str) -> Figures:
    """Push in batches, pull everything, then one change at a time at an even rate."""
    parsed = httpx.URL(url)
    accounts = [Account(parsed.host, parsed.port or 80) for _ in range(ACCOUNTS)]
    for account in accounts:
        await account.register()
    pushed, bytes_up = await push(accounts)
    pulled, bytes_down = await pull(accounts)
    os.sync()  # or the disk would still be busy with all that was pushed
    times, waits = await asyncio.gather(trickle(accounts), asyncio.to_thread(disk))
    p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
    return Figures(pushed, pulled, p50, p99, bytes_up, bytes_down, max(waits))


async def push(accounts: list[Account]) -> tuple[float, float]:
    """Changes a second, and bytes of a change on the wire."""
    prepared = [[account.changes(BATCH) for _ in range(BATCHES)] for account in accounts]

    async def one(account: Account, batches: list[str]) -> None:
        for batch in batches:
            account.cursor = json.loads(await account.sync(batch, account.cursor))["cursor"]

    started = time.perf_counter()
    await asyncio.gather(*map(one, accounts, prepared))
    total = ACCOUNTS * BATCHES * BATCH
    sent = sum(len(batch) for batches in prepared for batch in batches)
    return total / (time.perf_counter() - started), sent / total


async def pull(accounts: list[Account]) -> tuple[float, float]:
    received = 0

    async def one(account: Account) -> None:
        nonlocal received
        cursor, more = 0, True
        while more:
            answer = await account.sync("[]", cursor)
            received += len(answer)
            # Reading 500 boxes would be the client's work: the end of the answer tells how to go on.
            more = answer.endswith(b'"more":true}')
            cursor += 500

    started = time.perf_counter()
    await asyncio.gather(*map(one, accounts))
    total = ACCOUNTS * BATCHES * BATCH
    return total / (time.perf_counter() - started), received / total


async def trickle(accounts: list[Account]) -> list[float]:
    """Milliseconds of each one-change sync, in order; each is timed from when it should have been sent."""
    times: list[float] = []
    lines: list[asyncio.Lock] = [asyncio.Lock() for _ in accounts]
    started = time.perf_counter() + 0.1

    async def one(number: int) -> None:
        due = started + number / RATE
        await asyncio.sleep(due - time.perf_counter())
        account = accounts[number % ACCOUNTS]
        async with lines[number % ACCOUNTS]:
            answer = await account.sync(account.changes(1), account.cursor)
            account.cursor = json.loads(answer)["cursor"]
        times.append((time.perf_counter() - due) * 1000)

    await asyncio.gather(*map(one, range(RATE * SECONDS)))
    return sorted(times)


def measure(kind: str, folder: Path) -> Figures:
    """The figures of a server over an empty database of this kind."""
    database: dict[str, Any] = {"data": folder / "data"}
    with ExitStack() as stack:
        if kind == "PostgreSQL":
            database["database_url"] = new_database(stack.enter_context(temporary_postgresql()))
        variables = {**environment(database, write_web(folder)), "KAERU_LOG_LEVEL": "warning"}
        run("db", "upgrade", **variables)
        with serving_process(folder / "log", **variables) as serving:
            command = [sys.executable, "-m", "tests.bench.sync_server", "--url", serving.url]
            return asyncio.run(load_from_process(command))


def disk() -> list[float]:
    """Milliseconds that pages take to be on the disk: no server that keeps its word is quicker."""
    times = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(DISK_RATE * SECONDS):
            time.sleep(1 / DISK_RATE)
            started = time.perf_counter()
            file.write(bytes(PAGE_BYTES))
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - started) * 1000)
    return times


async def load_from_process(command: list[str]) -> Figures:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    return Figures(**json.loads(said))


def print_sync_server(rounds: int = 3) -> None:
    """Measure both databases in turn, and print the medians."""
    figures: dict[str, list[Figures]] = {"SQLite": [], "PostgreSQL": []}
    for _ in range(rounds):
        for kind, found in figures.items():
            with tempfile.TemporaryDirectory() as folder:
                found.append(measure(kind, Path(folder)))
    print(f"\nSync server: {ACCOUNTS} accounts at once, {BATCH} changes a request, medians of {rounds}\n")
    line("", *figures)
    rows = {
        "changes a second, pushed": ("pushed", "{:,.0f}"),
        "changes a second, pulled": ("pulled", "{:,.0f}"),
        f"one change at {RATE} requests/s, p50": ("p50", "{:.1f} ms"),
        f"one change at {RATE} requests/s, p99": ("p99", "{:.1f} ms"),
        "a page on the disk meanwhile, longest": ("disk", "{:.1f} ms"),
        f"bytes a record up ({BOX_BYTES} sealed)": ("bytes_up", "{:.0f}"),
        f"bytes a record down ({BOX_BYTES} sealed)": ("bytes_down", "{:.0f}"),
    }
    middle = {
        name: [median(getattr(each, member) for each in found) for found in figures.values()]
        for name, (member, _form) in rows.items()
    }
    for name, (_member, form) in rows.items():
        line(name, *(form.format(value) for value in middle[name]))
    fast = [value >= AIM_CHANGES for value in middle["changes a second, pushed"]]
    line(f"aim: at least {AIM_CHANGES:,} pushed", *("met" if met else "MISSED" for met in fast))
    p99 = [sorted(each.p99 for each in found) for found in figures.values()]
    line("p99 of each round, ms", *("  ".join(f"{value:.0f}" for value in values) for values in p99))
    prompt = [median(values) < AIM_P99 for values in p99]
    line(f"aim: p99 under {AIM_P99} ms", *("met" if met else "MISSED" for met in prompt))


def line(name: str, *cells: str) -> None:
    print("".join([name.ljust(NAME), *(cell.ljust(COLUMN) for cell in cells)]).rstrip())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", help="load the server there and print its figures as JSON")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.url:
        print(json.dumps(vars(asyncio.run(load(arguments.url)))))
    else:
        print_sync_server(arguments.rounds)
