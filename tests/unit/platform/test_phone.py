"""The phone platform: its requests through Flet, and how the app uses the responses."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from flet.controls.services.connectivity import Connectivity

from app.platform.phone import STORAGE, PhonePlatform
from tests.unit.platform.screen import Screen


class Keystore:
    """The keystore behind flet_secure_storage."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.locked = False

    def __call__(self, name: str, arguments: dict[str, Any]) -> Any:
        if self.locked:
            raise RuntimeError("User interaction is not allowed")
        key = arguments["key"]
        return {
            "get": lambda: self.kept.get(key),
            "set": lambda: self.kept.update({key: arguments["value"]}),
            "remove": lambda: self.kept.pop(key, None),
        }[name]()


class Desk:
    """A phone that runs the app's platform."""

    def __init__(self) -> None:
        self.keystore = Keystore()
        self.screen = Screen(SecureStorage=self.keystore)
        self.platform = PhonePlatform()
        self.started = self.stopped = 0

    async def attach(self) -> PhonePlatform:
        await self.platform.attach(self.screen.page, self._start, self._stop)
        return self.platform

    async def _start(self) -> None:
        self.started += 1

    def _stop(self) -> None:
        self.stopped += 1


def play(story: Callable[[Desk], Awaitable[None]]) -> None:
    async def run() -> None:
        await story(Desk())

    asyncio.run(run())


def test_the_database_is_in_the_apps_own_storage(storage: Path) -> None:
    async def story(desk: Desk) -> None:
        assert (await desk.attach()).database_path == storage / "kaeru.db"

    play(story)


def test_without_the_storage_variable_the_folder_is_requested_from_flet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(STORAGE)

    async def story(desk: Desk) -> None:
        desk.screen.services["StoragePaths"] = lambda name, _arguments: str(tmp_path / name)
        path = (await desk.attach()).database_path
        assert path == tmp_path / "get_application_support_directory" / "data" / "kaeru.db"
        assert path.parent.is_dir()

    play(story)


def test_languages_and_device_name_are_those_of_the_phone() -> None:
    async def story(desk: Desk) -> None:
        platform = await desk.attach()
        assert platform.languages == ["fr-FR", "ja"]
        assert platform.device_name == "Mei’s phone"
        assert platform.origin == ""

    play(story)


def test_secrets_are_stored_in_the_keystore_and_in_no_file(storage: Path) -> None:
    secret = bytes(range(256))

    async def story(desk: Desk) -> None:
        vault = (await desk.attach()).vault
        assert await vault.read("sync-key") is None
        await vault.write("sync-key", secret)
        assert await vault.read("sync-key") == secret
        assert list(desk.keystore.kept) == ["sync-key"]
        await vault.forget("sync-key")
        await vault.forget("sync-key")
        assert await vault.read("sync-key") is None

    play(story)
    assert list(storage.iterdir()) == []


def test_a_locked_keystore_raises_os_error_and_loses_nothing() -> None:
    async def story(desk: Desk) -> None:
        vault = (await desk.attach()).vault
        await vault.write("sync-key", b"secret")
        desk.keystore.locked = True
        for asked in (vault.read("sync-key"), vault.write("sync-key", b"x"), vault.forget("sync-key")):
            with pytest.raises(OSError, match="not allowed"):
                await asked
        desk.keystore.locked = False
        assert await vault.read("sync-key") == b"secret"
        desk.keystore.kept["sync-key"] = "no base64!"
        with pytest.raises(OSError, match="base64"):
            await vault.read("sync-key")

    play(story)


def test_listeners_are_notified_when_the_network_returns_and_not_when_it_is_lost() -> None:
    async def story(desk: Desk) -> None:
        platform = await desk.attach()
        heard: list[str] = []
        platform.subscribe(heard.append)
        (service,) = (each for each in desk.screen.page._services._services if isinstance(each, Connectivity))
        await desk.screen.emit(service, "change", {"connectivity": ["none"]})
        assert heard == []
        await desk.screen.emit(service, "change", {"connectivity": ["wifi", "vpn"]})
        assert heard == ["online"]

    play(story)


def test_a_restart_stops_and_starts_the_app_on_the_same_page() -> None:
    async def story(desk: Desk) -> None:
        platform = await desk.attach()
        heard: list[str] = []
        platform.subscribe(heard.append)
        platform.restart()
        await asyncio.sleep(0.01)
        assert (desk.stopped, desk.started) == (1, 1)

    play(story)


def test_a_new_page_in_the_same_process_stops_the_previous_app() -> None:
    async def story(desk: Desk) -> None:
        platform = await desk.attach()
        heard: list[str] = []
        platform.subscribe(heard.append)
        await desk.attach()
        assert desk.stopped == 1
        (service,) = (each for each in desk.screen.page._services._services if each is platform._connectivity)
        await desk.screen.emit(service, "change", {"connectivity": ["mobile"]})
        assert heard == []

    play(story)


def test_a_tick_gives_haptic_feedback() -> None:
    async def story(desk: Desk) -> None:
        (await desk.attach()).tick()
        await asyncio.sleep(0.01)
        assert desk.screen.haptics == ["light_impact"]

    play(story)
