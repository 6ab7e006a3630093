"""Acknowledging on a phone: one tap shows the text; the promise is noted after it is sent."""

from collections.abc import Callable

from tests.e2e.browser import Phone
from tests.e2e.hands import Hands


def test_one_tap_shows_the_acknowledgement_and_copying_does_not_note_it(
    make_phone: Callable[..., Phone],
) -> None:
    phone = make_phone(locale="ja-JP", permissions=["clipboard-read", "clipboard-write"])
    h = Hands(phone.start(), "ja")
    h.tap(h.say("Skip"))
    h.tap(h.say("Record"))
    h.type(h.say("Client's name"), "株式会社青空")
    h.tap(h.say("New client “{name}”", name="株式会社青空"))
    h.type(h.say("What is it about?"), "ロゴの色")
    h.tap(h.say("Save"))
    h.tap(h.say("Acknowledge…"))
    h.see("株式会社青空 御中", "までにお返事いたします")
    first = h.said()
    later = h.page.get_by_role("radio").nth(1)
    when = (later.get_attribute("aria-label") or later.inner_text()).strip()
    later.click()
    h.see_change(first)
    h.tap(h.say("Copy"))
    copied = h.copied()
    assert copied.startswith("株式会社青空 御中")
    assert "までにお返事いたします" in copied
    assert copied not in first
    h.see(h.say("Copied. Once it is sent, note it:"))
    h.tap(h.say("Acknowledged: answer by {when}", when=when))
    h.see(h.say("You promised an answer by {when}", when=when))
