"""A late reply opens with one short apology, a reply in time with none; noting it keeps the claim true."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.codes import CallOutcome
from app.domain.entities import Call, Client, Message
from app.store import content
from app.ui.state import AppState
from app.viewmodels import acknowledging
from app.viewmodels import message as model
from app.viewmodels.scripts import openings
from app.viewmodels.scripts.filling import ScriptPage, filling, find

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATE_APOLOGY = {
    "en": "I’m sorry for the late reply.",
    "fr": "Pardon pour ma réponse tardive.",
    "ja": "お返事が遅くなり、申し訳ございません。",
}
APOLOGIES = {
    "en": ("sorry", "apolog"),
    "fr": ("xcus", "ardon", "désolé"),
    "ja": ("申し訳", "お詫び", "失礼いた"),
}
ANSWERING = [
    (language, script.id)
    for language in LATE_APOLOGY
    for script in content.builtin_scripts(language)
    if script.moment in openings.ANSWERS and script.moment != "voicemail"
]


def received(app: AppState, language: str, ago: timedelta) -> Message:
    message = Message(id="m", client_id="c", at=NOW - ago, summary="x")
    app.store.save(Client(id="c", name="Weber", language=language), message)
    return message


def opened(app: AppState, script: str, language: str, path: str = "/message/m") -> ScriptPage:
    page = find(app, script, path, language)
    assert page is not None
    return page


def apologies(text: str, language: str) -> int:
    return sum(text.count(word) for word in APOLOGIES[language])


@pytest.mark.parametrize(("language", "script"), ANSWERING)
def test_a_late_reply_apologises_once_and_a_reply_in_time_not_for_lateness(
    app: AppState, language: str, script: str
) -> None:
    received(app, language, 3 * DAY)
    late = opened(app, script, language).script.body
    assert apologies(late, language) == 1
    received(app, language, HOUR)
    in_time = opened(app, script, language).script.body
    assert LATE_APOLOGY[language] not in in_time
    if not apologies(in_time, language):
        assert LATE_APOLOGY[language] in late
        opening, rest = late.split(LATE_APOLOGY[language])
        assert opening.strip() in ("Hi {client},", "Bonjour {client},") or language == "ja"
        assert len(opening) < 60
        assert rest.strip()


@pytest.mark.parametrize("language", LATE_APOLOGY)
def test_an_acknowledgement_of_a_late_message_contains_the_apology_once(app: AppState, language: str) -> None:
    message = received(app, language, 3 * DAY)
    for script in acknowledging.forms_for(app, app.store.get(Client, "c"), message):
        now = filling(opened(app, script.id, language), {}, {"due": NOW + DAY})
        assert now.complete
        assert now.body.count(LATE_APOLOGY[language]) == 1


def test_a_reply_within_the_promised_time_has_no_apology(app: AppState) -> None:
    message = received(app, "en", 3 * DAY)
    model.acknowledge(app, message, NOW + HOUR)
    assert LATE_APOLOGY["en"] not in opened(app, "answer-next-step", "en").script.body


def test_a_reply_after_the_promised_time_has_an_apology(app: AppState) -> None:
    message = received(app, "en", 3 * DAY)
    message.acknowledged_at, message.promised_at = NOW - 2 * DAY, NOW - HOUR
    app.store.save(message)
    assert LATE_APOLOGY["en"] in opened(app, "answer-next-step", "en").script.body


@pytest.mark.parametrize("ago", [HOUR, 3 * DAY])
def test_a_late_answer_to_a_voicemail_apologises(app: AppState, ago: timedelta) -> None:
    app.store.save(
        Client(id="c", name="Weber"),
        Call(id="k", client_id="c", at=NOW - ago, outcome=CallOutcome.VOICEMAIL),
    )
    body = opened(app, "voicemail-received", "en", "/call/k").script.body
    assert (LATE_APOLOGY["en"] in body) == (ago > DAY)
    missed = opened(app, "missed-call", "en", "/call/k").script.body
    assert missed.count("sorry") == 1


def test_the_users_own_wording_gets_no_apology(app: AppState) -> None:
    received(app, "en", 3 * DAY)
    view = content.script(app.store, "en", "answer-next-step")
    assert view is not None
    content.save_copy(app.store, view, "Mine", "Hi {client},\n\n{answer}")
    assert opened(app, "answer-next-step", "en").script.body == "Hi {client},\n\n{answer}"


# --- after noting the reply --------------------------------------------------------------------------------


@pytest.mark.parametrize("script", ["late-reply", "late-holding"])
def test_a_late_text_stays_founded_after_the_reply_is_noted(app: AppState, script: str) -> None:
    message = received(app, "en", 3 * DAY)
    assert opened(app, script, "en").unfounded == []
    model.mark_replied(app, message)
    assert opened(app, script, "en").unfounded == []


def test_a_late_text_stays_founded_after_the_promise_is_noted(app: AppState) -> None:
    message = received(app, "en", 3 * DAY)
    model.acknowledge(app, message, NOW + DAY)
    assert opened(app, "late-holding", "en").unfounded == []


def test_a_late_text_is_unfounded_for_a_reply_sent_in_time(app: AppState) -> None:
    message = received(app, "en", HOUR)
    model.mark_replied(app, message)
    assert opened(app, "late-reply", "en").unfounded != []
