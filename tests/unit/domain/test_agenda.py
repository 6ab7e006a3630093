"""Today: its items, their order, and when the list changes by itself."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.agenda import (
    Agenda,
    AgendaItem,
    AgendaKind,
    OtherWork,
    Stage,
    build_agenda,
    build_outlook,
    due_count,
)
from app.domain.codes import CallOutcome, ClientStatus, ConversationOutcome, Direction, JobStatus
from app.domain.column_types import Question
from app.domain.entities import Call, Client, Conversation, Job, Message, Part, Settings, Topic, new_id
from app.domain.reply import WindowState
from app.domain.silence import record_follow_up
from tests.unit.domain.support import SMALLEST, at, paris_settings, shares

NOW = at("2026-03-24 10:00")  # a Tuesday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass
class World:
    clients: list[Client] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    settings: Settings = field(default_factory=paris_settings)
    answered: list[Message] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)

    def agenda(self, now: datetime = NOW, horizon_days: int = 14) -> Agenda:
        return build_agenda(now, *self.material(), horizon_days, others=self.others())

    def outlook(self, now: datetime, until: datetime, limit: int = 100) -> list[list[Stage]]:
        return build_outlook(now, until, limit, *self.material(), others=self.others())

    def others(self) -> OtherWork:
        owing = [(job, [part for part in self.parts if part.job_id == job.id]) for job in self.jobs]
        return OtherWork(self.answered, owing, self.calls, self.conversations, self.topics)

    def material(self) -> tuple[Any, ...]:
        parts: dict[str, list[Part]] = {}
        for part in self.parts:
            parts.setdefault(part.job_id, []).append(part)
        clients = {client.id: client for client in self.clients}
        return self.settings, clients, self.messages, self.jobs, parts


def seen(agenda: Agenda) -> list[tuple[object, ...]]:
    """Return what a reader of the list sees, except for the shrinking rings."""
    return [
        (place, item.kind, item.key, item.due, item.state, item.step, item.unanswered)
        for place, items in (("now", agenda.items), ("snoozed", agenda.snoozed))
        for item in items
    ]


def kinds(agenda: Agenda) -> list[str]:
    return [item.kind.value for item in agenda.items]


def test_the_list_is_sorted_by_due_time() -> None:
    sato = Client(id="sato", name="Sato")
    late = Message(id="late", client_id="sato", at=NOW - 30 * HOUR)
    fresh = Message(id="fresh", client_id="sato", at=NOW - HOUR)
    promise = Message(
        id="promise",
        client_id="sato",
        at=NOW - 2 * DAY,
        acknowledged_at=NOW - 47 * HOUR,
        promised_at=NOW + HOUR,
    )
    waiting = Message(id="waiting", client_id="ito", at=NOW - 7 * DAY, direction=Direction.OUT)
    site = Job(id="site", client_id="sato", started_at=NOW - DAY, deadline=NOW + 9 * DAY)
    agenda = World([sato], [fresh, promise, late, waiting], [site]).agenda()
    assert [(item.kind.value, item.key, item.state.value) for item in agenda.items] == [
        ("follow_up", "message:waiting", "half"),
        ("reply", "message:late", "overdue"),
        ("promise", "message:promise", "hour"),
        ("reply", "message:fresh", "calm"),
        ("internal_deadline", "job:site", "calm"),
    ]
    assert [item.due for item in agenda.items] == sorted(item.due for item in agenda.items)
    assert due_count(agenda, NOW) == 3


def test_ties_are_sorted_by_severity_then_by_name() -> None:
    due = NOW + 3 * HOUR
    clients = [Client(id="b", name="bernard"), Client(id="a", name="Alice")]
    young = Message(client_id="a", at=NOW - HOUR, due_at=due)
    old = [Message(client_id=client.id, at=NOW - DAY, due_at=due) for client in clients]
    agenda = World(clients, [young, *old]).agenda()
    assert [item.message for item in agenda.items] == [old[1], old[0], young]


def test_messages_answered_or_needing_no_reply_are_not_listed() -> None:
    messages = [Message(at=NOW, needs_reply=False), Message(at=NOW - DAY, replied_at=NOW)]
    agenda = World(messages=messages).agenda()
    assert (agenda.items, agenda.snoozed, agenda.next_change) == ([], [], None)


@pytest.mark.parametrize("status", ClientStatus)
def test_replies_and_deadlines_are_listed_for_any_client_status(status: ClientStatus) -> None:
    client = Client(id="c", status=status)
    reply = Message(client_id="c", at=NOW)
    job = Job(client_id="c", started_at=NOW - DAY, deadline=NOW + 5 * DAY)
    follow_up = Message(client_id="c", at=NOW - 9 * DAY, direction=Direction.OUT, job_id=job.id)
    reply.job_id = "another"
    followed = [] if status == ClientStatus.ENDED else ["follow_up"]
    assert kinds(World([client], [reply, follow_up], [job]).agenda()) == [
        *followed,
        "reply",
        "internal_deadline",
    ]


def test_a_message_from_an_unknown_client_is_listed() -> None:
    assert kinds(World(messages=[Message(client_id="gone", at=NOW)]).agenda()) == ["reply"]


def test_a_deadline_is_listed_14_days_ahead_first_internal_then_the_clients() -> None:
    job = Job(started_at=NOW, deadline=NOW + 40 * DAY)
    world = World(jobs=[job])
    hidden = world.agenda()
    assert hidden.items == []
    entered = world.agenda(hidden.next_change)
    (item,) = entered.items
    assert (item.kind, item.due) == (AgendaKind.INTERNAL_DEADLINE, hidden.next_change + 14 * DAY)
    (slack,) = world.agenda(item.due).items
    assert (slack.kind, slack.state, slack.due) == (AgendaKind.DEADLINE, WindowState.HOUR, job.deadline)
    (late,) = world.agenda(job.deadline).items
    assert (late.kind, late.state, late.share_left) == (AgendaKind.DEADLINE, WindowState.OVERDUE, 0.0)


def test_parts_are_listed_with_their_job() -> None:
    job = Job(id="book", started_at=NOW - DAY, deadline=NOW + 10 * DAY)
    chapter = Part(id="one", job_id="book", due_at=NOW + 5 * DAY)
    agenda = World(jobs=[job], parts=[chapter]).agenda()
    assert [(item.key, item.job, item.part) for item in agenda.items] == [
        ("part:one", job, chapter),
        ("job:book", job, None),
    ]


def test_snoozed_items_are_separate_until_the_snooze_ends() -> None:
    until = NOW + 2 * HOUR
    world = World(messages=[Message(at=NOW - HOUR, snoozed_until=until)])
    asleep, awake = world.agenda(), world.agenda(until)
    assert (len(asleep.items), [item.snoozed_until for item in asleep.snoozed]) == (0, [until])
    assert asleep.next_change == until
    assert ([item.snoozed_until for item in awake.items], awake.snoozed) == ([None], [])
    assert due_count(asleep, NOW + 30 * HOUR) == 0


def test_the_state_of_a_snoozed_message_still_advances() -> None:
    world = World(messages=[Message(at=NOW - 23 * HOUR, snoozed_until=NOW + 9 * HOUR)])
    late = world.agenda().next_change
    assert late == NOW + HOUR
    assert [item.state for item in world.agenda(late).snoozed] == [WindowState.OVERDUE]


def test_a_silent_client_gets_two_follow_ups_then_counts_as_silent() -> None:
    message = Message(at=NOW - 9 * DAY, direction=Direction.OUT)
    world = World(messages=[message])
    assert kinds(world.agenda()) == ["follow_up"]
    record_follow_up(message, NOW)
    assert kinds(world.agenda()) == []
    record_follow_up(message, world.agenda().next_change)
    silent_since = world.agenda(NOW + 5 * DAY).next_change
    silent = world.agenda(silent_since)
    assert kinds(silent) == ["silent"]
    assert due_count(silent, silent_since) == 0  # not counted on the badge


def test_a_standing_call_is_listed_from_the_day_before_until_its_end() -> None:
    call = at("2026-03-27 10:00")
    client = Client(
        id="dupont",
        standing_call_rule="FREQ=WEEKLY;BYDAY=FR",
        standing_call_start=at("2026-01-02 10:00"),
        standing_call_minutes=30,
    )
    world = World([client])
    assert world.agenda().next_change == call - DAY
    moments = [call - DAY, call - HOUR, call + timedelta(minutes=29)]
    states = [[(item.key, item.due, item.state.value) for item in world.agenda(now).items] for now in moments]
    assert states == [[("call:dupont", call, state)] for state in ("calm", "hour", "hour")]
    ended = world.agenda(call + timedelta(minutes=30))
    assert [(item.key, item.due, item.state.value) for item in ended.items] == [
        ("call_to_note:dupont", call, "calm")
    ]
    assert due_count(ended, call + timedelta(minutes=30)) == 0
    assert world.agenda(call + timedelta(minutes=30) + DAY).items == []
    client.status = ClientStatus.PAUSED
    assert world.agenda(call - HOUR).items == []


def test_the_agenda_uses_the_working_hours_of_the_settings() -> None:
    client = Client(id="c", reply_basis="business")
    message = Message(client_id="c", at=at("2026-03-27 16:00"))
    closed = [{"first": "2026-03-30", "last": "2026-03-31", "label": "travelling"}]
    world = World([client], [message], settings=paris_settings(days_off=closed))
    assert [item.due for item in world.agenda().items] == [at("2026-04-01 16:00")]


hours = st.integers(-24 * 20, 24 * 20).map(lambda count: NOW + timedelta(minutes=count * 60 + 7))
later = st.integers(1, 24 * 20)


instants = st.none() | hours.map(lambda at: at.isoformat())


@st.composite
def question(draw: st.DrawFn) -> Question:
    asked = draw(instants)
    return Question(id=new_id(), text="Which?", asked_at=asked, answered_at=draw(instants) if asked else None)


questions = st.lists(question(), max_size=2)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    clients = [
        Client(
            id=str(number),
            name=f"client {number}",
            status=draw(st.sampled_from(ClientStatus)),
            reply_basis=draw(st.sampled_from([None, "clock", "business"])),
            standing_call_rule=draw(st.sampled_from(["", "FREQ=WEEKLY;BYDAY=TU,FR", "FREQ=DAILY"])),
            standing_call_start=at("2026-01-06 11:30"),
        )
        for number in range(3)
    ]
    world = World(clients)
    ids = st.sampled_from(["0", "1", "2"])
    for _ in range(draw(st.integers(0, 4))):
        message = Message(client_id=draw(ids), at=draw(hours), direction=draw(st.sampled_from(Direction)))
        message.snoozed_until = draw(st.none() | hours)
        if draw(st.booleans()):
            message.acknowledged_at = message.at + HOUR
            message.promised_at = message.acknowledged_at + draw(later) * HOUR
        world.messages.append(message)
    for _ in range(draw(st.integers(0, 3))):
        job = Job(client_id=draw(ids), started_at=draw(hours), snoozed_until=draw(st.none() | hours))
        job.deadline = job.started_at + draw(later) * HOUR
        world.jobs.append(job)
        job.status = draw(st.sampled_from(JobStatus))
        job.delivered_at = draw(st.none() | hours)
        job.fee = 500
        job.questions = draw(questions)
        for _ in range(draw(st.integers(0, 2))):
            part = Part(job_id=job.id, due_at=job.started_at + draw(later) * HOUR, amount=500)
            part.delivered_at = draw(st.none() | hours)
            world.parts.append(part)
    for _ in range(draw(st.integers(0, 2))):
        answered = Message(client_id=draw(ids), at=draw(hours), questions=draw(questions))
        answered.replied_at = answered.at + HOUR
        world.answered.append(answered)
    for _ in range(draw(st.integers(0, 6))):
        world.calls.append(
            Call(
                client_id=draw(ids),
                at=draw(hours),
                outcome=draw(st.sampled_from(CallOutcome)),
                scheduled=draw(st.booleans()),
                answered_at=draw(st.none() | hours),
            )
        )
    for _ in range(draw(st.integers(0, 2))):
        talk = Conversation(client_id=draw(ids), at=draw(hours), step=draw(st.integers(1, 5)))
        talk.outcome = draw(st.sampled_from(ConversationOutcome))
        if talk.outcome != ConversationOutcome.SAID:
            talk.answered_at = talk.at + HOUR
        world.conversations.append(talk)
    return world


@given(worlds(), st.floats(-10, 10))
def test_generated_lists_are_sorted_by_due_time(world: World, days: float) -> None:
    agenda = world.agenda(NOW + days * DAY)
    dues = [item.due for item in agenda.items]
    assert dues == sorted(dues)
    keys = [item.key for item in agenda.items + agenda.snoozed]
    assert len(keys) == len(set(keys))


@given(worlds(), st.floats(-10, 10), shares)
def test_the_list_is_constant_until_next_change(world: World, days: float, share: float) -> None:
    now = NOW + days * DAY
    agenda = world.agenda(now)
    change = agenda.next_change
    if change is None:
        assert seen(world.agenda(now + 400 * DAY)) == seen(agenda)
    else:
        assert change > now
        assert seen(world.agenda(now + (change - SMALLEST - now) * share)) == seen(agenda)
        assert seen(world.agenda(change)) != seen(agenda)


@given(worlds(), st.permutations(range(4)))
def test_the_order_is_independent_of_the_input_order(world: World, order: list[int]) -> None:
    before = world.agenda()
    world.messages = [world.messages[index] for index in order if index < len(world.messages)]
    world.jobs.reverse()
    assert [item.key for item in world.agenda().items] == [item.key for item in before.items]


# --- outlook ---------------------------------------------------------------------------------------------


def foreseen(outlook: list[list[Stage]], at: datetime) -> dict[str, AgendaItem]:
    """Return the items listed at an instant, by key, as the outlook predicts them."""
    current = (max((s for s in stages if s.since <= at), key=lambda s: s.since) for stages in outlook)
    return {stage.item.key: stage.item for stage in current if stage.item}


@given(worlds(), st.floats(-10, 10), st.floats(0, 14))
def test_the_outlook_predicts_the_list(world: World, days: float, ahead: float) -> None:
    now = NOW + days * DAY
    then = now + ahead * DAY
    agenda = world.agenda(then)
    found = foreseen(world.outlook(now, now + 15 * DAY), then)
    listed = {item.key: item for item in agenda.items + agenda.snoozed}
    assert found.keys() == listed.keys()
    for key, item in listed.items():
        assert (found[key].kind, found[key].due, found[key].state) == (item.kind, item.due, item.state)
        assert found[key].snoozed_until == item.snoozed_until


def test_a_limited_outlook_contains_the_items_due_first() -> None:
    sato = Client(id="sato", name="Sato")
    messages = [Message(id=str(n), client_id="sato", at=NOW - n * HOUR) for n in range(5)]
    waiting = Message(id="waiting", client_id="ito", at=NOW, direction=Direction.OUT, needs_reply=True)
    world = World([sato], [waiting, *messages])
    (first, second) = foreseen(world.outlook(NOW, NOW + 14 * DAY, limit=2), NOW)
    assert (first, second) == ("message:4", "message:3")
    assert len(world.outlook(NOW, NOW + 14 * DAY)) == 6


def test_changes_after_the_end_of_the_outlook_are_left_out() -> None:
    message = Message(id="one", client_id="sato", at=NOW)
    (stages,) = World([Client(id="sato")], [message]).outlook(NOW, NOW + 13 * HOUR)
    assert [(stage.since - NOW) // HOUR for stage in stages] == [0, 12]
