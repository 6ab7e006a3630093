"""Topics of a call, typed one after the other on a keyboard."""

from collections.abc import Callable
from pathlib import Path

from tests.e2e.browser import ACTION_MS, Phone
from tests.e2e.hands import Hands
from tests.e2e.test_accessibility import CALLER, full_profile, go

__all__ = ["full_profile"]

EMPTY_AND_FOCUSED = """label => document.activeElement?.getAttribute('aria-label') === label
  && document.activeElement.value === ''"""


def test_several_topics_are_typed_without_leaving_the_field(
    full_profile: Path, make_phone: Callable[..., Phone]
) -> None:
    page = make_phone(full_profile).start()
    go(page, f"/clients/client/{CALLER}/standing-call/{CALLER}")
    h = Hands(page)
    h.type(h.say("Add a topic"), "the cover")
    for following in ("the colours", "the invoice"):
        page.keyboard.press("Enter")
        page.wait_for_function(EMPTY_AND_FOCUSED, arg=h.say("Add a topic"), timeout=ACTION_MS)
        page.keyboard.type(following)
    page.keyboard.press("Enter")
    h.see("the cover", "the colours", "the invoice")
