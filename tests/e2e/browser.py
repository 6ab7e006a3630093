"""The real server and real browsers, driven by the tests."""

import json
import os
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Error, Page, Playwright, Route

# Hosts of Chromium's own services: clock, accounts, updates, autofill. What Flutter could request is on other
# hosts: fonts and CanvasKit on gstatic.com and fonts.googleapis.com, Rive and Pyodide on jsdelivr.net.
CHROMIUM_HOSTS = re.compile(r"[\w-]+\.google\.com|(?!fonts\.)[\w-]+\.googleapis\.com")
ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "build" / "out" / "web"
# A cold start renders without a graphics card and compiles Python, on a busy machine.
START_MS = 120_000
ACTION_MS = 20_000
# The snapshot file begins with its label, which is written last.
KEPT_SNAPSHOT = """async () => {
  const folder = await navigator.storage.getDirectory();
  const handle = await folder.getFileHandle("python.snapshot").catch(() => null);
  const file = await handle?.getFile();
  // A file that is being written cannot be read.
  return (await file?.slice(0, 1).text().catch(() => "")) === "{" && file.size;
}"""
# A page of the origin that does not start the app: stored data can be read and changed from there.
ELSEWHERE = "/healthz"
PHONE = {"width": 390, "height": 844}
# The origin of the app in every browser, whatever the port: a profile's data belongs to its origin.
SITE = "http://kaeru.localhost"
ARGUMENTS = [
    "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
    "--disable-features=OptimizationHints,MediaRouter",
]  # fmt: skip


def chromium() -> str:
    """The path of the system's Chromium, which `make test` installs."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise FileNotFoundError("The browser tests need Chromium; `make test` installs it.")


def package(out: Path = WEB, app_root: Path = ROOT, plain: str = "") -> Path:
    """Package the PWA as `make pwa PLAIN=…` does."""
    command = [
        sys.executable,
        ROOT / "build" / "pwa.py",
        "--out",
        out,
        "--app-root",
        app_root,
        "--plain",
        plain,
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return out


def resolver_argument(address: str) -> str:
    """The Chromium argument that resolves `SITE` to this address."""
    return f"--host-resolver-rules=MAP {urlsplit(SITE).netloc} {urlsplit(address).netloc}"


@dataclass
class Server:
    """`kaeru serve` in its own process, on the same port after every restart."""

    web: Path
    log: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        environment = {
            **os.environ, "HOST": "127.0.0.1", "PORT": str(self.port), "KAERU_WEB": str(self.web),
            "KAERU_DATA": str(self.log.parent / "data"), "KAERU_LOG_LEVEL": "info", **self.settings,
        }  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.server.cli", "serve"], cwd=ROOT, env=environment, stderr=log,
                stdout=subprocess.PIPE,
            )  # fmt: skip
        # It prints its address once it accepts requests.
        if not self.process.stdout or not self.process.stdout.readline():
            raise RuntimeError(f"The server did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            if self.process.stdout:
                self.process.stdout.close()
            self.process = None

    def requests(self) -> list[str]:
        """The requested paths since the last `forget_requests`, in order."""
        lines = (json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{"))
        return [line["path"] for line in lines if line.get("logger") == "kaeru.access"]

    def forget_requests(self) -> None:
        os.truncate(self.log, 0)


class Phone:
    """A phone-sized browser with a persistent profile; records all its requests.

    The app that listens at `address` has the origin `url` in it.
    """

    url = SITE

    def __init__(self, playwright: Playwright, profile: Path, address: str, **options: object) -> None:
        self.playwright = playwright
        self.profile = profile
        self.arguments = [*ARGUMENTS, resolver_argument(address)]
        self.options = options
        self.context: BrowserContext | None = None
        self.requests: list[str] = []
        self.complaints: list[str] = []

    def open(self, path: str = "/") -> Page:
        """Start the browser if needed and open a tab; does not wait for the app, unlike `start`."""
        if self.context is None:
            self.context = self.playwright.chromium.launch_persistent_context(
                self.profile, executable_path=chromium(), args=self.arguments, viewport=PHONE, **self.options
            )
            self.context.set_default_timeout(ACTION_MS)
            self.context.on("request", lambda request: self.requests.append(request.url))
            self.context.on("console", lambda message: self._listen(message.type, message.text))
            self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
            page = self.context.pages[0]
        else:
            page = self.context.new_page()
        page.goto(self.url + path, wait_until="commit")
        return page

    def start(self, path: str = "/") -> Page:
        """Open a tab, wait until the app is shown, and enable its semantics."""
        page = self.open(path)
        wait_for_app(page)
        return page

    def _listen(self, kind: str, text: str) -> None:
        if kind == "error" or "Content Security Policy" in text:
            self.complaints.append(text)

    def kill(self) -> None:
        """End the browser as a crash or an empty battery does: SIGKILL, so nothing is saved on exit."""
        context, self.context = self.context, None
        os.kill(browser_process(self.profile), signal.SIGKILL)
        while browser_process(self.profile):
            time.sleep(0.02)
        with suppress(Error):
            if context:
                context.close()
        # Lock files of the killed browser keep a second one from using the profile.
        for lock in self.profile.glob("Singleton*"):
            lock.unlink()

    def close(self) -> None:
        if self.context:
            self.context.close()
            self.context = None


def browser_process(profile: Path) -> int:
    """The id of the browser process that uses the profile, or 0."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
            if f"--user-data-dir={profile}" in command and "--type=" not in command and "chrom" in command:
                state = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0]
                if state != "Z":
                    return int(folder.name)
    return 0


class Cover:
    """The cover page shown before the app starts, or instead of it."""

    def __init__(self, page: Page) -> None:
        self.bar = page.get_by_role("progressbar")
        self.progress = page.locator("#progress")
        self.title = page.locator("#title")
        self.text = page.locator("#text")
        self.actions = page.locator("#actions button")
        self.details = page.locator("#more pre")


def wait_for_app(page: Page) -> None:
    """Wait until the app is shown, then enable its semantics; fail if a notice is shown instead."""
    cover = Cover(page)
    try:
        page.locator("#cover.leaving, #notice:not([hidden])").wait_for(state="attached", timeout=START_MS)
    except Error as error:
        workers = [worker.url for worker in page.workers]
        raise AssertionError(f"Still “{cover.progress.text_content()}”; workers: {workers}") from error
    if cover.title.is_visible():
        details = cover.details.text_content()
        raise AssertionError(f"Instead of the app: {cover.title.text_content()}\n{details}")
    enable_semantics(page)


def enable_semantics(page: Page) -> None:
    """Make Flutter add its semantics to the DOM, as for a screen reader."""
    placeholder = page.locator("flt-semantics-placeholder")
    placeholder.wait_for(state="attached", timeout=START_MS)
    placeholder.evaluate("element => element.click()")


class Outside(socketserver.ThreadingTCPServer):
    """A proxy for all hosts but 127.0.0.1: records the requested hosts and answers nothing."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), OutsideRequest)
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def proxy(self) -> dict[str, str]:
        """The `proxy` option for a `Phone` that uses this proxy."""
        return {
            "server": f"http://127.0.0.1:{self.server_address[1]}",
            "bypass": f"127.0.0.1,{urlsplit(SITE).netloc}",
        }

    def asked_by_the_app(self) -> list[str]:
        """The requested hosts without those that Chromium contacts by itself."""
        return [host for host in self.asked if not CHROMIUM_HOSTS.fullmatch(host)]


class OutsideRequest(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        _method, target, *_ = self.rfile.readline().decode().split() or ("", "")
        assert isinstance(self.server, Outside)
        self.server.asked.append(urlsplit(target if "//" in target else f"//{target}").hostname or target)


class Held:
    """Holds the requests for one path until the test makes them fail."""

    def __init__(self, page: Page, path: str) -> None:
        self.page = page
        self.pattern = re.compile(re.escape(path) + "$")
        self.waiting: list[Route] = []
        page.route(self.pattern, self._wait)

    def _wait(self, route: Route) -> None:
        self.waiting.append(route)

    def wait(self) -> None:
        """Wait for the first request."""
        while not self.waiting:
            self.page.wait_for_timeout(20)

    def fail(self) -> None:
        """Abort the held requests, waiting for the first if there is none, and hold no more."""
        self.wait()
        for route in self.waiting:
            route.abort("connectionreset")
        self.page.unroute(self.pattern)


def has_snapshot(page: Page) -> bool:
    """Whether a snapshot of Python's memory is stored; see assets/web/worker/snapshot.js."""
    return bool(page.evaluate(KEPT_SNAPSHOT))


def wait_for_snapshot(page: Page) -> None:
    """Wait until the app stores a snapshot, which it does after some idle time."""
    for _ in range(START_MS // 250):
        if has_snapshot(page):
            return
        page.wait_for_timeout(250)
    raise AssertionError("No snapshot was made.")
