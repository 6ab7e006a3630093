"""Nothing is lost: what was acknowledged when the browser was killed is there when it starts again."""

from tests.e2e import content
from tests.e2e.browser import Phone
from tests.e2e.hands import Hands

DATA = "/settings/data"
EMPTY = "Your replies and deadlines gather here"
NOTHING_WAITS = "Nothing waits for you today"


def test_every_kind_of_change_outlives_a_killed_browser(phone: Phone) -> None:
    h = Hands(phone.start())
    h.tap(h.say("Skip"))
    h.see(h.say(EMPTY))

    h = killed_and_started_again(phone)
    h.see(h.say(EMPTY))  # the first run is behind us
    note_message(h, "Aoki Design", new=True)

    h = killed_and_started_again(phone)
    h.tap("Aoki Design. ")  # the new client and the message, before a word was written about it
    h.tap(h.say("Edit"))
    h.type(h.say("What is it about?"), "The colour of the logo")
    h.tap(h.say("Save"))
    h.see(h.say("Saved"))

    h = killed_and_started_again(phone)
    h.see("The colour of the logo")
    h.tap(h.say("Replied: {name}", name="Aoki Design"))
    h.see(h.say("Reply noted"))

    h = killed_and_started_again(phone)
    h.see(h.say(NOTHING_WAITS))
    note_message(h, "Aoki Design")
    h.type(h.say("What is it about?"), "A second logo")
    h.tap(h.say("Save"))
    h.tap(h.say("Delete message"))
    h.see(h.say("Message deleted"))

    h = killed_and_started_again(phone)
    h.see(h.say(NOTHING_WAITS))
    h.tap(h.say("Clients", "tab"), "tab")
    h.tap("Aoki Design")
    h.choose(h.say("More for {name}", name="Aoki Design"), h.say("Delete client"))
    h.see(h.say("{name} deleted", name="Aoki Design"))
    h.tap(h.say("Undo"))
    h.see(h.say("Undone"))

    # With the client came back what had been recorded for them; the message deleted on its own did not.
    h = killed_and_started_again(phone, DATA)
    expect_sound(h)
    h.tap(h.say("Clients", "tab"), "tab")
    h.tap("Aoki Design")
    h.see("The colour of the logo")
    assert "A second logo" not in h.said()


def test_a_browser_killed_again_and_again_loses_not_one_tick(phone: Phone) -> None:
    """The same row is written over and over; once the count of ticks has grown, the last is on the disk."""
    h = Hands(phone.start())
    h.tap(h.say("Skip"))
    note_message(h, "Aoki Design", new=True)
    h.tap(h.say("Save"))
    items = content.checklist_items("en", "before-reply")
    for number, item in enumerate(items[:4], start=1):
        h.tap(item, "checkbox")
        count = h.say("{done} of {total}", done=number, total=len(items))
        h.see(count)
        h = killed_and_started_again(phone, DATA)
        expect_sound(h)
        h.tap("Aoki Design. ")
        h.see(count)


def killed_and_started_again(phone: Phone, path: str = "/") -> Hands:
    phone.kill()
    return Hands(phone.start(path))


def note_message(h: Hands, client: str, *, new: bool = False) -> None:
    """The + and the client, until it says that it is noted."""
    h.tap(h.say("Record"))
    if new:
        h.type(h.say("Client's name"), client)
    h.tap(h.say("New client “{name}”", name=client) if new else client)
    h.see(h.say("Message noted: reply by {when}", when=""))


def expect_sound(h: Hands) -> None:
    """In Settings, the whole file is read and SQLite finds nothing wrong with it; then back to Today."""
    h.tap(h.say("Check the database"))
    h.see(h.say("The database is sound."))
    h.back()
