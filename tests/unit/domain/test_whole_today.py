"""Today is complete: everything open and due is listed once, and nothing closed is."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from app.domain.agenda import AgendaKind
from app.domain.codes import CallOutcome, ClientStatus, Direction, JobStatus
from app.domain.deadlines import job_deadlines
from app.domain.entities import Message
from app.domain.exposure import PaymentStep, payments
from app.domain.hours import work_calendar
from app.domain.ladder import ladder
from app.domain.missed_calls import FORGOTTEN
from app.domain.silence import FollowUpStep
from app.domain.waiting import WaitingKind, waiting_for
from tests.unit.domain.test_agenda import DAY, HOUR, NOW, World, hours, worlds


@st.composite
def worlds_with_closed_records(draw: st.DrawFn) -> World:
    """Generate a world in which many records are closed."""
    world = draw(worlds())
    for message in world.messages:
        if draw(st.booleans()):
            message.replied_at = message.at + HOUR
        message.needs_reply = draw(st.sampled_from([True, True, False]))
    for job in world.jobs:
        job.paid_at = draw(st.none() | hours)
    for part in world.parts:
        part.paid_at = draw(st.none() | hours)
    for call in world.calls:
        call.deferred_to = draw(st.none() | hours)
    for client in world.clients:
        client.ladder_snoozed_until = draw(st.none() | hours)
        client.call_allowance = draw(st.none() | st.integers(0, 3))
        client.payment_days = draw(st.none() | st.integers(0, 5))
    return world


def expected_keys(world: World, now: datetime) -> set[str]:
    """Derive the expected keys from records and other pages, without the agenda."""
    owed = {f"message:{each.id}" for each in world.messages if is_owed(each)}
    return owed | due_waits(world, now) | to_ask(world, now) | job_keys(world, now) | client_keys(world, now)


def ended(world: World) -> set[str]:
    return {client.id for client in world.clients if client.status == ClientStatus.ENDED}


def due_waits(world: World, now: datetime) -> set[str]:
    """Return the waits due for a follow-up or for closing."""
    found = set()
    clients = {client.id: client for client in world.clients}
    everything = [*world.messages, *world.answered]
    calendar = work_calendar(world.settings)
    for waiting in waiting_for(everything, world.jobs, clients, world.settings, calendar, now):
        record = waiting.message or waiting.job
        assert record is not None
        if waiting.step == FollowUpStep.WAITING or waiting.owed:
            continue
        if waiting.question:
            found.add(f"question:{waiting.question['id']}")
        else:
            kind = "job" if waiting.kind is WaitingKind.APPLICATION else "message"
            found.add(f"{kind}:{record.id}")
    return found


def to_ask(world: World, now: datetime) -> set[str]:
    found = set()
    for item in (*world.answered, *world.jobs):
        since = item.at if isinstance(item, Message) else item.started_at
        if item.client_id not in ended(world) and since <= now:
            found |= {f"question:{each['id']}" for each in item.questions if not each["asked_at"]}
    return found


def job_keys(world: World, now: datetime) -> set[str]:
    """Return deliveries within a fortnight, offers to answer and payments to ask for."""
    found = set()
    settings, calendar = world.settings, work_calendar(world.settings)
    for job in world.jobs:
        theirs = [part for part in world.parts if part.job_id == job.id]
        for part, view in job_deadlines(job, theirs, settings, calendar):
            if view.current_due(now) <= now + 14 * DAY:
                found.add(f"part:{part.id}" if part else f"job:{job.id}")
        offered = job.status == JobStatus.OFFERED and job.started_at <= now
        if offered and job.client_id not in ended(world):
            found.add(f"job:{job.id}")
    clients = {client.id: client for client in world.clients}
    for payment in payments(world.others().owing, clients, settings, calendar, now):
        if payment.step is not PaymentStep.WAITING:
            found.add(f"payment:{(payment.part or payment.job).id}")
    return found


def client_keys(world: World, now: datetime) -> set[str]:
    """Return the next boundary steps and the unanswered calls."""
    found = set()
    settings, calendar = world.settings, work_calendar(world.settings)
    for client in world.clients:
        said = [talk for talk in world.conversations if talk.client_id == client.id]
        owes = client.id in waiting_for_the_user(world)
        found_ladder = ladder(client, world.calls, said, settings, calendar, now, owes_answer=owes)
        if found_ladder.next is not None and client.id not in ended(world):
            found.add(f"ladder:{client.id}")
        if has_unanswered_call(world, client.id, now):
            found.add(f"calls:{client.id}")
    return found


def waiting_for_the_user(world: World) -> set[str]:
    """Return clients with a message to answer, unless it has a question waiting for the client."""
    return {
        each.client_id
        for each in world.messages
        if is_owed(each)
        and not any(asked["asked_at"] and not asked["answered_at"] for asked in each.questions)
    }


def is_owed(message: Message) -> bool:
    return message.direction == Direction.IN and message.needs_reply and message.replied_at is None


def has_unanswered_call(world: World, client_id: str, now: datetime) -> bool:
    """Return whether a call had no response."""
    calls = [call for call in world.calls if call.client_id == client_id and call.at <= now]
    talks = [call.at for call in calls if call.outcome == CallOutcome.TAKEN]
    return any(
        call.outcome != CallOutcome.TAKEN
        and not call.scheduled
        and call.answered_at is None
        and call.deferred_to is None
        and call.at > now - FORGOTTEN
        and all(call.at > talk for talk in talks)
        for call in calls
    )


CALENDAR = (AgendaKind.STANDING_CALL, AgendaKind.CALL_TO_NOTE)
"""Items listed by the calendar, only around their day."""


@given(worlds_with_closed_records(), st.floats(-10, 10))
def test_everything_open_and_due_is_listed_once_and_nothing_closed(world: World, days: float) -> None:
    now = NOW + days * DAY
    agenda = world.agenda(now)
    shown = [item.key for item in agenda.items + agenda.snoozed if item.kind not in CALENDAR]
    assert sorted(shown) == sorted(expected_keys(world, now))


@given(worlds_with_closed_records())
def test_a_snoozed_item_is_only_moved_to_the_snoozed_list(world: World) -> None:
    agenda = world.agenda(NOW)
    assert all(item.snoozed_until and item.snoozed_until > NOW for item in agenda.snoozed)
    assert not {item.key for item in agenda.items} & {item.key for item in agenda.snoozed}
