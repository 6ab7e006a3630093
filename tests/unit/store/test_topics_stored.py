"""Topics in the database: ownership, older versions, and Today."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.agenda import AgendaKind
from app.domain.codes import CallOutcome, Direction, JobStatus
from app.domain.column_types import Question
from app.domain.entities import Call, Client, Conversation, Job, Message, Part, Topic
from app.domain.topics import topic_id
from app.store import queries
from app.store.migrations.migrate import _TOPICS, STEPS
from app.store.queries import search
from app.store.store import Store
from tests.unit.store.support import NOON, Clock, open_store
from tests.unit.store.test_queries import statements

DAY = timedelta(days=1)
FRIDAY = NOON + 2 * DAY


def friday_client(**fields: object) -> Client:
    standing = {"standing_call_rule": "FREQ=WEEKLY;BYDAY=FR", "standing_call_start": FRIDAY - 28 * DAY}
    return Client(**({"id": "ana", "name": "Ana"} | standing | fields))


def test_topics_are_searchable_and_deleted_with_their_client(store: Store) -> None:
    client, topic = friday_client(), Topic(client_id="ana", text="the missing invoice")
    store.save(client, topic, Topic(client_id="ana", text="done", done_at=NOON))
    assert [(hit.kind, hit.id, hit.client_id) for hit in search(store, "invoice")] == [
        ("topic", topic.id, "ana")
    ]
    assert [each.id for each in queries.open_topics(store, "ana", NOON)] == [topic.id]
    change = store.delete(client)
    assert queries.all_topics(store) == []
    assert search(store, "invoice") == []
    store.undo(change)
    assert len(queries.all_topics(store)) == 2


def test_a_topic_stays_when_its_source_and_result_are_deleted(store: Store) -> None:
    call, job = Call(client_id="ana"), Job(client_id="ana", title="Page")
    topic = Topic(client_id="ana", text="a page", call_id=call.id, became_job_id=job.id)
    store.save(friday_client(), call, job, topic)
    store.delete(call, job)
    (kept,) = queries.all_topics(store)
    assert (kept.text, kept.call_id, kept.became_job_id) == ("a page", None, None)


def test_a_deferred_call_of_an_older_version_is_shown_as_a_topic(store: Store) -> None:
    waits = Call(id="waits", client_id="ana", at=NOON - DAY, deferred_to=FRIDAY, note="the invoice")
    long_ago = Call(id="past", client_id="ana", at=NOON - 60 * DAY, deferred_to=NOON - 55 * DAY)
    store.save(friday_client(), waits, long_ago)
    (topic,) = queries.open_topics(store, "ana", NOON)
    assert (topic.id, topic.text, topic.call_id) == (topic_id("waits"), "the invoice", "waits")
    assert queries.topic_from(store, waits, NOON) == topic
    topic.done_at = NOON
    store.save(topic)
    assert queries.open_topics(store, "ana", NOON) == []
    (item,) = queries.today(store, FRIDAY - timedelta(hours=2)).agenda.items
    assert (item.kind, item.topics) == (AgendaKind.STANDING_CALL, ())


def test_topics_of_a_newer_version_are_moved_into_columns_once_known(path: Path) -> None:
    stamp = "1767323045000-0000-aaaa"
    start = FRIDAY.isoformat()
    kept = {
        ("ana", "client"): {"standing_call_changes": {start: None}, "standing_call_told": {start: start}},
        ("rang", "call"): {"answered_at": NOON.isoformat()},
        ("t", "topic"): {
            "created_at": NOON.isoformat(),
            "client_id": "ana",
            "text": "the invoice",
            "raised_by": "client",
            **dict.fromkeys(("message_id", "call_id", "done_at", "became_message_id")),
            **dict.fromkeys(("became_update_id", "became_job_id")),
        },
    }
    older = open_store(path)
    older.save(friday_client(), Call(id="rang", client_id="ana", at=NOON - DAY, outcome="missed"))
    older.close()
    with closing(sqlite3.connect(path)) as connection:
        for statement in _revert_statements():
            connection.execute(statement)
        for (id_, kind), fields in kept.items():
            extra = json.dumps({name: [value, stamp] for name, value in fields.items()})
            connection.execute("DELETE FROM record WHERE id = ?", (id_,))
            connection.execute(
                "INSERT INTO record (id, kind, clocks, dirty, rev, extra) VALUES (?, ?, '{}', 0, 3, ?)",
                (id_, kind, extra),
            )
        connection.commit()
    store = open_store(path)
    client, call = store.get(Client, "ana"), store.get(Call, "rang")
    assert client is not None
    assert call is not None
    assert (client.standing_call_changes, client.ladder_snoozed_until) == ({start: None}, None)
    assert client.standing_call_told == {start: start}
    assert call.answered_at == NOON
    (topic,) = queries.open_topics(store, "ana", NOON)
    assert (topic.text, topic.raised_by, topic.done_at) == ("the invoice", "client", None)
    assert [hit.id for hit in search(store, "invoice")] == ["t"]
    store.close()


def _revert_statements() -> list[str]:
    """Statements that revert a file to the previous version."""
    indexes = ("topic_client", "topic_open", "topic_call", "call_deferred", "message_questions")
    columns = (
        ("client", "standing_call_changes"),
        ("client", "ladder_snoozed_until"),
        ("message", "boundary_step"),
        ("call", "answered_at"),
        ("client", "stance_chosen"),
        ("client", "standing_call_told"),
    )
    return [
        *(f"DROP INDEX {name}" for name in indexes),
        "DROP TABLE topic",
        *(f"ALTER TABLE {kind} DROP COLUMN {name}" for kind, name in columns),
        f"PRAGMA user_version = {STEPS.index(_TOPICS)}",
    ]


# --- Today with stored data ------------------------------------------------------------------------------


@pytest.fixture
def busy(store: Store) -> Store:
    """One of each kind of open item, and one of each kind of closed record."""
    asked = Question(id="asked", text="Which?", asked_at=(NOON - 9 * DAY).isoformat(), answered_at=None)
    to_ask = Question(id="to_ask", text="When?", asked_at=None, answered_at=None)
    settled = asked | {"id": "settled", "answered_at": NOON.isoformat()}
    done = {"replied_at": NOON - DAY}
    store.save(
        Client(id="ana", name="Ana"),
        Client(id="dupont", name="Dupont"),
        Message(id="reply", client_id="ana", job_id="under_way", at=NOON - DAY / 2),
        Message(id="chase", client_id="ana", job_id="applied", at=NOON - 9 * DAY, direction=Direction.OUT),
        Message(
            id="q", client_id="ana", job_id="applied", at=NOON - 9 * DAY, questions=[asked, settled], **done
        ),
        Message(id="closed", client_id="ana", at=NOON - 9 * DAY, questions=[settled], **done),
        Message(id="answered", client_id="ana", at=NOON - 9 * DAY, direction=Direction.OUT, **done),
        Job(id="applied", client_id="ana", status=JobStatus.APPLIED, started_at=NOON - 30 * DAY),
        Job(id="offered", client_id="ana", status=JobStatus.OFFERED, started_at=NOON - DAY),
        Job(id="lost", client_id="ana", status=JobStatus.LOST, started_at=NOON - DAY, questions=[to_ask]),
        Job(id="under_way", client_id="ana", started_at=NOON - DAY, questions=[to_ask | {"id": "ask"}]),
        Part(id="due", job_id="under_way", due_at=NOON + DAY),
        Job(id="owed", client_id="ana", status=JobStatus.DELIVERED, fee=500, delivered_at=NOON - 60 * DAY),
        Job(id="half", client_id="ana", status=JobStatus.LOST, fee=500),
        Part(id="unpaid", job_id="half", amount=200, delivered_at=NOON - 60 * DAY),
        Job(id="paid", client_id="ana", status=JobStatus.PAID, fee=500, delivered_at=NOON - 60 * DAY),
        Job(id="given_up", client_id="ana", status=JobStatus.CLOSED, fee=500, delivered_at=NOON - 60 * DAY),
        *(
            Call(client_id="dupont", at=NOON - hours * DAY / 24, outcome=CallOutcome.MISSED)
            for hours in range(1, 9)
        ),
        Call(client_id="ana", at=NOON - DAY, outcome=CallOutcome.MISSED, answered_at=NOON),
    )
    return store


def shown(store: Store) -> set[str]:
    return {item.key for item in queries.today(store, NOON).agenda.items}


def test_today_has_all_open_items_and_no_closed_ones(busy: Store) -> None:
    assert shown(busy) == {
        "message:reply",
        "message:chase",
        "question:asked",
        "question:ask",
        "job:applied",
        "job:offered",
        "part:due",
        "payment:owed",
        "payment:unpaid",
        "calls:dupont",
        "ladder:dupont",
    }


def test_eight_unanswered_calls_are_in_today(store: Store) -> None:
    """Issue: with eight calls logged, Today showed nothing."""
    store.save(Client(id="dupont", name="Dupont"))
    store.save(
        *(Call(client_id="dupont", at=NOON - n * DAY / 24, outcome=CallOutcome.MISSED) for n in range(8))
    )
    calls, step = queries.today(store, NOON).agenda.items
    assert calls.unanswered is not None or step.unanswered is not None
    assert {calls.kind, step.kind} == {AgendaKind.CALLS, AgendaKind.LADDER}


def test_the_next_ladder_step_appears_after_its_pause(store: Store) -> None:
    store.save(Client(id="dupont", name="Dupont", call_allowance=0))
    store.save(
        Conversation(client_id="dupont", step=1, at=NOON - 6 * DAY),
        Call(client_id="dupont", at=NOON - 2 * DAY, outcome=CallOutcome.TAKEN),
    )
    assert shown(store) == set()
    (step,) = queries.today(store, NOON + DAY).agenda.items
    assert (step.key, step.due) == ("ladder:dupont", NOON + DAY)


def test_old_conversations_are_evaluated_with_all_later_calls(store: Store) -> None:
    """Today reads the same history as the ladder's page."""
    store.save(Client(id="dupont", name="Dupont", call_allowance=0))
    talks = [
        Conversation(client_id="dupont", step=step, at=NOON - days * DAY) for step, days in ((1, 80), (2, 60))
    ]
    calls = [
        Call(client_id="dupont", at=NOON - days * DAY, outcome=CallOutcome.TAKEN) for days in range(1, 80, 5)
    ]
    store.save(*talks, *calls)
    stands = queries.client_ladder(store, "dupont", NOON)
    (item,) = queries.today(store, NOON).agenda.items
    assert stands is not None
    assert (item.step, stands.step) == (stands.next, 2)


def test_today_needs_the_same_statements_for_any_number_of_calls(busy: Store) -> None:
    with statements(busy) as few:
        queries.today(busy, NOON)
    busy.save(
        *(Call(client_id="dupont", at=NOON - n * DAY / 24, outcome=CallOutcome.MISSED) for n in range(300))
    )
    with statements(busy) as many:
        queries.today(busy, NOON)
    assert len(many) == len(few)


def test_today_never_has_duplicates_as_time_passes(path: Path) -> None:
    clock = Clock()
    store = open_store(path, clock)
    store.save(friday_client(), Topic(client_id="ana", text="the invoice"))
    for _day in range(30):
        clock.forward(days=1)
        keys = [item.key for item in queries.today(store, clock()).agenda.items]
        assert len(keys) == len(set(keys))
    store.close()
