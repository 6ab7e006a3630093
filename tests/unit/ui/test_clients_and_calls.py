"""Second seed: clients who call, what the week still allows, what is already answered."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.codes import BoundaryStep, CallOutcome, ClientStatus, Direction, JobStatus
from app.domain.entities import Call, Client, Conversation, Job, Message, Part, StatusUpdate
from app.store import queries
from app.store.queries import UnscheduledCalls
from app.ui.call import model as calls
from app.ui.client import model as client_page
from app.ui.client.timeline import tell
from app.ui.clients import model as clients
from app.ui.clients.view import calls_line, open_line
from app.ui.scripts.filling import filling
from app.ui.state import AppState
from app.ui.update import model as updates
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


def ring(app: AppState, client: Client, ago: timedelta = HOUR, **fields: Any) -> Call:
    call = Call(client_id=client.id, at=NOW - ago, **fields)
    app.store.save(call)
    return call


def shown(app: AppState, call: Call) -> calls.CallPage:
    page = calls.load(app, call.id, f"/call/{call.id}")
    assert page is not None
    return page


# --- a call's page ---------------------------------------------------------------------------------------


def test_with_allowance_left_it_is_your_choice_and_then_it_is_not(app: AppState, marc: Client) -> None:
    first = ring(app, marc, 3 * HOUR, outcome=CallOutcome.TAKEN)
    assert shown(app, first).allowance == calls.Allowance(left=1, whole=2, taken=True)
    second = ring(app, marc, 2 * HOUR, outcome=CallOutcome.MISSED)
    # Ringing out costs nothing.
    assert shown(app, second).allowance == calls.Allowance(left=1, whole=2, taken=False)
    calls.change(app, second.id, outcome=CallOutcome.TAKEN)
    assert shown(app, second).allowance == calls.Allowance(left=0, whole=2, taken=True)


def test_a_scheduled_call_and_one_of_another_week_have_no_allowance(app: AppState, marc: Client) -> None:
    assert shown(app, ring(app, marc, scheduled=True)).allowance is None
    assert shown(app, ring(app, marc, timedelta(days=8))).allowance is None


def test_a_voicemail_offers_the_next_standing_call_and_its_script(app: AppState, marc: Client) -> None:
    call = ring(app, marc, outcome=CallOutcome.VOICEMAIL)
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


def test_a_check_in_meets_the_update_that_was_sent_before(app: AppState, marc: Client) -> None:
    update = StatusUpdate(client_id=marc.id, at=NOW - 20 * HOUR, text="The draft is online.")
    app.store.save(update, StatusUpdate(client_id="other", at=NOW - 2 * HOUR, text="Not for Marc."))
    call = ring(app, marc)
    page = shown(app, call)
    assert (page.answer, page.answered, page.text) == (update, None, None)  # it may be about anything
    calls.change(app, call.id, answered_by_update_id=update.id)
    page = shown(app, call)
    assert page.answered == update
    assert page.text is not None
    assert "The draft is online." in filling(page.text, {}, {}).filled.text


def test_a_voicemail_is_answered_with_the_e_mail_until_it_is_marked_as_a_check_in(
    app: AppState, marc: Client
) -> None:
    """Second seed: one update noted must not turn every later call into "where does it stand?"."""
    app.store.save(update := StatusUpdate(client_id=marc.id, at=NOW - 20 * HOUR, text="The draft is online."))
    call = ring(app, marc, outcome=CallOutcome.VOICEMAIL)
    page = shown(app, call)
    assert page.text is not None
    assert (page.text.script.id, page.text.unfounded) == ("voicemail-next-call", [])
    calls.change(app, call.id, answered_by_update_id=update.id)
    page = shown(app, call)
    assert page.text is not None
    assert page.text.script.id == "already-sent"
    assert [script.id for script in page.scripts] == ["voicemail-next-call"]


def test_a_calm_clients_first_missed_call_gets_a_mild_note_and_no_boundary(app: AppState) -> None:
    ana = Client(name="Ana")
    app.store.save(ana)
    page = shown(app, ring(app, ana, outcome=CallOutcome.MISSED))
    assert page.text is not None
    assert (page.text.script.id, page.text.unfounded) == ("missed-call", [])
    assert (page.scripts, page.ladder and page.ladder.next) == ([], None)
    for hours in range(2, 6):
        last = ring(app, ana, hours * HOUR, outcome=CallOutcome.MISSED)
    page = shown(app, last)
    assert page.text is not None
    assert (page.text.script.id, page.ladder and page.ladder.next) == ("missed-call", BoundaryStep.PROPOSE)


def test_typing_about_a_call_deleted_meanwhile_does_not_bring_it_back(app: AppState, marc: Client) -> None:
    call = ring(app, marc)
    assert calls.delete(app, call)
    calls.change(app, call.id, note="too late")
    assert calls.load(app, call.id, f"/call/{call.id}") is None


# --- updates ---------------------------------------------------------------------------------------------


def test_an_update_is_for_the_screen_it_was_opened_from(app: AppState, marc: Client) -> None:
    job = Job(client_id=marc.id, title="Leaflet")
    app.store.save(job)
    assert updates.subject(app, f"/clients/client/{marc.id}/update/new") == (marc.id, None)
    assert updates.subject(app, f"/jobs/job/{job.id}/update/new") == (marc.id, job.id)
    assert updates.load(app, "new", "/update/new") is None


# --- the list --------------------------------------------------------------------------------------------


def test_the_list_says_what_is_open_and_who_called(app: AppState, marc: Client) -> None:
    waits = Message(client_id=marc.id, at=NOW - HOUR)
    app.store.save(
        waits,
        Message(client_id=marc.id, at=NOW - HOUR, direction=Direction.OUT),
        Message(client_id=marc.id, at=NOW - HOUR, replied_at=NOW),
        Job(client_id=marc.id, title="Leaflet"),
    )
    ring(app, marc, outcome=CallOutcome.TAKEN)
    ring(app, marc, outcome=CallOutcome.MISSED)
    ring(app, marc, timedelta(days=9), outcome=CallOutcome.TAKEN)
    (row,) = clients.load(app).rows
    assert (row.owed, row.jobs, row.calls) == (1, 1, UnscheduledCalls(1, 1, 0, allowance=2))
    assert next_step(app) is None
    ring(app, marc)
    assert next_step(app) is None  # they wait for an answer
    waits.replied_at = NOW
    app.store.save(waits)
    assert next_step(app) == BoundaryStep.PUSH_BACK


def test_the_list_says_what_all_of_them_owe(app: AppState, marc: Client) -> None:
    assert clients.load(app).unpaid == {}
    job = Job(client_id=marc.id, status=JobStatus.DELIVERED, fee=30_000, delivered_at=NOW)
    app.store.save(job)
    assert clients.load(app).unpaid == {"EUR": 30_000}


def test_the_list_shows_a_status_and_searches_them_all(app: AppState, marc: Client) -> None:
    ended = Client(name="山田", status=ClientStatus.ENDED, notes="ジャケットの記事")
    app.store.save(ended)
    listed = clients.load(app)
    assert listed.counts == {"active": 1, "paused": 0, "ended": 1}
    assert [row.client for row in listed.shown(" ", ClientStatus.ACTIVE)] == [marc]
    assert [row.client for row in listed.shown("じゃけっと", ClientStatus.ACTIVE)] == [ended]
    assert listed.shown("100%", ClientStatus.ACTIVE) == []


# --- a client's page -------------------------------------------------------------------------------------


def test_the_timeline_tells_everything_newest_first(app: AppState, marc: Client) -> None:
    job = Job(client_id=marc.id, title="Leaflet", started_at=NOW - 50 * HOUR)
    part = Part(job_id=job.id, title="Half", delivered_at=NOW - 4 * HOUR, paid_at=NOW - 2 * HOUR)
    message = Message(client_id=marc.id, at=NOW - 3 * HOUR, summary="Where is it?")
    update = StatusUpdate(client_id=marc.id, at=NOW - 5 * HOUR, text="Nearly there.")
    app.store.save(job, part, message, update)
    call = ring(app, marc, HOUR)
    app.store.save(Conversation(client_id=marc.id, at=NOW - 2 * HOUR - timedelta(minutes=1)))
    page = client_page.load(app, marc.id, limit=20)
    assert page is not None
    told = [tell(entry) for day in page.days for entry in day.entries]
    assert [one.opens for one in told] == [
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


def test_a_long_history_comes_in_pages(app: AppState, marc: Client) -> None:
    for hours in range(30):
        ring(app, marc, hours * HOUR)
    page = client_page.load(app, marc.id, limit=20)
    assert page is not None
    assert sum(len(day.entries) for day in page.days) == 20
    assert page.more


def test_deleting_a_client_says_what_went_and_undo_brings_it_all_back(app: AppState, marc: Client) -> None:
    app.store.save(Message(client_id=marc.id), Job(client_id=marc.id, title="Leaflet"))
    ring(app, marc)
    ring(app, marc)
    assert client_page.delete(app, marc)
    assert said(app).text == "Marc deleted, with 1 message, 2 calls, and 1 job"
    assert clients.load(app).rows == []
    said(app).undo()
    (row,) = clients.load(app).rows
    assert (row.client, row.owed, row.jobs, row.calls.rung) == (marc, 1, 1, 2)


def test_a_voicemail_is_no_missed_call_wherever_calls_are_counted(app: AppState, marc: Client) -> None:
    ring(app, marc, outcome=CallOutcome.VOICEMAIL, said_why=False)
    ring(app, marc, 2 * HOUR, outcome=CallOutcome.MISSED)
    ring(app, marc, 3 * HOUR, outcome=CallOutcome.TAKEN)
    ring(app, marc, -HOUR, outcome=CallOutcome.MISSED)  # still to come: it counts nowhere
    page = client_page.load(app, marc.id, limit=20)
    standing = queries.client_ladder(app.store, marc.id, NOW)
    assert page is not None
    assert standing is not None
    (row,) = clients.load(app).rows
    assert row.calls == page.calls == UnscheduledCalls(1, 1, 1, allowance=2)
    for counts in (page.glance.calls.total, standing.evidence.counts):
        assert (counts.taken, counts.missed, counts.voicemail, counts.empty_voicemails) == (1, 1, 1, 1)
        assert counts.unscheduled == 3
    assert calls_line(row, app.format) == "Calls this week: 1 of 2 taken, 1 voicemail and 1 missed call"


def test_a_call_that_did_not_take_place_is_no_scheduled_call(app: AppState, marc: Client) -> None:
    ring(app, marc, scheduled=True, outcome=CallOutcome.MISSED)
    ring(app, marc, 2 * HOUR, scheduled=True, outcome=CallOutcome.TAKEN)
    page = client_page.load(app, marc.id, limit=20)
    assert page is not None
    assert page.glance.calls.total.scheduled == 1


def test_recording_from_the_page_opens_on_top_of_it(app: AppState, marc: Client) -> None:
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
