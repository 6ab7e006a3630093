"""Later starts come out of a snapshot of Python's memory; one that cannot be used is never noticed."""

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
# A chance of each kind that the app or SQLite may take.
CHANCES = """
import random, sqlite3, sys, uuid
chance = sqlite3.connect(":memory:").execute("SELECT random(), hex(randomblob(8))").fetchone()
print("chance", random.random(), *chance, uuid.uuid4(), uuid.uuid1().hex)
"""


@pytest.fixture(scope="module")
def snapped_profile(
    playwright: Playwright, server: Server, warm_profile: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A profile with a client noted and, after that, a snapshot made."""
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
def snapped_phone(snapped_profile: Path, make_phone: Callable[..., Phone]) -> Callable[..., Phone]:
    """Makes phones that have a client and a snapshot."""
    return partial(make_phone, snapped_profile)


def unpacked(phone: Phone) -> bool:
    """Whether Python was started the ordinary way, which reads the packages."""
    return any(url.endswith("/packages.zip") for url in phone.requests)


def peak_megabytes(profile: Path) -> float:
    """The most memory that any one page of the running browser has had."""
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


def test_what_was_recorded_before_a_snapshot_was_made_and_after_it_is_there(
    snapped_phone: Callable[..., Phone],
) -> None:
    phone = snapped_phone()
    h = Hands(phone.start())
    h.see("Aoki Design")
    note_message(h, "Boreal Studio", new=True)
    phone.kill()
    h = Hands(phone.start())
    h.see("Aoki Design", "Boreal Studio")
    assert not unpacked(phone)
    restored = peak_megabytes(phone.profile)
    phone.close()

    ordinary = snapped_phone()
    page = ordinary.open(ELSEWHERE)
    page.evaluate(CHANGE % UNFINISHED)
    Hands(ordinary.start()).see("Aoki Design")
    peak = peak_megabytes(ordinary.profile)
    print(f"peak of the page: {restored:.0f} MB out of a snapshot, {peak:.0f} MB without")
    assert restored < peak * 1.1


@pytest.mark.parametrize(
    "change", [DAMAGED, CUT_OFF, ANOTHER_BUILDS], ids=["damaged", "cut off", "another build's"]
)
def test_a_snapshot_that_cannot_be_used_is_never_noticed(
    snapped_phone: Callable[..., Phone], change: str
) -> None:
    phone = snapped_phone()
    phone.open(ELSEWHERE).evaluate(CHANGE % change)
    expect_ordinary_start(phone)


def test_another_version_of_the_browser_makes_its_own_snapshot(snapped_phone: Callable[..., Phone]) -> None:
    phone = snapped_phone(**ANOTHER_BROWSER)
    page = expect_ordinary_start(phone)
    wait_for_snapshot(page)
    phone.requests.clear()
    phone.kill()
    Hands(phone.start()).see("Aoki Design")
    assert not unpacked(phone)


def expect_ordinary_start(phone: Phone) -> Page:
    """The app comes up with everything in it, no word is said, and the snapshot is gone."""
    page = phone.start()
    Hands(page).see("Aoki Design")
    assert unpacked(phone)
    assert phone.complaints == []
    assert not has_snapshot(page)
    return page


def test_two_starts_out_of_one_snapshot_share_no_chance(
    new_phone: Phone, publish: Callable[[str], None]
) -> None:
    publish(CHANCES)
    wait_for_snapshot(new_phone.start())
    new_phone.close()
    first, second = chances(new_phone), chances(new_phone)
    assert len(first) == 5
    assert all(one != other for one, other in zip(first, second, strict=True))


def chances(phone: Phone) -> list[str]:
    """What a start out of the snapshot drew."""
    phone.requests.clear()
    page = phone.open(ELSEWHERE)
    said: list[str] = []
    page.context.on("console", lambda message: said.append(message.text))
    page.goto(phone.url)
    page.locator("#cover.leaving").wait_for(state="attached", timeout=START_MS)
    phone.close()
    assert not unpacked(phone)
    (drawn,) = [text for text in said if text.startswith("chance")]
    return drawn.split()[1:]
