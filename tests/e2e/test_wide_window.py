"""A desktop window: navigation rail, list, and detail side by side; Enter and Esc."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import PHONE, Phone
from tests.e2e.hands import Hands
from tests.e2e.test_accessibility import CALLER, DESKTOP, full_profile, go

__all__ = ["full_profile"]


@pytest.fixture
def page(full_profile: Path, make_phone: Callable[..., Phone]) -> Page:
    page = make_phone(full_profile).start()
    page.set_viewport_size(DESKTOP)
    expect(page.get_by_role("navigation")).to_be_visible()
    return page


def clients(page: Page) -> Hands:
    h = Hands(page)
    page.get_by_role("navigation").get_by_role("button", name="Clients").click()
    expect(page).to_have_title("Clients · Kaeru")
    return h


def test_the_detail_pane_shows_the_record_opened_last_from_the_list(page: Page) -> None:
    h = clients(page)
    h.tap("Marcus.")
    expect(page.get_by_role("heading", level=1, name="Marcus")).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="Clients")).to_be_visible()
    h.tap("Priya.")
    expect(page.get_by_role("heading", level=1, name="Priya")).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="Marcus")).to_have_count(0)
    assert page.url.count("/client/") == 1
    expect(page).to_have_title("Priya · Kaeru")
    page.go_back()
    expect(page).to_have_title("Clients · Kaeru")


def test_esc_and_the_list_ask_before_closing_a_form_with_changes(page: Page) -> None:
    h = clients(page)
    h.tap("Marcus.")
    h.tap(h.say("Edit"))
    expect(page).to_have_title("Edit client · Kaeru")
    press(page, "Escape", lambda: page.title() == "Marcus · Kaeru")
    h.tap(h.say("Edit"))
    h.type(h.say("Person"), "Marcus Bell")
    page.keyboard.press("Escape")
    h.see(h.say("Discard your changes?"))
    h.tap(h.say("Keep editing"))
    page.get_by_role("button", name="Priya.").click()
    h.see(h.say("Discard your changes?"))
    h.tap(h.say("Keep editing"))
    expect(page).to_have_title("Edit client · Kaeru")


@pytest.mark.parametrize("delay", [0, 30])
def test_esc_during_the_opening_of_a_screen_closes_no_other_screen(page: Page, delay: int) -> None:
    h = clients(page)
    h.tap("Marcus.")
    expect(page).to_have_title("Marcus · Kaeru")
    page.get_by_role("button", name="Call", exact=True).first.click()
    page.wait_for_timeout(delay)
    page.keyboard.press("Escape")
    expect(page).to_have_title("Call from Marcus · Kaeru")
    expect(page).to_have_url(re.compile("marcus/call/"))
    expect(page.get_by_role("heading", level=1, name="Call from Marcus")).to_be_visible()
    press(page, "Escape", lambda: page.title() == "Marcus · Kaeru")
    expect(page.get_by_role("heading", level=1, name="Marcus", exact=True)).to_be_visible()


def test_enter_in_a_single_line_field_saves_the_form(page: Page) -> None:
    h = clients(page)
    h.tap("Marcus.")
    h.tap(h.say("Edit"))
    h.type(h.say("Person"), "Marcus Bell")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Marcus Bell · Kaeru")


def test_esc_closes_a_menu_and_keeps_the_screen(page: Page) -> None:
    h = clients(page)
    h.tap("Marcus.")
    h.tap(h.say("More for {name}", name="Marcus"))
    expect(page.get_by_role("menu")).to_be_attached()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(page).to_have_title("Marcus · Kaeru")


def test_a_window_made_narrow_and_wide_again_shows_the_same_screen(page: Page) -> None:
    h = clients(page)
    h.tap("Marcus.")
    page.set_viewport_size(PHONE)
    expect(page.get_by_role("heading", level=1, name="Clients")).to_have_count(0)
    h.back()
    expect(page.get_by_role("tab", name="Clients", selected=True)).to_be_visible()
    go(page, f"/clients/client/{CALLER}")
    page.set_viewport_size(DESKTOP)
    expect(page.get_by_role("heading", level=1, name="Clients")).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="Marcus")).to_be_visible()
    h.tap("Priya.")
    expect(page).to_have_title("Priya · Kaeru")


# The focused element: its name and position.
FOCUSED = """() => {
  const element = document.activeElement, { x, y } = element.getBoundingClientRect();
  const own = element.closest("flt-semantics-host") !== null;
  return [own ? element.getAttribute("aria-label") ?? element.textContent : "", x, y];
}"""
RAIL, LIST = 96, 96 + 400  # their right edges in pixels


def focused(page: Page) -> str:
    return str(page.evaluate(FOCUSED)[0])


def focus(page: Page, name: str) -> None:
    """Focus a button, as after moving there by Tab."""
    page.get_by_role("button", name=name).first.evaluate("element => element.focus()")
    page.wait_for_timeout(500)


def press(page: Page, key: str, until: Callable[[], bool]) -> None:
    if key == "Escape":
        page.wait_for_timeout(400)  # Esc closes no screen that has only just been opened
    page.keyboard.press(key)
    for _turn in range(100):
        if until():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{key} did not do it; the focus is on {focused(page)!r}")


def test_tab_moves_through_the_rail_then_the_list_then_the_detail_pane(page: Page) -> None:
    h = clients(page)
    h.tap("Marcus.")
    expect(page).to_have_title("Marcus · Kaeru")
    h.scroll(150)  # what is below a bar after scrolling still comes after it
    focus(page, "Today")
    visited = [page.evaluate(FOCUSED)]
    for _press in range(100):
        page.keyboard.press("Tab")
        # A selectable text takes the focus too, but is no element of its own.
        for _turn in range(10):
            page.wait_for_timeout(100)
            now = page.evaluate(FOCUSED)
            if now[0] and now != visited[-1]:
                visited.append(now)
                break
        if len(visited) > 1 and visited[-1] == visited[0]:
            break
    assert visited[-1] == visited[0]
    panes = [(x >= RAIL) + (x >= LIST) for _name, x, _y in visited[:-1]]
    assert panes == sorted(panes)
    assert {0, 1, 2} == set(panes)
    names = [name for name, _x, _y in visited]
    assert names.index("Settings") < names.index("Search clients") < names.index("New client")
    rows = [
        next(at for at, name in enumerate(names) if name.startswith(who)) for who in ("Ana", "Marcus", "Tom")
    ]
    assert rows == sorted(rows)
    assert (
        names.index("New client") < names.index("Back") < names.index("Edit") < names.index("More for Marcus")
    )


def test_a_screen_opened_by_key_gets_the_focus_and_esc_returns_it(page: Page) -> None:
    clients(page)
    focus(page, "Marcus.")
    press(page, "Enter", lambda: focused(page) == "Back")
    focus(page, "Edit")
    press(page, "Enter", lambda: focused(page) == "Close" or page.title() == "Edit client · Kaeru")
    expect(page).to_have_title("Edit client · Kaeru")
    press(page, "Escape", lambda: focused(page) == "Edit")
    focus(page, "More for Marcus")
    press(page, "Enter", lambda: page.get_by_role("menu").count() == 1)
    press(page, "Escape", lambda: focused(page) == "More for Marcus")
    press(page, "Escape", lambda: focused(page).startswith("Marcus."))
    expect(page).to_have_title("Clients · Kaeru")
    # A row of a menu or of the settings cannot be focused: the back button beside it gets the focus.
    focus(page, "Settings")
    press(page, "Enter", lambda: focused(page) == "Back")
    focus(page, "Working time")
    press(page, "Enter", lambda: page.title() == "Working time · Kaeru")
    press(page, "Escape", lambda: page.title() == "Settings · Kaeru" and focused(page) == "Back")


def test_esc_returns_the_focus_from_a_sheet_to_the_row_that_opened_it(page: Page) -> None:
    h = Hands(page)
    focus(page, h.say("More for {name}", name="Priya"))
    page.keyboard.press("Enter")
    h.tap(h.say("Snooze…"), "menuitem")
    expect(page.get_by_role("dialog", name=h.say("Remind me again"))).to_be_attached()
    press(page, "Escape", lambda: focused(page) == h.say("More for {name}", name="Priya"))


def test_the_search_shortcut_opens_the_search_with_its_field_focused(page: Page) -> None:
    clients(page).tap("Marcus.")
    focus(page, "Edit")
    page.keyboard.press("Control+k")
    expect(page).to_have_title("Search · Kaeru")
    field = page.get_by_label("Search everything")
    expect(field).to_be_focused()
    page.wait_for_timeout(300)
    page.keyboard.type("Priya")
    expect(field).to_have_value("Priya")
    expect(page.get_by_role("button", name="Priya").last).to_be_visible()


def test_fast_typing_arrives_complete_on_a_slow_machine(page: Page) -> None:
    """The screen is rendered again after the first letter, while the others arrive."""
    h = clients(page)
    h.tap("Marcus.")
    h.tap(h.say("Edit"))
    expect(page).to_have_title("Edit client · Kaeru")
    field = page.get_by_label(h.say("Person"))
    field.click()
    page.wait_for_timeout(500)
    page.keyboard.press("ControlOrMeta+A")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    text = "Marcus Bell, who looks after the web pages of the whole firm"
    page.keyboard.type(text)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    expect(field).to_have_value(text)
    expect(field).to_be_focused()
