"""Settings take effect at once and are stored; forms report errors and lose no input."""

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
    """Skip the first run and open an address of the app."""
    h = Hands(phone.start(path))
    h.tap(h.say("Skip"))
    return h


# --- language and theme ------------------------------------------------------------------------------------


def test_a_new_language_is_used_at_once_and_after_a_restart(phone: Phone, web: Path) -> None:
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


def test_the_dark_theme_is_used_at_once_and_from_the_start_of_the_next_visit(phone: Phone) -> None:
    h = begin(phone, "/settings/appearance")
    h.see(h.say("Dark", "theme"))
    expect_dark(h.page, dark=False)
    h.tap(h.say("Dark", "theme"), "radio")
    h.see(h.say("Saved"))
    expect_dark(h.page)

    phone.close()
    page = phone.open("/settings/appearance")
    expect(page.locator("#tagline")).not_to_be_empty()
    assert brightness(page) < DARK  # of the cover
    wait_for_app(page)
    expect(page.get_by_role("radio", name=h.say("Dark", "theme"))).to_be_checked(timeout=START_MS)
    expect_dark(page)


def expect_dark(page: Page, *, dark: bool = True) -> None:
    """Wait until the screen is dark or light: one theme fades into the other."""
    deadline = time.monotonic() + ACTION_MS / 1000
    while (brightness(page) < DARK) != dark:
        assert time.monotonic() < deadline


def brightness(page: Page) -> float:
    """The mean brightness of the screen, from 0 (black) to 255 (white)."""
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


# --- invalid input -----------------------------------------------------------------------------------------


def test_a_client_without_a_name_is_refused_and_can_be_corrected(phone: Phone) -> None:
    h = begin(phone, "/clients")
    h.tap(h.say("New client"))
    h.type(h.say("Form of address"), "Ms")
    h.tap(h.say("Save"))
    h.see(h.say("Please fill this in."))
    h.type(h.say("Person"), "Aoki")
    h.see_no(h.say("Please fill this in."))
    h.tap(h.say("Save"))
    h.see("Ms Aoki")  # the text typed before the error is stored too


def test_a_job_with_invalid_terms_is_refused_and_can_be_corrected(make_phone: Callable[..., Phone]) -> None:
    """An invalid amount, invalid hours, and a deadline before the start are each reported."""
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


def test_overlapping_hours_and_an_invalid_number_are_reported(phone: Phone) -> None:
    h = begin(phone, "/settings/time")
    wrong = h.say("Check these hours: they overlap, or begin and end at the same time.")
    monday = h.say("More for {name}", name="Monday")
    for start in ("7 PM", "9 PM", "10 PM"):
        h.choose(monday, h.say("Add hours after a break"))
        h.see(h.say("{day} from {time}", day="Monday", time=start))
    h.choose(monday, h.say("Add hours after a break"))  # there is no hour left in the day
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
