"""Times the questions a screen waits for. Imports nothing that Pyodide lacks: it is run there as it is."""

from collections.abc import Callable
from datetime import datetime
from statistics import median
from time import perf_counter

from app.store import queries
from app.store.search import search
from app.store.store import Store
from tests.bench.data import client_id

ROUNDS = 15


def measure(store: Store, now: datetime, rounds: int = ROUNDS) -> dict[str, float]:
    """Median milliseconds of each question, on a store that `data.fill` filled; one more round warms up."""
    return {name: _time(question, rounds) for name, question in questions(store, now).items()}


def questions(store: Store, now: datetime) -> dict[str, Callable[[], object]]:
    busiest = client_id(0)
    return {
        "Today": lambda: queries.agenda(store, now),
        "search, a word (invoice)": lambda: search(store, "invoice"),
        "search, 3 characters (請求書)": lambda: search(store, "請求書"),
        "search, 2 characters (納期)": lambda: search(store, "納期"),
        "search, 1 character (書)": lambda: search(store, "書"),
        "search, nothing found": lambda: search(store, "虎 zebra"),
        "a client's timeline": lambda: queries.timeline(store, busiest),
        "a client's summary": lambda: queries.client_summary(store, busiest, now),
        "jobs, first page": lambda: queries.jobs(store, limit=30),
        "jobs, filtered (データ)": lambda: queries.jobs(store, query="データ", limit=30),
        "all clients by name": lambda: queries.clients(store),
        "likely clients": lambda: queries.likely_clients(store),
    }


def _time(question: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds + 1):
        start = perf_counter()
        question()
        taken.append((perf_counter() - start) * 1000)
    return median(taken[1:])
