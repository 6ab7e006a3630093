"""Open questions of messages and jobs: ask, do not guess."""

import pytest

from app.domain.entities import Job, Message
from app.domain.errors import DomainError
from app.domain.reply import add_question, mark_answered, mark_asked, open_questions, remove_question
from tests.unit.domain.support import at


def test_questions_stay_open_until_answered() -> None:
    message, now = Message(), at("2026-03-24 10:00")
    kept = message.questions
    size = add_question(message, "  How many words? ")
    colour = add_question(message, "Which blue?")
    assert kept == []  # lists are replaced, so that the store sees the change
    mark_asked(message, size["id"], now)
    assert [question["text"] for question in open_questions(message)] == ["How many words?", "Which blue?"]
    mark_answered(message, size["id"], now)
    assert [question["id"] for question in open_questions(message)] == [colour["id"]]
    assert message.questions[0]["asked_at"] == message.questions[0]["answered_at"] == now.isoformat()
    mark_answered(message, size["id"], None)
    remove_question(message, colour["id"])
    assert [question["id"] for question in open_questions(message)] == [size["id"]]


def test_questions_need_text_and_unknown_ids_are_rejected() -> None:
    job = Job()
    with pytest.raises(DomainError, match="required"):
        add_question(job, " \n")
    with pytest.raises(DomainError, match="unknown_question"):
        mark_asked(job, "nowhere", at("2026-03-24 10:00"))
    assert job.questions == []
