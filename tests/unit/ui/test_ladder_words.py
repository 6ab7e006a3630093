"""The texts of the ladder, from the first conversation to the ending letter, state nothing false."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import flet as ft
import pytest
from hypothesis import HealthCheck, given, settings

from app.domain.agenda import AgendaKind
from app.domain.availability import availability_sum
from app.domain.codes import BoundaryStep, CallOutcome, ClientStatus, Decision, JobStatus, Stance
from app.domain.entities import Call, Client, Conversation, Job, Part
from app.i18n import speaking
from app.store import queries
from app.ui.components.rungs import ladder_list, standing
from app.ui.ladder.view import _taken
from app.ui.state import AppState
from app.ui.today import others
from app.viewmodels import call as calls
from app.viewmodels import client as client_page
from app.viewmodels import ladder
from app.viewmodels.fitting_texts import fitting
from app.viewmodels.scripts.filling import filling, find
from app.wording import ladder as labels
from tests.unit.ui.support import open_app
from tests.unit.ui.test_texts import states

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRIDAYS = {"standing_call_rule": "FREQ=WEEKLY;BYDAY=FR", "standing_call_start": NOW - 19 * DAY + 21 * HOUR}
PATH = "/clients/client/c/ladder/c"
LANGUAGES = ["en", "fr", "ja"]


@pytest.fixture
def app() -> Iterator[AppState]:
    app = open_app(lambda: NOW)
    app.store.save(Client(id="other", name="Other"))
    yield app
    app.store.close()


def add_client(app: AppState, language: str = "en", **fields: object) -> None:
    base = {"id": "c", "name": "Lefèvre", "language": language, "rate": 8000, "availability_rate": 9000}
    app.store.save(Client(**(base | fields)))


def add_calls(app: AppState, outcome: CallOutcome = CallOutcome.MISSED) -> None:
    for hours in (1, 2, 3, 26, 27, 28):
        app.store.save(Call(id=f"call{hours}", client_id="c", at=NOW - hours * HOUR, outcome=outcome))


def add_refusals(app: AppState, *steps: int, days_ago: int = 9) -> None:
    for place, step in enumerate(reversed(steps)):
        at = NOW - (days_ago + 8 * place) * DAY
        app.store.save(Conversation(client_id="c", step=step, at=at, outcome="pushed_back", answered_at=at))


def shown(app: AppState, paid_minutes: int | None = None) -> ladder.LadderPage:
    page = ladder.load(app, "c", PATH, paid_minutes)
    assert page is not None
    return page


def text_of(app: AppState, script: str, language: str, path: str = PATH) -> str:
    page = find(app, script, path, language)
    assert page is not None
    picked = {name: NOW + 30 * DAY for name in ("end_date", "start_date") if name in page.blanks}
    found = filling(page, {}, picked)
    assert found.complete, found.filled.missing
    return found.filled.text


# --- every screen agrees -----------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(states())
def test_every_screen_shows_the_same_ladder_state(noted: list[object]) -> None:
    app = open_app(lambda: NOW)
    try:
        app.store.save(*noted)  # type: ignore[arg-type]
        found = queries.client_ladder(app.store, "c", NOW)
        page, of_client, client = shown(app), client_page.load(app, "c", 5), app.store.get(Client, "c")
        assert found is not None
        assert of_client is not None
        assert client is not None
        assert found == page.ladder == of_client.glance.ladder
        assert queries.ladders(app.store, NOW).get("c", found) == found
        offered = page.text or page.follow_up
        assert bool(found.text) == bool(offered)
        if offered:
            assert offered.script.base == found.text
            assert found.text in {each.script.base for each in fitting(app, client)} | _crowded_out(
                app, client
            )
        today = [
            each for each in queries.today(app.store, NOW).agenda.items if each.kind is AgendaKind.LADDER
        ]
        assert [each.step for each in today] == ([found.next] if found.next else [])
        if found.next is None and not found.text:
            assert labels.next_step(found) == ""
            assert "Next" not in labels.note(found, app.format, NOW, page.allowance)
    finally:
        app.store.close()


def _crowded_out(app: AppState, client: Client) -> set[str]:
    """The ladder's text if the list of fitting texts is full: more pressing texts come first."""
    full = len(fitting(app, client)) >= 6
    found = queries.client_ladder(app.store, client.id, NOW)
    return {found.text} if full and found else set()


# --- an agreed standing call ------------------------------------------------------------------------------


def test_the_first_step_is_shown_as_done_when_a_standing_call_is_agreed(app: AppState) -> None:
    add_client(app, **FRIDAYS)
    add_calls(app)
    page = shown(app)
    assert standing(page.ladder) == "A standing call is agreed"
    first, second, *_rest = ladder_list(page.ladder, _taken(app, page))
    assert words_of(first)[1].startswith("Agreed: Every Friday at 10")
    assert words_of(second) == ["2. Remind them of what you agreed", "Next"]
    assert page.text is not None
    text = filling(page.text, {}, {}).filled.text
    assert "We agreed on a call every Friday" in text
    assert "set up" not in text


def words_of(control: ft.Control) -> list[str]:
    found = [str(control.value)] if isinstance(control, ft.Text) else []
    return [*found, *(word for each in getattr(control, "controls", []) for word in words_of(each))]


@pytest.mark.parametrize(
    ("ago", "line"),
    [(HOUR, "6 unscheduled calls today."), (30 * HOUR, "6 unscheduled calls since yesterday.")],
)
def test_calls_of_one_day_are_counted_with_that_day(app: AppState, ago: timedelta, line: str) -> None:
    add_client(app)
    app.store.save(
        *(Call(client_id="c", at=NOW - ago - n * timedelta(minutes=5), outcome="missed") for n in range(6))
    )
    page = shown(app)
    assert ladder.counted_in_words(app, page.ladder.evidence, page.allowance).startswith(line)


# --- the last steps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_new_terms_do_not_repeat_the_refused_offer(app: AppState, language: str) -> None:
    add_client(app, language)
    add_calls(app)
    add_refusals(app, 1, 2, 3, 4)
    way = next(each for each in shown(app).ways_out(Stance.COULD_LOSE) if each.decision == "change_terms")
    text = text_of(app, way.script, language)
    new, present = {"en": ("€90", "€80"), "fr": ("90\u00a0€", "80\u00a0€"), "ja": ("€90", "€80")}[language]
    assert new in text
    assert present not in text  # the present rate is no longer on offer
    for call in ("every Friday", "vendredi à", "金曜日"):
        assert call not in text.replace("vendredi 25", "")
    assert ladder.decide(app, "c", Decision.CHANGE_TERMS)
    follow_up = shown(app).follow_up
    assert follow_up is not None
    assert follow_up.script.id == way.script


def test_new_terms_do_not_offer_the_rate_already_paid(app: AppState) -> None:
    add_client(app, rate=9000)
    page = find(app, "new-terms", PATH, "en")
    assert page is not None
    assert "availability_rate" not in page.known


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_availability_offer_names_no_standing_call_that_was_not_agreed(
    app: AppState, language: str
) -> None:
    add_client(app, language)
    add_calls(app)
    add_refusals(app, 1, 2, 3)
    page = shown(app)
    assert page.text is not None
    assert page.text.script.id == "availability-rate"
    assert "standing_call" not in page.text.blanks
    assert filling(page.text, {}, {}).filled.missing == ["proposed_call"]


FINISHING = {"en": "I’ll finish", "fr": "je terminerai", "ja": "仕上げ"}
ENDING_STATES: dict[str, tuple[list[Job], bool]] = {
    "no job": ([], False),
    "under way": ([Job(id="j", client_id="c", title="Brochure")], True),
    "delivered": ([Job(id="j", client_id="c", title="Brochure", status=JobStatus.DELIVERED)], False),
    "applied": ([Job(id="j", client_id="c", title="Brochure", status=JobStatus.APPLIED)], False),
    "of another": ([Job(id="j", client_id="other", title="Brochure")], False),
    "four": ([Job(id=f"j{n}", client_id="c", title="Brochure") for n in range(4)], True),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", list(ENDING_STATES))
def test_the_ending_letter_finishes_only_work_that_is_under_way(
    app: AppState, language: str, case: str
) -> None:
    jobs, finishes = ENDING_STATES[case]
    add_client(app, language)
    app.store.save(*jobs)
    text = text_of(app, "ending-work", language)
    assert (FINISHING[language] in text) is finishes
    assert ("Brochure" in text) is (case == "under way")
    assert ("4" in text.replace("24", "")) is (case == "four")


def test_the_ending_letter_does_not_finish_a_job_with_all_parts_delivered(app: AppState) -> None:
    add_client(app)
    app.store.save(
        Job(id="j", client_id="c", title="Brochure"), Part(job_id="j", title="A", delivered_at=NOW - DAY)
    )
    assert "I’ll finish" not in text_of(app, "ending-work", "en")


# --- work held back until payment --------------------------------------------------------------------------

HELD = {
    "en": ("holding|stopping", "delivered as agreed", "has been delivered"),
    "fr": ("suspends|interromps", "livré comme convenu", "livré en totalité"),
    "ja": ("見合わせる|停止いたします", "お約束どおり納品", "納品はすべて完了"),
}
DELIVERED, PAID = NOW - 50 * DAY, NOW - 40 * DAY


def part(number: int, delivered: datetime | None, paid: datetime | None) -> Part:
    reminded = [(NOW - days * DAY).isoformat() for days in (20, 10)] if delivered and not paid else []
    return Part(
        id=f"p{number}",
        job_id="j",
        position=number,
        title=f"Part{number}",
        amount=10_000,
        delivered_at=delivered,
        invoiced_at=delivered,
        paid_at=paid,
        reminded_at=reminded,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("script", ["payment-reminder-firm", "payment-last-notice"])
@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(DELIVERED, PAID), (DELIVERED, None), (None, None)], 0),
        ([(DELIVERED, None), (None, PAID)], 1),
        ([(DELIVERED, PAID), (DELIVERED, None)], 2),
        ([(DELIVERED, None), (None, PAID), (None, None)], 0),
    ],
)
def test_only_undelivered_unpaid_work_is_held_back(
    app: AppState, language: str, script: str, rows: list[tuple[datetime | None, datetime | None]], said: int
) -> None:
    add_client(app, language)
    app.store.save(
        Job(id="j", client_id="c", title="Brochure", started_at=NOW - 60 * DAY, currency="EUR"),
        *(part(number, *row) for number, row in enumerate(rows)),
    )
    text = text_of(app, script, language, "/jobs/job/j")
    stated = [any(each in text for each in phrase.split("|")) for phrase in HELD[language]]
    assert stated == [place == said for place in range(3)]
    named = {f"Part{number}" for number, row in enumerate(rows) if row[1] is None}  # asked for, or held back
    assert {f"Part{number}" for number in range(len(rows)) if f"Part{number}" in text} == named


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_a_delivered_job_without_parts_is_held_back(app: AppState, language: str) -> None:
    add_client(app, language)
    app.store.save(
        Job(
            id="j",
            client_id="c",
            title="Brochure",
            started_at=NOW - 90 * DAY,
            status=JobStatus.DELIVERED,
            delivered_at=NOW - 70 * DAY,
            invoiced_at=NOW - 70 * DAY,
            fee=50_000,
            currency="EUR",
            reminded_at=[(NOW - days * DAY).isoformat() for days in (20, 10)],
        )
    )
    text = text_of(app, "payment-last-notice", language, "/jobs/job/j")
    assert not any(each in text for each in HELD[language][0].split("|"))
    assert HELD[language][2] in text


# --- the rate ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "said"), [("en", "2.5%"), ("fr", "2,5\u00a0%"), ("ja", "2.5%")])
def test_the_percentage_of_a_raise_is_not_rounded(app: AppState, language: str, said: str) -> None:
    add_client(app, availability_rate=8200)
    client = shown(app).client
    app.store.save(app.settings.model_copy(update={"language": language}))
    with speaking(language):
        assert said in ladder.offer_in_words(app, client, 8200).replace("\u202f", "\u00a0")
        assert "%" not in ladder.offer_in_words(app, client, 8000)


def test_the_offered_rate_is_the_stored_one_or_else_the_calculated_one(app: AppState) -> None:
    add_client(app, availability_rate=None)
    app.store.save(
        *(
            Call(client_id="c", at=NOW - number * DAY, outcome=CallOutcome.TAKEN, minutes=10)
            for number in range(1, 6)
        )
    )
    client = shown(app).client
    theirs = queries.calls_of(app.store, "c", NOW - 28 * DAY)
    price = availability_sum(client, theirs, 1200, NOW)
    assert price is not None
    assert ladder.rate_to_offer(client, price) == price.availability_rate == 8700
    client.availability_rate = 9500
    assert ladder.rate_to_offer(client, price) == 9500
    client.availability_rate = 7000  # below the present rate: noted before the rate rose
    assert ladder.rate_to_offer(client, price) == 8700
    assert app.format.round_money(price.monthly, "EUR").count(".") == 0  # an estimate: no cents


# --- the stance -------------------------------------------------------------------------------------------


def test_the_stored_stance_is_preselected_in_the_decision(app: AppState) -> None:
    add_client(app)
    add_calls(app)
    add_refusals(app, 1, 2, 3, 4)
    assert shown(app).stance is None
    ladder.set_stance(app, shown(app).client, Stance.READY_TO_LEAVE)
    assert shown(app).stance is Stance.READY_TO_LEAVE
    assert [way.decision for way in shown(app).ways_out(shown(app).stance)] == list(Decision)


# --- calls after a refusal ---------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [CallOutcome.MISSED, CallOutcome.VOICEMAIL])
def test_no_screen_offers_an_inviting_text_after_a_second_refusal(
    app: AppState, outcome: CallOutcome
) -> None:
    add_client(app)
    add_calls(app, outcome)
    add_refusals(app, 1, 2)
    page = calls.load(app, "call1", "/call/call1")
    assert page is not None
    assert page.text is not None
    assert page.text.script.id == "call-by-email"
    inviting = {"voicemail-received", "missed-call"}
    assert not inviting & {script.base for script in page.scripts}
    client = app.store.get(Client, "c")
    assert client is not None
    assert "call-by-email" in {each.script.base for each in fitting(app, client)}
    assert not inviting & {each.script.base for each in fitting(app, client)}
    item = next(each for each in queries.today(app.store, NOW).agenda.items if each.unanswered)
    (action,) = others._words(app, item, client)
    action.act()
    assert "call-by-email" in app.page.route


def test_a_first_missed_call_offers_no_text_about_limited_calls(app: AppState) -> None:
    add_client(app)
    app.store.save(Call(id="call1", client_id="c", at=NOW - HOUR, outcome=CallOutcome.MISSED))
    page = calls.load(app, "call1", "/call/call1")
    assert page is not None
    assert page.text is not None
    assert page.text.script.id == "missed-call"
    assert "call-by-email" not in {script.id for script in page.scripts}


# --- after an agreement -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fresh_agreement_is_noted_with_its_date_and_without_blame(app: AppState, language: str) -> None:
    add_client(app, **FRIDAYS)
    add_calls(app)
    at = NOW - timedelta(minutes=1)
    app.store.save(
        Conversation(
            client_id="c", step=BoundaryStep.PROPOSE, at=at, outcome="agreed", answered_at=at, **FRIDAYS
        )
    )
    page = shown(app)
    app.store.save(app.settings.model_copy(update={"language": language}))
    with speaking(language):
        note = labels.note(page.ladder, app.format, NOW, page.allowance)
    assert {"en": "December 2", "fr": "2 décembre", "ja": "12月2日"}[language] in note
    assert not any(blame in note for blame in ("peace", "tranquille", "そっと"))


def test_an_ended_client_has_no_next_step_anywhere(app: AppState) -> None:
    add_client(app, status=ClientStatus.ENDED)
    add_calls(app)
    page = shown(app)
    assert (page.ladder.next, page.text, page.follow_up) == (None, None, None)
    assert labels.note(page.ladder, app.format, NOW, page.allowance) == (
        "You no longer work together. There is nothing to say."
    )
