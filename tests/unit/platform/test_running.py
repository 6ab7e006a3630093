"""The whole app on a phone: system events trigger a sync session."""

import asyncio
from datetime import UTC, datetime

import httpx
from flet.controls.services.connectivity import Connectivity

from app import i18n
from app.domain.entities import Settings, utc_now
from app.platform.phone import PhonePlatform
from app.store.database import open_database
from app.store.store import Store
from app.sync.service import Sync
from app.ui.app import Running
from tests.unit.platform.screen import Screen
from tests.unit.platform.test_phone import Keystore
from tests.unit.sync.support import SERVER, FakeServer


class OnTheNet(PhonePlatform):
    """A phone that uses the test's network."""

    def __init__(self, network: httpx.AsyncBaseTransport) -> None:
        super().__init__()
        self._network = network

    def transport(self) -> httpx.AsyncBaseTransport:
        return self._network


def no_alarms(_name: str, _arguments: object) -> str:
    return "error:init_failed:not here"


async def wait_for_requests(server: FakeServer) -> None:
    """Wait for a request to the server; without one the test runs into its time limit."""
    while not server.requests:  # noqa: ASYNC110 - the condition has no event to wait for
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.1)  # and for the rest of the session
    server.requests.clear()


def test_returning_to_the_foreground_or_to_a_network_triggers_a_sync_session() -> None:
    server = FakeServer(lambda: datetime.now(UTC))  # type: ignore[arg-type]

    async def story() -> None:
        screen = Screen(SecureStorage=Keystore(), LocalNotifications=no_alarms)
        platform = OnTheNet(server)
        running = Running(screen.page, platform)
        await platform.attach(screen.page, running.start, running.end)
        store = Store(open_database(platform.database_path), utc_now)
        store.save(Settings(introduced=True, language="en"))
        await Sync(store, platform, utc_now).start(SERVER)
        store.close()
        await running.start()
        await wait_for_requests(server)

        for state in ("pause", "resume"):
            assert not server.requests
            await screen.session.dispatch_event(
                screen.page._i, "app_lifecycle_state_change", {"state": state}
            )
        await wait_for_requests(server)

        (service,) = (each for each in screen.page._services._services if isinstance(each, Connectivity))
        await screen.emit(service, "change", {"connectivity": ["mobile"]})
        await wait_for_requests(server)
        running.end()

    asyncio.run(asyncio.wait_for(story(), 60))
    i18n.use_language("en")
