"""What a device stores to stay in its account, and failures to store or read it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.entities import Client
from app.sync.keyring import KEY_NAME, KEYRING, SEALING_KEY, SYNC_KEY
from app.sync.membership import TOKEN
from tests.unit.sync.people import Person, play, until
from tests.unit.sync.support import SERVER, FakeServer


def test_secrets_are_readable_by_their_owner_only(mei: Person) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        modes = {path.name: path.stat().st_mode & 0o777 for path in (mei.folder / "secrets").iterdir()}
        assert modes == dict.fromkeys([SYNC_KEY, TOKEN, SEALING_KEY, KEYRING, KEY_NAME], 0o600)

    play(story)


def test_a_device_without_its_key_can_leave(mei: Person) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        await mei.platform.vault.forget(SYNC_KEY)
        mei.restart()
        running = asyncio.create_task(mei.sync.run())
        await until(lambda: mei.sync.status.code == "no_key")
        assert await mei.sync.leave(wipe=False) is False  # the server was not reached
        assert (mei.sync.status.state, mei.store.sync_store.state()) == ("off", None)
        running.cancel()

    play(story)


def lock(folder: Path) -> Callable[[], None]:
    """Make the vault reject reads and writes. Returns a function that unlocks it."""
    secrets, away = folder / "secrets", folder / "away"
    if secrets.exists():
        secrets.rename(away)
    secrets.parent.mkdir(parents=True, exist_ok=True)
    secrets.touch()  # a file in place of the folder

    def unlock() -> None:
        secrets.unlink()
        if away.exists():
            away.rename(secrets)

    return unlock


def test_a_locked_vault_pauses_sync_until_it_is_unlocked(mei: Person, server: FakeServer) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        await mei.sync.sync_once()
        unlock = lock(mei.folder)
        mei.restart()
        running = asyncio.create_task(mei.sync.run())
        await until(lambda: mei.sync.status.code == "locked_key")
        mei.store.save(Client(name="Ana"))  # the rest of the app still works
        mei.sync.set_foreground(foreground=True)
        await asyncio.sleep(0.02)
        assert mei.sync.status.code == "locked_key"
        unlock()
        mei.sync.sync_now()
        await until(lambda: mei.sync.status.state == "idle" and not mei.store.sync_store.count_outgoing())
        running.cancel()
        assert len(server.devices) == 1

    play(story)


def test_a_device_with_a_locked_vault_can_leave(mei: Person) -> None:
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


def test_a_registration_is_undone_if_the_key_cannot_be_stored(
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
