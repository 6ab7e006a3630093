"""Steps of a person in the app, found through semantics as by a screen reader: tap, type, look.

Texts are given as in the source (English) and looked up in the catalogue of the app's language, so a story
reads the same in every language.
"""

import gettext
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.sync_api import Error, Locator, Page, expect

from tests.e2e.browser import ACTION_MS, ROOT

# All texts on screen: labels of controls and plain text.
SAID = """() => [...document.querySelectorAll('flt-semantics-host *')].map(element => [
  element.getAttribute('aria-label'), element.value,
  element.childElementCount ? '' : element.textContent].filter(Boolean).join(' ')).join('\\n')"""
# How Flutter marks a field once it listens to it.
LISTENS = """label => document.activeElement?.getAttribute('autocorrect') === 'on'
  && document.activeElement.getAttribute('aria-label')?.includes(label)"""
# The middle of an element, and whether a tap there would reach it.
PLACE = """element => {
  const {x, y, width, height} = element.getBoundingClientRect();
  const [across, middle] = [x + width / 2, y + height / 2];
  return {across, middle, free: element.contains(document.elementFromPoint(across, middle))};
}"""
MIDDLE = (195, 420)
SETTLED_MS = 350  # duration of a screen transition
TURN = 350  # pixels per turn of the wheel

Place = dict[str, Any]


class Hands:
    def __init__(self, page: Page, language: str = "en") -> None:
        self.page = page
        self.catalogue = gettext.translation("kaeru", ROOT / "locales", [language], fallback=True)

    def say(self, message: str, context: str = "", **values: Any) -> str:
        """A text of the app in its language, with values filled in."""
        found = self.catalogue.pgettext(context, message) if context else self.catalogue.gettext(message)
        return found.format(**values) if values else found

    # --- looking ---------------------------------------------------------------------------------------

    def said(self) -> str:
        """All texts on screen."""
        return str(self.page.evaluate(SAID)).replace("\u00a0", " ").replace("\u202f", " ")

    def see(self, *texts: str) -> None:
        """Wait until all texts are on screen, scrolling down if needed."""
        for text in texts:
            wanted = text.replace("\u00a0", " ").replace("\u202f", " ")
            if not self._seek(lambda wanted=wanted: wanted in self.said()):  # type: ignore[misc]
                raise AssertionError(f"{text!r} is not on screen:\n{self.said()}")

    def see_no(self, text: str) -> None:
        """Wait until the text is no longer on screen."""
        self._wait_for(lambda: text not in self.said(), f"{text!r} is still on screen")

    def see_change(self, said: str) -> None:
        """Wait until the texts on screen differ from `said`."""
        self._wait_for(lambda: self.said() != said, "nothing changed on screen")

    def _wait_for(self, done: Callable[[], bool], complaint: str) -> None:
        deadline = time.monotonic() + ACTION_MS / 1000
        while not done():
            if time.monotonic() > deadline:
                raise AssertionError(f"{complaint}:\n{self.said()}")
            self.page.wait_for_timeout(50)

    # --- doing -----------------------------------------------------------------------------------------

    def tap(self, name: str, role: Any = "button", *, exact: bool = False) -> None:
        """Tap the first control with this accessible name (a part of it unless `exact`); scrolls to it.

        A chip in a group of choices is a check box in Flutter and a radio button in the packaged page.
        """
        found = self.page.get_by_role(role, name=name, exact=exact)
        if role == "checkbox":
            found = found.or_(self.page.get_by_role("radio", name=name, exact=exact))
        self._reach(found).click()

    def tick(self, name: str) -> None:
        """Tap a check box and wait until it is ticked."""
        self.tap(name, "checkbox")
        expect(self.page.get_by_role("checkbox", name=name).first).to_be_checked(timeout=ACTION_MS)

    def choose(self, menu: str, entry: str) -> None:
        """Open a menu and tap an entry."""
        self.tap(menu)
        self.tap(entry, "menuitem")

    def pick(self, label: str, entry: str) -> None:
        """Choose an entry of a field that opens a sheet."""
        self.tap(self.say("{label}: {value}", label=label, value="").strip())
        self.tap(entry)

    def type(self, label: str, text: str) -> None:
        """Replace the text of a field."""
        deadline = time.monotonic() + ACTION_MS / 1000
        # A screen in transition accepts the tap but not the text.
        while not self._typed(label, text):
            if time.monotonic() > deadline:
                raise AssertionError(f"{text!r} cannot be typed into {label!r}:\n{self.said()}")

    def _typed(self, label: str, text: str) -> bool:
        self._reach(self.page.get_by_label(label)).click()
        with suppress(Error):
            # The tap may have hit something over the field. Flutter ignores input during a transition without
            # an error, so the text is typed until it must have arrived.
            self.page.wait_for_function(LISTENS, arg=label, timeout=1000)
            for _once_more in range(2):
                self.page.wait_for_timeout(SETTLED_MS)
                self.page.keyboard.press("ControlOrMeta+A")
                self.page.keyboard.insert_text(text)
            self.page.wait_for_function(
                "text => document.activeElement?.value === text", arg=text, timeout=1000
            )
            return True
        return False

    def back(self) -> None:
        self.tap(self.say("Back"))

    def copied(self) -> str:
        """The text on the clipboard."""
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def scroll(self, pixels: int) -> None:
        self.page.mouse.move(*MIDDLE)
        self.page.mouse.wheel(0, pixels)

    # --- helpers ---------------------------------------------------------------------------------------

    def _reach(self, found: Locator) -> Locator:
        if not self._seek(lambda: _place(found.first) is not None) or not self._bring(found.first):
            raise AssertionError(f"{found} cannot be reached:\n{self.said()}")
        return found.first

    def _bring(self, element: Locator) -> bool:
        """Scroll the element into view and wait until it stands still and is not covered."""
        deadline = time.monotonic() + ACTION_MS / 1000
        before: Place | None = None
        while time.monotonic() < deadline:
            place = _place(element)
            if place is not None and place == before:
                if place["free"]:
                    return True
                self.scroll(round(place["middle"] - MIDDLE[1]))
            before = place
            self.page.wait_for_timeout(100)
        return False

    def _seek(self, there: Any) -> bool:
        """Wait for the condition, then scroll down for it, and start again from the top."""
        deadline = time.monotonic() + ACTION_MS / 1000
        patience, turns = time.monotonic() + 1.0, 0
        while not there():
            if time.monotonic() > deadline:
                return False
            if time.monotonic() > patience:
                turns += 1
                self.scroll(TURN if turns % 12 else -20_000)
                patience = time.monotonic() + 0.3
            self.page.wait_for_timeout(50)
        return True


def _place(element: Locator) -> Place | None:
    try:
        return element.evaluate(PLACE, timeout=500) if element.count() else None
    except Error:
        return None
