"""Firefox driven over WebDriver BiDi, since Playwright's BiDi support needs the newest Firefox.

Pages have those methods of Playwright's pages that `Hands` uses.
"""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.e2e.browser import ACTION_MS, PHONE, START_MS

PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "dom.push.retryBaseInterval": 100,  # ms until the push service is contacted again
    "dom.push.testing.allowInsecureServerURL": True,
    "focusmanager.testmode": True,  # there is no window manager to give it the focus
    "permissions.default.desktop-notification": 1,  # nobody could answer the browser's own prompt
    "remote.prefs.recommended": False,  # they include: no push service for driven browsers
}
EVALUATE = """(async () => {
  const found = (%s);
  return JSON.stringify(await (typeof found === "function" ? found(...%s) : found)) ?? "null";
})()"""
SEEN = "document.querySelector('#cover.leaving, #notice:not([hidden])') !== null"
INSTEAD = "document.querySelector('#notice:not([hidden])')?.innerText ?? ''"
ENABLE_SEMANTICS = """() => {
  const placeholder = document.querySelector("flt-semantics-placeholder");
  placeholder?.click();
  return placeholder !== null;
}"""
FIND = """(role, name) => [...document.querySelectorAll(`flt-semantics-host [role=${role}]`)]
  .find((element) => (element.getAttribute("aria-label") ?? element.textContent).includes(name))"""
MIDDLE = """element => {
  const {x, y, width, height} = element.getBoundingClientRect();
  return [Math.round(x + width / 2), Math.round(y + height / 2)];
}"""


def executable() -> str:
    """The path of the system's Firefox, which `make test` installs."""
    for name in ("firefox-esr", "firefox"):
        if found := shutil.which(name):
            return found
    raise FileNotFoundError("The test of a real push needs Firefox; `make test` installs it.")


class Firefox:
    """A browser with one tab."""

    def __init__(self, connection: ClientConnection) -> None:
        self.complaints: list[str] = []
        self._connection = connection
        self._asked = 0
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded"])
        tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]
        self.ask("browsingContext.setViewport", context=tab, viewport=PHONE)
        self.page = FirefoxPage(self, tab)

    @classmethod
    @contextmanager
    def running(cls, profile: Path, environment: dict[str, str], push_service: str) -> Iterator["Firefox"]:
        """Run Firefox until the block ends, on the display in `environment` and with this push service."""
        profile.mkdir()
        preferences = PREFERENCES | {"dom.push.serverURL": push_service}
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(to)});\n" for name, to in preferences.items())
        (profile / "user.js").write_text("".join(lines))
        command = [executable(), "--remote-debugging-port=0", "--profile", profile, "about:blank"]
        with (profile / "log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            address = json.loads(_appeared(profile / "WebDriverBiDiServer.json", process))
            url = f"ws://{address['ws_host']}:{address['ws_port']}/session"
            with connect(url, max_size=None) as connection:
                yield cls(connection)
        finally:
            process.terminate()
            process.wait(30)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Run a BiDi command; returns its result."""
        self._asked += 1
        self._connection.send(json.dumps({"id": self._asked, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._connection.recv(START_MS / 1000))
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] == "error":
                self.complaints.append(answer["params"]["text"])
            if answer.get("id") == self._asked:
                if answer["type"] == "error":
                    raise RuntimeError(f"{method}: {answer['message']}")
                return dict(answer["result"])


class FirefoxPage:
    """The tab, with the methods of a Playwright page that `Hands` uses."""

    def __init__(self, browser: Firefox, tab: str) -> None:
        self.browser = browser
        self.tab = tab
        self.mouse = Mouse(self)

    def goto(self, url: str) -> None:
        """Navigate without waiting."""
        self.browser.ask("browsingContext.navigate", context=self.tab, url=url, wait="none")

    def start(self, url: str) -> None:
        """Open the app, wait until it is shown, and enable its semantics."""
        self.goto(url)
        self.wait_until(SEEN)
        assert not (instead := self.evaluate(INSTEAD)), instead
        self.wait_until(ENABLE_SEMANTICS)

    def wait_until(self, condition: str) -> None:
        deadline = time.monotonic() + START_MS / 1000
        while not self.evaluate(condition):
            assert time.monotonic() < deadline, condition
            self.wait_for_timeout(100)

    def evaluate(self, script: str, *given: Any) -> Any:
        """The value of an expression, or of a function called with `given`; both are plain data."""
        answer = self.browser.ask(
            "script.evaluate", target={"context": self.tab}, awaitPromise=True, userActivation=False,
            expression=EVALUATE % (script, json.dumps(given)),
        )  # fmt: skip
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    def wait_for_timeout(self, milliseconds: float) -> None:
        time.sleep(milliseconds / 1000)

    def get_by_role(self, role: str, *, name: str, exact: bool) -> "Control":
        assert not exact
        return Control(self, f"({FIND})({json.dumps(role)}, {json.dumps(name)})")


@dataclass
class Control:
    """The first element that a script finds."""

    page: FirefoxPage
    found: str

    @property
    def first(self) -> "Control":
        return self

    def or_(self, other: "Control") -> "Control":
        return replace(self, found=f"({self.found} ?? {other.found})")

    def count(self) -> int:
        return int(self.page.evaluate(f"Number({self.found} !== undefined)"))

    def evaluate(self, function: str, timeout: float = ACTION_MS) -> Any:
        return self.page.evaluate(f"({function})({self.found})")

    def click(self) -> None:
        self.page.mouse.click(*self.evaluate(MIDDLE))


@dataclass
class Mouse:
    page: FirefoxPage
    at: tuple[int, int] = (0, 0)

    def click(self, x: float, y: float) -> None:
        """Click with user activation, which some browser functions require."""
        pointer = [
            {"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]  # fmt: skip
        self._perform("pointer", *pointer)

    def move(self, x: float, y: float) -> None:
        """Set where the wheel turns next."""
        self.at = round(x), round(y)

    def wheel(self, across: int, down: int) -> None:
        x, y = self.at
        self._perform("wheel", {"type": "scroll", "x": x, "y": y, "deltaX": across, "deltaY": down})

    def _perform(self, device: str, *actions: dict[str, Any]) -> None:
        performed = [{"type": device, "id": device, "actions": actions}]
        self.page.browser.ask("input.performActions", context=self.page.tab, actions=performed)


def _appeared(file: Path, process: subprocess.Popen[bytes]) -> str:
    """The content of a file that a program writes when it is ready."""
    deadline = time.monotonic() + START_MS / 1000
    while not file.exists() or not file.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((file.parent / "log").read_text())
        time.sleep(0.05)
    return file.read_text()
