"""Acknowledgement texts: in the client's language, with the promised time, in the channel's form."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain import reply
from app.domain.codes import Direction
from app.domain.entities import Client, Message
from app.store import content
from app.ui.state import AppState
from app.viewmodels import acknowledging
from app.viewmodels import message as model
from app.viewmodels.scripts import claims
from app.viewmodels.scripts.claims import Claim
from app.viewmodels.scripts.filling import filling, find
from tests.unit.ui.support import said

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)
TOMORROW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)  # 10:00 in Paris


def received(app: AppState, language: str = "en", channel: str = "email", ago: timedelta = HOUR) -> Message:
    client = Client(id="c", name="Weber", language=language)
    message = Message(id="m", client_id="c", at=NOW - ago, channel=channel, summary="the cover")
    app.store.save(client, message)
    return message


def text(app: AppState, message: Message) -> str:
    """The text that the screen offers to copy."""
    client = app.store.get(Client, "c")
    script = acknowledging.forms_for(app, client, message)[0]
    page = find(app, script.id, "/message/m", script.language)
    assert page is not None
    assert page.unfounded == []
    now = filling(page, {}, {"due": TOMORROW})
    assert now.complete
    return now.body


@pytest.mark.parametrize(
    ("language", "greeting", "time"),
    [
        ("en", "Weber", "Thursday, November 26 at 10"),
        ("fr", "Weber", "jeudi 26 novembre"),
        ("ja", "Weber様", "11月26日"),
    ],
)
@pytest.mark.parametrize("channel", ["email", "whatsapp"])
def test_the_text_names_the_promised_time_in_the_clients_language(
    app: AppState, language: str, greeting: str, time: str, channel: str
) -> None:
    words = text(app, received(app, language, channel))
    assert greeting in words
    assert time in words


def test_chat_gets_the_short_form_and_mail_the_long_form(app: AppState) -> None:
    message = received(app, "en", "slack")
    short = text(app, message)
    message.channel = "email"
    long = text(app, message)
    assert "Best wishes" not in short
    assert len(short) < len(long)
    client = app.store.get(Client, "c")
    assert [script.channel for script in acknowledging.forms_for(app, client, message)] == ["any", "chat"]


def test_the_users_own_wording_is_offered(app: AppState) -> None:
    message = received(app)
    view = content.script(app.store, "en", acknowledging.SCRIPT)
    assert view is not None
    content.save_copy(app.store, view, "Mine", "Thanks, {client}! Until {due}.")
    assert text(app, message).startswith("Thanks, Weber! Until Thursday")


def test_acknowledging_notes_the_promised_time_and_undo_removes_it(app: AppState) -> None:
    message = received(app)
    assert model.acknowledge(app, message, TOMORROW)
    kept = app.store.get(Message, "m")
    assert kept is not None
    assert (kept.acknowledged_at, kept.promised_at) == (NOW, TOMORROW)
    said(app).undo()
    kept = app.store.get(Message, "m")
    assert kept is not None
    assert kept.acknowledged_at is None
    assert not model.acknowledge(app, kept, NOW - HOUR)
    assert said(app).text == "This time has passed. Choose one that is still to come."


# --- late answers -----------------------------------------------------------------------------------------


def test_late_reply_texts_are_offered_only_when_the_reply_is_late(app: AppState) -> None:
    early = model.load(app, received(app).id)
    assert early is not None
    assert "late" not in [script.moment for script in early.scripts]
    late = model.load(app, received(app, ago=timedelta(days=2)).id)
    assert late is not None
    assert [script.id for script in late.scripts[:2]] == ["late-reply", "late-holding"]
    page = find(app, "late-reply", "/message/m", "en")
    assert page is not None
    assert claims.unfounded(page.script.claims, page.situation) == []


def test_a_late_reply_text_is_unfounded_while_the_reply_is_in_time(app: AppState) -> None:
    received(app)
    page = find(app, "late-reply", "/message/m", "en")
    assert page is not None
    assert page.unfounded == [Claim.LATE]


# --- the time of a reply ----------------------------------------------------------------------------------


def test_the_reply_time_can_be_set(app: AppState) -> None:
    message = received(app, ago=20 * HOUR)
    model.mark_replied(app, message)
    model.set_replied_at(app, message, NOW - 18 * HOUR)
    kept = app.store.get(Message, "m")
    assert kept is not None
    assert kept.replied_at == NOW - 18 * HOUR
    said(app).undo()
    kept = app.store.get(Message, "m")
    assert kept is not None
    assert kept.replied_at == NOW


@pytest.mark.parametrize(
    ("direction", "at", "why"),
    [
        (Direction.IN, NOW + HOUR, "This time is still to come. Choose one that has passed."),
        (Direction.IN, NOW - 9 * HOUR, "This is before the message came in. Check when you received it."),
        (Direction.OUT, NOW - 9 * HOUR, "This is before the message went out. Check when you sent it."),
    ],
)
def test_a_reply_time_in_the_future_or_before_its_message_is_refused(
    app: AppState, direction: str, at: datetime, why: str
) -> None:
    message = received(app)
    app.store.update(Message, "m", lambda kept: setattr(kept, "direction", direction))
    model.mark_replied(app, message)
    model.set_replied_at(app, message, at)
    assert said(app).text == why
    kept = app.store.get(Message, "m")
    assert kept is not None
    assert kept.replied_at == NOW


def test_a_promise_later_than_the_reply_window_shows_a_notice(app: AppState) -> None:
    message = received(app)  # at 12:00 in Paris, to be answered within 24 hours
    due = reply.first_due(message, app.store.get(Client, "c"), app.settings, app.calendar)
    assert model.later_than_told(app, message, due) == ""
    notice = model.later_than_told(app, message, due + HOUR).replace("\u202f", " ")
    assert notice.startswith("Later than your reply time for this client, which ends tomorrow at 12 PM.")


def test_a_promise_later_than_the_previous_one_shows_a_notice(app: AppState) -> None:
    message = received(app)
    assert model.acknowledge(app, message, TOMORROW)
    kept = app.store.get(Message, "m")
    assert kept is not None
    assert model.later_than_told(app, kept, TOMORROW) == ""
    notice = model.later_than_told(app, kept, TOMORROW + HOUR).replace("\u202f", " ")
    assert notice.startswith("You told them tomorrow at 10 AM.")
    assert model.acknowledge(app, kept, TOMORROW + HOUR)
    assert said(app).text.endswith("11\u202fAM, later than tomorrow at 10\u202fAM")


def test_a_promise_after_the_reply_window_is_called_late(app: AppState) -> None:
    message = received(app, ago=30 * HOUR)
    assert "this answer is late" in model.later_than_told(app, message, TOMORROW)


def test_a_message_without_a_due_time_is_due_by_the_usual_reply_time(app: AppState) -> None:
    message = received(app)
    client = app.store.get(Client, "c")
    assert model.usual_due(app, client, message.at) == message.at + 24 * HOUR
    hasty = Client(id="h", reply_minutes=120)
    assert model.usual_due(app, hasty, message.at) == message.at + 2 * HOUR
