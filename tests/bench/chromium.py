"""Runs the bench in Chromium, as the app runs there: the packaged Python, and the database in OPFS."""

import json
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench.timings import Figures
from tests.e2e.browser import WEB, Phone, Server

HERE = Path(__file__).parent
MODULES = ("__init__.py", "data.py", "timings.py")
# Any address of the server will do that is not the app: two could not use the same database.
ELSEWHERE = "/healthz"
RUN = """
import json, sys
from pathlib import Path
sys.path.insert(0, "/bench")
from tests.bench.timings import run
json.dumps(run(Path("/data/kaeru.db"))._asdict())
"""
START = """([source, task]) => new Promise((resolve, reject) => {
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(address, { type: "module" });
  worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.result));
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(task);
})"""


def run_in_chromium() -> Figures:
    """The figures of `timings.run`, from the package in build/out/web."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(WEB, Path(folder) / "log")
        server.start()
        phone = Phone(playwright, Path(folder) / "profile", server.url)
        try:
            page = phone.open(ELSEWHERE)
            modules = {f"/bench/tests/bench/{name}": (HERE / name).read_text() for name in MODULES}
            task = {"modules": modules, "code": RUN}
            answer = page.evaluate(START, [(HERE / "worker.js").read_text(), task])
            return Figures(**json.loads(answer))
        finally:
            phone.close()
            server.stop()
