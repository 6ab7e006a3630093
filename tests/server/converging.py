"""Checks that the document's client and the app converge, and applies random changes to both."""

import random
from typing import Any

from app.domain.entities import Client, Entity, Job, Message
from app.store.store import Store
from tests.server.document.client import DocumentClient
from tests.server.document.keys import seal
from tests.server.document.merging import Version
from tests.unit.store.support import Clock, records
from tests.unit.sync.support import Device

Exchange = tuple[DocumentClient, Device]

FIELDS = {"client": ("name", "notes"), "job": ("title", "notes"), "message": ("summary", "body")}
ENTITIES: dict[str, type[Entity]] = {"client": Client, "job": Job, "message": Message}


def versions(store: Store) -> dict[str, Version]:
    """The app's versions of each record, in the document's terms."""
    found = {}
    for (kind, id_), record in records(store).items():
        pairs = {
            name: (record["fields"][name], clock)
            for clock, names in record.get("clocks", {}).items()
            for name in names.split()
        }
        pairs |= {name: (value, clock) for name, (value, clock) in record.get("extra", {}).items()}
        found[id_] = Version(kind, pairs, record.get("gone", ""))
    return {id_: version for id_, version in found.items() if version.fields or version.gone}


def own(client: DocumentClient) -> dict[str, Version]:
    """A client's records, without the devices' own."""
    return {id_: version for id_, version in client.records.items() if version.kind != "device"}


def assert_converged(client: DocumentClient, *devices: Device) -> None:
    """Assert that after syncing in turn all records are equal, and another round changes nothing."""
    for _ in range(2):
        client.sync()
        for device in devices:
            device.sync_once()
    assert client.sync() == 0
    before = client.cursor
    for device in devices:
        device.sync_once()
        kept = versions(device.store)
        assert kept.keys() == own(client).keys()
        assert [id_ for id_, version in kept.items() if not version.same(client.records[id_])] == []
    assert client.sync() == 0
    assert client.cursor == before


def edit(device: Device, id_: str, **values: Any) -> None:
    client = device.store.get(Client, id_)
    assert client is not None
    for name, value in values.items():
        setattr(client, name, value)
    device.store.save(client)


def push_raw(client: DocumentClient, id_: str, plain: bytes) -> None:
    """Overwrite a record directly, like a client of another version or a broken one."""
    box = seal(client.key.sealing, plain, f"record:{id_}")
    change = {"id": id_, "base": client._bases[id_], "box": box}
    answer = client.request("POST", "/sync", {"cursor": None, "changes": [change]})
    assert [each["id"] for each in answer["accepted"]] == [id_]


class History:
    """Applies random changes to records on a client and a device that sync occasionally."""

    def __init__(self, client: DocumentClient, device: Device, clock: Clock, seed: int) -> None:
        self._client, self._device, self._clock = client, device, clock
        self._chance = random.Random(seed)
        self._ids: list[tuple[str, str]] = []

    def step(self) -> None:
        self._clock.forward(milliseconds=self._chance.choice([0, 1, 700]))
        happening = self._chance.choice([self._add, self._edit, self._edit, self._delete, self._sync])
        happening(self._chance.choice(["document", "app"]))

    def _add(self, side: str) -> None:
        kind = self._chance.choice(list(FIELDS))
        id_, values = f"{kind}-{len(self._ids)}", {FIELDS[kind][0]: f"{self._chance.random()} é"}
        if kind != "client":
            values["client_id"] = self._chance.choice(
                [id_ for of, id_ in self._ids if of == "client"] or [""]
            )
        if side == "document":
            self._client.set(id_, kind, **values)
        else:
            self._device.store.save(ENTITIES[kind](id=id_, **values))
        self._ids.append((kind, id_))

    def _edit(self, side: str) -> None:
        for kind, id_ in self._some(side):
            name, value = self._chance.choice(FIELDS[kind]), f"{self._chance.random()} é"
            if side == "document":
                self._client.set(id_, kind, **{name: value})
            else:
                entity = self._device.store.get(ENTITIES[kind], id_)
                setattr(entity, name, value)
                self._device.store.save(entity)

    def _delete(self, side: str) -> None:
        for kind, id_ in self._some(side):
            if side == "document":
                self._client.delete(id_)
            else:
                self._device.store.delete(self._device.store.get(ENTITIES[kind], id_))

    def _some(self, side: str) -> list[tuple[str, str]]:
        """Pick a living record of this side, if there is any."""
        living = [
            (kind, id_)
            for kind, id_ in self._ids
            if (
                id_ in self._client.records and self._client.records[id_].living
                if side == "document"
                else self._device.store.get(ENTITIES[kind], id_) is not None
            )
        ]
        return [self._chance.choice(living)] if living else []

    def _sync(self, side: str) -> None:
        if side == "document":
            self._client.sync()
        else:
            self._device.sync_once()
