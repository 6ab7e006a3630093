"""A store on a real file, and its clock."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.store import Store
from tests.unit.store.support import Clock, open_store


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
