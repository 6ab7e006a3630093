"""Opens the app as a person does, each time in a browser just started, and says how long that took."""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgpack
from playwright.sync_api import Page, Playwright

from tests.bench.start.layouts import Conversation, Site
from tests.e2e.browser import ARGUMENTS, PHONE, START_MS, Outside, browser_process, chromium

HERE = Path(__file__).parent
# An address of every layout that is not the app.
ELSEWHERE = "/healthz"
# Flet's wire format: a zero byte, then MessagePack of [action, body]. This action is an event of a control's.
CONTROL_EVENT = 3
# How long a visit lasts that only leaves things behind: the browser keeps compiled code when it has the time.
STAY_MS = 20_000
SETTLED_MS = 1_000
# By then a browser has done what it does when it is launched.
LAUNCHED_MS = 3_000


# Where assets/web/worker/snapshot.js keeps the snapshot; what it begins with is written last.
WAIT_FOR_SNAPSHOT = """patience => new Promise((resolve, reject) => {
  const look = async () => {
    const folder = await navigator.storage.getDirectory();
    const handle = await folder.getFileHandle("python.snapshot").catch(() => null);
    const file = await handle?.getFile();
    if ((await file?.slice(0, 1).text()) === "{") resolve();
    else if (performance.now() > patience) reject(new Error("No snapshot was made."));
    else setTimeout(look, 250);
  };
  look();
})"""
REMOVE_SNAPSHOT = """async () => {
  const folder = await navigator.storage.getDirectory();
  await folder.removeEntry("python.snapshot").catch((error) => {
    if (error.name !== "NotFoundError") throw error;
  });
}"""
WAIT_FOR_START = """patience => Promise.race([startSeen, new Promise((_, reject) => setTimeout(() =>
  reject(new Error(`No start within ${patience} ms:\\n${document.body.innerText}`)), patience))])"""
FIRST_PAINT = """() => new Promise((resolve) => new PerformanceObserver((list) =>
  resolve(list.getEntries()[0].startTime)).observe({ type: "paint", buffered: true }))"""
PUT_DATABASE = """async (base64) => {
  const root = await navigator.storage.getDirectory();
  const file = await (await root.getFileHandle("kaeru.db", { create: true })).createWritable();
  await file.write(Uint8Array.fromBase64(base64));
  await file.close();
}"""


class Start(NamedTuple):
    """When each was on screen, in seconds since the navigation began, and what that took."""

    content: float  # what the first line of Today is about
    control: float  # the first control that a finger would meet; it was tapped at once
    answer: float  # what Python answered to that tap
    processor: (
        float  # seconds of all the browser's processes up to then: what else the machine does counts less
    )
    memory: float  # the page's most, in MB; its workers are in it


class Launcher:
    """Each start is of a browser of its own, on a profile that outlives it."""

    def __init__(self, playwright: Playwright, expected: dict[str, str], database: bytes) -> None:
        self._playwright = playwright
        self._outside = Outside()
        self._database = base64.b64encode(database).decode()
        self._probe = f"({(HERE / 'probe.js').read_text()})({json.dumps(expected)})"
        self._recorder = f"({(HERE / 'recorder.js').read_text()})()"

    @contextmanager
    def _page(self, profile: Path, *scripts: str) -> Iterator[Page]:
        context = self._playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium(),
            args=ARGUMENTS,
            viewport=PHONE,
            locale="en-US",
            proxy=self._outside.proxy,
        )
        try:
            for script in scripts:
                context.add_init_script(script)
            yield context.pages[0]
        finally:
            context.close()

    def new_profile(self, profile: Path, site: Site) -> Path:
        """A profile that has seen nothing of the layout, but has the data."""
        with self._page(profile) as page:
            page.goto(site.url + ELSEWHERE)
            page.evaluate(PUT_DATABASE, self._database)
        return profile

    def start(self, profile: Path, site: Site, *, after_ms: int = 0) -> Start:
        """Start so long after the browser was launched."""
        with self._page(profile, self._probe) as page:
            page.wait_for_timeout(after_ms)
            return _start(page, profile, site)

    def empty_page(self, profile: Path, site: Site, *, after_ms: int = 0) -> float:
        """Seconds from the navigation until a page of one word is painted, which needs nothing."""
        with self._page(profile) as page:
            page.wait_for_timeout(after_ms)
            page.goto(site.url + ELSEWHERE)
            return float(page.evaluate(FIRST_PAINT)) / 1000

    def visit(self, profile: Path, site: Site, *, snapshot: bool) -> float:
        """Start and stay a while, and until the snapshot for later starts is kept; the most memory, in MB."""
        with self._page(profile, self._probe) as page:
            _start(page, profile, site)
            page.wait_for_timeout(STAY_MS)
            if snapshot:
                page.evaluate(WAIT_FOR_SNAPSHOT, START_MS)
            return peak_memory(profile)

    def remove_snapshot(self, profile: Path, site: Site) -> None:
        with self._page(profile) as page:
            page.goto(site.url + ELSEWHERE)
            page.evaluate(REMOVE_SNAPSHOT)

    def record(self, profile: Path, site: Site) -> Conversation:
        """Start, and note what Python has to say to Flutter."""
        with self._page(profile, self._recorder, self._probe) as page:
            start = _start(page, profile, site)
            # The screen after the tap has more to say than its title.
            page.wait_for_timeout(SETTLED_MS)
            return conversation(page.evaluate("startPackets"), start.control * 1000)


def _start(page: Page, profile: Path, site: Site) -> Start:
    before = processor_time(profile)
    page.goto(site.url, wait_until="commit")
    seen: dict[str, Any] = page.evaluate(WAIT_FOR_START, START_MS)
    if seen["arrived"] != "navigate":
        raise RuntimeError(f"The page came by “{seen['arrived']}”: its times are not those of one start.")
    taken = processor_time(profile) - before
    content, control, answer = (seen[name] / 1000 for name in ("content", "control", "answer"))
    return Start(content, control, answer, taken, peak_memory(profile))


def conversation(packets: list[tuple[bool, float, str]], tapped: float) -> Conversation:
    """Sort what Python sent by the packet of Flutter's that it came after."""
    start: list[list[str]] = []
    answer: list[list[str]] = []
    tap = ""
    for from_flutter, at, packet in packets:
        if from_flutter and not tap and at >= tapped and is_change(packet):
            tap = packet
        replies = answer if tap else start
        if from_flutter:
            replies.append([])
        else:
            replies[-1].append(packet)
    return Conversation(start, tap, answer)


def is_change(packet: str) -> bool:
    action, body = msgpack.unpackb(base64.b64decode(packet)[1:], strict_map_key=False)
    return action == CONTROL_EVENT and body["name"] == "change"


def processor_time(profile: Path) -> float:
    """Seconds that the browser's processes have run so far, on all cores together."""
    # The 14th and 15th value (proc(5)): what it ran itself, and what the system ran for it.
    times = [(folder / "stat").read_text().rsplit(")", 1)[1].split()[11:13] for folder in processes(profile)]
    return sum(int(ticks) for both in times for ticks in both) / os.sysconf("SC_CLK_TCK")


def peak_memory(profile: Path) -> float:
    """The most memory that one of the browser's pages ever held, in MB."""
    pages = [path for path in processes(profile) if b"--type=renderer" in (path / "cmdline").read_bytes()]
    return max(int(status(path)["VmHWM"].split()[0]) * 1024 / 1e6 for path in pages)


def processes(profile: Path) -> list[Path]:
    """The folders in /proc of a running browser and of all it started."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            parents[int(path.name)] = int(status(path)["PPid"])
    found = [browser_process(profile)]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return [Path("/proc") / str(process) for process in found]


def status(process: Path) -> dict[str, str]:
    lines = (process / "status").read_text().splitlines()
    return dict(line.split(":", 1) for line in lines)
