"""Questions and ticks of a message: a tap on an outdated screen keeps newer changes."""

from datetime import UTC, datetime

from app.domain.entities import Client, Message
from app.ui.state import AppState
from app.viewmodels import items

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def stored_message(app: AppState, key: str) -> Message:
    """The message as a screen drawn now has it."""
    found = app.store.get(Message, key)
    assert found is not None
    return found


def test_a_tick_on_an_outdated_screen_keeps_newer_ticks(app: AppState, ana: Client) -> None:
    app.store.save(Message(id="m", client_id=ana.id))
    before = stored_message(app, "m")
    items.tick_item(app, stored_message(app, "m"), "list", "first", True)
    items.tick_item(app, before, "list", "second", True)
    assert stored_message(app, "m").checklists == {"list": ["first", "second"]}


def test_a_question_added_on_an_outdated_screen_keeps_the_others(app: AppState, ana: Client) -> None:
    app.store.save(Message(id="m", client_id=ana.id))
    items.add_question(app, stored_message(app, "m"), "Which colour?")
    before = stored_message(app, "m")
    items.mark_asked(app, stored_message(app, "m"), before.questions[0]["id"])
    items.add_question(app, before, "By when?")
    first, second = stored_message(app, "m").questions
    assert first["asked_at"] is not None
    assert second["text"] == "By when?"
