"""Screens can be asked for while a record's client is still to arrive, or is deleted and not settled yet."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.domain.entities import KINDS
from app.store import queries
from app.store.changes import Incoming, RecordState
from app.store.queries import search
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
    "counts": queries.counts,
    "jobs": queries.jobs,
    "open jobs": queries.open_jobs,
    "timeline": lambda store: queries.timeline(store, "client"),
    "trust": lambda store: queries.trust(store, 90, AT),
    "search": lambda store: search(store, "hello"),
}


def orphans(store: Store, *, deleted: bool) -> None:
    """All of a client's records, but the client and the job."""
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
def test_records_without_their_client_are_no_mistake(store: Store, question: str, deleted: bool) -> None:
    orphans(store, deleted=deleted)
    QUESTIONS[question](store)
