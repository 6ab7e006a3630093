"""Drafts: local, until they are deleted, expire or all data is deleted."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.entities import Client
from app.store.backup import backup
from app.store.drafts import LIFE
from app.store.store import Store
from tests.unit.store.support import NOON, Clock, open_store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    store = open_store(tmp_path / "kaeru.db", clock)
    yield store
    store.close()


def test_the_newest_draft_survives_a_restart(tmp_path: Path, store: Store, clock: Clock) -> None:
    store.drafts.keep("edit-message/m", {"summary": "The m"})
    clock.forward(minutes=2)
    store.drafts.keep("edit-message/m", {"summary": "The menu"})
    store.close()
    again = open_store(tmp_path / "kaeru.db", clock)
    left = again.drafts.find("edit-message/m")
    assert left is not None
    assert (left.value, left.kept_at) == ({"summary": "The menu"}, clock.now)
    assert again.drafts.find("edit-message/other") is None
    again.drafts.forget("edit-message/m")
    assert again.drafts.find("edit-message/m") is None
    again.close()


def test_a_draft_does_not_change_the_revision(store: Store) -> None:
    told: list[bool] = []
    store.subscribe(lambda: told.append(True))
    before = store.revision
    store.drafts.keep("update/new", {"text": "half done"})
    assert (store.revision, told) == (before, [])


def test_backups_contain_no_drafts(store: Store) -> None:
    store.drafts.keep("edit-client/new", {"name": "Undisclosed"})
    assert "Undisclosed" not in json.dumps(backup.export(store, NOON))


def test_deleting_everything_deletes_drafts(store: Store) -> None:
    store.drafts.keep("edit-client/new", {"name": "Undisclosed"})
    store.wipe()
    assert store.drafts.find("edit-client/new") is None


def test_a_restore_deletes_drafts(store: Store) -> None:
    store.save(Client(id="c", name="Ana"))
    taken = json.dumps(backup.export(store, NOON)).encode()
    store.drafts.keep("edit-client/c", {"name": "Anna"})
    backup.restore(store, taken)
    assert store.drafts.find("edit-client/c") is None


def test_drafts_expire_after_a_month(store: Store, clock: Clock) -> None:
    store.drafts.keep("update/new", {"text": "half done"})
    clock.now += LIFE
    assert store.drafts.find("update/new") is not None
    clock.forward(seconds=1)
    assert store.drafts.find("update/new") is None
    store.drafts.keep("update/other", {"text": "new"})  # also deletes the expired row
    clock.now -= LIFE
    assert store.drafts.find("update/new") is None
