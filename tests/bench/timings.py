"""Times the questions a screen waits for. Imports nothing that Pyodide lacks: it is run there as it is."""

import platform
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from app.domain.entities import Message
from app.store import queries
from app.store.database import open_database
from app.store.queries import search
from app.store.store import Store
from tests.bench.coach import all_rules
from tests.bench.data import client_id, fill

NOW = datetime(2026, 6, 10, 9, 30, tzinfo=UTC)
ROUNDS = 15
COACH = "coach: every rule, every client"

Timing = tuple[float, float, float]
"""Milliseconds: the median, the least and the most."""


class Figures(NamedTuple):
    python: str
    sqlite: str
    megabytes: float  # of the database
    filled: float  # seconds that filling it took
    timings: dict[str, Timing]


def run(path: Path) -> Figures:
    """Fill a new database at `path`, then time each question; a round more than is counted warms up."""
    store = Store(open_database(path), lambda: NOW)
    start = perf_counter()
    fill(store, NOW)
    filled = perf_counter() - start
    timings = {name: _time(question) for name, question in questions(store, NOW).items()}
    store.close()
    timings["open the database"] = _time(lambda: Store(open_database(path), lambda: NOW).close())
    size = path.stat().st_size / 1e6
    return Figures(platform.python_version(), sqlite3.sqlite_version, size, filled, timings)


def questions(store: Store, now: datetime) -> dict[str, Callable[[], object]]:
    busiest = client_id(0)
    return {
        "Today": lambda: queries.today(store, now),
        "search, a word (invoice)": lambda: search(store, "invoice"),
        "search, 3 characters (請求書)": lambda: search(store, "請求書"),
        "search, 2 characters (納期)": lambda: search(store, "納期"),
        "search, 1 character (書)": lambda: search(store, "書"),
        "search, nothing found": lambda: search(store, "虎 zebra"),
        "a client's timeline": lambda: queries.timeline(store, busiest),
        "jobs, first page": lambda: queries.jobs(store, limit=30),
        "jobs, filtered (データ)": lambda: queries.jobs(store, query="データ", limit=30),
        "coach: a client at a glance": lambda: queries.client_glance(store, busiest, now),
        "coach: everybody's next step": lambda: queries.ladders(store, now),
        "coach: what all of them owe": lambda: queries.exposures(store),
        "coach: the week ahead": lambda: queries.workload(store, now),
        "coach: waiting for them": lambda: queries.waiting_for(store, now),
        "coach: trust over 90 days": lambda: queries.trust(store, 90, now),
        COACH: all_rules(store, now),
        "all clients by name": lambda: queries.clients(store),
        "likely clients": lambda: queries.likely_clients(store),
        "note a message, onto the disk": lambda: store.save(
            Message(client_id=busiest, at=now, created_at=now)
        ),
    }


def _time(question: Callable[[], object]) -> Timing:
    taken = []
    for _ in range(ROUNDS + 1):
        start = perf_counter()
        question()
        taken.append((perf_counter() - start) * 1000)
    counted = taken[1:]
    return median(counted), min(counted), max(counted)
