"""Prints the figures: store and rules on this machine's Python."""

import platform
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from app.store.database import open_database
from app.store.store import Store
from tests.bench.data import CLIENTS, JOBS, MESSAGES, fill
from tests.bench.timings import measure

NOW = datetime(2026, 6, 10, 9, 30, tzinfo=UTC)


def store_figures() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kaeru.db"
        store = Store(open_database(path), lambda: NOW)
        start = perf_counter()
        fill(store, NOW)
        filled = perf_counter() - start
        figures = measure(store, NOW)
        start = perf_counter()
        store.close()
        Store(open_database(path), lambda: NOW).close()
        reopened = (perf_counter() - start) * 1000
        size = path.stat().st_size / 1e6
    print(f"{CLIENTS:,} clients, {JOBS:,} jobs, {MESSAGES:,} messages: {size:.0f} MB in {filled:.0f} s")
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, median milliseconds")
    for name, milliseconds in {**figures, "close and open again": reopened}.items():
        print(f"  {name:<32}{milliseconds:>9.1f}")


if __name__ == "__main__":
    store_figures()
