"""A desktop's window: rail, list and detail side by side, Enter and Esc."""

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


def test_what_a_list_opens_stands_beside_it_and_gives_way_to_the_next(page: Page) -> None:
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


def test_esc_closes_the_top_screen_but_neither_it_nor_a_list_loses_a_draft(page: Page) -> None:
    h = clients(page)
    h.tap("Marcus.")
    h.tap(h.say("Edit"))
    expect(page).to_have_title("Edit client · Kaeru")
    page.keyboard.press("Escape")
    expect(page).to_have_title("Marcus · Kaeru")
    h.tap(h.say("Edit"))
    h.type(h.say("Person"), "Marcus Bell")
    page.keyboard.press("Escape")
    h.see(h.say("Discard your changes?"))
    h.tap(h.say("Keep editing"))
    page.get_by_role("button", name="Priya.").click()
    h.see(h.say("Discard your changes?"))
    h.tap(h.say("Keep editing"))
    expect(page).to_have_title("Edit client · Kaeru")


def test_enter_in_a_field_of_one_line_saves_the_form(page: Page) -> None:
    h = clients(page)
    h.tap("Marcus.")
    h.tap(h.say("Edit"))
    h.type(h.say("Person"), "Marcus Bell")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Marcus Bell · Kaeru")


def test_esc_closes_a_menu_and_leaves_the_screen(page: Page) -> None:
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
