"""The document's client and the app on one account: key changes, pairing, and a restored server."""

import asyncio
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.domain.entities import Client, Message
from app.store.database import open_database
from app.store.store import Store
from app.sync.service import Sync
from tests.server.backups import back_up, restore, variables
from tests.server.conftest import serving
from tests.server.converging import assert_converged, edit, own
from tests.server.document.client import DocumentClient, ProblemError
from tests.server.document.keys import PAIRING_SECRET, Key, read_secret
from tests.server.document.pairing import Member, NewDevice
from tests.server.network import Network
from tests.server.processes import run
from tests.unit.store.support import Clock
from tests.unit.sync.support import Device, Phone

MANY = 501


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


class Person:
    """A user of the app's complete sync, including key changes, devices and pairing."""

    def __init__(self, folder: Path, clock: Clock, address: str) -> None:
        folder.mkdir()
        self.address = address
        self.store = Store(open_database(":memory:"), clock)
        self.sync = Sync(self.store, Phone(folder, Network()), clock)

    async def sync_once(self) -> None:
        await self.sync.sync_once()
        assert self.sync.status.state == "idle", self.sync.status

    async def change_key(self, *shut_out: str) -> str:
        for device in self.sync.devices.new:
            self.sync.devices.acknowledge(device.id)
        return await self.sync.change_key(shut_out)


@pytest.fixture
def person(api: httpx.Client, clock: Clock, tmp_path: Path) -> Iterator[Person]:
    made = Person(tmp_path / "person", clock, str(api.base_url).rstrip("/"))
    yield made
    made.store.close()


def test_both_sides_follow_a_key_change_and_exchange_records(
    api: httpx.Client, person: Person, clock: Clock
) -> None:
    person.store.save(*(Client(id=f"c{number}", name="Ana") for number in range(MANY)))
    first = asyncio.run(person.sync.start(person.address))
    asyncio.run(person.sync_once())
    client, lost = (DocumentClient.join(api, first, clock) for _ in range(2))
    client.sync()
    lost.sync()
    for changes in (1, 2):
        asyncio.run(person.sync_once())
        text = asyncio.run(person.change_key(*([lost.id] if changes == 1 else [])))
        clock.forward(seconds=1)
        client.set(f"from-document-{changes}", "client", name="unsent at the change")
        if changes == 1:
            client.sync()  # it reseals all records
            asyncio.run(person.sync_once())
        else:
            asyncio.run(person.sync_once())  # the app changes the key
            client.sync()
        assert client.epoch == changes
        assert client.sync() == 0
        person.store.save(Client(id=f"from-app-{changes}", name="after the change"))
        asyncio.run(person.sync_once())
        assert client.sync() == 0
        assert client.fields(f"from-app-{changes}")["name"] == "after the change"
        assert person.store.get(Client, f"from-document-{changes}") is not None
        newcomer = DocumentClient.join(api, text, clock)
        newcomer.sync()
        assert newcomer._sealed.keys() == client._sealed.keys() | {f"device-{newcomer.id}"}
        assert set(newcomer._sealed.values()) == {changes}
        with pytest.raises(ProblemError, match="revoked"):
            lost.sync()
        with pytest.raises(ProblemError, match="no_account"):
            DocumentClient.join(api, first, clock)
        client.sync()


def test_the_app_and_the_client_can_each_pair_the_other(
    api: httpx.Client, person: Person, clock: Clock, tmp_path: Path
) -> None:
    person.store.save(Client(id="a", name="Ana"))
    invited = Person(tmp_path / "invited", clock, person.address)

    async def story() -> None:
        await person.sync.start(person.address, "Phone")
        await person.sync_once()
        inviter = person.sync.pairing.invite()
        await inviter.step()
        new = await asyncio.to_thread(NewDevice, api, inviter.link.partition("#")[2])
        await inviter.step()
        assert await asyncio.to_thread(new.compare) == inviter.code
        await inviter.agree()
        client = await asyncio.to_thread(new.confirm, clock)
        assert client is not None
        client.sync()
        assert client.fields("a")["name"] == "Ana"
        await inviter.step()
        assert inviter.has_ended

        member = await asyncio.to_thread(Member, client, person.address)
        joiner = invited.sync.pairing.join(read_secret(member.text, PAIRING_SECRET), person.address)
        await joiner.step()
        code = await asyncio.to_thread(member.compare)
        await joiner.step()
        assert code == joiner.code
        await asyncio.to_thread(member.confirm)
        await joiner.agree()
        for _ in range(3):
            await joiner.step()
        assert await asyncio.to_thread(lambda: member.state) == "done"
        await invited.sync_once()
        ana = invited.store.get(Client, "a")
        assert ana is not None
        assert ana.name == "Ana"
        client.sync()
        added = {record.value("added_by") for record in client.records.values() if record.kind == "device"}
        assert client.id in added

    asyncio.run(story())
    invited.store.close()


def test_neither_side_loses_records_when_the_server_is_restored(
    web: Path, database: dict[str, Any], clock: Clock, tmp_path: Path
) -> None:
    key = Key(secrets.token_bytes(32))
    with serving(web, **database) as running:
        client = DocumentClient.start(running.client, key, clock)
        lost = DocumentClient.join(running.client, key.text, clock)
        address = str(running.client.base_url).rstrip("/")
        device = Device(Network(), "app", clock, key=key.sync, server=address).enter()
        for number in range(2 * MANY):
            client.set(f"d{number}", "client", name="Ana")
        lost.sync()
        assert_converged(client, device)
        back_up(database, tmp_path / "backup")
        # These changes are acknowledged, and missing in the backup.
        clock.forward(seconds=1)
        for number in range(MANY):
            client.set(f"new{number}", "client", name="Bo")
            client.set(f"d{number}", "client", notes="noted")
            edit(device, f"d{number}", name="Anna")
        client.delete("d1000")
        client.revoke(lost.id)
        assert_converged(client, device)
    expected = {id_: version.copy() for id_, version in own(client).items()}
    restore(database, tmp_path / "backup")
    assert run("db", "restored", **variables(database))[0] == 0
    with serving(web, **database) as running:
        client.api = lost.api = running.client
        device._server = str(running.client.base_url).rstrip("/")
        client.set("offline", "client", name="Written meanwhile")
        assert_converged(client, device)
        assert own(client).keys() == expected.keys() | {"offline"}
        assert [id_ for id_ in expected if not expected[id_].same(client.records[id_])] == []
        with pytest.raises(ProblemError, match="revoked"):
            lost.sync()
    device.store.close()


def test_a_notification_action_reaches_the_app_as_an_event(
    api: httpx.Client, person: Person, clock: Clock
) -> None:
    person.store.save(Client(id="c", name="Ana"), Message(id="m", client_id="c", summary="hello"))
    text = asyncio.run(person.sync.start(person.address))
    asyncio.run(person.sync_once())
    client = DocumentClient.join(api, text, clock)
    client.sync()
    clock.forward(seconds=1)
    at, event = clock.now.isoformat(), secrets.token_hex(16)
    client.set(event, "event", item=["message", "m"], action="replied", at=at, until=None)
    client.sync()
    stamp = client.records[event].newest
    asyncio.run(person.sync_once())
    client.sync()
    assert client.records["m"].fields["replied_at"] == (at, stamp)
    assert not client.records[event].living
