"""The ladder page (second seed): from the first conversation to the decision, each step with undo."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import flet as ft
import pytest

from app.domain import reply
from app.domain.agenda import AgendaKind
from app.domain.codes import BoundaryStep, CallOutcome, ClientStatus, Decision, Stance
from app.domain.conversations import NO_TERMS, Terms
from app.domain.decision import stance_of
from app.domain.entities import Call, Client, Conversation, Job, Message
from app.i18n import _, p_, speaking
from app.store import queries
from app.ui.components.rungs import ladder_list
from app.ui.scripts.rhythm import proposal
from app.ui.state import AppState
from app.viewmodels import client as client_page
from app.viewmodels import ladder, waiting
from app.viewmodels.agreement import terms_of
from app.viewmodels.client import agreed_terms
from app.viewmodels.client_draft import draft_of, read
from app.viewmodels.fitting_texts import fitting
from app.viewmodels.scripts.filling import filling, load
from app.viewmodels.sent import notes
from app.wording import ladder as labels
from app.wording.agenda import agenda_matter
from tests.unit.ui.support import open_app, said

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
NBSP = "\u00a0"
WEEKLY = Terms("FREQ=WEEKLY;BYDAY=FR", FRIDAY, 30, call_allowance=1)


@pytest.fixture
def app() -> Iterator[AppState]:
    app = open_app(lambda: NOW)
    app.store.save(Client(id="marc", name="Marc", rate=6000))
    app.store.save(
        *(
            Call(client_id="marc", at=NOW - hours * timedelta(hours=1), outcome=CallOutcome.TAKEN, minutes=10)
            for hours in range(1, 7)
        )
    )
    yield app
    app.store.close()


def shown(app: AppState, paid_minutes: int | None = None) -> ladder.LadderPage:
    page = ladder.load(app, "marc", "/clients/client/marc/ladder/marc", paid_minutes)
    assert page is not None
    return page


def store_refused_steps(app: AppState, *steps: BoundaryStep, days_ago: int) -> None:
    """Store the steps as taken eight days apart and each pushed back, the last one `days_ago`."""
    for place, step in enumerate(reversed(steps)):
        at = NOW - (days_ago + 8 * place) * DAY
        app.store.save(
            Conversation(client_id="marc", step=step, at=at, outcome="pushed_back", answered_at=at)
        )


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_the_next_step_is_not_labelled_like_a_next_button(app: AppState, language: str) -> None:
    """次へ labels a button that turns a page; 次の段階 is the next step."""
    store_refused_steps(app, BoundaryStep.PROPOSE, days_ago=9)
    found = shown(app).ladder
    with speaking(language):
        step_row = ladder_list(found, {})[1]
        assert isinstance(step_row, ft.Row)
        about = step_row.controls[1]
        assert isinstance(about, ft.Column)
        assert isinstance(about.controls[1], ft.Text)
        assert about.controls[1].value == p_("step", "Next")
        assert language == "en" or p_("step", "Next") != _("Next")


def test_the_first_step_shows_its_evidence_and_text(app: AppState) -> None:
    page = shown(app)
    assert (page.ladder.step, page.ladder.next) == (BoundaryStep.FINE, BoundaryStep.PROPOSE)
    assert page.text is not None
    assert page.text.script.id == "direct-conversation"
    assert filling(page.text, {}, {}).filled.text.startswith("Hi Marc,")
    ((day, instants),) = ladder.by_day(page.ladder.evidence.dates, app.format)
    assert (day, len(instants)) == (NOW.date(), 4)


def test_the_days_of_the_evidence_come_latest_first(app: AppState) -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # past midnight in Paris
    days = ladder.by_day([late, NOW, NOW - 2 * DAY], app.format)
    assert [(day.day, len(instants)) for day, instants in days] == [(25, 2), (23, 1)]


def test_an_agreement_puts_the_standing_call_into_today(app: AppState) -> None:
    assert ladder.said(app, "marc")
    page = shown(app)
    assert (page.ladder.step, page.ladder.next, page.text) == (BoundaryStep.PROPOSE, None, None)
    assert ladder.agreed(app, page.said[0], page.client, WEEKLY)
    assert "at 10\u202fAM" in said(app).text
    page = shown(app)
    assert (page.client.call_allowance, page.allowance) == (1, 1)
    assert page.follow_up is not None
    assert page.follow_up.script.id == "agreement-confirmed"
    kinds = {item.kind for item in queries.today(app.store, FRIDAY - timedelta(hours=2)).agenda.items}
    assert AgendaKind.STANDING_CALL in kinds
    said(app).undo()
    page = shown(app)
    assert (page.client.standing_call_rule, page.said[0].outcome) == ("", "said")


def test_a_step_cannot_be_noted_twice(app: AppState) -> None:
    ladder.said(app, "marc")
    assert not ladder.said(app, "marc")
    assert len(shown(app).said) == 1
    assert said(app).text == "There is no next step to take now. Nothing was changed."


def test_a_refusal_can_be_noted_and_taken_back(app: AppState) -> None:
    ladder.said(app, "marc")
    ladder.pushed_back(app, shown(app).said[0])
    assert labels.outcome(shown(app).said[0]) == "They pushed back"
    ladder.take_back_answer(app, shown(app).said[0])
    assert labels.outcome(shown(app).said[0]) == "You said it"


def test_a_refusal_offers_the_push_back_text_with_the_call_counts_at_once(app: AppState) -> None:
    """Regression: after "They pushed back" the page offered nothing for a week."""
    ladder.said(app, "marc")
    ladder.pushed_back(app, shown(app).said[0])
    page = shown(app)
    assert (page.ladder.next, page.ladder.answers) == (BoundaryStep.PUSH_BACK, True)
    assert page.text is not None
    assert page.text.script.id == "push-back"
    text = filling(page.text, {}, {}).filled.text
    assert "I have counted 6 calls without an appointment on Wednesday, November 25." in text
    assert ladder.said(app, "marc")
    page = shown(app)
    assert (page.ladder.next, page.ladder.step, page.text) == (None, BoundaryStep.PUSH_BACK, None)


def test_the_agreement_form_starts_from_the_proposal(app: AppState) -> None:
    client = shown(app).client
    proposed = proposal(app, client, {1, 4}, 1, time(14, 30))
    app.propose("marc", proposed)
    text = shown(app).text
    assert text is not None
    proposal_text = filling(text, {}, {}, app.proposal("marc")).filled.text
    assert f"set up a call every Tuesday and Friday at 2:30{NBSP}PM with you" in proposal_text
    ladder.said(app, "marc")
    ladder.pushed_back(app, shown(app).said[0])
    # The answer to the refusal repeats the same offer, also after a restart.
    app.propose("marc", NO_TERMS)
    text = shown(app).text
    assert text is not None
    assert f"a call every Tuesday and Friday at 2:30{NBSP}PM" in filling(text, {}, {}).filled.text
    ladder.said(app, "marc")
    draft = draft_of(ladder.with_proposal(app, client), app.settings, app.calendar, app.format)
    assert (draft.call_days, draft.call_time, draft.call_weeks) == ((1, 4), "14:30", 1)
    assert shown(app).client.standing_call_rule == ""  # proposed is not agreed
    client.standing_call_rule, client.standing_call_start = WEEKLY.standing_call_rule, FRIDAY
    assert ladder.with_proposal(app, client) is client  # agreed terms override a proposal


def test_a_typed_proposal_only_changes_the_text(app: AppState) -> None:
    text = shown(app).text
    assert text is not None
    typed = filling(text, {"proposed_call": "a call a week"}, {}, proposal(app, None, {1}, 1, time(10)))
    assert "set up a call a week with you" in typed.filled.text
    assert proposal(app, None, set(), 1, time(10)) == NO_TERMS


def test_the_day_of_a_step_can_be_set_and_corrected(app: AppState) -> None:
    assert ladder.said(app, "marc", NOW - 2 * DAY)
    talk = shown(app).said[0]
    assert talk.at == NOW - 2 * DAY
    assert ladder.redate(app, talk, NOW - 3 * DAY)
    assert shown(app).said[0].at == NOW - 3 * DAY
    assert not ladder.redate(app, talk, NOW + DAY)
    assert said(app).text == "This time is still to come. Choose one that has passed."
    assert shown(app).said[0].at == NOW - 3 * DAY


def test_a_conversation_from_before_the_app_can_be_noted(app: AppState) -> None:
    app.store.save(Client(id="ana", name="Ana"))
    page = ladder.load(app, "ana", "/clients/client/ana/ladder/ana", None)
    assert page is not None
    assert (page.ladder.next, page.to_note) == (None, BoundaryStep.PROPOSE)
    assert ladder.said(app, "ana", NOW - 5 * DAY)
    assert not ladder.said(app, "ana", NOW - 4 * DAY)


def test_agreed_terms_are_shown_only_after_an_agreement(app: AppState) -> None:
    def terms() -> list[tuple[str, str]]:
        page = client_page.load(app, "marc", 5)
        assert page is not None
        return agreed_terms(app, page)

    assert (shown(app).ladder.agreed, terms()) == (False, [])
    ladder.said(app, "marc")
    assert not shown(app).ladder.agreed
    ladder.agreed(app, shown(app).said[0], shown(app).client, WEEKLY)
    assert shown(app).ladder.agreed
    rhythm = "Every Friday at 10\u202fAM, 30 minutes"
    assert terms() == [("Standing call", rhythm), ("Unscheduled calls a week", "1")]
    marc = shown(app).client
    marc.call_allowance = 3
    app.store.save(marc)
    assert terms() == [("Standing call", rhythm)]  # the allowance is now the user's own


def test_the_stance_is_empty_until_it_is_chosen(app: AppState) -> None:
    marc = shown(app).client
    assert stance_of(marc) == ""
    draft = draft_of(marc, app.settings, app.calendar, app.format)
    assert draft.stance == ""
    unsaid, _problems = read(draft, marc, app.settings, app.calendar, NOW)
    assert stance_of(unsaid) == ""
    chosen, _problems = read(replace(draft, stance="could_lose"), marc, app.settings, app.calendar, NOW)
    assert stance_of(chosen) == "could_lose"
    assert ladder.set_stance(app, marc, Stance.COULD_LOSE)
    assert stance_of(shown(app).client) == "could_lose"


def test_a_stance_of_an_older_version_is_kept_unless_it_is_its_default() -> None:
    kept = [stance_of(Client(stance=stance)) for stance in ("must_keep", "could_lose", "ready_to_leave")]
    assert kept == ["must_keep", "", "ready_to_leave"]


def test_no_step_is_proposed_while_a_reply_to_the_client_is_owed(app: AppState) -> None:
    def in_today() -> bool:
        return "ladder:marc" in {item.key for item in queries.today(app.store, NOW).agenda.items}

    assert (shown(app).ladder.next, in_today()) == (BoundaryStep.PROPOSE, True)
    app.store.save(message := Message(client_id="marc", at=NOW - DAY, summary="When?"))
    page = shown(app)
    assert (page.ladder.next, page.ladder.owed, page.text) == (None, BoundaryStep.PROPOSE, None)
    assert not in_today()
    assert "direct-conversation" not in {each.script.base for each in fitting(app, page.client)}
    assert queries.ladders(app.store, NOW)["marc"].next is None
    assert not ladder.said(app, "marc")
    message.replied_at = NOW
    app.store.save(message)
    assert (shown(app).ladder.next, in_today()) == (BoundaryStep.PROPOSE, True)


def test_a_client_who_waits_for_a_reply_is_not_followed_up(app: AppState) -> None:
    sent = Message(id="sent", client_id="marc", direction="out", at=NOW - 20 * DAY, summary="Offer")
    app.store.save(sent)

    def row() -> str:
        items = queries.today(app.store, NOW).agenda.items
        return "".join(agenda_matter(item, app.format) for item in items if item.key == "message:sent")

    assert row() == "Follow up: Offer"
    (wait,) = queries.waiting_for(app.store, NOW)
    assert waiting.script_for(app, wait, shown(app).client)
    app.store.save(asked := Message(client_id="marc", at=NOW - DAY, summary="When?"))
    assert not row()
    (wait,) = queries.waiting_for(app.store, NOW)
    assert wait.owed is not None
    assert waiting.script_for(app, wait, shown(app).client) == ""
    reply.add_question(asked, "Which one?")
    reply.mark_asked(asked, asked.questions[0]["id"], NOW)
    app.store.save(asked)  # the client is to answer now
    assert row() == "Follow up: Offer"


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_the_hint_of_the_first_step_presupposes_no_earlier_hint(language: str) -> None:
    with speaking(language):
        said = labels.hint(BoundaryStep.PROPOSE)
        assert not re.search("hint|allusion|遠回し|reach them", said, re.IGNORECASE)
        agreed = labels.hint(BoundaryStep.PUSH_BACK, agreed=True)
        assert agreed != labels.hint(BoundaryStep.PUSH_BACK)


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(minutes=1), "You talked about it today."),
        (timedelta(hours=14), "You talked about it yesterday."),  # 13:00 in Paris now
        (2 * DAY, "You talked about it on Monday."),
        (6 * DAY, "You talked about it on Thursday."),
    ],
)
def test_the_time_of_a_conversation_is_shown_by_its_day(app: AppState, ago: timedelta, expected: str) -> None:
    assert labels.talked(app.format, NOW - ago, NOW) == expected


def test_a_confirmation_of_an_agreement_offers_no_follow_up(app: AppState) -> None:
    ladder.said(app, "marc")
    ladder.agreed(app, shown(app).said[0], shown(app).client, WEEKLY)
    confirmation = shown(app).follow_up
    assert confirmation is not None
    labels_of = {note.label for note in notes(app, confirmation, filling(confirmation, {}, {}))}
    assert "Follow up if they don't answer" not in labels_of


def test_an_awaited_answer_is_named_by_its_matter_not_the_texts_title(app: AppState) -> None:
    """A follow-up text names the awaited matter to the client."""
    path = "/clients/client/marc/ladder/marc/script/push-back"
    page = load(app, "push-back", path, None, None)
    assert page is not None
    asked = [note for note in notes(app, page, filling(page, {}, {})) if "Follow up" in note.label]
    asked[0].act()
    assert [message.summary for message in queries.waiting(app.store)] == ["How best to reach me"]


def test_a_copied_step_text_can_be_noted_as_said(app: AppState) -> None:
    path = "/clients/client/marc/ladder/marc/script/direct-conversation"
    page = load(app, "direct-conversation", path, None, None)
    assert page is not None
    (note,) = [note for note in notes(app, page, filling(page, {}, {})) if note.label == "I said it"]
    note.act()
    assert shown(app).ladder.step == BoundaryStep.PROPOSE
    assert "I said it" not in {note.label for note in notes(app, page, filling(page, {}, {}))}


def test_a_step_by_email_is_noted_as_sent_not_as_said(app: AppState) -> None:
    store_refused_steps(app, *list(BoundaryStep)[1:4], days_ago=9)
    page = load(
        app, "availability-rate", "/clients/client/marc/ladder/marc/script/availability-rate", None, None
    )
    assert page is not None
    labels_of = {note.label for note in notes(app, page, filling(page, {}, {}))}
    assert "It is sent" in labels_of
    assert "I said it" not in labels_of


def test_the_availability_price_shows_its_calculation_and_fills_the_script(app: AppState) -> None:
    store_refused_steps(app, *list(BoundaryStep)[1:4], days_ago=9)
    assert shown(app).price is None  # no time recorded: no price is made up
    page = shown(app, 600)
    assert page.asks_price
    assert page.price is not None
    assert (page.price.call_minutes, page.price.recovery_minutes) == (60, 60)
    assert page.price.availability_rate == 7200  # 60 × (600 + 120) ÷ 600
    ladder.use_rate(app, page.client, page.price.availability_rate)
    after = shown(app, 600)
    assert after.text is not None
    assert "€72 an hour" in filling(after.text, {}, {}).filled.text


def test_an_agreed_availability_rate_becomes_the_rate(app: AppState) -> None:
    client = Client(name="Marc", availability_rate=7200, call_allowance=5)
    assert terms_of(client, about_rate=True).rate == 7200
    assert terms_of(client, about_rate=False).rate is None
    assert terms_of(client, about_rate=False).standing_call_minutes is None


def test_the_stance_is_asked_before_any_decision_is_offered(app: AppState) -> None:
    store_refused_steps(app, *list(BoundaryStep)[1:5], days_ago=9)
    app.store.save(Job(client_id="marc", title="Leaflet", started_at=NOW - DAY))
    page = shown(app)
    assert page.asks_decision
    assert page.ways_out(None) == []
    assert [way.decision for way in page.ways_out(Stance.MUST_KEEP)] == list(Decision)
    ladder.set_stance(app, page.client, Stance.READY_TO_LEAVE)
    assert ladder.decide(app, "marc", Decision.END)
    page = shown(app)
    assert page.client.status == ClientStatus.ENDED
    assert labels.outcome(page.said[0]) == "You decided: End the work"
    assert page.follow_up is not None
    assert page.follow_up.script.id == "ending-work"
    said(app).undo()
    page = shown(app)
    assert (page.client.status, page.client.stance) == (ClientStatus.ACTIVE, Stance.READY_TO_LEAVE)
    assert page.asks_decision


def test_a_deleted_client_has_no_ladder(app: AppState) -> None:
    app.store.delete(shown(app).client)
    assert ladder.load(app, "marc", "/ladder/marc", None) is None
    assert not ladder.said(app, "marc")


def test_calls_before_an_agreement_need_no_answer_unless_they_named_a_reason(app: AppState) -> None:
    """Today does not ask for an answer to a call missed before the agreement."""
    for place, said_why in enumerate((None, False, True)):
        outcome = CallOutcome.MISSED if said_why is None else CallOutcome.VOICEMAIL
        at = NOW - (50 - place) * MINUTE
        app.store.save(Call(id=f"rang{place}", client_id="marc", at=at, outcome=outcome, said_why=said_why))
    marc = app.store.get(Client, "marc")
    assert marc is not None
    talk = Conversation(client_id="marc", at=NOW - 30 * MINUTE)
    app.store.save(talk)
    before = queries.unanswered_calls(app.store, "marc", NOW)
    assert before is not None
    assert ladder.agreed(app, talk, marc, WEEKLY)
    found = queries.unanswered_calls(app.store, "marc", NOW)
    assert found is not None
    assert [call.id for call in found.calls] == ["rang2"]  # it named a reason: that needs an answer
    said(app).undo()
    assert queries.unanswered_calls(app.store, "marc", NOW) == before
