"""The app with other clients: one written from docs/protocol.md only, and the first edition.

Clients that agree end a round of sync without a push.
"""

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from app.domain.entities import Client
from app.store.changes import RecordState
from app.sync.api_client import ApiClient as SyncClient
from app.sync.sealing import open_records, seal_records
from app.sync.wire import WireChange
from tests.unit.store.support import Clock, contents
from tests.unit.sync import first_edition
from tests.unit.sync.support import Device, FakeServer

Version = dict[str, Any]
"""{"kind", "fields", "gone"}, as in a box."""


def merge_as_documented(one: Version, other: Version) -> Version:
    """The steps of docs/protocol.md, "Merging", implemented independently of the app."""
    if one["kind"] != other["kind"]:
        return max(one, other, key=lambda version: version["kind"].encode())
    gone = max(one["gone"] or "", other["gone"] or "")
    fields: dict[str, Any] = {}
    for name in one["fields"].keys() | other["fields"].keys():
        pairs = [version["fields"][name] for version in (one, other) if name in version["fields"]]
        value, clock = max(pairs, key=lambda pair: (_clock(pair), _canonical(pair[0])))
        if (clock or "0000000000000-0000-0") > gone:
            fields[name] = [value, clock]
    return {"kind": one["kind"], "fields": fields, "gone": gone or None}


def _clock(pair: list[Any]) -> str:
    return str(pair[1] or "0000000000000-0000-0")


def _canonical(value: Any) -> bytes:
    """RFC 8785 for the values in these tests: no fractions, no names outside the BMP."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class Peer(Device):
    """A client that stores records as in their boxes, without knowing any kinds."""

    def __init__(self, network: FakeServer, name: str, clock: Clock) -> None:
        super().__init__(network, name, clock)
        self.held: dict[str, Version] = {}
        self.known: dict[str, int] = {}
        self.changed: set[str] = set()
        self.cursor = 0

    def merged(self, mine: Version, theirs: Version) -> tuple[Version, bool]:
        """The merged version, and whether the server lacks a part of it."""
        result = merge_as_documented(mine, theirs)
        return result, result != theirs

    def edit(self, id_: str, **fields: Any) -> None:
        stamp = f"{int(self.clock().timestamp() * 1000):013d}-0000-peer{self.name}"
        self.held[id_]["fields"] |= {name: [value, stamp] for name, value in fields.items()}
        self.changed.add(id_)

    def sync_once(self, network: Any = None) -> None:
        self.ask(self._converse)

    async def _converse(self, client: SyncClient) -> None:
        for _ in range(20):
            ids = sorted(self.changed)
            states = [RecordState(id_, **self.held[id_]) for id_ in ids]
            boxes = await seal_records(self.sealer, states)
            changes = [
                WireChange(id_, self.known.get(id_, 0), box) for id_, box in zip(ids, boxes, strict=True)
            ]
            answer = await client.sync(self.cursor, changes)
            self.known |= answer.accepted
            self.changed -= answer.accepted.keys()
            theirs = answer.changes + answer.conflicts
            plain = await open_records(self.sealer, [(each.id, each.box) for each in theirs])
            for each, text in zip(theirs, plain, strict=True):
                version = {key: value for key, value in json.loads(text or b"").items() if key != "v"}
                self.known[each.id] = each.rev
                self.held[each.id], lacking = (
                    self.merged(self.held[each.id], version) if each.id in self.held else (version, False)
                )
                (self.changed.add if lacking else self.changed.discard)(each.id)
            self.cursor = answer.cursor
            if not answer.more and not self.changed:
                return
        raise AssertionError("it does not end")


class FirstEdition(Peer):
    """The first release of the app, which drops the deletion of a living record."""

    def merged(self, mine: Version, theirs: Version) -> tuple[Version, bool]:
        one, read = (first_edition.as_read(RecordState("", **version)) for version in (mine, theirs))
        result = first_edition.merge(one, read)
        return {"kind": result.kind, "fields": result.fields, "gone": result.gone}, result != read


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> FakeServer:
    return FakeServer(clock, page=3)


def in_step(server: FakeServer, *devices: Device) -> None:
    """Sync in turn until no device pushes any more."""
    for _round in range(6):
        before = server.counter
        for device in devices:
            device.clock.now = server.clock.now
            device.sync_once()
        if server.counter == before:
            return
    raise AssertionError("they push at each other")


def shown(device: Device, id_: str) -> Mapping[str, Any]:
    """A record's fields and values; empty if it is deleted."""
    if isinstance(device, Peer):
        return {name: value for name, (value, _) in device.held[id_]["fields"].items()}
    return {key.id: fields for key, fields in contents(device.store).items()}.get(id_, {})


@pytest.mark.parametrize("kind", [Peer, FirstEdition])
@pytest.mark.parametrize("first", ["app", "peer"])
def test_clients_agree_on_a_deletion_and_a_newer_edit_and_stop_pushing(
    kind: type[Peer], first: str, server: FakeServer, clock: Clock
) -> None:
    app, other = (Device(server, name, Clock(clock.now)) for name in "ab")
    app.enter(create=True)
    peer = kind(server, "p", Clock(clock.now))
    other.enter()
    peer.enter()
    app.store.save(Client(id="c", name="Ana", notes="as it was"))
    in_step(server, app, other, peer)
    app.store.delete(app.store.get(Client, "c"))
    server.clock.forward(minutes=1)
    peer.clock.forward(minutes=1)
    peer.edit("c", notes="call back")
    in_step(server, *((app, peer, other) if first == "app" else (peer, other, app)))
    assert shown(app, "c")["notes"] == shown(other, "c")["notes"] == shown(peer, "c")["notes"] == "call back"
    known = shown(peer, "c")
    assert {name: shown(app, "c")[name] for name in known} == known
    counter = server.counter
    for device in (app, other, peer, app, other, peer):
        device.sync_once()
    assert server.counter == counter


@pytest.mark.parametrize("kind", [Peer, FirstEdition])
@pytest.mark.parametrize("seed", range(15))
def test_clients_agree_on_random_edits_and_deletions_and_stop_pushing(kind: type[Peer], seed: int) -> None:
    chance, clock = random.Random(seed), Clock()
    server = FakeServer(clock, page=3)
    devices = [Device(server, "a", Clock(clock.now)), Device(server, "b", Clock(clock.now))]
    peers = [kind(server, "p", Clock(clock.now)), kind(server, "q", Clock(clock.now))]
    everyone: list[Device] = [*devices, *peers]
    for number, each in enumerate(everyone):
        each.enter(create=number == 0)
    actions: dict[str, Callable[[Device, str], None]] = {
        "edit": _edit,
        "delete": _delete,
        "meet": _sync_once,
    }
    for _ in range(40):
        clock.forward(seconds=chance.randint(1, 90))
        for each in everyone:
            each.clock.now = clock.now
        actions[chance.choice([*actions, "edit"])](chance.choice(everyone), chance.choice("cde"))
    in_step(server, *everyone)
    for id_ in {id_ for peer in peers for id_ in peer.held}:
        versions = [shown(each, id_) for each in everyone]
        named = versions[2].keys()
        assert versions[2] == versions[3]
        assert len({bool(version) for version in versions}) == 1
        assert all({name: each.get(name) for name in named} == versions[2] for each in versions[:2]), id_


def _edit(device: Device, id_: str) -> None:
    text = f"{device.name} at {device.clock.now:%H:%M:%S}"
    if isinstance(device, Peer):
        if device.held.get(id_, {}).get("fields"):
            device.edit(id_, notes=text)
        return
    client = device.store.get(Client, id_) or Client(id=id_, created_at=device.clock.now)
    client.name = text
    device.store.save(client)


def _delete(device: Device, id_: str) -> None:
    if isinstance(device, Peer):
        if device.held.get(id_, {}).get("fields"):
            stamp = f"{int(device.clock().timestamp() * 1000):013d}-0000-peer{device.name}"
            device.held[id_] = {"kind": "client", "fields": {}, "gone": stamp}
            device.changed.add(id_)
    elif (client := device.store.get(Client, id_)) is not None:
        device.store.delete(client)


def _sync_once(device: Device, _id: str) -> None:
    device.sync_once()
