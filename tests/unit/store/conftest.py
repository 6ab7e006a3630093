"""Fixtures: a store in a real file, its clock, a populated store and its backup."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.entities import Client
from app.store import sample
from app.store.backup import backup
from app.store.store import Store
from tests.unit.store.support import NOON, STAMP, Clock, open_store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kaeru.db"


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[Store]:
    store = open_store(path, clock)
    yield store
    store.close()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Sample data, deleted and restored records, settings, and data of a newer app."""
    store = open_store(tmp_path_factory.mktemp("backup") / "kaeru.db")
    sample.load_sample(store, "ja", NOON)
    store.save(Client(id="gone", name="Tom"), Client(id="mine", name='Zoë \U0001f438 "quoted"\n', notes="\0"))
    store.delete(store.get(Client, "gone"))
    store.save(Client(id="back", name="Ines"))
    store.undo(store.delete(store.get(Client, "back")))
    chosen = store.settings()
    chosen.name, chosen.time_zone = "Hana", "Asia/Tokyo"
    store.save(chosen)
    with store.engine.connect() as connection:
        extra = json.dumps({"mood": ["sunny", STAMP]})
        connection.exec_driver_sql("UPDATE record SET extra = ? WHERE id = 'mine'", (extra,))
        connection.exec_driver_sql(
            "INSERT INTO record (id, kind, clocks, dirty, rev, extra) VALUES (?, ?, '{}', 0, 3, ?)",
            ("inv1", "invoice", json.dumps({"total": [12, STAMP]})),
        )
    return store


@pytest.fixture(scope="module")
def data(full: Store) -> bytes:
    """A backup of the `full` store."""
    return backup.to_bytes(backup.export(full, NOON))
