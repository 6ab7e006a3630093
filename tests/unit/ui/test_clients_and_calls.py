"""Clients who call (second seed): calls against the weekly allowance, answers to calls, the client pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.codes import BoundaryStep, CallOutcome, ClientStatus, Direction, JobStatus
from app.domain.entities import Call, Client, Conversation, Job, Message, Part, StatusUpdate
from app.store import queries
from app.store.queries import UnscheduledCalls
from app.ui.client.list import calls_line, open_line
from app.ui.client.timeline import tell
from app.ui.state import AppState
from app.ui.today import others
from app.viewmodels import call as calls
from app.viewmodels import client as client_page
from app.viewmodels import clients
from app.viewmodels import update as updates
from app.viewmodels.fitting_texts import fitting
from app.viewmodels.scripts.filling import filling, find
from tests.unit.ui.support import said

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)  # 10:00 in Paris
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def next_step(app: AppState) -> BoundaryStep | None:
    (row,) = clients.load(app).rows
    return row.ladder.next if row.ladder else None


@pytest.fixture
def marc(app: AppState) -> Client:
    client = Client(
        name="Marc",
        standing_call_rule="FREQ=WEEKLY;BYDAY=FR",
        standing_call_start=FRIDAY - timedelta(days=28),
    )
    app.store.save(client)
    return client


def add_call(app: AppState, client: Client, ago: timedelta = HOUR, **fields: Any) -> Call:
    call = Call(client_id=client.id, at=NOW - ago, **fields)
    app.store.save(call)
    return call


def shown(app: AppState, call: Call) -> calls.CallPage:
    page = calls.load(app, call.id, f"/call/{call.id}")
    assert page is not None
    return page


# --- the call page -----------------------------------------------------------------------------------------


def test_the_latest_calls_of_the_week_are_beyond_the_allowance_answered_or_not(
    app: AppState, marc: Client
) -> None:
    first = add_call(app, marc, 5 * HOUR, outcome=CallOutcome.TAKEN)
    assert shown(app, first).allowance == calls.Allowance(made=1, taken=1, whole=2, beyond=False)
    second = add_call(app, marc, 4 * HOUR, outcome=CallOutcome.MISSED)
    assert shown(app, second).allowance == calls.Allowance(made=2, taken=1, whole=2, beyond=False)
    third = add_call(app, marc, 3 * HOUR, outcome=CallOutcome.MISSED)
    assert shown(app, third).allowance == calls.Allowance(made=3, taken=1, whole=2, beyond=True)
    assert not shown(app, first).allowance.beyond  # type: ignore[union-attr]
    add_call(app, marc, 6 * HOUR, outcome=CallOutcome.VOICEMAIL)  # recorded later, but earlier in time
    assert shown(app, second).allowance.beyond  # type: ignore[union-attr]


def test_every_screen_counts_the_same_calls_beyond_the_allowance(app: AppState, marc: Client) -> None:
    """Regression: the same call was "your choice" on its page and "over" on the ladder page."""
    outcomes = [CallOutcome.MISSED, CallOutcome.TAKEN, CallOutcome.VOICEMAIL, CallOutcome.TAKEN]
    added = [add_call(app, marc, (9 - place) * HOUR, outcome=each) for place, each in enumerate(outcomes)]
    beyond = [call.id for call in added if shown(app, call).allowance.beyond]  # type: ignore[union-attr]
    stands = queries.client_ladder(app.store, marc.id, NOW)
    page = client_page.load(app, marc.id, limit=20)
    assert stands is not None
    assert page is not None
    assert beyond == [call.id for call in stands.evidence.beyond] == [added[2].id, added[3].id]
    assert page.glance.calls.weeks[-1].over == len(beyond)
    (row,) = clients.load(app).rows
    assert row.calls == page.calls
    assert (row.calls.rung - row.calls.allowance, row.calls.over) == (len(beyond), True)


def test_every_screen_shows_the_same_number_of_calls_a_week(app: AppState) -> None:
    """Weeks before the first recorded call of any client are not counted."""
    ana = Client(name="Ana", created_at=NOW - 60 * DAY)
    app.store.save(ana)
    for days in range(1, 13):
        add_call(app, ana, days * DAY, outcome=CallOutcome.MISSED)
    app.store.save(Conversation(client_id=ana.id, at=NOW - HOUR))
    around = queries.circumstances(app.store, ana.id, NOW)
    stands = queries.client_ladder(app.store, ana.id, NOW)
    page = client_page.load(app, ana.id, limit=20)
    assert around is not None
    assert stands is not None
    assert page is not None
    assert stands.aftermath == page.glance.ladder.aftermath
    assert stands.aftermath is not None
    assert around.calls_a_week == pytest.approx(7, abs=0.1)
    assert stands.aftermath.before_a_week == pytest.approx(around.calls_a_week, abs=0.1)
    report = queries.trust(app.store, 30, NOW).present
    assert report.interruptions[ana.id] == pytest.approx(around.calls_a_week, abs=0.1)


def test_scheduled_calls_and_calls_of_other_weeks_show_no_allowance(app: AppState, marc: Client) -> None:
    assert shown(app, add_call(app, marc, scheduled=True)).allowance is None
    assert shown(app, add_call(app, marc, timedelta(days=8))).allowance is None


def test_a_voicemail_offers_the_next_standing_call_and_its_script(app: AppState, marc: Client) -> None:
    call = add_call(app, marc, outcome=CallOutcome.VOICEMAIL)
    page = shown(app, call)
    assert page.next_call == FRIDAY
    assert page.text is not None
    assert page.text.script.id == "voicemail-next-call"
    assert "Friday, November 27 at 10" in filling(page.text, {}, {}).filled.text
    calls.told(app, call)
    assert said(app).text == f"Kept for your call: {app.format.when(FRIDAY, NOW)}"
    page = shown(app, call)
    assert (page.call.deferred_to, page.topic and page.topic.call_id) == (FRIDAY, call.id)
    said(app).undo()
    page = shown(app, call)
    assert (page.call.deferred_to, page.topic) == (None, None)


def test_a_check_in_call_is_answered_with_the_update_sent_before(app: AppState, marc: Client) -> None:
    update = StatusUpdate(client_id=marc.id, at=NOW - 20 * HOUR, text="The draft is online.")
    app.store.save(update, StatusUpdate(client_id="other", at=NOW - 2 * HOUR, text="Not for Marc."))
    call = add_call(app, marc)
    page = shown(app, call)
    assert (page.answer, page.answered, page.text) == (update, None, None)  # it may be about anything
    calls.change(app, call.id, answered_by_update_id=update.id)
    page = shown(app, call)
    assert page.answered == update
    assert page.text is not None
    assert "The draft is online." in filling(page.text, {}, {}).filled.text


def test_a_voicemail_gets_the_voicemail_text_until_it_is_marked_as_a_check_in(
    app: AppState, marc: Client
) -> None:
    """Second seed: an earlier update must not make every later call a "where does it stand?"."""
    app.store.save(update := StatusUpdate(client_id=marc.id, at=NOW - 20 * HOUR, text="The draft is online."))
    call = add_call(app, marc, outcome=CallOutcome.VOICEMAIL)
    page = shown(app, call)
    assert page.text is not None
    assert (page.text.script.id, page.text.unfounded) == ("voicemail-next-call", [])
    calls.change(app, call.id, answered_by_update_id=update.id)
    page = shown(app, call)
    assert page.text is not None
    assert page.text.script.id == "already-sent"
    assert [script.id for script in page.scripts] == ["voicemail-next-call"]


def test_the_first_missed_call_gets_a_mild_text_and_no_boundary_step(app: AppState) -> None:
    ana = Client(name="Ana")
    app.store.save(ana)
    page = shown(app, add_call(app, ana, outcome=CallOutcome.MISSED))
    assert page.text is not None
    assert (page.text.script.id, page.text.unfounded) == ("missed-call", [])
    assert (page.scripts, page.ladder and page.ladder.next) == ([], None)
    for hours in range(2, 6):
        last = add_call(app, ana, hours * HOUR, outcome=CallOutcome.MISSED)
    page = shown(app, last)
    assert page.text is not None
    assert (page.text.script.id, page.ladder and page.ladder.next) == ("missed-call", BoundaryStep.PROPOSE)


def test_the_text_for_a_voicemail_depends_on_whether_it_named_a_reason(app: AppState, marc: Client) -> None:
    call = add_call(app, marc, outcome=CallOutcome.VOICEMAIL)
    calls.change(app, call.id, said_why=False)
    page = shown(app, call)
    assert page.text is not None
    assert (page.text.script.id, page.text.unfounded) == ("voicemail-why-next-call", [])
    assert "What is it about?" in filling(page.text, {}, {}).filled.text
    calls.change(app, call.id, said_why=True)
    page = shown(app, call)
    assert page.text is not None
    assert page.text.script.id == "voicemail-next-call"
    assert "about" not in filling(page.text, {}, {}).filled.text  # they have said why


def test_a_standing_call_weeks_away_is_not_proposed_as_the_answer(app: AppState) -> None:
    ana = Client(
        name="Ana",
        standing_call_rule="FREQ=WEEKLY;INTERVAL=4;BYDAY=WE",
        standing_call_start=NOW - timedelta(days=7),
    )
    app.store.save(ana)
    page = shown(app, add_call(app, ana, outcome=CallOutcome.VOICEMAIL))
    assert page.next_call == NOW + timedelta(days=21)
    assert page.text is not None
    assert page.text.script.id == "voicemail-received"
    assert [script.id for script in page.scripts] == ["voicemail-next-call"]  # left to the user
    (item,) = [each for each in queries.today(app.store, NOW).agenda.items if each.unanswered]
    named = {action.label: action for action in others._words(app, item, ana)}
    named["What to say"].act()
    assert "script/voicemail-received" in app.page.route


def test_voicemails_keep_the_voicemail_text_after_a_later_missed_call(app: AppState, marc: Client) -> None:
    voicemail = add_call(app, marc, 3 * HOUR, outcome=CallOutcome.VOICEMAIL)
    add_call(app, marc, 4 * HOUR, outcome=CallOutcome.VOICEMAIL)
    missed = add_call(app, marc, outcome=CallOutcome.MISSED)
    (item,) = [each for each in queries.today(app.store, NOW).agenda.items if each.unanswered]
    assert others.place(item) == ("call", voicemail.id)
    for call in (voicemail, missed):
        page = shown(app, call)
        assert page.text is not None
        assert (page.text.script.id, page.text.unfounded) == ("voicemail-next-call", [])
    (fits, *_rest) = fitting(app, marc)
    assert (fits.script.id, fits.key) == ("voicemail-next-call", voicemail.id)
    text = find(app, "voicemail-next-call", f"/clients/client/{marc.id}", "en")
    assert text is not None
    assert text.unfounded == []
    assert calls.answered(app, marc.id)
    text = find(app, "voicemail-next-call", f"/clients/client/{marc.id}", "en")
    assert text is not None
    assert text.unfounded == []  # still founded: answered only a moment ago


def test_typing_a_note_does_not_restore_a_deleted_call(app: AppState, marc: Client) -> None:
    call = add_call(app, marc)
    assert calls.delete(app, call)
    calls.change(app, call.id, note="too late")
    assert calls.load(app, call.id, f"/call/{call.id}") is None


# --- updates ---------------------------------------------------------------------------------------------


def test_a_new_update_is_about_the_client_or_job_of_its_route(app: AppState, marc: Client) -> None:
    job = Job(client_id=marc.id, title="Leaflet")
    app.store.save(job)
    assert updates.subject(app, f"/clients/client/{marc.id}/update/new") == (marc.id, None)
    assert updates.subject(app, f"/jobs/job/{job.id}/update/new") == (marc.id, job.id)
    assert updates.load(app, "new", "/update/new") is None


# --- the client list ---------------------------------------------------------------------------------------


def test_the_client_list_counts_owed_replies_jobs_and_calls(app: AppState, marc: Client) -> None:
    waits = Message(client_id=marc.id, at=NOW - HOUR)
    app.store.save(
        waits,
        Message(client_id=marc.id, at=NOW - HOUR, direction=Direction.OUT),
        Message(client_id=marc.id, at=NOW - HOUR, replied_at=NOW),
        Job(client_id=marc.id, title="Leaflet"),
    )
    add_call(app, marc, outcome=CallOutcome.TAKEN)
    add_call(app, marc, outcome=CallOutcome.MISSED)
    add_call(app, marc, timedelta(days=9), outcome=CallOutcome.TAKEN)
    (row,) = clients.load(app).rows
    assert (row.owed, row.jobs, row.calls) == (1, 1, UnscheduledCalls(1, 1, 0, allowance=2))
    assert next_step(app) is None
    add_call(app, marc)
    assert next_step(app) is None  # they wait for an answer
    waits.replied_at = NOW
    app.store.save(waits)
    assert next_step(app) == BoundaryStep.PUSH_BACK


def test_the_client_list_shows_the_total_unpaid(app: AppState, marc: Client) -> None:
    assert clients.load(app).unpaid == {}
    job = Job(client_id=marc.id, status=JobStatus.DELIVERED, fee=30_000, delivered_at=NOW)
    app.store.save(job)
    assert clients.load(app).unpaid == {"EUR": 30_000}


def test_the_client_list_filters_by_status_and_searches_every_status(app: AppState, marc: Client) -> None:
    ended = Client(name="山田", status=ClientStatus.ENDED, notes="ジャケットの記事")
    app.store.save(ended)
    listed = clients.load(app)
    assert listed.counts == {"active": 1, "paused": 0, "ended": 1}
    assert [row.client for row in listed.shown(" ", ClientStatus.ACTIVE)] == [marc]
    assert [row.client for row in listed.shown("じゃけっと", ClientStatus.ACTIVE)] == [ended]
    assert listed.shown("100%", ClientStatus.ACTIVE) == []


# --- the client page ---------------------------------------------------------------------------------------


def test_the_timeline_lists_everything_newest_first(app: AppState, marc: Client) -> None:
    job = Job(client_id=marc.id, title="Leaflet", started_at=NOW - 50 * HOUR)
    part = Part(job_id=job.id, title="Half", delivered_at=NOW - 4 * HOUR, paid_at=NOW - 2 * HOUR)
    message = Message(client_id=marc.id, at=NOW - 3 * HOUR, summary="Where is it?")
    update = StatusUpdate(client_id=marc.id, at=NOW - 5 * HOUR, text="Nearly there.")
    app.store.save(job, part, message, update)
    call = add_call(app, marc, HOUR)
    app.store.save(Conversation(client_id=marc.id, at=NOW - 2 * HOUR - timedelta(minutes=1)))
    page = client_page.load(app, marc.id, limit=20)
    assert page is not None
    described = [tell(entry) for day in page.days for entry in day.entries]
    assert [one.opens for one in described] == [
        ("call", call.id),
        ("job", job.id),
        ("ladder", marc.id),
        ("message", message.id),
        ("job", job.id),
        ("update", update.id),
        ("job", job.id),
    ]
    assert [len(day.entries) for day in page.days] == [6, 1]
    assert not page.more
    assert page.glance.next_call == FRIDAY


def test_a_long_history_is_paged(app: AppState, marc: Client) -> None:
    for hours in range(30):
        add_call(app, marc, hours * HOUR)
    page = client_page.load(app, marc.id, limit=20)
    assert page is not None
    assert sum(len(day.entries) for day in page.days) == 20
    assert page.more


def test_deleting_a_client_counts_its_records_and_undo_restores_them(app: AppState, marc: Client) -> None:
    app.store.save(Message(client_id=marc.id), Job(client_id=marc.id, title="Leaflet"))
    add_call(app, marc)
    add_call(app, marc)
    assert client_page.delete(app, marc)
    assert said(app).text == "Marc deleted, with 1 message, 2 calls, and 1 job"
    assert clients.load(app).rows == []
    said(app).undo()
    (row,) = clients.load(app).rows
    assert (row.client, row.owed, row.jobs, row.calls.rung) == (marc, 1, 1, 2)


def test_a_voicemail_is_never_counted_as_a_missed_call(app: AppState, marc: Client) -> None:
    add_call(app, marc, outcome=CallOutcome.VOICEMAIL, said_why=False)
    add_call(app, marc, 2 * HOUR, outcome=CallOutcome.MISSED)
    add_call(app, marc, 3 * HOUR, outcome=CallOutcome.TAKEN)
    add_call(app, marc, -HOUR, outcome=CallOutcome.MISSED)  # in the future: not counted
    page = client_page.load(app, marc.id, limit=20)
    standing = queries.client_ladder(app.store, marc.id, NOW)
    assert page is not None
    assert standing is not None
    (row,) = clients.load(app).rows
    assert row.calls == page.calls == UnscheduledCalls(1, 1, 1, allowance=2)
    for counts in (page.glance.calls.total, standing.evidence.counts):
        assert (counts.taken, counts.missed, counts.voicemail, counts.empty_voicemails) == (1, 1, 1, 1)
        assert counts.unscheduled == 3
    assert calls_line(row, app.format) == (
        "Calls this week: 3 (limit 2). 1 answered, 1 voicemail, and 1 missed call"
    )


def test_a_scheduled_call_that_was_missed_is_not_counted_as_scheduled(app: AppState, marc: Client) -> None:
    add_call(app, marc, scheduled=True, outcome=CallOutcome.MISSED)
    add_call(app, marc, 2 * HOUR, scheduled=True, outcome=CallOutcome.TAKEN)
    page = client_page.load(app, marc.id, limit=20)
    assert page is not None
    assert page.glance.calls.total.scheduled == 1


def test_recording_from_the_client_page_opens_the_record_above_it(app: AppState, marc: Client) -> None:
    app.page.route = f"/clients/client/{marc.id}"
    client_page.record(app, marc, "call")
    page = client_page.load(app, marc.id, limit=20)
    assert page is not None
    (call,) = page.days[0].entries
    assert app.page.route == f"/clients/client/{marc.id}/call/{call.entity.id}"


def test_only_jobs_with_work_left_count_as_active(app: AppState, marc: Client) -> None:
    for status in JobStatus:
        app.store.save(Job(id=status.value, client_id=marc.id, status=status, started_at=NOW - 9 * DAY))
    app.store.save(Job(id="half", client_id=marc.id, started_at=NOW - 9 * DAY))
    app.store.save(
        Part(job_id="half", delivered_at=NOW), last := Part(job_id="half", title="Chapter two", position=1)
    )
    assert clients.load(app).rows[0].jobs == 2
    last.delivered_at = NOW
    app.store.save(last)
    row = clients.load(app).rows[0]
    assert (row.jobs, open_line(row)) == (1, "1 active job")
    around = queries.circumstances(app.store, marc.id, NOW)
    assert around is not None
    assert around.open_jobs == 1
