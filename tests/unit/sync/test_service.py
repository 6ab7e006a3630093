"""The facade: starting, joining and leaving like a user, and automatic sessions."""

import asyncio
from typing import Any

import httpx
import pytest

from app.domain.entities import Client
from app.sync import keys
from app.sync.checked_text import KeyTextError
from app.sync.errors import SyncError
from app.sync.keyring import SEALING_KEY, SYNC_KEY
from app.sync.membership import TOKEN
from tests.unit.sync.people import Person, play, until
from tests.unit.sync.support import SERVER, FakeServer


def test_a_joining_device_gets_all_records(mei: Person, laptop: Person) -> None:
    async def story() -> None:
        mei.store.save(Client(id="c", name="Ana"))
        text = await mei.sync.start(SERVER, "Phone")
        await mei.sync.sync_once()
        assert mei.sync.status.state == "idle"
        assert await mei.sync.key_text() == text
        await laptop.sync.join(text, SERVER, "Laptop")
        await laptop.sync.sync_once()
        assert laptop.store.get(Client, "c").name == "Ana"
        assert {device.name: device.this for device in await laptop.sync.devices.fetch()} == {
            "Laptop": True,
            "Phone": False,
        }

    play(story)


def test_listeners_are_notified_of_merged_records(mei: Person, laptop: Person) -> None:
    async def story() -> None:
        mei.store.save(Client(id="c", name="Ana"))
        await laptop.sync.join(await mei.sync.start(SERVER), SERVER)
        await mei.sync.sync_once()
        await laptop.sync.sync_once()
        seen: list[str] = []
        laptop.store.subscribe(lambda: seen.append(laptop.store.get(Client, "c").honorific))
        edited = mei.store.get(Client, "c")
        edited.honorific = "Maître"
        mei.store.save(edited)
        edited = laptop.store.get(Client, "c")
        edited.name = "Ana Lemoine"
        laptop.store.save(edited)
        await mei.sync.sync_once()
        await laptop.sync.sync_once()
        assert seen[-1] == "Maître"

    play(story)


def test_devices_can_be_renamed_and_revoked_from_another_device(mei: Person, laptop: Person) -> None:
    async def story() -> None:
        text = await mei.sync.start(SERVER, "Phone")
        await laptop.sync.join(text, SERVER, "Laptop")
        other = next(device for device in await mei.sync.devices.fetch() if not device.this)
        await mei.sync.devices.rename(other.id, "Old laptop")
        assert {device.name for device in await laptop.sync.devices.fetch()} == {"Phone", "Old laptop"}
        await mei.sync.devices.revoke(other.id)
        await laptop.sync.sync_once()
        assert (laptop.sync.status.state, laptop.sync.status.code) == ("error", "revoked")
        with pytest.raises(SyncError) as caught:
            await mei.sync.devices.revoke(other.id)
        assert caught.value.code == "no_device"
        with pytest.raises(SyncError) as caught:
            await laptop.sync.join(text, SERVER)
        assert caught.value.code == "member"
        await laptop.sync.leave(wipe=False)  # the way to recover
        await laptop.sync.join(text, SERVER)
        await laptop.sync.sync_once()
        assert laptop.sync.status.state == "idle"

    play(story)


@pytest.mark.parametrize("wipe", [True, False])
def test_leaving_keeps_or_wipes_local_data_only(
    mei: Person, laptop: Person, server: FakeServer, wipe: bool
) -> None:
    async def story() -> None:
        mei.store.save(Client(id="c", name="Ana"))
        text = await mei.sync.start(SERVER)
        await mei.sync.sync_once()
        await laptop.sync.join(text, SERVER)
        await laptop.sync.sync_once()
        assert await laptop.sync.leave(wipe=wipe)
        assert (laptop.store.get(Client, "c") is None) == wipe
        assert laptop.sync.status.state == "off"
        assert [await laptop.platform.vault.read(name) for name in (SYNC_KEY, TOKEN, SEALING_KEY)] == [
            None
        ] * 3
        await mei.sync.sync_once()
        assert mei.store.get(Client, "c").name == "Ana"
        assert len(server.devices) == 1

    play(story)


class Flood(httpx.AsyncBaseTransport):
    """A server that sends endless pages, then hangs, until it is `back`."""

    def __init__(self, server: FakeServer, pages: int) -> None:
        self.server, self.pages, self.hangs = server, pages, asyncio.Event()
        self.back = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.server.handle_async_request(request)
        if request.url.path.endswith("/sync") and self.pages:
            self.pages -= 1
            return httpx.Response(200, json=response.json() | {"more": True})
        if request.url.path.endswith("/sync") and not self.back:
            self.hangs.set()
            await asyncio.Event().wait()
        return response


@pytest.mark.parametrize("goes", ["leave", "delete_account"])
def test_leaving_cancels_a_running_session_and_keeps_its_data(
    mei: Person, laptop: Person, server: FakeServer, goes: str
) -> None:
    async def story() -> None:
        mei.store.save(Client(id="c", name="Ana"))
        text = await mei.sync.start(SERVER)
        await mei.sync.sync_once()
        flood = Flood(server, pages=3)
        laptop.platform._network = flood
        running = asyncio.create_task(laptop.sync.run())
        await laptop.sync.join(text, SERVER)
        await flood.hangs.wait()
        await (laptop.sync.leave(wipe=False) if goes == "leave" else laptop.sync.delete_account())
        assert laptop.sync.status.state == "off"
        assert laptop.store.get(Client, "c").name == "Ana"
        assert not running.done()
        running.cancel()

    play(story)


def test_cancelling_the_app_cancels_the_session(mei: Person, server: FakeServer) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        flood = Flood(server, pages=0)
        mei.restart()
        mei.platform._network = flood
        running = asyncio.create_task(mei.sync.run())
        await flood.hangs.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    play(story)


def test_deleting_the_account_keeps_the_data_on_devices(mei: Person, server: FakeServer) -> None:
    async def story() -> None:
        mei.store.save(Client(id="c", name="Ana"))
        await mei.sync.start(SERVER)
        await mei.sync.sync_once()
        await mei.sync.delete_account()
        assert (server.account, server.records, mei.sync.status.state) == (None, {}, "off")
        assert mei.store.get(Client, "c").name == "Ana"

    play(story)


def test_changes_are_synced_automatically_after_a_restart(mei: Person, server: FakeServer) -> None:
    async def story() -> None:
        running = asyncio.create_task(mei.sync.run())
        await mei.sync.start(SERVER)
        await until(lambda: mei.sync.status.state == "idle")
        running.cancel()
        mei.restart()
        running = asyncio.create_task(mei.sync.run())
        await until(lambda: mei.sync.status.state == "idle")
        mei.store.save(Client(id="c", name="Ana"))
        mei.sync.sync_now()
        await until(lambda: "c" in server.records)
        mei.store.wipe()  # as "Delete everything" does
        await until(lambda: not server.devices)
        assert mei.sync.status.state == "off"
        running.cancel()

    play(story)


def test_a_wipe_during_a_session_ends_sync_after_it(mei: Person, server: FakeServer) -> None:
    async def story() -> None:
        sync = server.sync

        def sync_and_wipe(device: str, body: Any) -> tuple[int, Any]:
            mei.store.wipe()
            return sync(device, body)

        server.sync = sync_and_wipe  # type: ignore[method-assign]
        running = asyncio.create_task(mei.sync.run())
        await mei.sync.start(SERVER)
        await asyncio.wait_for(until(lambda: not server.devices), 10)
        assert mei.sync.status.state == "off"
        running.cancel()

    play(story)


def test_no_requests_are_sent_while_sync_is_off(mei: Person, server: FakeServer) -> None:
    async def story() -> None:
        running = asyncio.create_task(mei.sync.run())
        mei.store.save(Client(name="Ana"))
        mei.sync.sync_now()
        await asyncio.sleep(0.05)
        running.cancel()
        assert server.requests == []
        with pytest.raises(SyncError) as caught:
            await mei.sync.devices.fetch()
        assert caught.value.code == "off"

    play(story)


def test_invalid_keys_closed_servers_and_insecure_addresses_are_rejected(
    mei: Person, server: FakeServer
) -> None:
    async def story() -> None:
        with pytest.raises(KeyTextError):
            await mei.sync.join("ABCD", SERVER)
        for refused, code in (
            (mei.sync.join(keys.to_text(bytes(32)), SERVER), "no_account"),
            (mei.sync.start("http://example.com"), "insecure_address"),
            (mei.sync.start(""), "no_server"),
        ):
            with pytest.raises(SyncError) as caught:
                await refused
            assert caught.value.code == code
        server.closed = True
        with pytest.raises(SyncError) as caught:
            await mei.sync.start(SERVER)
        assert caught.value.code == "closed"
        assert (mei.sync.status.state, await mei.platform.vault.read(SYNC_KEY)) == ("off", None)

    play(story)


def test_the_time_of_the_next_session_is_known_while_syncing(mei: Person) -> None:
    async def story() -> None:
        assert mei.sync.next_session() is None
        await mei.sync.start(SERVER)
        await mei.sync.sync_once()
        following = mei.sync.next_session()
        assert following is not None
        assert following > mei.server.clock()

    play(story)


def test_a_hanging_session_is_restarted_when_the_network_returns(mei: Person, server: FakeServer) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        mei.store.save(Client(id="c", name="Ana"))
        flood = Flood(server, pages=0)
        mei.restart()
        mei.platform._network = flood
        running = asyncio.create_task(mei.sync.run())
        await flood.hangs.wait()  # for 30 seconds, without the event
        flood.back = True
        mei.sync.network_returned()
        await asyncio.wait_for(until(lambda: mei.sync.status.state == "idle"), 5)
        running.cancel()

    play(story)
