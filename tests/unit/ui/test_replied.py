"""Marking a message as replied to while a question in it is still open."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import flet as ft
import pytest

from app.domain.entities import Client, Message
from app.domain.reply import add_question, mark_asked
from app.store import queries
from app.ui.components.replied import mark_replied
from app.ui.state import AppState
from app.viewmodels import message as model
from tests.unit.ui.support import open_app, said

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def app() -> Iterator[AppState]:
    app = open_app(lambda: NOW)
    app.page.height = 844
    app.page.pop_dialog = lambda: None  # type: ignore[method-assign, assignment, return-value]
    app.store.save(Client(id="ana", name="Ana"))
    yield app
    app.store.close()


def message(app: AppState, *questions: str, **fields: Any) -> Message:
    found = Message(id="m", client_id="ana", at=NOW - timedelta(hours=2), **fields)
    for question in questions:
        add_question(found, question)
    app.store.save(found)
    return found


def stored(app: AppState) -> Message:
    found = app.store.get(Message, "m")
    assert found is not None
    return found


def choices(app: AppState) -> dict[str, ft.ListTile]:
    """The rows of the last sheet shown, by title."""
    shown: Any = app.page.said[-1]  # type: ignore[attr-defined]
    rows = shown.content.content.content.controls
    return {row.title: row for row in rows if isinstance(row, ft.ListTile)}


def test_a_reply_without_open_questions_is_noted_at_once(app: AppState) -> None:
    mark_replied(app, message(app))
    assert stored(app).replied_at == NOW
    assert said(app).text == "Reply noted"


@pytest.mark.parametrize(
    ("choice", "asked", "answered"),
    [
        ("I asked with this reply", NOW.isoformat(), None),
        ("It is settled", None, NOW.isoformat()),
        ("I have not asked yet", None, None),
    ],
)
def test_an_open_question_is_settled_by_one_choice_before_the_reply_is_noted(
    app: AppState, choice: str, asked: str | None, answered: str | None
) -> None:
    mark_replied(app, message(app, "With tax?"))
    assert stored(app).replied_at is None
    choices(app)[choice].on_click(None)  # type: ignore[misc]
    found = stored(app)
    assert found.replied_at == NOW
    assert (found.questions[0]["asked_at"], found.questions[0]["answered_at"]) == (asked, answered)
    assert len(app.page.said) == 2  # type: ignore[attr-defined]
    said(app).undo()
    assert (stored(app).replied_at, stored(app).questions[0]["asked_at"]) == (None, None)


def test_a_question_asked_with_the_reply_is_listed_as_waiting(app: AppState) -> None:
    model.mark_replied(app, message(app, "With tax?"), model.Questions.ASKED)
    (waiting,) = queries.waiting_for(app.store, NOW)
    assert waiting.question is not None
    assert waiting.question["text"] == "With tax?"


def test_a_question_asked_before_keeps_its_time(app: AppState) -> None:
    found = message(app, "With tax?")
    mark_asked(found, found.questions[0]["id"], NOW - timedelta(hours=1))
    app.store.save(found)
    model.mark_replied(app, found, model.Questions.ASKED)
    assert stored(app).questions[0]["asked_at"] == (NOW - timedelta(hours=1)).isoformat()


def test_the_users_own_message_is_noted_without_a_choice(app: AppState) -> None:
    mark_replied(app, message(app, "With tax?", direction="out"))
    assert stored(app).replied_at == NOW
