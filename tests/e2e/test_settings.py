"""Settings that show at once and stay, and forms that meet a mistake with a sentence, not with a loss."""

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.browser import ACTION_MS, START_MS, Phone, wait_for_app
from tests.e2e.hands import Hands

DARK = 60  # of 255; a light screen has more than 200


def begin(phone: Phone, path: str = "/") -> Hands:
    """Past the first run, at an address of the app."""
    h = Hands(phone.start(path))
    h.tap(h.say("Skip"))
    return h


# --- looks -----------------------------------------------------------------------------------------------


def test_another_language_is_spoken_at_once_and_after_a_restart(phone: Phone, web: Path) -> None:
    h = begin(phone, "/settings/you")
    h.see(h.say("Time zone"))
    h.tap("Français", "checkbox")

    french = Hands(h.page, "fr")
    french.see(french.say("Your name"), french.say("It signs your messages."))
    assert h.say("It signs your messages.") not in french.said()
    expect(h.page.locator("html")).to_have_attribute("lang", "fr")
    french.back()
    expect(h.page.get_by_role("tab", name=french.say("Jobs"))).to_be_visible()

    phone.close()
    page = phone.open("/jobs")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    words = json.loads((web / "words.json").read_text())["fr"]
    expect(page.locator("#tagline")).to_have_text(words["Reply in time. Go home on time."])
    wait_for_app(page)
    expect(page.get_by_role("tab", name=french.say("Jobs"), selected=True)).to_be_visible(timeout=START_MS)


def test_a_dark_screen_is_dark_at_once_and_from_the_first_moment_of_the_next_start(phone: Phone) -> None:
    h = begin(phone, "/settings/appearance")
    h.see(h.say("Dark", "theme"))
    expect_dark(h.page, dark=False)
    h.tap(h.say("Dark", "theme"), "radio")
    h.see(h.say("Saved"))
    expect_dark(h.page)

    phone.close()
    page = phone.open("/settings/appearance")
    expect(page.locator("#tagline")).not_to_be_empty()
    assert brightness(page) < DARK  # the cover's
    wait_for_app(page)
    expect(page.get_by_role("radio", name=h.say("Dark", "theme"))).to_be_checked(timeout=START_MS)
    expect_dark(page)


def expect_dark(page: Page, *, dark: bool = True) -> None:
    """Wait until the screen has become so: one look fades into the other."""
    deadline = time.monotonic() + ACTION_MS / 1000
    while (brightness(page) < DARK) != dark:
        assert time.monotonic() < deadline


def brightness(page: Page) -> float:
    """What is on screen, from 0 (black) to 255 (white)."""
    picture = base64.b64encode(page.screenshot()).decode()
    return float(
        page.evaluate(
            """async (picture) => {
              const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
              const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
              const canvas = new OffscreenCanvas(32, 32).getContext("2d");
              canvas.drawImage(bitmap, 0, 0, 32, 32);
              const { data } = canvas.getImageData(0, 0, 32, 32);
              const colors = data.filter((_, index) => index % 4 < 3);
              return colors.reduce((sum, value) => sum + value, 0) / colors.length;
            }""",
            picture,
        )
    )


# --- mistakes --------------------------------------------------------------------------------------------


def test_a_client_without_a_name(phone: Phone) -> None:
    h = begin(phone, "/clients")
    h.tap(h.say("New client"))
    h.type(h.say("Form of address"), "Ms")
    h.tap(h.say("Save"))
    h.see(h.say("Please fill this in."))
    h.type(h.say("Person"), "Aoki")
    h.see_no(h.say("Please fill this in."))
    h.tap(h.say("Save"))
    h.see("Ms Aoki")  # what was typed before the mistake is there too


def test_a_job_with_impossible_terms(make_phone: Callable[..., Phone]) -> None:
    """An amount that is no number, hours that are no hours, a deadline before the start: each says so."""
    h = begin(make_phone(timezone_id="UTC"))
    h.tap(h.say("Record"))
    h.tap(h.say("Job"), "checkbox")
    h.type(h.say("Client's name"), "Aoki")
    h.tap(h.say("New client “{name}”", name="Aoki"))
    h.type(h.say("Title"), "A landing page")
    deadline = h.say("Client's deadline")
    h.tap(h.say("{label}: {value}", label=deadline, value=h.say("Not set")))
    moment = h.say("Date and time")
    h.type(moment, "soon")
    h.tap(h.say("OK"), exact=True)
    h.see(h.say("This is not understood. {forms}", forms="For example").strip())
    h.type(moment, "2 days ago 18h30")
    h.see("6:30", h.say("This has passed already."))
    h.tap(h.say("OK"), exact=True)
    h.see_no(h.say("This has passed already."))
    h.type(h.say("Fee for the whole job"), "a lot")
    h.type(h.say("Estimate in hours"), "many")
    mistakes = (
        h.say("This is before the start."),
        h.say("This amount is not understood. Write it like 1200 or 1200.50."),
        h.say("These hours are not understood. Write them like 1.5 or 1:30."),
    )
    h.tap(h.say("Save"))
    h.see(*mistakes)

    h.tap(h.say("Clear {label}", label=h.say("Client's deadline")))
    h.type(h.say("Fee for the whole job"), "1,200.50")
    h.type(h.say("Estimate in hours"), "１：３０")
    h.tap(h.say("Save"))
    h.see("A landing page", "1,200.50", "Aoki")


def test_working_hours_that_overlap_and_a_number_that_is_none(phone: Phone) -> None:
    h = begin(phone, "/settings/time")
    wrong = h.say("Check these hours: they overlap, or begin and end at the same time.")
    monday = h.say("More for {name}", name="Monday")
    for start in ("7 PM", "9 PM", "10 PM"):
        h.choose(monday, h.say("Add hours after a break"))
        h.see(h.say("{day} from {time}", day="Monday", time=start))
    h.choose(monday, h.say("Add hours after a break"))  # the day has no hour left for these
    h.see(wrong)
    h.choose(monday, h.say("Remove the last hours"))
    h.see_no(wrong)

    h.back()
    h.tap(h.say("Settings"))
    h.tap(h.say("Replies and deadlines"))
    room = h.say("Room kept, in percent")
    h.type(room, "a lot")
    h.see(h.say("Not saved: write a whole number from {least} to {most}.", least=0, most=90))
    h.type(room, "３０")
    h.see_no("Not saved")
    h.back()
    h.tap(h.say("Replies and deadlines"))
    h.tap(room, "textbox")
    expect(h.page.get_by_label(room)).to_have_value("30")
