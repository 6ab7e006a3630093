"""Prints the figures: store and rules on CPython and in Chromium, a first visit's size, the server."""

import json
import sys
import tempfile
import unicodedata
from pathlib import Path

from tests.bench import sync_client
from tests.bench.chromium import run_in_chromium, sync_in_chromium
from tests.bench.data import CLIENTS, JOBS, MESSAGES
from tests.bench.push_server import print_push_server
from tests.bench.sync_server import print_sync_server
from tests.bench.timings import COACH, ROUNDS, Figures, Timing, run
from tests.e2e.browser import ROOT, WEB, Server

sys.path.append(str(ROOT / "build"))
from pwa import RENDERERS, transfer_by_part

TODAY_MS = {"CPython": 50, "Chromium": 300}
COACH_MS = 100
TRANSFER_MB = 15
FIRST_SYNCS = 5
NAME, COLUMN = 34, 28


def main() -> None:
    print(f"{CLIENTS:,} clients, {JOBS:,} jobs, {MESSAGES:,} messages: measuring on CPython …", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        figures = {"CPython": run(Path(folder) / "kaeru.db")}
    print("… and in Chromium …", flush=True)
    figures["Chromium"] = run_in_chromium()
    print_figures(figures)
    print_first_sync()
    print_transfer()
    print_sync_server()
    print_push_server()


def print_figures(figures: dict[str, Figures]) -> None:
    print(f"Milliseconds, the median of {ROUNDS} (least – most)\n")
    line("", *figures)
    line("", *(f"Python {each.python}" for each in figures.values()))
    line("", *(f"SQLite {each.sqlite}" for each in figures.values()))
    for name in next(iter(figures.values())).timings:
        line(name, *(in_words(each.timings[name]) for each in figures.values()))
    line("size of the database", *(f"{each.megabytes:.0f} MB" for each in figures.values()))
    line("filled in", *(f"{each.filled:.0f} s" for each in figures.values()))
    verdicts = (aim(each.timings["Today"][0], TODAY_MS[where], "ms") for where, each in figures.items())
    line("aim for Today", *verdicts)
    line("aim for the coach's rules", aim(figures["CPython"].timings[COACH][0], COACH_MS, "ms"))


def print_first_sync() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(WEB, Path(folder) / "log")
        server.start()
        try:
            native = sync_client.run(server.url, FIRST_SYNCS)
        finally:
            server.stop()
    sync_client.report({"CPython": native, "Chromium": sync_in_chromium(FIRST_SYNCS)})


def print_transfer() -> None:
    """A first visit, by part; Chromium runs another of Flutter's two clients."""
    release = json.loads((WEB / "precache.json").read_text())
    clients = [transfer_by_part(release, renderer) for renderer in RENDERERS]
    print("\nDownloaded on the first visit, in MB (brotli)\n")
    line("", "Chromium", "other browsers")
    for part in clients[0]:
        line(part, *(f"{parts[part] / 1e6:.2f}" for parts in clients))
    totals = [sum(parts.values()) / 1e6 for parts in clients]
    line("all", *(f"{total:.2f}" for total in totals))
    line("aim", *(aim(total, TRANSFER_MB, "MB") for total in totals))


def in_words(timing: Timing) -> str:
    middle, least, most = timing
    return f"{middle:7.1f}  ({least:.1f} – {most:.1f})"


def aim(value: float, limit: float, unit: str) -> str:
    return f"under {limit} {unit}: {'met' if value < limit else 'MISSED'}"


def line(name: str, *cells: str) -> None:
    # Japanese characters take the room of two.
    wide = sum(unicodedata.east_asian_width(character) == "W" for character in name)
    print("".join([name.ljust(NAME - wide), *(cell.ljust(COLUMN) for cell in cells)]).rstrip())


if __name__ == "__main__":
    main()
