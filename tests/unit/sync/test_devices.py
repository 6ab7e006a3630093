"""The account's devices: new ones are announced on all others, revoked ones stay revoked."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from app.domain.entities import Client
from app.store.backup import backup
from app.sync import keys
from app.sync.devices import CHECK_INTERVAL
from app.sync.errors import SyncError
from tests.unit.sync.pairing_steps import compared, settle
from tests.unit.sync.people import Person, play
from tests.unit.sync.support import SERVER, FakeServer


@pytest.fixture
def tablet(person: type[Person], tmp_path: Path, server: FakeServer) -> Person:
    return person(tmp_path / "tablet", server)


def device_of(person: Person) -> str:
    state = person.store.sync_store.state()
    assert state is not None
    return state.device


def announced(person: Person) -> list[tuple[str, str, str]]:
    return [(device.name, device.method, device.added_by) for device in person.sync.devices.new]


async def sync_once(*people: Person) -> None:
    for each in people:
        await each.sync.sync_once()
        assert each.sync.status.state == "idle", each.sync.status


async def two_devices(mei: Person, laptop: Person) -> str:
    text = await mei.sync.start(SERVER, "Phone")
    await sync_once(mei)
    await laptop.sync.join(text, SERVER, "Laptop")
    await sync_once(laptop, mei)
    return text


def test_a_new_device_is_announced_on_every_other_device_until_acknowledged(
    mei: Person, laptop: Person, tablet: Person
) -> None:
    async def story() -> None:
        await two_devices(mei, laptop)
        assert announced(mei) == [("Laptop", "key", "")]
        assert announced(laptop) == []  # the first devices are not announced
        mei.sync.devices.acknowledge(device_of(laptop))
        assert announced(mei) == []
        inviter, joiner = await compared(mei, tablet)
        await joiner.agree()
        await inviter.agree()
        await settle(joiner, inviter)
        await tablet.sync.devices.rename(device_of(tablet), "Tablet")
        await sync_once(tablet, mei, laptop)
        assert announced(mei) == announced(laptop) == [("Tablet", "pairing", "Phone")]
        assert (mei.sync.devices.new[0].added_here, laptop.sync.devices.new[0].added_here) == (True, False)
        assert announced(tablet) == []
        mei.sync.devices.acknowledge(device_of(tablet))
        laptop.restart()
        await laptop.sync._resume()
        await sync_once(mei, laptop)
        assert (announced(mei), announced(laptop)) == ([], [("Tablet", "pairing", "Phone")])

    play(story)


def test_a_device_cannot_acknowledge_itself(mei: Person, laptop: Person) -> None:
    async def story() -> None:
        text = await mei.sync.start(SERVER, "Phone")
        await sync_once(mei)
        await laptop.sync.join(text, SERVER, "Laptop")
        laptop.store.sync_store.put_device_record(
            device_of(laptop), {"acknowledged": True, "added_by": device_of(mei), "method": "start"}
        )
        await sync_once(laptop, mei)
        assert [device.name for device in mei.sync.devices.new] == ["Laptop"]

    play(story)


def test_a_device_without_a_record_is_announced_from_the_servers_list(
    mei: Person, server: FakeServer
) -> None:
    async def story() -> None:
        text = await mei.sync.start(SERVER, "Phone")
        await sync_once(mei)
        body = {"account": server.account, "secret": server.secret, "device": "silent", "label": "AAAA"}
        server.register(body | {"create": False})
        await sync_once(mei)
        assert announced(mei) == []
        server.clock.forward(seconds=CHECK_INTERVAL.total_seconds())
        await sync_once(mei)
        assert announced(mei) == [("", "", "")]
        assert mei.sync.devices.new[0].id == "silent"
        assert not mei.sync.devices.new[0].follows
        assert keys.from_text(text)

    play(story)


@pytest.mark.parametrize("answer", ["It was me", "Shut out"])
def test_a_device_missing_in_the_servers_list_is_announced_from_its_record(
    mei: Person, laptop: Person, tablet: Person, server: FakeServer, answer: str
) -> None:
    """The server hides it, or it left before anybody checked."""

    async def story() -> None:
        text = await two_devices(mei, laptop)
        mei.sync.devices.acknowledge(device_of(laptop))
        await tablet.sync.join(text, SERVER, "Tablet")
        await sync_once(tablet)
        hidden = device_of(tablet)
        server.devices.pop(hidden)
        await sync_once(mei, laptop, mei)
        assert [(each.id, each.method, each.listed) for each in mei.sync.devices.new] == [
            (hidden, "key", False)
        ]
        assert hidden not in {each.id for each in await mei.sync.devices.fetch()}
        if answer == "It was me":
            mei.sync.devices.acknowledge(hidden)
        else:
            await mei.sync.devices.revoke(hidden)
        assert announced(mei) == []
        await sync_once(mei, laptop)
        await mei.sync.devices.fetch()
        assert announced(mei) == []
        assert len(laptop.sync.devices.new) == (1 if answer == "It was me" else 0)

    play(story)


def test_the_announcement_ends_when_the_device_is_revoked(mei: Person, laptop: Person) -> None:
    async def story() -> None:
        await two_devices(mei, laptop)
        counts: list[int] = []
        mei.sync.subscribe(lambda _status: counts.append(len(mei.sync.devices.new)))
        await mei.sync.devices.revoke(device_of(laptop))
        assert announced(mei) == []
        assert counts[-1] == 0
        await sync_once(mei)
        assert announced(mei) == []

    play(story)


def test_a_device_revoked_after_the_backup_is_revoked_again(
    mei: Person, laptop: Person, tablet: Person, server: FakeServer
) -> None:
    async def story() -> None:
        text = await two_devices(mei, laptop)
        await tablet.sync.join(text, SERVER, "Tablet")
        mei.store.save(Client(id="before", name="Before"))
        await sync_once(tablet, mei, laptop)
        copy = FakeServer(server.clock)
        copy.restore(server)
        mei.store.save(Client(id="after", name="After"))
        await mei.sync.devices.revoke(device_of(tablet))
        await sync_once(mei, laptop)
        server.restore(copy)
        assert device_of(tablet) in server.devices
        await sync_once(laptop)
        assert device_of(tablet) not in server.devices
        await tablet.sync.sync_once()
        assert tablet.sync.status.code == "revoked"
        await sync_once(mei)
        assert device_of(tablet) not in [device.id for device in await mei.sync.devices.fetch()]

    play(story)


def test_a_device_revoked_according_to_its_record_stops_syncing(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        await two_devices(mei, laptop)
        mei.store.sync_store.put_device_record(
            device_of(laptop), {"revoked_at": "2026-06-10T09:00:00+00:00", "revoked_by": device_of(mei)}
        )
        known, tokens = dict(server.devices), dict(server.tokens)
        await sync_once(mei)
        assert device_of(laptop) not in server.devices
        server.devices, server.tokens = known, tokens  # a server that has lost the revocation
        server.revoked.clear()
        await laptop.sync.sync_once()
        assert (laptop.sync.status.state, laptop.sync.status.code) == ("error", "revoked")

    play(story)


def test_device_records_are_not_in_backups_and_survive_a_restore(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        mei.store.save(Client(id="c", name="Ana"))
        await two_devices(mei, laptop)
        exported = backup.export(mei.store, server.clock())
        assert {record["kind"] for record in exported["records"]} == {"client", "settings"}
        records = mei.store.sync_store.device_records()
        assert records.keys() == {device_of(mei), device_of(laptop)}
        backup.restore(mei.store, backup.to_bytes(exported))
        assert mei.store.sync_store.device_records() == records
        await sync_once(mei, laptop)
        assert laptop.store.sync_store.device_records() == records

    play(story)


def test_leaving_and_wiping_delete_device_records(mei: Person, laptop: Person) -> None:
    async def story() -> None:
        await two_devices(mei, laptop)
        await mei.sync.leave(wipe=False)
        assert (mei.store.sync_store.device_records(), mei.store.sync_store.seen_devices()) == ({}, {})
        assert mei.sync.devices.new == ()
        laptop.store.wipe()
        assert (laptop.store.sync_store.device_records(), laptop.store.sync_store.seen_devices()) == ({}, {})

    play(story)


def test_a_device_of_the_first_edition_gets_a_record_after_the_update(
    mei: Person, server: FakeServer
) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        await sync_once(mei)
        this = device_of(mei)
        # The state left by the first edition.
        server.records.clear()
        mei.store.sync_store.end()
        mei.store.sync_store.begin(SERVER, this, joining=False)
        await mei.platform.vault.forget("device-key")
        await sync_once(mei)
        record = mei.store.sync_store.device_records()[this]
        assert (record["method"], len(record["public_key"])) == ("unknown", 87)
        assert f"device-{this}" in server.records
        server.clock.forward(seconds=timedelta(days=1).total_seconds())
        await sync_once(mei)
        assert mei.sync.devices.new == ()

    play(story)


def test_renaming_with_an_earlier_key_works_after_following_the_rotation(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        await two_devices(mei, laptop)
        mei.sync.devices.acknowledge(device_of(laptop))
        await mei.sync.change_key([])
        with pytest.raises(SyncError) as caught:
            await laptop.sync.devices.rename(device_of(laptop), "Big one")
        assert caught.value.code == "busy"
        await sync_once(laptop)
        await laptop.sync.devices.rename(device_of(laptop), "Big one")
        assert {device.name for device in await mei.sync.devices.fetch()} == {"Phone", "Big one"}

    play(story)


def test_a_client_of_the_first_edition_gets_a_protocol_error_after_a_rotation(
    mei: Person, server: FakeServer
) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        await sync_once(mei)
        token = next(iter(server.tokens))
        await mei.sync.change_key([])
        headers = {"kaeru-protocol": "1", "authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=server, base_url=SERVER, headers=headers) as client:
            answer = await client.post("/api/v1/sync", json={"cursor": 0, "changes": []})
        assert (answer.status_code, answer.json()["code"]) == (426, "protocol")

    play(story)
