"""Leaving a form never loses typed text, whichever way the user leaves."""

import re
from contextlib import suppress

from playwright.sync_api import Dialog, Error, expect

from tests.e2e.browser import Phone
from tests.e2e.hands import Hands

FORM = re.compile("/edit-client/")


def test_a_form_with_changes_asks_before_it_is_left(phone: Phone) -> None:
    h = Hands(phone.start("/clients"))
    h.tap(h.say("Skip"))
    play(h)


def play(h: Hands) -> None:
    h.tap(h.say("New client"))
    expect(h.page).to_have_url(FORM)
    h.type(h.say("Person"), "Aoki Design")

    h.tap(h.say("Close"))
    h.see(h.say("Discard your changes?"))
    h.tap(h.say("Keep editing"))
    h.see_no(h.say("Discard your changes?"))
    expect(h.page.get_by_label(h.say("Person")).first).to_be_visible()

    h.page.go_back()
    h.see(h.say("Discard your changes?"))
    expect(h.page).to_have_url(FORM)
    h.tap(h.say("Keep editing"))
    h.see_no(h.say("Discard your changes?"))
    h.tap(h.say("Save"))
    h.see("Aoki Design", h.say("Message"))

    h.tap(h.say("Edit"))
    expect(h.page).to_have_url(FORM)
    h.tap(h.say("Close"))  # nothing was changed: nothing is asked
    expect(h.page).not_to_have_url(FORM)

    h.tap(h.say("Edit"))
    h.type(h.say("Person"), "Somebody else")
    assert asks_before_closing(h)
    h.page.go_back()
    h.tap(h.say("Discard"))
    expect(h.page).not_to_have_url(FORM)
    h.see("Aoki Design")
    h.see_no("Somebody else")
    assert not asks_before_closing(h)


def asks_before_closing(h: Hands) -> bool:
    """Whether the browser asks when the tab is reloaded; the tab then stays or is reloaded."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    h.page.once("dialog", stay)
    with suppress(Error):  # a refused reload
        h.page.reload(timeout=5000)
    return asked == ["beforeunload"]


def test_back_never_returns_to_a_saved_form(phone: Phone) -> None:
    h = Hands(phone.start("/"))
    h.tap(h.say("Skip"))
    h.tap(h.say("Record"))
    h.type(h.say("Client's name"), "Aoki")
    h.tap(h.say("New client “{name}”", name="Aoki"))
    h.type(h.say("What is it about?"), "The menu")
    h.tap(h.say("Save"))
    expect(h.page).to_have_url(re.compile("/message/"))
    h.tap("Aoki", "button")
    expect(h.page).to_have_url(re.compile("/client/"))

    h.page.go_back()
    h.see("The menu")
    expect(h.page).to_have_url(re.compile("/message/[0-9a-f]+$"))
    h.page.go_forward()
    expect(h.page).to_have_url(re.compile("/client/"))
    h.back()
    expect(h.page).to_have_url(re.compile("/message/[0-9a-f]+$"))
    h.page.go_back()
    expect(h.page).to_have_url(f"{phone.url}/")
    h.see(h.say("Today", "tab"))
