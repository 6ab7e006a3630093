"""Checklists: progress, and the reply checklist that requires questions to be answered."""

from app.domain.checklists import checklist_progress, reply_checklist_green
from app.domain.entities import Message
from app.domain.reply import add_question, mark_answered
from tests.unit.domain.support import at

ITEMS = [
    {"id": "asked", "text": "Everything asked was answered"},
    {"id": "step", "text": "The next step is named"},
]


def test_ticks_of_removed_items_do_not_count() -> None:
    assert checklist_progress([], ITEMS) == (0, 2)
    assert checklist_progress(["step", "removed", "step"], ITEMS) == (1, 2)
    assert checklist_progress(["step"], []) == (0, 0)


def test_the_checklist_is_not_complete_while_a_question_is_open() -> None:
    message = Message()
    assert not reply_checklist_green(message, ITEMS, ["asked"])
    assert reply_checklist_green(message, ITEMS, ["step", "asked"])
    question = add_question(message, "How many?")
    assert not reply_checklist_green(message, ITEMS, ["step", "asked"])
    mark_answered(message, question["id"], at("2026-03-24 10:00"))
    assert reply_checklist_green(message, ITEMS, ["step", "asked"])
