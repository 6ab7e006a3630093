"""The app as it runs on a phone, shown in Chromium: CPython, SQLite in a file, httpx over sockets.

`python -m tests.e2e.native PORT` runs it in a process of its own, with Flet's web server.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.browser import ROOT, START_MS, Phone, enable_semantics


@dataclass
class NativeApp:
    """A process with its own database."""

    data: Path
    language: str
    time_zone: str
    module: str = "tests.e2e.native"  # the module that the process runs
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    url: str = ""

    def start(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = {
            **os.environ, "KAERU_DATA": str(self.data), "LANGUAGE": self.language, "TZ": self.time_zone,
            "FLET_FORCE_WEB_SERVER": "true",
        }  # fmt: skip
        self.url = f"http://127.0.0.1:{port}"
        with (self.data.parent / "native.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, str(port)], cwd=ROOT, env=environment,
                stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + START_MS / 1000
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.data.parent / "native.log").read_text())
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url, timeout=5):
                return True
        except OSError:
            return False

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def complaints(self) -> list[str]:
        """Error lines of the process log."""
        lines = (self.data.parent / "native.log").read_text().splitlines()
        return [line for line in lines if "Error" in line or "Traceback" in line or "Unhandled" in line]


def show(phone: Phone, path: str = "/") -> Page:
    """Open the app and enable its semantics."""
    page = phone.open(path)
    enable_semantics(page)
    return page


def main() -> None:
    import flet as ft

    from app.ui.app import main as app

    ft.run(app, host="127.0.0.1", port=int(sys.argv[1]), assets_dir=str(ROOT / "assets"), no_cdn=True)


if __name__ == "__main__":
    main()
