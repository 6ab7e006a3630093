"""Steps with several devices for tests of key rotation."""

from typing import Any

from app.domain.entities import Client
from app.sync import keyring
from app.sync.keyring import SYNC_KEY, Keyring, KeyringSealer
from app.sync.wire import decode
from tests.unit.store.support import contents
from tests.unit.sync.people import Person
from tests.unit.sync.support import SERVER, FakeServer


async def in_step(*people: Person) -> None:
    """Sync all devices until there are no more changes."""
    for _round in range(2):
        for each in people:
            await each.sync.sync_once()
            assert each.sync.status.state == "idle", each.sync.status


async def one_account(first: Person, *others: Person) -> str:
    text = await first.sync.start(SERVER)
    await in_step(first)
    for each in others:
        await each.sync.join(text, SERVER)
    await in_step(first, *others)
    for each in (first, *others):
        for new in each.sync.devices.new:
            each.sync.devices.acknowledge(new.id)
    return text


def device_of(person: Person) -> str:
    state = person.store.sync_store.state()
    assert state is not None
    return state.device


async def ring_of(person: Person) -> Keyring:
    return await keyring.load(person.platform.vault, await person.platform.vault.read(SYNC_KEY) or b"")


async def opened_by(person: Person, ring: Keyring, server: FakeServer) -> set[str]:
    """The ids of the server's records that these keys can open."""
    sealer = KeyringSealer(person.platform, ring)
    boxes = [(f"record:{id_}".encode(), decode(box)) for id_, (_, box, _) in server.records.items()]
    plains = await sealer.open(boxes)
    return {id_ for id_, plain in zip(server.records, plains, strict=True) if plain is not None}


def shown(person: Person) -> dict[Any, Any]:
    """Everything written on a device except the settings, which were separate before joining."""
    return {key: fields for key, fields in contents(person.store).items() if key.kind != "settings"}


def note(person: Person, *ids: str, **fields: Any) -> None:
    person.store.save(*(Client(id=id_, name=f"Client {id_}", **fields) for id_ in ids))
