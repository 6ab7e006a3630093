"""Fixtures: a user with two devices, and the server between them."""

from pathlib import Path

import pytest

from tests.unit.store.support import Clock
from tests.unit.sync.people import Person
from tests.unit.sync.support import FakeServer


@pytest.fixture
def server() -> FakeServer:
    return FakeServer(Clock())


@pytest.fixture
def person() -> type[Person]:
    """The class of `mei` and `laptop`; test modules override it if they need more."""
    return Person


@pytest.fixture
def mei(person: type[Person], tmp_path: Path, server: FakeServer) -> Person:
    return person(tmp_path / "mei", server)


@pytest.fixture
def laptop(person: type[Person], tmp_path: Path, server: FakeServer) -> Person:
    return person(tmp_path / "laptop", server)
