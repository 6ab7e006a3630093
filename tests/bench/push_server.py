"""The dispatcher under load: pushes a second to a push service on this machine, and how late they are.

`kaeru dispatch` is a process of its own, or two, and so is the service, which speaks HTTP/1.1 over TLS. The
loop that it is compared with is spared TLS, so that the figure is not one of handshakes; beside it the same
loop over TLS, as it would reach a real service. The last rows are of a service that takes 50 ms to answer.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from pywebpush import webpush
from sqlalchemy import insert

from app.server.database.engine import open_engine
from app.server.database.tables import ReminderRow, SubscriptionRow
from app.server.settings import ServerSettings
from tests.bench.push_sink import path_of
from tests.server.conftest import new_database, temporary_postgresql, write_web
from tests.server.devices import new_box, text
from tests.server.processes import Serving, environment, run

PUSHES = 10_000  # each to a device of another account
LOOP = 500  # of the loop beside it
BOX_BYTES = 400
CONTACT = "mailto:bench@kaeru.invalid"
AIM_TIMES, AIM_P99 = 3, 5.0
AIM_OF_TWO = 1.7  # times the rate of one process, on PostgreSQL
SLOW_MS, AIM_SLOW = 50, 1_000  # pushes a second to a service that takes so long to answer
NAME, COLUMN = 58, 14
KINDS = ["SQLite", "PostgreSQL"]
BURST, TWO, SLOW, MINUTE = "at one moment", "two processes", "a slow service", "within a minute"
# Within how long reminders fall due, processes, milliseconds that the service takes to answer.
CASES = {
    BURST: (timedelta(0), 1, 0),
    TWO: (timedelta(0), 2, 0),
    SLOW: (timedelta(0), 1, SLOW_MS),
    MINUTE: (timedelta(minutes=1), 1, 0),
}


@dataclass
class Figures:
    """Pushes a second; seconds after they were due; processor seconds that the service spent on them."""

    rate: float
    p50: float
    p99: float
    service: float


class Service:
    """The push service's process."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.bench.push_sink"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = json.loads(self.read())
        self.certificate: str = said["certificate"]
        self.http: int = said["http"]
        self.https: int = said["https"]
        self.seconds = 0.0  # of processor time, until it was last asked
        self.wait_ms = 0  # before it answers a push, from the next question on

    def read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def arrivals(self) -> dict[int, float]:
        """When each push arrived that did so since the last question, by its number."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{self.wait_ms}\n")
        self.process.stdin.flush()
        arrived, self.seconds = json.loads(self.read())
        return dict(arrived)

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)


def new_browser() -> tuple[bytes, bytes]:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint), secrets.token_bytes(16)


def loop(service: Service, origin: str) -> float:
    """Pushes a second of pywebpush, one after the other, as its documentation shows it: a connection each."""
    point, auth = new_browser()
    keys = {"p256dh": text(point), "auth": text(auth)}
    vapid = Vapid02()
    vapid.generate_keys()
    said = json.dumps({"v": 1, "id": "0" * 32, "group": "0" * 32, "box": new_box(BOX_BYTES)})
    with patch.dict(os.environ, REQUESTS_CA_BUNDLE=service.certificate):
        started = time.perf_counter()
        for number in range(LOOP):
            subscription = {"endpoint": f"{origin}{path_of(number)}", "keys": keys}
            webpush(subscription, said, vapid_private_key=vapid, vapid_claims={"sub": CONTACT}, ttl=60)
        taken = time.perf_counter() - started
    assert len(service.arrivals()) == LOOP
    return LOOP / taken


def fill(database: dict[str, Any], service: Service, due: list[datetime]) -> None:
    """One reminder for each of as many accounts with one device."""
    engine = open_engine(ServerSettings(**database).database, 1)
    browsers = [new_browser() for _ in range(100)]
    accounts = [secrets.token_bytes(16) for _ in due]
    origin = f"https://localhost:{service.https}"
    subscriptions = [
        {
            "account": account,
            "device": secrets.token_hex(16),
            "service": origin,
            "endpoint": f"{origin}{path_of(number)}",
            "p256dh": browsers[number % 100][0],
            "auth": browsers[number % 100][1],
            "created_at": due[0],
        }
        for number, account in enumerate(accounts)
    ]
    reminders = [
        {
            "account": account,
            "id": secrets.token_hex(16),
            "group": secrets.token_hex(16),
            "fire_at": at,
            "expires_at": at + timedelta(hours=1),
            "urgency": "high",
            "box": secrets.token_bytes(BOX_BYTES),
            "rung": False,
        }
        for account, at in zip(accounts, due, strict=True)
    ]
    with engine.begin() as connection:
        connection.execute(insert(SubscriptionRow), subscriptions)
        connection.execute(insert(ReminderRow), reminders)
    engine.dispose()


def measure(
    kind: str, service: Service, folder: Path, within: timedelta, processes: int = 1, wait_ms: int = 0
) -> Figures:
    """Send reminders that fall due evenly within a time, from a database of this kind."""
    service.wait_ms = wait_ms
    database: dict[str, Any] = {"data": folder / "data"}
    with ExitStack() as stack:
        if kind == "PostgreSQL":
            database["database_url"] = new_database(stack.enter_context(temporary_postgresql()))
        variables = {
            **environment(database, write_web(folder)),
            "KAERU_PUSH_SERVICES": "localhost",
            "KAERU_PUSH_TESTING": "true",
            "KAERU_LOG_LEVEL": "warning",
            "SSL_CERT_FILE": service.certificate,
        }
        run("db", "upgrade", **variables)
        first = datetime.now(UTC) + timedelta(seconds=10)
        due = [first + within * number / PUSHES for number in range(PUSHES)]
        fill(database, service, due)
        for number in range(processes):
            dispatcher = Serving.start(folder / f"log{number}", "dispatch", **variables)
            stack.callback(dispatcher.process.communicate)
            stack.callback(dispatcher.process.terminate)
        arrived = service.arrivals()
        before = service.seconds
        patience = time.monotonic() + 120 + within.total_seconds()
        while len(arrived) < PUSHES and time.monotonic() < patience:
            time.sleep(1)
            arrived |= service.arrivals()
    if len(arrived) != PUSHES:
        raise RuntimeError(f"{len(arrived)} of {PUSHES} pushes arrived")
    late = sorted(at - due[number].timestamp() for number, at in arrived.items())
    rate = PUSHES / (max(arrived.values()) - min(arrived.values()))
    return Figures(rate, late[PUSHES // 2], late[PUSHES * 99 // 100], service.seconds - before)


def print_push_server(rounds: int = 3) -> None:
    """Measure both databases and the loops in turn, and print the medians.

    Several dispatchers share PostgreSQL alone: SQLite is of one machine's one process.
    """
    found: dict[str, dict[str, list[Figures]]] = {case: {kind: [] for kind in KINDS} for case in CASES}
    plain, secure = [], []
    service = Service()
    try:
        for _ in range(rounds):
            service.wait_ms = 0
            service.arrivals()
            plain.append(loop(service, f"http://127.0.0.1:{service.http}"))
            secure.append(loop(service, f"https://localhost:{service.https}"))
            for case, (within, processes, wait_ms) in CASES.items():
                for kind in KINDS if processes == 1 else KINDS[1:]:
                    with tempfile.TemporaryDirectory() as folder:
                        figures = measure(kind, service, Path(folder), within, processes, wait_ms)
                    found[case][kind].append(figures)
    finally:
        service.close()
    print(f"\nDispatcher, HTTP/1.1 over TLS: {PUSHES:,} reminders, medians of {rounds}")
    http, https = median(plain), median(secure)
    print(
        f"pywebpush in a loop, a connection each: {http:,.0f} a second over HTTP, {https:,.0f} over HTTPS\n"
    )
    line("", *KINDS)
    rates = [median(each.rate for each in found[BURST][kind]) for kind in KINDS]
    line("all due at one moment: pushes a second", *(f"{rate:,.0f}" for rate in rates))
    line("times the loop over HTTP", *(f"{rate / http:.1f}" for rate in rates))
    line(f"aim: at least {AIM_TIMES} times", *(verdict(rate >= AIM_TIMES * http) for rate in rates))
    line("times the loop over HTTPS", *(f"{rate / https:.1f}" for rate in rates))
    late(found[BURST])
    spent = [median(each.service for each in found[BURST][kind]) for kind in KINDS]
    line("processor time of the push service they are sent to", *(f"{value:.1f} s" for value in spent))
    two = median(each.rate for each in found[TWO][KINDS[1]])
    line("two processes: pushes a second", "", f"{two:,.0f}")
    line("times one process", "", f"{two / rates[1]:.2f}")
    line(f"aim: at least {AIM_OF_TWO} times", "", verdict(two >= AIM_OF_TWO * rates[1]))
    slow = [median(each.rate for each in found[SLOW][kind]) for kind in KINDS]
    line(f"the service takes {SLOW_MS} ms: pushes a second", *(f"{rate:,.0f}" for rate in slow))
    line(f"aim: at least {AIM_SLOW:,}", *(verdict(rate >= AIM_SLOW) for rate in slow))
    line("due evenly within one minute")
    late(found[MINUTE])
    aim = f"aim, of reminders due within one minute: p99 under {AIM_P99:.0f} s"
    p99 = [median(each.p99 for each in found[MINUTE][kind]) for kind in KINDS]
    line(aim, *(verdict(each < AIM_P99) for each in p99))


def late(found: dict[str, list[Figures]]) -> None:
    line("lateness, p50", *(f"{median(each.p50 for each in found[kind]):.1f} s" for kind in KINDS))
    line("lateness, p99", *(f"{median(each.p99 for each in found[kind]):.1f} s" for kind in KINDS))


def verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def line(name: str, *cells: str) -> None:
    print("".join([name.ljust(NAME), *(cell.ljust(COLUMN) for cell in cells)]).rstrip())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    print_push_server(parser.parse_args().rounds)
