"""Key rotation: remaining devices follow without losses, revoked ones cannot read anything new."""

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from app.domain.entities import Client
from app.store.records import SeenDevice
from app.sync import keyring, keys, membership
from app.sync.errors import SyncError
from app.sync.keyring import KEYRING, Keyring, KeyringSealer
from app.sync.wire import AccountKey, decode
from tests.unit.sync.people import Person, Ringer, play
from tests.unit.sync.rotation_steps import device_of, in_step, note, one_account, opened_by, ring_of, shown
from tests.unit.sync.support import SERVER, FakeServer, Phone

MANY = 501
"""More records than fit into one request."""


@pytest.fixture
def person() -> type[Person]:
    return Ringer


@pytest.fixture
def phone(person: type[Person], tmp_path: Path, server: FakeServer) -> Person:
    """The device that gets lost."""
    return person(tmp_path / "phone", server)


def test_an_offline_device_follows_a_rotation_without_losses(
    mei: Person, laptop: Person, phone: Person, server: FakeServer
) -> None:
    async def story() -> None:
        note(mei, *(f"c{number:03}" for number in range(MANY)))
        before = await one_account(mei, laptop, phone)
        note(laptop, "unsent")
        changed = laptop.store.get(Client, "c000")
        changed.notes = "edited offline"
        laptop.store.save(changed)
        after = await mei.sync.change_key([device_of(phone)])
        assert keys.from_text(after) != keys.from_text(before)
        await in_step(mei, laptop)
        assert shown(mei) == shown(laptop)
        assert mei.store.get(Client, "c000").notes == "edited offline"
        assert mei.store.get(Client, "unsent") is not None
        assert await laptop.sync.key_text() == after
        only_new = Keyring.of(keys.from_text(after))
        assert await opened_by(mei, only_new, server) == server.records.keys()

    play(story)


def test_a_revoked_device_cannot_read_anything_new(
    mei: Person, laptop: Person, phone: Person, server: FakeServer
) -> None:
    async def story() -> None:
        note(mei, "old")
        text = await one_account(mei, laptop, phone)
        stolen = await ring_of(phone)
        _, private = await membership.device_key(phone.platform)
        await mei.sync.change_key([device_of(phone)])
        await in_step(mei, laptop)
        note(mei, "new")
        await in_step(mei, laptop)
        await phone.sync.sync_once()
        assert phone.sync.status.code == "revoked"
        assert await opened_by(phone, stolen, server) == set()
        # Not even with a copy of everything on the server.
        for device, grant in server.grants.items():
            for named in (device, device_of(phone)):
                account = server.account or ""
                opened = await keyring.open_grant(
                    phone.platform, private, stolen, account, 1, named, decode(grant or "")
                )
                assert opened is None
        sealer = KeyringSealer(phone.platform, stolen)
        assert await keyring.open_keyring(sealer, 1, decode(server.keyring or "")) == {}
        await phone.sync.leave(wipe=False)
        with pytest.raises(SyncError) as caught:
            await phone.sync.join(text, SERVER)
        assert caught.value.code == "old_key"

    play(story)


def test_a_grant_without_proof_of_the_earlier_key_is_rejected(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        await one_account(mei, laptop)
        public, _ = await membership.device_key(laptop.platform)
        forged = keyring.PendingKey(1, bytes(range(1, 33)))
        stranger = Keyring.of(bytes(32))
        grant = await keyring.seal_grant(mei.platform, public, stranger, forged, device_of(laptop))
        server.account, server.epoch = keys.derive(forged.key).account, 1
        server.grants = {device_of(laptop): keyring.encode(grant)}
        await laptop.sync.sync_once()
        assert laptop.sync.status.code == "no_grant"
        assert (await ring_of(laptop)).epoch == 0

    play(story)


def test_an_earlier_key_is_not_accepted_again(mei: Person, laptop: Person, server: FakeServer) -> None:
    async def story() -> None:
        text = await one_account(mei, laptop)
        await mei.sync.change_key([])
        await in_step(mei, laptop)
        # A server that helps a revoked device, and claims that its key is the newest.
        server.account, server.epoch = keys.derive(keys.from_text(text)).account, 9
        await laptop.sync.sync_once()
        assert laptop.sync.status.code == "no_grant"
        assert (await ring_of(laptop)).epoch == 1

    play(story)


def test_received_records_with_the_new_key_are_not_sealed_again(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        note(mei, *(f"c{number:03}" for number in range(MANY)))
        await one_account(mei, laptop)
        await mei.sync.change_key([])
        await in_step(mei)
        sealed = dict(server.records)
        await in_step(laptop)
        assert {id_ for id_ in sealed if server.records[id_] != sealed[id_]} == set()
        server.requests.clear()
        await in_step(mei, laptop)
        assert [len(body["changes"]) for path, body in server.requests if path == "POST sync"] == [0] * 4

    play(story)


def test_two_simultaneous_rotations_revoke_both_devices(
    mei: Person, laptop: Person, phone: Person, tmp_path: Path, server: FakeServer
) -> None:
    async def story() -> None:
        tablet = Ringer(tmp_path / "tablet", server)
        note(mei, "c")
        await one_account(mei, laptop, phone, tablet)
        await asyncio.gather(
            mei.sync.change_key([device_of(phone)]), laptop.sync.change_key([device_of(tablet)])
        )
        await in_step(mei, laptop)
        assert set(server.devices) == {device_of(mei), device_of(laptop)}
        assert await mei.sync.key_text() == await laptop.sync.key_text()
        only_new = Keyring.of(keys.from_text(await mei.sync.key_text()))
        assert await opened_by(mei, only_new, server) == server.records.keys()
        assert not mei.sync.key_change_waits
        assert not laptop.sync.key_change_waits

    play(story)


def test_a_device_that_joins_during_resealing_can_read_all_records(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        note(mei, *(f"c{number:03}" for number in range(MANY)))
        await one_account(mei)
        text = await mei.sync.change_key([])  # nothing is sealed again yet
        await laptop.sync.join(text, SERVER)
        await in_step(laptop, mei)
        assert shown(mei) == shown(laptop)
        assert await opened_by(laptop, Keyring.of(keys.from_text(text)), server) == server.records.keys()

    play(story)


def test_several_rotations_are_followed_in_one_session(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        note(mei, "a")
        await one_account(mei, laptop)
        for number in range(3):
            await mei.sync.change_key([])
            if number != 1:
                await in_step(mei)
            note(mei, f"b{number}")
        note(laptop, "unsent")
        await in_step(laptop, mei)
        assert shown(mei) == shown(laptop)
        assert (await ring_of(laptop)).epoch == 3
        assert await laptop.sync.key_text() == await mei.sync.key_text()

    play(story)


def test_a_device_without_a_public_key_must_join_again_and_merges_its_data(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        note(mei, "c")
        await one_account(mei, laptop)
        # Like a device of the first edition, whose record has no public key.
        mei.store.sync_store.remember_devices([SeenDevice(id=device_of(laptop), acknowledged=True)])
        server.records.pop(f"device-{device_of(laptop)}")
        mei.store.sync_store.put_device_record(device_of(laptop), {"public_key": ""})
        devices = await mei.sync.devices.fetch()
        assert [device.follows for device in devices] == [True, False]
        note(laptop, "unsent")
        text = await mei.sync.change_key([])
        await laptop.sync.sync_once()
        assert (laptop.sync.status.state, laptop.sync.status.code) == ("error", "no_grant")
        old = device_of(laptop)
        await laptop.sync.leave(wipe=False)
        await laptop.sync.join(text, SERVER)
        await in_step(laptop, mei)
        assert mei.store.get(Client, "unsent") is not None
        assert old not in server.devices

    play(story)


def test_a_public_key_written_to_another_devices_record_gets_no_grant(
    mei: Person, laptop: Person, phone: Person, server: FakeServer
) -> None:
    async def story() -> None:
        await one_account(mei, laptop, phone)
        own, private = await membership.device_key(phone.platform)
        phone.store.sync_store.put_device_record(device_of(laptop), {"public_key": keyring.encode(own)})
        await in_step(phone, mei)
        await mei.sync.change_key([device_of(phone)])
        ring = await ring_of(phone)
        for device, grant in server.grants.items():
            found = await keyring.open_grant(
                phone.platform, private, ring, server.account or "", 1, device, decode(grant or "")
            )
            assert found is None
        await in_step(laptop)
        assert await laptop.sync.key_text() == await mei.sync.key_text()

    play(story)


def test_reminders_are_sent_again_after_a_rotation(mei: Ringer, laptop: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        mei.owe("m", timedelta(hours=4))
        await one_account(mei, laptop)
        before = dict(server.plan)
        assert before
        await mei.sync.change_key([])
        assert server.plan == {}
        await in_step(mei, laptop)
        assert len(server.plan) == len(before)
        assert server.plan.keys().isdisjoint(before)
        assert all(each["title"] for each in await mei.opened())

    play(story)


def test_a_rotation_without_network_is_completed_later(
    mei: Person, phone: Person, server: FakeServer
) -> None:
    async def story() -> None:
        await one_account(mei, phone)

        def lose(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("no network", request=request)

        online = mei.platform
        mei.platform = Phone(mei.folder, httpx.MockTransport(lose))
        mei.sync = type(mei.sync)(mei.store, mei.platform, server.clock)
        await mei.sync._resume()
        with pytest.raises(SyncError) as caught:
            await mei.sync.change_key([device_of(phone)])
        assert caught.value.code == "offline"
        assert mei.sync.key_change_waits
        mei.platform = online
        mei.restart()
        await mei.sync._resume()
        await in_step(mei)
        assert set(server.devices) == {device_of(mei)}
        assert not mei.sync.key_change_waits
        assert mei.sync.key_is_new  # the user has not seen the new key yet
        mei.sync.note_key()
        assert not mei.sync.key_is_new

    play(story)


@pytest.mark.parametrize(
    ("status", "refusal", "code"),
    [
        (404, "not_found", "protocol"),  # a server of the first edition
        (413, "too_large", "too_large"),
        (422, "malformed", "server"),
    ],
)
def test_a_rejected_rotation_does_not_block_sync(
    mei: Person, laptop: Person, server: FakeServer, status: int, refusal: str, code: str
) -> None:
    async def story() -> None:
        await one_account(mei, laptop)

        class Refusing(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                if request.url.path.endswith("account/key"):
                    return httpx.Response(status, json={"code": refusal}, request=request)
                return await server.handle_async_request(request)

        mei.platform = Phone(mei.folder, Refusing())
        mei.sync = type(mei.sync)(mei.store, mei.platform, server.clock)
        await mei.sync._resume()
        with pytest.raises(SyncError) as caught:
            await mei.sync.change_key([device_of(laptop)])
        assert caught.value.code == code
        assert not mei.sync.key_change_waits
        note(mei, "later")
        await in_step(mei)
        assert "later" in server.records
        assert device_of(laptop) in server.devices

    play(story)


# --- a restored server -------------------------------------------------------------------------------------


def test_a_server_restored_to_before_the_rotation_gets_the_new_key_again(
    mei: Person, laptop: Person, phone: Person, server: FakeServer
) -> None:
    async def story() -> None:
        note(mei, "c")
        await one_account(mei, laptop, phone)
        backup = FakeServer(server.clock)
        backup.restore(server)
        text = await mei.sync.change_key([device_of(phone)])
        note(mei, "later")
        await in_step(mei, laptop)
        server.restore(backup)
        server.counter = 0
        server.records.clear()
        await in_step(laptop, mei)
        assert keys.derive(keys.from_text(text)).account == server.account
        assert device_of(phone) not in server.devices
        assert shown(mei) == shown(laptop)
        assert await opened_by(mei, Keyring.of(keys.from_text(text)), server) == server.records.keys()
        await phone.sync.sync_once()
        assert phone.sync.status.code == "revoked"

    play(story)


def test_a_keyring_of_another_account_is_ignored(mei: Person) -> None:
    async def story() -> None:
        vault = mei.platform.vault
        await vault.write(KEYRING, b"{")
        assert (await keyring.load(vault, bytes(32))).epoch == 0
        await keyring.save(vault, Keyring.of(bytes(range(32)), 3))
        assert (await keyring.load(vault, bytes(32))) == Keyring.of(bytes(32))
        assert (await keyring.load(vault, bytes(range(32)))).epoch == 3

    play(story)


@pytest.mark.parametrize("epoch", [1, 500])
def test_a_known_key_with_another_epoch_is_rejected(mei: Person, server: FakeServer, epoch: int) -> None:
    async def story() -> None:
        await one_account(mei)
        before = await ring_of(mei)
        member = mei.sync._member
        assert member is not None
        account_key = AccountKey(epoch, member.keys.account, None, None)
        with pytest.raises(SyncError) as caught:
            await mei.sync._key_rotation()._current_key(member, account_key)
        assert caught.value.code == "server"
        assert await ring_of(mei) == before

    play(story)


def test_a_keyring_with_invented_epochs_is_truncated(mei: Person) -> None:
    async def story() -> None:
        sealer = KeyringSealer(mei.platform, Keyring.of(bytes(32), 5000))
        invented = {epoch: bytes(32) for epoch in range(-100, 1200)}
        box = await keyring.seal_keyring(sealer, 5000, invented)
        opened = await keyring.open_keyring(sealer, 5000, box)
        assert sorted(opened) == list(range(1200 - keyring.MOST_EARLIER, 1200))
        assert len(box) < 65_536 / 8

    play(story)
