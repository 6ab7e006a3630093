"""The whole app on a phone: what the system tells of has sync look."""

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
    """A phone whose network is the test's."""

    def __init__(self, network: httpx.AsyncBaseTransport) -> None:
        super().__init__()
        self._network = network

    def transport(self) -> httpx.AsyncBaseTransport:
        return self._network


def no_alarms(_name: str, _arguments: object) -> str:
    return "error:init_failed:not here"


async def until_asked(server: FakeServer) -> None:
    """Until the server was asked for something; the test ends by its own time limit if it never is."""
    while not server.requests:  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.1)  # and for the rest of it
    server.requests.clear()


def test_coming_back_to_the_foreground_or_to_a_network_has_sync_look() -> None:
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
        await until_asked(server)

        for state in ("pause", "resume"):
            assert not server.requests
            await screen.session.dispatch_event(
                screen.page._i, "app_lifecycle_state_change", {"state": state}
            )
        await until_asked(server)

        (service,) = (each for each in screen.page._services._services if isinstance(each, Connectivity))
        await screen.happen(service, "change", {"connectivity": ["mobile"]})
        await until_asked(server)
        running.end()

    asyncio.run(asyncio.wait_for(story(), 60))
    i18n.use_language("en")
