"""Durability: a change confirmed before the browser was killed is there after the next start."""

from tests.e2e import content
from tests.e2e.browser import Phone
from tests.e2e.hands import Hands

DATA = "/settings/data"
EMPTY = "Your replies and deadlines gather here"
NOTHING_WAITS = "Nothing waits for you today"


def test_every_kind_of_change_survives_a_killed_browser(phone: Phone) -> None:
    h = Hands(phone.start())
    h.tap(h.say("Skip"))
    h.see(h.say(EMPTY))

    h = restart_after_kill(phone)
    h.see(h.say(EMPTY))  # the first run is over
    note_message(h, "Aoki Design", new=True)

    h = restart_after_kill(phone)
    h.tap("Aoki Design. ")  # the new client and the message, before any text was typed
    h.tap(h.say("Edit"))
    h.type(h.say("What is it about?"), "The colour of the logo")
    h.tap(h.say("Save"))
    h.see(h.say("Saved"))

    h = restart_after_kill(phone)
    h.see("The colour of the logo")
    h.tap(h.say("Replied: {name}", name="Aoki Design"))
    h.see(h.say("Reply noted"))

    h = restart_after_kill(phone)
    h.see(h.say(NOTHING_WAITS))
    note_message(h, "Aoki Design")
    h.type(h.say("What is it about?"), "A second logo")
    h.tap(h.say("Save"))
    h.tap(h.say("Delete message"))
    h.see(h.say("Message deleted"))

    h = restart_after_kill(phone)
    h.see(h.say(NOTHING_WAITS))
    h.tap(h.say("Clients", "tab"), "tab")
    h.tap("Aoki Design")
    h.choose(h.say("More for {name}", name="Aoki Design"), h.say("Delete client"))
    h.see(h.say("{name} deleted", name="Aoki Design"))
    h.tap(h.say("Undo"))
    h.see(h.say("Undone"))

    # Undo restored the client with its records, but not the message that was deleted on its own.
    h = restart_after_kill(phone, DATA)
    expect_sound(h)
    h.tap(h.say("Clients", "tab"), "tab")
    h.tap("Aoki Design")
    h.see("The colour of the logo")
    assert "A second logo" not in h.said()


def test_repeated_kills_of_the_browser_lose_no_tick(phone: Phone) -> None:
    """The same row is written repeatedly; when the shown count has grown, the last write is on disk."""
    h = Hands(phone.start())
    h.tap(h.say("Skip"))
    note_message(h, "Aoki Design", new=True)
    h.tap(h.say("Save"))
    items = content.checklist_items("en", "before-reply")
    for number, item in enumerate(items[:4], start=1):
        h.tap(item, "checkbox")
        count = h.say("{done} of {total}", done=number, total=len(items))
        h.see(count)
        h = restart_after_kill(phone, DATA)
        expect_sound(h)
        h.tap("Aoki Design. ")
        h.see(count)


def restart_after_kill(phone: Phone, path: str = "/") -> Hands:
    phone.kill()
    return Hands(phone.start(path))


def note_message(h: Hands, client: str, *, new: bool = False) -> None:
    """Record a message for the client and wait for the confirmation."""
    h.tap(h.say("Record"))
    if new:
        h.type(h.say("Client's name"), client)
    h.tap(h.say("New client “{name}”", name=client) if new else client)
    h.see(h.say("Message noted: reply by {when}", when=""))


def expect_sound(h: Hands) -> None:
    """Check the database in Settings, which reads the whole file, and return to Today."""
    h.tap(h.say("Check the database"))
    h.see(h.say("The database is sound."))
    h.back()
