"""axe-core on every screen, run on Flutter's semantics in a real browser.

docs/accessibility.md names what axe cannot check and how that is covered.
"""

from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.e2e.browser import Phone, Server
from tests.e2e.conftest import copy_profile
from tests.e2e.hands import Hands
from tests.e2e.test_glance import add_sample_data

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
# Violations caused by Flutter's engine, by axe's rule: ignored if an element like this is in the page.
KNOWN = {
    # An open menu is outside the landmarks: Flutter removes the screen below, which has one, from the page.
    # The menu has a role, a name, and the focus.
    "region": "flt-semantics[role=menu]",
}
RUN = """async known => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.filter(({ id }) => !(id in known && document.querySelector(known[id])))
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 160))}`);
}"""
DESKTOP = {"width": 1280, "height": 800}
SETTLED_MS = 1000  # enough for a choice, its tick, and its effects to be rendered
CALLER = "sample-client-marcus"
SCREENS = (
    "/", "/jobs", "/clients", "/scripts", "/trust", "/new/message",
    "/clients/client/{client}", "/clients/client/{client}/edit-client/{client}",
    "/clients/client/{client}/ladder/{client}", "/clients/client/{client}/update/new",
    "/clients/exposure/all", "/message/{message}", "/message/{message}/edit-message/{message}",
    "/jobs/job/{job}", "/jobs/job/{job}/edit-job/{job}", "/scripts/script/already-sent",
    "/scripts/edit-script/new", "/workload/week", "/waiting/all", "/trust/trust-share/all",
    "/settings/main", "/settings/main/import/jobs", "/nowhere",
)  # fmt: skip


@pytest.fixture(scope="module")
def full_profile(
    playwright: Playwright, server: Server, warm_profile: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A profile with sample data."""
    profile = copy_profile(warm_profile, tmp_path_factory.mktemp("sample") / "profile")
    phone = Phone(playwright, profile, server.url, locale="en-US")
    add_sample_data(phone.start())
    phone.close()
    return profile


@pytest.fixture
def page(full_profile: Path, make_phone: Callable[..., Phone]) -> Page:
    return make_phone(full_profile).start()


def complaints(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN, KNOWN)
    return found


def go(page: Page, address: str) -> None:
    """Navigate the running app to an address, as a link does, and wait until its screen stands still."""
    there, shown = page.evaluate("location.pathname"), Hands(page).said()
    page.evaluate(
        "address => { history.pushState(null, '', address); dispatchEvent(new PopStateEvent('popstate')); }",
        address,
    )
    h = Hands(page)
    if address != there:
        h.see_change(shown)
    said, still = h.said(), 0
    while still < 3:
        page.wait_for_timeout(200)
        before, said = said, h.said()
        still = still + 1 if before == said else 0


def screens_with_addresses(page: Page) -> Iterator[tuple[str, str]]:
    """Each screen with its address, with ids from the sample data."""
    ids = page.evaluate("JSON.parse(localStorage.getItem('kaeru.glance')).things.map(({address}) => address)")
    keys = {
        kind: next(each for each in ids if f"/{kind}/" in each).rpartition("/")[2]
        for kind in ("message", "job")
    }
    for screen in SCREENS:
        yield screen, screen.format(client=CALLER, **keys)


@pytest.mark.parametrize("window", ["phone", "desktop"])
def test_axe_finds_nothing_on_any_screen(page: Page, window: str) -> None:
    if window == "desktop":
        page.set_viewport_size(DESKTOP)
    found: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for screen, address in screens_with_addresses(page):
        go(page, address)
        expect(page.locator("flt-semantics-host h1").first, screen).to_be_attached()
        expect(page.locator("flt-semantics-host [role=main]"), screen).to_have_count(1)
        found[screen] = complaints(page)
        titles[screen] = page.title()
    assert {screen: each for screen, each in found.items() if each} == {}
    assert titles["/jobs"] == "Jobs · Kaeru"
    assert titles["/clients/client/{client}"] == "Marcus · Kaeru"
    assert [screen for screen, title in titles.items() if not title.endswith(" · Kaeru")] == ["/nowhere"]


def test_axe_finds_nothing_in_the_first_run(phone: Phone) -> None:
    page = phone.start()
    h = Hands(page)
    for step in range(3):
        h.see(h.say("Step {step} of {steps}", step=step + 1, steps=3))
        assert complaints(page) == []
        if step < 2:
            h.tap(h.say("Next"))
            page.wait_for_timeout(500)


def test_overlays_are_menus_or_named_dialogs(page: Page) -> None:
    h = Hands(page)
    go(page, f"/clients/client/{CALLER}")
    h.tap(h.say("More for {name}", name="Marcus"))
    expect(page.get_by_role("menu")).to_be_attached()
    assert complaints(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    go(page, "/")
    h.choose(h.say("More for {name}", name="Priya"), h.say("Snooze…"))
    expect(page.get_by_role("dialog", name=h.say("Remind me again"))).to_be_attached()
    assert complaints(page) == []
    page.keyboard.press("Escape")


def test_chips_of_which_one_is_chosen_are_a_radio_group(page: Page) -> None:
    go(page, "/new/message")
    group = page.get_by_role("radiogroup").first
    expect(group.get_by_role("radio", name="Message")).to_be_checked()
    group.get_by_role("radio", name="Call").click()
    expect(group.get_by_role("radio", name="Call")).to_be_checked()
    expect(group.get_by_role("radio", name="Message")).not_to_be_checked()
    assert page.get_by_role("checkbox").count() == 0


def test_zooming_is_allowed(page: Page) -> None:
    (content,) = page.evaluate(
        "[...document.querySelectorAll('meta[name=viewport]')].map(each => each.content)"
    )
    assert "user-scalable" not in content
    assert "maximum-scale" not in content


def test_user_defined_text_spacing_is_applied(page: Page) -> None:
    """Spacing set by a user style sheet (WCAG 1.4.12)."""
    go(page, "/jobs")
    width = "document.querySelector('flt-semantics-host h1').getBoundingClientRect().width"
    before = page.evaluate(width)
    page.evaluate(
        """css => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(css);
          document.adoptedStyleSheets.push(sheet);
        }""",
        "* { line-height: 1.5em !important; letter-spacing: 0.12em !important; }",
    )
    page.wait_for_function(f"before => {width} > 1.05 * before", arg=before)


# The labels of the fields on a screen, in order.
FIELDS = """() => [...document.querySelectorAll("flt-semantics-host input, flt-semantics-host textarea")]
  .map(element => element.getAttribute("aria-label"))"""


def test_fields_added_and_removed_by_a_choice_are_in_the_semantics(page: Page) -> None:
    address = dict(screens_with_addresses(page))["/jobs/job/{job}/edit-job/{job}"]
    go(page, address)
    fixed = page.evaluate(FIELDS)
    at = fixed.index("Fee for the whole job")
    by_hour = [*fixed[:at], "Price of one", "How many hours", *fixed[at + 1 :]]
    for basis, fields in (("Per hour", by_hour), ("Fixed price", fixed)) * 2:
        chip = page.get_by_role("radio", name=basis, exact=True)
        chip.evaluate("element => element.click()")  # as a screen reader does, from anywhere on the screen
        expect(chip).to_be_checked()
        page.wait_for_timeout(SETTLED_MS)
        assert page.evaluate(FIELDS) == fields, basis
