"""The dispatcher under load: pushes a second to a push service on this machine, and how late they are.

`kaeru dispatch` is a process of its own, and so is the service: HTTP/2 over TLS for the dispatcher, plain
HTTP for the loop it is compared with, which so is spared a handshake a push.
"""

import argparse
import json
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

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from pywebpush import webpush
from sqlalchemy import insert

from app.server.database import open_engine
from app.server.settings import Settings
from app.server.tables import Reminder, Subscription
from tests.server.conftest import new_database, temporary_postgresql, write_web
from tests.server.devices import new_box, text
from tests.server.processes import Serving, environment, run

PUSHES = 10_000  # due at the same moment, each on a device of another account
LOOP = 500  # of the loop beside it
BOX_BYTES = 400
CONTACT = "mailto:bench@kaeru.invalid"
AIM_TIMES, AIM_P99 = 5, 5.0
NAME, COLUMN = 44, 16


@dataclass
class Figures:
    """Pushes a second; seconds after they were due."""

    rate: float
    p50: float
    p99: float


class Service:
    """The push service's process."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.bench.push_sink"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = json.loads(self.read())
        self.certificate: str = said["certificate"]
        self.http: int = said["http"]
        self.https: int = said["https"]

    def read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def arrivals(self) -> list[float]:
        """When each push arrived that did so since the last question."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        times: list[float] = json.loads(self.read())
        return times

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)


def new_browser() -> tuple[bytes, bytes]:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint), secrets.token_bytes(16)


def loop(service: Service) -> float:
    """Pushes a second of pywebpush, one after the other, as its documentation shows it."""
    point, auth = new_browser()
    keys = {"p256dh": text(point), "auth": text(auth)}
    vapid = Vapid02()
    vapid.generate_keys()
    said = json.dumps({"v": 1, "id": "0" * 32, "group": "0" * 32, "box": new_box(BOX_BYTES)})
    started = time.perf_counter()
    for number in range(LOOP):
        endpoint = f"http://127.0.0.1:{service.http}/wpush/v2/{number:0160}"
        subscription = {"endpoint": endpoint, "keys": keys}
        webpush(subscription, said, vapid_private_key=vapid, vapid_claims={"sub": CONTACT}, ttl=60)
    taken = time.perf_counter() - started
    assert len(service.arrivals()) == LOOP
    return LOOP / taken


def fill(database: dict[str, Any], service: Service, at: datetime) -> None:
    """One reminder, due then, for each of as many accounts with one device."""
    engine = open_engine(Settings(**database).database, 1)
    browsers = [new_browser() for _ in range(100)]
    accounts = [secrets.token_bytes(16) for _ in range(PUSHES)]
    origin = f"https://localhost:{service.https}"
    subscriptions = [
        {
            "account": account,
            "device": secrets.token_hex(16),
            "service": origin,
            "endpoint": f"{origin}/wpush/v2/{number:0160}",
            "p256dh": browsers[number % 100][0],
            "auth": browsers[number % 100][1],
            "created_at": at,
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
        for account in accounts
    ]
    with engine.begin() as connection:
        connection.execute(insert(Subscription), subscriptions)
        connection.execute(insert(Reminder), reminders)
    engine.dispose()


def measure(kind: str, service: Service, folder: Path) -> Figures:
    """How a dispatcher over this kind of database does when all reminders fall due at once."""
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
        due = datetime.now(UTC) + timedelta(seconds=10)
        fill(database, service, due)
        dispatcher = Serving.start(folder / "log", "dispatch", **variables)
        stack.callback(dispatcher.process.communicate)
        stack.callback(dispatcher.process.terminate)
        arrivals: list[float] = []
        patience = time.monotonic() + 120
        while len(arrivals) < PUSHES and time.monotonic() < patience:
            time.sleep(1)
            arrivals += service.arrivals()
    if len(arrivals) != PUSHES:
        raise RuntimeError(f"{len(arrivals)} of {PUSHES} pushes arrived")
    arrivals.sort()
    late = [arrival - due.timestamp() for arrival in arrivals]
    rate = PUSHES / (arrivals[-1] - arrivals[0])
    return Figures(rate, late[PUSHES // 2], late[PUSHES * 99 // 100])


def print_push_server(rounds: int = 3) -> None:
    """Measure both databases and the loop in turn, and print the medians."""
    figures: dict[str, list[Figures]] = {"SQLite": [], "PostgreSQL": []}
    loops = []
    service = Service()
    try:
        for _ in range(rounds):
            loops.append(loop(service))
            for kind, found in figures.items():
                with tempfile.TemporaryDirectory() as folder:
                    found.append(measure(kind, service, Path(folder)))
    finally:
        service.close()
    plain = median(loops)
    print(f"\nDispatcher: {PUSHES:,} reminders due at the same moment, medians of {rounds}\n")
    line("", *figures, "pywebpush, a loop")
    rates = [median(each.rate for each in found) for found in figures.values()]
    line("pushes a second", *(f"{rate:,.0f}" for rate in [*rates, plain]))
    p50 = [median(each.p50 for each in found) for found in figures.values()]
    p99 = [median(each.p99 for each in found) for found in figures.values()]
    line("lateness, p50", *(f"{value:.1f} s" for value in p50))
    line("lateness, p99", *(f"{value:.1f} s" for value in p99))
    line("times the loop", *(f"{rate / plain:.1f}" for rate in rates))
    fast = [rate >= AIM_TIMES * plain for rate in rates]
    line(f"aim: at least {AIM_TIMES} times", *("met" if met else "MISSED" for met in fast))
    line(f"aim: p99 under {AIM_P99:.0f} s", *("met" if value < AIM_P99 else "MISSED" for value in p99))


def line(name: str, *cells: str) -> None:
    print("".join([name.ljust(NAME), *(cell.ljust(COLUMN) for cell in cells)]).rstrip())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    print_push_server(parser.parse_args().rounds)
