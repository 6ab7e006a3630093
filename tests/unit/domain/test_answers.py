"""Calls that need an answer, and the matters that an incoming message may answer."""

from datetime import timedelta

import pytest

from app.domain.answers import MatterKind, open_matters
from app.domain.call_answers import call_script, call_to_answer, standing_call_to_wait_for
from app.domain.codes import CallOutcome, ClientStatus, Direction, JobStatus
from app.domain.column_types import Question
from app.domain.entities import Call, Client, Job, Message
from app.domain.exposure import payments, record_reminder
from app.domain.missed_calls import FORGOTTEN, unanswered_calls
from app.domain.waiting import waiting_for
from tests.unit.domain.support import at, office, paris_settings

NOW = at("2026-03-25 12:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SETTINGS, CALENDAR = paris_settings(), office()


def make_call(hours: float, outcome: str = CallOutcome.MISSED, **fields: object) -> Call:
    return Call(**({"client_id": "ana", "at": NOW - hours * HOUR, "outcome": outcome} | fields))


def unanswered_hours(*calls: Call, client: Client | None = None) -> list[float]:
    """Return how many hours ago the unanswered calls came."""
    found = unanswered_calls("ana", calls, client, SETTINGS, CALENDAR, NOW)
    return [(NOW - call.at) / HOUR for call in found.calls] if found else []


def test_voicemails_and_missed_calls_need_one_answer_due_from_the_oldest() -> None:
    calls = [make_call(1), make_call(3, CallOutcome.VOICEMAIL), make_call(2)]
    found = unanswered_calls("ana", calls, Client(id="ana", reply_minutes=240), SETTINGS, CALENDAR, NOW)
    assert found is not None
    assert (found.voicemails, found.missed, found.to_answer) == (1, 2, calls[1])
    assert found.window.due == NOW + HOUR


@pytest.mark.parametrize(
    "fields",
    [
        {"scheduled": True},
        {"outcome": CallOutcome.TAKEN},
        {"answered_at": NOW},
        {"deferred_to": NOW + DAY},
        {"at": NOW - FORGOTTEN},
        {"at": NOW + HOUR},
    ],
)
def test_answered_scheduled_or_old_calls_need_no_answer(fields: dict[str, object]) -> None:
    assert unanswered_hours(make_call(2, **fields)) == []


def test_a_call_taken_later_answers_earlier_calls() -> None:
    taken = make_call(2, CallOutcome.TAKEN)
    assert unanswered_hours(make_call(3), taken, make_call(1)) == [1]
    assert unanswered_hours(make_call(3), make_call(2, CallOutcome.TAKEN, scheduled=True)) == []


def asked(days: float) -> Question:
    return Question(id="q", text="Which blue?", asked_at=(NOW - days * DAY).isoformat(), answered_at=None)


def test_a_message_may_answer_everything_open_when_it_came() -> None:
    chase = Message(id="chase", client_id="ana", at=NOW - 6 * DAY, direction=Direction.OUT)
    late = Message(id="late", client_id="ana", at=NOW, direction=Direction.OUT)
    applied = Job(id="applied", client_id="ana", started_at=NOW - 5 * DAY, status=JobStatus.APPLIED)
    site = Job(id="site", client_id="ana", started_at=NOW - 9 * DAY, questions=[asked(4)])
    sold = Job(id="sold", client_id="ana", status=JobStatus.DELIVERED, fee=500)
    sold.delivered_at = NOW - 40 * DAY
    not_due = Job(id="young", client_id="ana", status=JobStatus.DELIVERED, fee=500)
    not_due.delivered_at = NOW - 5 * DAY
    clients = {"ana": Client(id="ana")}
    jobs = [applied, site, sold, not_due]
    owing = payments([(job, ()) for job in jobs], clients, SETTINGS, CALENDAR, NOW)
    waiting = waiting_for([chase, late], jobs, clients, SETTINGS, CALENDAR, NOW)
    calls = unanswered_calls("ana", [make_call(3)], None, SETTINGS, CALENDAR, NOW)
    found = open_matters(NOW - HOUR, waiting, owing, calls)
    assert [(each.kind, each.key) for each in found] == [
        (MatterKind.PAYMENT, "payment:sold"),
        (MatterKind.WAITING, "waiting:chase"),
        (MatterKind.APPLICATION, "application:applied"),
        (MatterKind.WAITING, "question:q"),
        (MatterKind.CALLS, "calls"),
    ]


def test_a_payment_reminded_early_may_be_answered_once_due() -> None:
    job = Job(id="sold", client_id="ana", status=JobStatus.DELIVERED, fee=500, delivered_at=NOW - 31 * DAY)
    record_reminder(job, NOW - 2 * DAY)
    (payment,) = payments([(job, ())], {}, SETTINGS, CALENDAR, NOW)
    assert [each.key for each in open_matters(NOW, (), [payment], None)] == ["payment:sold"]


# --- the words that answer a call ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "said_why", "near", "far"),
    [
        (CallOutcome.VOICEMAIL, None, "voicemail-next-call", "voicemail-received"),
        (CallOutcome.VOICEMAIL, True, "voicemail-next-call", "voicemail-received"),
        (CallOutcome.VOICEMAIL, False, "voicemail-why-next-call", "voicemail-why"),
        (CallOutcome.MISSED, None, "deferred-request", "missed-call"),
        (CallOutcome.TAKEN, None, "", ""),
    ],
)
def test_a_voicemail_without_a_reason_is_asked_for_it(
    outcome: CallOutcome, said_why: bool | None, near: str, far: str
) -> None:
    call = make_call(1, outcome, said_why=said_why)
    assert (call_script(call, waits=True), call_script(call, waits=False)) == (near, far)


@pytest.mark.parametrize(
    ("days", "waits"), [(1, True), (6, True), (7, True), (8, False), (14, False), (27, False)]
)
def test_a_client_is_asked_to_wait_for_a_standing_call_within_a_week(days: int, waits: bool) -> None:
    at = NOW + days * DAY
    client = Client(id="ana", standing_call_rule="FREQ=WEEKLY;INTERVAL=8", standing_call_start=at)
    found = standing_call_to_wait_for(make_call(0), client, SETTINGS, CALENDAR, NOW)
    assert found == (at if waits else None)


def test_a_client_who_waits_longer_for_any_reply_may_wait_as_long_for_the_call() -> None:
    at = NOW + 12 * DAY
    fields = {"standing_call_rule": "FREQ=WEEKLY;INTERVAL=4", "standing_call_start": at}
    patient = Client(id="ana", reply_minutes=12 * 24 * 60, reply_basis="clock", **fields)
    assert standing_call_to_wait_for(make_call(0), patient, SETTINGS, CALENDAR, NOW) == at
    assert standing_call_to_wait_for(make_call(0), Client(**fields), SETTINGS, CALENDAR, NOW) is None


def test_nobody_waits_for_a_call_while_no_work_goes_on() -> None:
    client = Client(
        standing_call_rule="FREQ=WEEKLY", standing_call_start=NOW + DAY, status=ClientStatus.PAUSED
    )
    assert standing_call_to_wait_for(make_call(0), client, SETTINGS, CALENDAR, NOW) is None


def test_the_wait_counts_from_the_call_and_not_from_its_answer() -> None:
    client = Client(standing_call_rule="FREQ=WEEKLY;INTERVAL=4", standing_call_start=NOW + 5 * DAY)
    assert standing_call_to_wait_for(make_call(24), client, SETTINGS, CALENDAR, NOW) is not None
    assert standing_call_to_wait_for(make_call(24 * 4), client, SETTINGS, CALENDAR, NOW) is None


def test_one_answer_is_about_the_call_that_says_most() -> None:
    missed, empty = make_call(1), make_call(2, CallOutcome.VOICEMAIL, said_why=False)
    told, unknown = make_call(5, CallOutcome.VOICEMAIL, said_why=True), make_call(3, CallOutcome.VOICEMAIL)
    assert call_to_answer([make_call(2), missed]) == missed
    assert call_to_answer([empty, missed]) == empty
    assert call_to_answer([unknown, empty, missed]) == empty
    assert call_to_answer([told, unknown, empty, missed]) == told
