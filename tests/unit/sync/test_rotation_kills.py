"""Interrupted key rotations: killed at any step, and while records are sealed again."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.platform.base import Vault
from app.store.records import SeenDevice
from app.sync import keys
from app.sync.keyring import KEY_NAME, SEALING_KEY
from tests.unit.store.support import stored
from tests.unit.sync.people import Person, Ringer, play
from tests.unit.sync.rotation_steps import device_of, in_step, note, one_account
from tests.unit.sync.support import FakeServer, Phone

MANY = 501
"""More records than fit into one request."""


@pytest.fixture
def person() -> type[Person]:
    return Ringer


@pytest.fixture
def phone(person: type[Person], tmp_path: Path, server: FakeServer) -> Person:
    """The device that gets lost."""
    return person(tmp_path / "phone", server)


class Killed(BaseException):
    """The process was killed."""


class Fuse:
    """Kills the process after `left` steps."""

    def __init__(self, left: int) -> None:
        self.left = left

    def step(self) -> None:
        if self.left == 0:
            raise Killed
        self.left -= 1


class FusedVault:
    def __init__(self, vault: Vault, fuse: Fuse) -> None:
        self._vault, self._fuse = vault, fuse

    async def read(self, name: str) -> bytes | None:
        return await self._vault.read(name)

    async def write(self, name: str, secret: bytes) -> None:
        self._fuse.step()
        await self._vault.write(name, secret)
        self._fuse.step()

    async def forget(self, name: str) -> None:
        await self._vault.forget(name)


class FusedPhone(Phone):
    """A device that can be killed before and after each vault write and each request."""

    def __init__(self, folder: Path, server: FakeServer, fuse: Fuse) -> None:
        super().__init__(folder, server)
        self._fuse = fuse

    @property
    def vault(self) -> Vault:  # type: ignore[override]
        return FusedVault(super().vault, self._fuse)

    def transport(self) -> httpx.AsyncBaseTransport:
        fuse, network = self._fuse, super().transport()

        class Fused(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                fuse.step()
                response = await network.handle_async_request(request)
                fuse.step()
                return response

        return Fused()


async def killed_after(steps: int, mei: Person, doing: Callable[[], Awaitable[Any]]) -> bool:
    """Run `doing` and kill it after `steps`. Returns whether it was killed before the end."""
    fuse = Fuse(steps)
    mei.platform = FusedPhone(mei.folder, mei.server, fuse)
    mei.sync = type(mei.sync)(mei.store, mei.platform, mei.server.clock)
    await mei.sync._resume()
    try:
        await doing()
    except Killed:
        return True
    return False


async def assert_rotation_completed(mei: Person, laptop: Person, phone: Person, server: FakeServer) -> None:
    assert server.epoch == 1
    assert device_of(phone) not in server.devices
    assert mei.store.sync_store.device_records()[device_of(phone)]["revoked_at"]
    assert not mei.sync.key_change_waits
    derived = keys.derive(keys.from_text(await mei.sync.key_text()))
    assert derived.account == server.account
    assert await mei.platform.vault.read(SEALING_KEY) == derived.sealing
    assert await mei.platform.vault.read(KEY_NAME) == derived.name.encode()
    laptop.restart()
    await laptop.sync._resume()
    await in_step(laptop, mei)
    assert await laptop.sync.key_text() == await mei.sync.key_text()


@dataclass
class Before:
    """A copy of a device's vault, to be restored."""

    person: Person
    secrets: dict[str, bytes]

    @classmethod
    def of(cls, person: Person) -> "Before":
        return cls(person, {path.name: path.read_bytes() for path in (person.folder / "secrets").iterdir()})

    async def restore(self, phone: str) -> None:
        """Reset the device to before the rotation and the phone's revocation."""
        for path in (self.person.folder / "secrets").iterdir():
            path.unlink()
        for name, secret in self.secrets.items():
            await self.person.platform.vault.write(name, secret)
        sync_store = self.person.store.sync_store
        sync_store.start_over()
        sync_store.put_device_record(phone, {"revoked_at": None})
        seen = sync_store.seen_devices()[phone].model_dump() | {"revoked": False}
        sync_store.remember_devices([SeenDevice(**seen)])


def test_a_device_killed_at_any_step_completes_the_rotation(
    mei: Person, laptop: Person, phone: Person, server: FakeServer
) -> None:
    async def story() -> None:
        note(mei, "c")
        await one_account(mei, laptop, phone)
        state = FakeServer(server.clock)
        state.restore(server)
        before = [Before.of(mei), Before.of(laptop)]
        steps, epochs, was_killed = 0, set(), True

        async def change() -> None:
            await mei.sync.change_key([device_of(phone)])
            await mei.sync.sync_once()

        while was_killed:
            was_killed = await killed_after(steps, mei, change)
            epochs.add(server.epoch)
            mei.restart()
            await mei.sync._resume()
            was_begun = mei.sync.key_change_waits or server.epoch == 1
            await in_step(mei)
            if was_begun:
                await assert_rotation_completed(mei, laptop, phone, server)
            steps += 1
            server.restore(state)
            for each in before:
                await each.restore(device_of(phone))
        assert steps > 12
        assert epochs == {0, 1}

    play(story)


def test_resealing_continues_after_a_kill(mei: Person, laptop: Person, server: FakeServer) -> None:
    async def story() -> None:
        note(mei, *(f"c{number:04}" for number in range(2 * MANY)))
        await one_account(mei, laptop)
        await mei.sync.change_key([])
        # The device is killed after the first page of records has been sealed again.
        sent = 0

        class Dying(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                nonlocal sent
                if request.url.path.endswith("/sync"):
                    body = json.loads(request.content)
                    if sent and body["changes"]:
                        raise httpx.ConnectError("gone")
                    sent += len(body["changes"])
                return await server.handle_async_request(request)

        mei.platform = Phone(mei.folder, Dying())
        mei.sync = type(mei.sync)(mei.store, mei.platform, server.clock)
        await mei.sync._resume()
        await mei.sync.sync_once()
        assert mei.sync.status.state == "offline"
        assert 0 < mei.store.sync_store.count_stale(1) < 2 * MANY
        left = mei.store.sync_store.count_stale(1)
        mei.restart()
        progress: list[tuple[int, int | None, bool]] = []
        mei.sync.subscribe(lambda status: progress.append((status.done, status.total, status.sealing)))
        await mei.sync._resume()
        server.requests.clear()
        await in_step(mei)
        pushed = [len(body["changes"]) for path, body in server.requests if path == "POST sync"]
        assert sum(pushed) <= left + 2  # and the device's own record
        assert any(sealing and total and done < total for done, total, sealing in progress)
        assert mei.store.sync_store.count_stale(1) == 0
        assert stored(mei.store, "c0000").rev > 0
        state = mei.store.sync_store.state()
        assert state is not None
        assert state.sealed_epoch == 1

    play(story)
