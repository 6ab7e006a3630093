"""Fixtures: an app whose clock stands at the test module's NOW, and a client stored in it."""

from collections.abc import Iterator

import pytest

from app.domain.entities import Client
from app.i18n import use_language, use_region
from app.ui.state import AppState
from tests.unit.ui.support import open_app


@pytest.fixture(autouse=True)
def english() -> None:
    """Start each test in English, whatever language the previous one set."""
    use_language("en")
    use_region([])


@pytest.fixture
def app(request: pytest.FixtureRequest) -> Iterator[AppState]:
    app = open_app(lambda: request.module.NOW)
    yield app
    app.store.close()


@pytest.fixture
def ana(app: AppState) -> Client:
    client = Client(name="Ana")
    app.store.save(client)
    return client
