"""Prints how long a start takes, in each layout in turn, round after round."""

import argparse
import math
import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from app.domain.reply import WindowState
from app.store import queries
from app.store.database import open_database
from app.store.sample import load_sample
from app.store.store import Store
from app.wording import agenda as agenda_words
from tests.bench.start import layouts
from tests.bench.start.launch import LAUNCHED_MS, Launcher, Start
from tests.e2e.browser import chromium

STOCK_FIRST, STOCK, FIRST, WARM, OPEN, UNSNAPPED, FLOOR = (
    "stock layout, first visit",
    "stock layout, later",
    "Kaeru, first visit",
    "Kaeru, warm",
    "Kaeru, warm, browser open",
    "Kaeru, snapshot removed",
    "floor, warm: no Python",
)
COLUMNS = {
    "content": "first true content, s",
    "control": "first control, s",
    "answer": "its tap answered, s",
    "processor": "processor time, s",
    "memory": "peak of the page, MB",
}
NAME, COLUMN = 40, 25

Starts = dict[str, list[Start]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.start", description="Measure starts.")
    parser.add_argument("rounds", type=int, nargs="?", default=5, help="starts in each layout (default: 5)")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        bench = Bench(Path(folder), stack)
        for number in range(rounds):
            say(f"round {number + 1} of {rounds} …")
            bench.play_round()
    print_machine()
    print_starts(bench.starts)
    print_aims(bench.starts)
    print_limits(bench.starts, bench.empty)
    print("\nSent on the first visit, in MB\n")
    for name, size in bench.sent.items():
        line(name, f"{size / 1e6:.1f}")
    print(f"\nPeak of the page while its first snapshot is made: {bench.making:.0f} MB")


class Bench:
    """The layouts, each with the profile its later visits are made in."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        database, first_line = sample_data(folder / "kaeru.db")
        expected = {"content": first_line, "control": "Jobs", "answer": "Jobs"}
        self.launcher = Launcher(stack.enter_context(sync_playwright()), expected, database)
        say("laying out the app …")
        self.stock = stack.enter_context(layouts.stock(folder / "stock", database))
        self.kaeru = stack.enter_context(layouts.kaeru(folder / "kaeru"))
        say("recording a start, for the floor …")
        recorded = self.launcher.record(self.new_profile("recorded", self.kaeru), self.kaeru)
        self.floor = stack.enter_context(layouts.floor(folder / "floor", recorded))
        say("visiting, so that there are later visits …")
        self.profiles: dict[str, Path] = {}
        for name, site in ((STOCK, self.stock), (FLOOR, self.floor)):
            self.profiles[name] = self.new_profile(name, site)
            self.launcher.visit(self.profiles[name], site, snapshot=False)
        self.making = 0.0
        for name in (WARM, UNSNAPPED):
            self.profiles[name] = self.new_profile(name, self.kaeru)
            peak = self.launcher.visit(self.profiles[name], self.kaeru, snapshot=True)
            self.making = max(self.making, peak)
        self.sent: dict[str, int] = {}
        self.empty: dict[str, list[float]] = {WARM: [], OPEN: []}
        self.starts: Starts = {name: [] for name in (STOCK_FIRST, STOCK, FIRST, WARM, OPEN, UNSNAPPED, FLOOR)}

    def new_profile(self, name: str, site: layouts.Site) -> Path:
        return self.launcher.new_profile(self.folder / "profiles" / name, site)

    def play_round(self) -> None:
        """Start once in every layout."""
        self.first(STOCK_FIRST, self.stock)
        self.later(STOCK, self.stock)
        self.first(FIRST, self.kaeru)
        self.later(WARM, self.kaeru)
        opened = self.launcher.start(self.profiles[WARM], self.kaeru, after_ms=LAUNCHED_MS)
        self.starts[OPEN].append(opened)
        self.launcher.remove_snapshot(self.profiles[UNSNAPPED], self.kaeru)
        self.later(UNSNAPPED, self.kaeru)
        self.later(FLOOR, self.floor)
        for name, after_ms in ((WARM, 0), (OPEN, LAUNCHED_MS)):
            self.empty[name].append(
                self.launcher.empty_page(self.profiles[FLOOR], self.floor, after_ms=after_ms)
            )

    def first(self, name: str, site: layouts.Site) -> None:
        profile = self.new_profile(f"{name} {len(self.starts[name])}", site)
        before = site.sent
        self.starts[name].append(self.launcher.start(profile, site))
        self.sent[name] = site.sent - before
        shutil.rmtree(profile)

    def later(self, name: str, site: layouts.Site) -> None:
        self.starts[name].append(self.launcher.start(self.profiles[name], site))


def sample_data(path: Path) -> tuple[bytes, str]:
    """A database with the sample in it, dated from now, and what Today's first line is about."""
    now = datetime.now(UTC)
    store = Store(open_database(path), lambda: now)
    settings = store.settings()
    settings.introduced = True
    store.save(settings)
    load_sample(store, settings.language, now)
    items = queries.today(store, now).agenda.items
    store.close()
    late_first = sorted(items, key=lambda item: item.state is not WindowState.OVERDUE)
    return path.read_bytes(), agenda_words.agenda_subject(late_first[0])


def print_machine() -> None:
    version = subprocess.run([chromium(), "--version"], capture_output=True, text=True, check=True).stdout
    cores, load = os.cpu_count(), os.getloadavg()[1]
    print(f"\n{version.strip()}, headless, drawing in software; {cores} cores, load {load:.1f}")
    print("Each start is of a browser just launched, or “open” for some seconds, the machine's file cache")
    print("warm, over loopback, with Flutter's semantics on. All show the same data, the sample.\n")


def print_starts(starts: Starts) -> None:
    print("From the navigation on: the median (least – most)\n")
    line("", *COLUMNS.values())
    for name, measured in starts.items():
        cells = []
        for column in COLUMNS:
            values = [getattr(start, column) for start in measured]
            cells.append(spread(values, 0 if column == "memory" else 2))
        line(name, *cells)


def print_aims(starts: Starts) -> None:
    """The ratios are of starts in the same round, so that what else the machine did then counts in both."""
    print("\nAims\n")
    for column in ("control", "answer"):
        aim(f"warm / floor, {column}", ratios(starts, column, WARM, FLOOR), at_most=1.5)
        aim(f"stock / warm, {column}", ratios(starts, column, STOCK, WARM), at_least=4)
        aim(f"stock first / first, {column}", ratios(starts, column, STOCK_FIRST, FIRST), at_least=2)
    for name in (WARM, OPEN):
        aim(f"{name}: content, s", [start.content for start in starts[name]], at_most=0.5)


def print_limits(starts: Starts, empty: dict[str, list[float]]) -> None:
    """What no work on the app could better: Flutter's part of a start, and the browser's."""
    print("\nLimits\n")
    line(
        "stock / floor, control",
        spread(ratios(starts, "control", STOCK, FLOOR), 2),
        "Python at no cost at all",
    )
    line("an empty page, painted, s", spread(empty[WARM], 2), "of a browser just launched")
    line("", spread(empty[OPEN], 2), "of an open one")


def ratios(starts: Starts, column: str, slow: str, quick: str) -> list[float]:
    pairs = zip(starts[slow], starts[quick], strict=True)
    return [getattr(one, column) / getattr(other, column) for one, other in pairs]


def aim(name: str, values: list[float], at_most: float = math.inf, at_least: float = -math.inf) -> None:
    limit = f"at most {at_most}" if at_most < math.inf else f"at least {at_least}"
    met = at_least <= median(values) <= at_most
    line(name, spread(values, 2), f"{limit}: {'met' if met else 'MISSED'}")


def spread(values: list[float], digits: int) -> str:
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} – {max(values):.{digits}f})"


def say(text: str) -> None:
    print(f"· {text}", flush=True)


def line(name: str, *cells: str) -> None:
    print("".join([name.ljust(NAME), *(cell.ljust(COLUMN) for cell in cells)]).rstrip())


if __name__ == "__main__":
    main()
