"""An app at the moment that a test module calls NOW, and a client in it."""

from collections.abc import Iterator

import pytest

from app.domain.entities import Client
from app.i18n import use_language, use_region
from app.ui.state import AppState
from tests.unit.ui.support import open_app


@pytest.fixture(autouse=True)
def english() -> None:
    """Each test begins with an English app, whatever the one before has left."""
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
