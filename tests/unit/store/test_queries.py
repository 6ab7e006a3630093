"""The queries of the screens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from app.domain.agenda import AgendaKind
from app.domain.codes import Direction, JobStatus
from app.domain.entities import Call, Client, Job, Message, Part, StatusUpdate
from app.store import queries
from app.store.queries import UnscheduledCalls
from app.store.store import Store
from tests.unit.store.support import NOON


def ago(**span: float) -> datetime:
    return NOON - timedelta(**span)


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Collect the SQL statements executed in the block."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield sent
    event.remove(store.engine, "before_cursor_execute", note)


@pytest.fixture
def busy(store: Store) -> Store:
    store.save(
        Client(id="ana", name="Ana"),
        Client(id="emile", name="Émile", status="paused"),
        Client(id="sato", name="さとう", call_allowance=3),
        Client(id="bob", name="bob", status="ended"),
        Message(id="late", client_id="ana", at=ago(hours=30)),
        Message(id="fresh", client_id="ana", at=ago(hours=1), job_id="page"),
        Message(id="done", client_id="ana", at=ago(hours=5), replied_at=ago(hours=4)),
        Message(id="fyi", client_id="ana", at=ago(hours=2), needs_reply=False),
        Message(id="asked", client_id="sato", at=ago(days=9), direction=Direction.OUT),
        Job(
            id="page",
            client_id="ana",
            title="Landing page",
            platform="Upwork",
            started_at=ago(days=9),
            deadline=ago(days=-9),
        ),
        Job(
            id="soon",
            client_id="sato",
            title="データ入力",
            platform="ランサーズ",
            started_at=ago(days=8),
            deadline=ago(days=-2),
        ),
        Job(id="offer", client_id="sato", title="Column", status=JobStatus.OFFERED, started_at=ago(days=1)),
        Job(
            id="old",
            client_id="ana",
            title="Logo",
            status=JobStatus.PAID,
            started_at=ago(days=400),
            platform="Upwork",
        ),
        Job(id="older", client_id="bob", title="Flyer", status=JobStatus.PAID, started_at=ago(days=500)),
        Part(id="p2", job_id="soon", position=1, title="後半", due_at=ago(days=-2), amount=400),
        Part(
            id="p1",
            job_id="soon",
            position=0,
            title="前半",
            due_at=ago(days=1),
            amount=300,
            delivered_at=ago(days=1),
        ),
        Part(id="p0", job_id="old", amount=900, delivered_at=ago(days=390), paid_at=ago(days=380)),
        Call(id="rang", client_id="sato", at=ago(hours=3), outcome="missed"),
        Call(id="spoke", client_id="sato", at=ago(hours=20), outcome="taken"),
        Call(id="planned", client_id="sato", at=ago(hours=25), outcome="taken", scheduled=True),
        StatusUpdate(id="told", client_id="sato", at=ago(days=2), job_id="soon", text="half done"),
    )
    return store


def test_today_has_the_open_items_in_order(busy: Store) -> None:
    agenda = queries.today(busy, NOON).agenda
    replies = [item.message.id for item in agenda.items if item.kind is AgendaKind.REPLY]
    assert replies == ["late", "fresh"]
    dated = (AgendaKind.INTERNAL_DEADLINE, AgendaKind.DEADLINE)
    deadlines = [item for item in agenda.items if item.kind in dated]
    assert [(item.job.id, item.part and item.part.id) for item in deadlines] == [
        ("soon", "p2"),
        ("page", None),
    ]
    assert [item.message.id for item in agenda.items if item.kind is AgendaKind.FOLLOW_UP] == ["asked"]
    assert agenda.items == sorted(agenda.items, key=lambda item: item.due)


def test_today_needs_few_statements_for_any_number_of_records(busy: Store) -> None:
    busy.save(*(Message(client_id="ana", at=ago(hours=hour)) for hour in range(50)))
    busy.save(*(Job(id=f"j{n}", client_id="sato", deadline=ago(days=-3)) for n in range(20)))
    busy.save(*(Part(job_id=f"j{n}") for n in range(20)))
    with statements(busy) as sent:
        queries.today(busy, NOON)
    assert len(sent) <= 15


def test_open_messages_and_timelines_use_indexes(busy: Store) -> None:
    def plan(ask: object) -> str:
        with statements(busy) as sent:
            ask()
        with busy.engine.connect() as connection:
            return "\n".join(
                str(
                    connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple("x" * sql.count("?"))).all()
                )
                for sql in sent
            )

    assert "message_open" in plan(lambda: queries.open_messages(busy))
    history = plan(lambda: queries.timeline(busy, "ana"))
    assert "SCAN message" not in history
    assert "message_client" in history
    assert "SCAN" not in plan(lambda: queries.calls_for(busy, "ana", NOON))


def test_waiting_and_open_messages(busy: Store) -> None:
    assert [message.id for message in queries.waiting(busy)] == ["asked"]
    assert [message.id for message in queries.open_messages(busy)] == ["asked", "late", "fresh"]


def test_clients_are_sorted_by_name(busy: Store) -> None:
    assert [client.id for client in queries.clients(busy)] == ["ana", "bob", "emile", "sato"]
    assert [client.id for client in queries.clients(busy, "paused")] == ["emile"]
    assert set(queries.clients_by_id(busy)) == {"ana", "bob", "emile", "sato"}
    assert set(queries.clients_by_id(busy, ["ana", "nobody"])) == {"ana"}


def test_likely_clients_are_active_ones_by_latest_activity(busy: Store) -> None:
    assert [client.id for client in queries.likely_clients(busy)] == ["ana", "sato"]
    busy.save(
        Call(client_id="sato", at=NOON), Client(id="new", name="New"), Message(client_id="bob", at=NOON)
    )
    assert [client.id for client in queries.likely_clients(busy)] == ["sato", "ana", "new"]
    assert [client.id for client in queries.likely_clients(busy, limit=1)] == ["sato"]


def test_jobs_are_sorted_by_next_due_date_then_finished_ones_newest_first(busy: Store) -> None:
    rows = queries.jobs(busy)
    assert [job.id for job, _, _ in rows] == ["soon", "page", "offer", "old", "older"]
    _, client, parts = rows[0]
    assert (client.id, [part.id for part in parts]) == ("sato", ["p1", "p2"])
    assert [job.id for job, _, _ in queries.jobs(busy, statuses=["paid", "offered"])] == [
        "offer",
        "old",
        "older",
    ]
    assert queries.jobs(busy, statuses=[]) == []


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_pages_of_jobs_add_up_to_the_whole_list(busy: Store, size: int) -> None:
    pages = [queries.jobs(busy, limit=size, offset=offset) for offset in range(0, 8, size)]
    assert [job.id for page in pages for job, _, _ in page] == ["soon", "page", "offer", "old", "older"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("入力", ["soon"]),
        ("後半", ["soon"]),
        ("後", ["soon"]),
        ("ﾗﾝｻｰｽﾞ", ["soon"]),
        ("サトウ", ["soon", "offer"]),  # the client's name
        ("landing", ["page"]),
        ("upwork", ["page", "old"]),
        ("zebra", []),
        ("  ", ["soon", "page", "offer", "old", "older"]),
    ],
)
def test_jobs_are_found_by_words_in_job_parts_and_client(busy: Store, query: str, found: list[str]) -> None:
    assert [job.id for job, _, _ in queries.jobs(busy, query=query)] == found


def test_jobs_are_counted_by_status(busy: Store) -> None:
    counts = queries.job_counts(busy)
    assert (counts["in_progress"], counts["offered"], counts["paid"], counts["lost"]) == (2, 1, 2, 0)
    assert set(counts) == set(JobStatus)


def test_queries_of_a_clients_jobs_messages_updates_and_calls(busy: Store) -> None:
    assert [job.id for job in queries.jobs_of(busy, "ana")] == ["page", "old"]
    assert [message.id for message in queries.messages_for_job(busy, "page")] == ["fresh"]
    assert [update.id for update in queries.updates_for(busy, "sato")] == ["told"]
    assert queries.updates_for(busy, "sato", since=ago(days=1)) == []
    assert [call.id for call in queries.calls_for(busy, "sato", since=ago(hours=20))] == ["rang", "spoke"]
    assert [call.id for call in queries.calls_since(busy, ago(hours=20))] == ["rang", "spoke"]
    assert queries.recent_platforms(busy) == ["ランサーズ", "Upwork"]
    parts = queries.parts_of(busy, ["soon", "page", "nothing"])
    assert {id_: [part.id for part in found] for id_, found in parts.items()} == {
        "soon": ["p1", "p2"],
        "page": [],
        "nothing": [],
    }


def test_unscheduled_calls_of_the_week_and_the_allowance(busy: Store) -> None:
    sato, ana = busy.get(Client, "sato"), busy.get(Client, "ana")
    assert queries.unscheduled_calls(busy, sato, NOON) == UnscheduledCalls(1, 1, 0, allowance=3)
    assert queries.unscheduled_calls(busy, ana, NOON) == UnscheduledCalls(0, 0, 0, allowance=2)
    assert queries.unscheduled_calls(busy, sato, NOON + timedelta(days=7)).taken == 0


def test_taken_calls_beyond_the_allowance_count_as_taken(busy: Store) -> None:
    busy.save(*(Call(client_id="ana", at=ago(hours=hour), outcome="taken") for hour in (1, 2, 3)))
    found = queries.unscheduled_calls(busy, busy.get(Client, "ana"), NOON)
    assert found == UnscheduledCalls(3, 0, 0, allowance=2)


def test_counts_of_living_records_by_kind(busy: Store) -> None:
    busy.delete(busy.get(Client, "bob"))
    assert queries.counts(busy) == {"client": 3, "message": 5, "job": 4, "part": 3, "call": 3, "update": 1}


def test_unpaid_parts_of_finished_jobs_count_as_exposure(busy: Store) -> None:
    busy.save(Part(id="owed", job_id="old", amount=50, delivered_at=ago(days=3)))
    assert queries.exposures(busy).by_client["ana"] == {"USD": 50}


def test_a_timeline_has_all_entries_newest_first(busy: Store) -> None:
    entries = queries.timeline(busy, "sato")
    assert [(entry.kind, entry.entity.id) for entry in entries] == [
        ("call", "rang"),
        ("call", "spoke"),
        ("part_delivered", "p1"),
        ("job_started", "offer"),
        ("call", "planned"),
        ("update", "told"),
        ("job_started", "soon"),
        ("message", "asked"),
    ]
    assert entries[2].job.id == "soon"
    assert [entry.kind for entry in queries.timeline(busy, "ana") if entry.at < ago(days=100)] == [
        "part_paid",
        "part_delivered",
        "job_started",
    ]
    assert queries.timeline(busy, "nobody") == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from([Message, Call, StatusUpdate]), st.integers(0, 5)), max_size=12),
    st.integers(1, 4),
)
def test_pages_of_a_timeline_add_up_to_the_whole(store: Store, wanted: list, size: int) -> None:
    store.wipe()
    store.save(
        Client(id="c", name="Ana"), *(kind(client_id="c", at=ago(hours=hour)) for kind, hour in wanted)
    )
    whole = queries.timeline(store, "c", limit=100)
    assert len(whole) == len(wanted)
    seen, before = [], None
    while page := queries.timeline(store, "c", before=before, limit=size):
        seen += page
        before = page[-1].at
    assert seen == whole


def test_results_stay_usable_after_closing_the_database(busy: Store) -> None:
    agenda, rows = queries.today(busy, NOON).agenda, queries.jobs(busy)
    busy.close()
    assert all(item.due for item in agenda.items)
    assert [job.title for job, _, _ in rows]
