"""Links from outside, as Flet passes them on: without the part before the path."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.domain.entities import Client, Job, Message, kind_of, utc_now
from app.store.database import open_database
from app.store.store import Store
from app.sync import keys
from app.sync.addresses import pairing_server
from app.sync.pairing_secret import PairingEntry, PairingSecret, read_entry
from app.ui.links import DeepLink, OpenedLinks, read

CLIENT = Client(name="Aoki")
MESSAGE = Message(client_id=CLIENT.id, received_at=datetime(2026, 11, 20, tzinfo=UTC), summary="Logo")
JOB = Job(client_id=CLIENT.id, title="Site")
KEY = "ABCD-EFGH"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(open_database(Path(tmp_path_factory.mktemp("links")) / "kaeru.db"), utc_now)
    for entity in (CLIENT, MESSAGE, JOB):
        opened.save(entity.model_copy())
    yield opened
    opened.close()


@pytest.mark.parametrize("entity", [MESSAGE, JOB, CLIENT], ids=["message", "job", "client"])
def test_a_link_opens_the_record_with_its_id(store: Store, entity: Message | Job | Client) -> None:
    kind = kind_of(entity)
    address = DeepLink(address=f"/{kind}/{entity.id}")
    assert read(f"/{entity.id}", store) == address  # what Flet makes of kaeru://message/<id>
    assert read(f"kaeru://{kind}/{entity.id}", store) == address


def test_a_link_to_a_missing_record_keeps_its_address(store: Store) -> None:
    assert read("kaeru://message/none", store) == DeepLink(address="/message/none")


@pytest.mark.parametrize(
    "route",
    ["/", "/jobs", f"/message/{MESSAGE.id}", f"/jobs/job/{JOB.id}", "/nothing", "/?standing=1"],
    ids=["today", "jobs", "a message", "a job", "nothing", "a question"],
)
def test_the_apps_own_routes_are_not_rewritten(store: Store, route: str) -> None:
    assert read(route, store) is None


@pytest.mark.parametrize("before", ["/", "kaeru://pair", "kaeru://pair/", "/pair"])
def test_a_pairing_link_holds_the_secret_and_the_server(store: Store, before: str) -> None:
    link = read(f"{before}?server=https%3A%2F%2Fkaeru.example.org#{KEY}", store)
    assert link == DeepLink(pairing=f"https://kaeru.example.org/pair#{KEY}")
    assert pairing_server(link.pairing) == "https://kaeru.example.org"


@pytest.mark.parametrize("before", ["/", "kaeru://pair", "/pair"])
def test_a_link_with_a_sync_key_keeps_only_the_server(store: Store, before: str) -> None:
    key = keys.to_text(bytes(range(32)))
    link = read(f"{before}?server=https%3A%2F%2Fkaeru.example.org#{key}", store)
    assert link == DeepLink(pairing="https://kaeru.example.org/pair#old-link")
    assert read_entry(link.pairing) == PairingEntry("old_link")


def test_a_pairing_secret_alone_names_no_server() -> None:
    assert pairing_server(KEY) == ""
    assert pairing_server(f" https://kaeru.example.org/pair#{KEY}\n") == "https://kaeru.example.org"


class Opened:
    """Stands in for Flet's page; its first route is the link that started the app."""

    def __init__(self, route: str) -> None:
        self.route = route
        self.session = self
        self.pairing_text: str | None = None  # of the AppState, which this class stands in for too
        self.passed: list[str] = []

    def navigate(self, route: str) -> None:
        self.route = route

    async def dispatch_event(self, control_id: int, event_name: str, event_data: Any) -> None:
        self.passed.append(event_data["route"])


@pytest.mark.parametrize("running", [False, True], ids=["that starts the app", "that meets it running"])
@pytest.mark.parametrize("words", [PairingSecret.of(bytes(17)).text, keys.to_text(bytes(32))])
def test_a_pairing_link_is_removed_from_the_address_at_once(store: Store, running: bool, words: str) -> None:
    link = f"/?server=https%3A%2F%2Fkaeru.example.org#{words}"
    page: Any = Opened("/clients" if running else link)
    page.store = store
    opened = OpenedLinks(page, page)
    if running:
        asyncio.run(opened.dispatch(1, "route_change", {"route": link}))
    kept = words if len(words) < 56 else "old-link"
    assert page.pairing_text == f"https://kaeru.example.org/pair#{kept}"
    assert (page.route, page.passed) == ("/", [])
