"""The glance: Today painted before any engine runs, equal to what the app shows a moment later."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.e2e.browser import ELSEWHERE, Phone, Server, wait_for_app
from tests.e2e.conftest import copy_profile
from tests.e2e.hands import Hands

STORED_GLANCE = "localStorage.getItem('kaeru.glance')"
ANSWER = """item => import("/worker/answers.js")
  .then(({ keepAnswer }) => keepAnswer("replied", { item, tag: "" }))"""
DAYS = 24 * 3600 * 1000
# At this moment Flutter has read the page's address and is about to write it.
TAP_WHEN_FLUTTER_REPLACES_STATE = """
const replace = history.replaceState.bind(history);
let taps = 1;
history.replaceState = (...change) => {
  if (taps-- > 0) document.querySelector("#glance li > a").click();
  replace(...change);
};
"""


@pytest.fixture(scope="module")
def full_profile(
    playwright: Playwright, server: Server, warm_profile: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A profile with sample data and a stored glance."""
    profile = copy_profile(warm_profile, tmp_path_factory.mktemp("full") / "profile")
    phone = Phone(playwright, profile, server.url, locale="en-US")
    add_sample_data(phone.start())
    phone.close()
    return profile


@pytest.fixture
def full_phone(full_profile: Path, make_phone: Callable[..., Phone]) -> Phone:
    """A phone with sample data, in English."""
    return make_phone(full_profile)


def add_sample_data(page: Page, language: str = "en") -> None:
    h = Hands(page, language)
    h.tap(h.say("Next"))
    h.tap(h.say("Next"))
    h.tap(h.say("Try with sample data"))
    h.see(h.say("Remove sample data"))
    wait_for_glance(page)


def wait_for_glance(page: Page) -> dict[str, Any]:
    """Wait for a stored glance with rows; the app stores it when idle."""
    left: dict[str, Any] = {}
    while not left.get("things"):
        page.wait_for_timeout(100)
        left = json.loads(page.evaluate(STORED_GLANCE) or "{}")
    return left


def open_app(page: Page, address: str) -> None:
    """Open the app and wait only for the page itself."""
    page.goto(address, wait_until="commit")
    page.locator("#cover").wait_for(state="attached")


def rows(page: Page) -> list[str]:
    """The labels of the glance's rows, in order."""
    return [str(link.get_attribute("aria-label")) for link in page.locator("#glance li > a").all()]


def without_minutes(label: str) -> str:
    """A label without its last number: a minute may pass between the glance and the app."""
    return re.sub(r"\d+(?=\D*$)", "#", label.replace("\u00a0", " ").replace("\u202f", " "))


@pytest.mark.parametrize(
    ("language", "options"),
    [
        ("en", {"locale": "en-US", "timezone_id": "America/New_York"}),
        ("ja", {"locale": "ja-JP"}),
        ("fr", {"locale": "fr-FR"}),
    ],
    ids=["en", "ja", "fr"],
)
def test_the_glance_shows_the_same_texts_in_the_same_places_as_the_app(
    make_phone: Callable[..., Phone], language: str, options: dict[str, str]
) -> None:
    phone = make_phone(**options)
    add_sample_data(phone.start(), language)
    phone.close()
    page = phone.open(ELSEWHERE)
    open_app(page, phone.url)
    expect(page.locator("#cover.glance")).to_be_attached()
    title = page.get_by_role("heading", level=1).text_content()
    first = page.locator("#glance li > a").first
    name, box = str(first.get_attribute("aria-label")), first.bounding_box()
    h = Hands(page, language)
    search = page.locator("#glance header a").first
    assert search.get_attribute("aria-label") == h.say("Search")
    search_box = search.bounding_box()
    channel = page.locator("#glance .channel.opens").first
    channel_name, channel_box = str(channel.text_content()), channel.bounding_box()
    said = [without_minutes(row) for row in rows(page)]
    assert page.locator("#glance").get_attribute("lang") == language
    assert len(said) > 4

    wait_for_app(page)
    h.see(title or "no title")
    live = page.get_by_role("button", name=name.rpartition(" · ")[0] or name).first
    expect(live).to_be_visible()
    box_live = live.bounding_box()
    assert box is not None
    assert box_live is not None
    assert box == pytest.approx(box_live, abs=2)
    live_search = page.get_by_role("button", name=h.say("Search")).bounding_box()
    assert search_box is not None
    assert search_box == pytest.approx(live_search, abs=2)
    live_channel = page.get_by_role("button", name=channel_name).first.bounding_box()
    assert channel_box is not None
    assert live_channel is not None
    for side in ("y", "height"):  # what is below keeps its place
        assert channel_box[side] == pytest.approx(live_channel[side], abs=2)
    shown = without_minutes(h.said())
    assert [row.rpartition("#")[0] for row in said[:3] if row.rpartition("#")[0] not in shown] == []
    assert page.evaluate("performance.getEntriesByName('kaeru-first-content').length") == 1
    # Complete fonts from the first frame: for one missing letter Flutter fetches fallback fonts.
    assert [url for url in phone.requests if "/fallback-fonts/" in url] == []
    assert phone.complaints == []


@pytest.mark.parametrize("moment", ["at once", "while Flutter says where it is"])
def test_a_tap_on_the_glance_opens_the_item_in_the_app(full_phone: Phone, moment: str) -> None:
    page = full_phone.open(ELSEWHERE)
    if moment == "at once":
        open_app(page, full_phone.url)
        page.locator("#glance li > a").first.click()
    else:
        page.add_init_script(TAP_WHEN_FLUTTER_REPLACES_STATE)
        open_app(page, full_phone.url)
    expect(page.locator("#glance header")).to_contain_text("Priya")
    wait_for_app(page)
    h = Hands(page)
    h.see("A quote for the spring leaflet", h.say("Open questions"))
    addresses = [thing["address"] for thing in wait_for_glance(page)["things"] if thing["name"] == "Priya"]
    assert page.url.removeprefix(full_phone.url) in addresses
    h.back()
    h.see(h.say("Remove sample data"))


def test_going_back_in_the_glance_opens_today_in_the_app(full_phone: Phone) -> None:
    page = full_phone.open(ELSEWHERE)
    open_app(page, full_phone.url)
    page.locator("#glance li > a").first.click()
    expect(page.locator("#glance header")).to_contain_text("Priya")
    page.go_back()
    expect(page.locator("#glance li > a").first).to_be_attached()
    wait_for_app(page)
    Hands(page).see(Hands(page).say("Remove sample data"))
    assert page.url == f"{full_phone.url}/"


def test_the_glance_shows_the_item_of_the_address(full_phone: Phone) -> None:
    page = full_phone.open(ELSEWHERE)
    thing = next(each for each in wait_for_glance(page)["things"] if each["name"] == "Priya")
    open_app(page, full_phone.url + thing["address"])
    expect(page.get_by_role("heading", name="Priya")).to_be_attached()
    expect(page.get_by_role("heading", name=thing["title"])).to_be_attached()
    assert rows(page) == []
    wait_for_app(page)
    Hands(page).see(thing["title"], "Open questions")


def test_the_glance_is_recomputed_for_the_current_time(full_phone: Phone) -> None:
    page = full_phone.open(ELSEWHERE)
    left = wait_for_glance(page)
    for thing in left["things"]:
        for stage in thing["stages"]:
            stage["since"] -= 3 * DAYS
            stage["due"] = stage.get("due", 0) - 3 * DAYS
            stage["told"] = stage.get("told", 0) - 3 * DAYS
    page.evaluate("text => localStorage.setItem('kaeru.glance', text)", json.dumps(left))
    open_app(page, full_phone.url)
    expect(page.locator("#glance h2").first).to_have_text("Late")
    expect(page.locator("#glance li.overdue")).not_to_have_count(0)
    late = [row for row in rows(page) if "late" in row]
    assert any("Ana. Reply: The header photo for the home page. since " in row for row in late)
    wait_for_app(page)


def test_an_unusable_glance_leaves_the_ordinary_cover(full_phone: Phone) -> None:
    page = full_phone.open(ELSEWHERE)
    left = wait_for_glance(page)
    for spoilt in (
        "not json",
        '{"form": 0}',
        json.dumps(left | {"until": left["until"] - 14 * DAYS}),
        json.dumps({key: value for key, value in left.items() if key != "words"}),
        json.dumps(left | {"zone": "Nowhere/Land"}),
    ):
        page.evaluate("text => localStorage.setItem('kaeru.glance', text)", spoilt)
        open_app(page, full_phone.url)
        expect(page.locator("#progress")).not_to_be_empty()
        assert page.locator("#cover.glance").count() == 0

    page.evaluate("text => localStorage.setItem('kaeru.glance', text)", json.dumps(left))
    open_app(page, full_phone.url)
    expect(page.locator("#cover.glance")).to_be_attached()
    answered = next(thing for thing in left["things"] if thing["title"] == "A quote for the spring leaflet")
    page.evaluate(ANSWER, answered["address"].strip("/").split("/"))
    open_app(page, full_phone.url)
    page.evaluate("import('/page/glance.js')")  # it has been painted
    expect(page.locator("#cover:not(.glance, .leaving)")).to_be_attached()
    assert rows(page) == []
    wait_for_app(page)
    h = Hands(page)
    h.see("Remove sample data")
    h.see_no("A quote for the spring leaflet")


def test_deleting_everything_deletes_the_glance(full_phone: Phone) -> None:
    page = full_phone.start()
    h = Hands(page)
    h.tap(h.say("Settings"))
    h.tap(h.say("Your data"))
    h.tap(h.say("Delete everything"))
    h.tick(h.say("Yes, delete everything in Kaeru on this device."))
    h.tap(h.say("Delete everything"))
    h.see(h.say("Next"))
    assert page.evaluate(STORED_GLANCE) is None
    full_phone.close()
    page = full_phone.start()
    assert page.locator("#cover.glance").count() == 0
    Hands(page).see(h.say("Next"))


def test_the_glance_has_the_chosen_theme(make_phone: Callable[..., Phone], full_profile: Path) -> None:
    phone = make_phone(full_profile, color_scheme="light")
    page = phone.open(ELSEWHERE)
    page.evaluate("localStorage.setItem('kaeru.theme', 'dark')")
    open_app(page, phone.url)
    expect(page.locator("#cover")).to_have_css("background-color", "rgb(16, 20, 15)")
    expect(page.locator("#glance h1")).to_have_css("color", "rgb(229, 233, 224)")
    wait_for_app(page)
