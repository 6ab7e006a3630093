"""What a device keeps to stay one of an account's, and what happens where it cannot be kept or read."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.entities import Client
from app.sync.keyring import KEY_NAME, KEYRING, SEALING_KEY, SYNC_KEY
from app.sync.membership import TOKEN
from tests.unit.sync.people import Person, play, until
from tests.unit.sync.support import SERVER, FakeServer


def test_secrets_are_readable_by_nobody_else(mei: Person) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        modes = {path.name: path.stat().st_mode & 0o777 for path in (mei.folder / "secrets").iterdir()}
        assert modes == dict.fromkeys([SYNC_KEY, TOKEN, SEALING_KEY, KEYRING, KEY_NAME], 0o600)

    play(story)


def test_a_device_that_lost_its_key_can_leave_without_it(mei: Person) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        await mei.platform.vault.forget(SYNC_KEY)
        mei.restart()
        running = asyncio.create_task(mei.sync.run())
        await until(lambda: mei.sync.status.code == "no_key")
        assert await mei.sync.leave(wipe=False) is False  # nobody could be told
        assert (mei.sync.status.state, mei.store.sync_store.state()) == ("off", None)
        running.cancel()

    play(story)


def lock(folder: Path) -> Callable[[], None]:
    """Have the vault give nothing out and take nothing in; returns how to unlock it."""
    secrets, away = folder / "secrets", folder / "away"
    if secrets.exists():
        secrets.rename(away)
    secrets.parent.mkdir(parents=True, exist_ok=True)
    secrets.touch()  # a file where the folder of them should be

    def unlock() -> None:
        secrets.unlink()
        if away.exists():
            away.rename(secrets)

    return unlock


def test_a_vault_that_is_locked_stops_sync_until_it_opens_and_loses_nothing(
    mei: Person, server: FakeServer
) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        await mei.sync.sync_once()
        unlock = lock(mei.folder)
        mei.restart()
        running = asyncio.create_task(mei.sync.run())
        await until(lambda: mei.sync.status.code == "locked_key")
        mei.store.save(Client(name="Ana"))  # the rest of the app goes on
        mei.sync.set_foreground(foreground=True)
        await asyncio.sleep(0.02)
        assert mei.sync.status.code == "locked_key"
        unlock()
        mei.sync.sync_now()
        await until(lambda: mei.sync.status.state == "idle" and not mei.store.sync_store.count_outgoing())
        running.cancel()
        assert len(server.devices) == 1

    play(story)


def test_a_locked_vault_keeps_nobody_in(mei: Person) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        lock(mei.folder)
        mei.restart()
        running = asyncio.create_task(mei.sync.run())
        await until(lambda: mei.sync.status.code == "locked_key")
        await mei.sync.leave(wipe=False)
        assert (mei.sync.status.state, mei.store.sync_store.state()) == ("off", None)
        running.cancel()

    play(story)


def test_where_the_key_cannot_be_kept_the_server_is_left_as_it_was(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        unlock = lock(mei.folder)
        with pytest.raises(OSError, match="secrets"):
            await mei.sync.start(SERVER)
        assert (server.account, mei.store.sync_store.state()) == (None, None)
        unlock()
        key = await mei.sync.start(SERVER)
        lock(laptop.folder)
        with pytest.raises(OSError, match="secrets"):
            await laptop.sync.join(key, SERVER)
        assert (len(server.tokens), laptop.sync.status.state) == (1, "off")

    play(story)
