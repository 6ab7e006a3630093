"""Typed text survives a killed browser, and the first error of a form is scrolled into view."""

import re

from playwright.sync_api import expect

from tests.e2e.browser import ACTION_MS, Phone
from tests.e2e.hands import Hands

FORM = re.compile("/edit-client/new")


def test_text_typed_a_second_ago_survives_a_killed_browser(phone: Phone) -> None:
    h = Hands(phone.start("/clients"))
    h.tap(h.say("Skip"))
    h.tap(h.say("New client"))
    expect(h.page).to_have_url(FORM)
    h.type(h.say("Person"), "Aoki Design")
    h.page.wait_for_timeout(1000)  # the time to switch to another app
    phone.kill()

    h = Hands(phone.start("/clients/edit-client/new"))
    h.see(h.say("Start empty"))
    assert typed(h) == "Aoki Design"
    h.tap(h.say("Save"))
    h.see("Aoki Design", h.say("Message"))

    # Undo returns to the form, with the typed text still in it.
    h.tap(h.say("Undo"))
    expect(h.page).to_have_url(FORM)
    assert typed(h) == "Aoki Design"
    h.tap(h.say("Start empty"))
    h.see_no(h.say("Start empty"))
    assert typed(h) == ""
    h.tap(h.say("Close"))
    expect(h.page).not_to_have_url(FORM)


def typed(h: Hands) -> str:
    """The text of the name field; the page knows the text only of the focused field."""
    h.tap(h.say("Person"), "textbox")
    h.page.wait_for_timeout(500)
    return str(h.page.evaluate("document.activeElement?.value"))


def test_the_first_error_is_scrolled_into_view_and_focused(phone: Phone) -> None:
    h = Hands(phone.start("/clients/edit-client/new"))
    h.tap(h.say("Skip"))
    expect(h.page).to_have_url(FORM)
    h.see(h.say("Notes for yourself"))  # at the end of the form: its beginning is out of view
    h.tap(h.say("Save"))
    name = h.page.get_by_label(h.say("Person")).first
    expect(name).to_be_focused(timeout=ACTION_MS)
    expect(name).to_be_in_viewport()


def test_a_required_choice_cannot_be_deselected(phone: Phone) -> None:
    h = Hands(phone.start("/"))
    h.tap(h.say("Skip"))
    h.tap(h.say("Record"))
    h.tap(h.say("Call"), "checkbox")
    h.type(h.say("Client's name"), "Aoki")
    h.tap(h.say("New client “{name}”", name="Aoki"))
    expect(h.page).to_have_url(re.compile("/call/"))
    chosen = h.page.get_by_role("radio", name=h.say("Missed"), exact=True)
    expect(chosen).to_be_checked()
    chosen.click()
    h.page.wait_for_timeout(1000)
    expect(chosen).to_be_checked()
    h.tap(h.say("Taken"), "checkbox", exact=True)
    expect(chosen).not_to_be_checked()
