"""Questions and ticks of a message: a tap on an outdated screen keeps newer changes."""

from datetime import UTC, datetime

from app.domain.entities import Client, Message
from app.ui.state import AppState
from app.viewmodels import items

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def drawn(app: AppState, key: str) -> Message:
    """The message as a screen drawn now has it."""
    found = app.store.get(Message, key)
    assert found is not None
    return found


def test_a_tick_on_an_outdated_screen_keeps_newer_ticks(app: AppState, ana: Client) -> None:
    app.store.save(Message(id="m", client_id=ana.id))
    before = drawn(app, "m")
    items.tick_item(app, drawn(app, "m"), "list", "first", True)
    items.tick_item(app, before, "list", "second", True)
    assert drawn(app, "m").checklists == {"list": ["first", "second"]}


def test_a_question_added_on_an_outdated_screen_keeps_the_others(app: AppState, ana: Client) -> None:
    app.store.save(Message(id="m", client_id=ana.id))
    items.add_question(app, drawn(app, "m"), "Which colour?")
    before = drawn(app, "m")
    items.mark_asked(app, drawn(app, "m"), before.questions[0]["id"])
    items.add_question(app, before, "By when?")
    first, second = drawn(app, "m").questions
    assert first["asked_at"] is not None
    assert second["text"] == "By when?"
