"""What is typed into a form is not lost by leaving it, whichever way one leaves."""

import re

from playwright.sync_api import expect

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
    h.type(h.say("Name"), "Aoki Design")

    h.tap(h.say("Close"))
    h.see(h.say("Discard your changes?"))
    h.tap(h.say("Keep editing"))
    h.see_no(h.say("Discard your changes?"))
    expect(h.page.get_by_label(h.say("Name")).first).to_be_visible()

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
    h.type(h.say("Name"), "Somebody else")
    h.page.go_back()
    h.tap(h.say("Discard"))
    expect(h.page).not_to_have_url(FORM)
    h.see("Aoki Design")
    h.see_no("Somebody else")
