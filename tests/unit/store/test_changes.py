"""Any sequence of writes: undo is exact, clocks only increase, the search index stays consistent."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.entities import Client, Entity, Job, Message, Part, kind_of
from app.store.changes import Change
from app.store.records import Key, unpack_clocks
from app.store.store import Store
from tests.unit.store.support import Clock, assert_search_in_step, contents, is_living, open_store, records

ids = st.sampled_from("123")
words = st.text("あア亜aé\"*%_' \n", max_size=6)

entities: st.SearchStrategy[Entity] = st.one_of(
    st.builds(lambda id_, name, notes: Client(id=f"c{id_}", name=name, notes=notes), ids, words, words),
    st.builds(
        lambda id_, owner, title: Job(id=f"j{id_}", client_id=f"c{owner}", title=title), ids, ids, words
    ),
    st.builds(
        lambda id_, job, place: Part(id=f"p{id_}", job_id=f"j{job}", position=place),
        ids,
        ids,
        st.integers(0, 9),
    ),
    st.builds(
        lambda id_, owner, job, text: Message(
            id=f"m{id_}", client_id=f"c{owner}", job_id=job and f"j{job}", body=text
        ),
        ids,
        ids,
        st.none() | ids,
        words,
    ),
)
steps = st.one_of(
    st.tuples(st.just("save"), st.lists(entities, min_size=1, max_size=4)),
    st.tuples(st.just("delete"), st.lists(entities, min_size=1, max_size=2)),
    st.tuples(st.just("undo"), st.integers(0, 5)),
    st.tuples(st.just("time"), st.integers(-(10**6), 10**6)),
)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("changes")
    return (folder / f"{number}.db" for number in count())


def take(store: Store, clock: Clock, changes: list[Change], step: tuple[str, object]) -> Change | None:
    match step:
        case "save", list(wanted):
            return store.save(*with_parents(store, wanted))
        case "delete", list(doomed):
            return store.delete(*doomed)
        case "undo", int(back) if back < len(changes):
            return store.undo(changes[-1 - back])
        case "time", int(seconds):
            clock.forward(seconds=seconds)
    return None


def with_parents(store: Store, wanted: list[Entity]) -> list[Entity]:
    """The entities, preceded by missing jobs and clients that they refer to."""
    known = {*contents(store), *(Key(kind_of(entity), entity.id) for entity in wanted)}
    named = {entity.job_id for entity in wanted if isinstance(entity, Part | Message) and entity.job_id}
    jobs = [Job(id=id_, client_id="c1") for id_ in named if Key("job", id_) not in known]
    owners = {entity.client_id for entity in (*jobs, *wanted) if isinstance(entity, Job | Message)}
    return [*(Client(id=id_) for id_ in owners if Key("client", id_) not in known), *jobs, *wanted]


@settings(max_examples=40)
@given(st.lists(steps, max_size=12))
def test_undo_and_redo_are_exact(paths: Iterator[Path], sequence: list[tuple[str, object]]) -> None:
    clock = Clock()
    store = open_store(next(paths), clock)
    changes: list[Change] = []
    for step in sequence:
        before = contents(store)
        change = take(store, clock, changes, step)
        if change is None:
            continue
        changes.append(change)
        after = contents(store)
        undone = store.undo(change)
        assert contents(store) == before
        store.undo(undone)
        assert contents(store) == after
    assert_search_in_step(store)
    store.close()


@settings(max_examples=40)
@given(st.lists(steps, max_size=15))
def test_only_changed_fields_get_a_newer_clock(
    paths: Iterator[Path], sequence: list[tuple[str, object]]
) -> None:
    clock = Clock()
    store = open_store(next(paths), clock)
    changes: list[Change] = []
    newest = ""
    for step in sequence:
        before = records(store)
        change = take(store, clock, changes, step)
        after = records(store)
        if not change:
            assert after == before
            continue
        changes.append(change)
        stamps = set()
        for key, record in after.items():
            stamps |= new_timestamps(before.get(key, {}), record)
        assert len(stamps) == 1
        assert min(stamps) > newest
        newest = stamps.pop()
        assert set(before) <= set(after)  # tombstones stay
    store.close()


def new_timestamps(before: dict, after: dict) -> set[str]:
    """The timestamps of changed fields; asserts that equal fields kept theirs."""
    if not is_living(after):
        assert not after.get("fields")
        return {after["gone"]} - {before.get("gone")}
    old, new = unpack_clocks(before.get("clocks", {})), unpack_clocks(after["clocks"])
    fields, known = after["fields"], before.get("fields", {})
    changed = {name for name in fields if name not in known or known[name] != fields[name]}
    assert {name for name in new if new[name] != old.get(name)} == changed
    return {new[name] for name in changed}


@settings(max_examples=20)
@given(st.lists(entities, min_size=1, max_size=6))
def test_the_order_of_saving_records_does_not_matter(paths: Iterator[Path], wanted: list[Entity]) -> None:
    together, apart = open_store(next(paths)), open_store(next(paths))
    unique = {Key(kind_of(entity), entity.id): entity for entity in wanted}.values()
    together.save(*unique)
    for entity in unique:
        apart.save(entity)
    assert contents(together) == contents(apart)
    together.close()
    apart.close()
