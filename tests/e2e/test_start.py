"""Later starts use a snapshot of Python's memory; an unusable snapshot causes no visible error."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright

from tests.e2e.browser import (
    ELSEWHERE,
    START_MS,
    Phone,
    Server,
    browser_process,
    has_snapshot,
    wait_for_snapshot,
)
from tests.e2e.conftest import copy_profile
from tests.e2e.hands import Hands
from tests.e2e.test_durability import note_message

FORGET = "async () => (await navigator.storage.getDirectory()).removeEntry('python.snapshot')"
CHANGE = """async (change) => {
  const folder = await navigator.storage.getDirectory();
  const handle = await folder.getFileHandle("python.snapshot");
  const file = await handle.getFile();
  const writer = await handle.createWritable({ keepExistingData: true });
  await (%s)(file, writer);
  await writer.close();
}"""
DAMAGED = "(file, writer) => writer.write({ type: 'write', position: file.size / 2, data: 'damaged' })"
CUT_OFF = "(file, writer) => writer.truncate(file.size - 65536)"
UNFINISHED = "(file, writer) => writer.write({ type: 'write', position: 0, data: new Uint8Array(4096) })"
ANOTHER_BUILDS = """async (file, writer) => {
  const label = await file.slice(0, 4096).text();
  const python = JSON.parse(JSON.parse(label.replaceAll('\\0', '')).label)[0];
  await writer.write({ type: 'write', position: 0, data: label.replace(python, '0'.repeat(python.length)) });
}"""
ANOTHER_BROWSER = {
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/155.0"
}
# One random value from each source that the app or SQLite uses.
RANDOM_VALUES = """
import random, sqlite3, sys, uuid
chance = sqlite3.connect(":memory:").execute("SELECT random(), hex(randomblob(8))").fetchone()
print("chance", random.random(), *chance, uuid.uuid4(), uuid.uuid1().hex)
"""


@pytest.fixture(scope="module")
def snapshot_profile(
    playwright: Playwright, server: Server, warm_profile: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A profile with a stored client and a snapshot made after that."""
    profile = copy_profile(warm_profile, tmp_path_factory.mktemp("snapped") / "profile")
    phone = Phone(playwright, profile, server.url, locale="en-US")
    phone.open(ELSEWHERE).evaluate(FORGET)
    h = Hands(phone.start())
    h.tap(h.say("Skip"))
    note_message(h, "Aoki Design", new=True)
    wait_for_snapshot(h.page)
    phone.close()
    return profile


@pytest.fixture
def snapshot_phone(snapshot_profile: Path, make_phone: Callable[..., Phone]) -> Callable[..., Phone]:
    """Create phones that have a client and a snapshot."""
    return partial(make_phone, snapshot_profile)


def started_without_snapshot(phone: Phone) -> bool:
    """Whether Python started without the snapshot, which loads the packages."""
    return any(url.endswith("/packages.zip") for url in phone.requests)


def peak_megabytes(profile: Path) -> float:
    """The peak memory of any page of the running browser, in megabytes."""
    processes = [
        folder
        for folder in Path("/proc").glob("[0-9]*")
        if folder_is_page_of(folder, browser_process(profile))
    ]
    peaks = [
        line for each in processes for line in (each / "status").read_text().splitlines() if "VmHWM" in line
    ]
    return max(int(line.split()[1]) for line in peaks) / 1024


def folder_is_page_of(folder: Path, browser: int) -> bool:
    try:
        if "--type=renderer" not in (folder / "cmdline").read_bytes().decode(errors="replace"):
            return False
        ancestor = int(folder.name)
        while ancestor not in (0, 1, browser):
            ancestor = int((Path("/proc") / str(ancestor) / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return False
    return ancestor == browser


def test_records_from_before_and_after_a_snapshot_are_there(
    snapshot_phone: Callable[..., Phone],
) -> None:
    phone = snapshot_phone()
    h = Hands(phone.start())
    h.see("Aoki Design")
    note_message(h, "Boreal Studio", new=True)
    phone.kill()
    h = Hands(phone.start())
    h.see("Aoki Design", "Boreal Studio")
    assert not started_without_snapshot(phone)
    restored = peak_megabytes(phone.profile)
    phone.close()

    ordinary = snapshot_phone()
    page = ordinary.open(ELSEWHERE)
    page.evaluate(CHANGE % UNFINISHED)
    Hands(ordinary.start()).see("Aoki Design")
    peak = peak_megabytes(ordinary.profile)
    print(f"peak of the page: {restored:.0f} MB out of a snapshot, {peak:.0f} MB without")
    assert restored < peak * 1.1


@pytest.mark.parametrize(
    "change", [DAMAGED, CUT_OFF, ANOTHER_BUILDS], ids=["damaged", "cut off", "another build's"]
)
def test_an_unusable_snapshot_leads_to_an_ordinary_start(
    snapshot_phone: Callable[..., Phone], change: str
) -> None:
    phone = snapshot_phone()
    phone.open(ELSEWHERE).evaluate(CHANGE % change)
    expect_ordinary_start(phone)


def test_another_version_of_the_browser_makes_its_own_snapshot(snapshot_phone: Callable[..., Phone]) -> None:
    phone = snapshot_phone(**ANOTHER_BROWSER)
    page = expect_ordinary_start(phone)
    wait_for_snapshot(page)
    phone.requests.clear()
    phone.kill()
    Hands(phone.start()).see("Aoki Design")
    assert not started_without_snapshot(phone)


def expect_ordinary_start(phone: Phone) -> Page:
    """The app starts with all data, reports nothing, and has deleted the snapshot."""
    page = phone.start()
    Hands(page).see("Aoki Design")
    assert started_without_snapshot(phone)
    assert phone.complaints == []
    assert not has_snapshot(page)
    return page


def test_two_starts_from_one_snapshot_draw_different_random_values(
    new_phone: Phone, publish: Callable[[str], None]
) -> None:
    publish(RANDOM_VALUES)
    wait_for_snapshot(new_phone.start())
    new_phone.close()
    first, second = random_values(new_phone), random_values(new_phone)
    assert len(first) == 5
    assert all(one != other for one, other in zip(first, second, strict=True))


def random_values(phone: Phone) -> list[str]:
    """The random values drawn by a start from the snapshot."""
    phone.requests.clear()
    page = phone.open(ELSEWHERE)
    said: list[str] = []
    page.context.on("console", lambda message: said.append(message.text))
    page.goto(phone.url)
    page.locator("#cover.leaving").wait_for(state="attached", timeout=START_MS)
    phone.close()
    assert not started_without_snapshot(phone)
    (drawn,) = [text for text in said if text.startswith("chance")]
    return drawn.split()[1:]
