"""The effects of deletions on other records do not depend on pages and their order."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.entities import Client, Message
from app.store.changes import Incoming, RecordState
from app.store.clock import Stamp, following
from app.store.database import open_database
from app.store.store import Store
from app.sync.merge import merge
from tests.unit.store.support import NOON, Clock, assert_search_in_step, contents, records

OWNERS = {"j": ("client_id", "c"), "p": ("job_id", "j"), "m": ("client_id", "c")}
FIELDS = {"c": ("name", "notes"), "j": ("title",), "p": ("title",), "m": ("summary", "job_id")}
KINDS = {"c": "client", "j": "job", "p": "part", "m": "message"}


def stamp(minutes: int) -> str:
    return str(Stamp(int((NOON + timedelta(minutes=minutes)).timestamp() * 1000), 0, "elsewhere"))


moments = st.integers(1, 6).map(stamp)
clocks = moments | moments.map(following) | moments.map(lambda clock: following(following(clock)))


@st.composite
def versions(draw: st.DrawFn) -> RecordState:
    """A version of a client, its job, the job's part or a message, as written by any device."""
    id_ = draw(st.sampled_from(sorted(KINDS)))
    gone = draw(st.none() | moments)
    fields: dict[str, list[Any]] = {}
    for name in FIELDS[id_]:
        values = ["j", None] if name == "job_id" else ["A", "B"]
        if draw(st.booleans()):
            fields[name] = [draw(st.sampled_from(values)), draw(clocks)]
    if id_ in OWNERS and (fields or draw(st.booleans())):
        name, owner = OWNERS[id_]
        fields[name] = [owner, draw(clocks)]
    fields = {name: pair for name, pair in fields.items() if pair[1] > (gone or "")}
    if not fields and gone is None:
        gone = draw(moments)
    return RecordState(id_, KINDS[id_], fields, gone)


def device() -> Store:
    store = Store(open_database(":memory:"), Clock(), node="here")
    store.sync_store.begin("https://kaeru.example", "device", joining=False)
    return store


def deliver(store: Store, pages: Sequence[Sequence[RecordState]], rev: int = 1) -> None:
    """Apply one response per page."""
    for page in pages:
        incoming = [Incoming(each.id, rev + number, each) for number, each in enumerate(page)]
        rev += len(page)
        store.sync_store.apply_response((), {}, incoming, rev, merge)


def paged(arriving: Sequence[RecordState], ends: set[int]) -> list[list[RecordState]]:
    """Split into pages at these indices; no page contains a record twice."""
    pages: list[list[RecordState]] = [[]]
    for number, each in enumerate(arriving):
        if number in ends or each.id in {known.id for known in pages[-1]}:
            pages.append([])
        pages[-1].append(each)
    return pages


@settings(max_examples=60, deadline=None)
@given(
    known=st.lists(versions(), max_size=4),
    arriving=st.lists(versions(), min_size=2, max_size=7),
    data=st.data(),
)
def test_the_result_does_not_depend_on_pages_order_or_kills(
    known: list[RecordState], arriving: list[RecordState], data: st.DataObject
) -> None:
    """`known` is the initial state; the app is killed after some of the pages."""
    ends = []
    for order, breaks, kill in (
        (arriving, set(range(len(arriving))), None),
        (
            data.draw(st.permutations(arriving)),
            data.draw(st.sets(st.integers(1, len(arriving)))),
            data.draw(st.none() | st.integers(0, 6)),
        ),
    ):
        store = device()
        deliver(store, paged(known, set()))
        store.sync_store.settle()
        pages = paged(order, breaks)
        deliver(store, pages[:kill], rev=100)
        if kill is not None:
            store = Store(store.engine, Clock())
            deliver(store, pages[kill:], rev=200)
        store.sync_store.settle()
        assert_search_in_step(store)
        ends.append(records(store))
        store.close()
    assert ends[0] == ends[1]


def test_a_newer_child_on_a_later_page_restores_client_and_older_children() -> None:
    store = device()
    store.save(Client(id="c", name="Ana"), Message(id="old", client_id="c", summary="old"))
    deletion, late = RecordState("c", "client", gone=stamp(5)), stamp(6)
    new = RecordState("m", "message", {"client_id": ["c", late], "summary": ["new", late]})
    deliver(store, [[deletion]])
    assert {key.id for key in contents(store)} == {"old"}
    assert {each.state.id for each in store.sync_store.outgoing(500)} == {"old"}  # without its deletion
    store = Store(store.engine, Clock())
    deliver(store, [[new]], rev=10)
    store.sync_store.settle()
    assert {key.id for key in contents(store)} == {"c", "old", "m"}
    client = store.get(Client, "c")
    assert client is not None
    assert client.name == "Ana"


def test_a_part_that_restores_its_job_restores_the_client_and_its_records() -> None:
    """The job is settled before the client; otherwise the client's older message would be deleted."""
    store = device()
    before, at, late = stamp(1), stamp(3), stamp(6)
    known = [
        RecordState("c", "client", {"name": ["Ana", before]}),
        RecordState("j", "job", {"client_id": ["c", before], "title": ["Page", before]}),
        RecordState("m", "message", {"client_id": ["c", at]}),
    ]
    deliver(store, [known])
    store.sync_store.settle()
    arriving = [
        RecordState("c", "client", gone=stamp(4)),
        RecordState("j", "job", gone=stamp(2)),
        RecordState("p", "part", {"job_id": ["j", late]}),
    ]
    deliver(store, [arriving], rev=10)
    store.sync_store.settle()
    assert {key.id for key in contents(store)} == {"c", "j", "m", "p"}


def test_a_link_to_a_restored_job_is_kept() -> None:
    store = device()
    deliver(
        store,
        [
            [
                RecordState("c", "client", {"name": ["Ana", stamp(1)]}),
                RecordState("j", "job", gone=stamp(2)),
                RecordState("m", "message", {"client_id": ["c", stamp(1)], "job_id": ["j", stamp(1)]}),
            ],
            [RecordState("p", "part", {"job_id": ["j", stamp(3)]})],
        ],
    )
    store.sync_store.settle()
    message = store.get(Message, "m")
    assert message is not None
    assert message.job_id == "j"


def test_settling_is_idempotent_and_leaving_settles() -> None:
    store = device()
    store.save(Client(id="c", name="Ana"), Message(id="old", client_id="c"))
    deliver(store, [[RecordState("c", "client", gone=stamp(5))]])
    store.sync_store.end()
    assert contents(store) == {}
    before = records(store)
    store.sync_store.settle()
    assert records(store) == before
