"""Runs the bench in Chromium, as the app runs there: the packaged Python, and the database in OPFS."""

import json
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Route, sync_playwright

from tests.bench.sync_client import FirstSync
from tests.bench.timings import Figures
from tests.e2e.browser import WEB, Phone, Server

TESTS = Path(__file__).parents[1]
MODULES = (
    *("bench/__init__.py", "bench/coach.py", "bench/data.py", "bench/timings.py", "bench/sync_client.py"),
)
# Any address of the server will do that is not the app: two could not use the same database.
ELSEWHERE = "/healthz"
RUN = """
import json, sys
from pathlib import Path
sys.path.insert(0, "/bench")
from tests.bench.timings import run
json.dumps(run(Path("/data/kaeru.db"))._asdict())
"""
RUN_SYNC = """
import json, sys
from pathlib import Path
sys.path[:0] = ["/app", "/packages", "/bench"]
from tests.bench.sync_client import first_sync
from js import location
json.dumps((await first_sync(location.origin, Path("/data/kaeru.db")))._asdict())
"""
# The app's policy lets workers come from its own origin only.
ADDRESS = "/bench-worker.js"
START = """(address) => new Promise((resolve, reject) => {
  globalThis.bench = new Worker(address, { type: "module" });
  bench.onmessage = resolve;
  bench.onerror = ({ message }) => reject(new Error(message));
})"""
ASK = """(task) => new Promise((resolve, reject) => {
  bench.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.result));
  bench.postMessage(task);
})"""


def run_in_chromium() -> Figures:
    """The figures of `timings.run`, from the package in build/out/web."""
    return Figures(**_answer(RUN))


def sync_in_chromium(rounds: int) -> list[FirstSync]:
    """The figures of `sync_client.first_sync`, each in a new browser with a new server."""
    return [FirstSync(**_answer(RUN_SYNC)) for _ in range(rounds)]


def _answer(code: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(WEB, Path(folder) / "log")
        server.start()
        phone = Phone(playwright, Path(folder) / "profile", server.url)
        try:
            page = phone.open(ELSEWHERE)
            modules = {f"/bench/tests/{name}": (TESTS / name).read_text() for name in MODULES}
            task = {"modules": modules, "code": code}
            page.route(f"**{ADDRESS}", _serve_worker)
            page.evaluate(START, ADDRESS)
            page.unroute_all()  # or every request of what is measured would come by here
            answered: dict[str, Any] = json.loads(page.evaluate(ASK, task))
            return answered
        finally:
            phone.close()
            server.stop()


def _serve_worker(route: Route) -> None:
    headers = {"content-type": "text/javascript", "cross-origin-embedder-policy": "require-corp"}
    route.fulfill(body=(TESTS / "bench" / "worker.js").read_text(), headers=headers)
