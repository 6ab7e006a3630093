"""Queries work while a record's client has not arrived yet, or is deleted but not settled."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta

import pytest

from app.domain.entities import KINDS, Entity
from app.store import queries
from app.store.changes import Incoming, RecordState
from app.store.queries import Hit, search
from app.store.store import Store
from app.sync.merge import merge
from tests.unit.store.support import NOON, STAMP, contents, family

AT = NOON + timedelta(hours=30)
QUESTIONS: dict[str, Callable[[Store], object]] = {
    "today": lambda store: queries.today(store, AT),
    "outlook": lambda store: queries.outlook(store, AT, AT + timedelta(days=7), 50),
    "exposures": queries.exposures,
    "payments": lambda store: queries.payments(store, AT),
    "workload": lambda store: queries.workload(store, AT),
    "waiting": lambda store: queries.waiting_for(store, AT),
    "ladders": lambda store: queries.ladders(store, AT),
    "likely": queries.likely_clients,
    "jobs": queries.jobs,
    "open jobs": queries.open_jobs,
    "timeline": lambda store: queries.timeline(store, "client"),
    "trust": lambda store: queries.trust(store, 90, AT),
    "search": lambda store: search(store, "hello"),
}

SHOWN = {
    "today": {"message"},
    "outlook": {"message"},
    "jobs": {"next"},
    "open jobs": {"next"},
    "timeline": {"call", "message", "next", "update", "conversation"},
    "search": {"message"},
    "workload": {"next"},
}
"""The orphans that each query returns; the others return none."""


def orphans(store: Store, *, deleted: bool) -> None:
    """Store all of a client's records except the client and the job."""
    store.sync_store.begin("https://kaeru.example", "device", joining=False)
    store.save(*family().values())
    states = store.sync_store.outgoing(500)
    kept = [each.state for each in states if each.state.id not in {"client", "job"}]
    gone = [RecordState(id_, id_, gone=STAMP) for id_ in ("client", "job")] if deleted else []
    store.wipe()
    store.sync_store.begin("https://kaeru.example", "device", joining=False)
    arriving = [Incoming(each.id, 1 + number, each) for number, each in enumerate([*gone, *kept])]
    store.sync_store.apply_response((), {}, arriving, len(arriving), merge)
    assert {key.kind for key in contents(store)} == KINDS.keys() & {each.kind for each in kept}


@pytest.mark.parametrize("deleted", [True, False])
@pytest.mark.parametrize("question", QUESTIONS)
def test_queries_return_records_without_their_client_if_they_need_none(
    store: Store, question: str, deleted: bool
) -> None:
    orphans(store, deleted=deleted)
    assert ids_in(QUESTIONS[question](store)) == SHOWN.get(question, set())


@pytest.mark.parametrize("deleted", [True, False])
def test_records_without_their_client_are_counted(store: Store, deleted: bool) -> None:
    orphans(store, deleted=deleted)
    kinds = ("call", "conversation", "job", "message", "part", "topic", "update")
    assert queries.counts(store) == dict.fromkeys(kinds, 1)


def ids_in(answer: object) -> set[str]:
    """The ids of all records and search hits in a result."""
    if isinstance(answer, Entity):
        return {answer.id}
    if isinstance(answer, Hit):
        return {answer.id}
    if is_dataclass(answer):
        return ids_in([getattr(answer, field.name) for field in fields(answer)])
    if isinstance(answer, Mapping):
        return ids_in([*answer.keys(), *answer.values()])
    if isinstance(answer, Iterable) and not isinstance(answer, str):
        return {id_ for each in answer for id_ in ids_in(each)}
    return set()
