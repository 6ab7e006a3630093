"""docs/protocol.md suffices: a client written from it alone and the app end with the same records.

`tests/server/document` imports nothing from `app`. What it needs to know and the document does not say is a
defect of the document.
"""

import asyncio
import json
import random
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.domain.entities import Call, Client, Entity, Job, Message, Part, Update
from app.store.database import open_database
from app.store.store import Store
from app.sync.service import Sync
from tests.server.backups import back_up, restore, variables
from tests.server.conftest import serving
from tests.server.document.client import DocumentClient, ProblemError
from tests.server.document.keys import (
    PAIRING_SECRET,
    Key,
    decode,
    encode,
    fingerprint,
    read_secret,
    seal,
    unseal,
)
from tests.server.document.merging import (
    ZERO,
    NoRecordError,
    Version,
    canonical,
    merge,
    read,
    successor,
    write,
)
from tests.server.document.pairing import Member, NewDevice, Pairing, commitment
from tests.server.network import Network
from tests.server.processes import run
from tests.unit.store.support import Clock, records
from tests.unit.sync.support import Device, Phone

MANY = 501
DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text()
VECTORS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)]
KEY_VECTORS = next(block for block in VECTORS if "merges" in block)
PAIRING_VECTORS = next(block for block in VECTORS if "transcript" in block)

Exchange = tuple[DocumentClient, Device]


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
def another_app(api: httpx.Client, clock: Clock) -> Iterator[Callable[[DocumentClient], Device]]:
    """Makes devices that run the app's engine, of the account that a client has."""
    made: list[Device] = []

    def make(client: DocumentClient) -> Device:
        address = str(api.base_url).rstrip("/")
        made.append(Device(Network(), f"app{len(made)}", clock, key=client.key.sync, server=address).enter())
        return made[-1]

    yield make
    for device in made:
        device.store.close()


@pytest.fixture
def pair(api: httpx.Client, clock: Clock, another_app: Callable[[DocumentClient], Device]) -> Exchange:
    """The document's client and the app, on one account."""
    client = DocumentClient.start(api, Key(secrets.token_bytes(32)), clock)
    client.sync()
    return client, another_app(client)


def versions(store: Store) -> dict[str, Version]:
    """Everything that the app keeps of each record and sends, in the document's terms."""
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
    """What a client keeps, without the records that devices keep of themselves."""
    return {id_: version for id_, version in client.records.items() if version.kind != "device"}


def assert_converged(client: DocumentClient, *devices: Device) -> None:
    """After a sync of each in turn all hold the same, and a further round changes nothing on the server."""
    for _ in range(2):
        client.sync()
        for device in devices:
            device.meet()
    assert client.sync() == 0
    before = client.cursor
    for device in devices:
        device.meet()
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


def test_the_vectors_of_keys_and_boxes_hold() -> None:
    key = Key(bytes.fromhex(KEY_VECTORS["key"]))
    assert key.text == KEY_VECTORS["text"]
    assert (key.account, key.secret) == (KEY_VECTORS["account"], KEY_VECTORS["secret"])
    assert (key.sealing.hex(), key.header) == (KEY_VECTORS["sealing"], KEY_VECTORS["kaeru_key"])
    assert fingerprint(key.account) == PAIRING_VECTORS["fingerprint"]
    new = KEY_VECTORS["change"]
    proof = key.prove(new["info"].encode(), bytes.fromhex(new["key"]))
    assert (encode(proof), Key(bytes.fromhex(new["key"])).account) == (new["proof"], new["account"])
    for box in KEY_VECTORS["boxes"]:
        plain = unseal(key.sealing, box["box"], box["associated"])
        assert plain == box["plain"].encode()
        assert seal(key.sealing, plain, box["associated"], decode(box["box"])[:12]) == box["box"]


def vector(version: dict[str, Any]) -> Version:
    return read(json.dumps({"v": 1, **version}).encode())


def test_the_vectors_of_pairing_hold() -> None:
    secret = read_secret(PAIRING_VECTORS["text"], PAIRING_SECRET)
    assert secret.hex() == PAIRING_VECTORS["secret"]
    pairing = Pairing(secret)
    assert pairing.id == PAIRING_VECTORS["id"]
    assert pairing.open("request", PAIRING_VECTORS["request_box"]) == PAIRING_VECTORS["request"].encode()
    pairing.offer, pairing.request = PAIRING_VECTORS["offer"].encode(), PAIRING_VECTORS["request"].encode()
    pairing.nonce = decode(PAIRING_VECTORS["nonce"])
    assert commitment(pairing.nonce) == json.loads(pairing.offer)["commitment"]
    assert pairing.transcript.hex() == PAIRING_VECTORS["transcript"]
    assert pairing.code == PAIRING_VECTORS["code"]


def test_the_vectors_of_merging_hold() -> None:
    for value, text in KEY_VECTORS["canonical"]:
        assert canonical(value) == text
    for clock, after in KEY_VECTORS["successors"]:
        assert successor(clock) == after
    for each in KEY_VECTORS["merges"]:
        one, other, result = (vector(each[name]) for name in ("one", "other", "result"))
        assert merge(one, other).same(result), each["about"]
        assert merge(other, one).same(result), each["about"]


def test_edits_of_different_fields_all_stay(pair: Exchange, clock: Clock) -> None:
    client, device = pair
    device.store.save(Client(id="c", name="佐藤"))
    device.meet()
    client.sync()
    client.set("c", "client", honorific="様", notes='½ “é” \u2028 😀 \\ " \n')
    edit(device, "c", name="佐藤 花子")
    assert_converged(client, device)
    kept = device.store.get(Client, "c")
    assert kept is not None
    assert (kept.name, kept.honorific, kept.notes) == ("佐藤 花子", "様", '½ “é” \u2028 😀 \\ " \n')


@pytest.mark.parametrize("later", ["document", "app"])
def test_the_later_edit_of_one_field_stays(pair: Exchange, clock: Clock, later: str) -> None:
    client, device = pair
    client.set("c", "client", name="Ana")
    assert_converged(client, device)
    edits = {
        "document": lambda: client.set("c", "client", name="document"),
        "app": lambda: edit(device, "c", name="app"),
    }
    for side in sorted(edits, key=lambda side: side == later):
        clock.forward(seconds=1)
        edits[side]()
    assert_converged(client, device)
    assert client.fields("c")["name"] == later


TIES: list[tuple[Any, Any, Any]] = [
    ("zoe", "é", "é"),
    ("a é", "a\n", "a\n"),
    ("\ue000", "😀", "😀"),
    (None, "text", None),
    ({"b": 1, "a": [2.50]}, {"a": [2.5], "b": 0}, {"b": 1, "a": [2.5]}),
    (1e21, 200, 200),
    (5e-324, 123456789012345680000, 5e-324),
    (True, 1, True),
]


@pytest.mark.parametrize("field", ["notes", "invention"])
def test_one_value_wins_a_tie_on_both_sides(pair: Exchange, clock: Clock, field: str) -> None:
    """Two values have one clock: no client does that on purpose, and writing fields anew can end so."""
    client, device = pair
    for number in range(len(TIES)):
        client.set(f"c{number}", "client", name="Ana")
    client.sync()
    twin = DocumentClient.join(client.api, client.key.text, clock)
    twin.sync()
    stamp = client.clock.tick()
    for number, (mine, theirs, _) in enumerate(TIES):
        client.records[f"c{number}"].fields[field] = (mine, stamp)
        twin.records[f"c{number}"].fields[field] = (theirs, stamp)
    client.sync()
    device.meet()
    twin._bases |= client._bases  # it writes over the first values without having merged them
    twin.sync()
    assert_converged(client, device)
    for number, (_, _, winner) in enumerate(TIES):
        assert canonical(client.fields(f"c{number}")[field]) == canonical(winner)


def test_a_deletion_takes_older_edits(pair: Exchange, clock: Clock) -> None:
    client, device = pair
    device.store.save(Client(id="a", name="Ana"), Client(id="b", name="Bo"))
    assert_converged(client, device)
    clock.forward(seconds=1)
    edit(device, "a", notes="older")
    client.set("b", "client", notes="older")
    clock.forward(seconds=1)
    client.delete("a")
    bo = device.store.get(Client, "b")
    assert bo is not None
    device.store.delete(bo)
    assert_converged(client, device)
    assert not client.records["a"].living
    assert not client.records["b"].living


def test_an_edit_newer_than_a_deletion_brings_the_whole_record_back(pair: Exchange, clock: Clock) -> None:
    client, device = pair
    device.store.save(Client(id="a", name="Ana"), Client(id="b", name="Bo"))
    assert_converged(client, device)
    clock.forward(seconds=1)
    client.delete("a")
    bo = device.store.get(Client, "b")
    assert bo is not None
    device.store.delete(bo)
    clock.forward(seconds=1)
    edit(device, "a", notes="newer")
    client.set("b", "client", notes="newer")
    client.sync()
    device.meet()
    assert_converged(client, device)
    assert [client.fields(id_)["name"] for id_ in "ab"] == ["Ana", "Bo"]
    assert [client.fields(id_)["notes"] for id_ in "ab"] == ["newer", "newer"]


FAMILY = ["client", "job", "part", "message", "update", "call", "next"]
CASES = [(deleted, edited) for deleted in ("client", "job", "update") for edited in ("", *FAMILY)]


def family(about: str) -> list[Entity]:
    """A client with some of everything, whose ids begin alike."""
    client, job, part, message, update, call, following = (f"{about}-{each}" for each in FAMILY)
    return [
        Client(id=client, name="Ana"),
        Job(id=job, client_id=client, title="Page"),
        Part(id=part, job_id=job, title="First"),
        Message(id=message, client_id=client, job_id=job, summary="hello"),
        Update(id=update, client_id=client, job_id=job, text="half done"),
        Call(id=call, client_id=client, job_id=job, answered_by_update_id=update),
        Job(id=following, client_id=client, continued_from_id=job),
    ]


@pytest.mark.parametrize("deleting", ["document", "app"])
def test_what_belongs_to_a_deleted_record_goes_or_returns_with_it(
    pair: Exchange, another_app: Callable[[DocumentClient], Device], clock: Clock, deleting: str
) -> None:
    """One side deletes, the other has a newer edit somewhere in the family; a third device learns of both."""
    client, device = pair
    third = another_app(client)
    entities = {each.id: each for deleted, edited in CASES for each in family(f"{deleted}-{edited}")}
    device.store.save(*entities.values())
    assert_converged(client, device, third)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    doomed = [f"{deleted}-{edited}-{deleted}" for deleted, edited in CASES]
    changed = [f"{deleted}-{edited}-{edited}" for deleted, edited in CASES if edited]
    clock.forward(seconds=1)
    if deleting == "document":
        for id_ in doomed:
            client.delete(id_)
        clock.forward(seconds=1)
        for id_ in changed:
            entities[id_].created_at = at
            device.store.save(entities[id_])
    else:
        for id_ in doomed:
            device.store.delete(entities[id_])
        clock.forward(seconds=1)
        for id_ in changed:
            client.set(id_, client.records[id_].kind, created_at=at.isoformat())
    assert_converged(client, device, third)
    assert [id_ for id_ in changed if not client.records[id_].living] == []
    untouched = [f"{deleted}--{deleted}" for deleted in ("client", "job", "update")]
    assert [id_ for id_ in untouched if client.records[id_].living] == []
    for record in client.records.values():
        parent = client._relations.parent(record)
        assert parent is None or client.records[parent].living
    assert client.fields("update--call")["answered_by_update_id"] is None


def test_records_added_below_a_deleted_one_bring_it_back(pair: Exchange, clock: Clock) -> None:
    """Of a client whose fields nobody has any more a stand-in is made, the same on both sides."""
    client, device = pair
    client.set("client-1", "client", name="Ana")
    client.set("client-2", "client", name="Bo")
    assert_converged(client, device)
    for id_ in ("client-1", "client-2"):
        client.delete(id_)
    assert_converged(client, device)
    clock.forward(milliseconds=1234)
    client.set("m", "message", client_id="client-1", summary="late")
    device.store.save(Message(id="n", client_id="client-2", summary="late"))
    assert_converged(client, device)
    assert client.fields("client-1")["name"] == "? clie"
    assert client.fields("client-2")["name"] == "? clie"


def test_more_than_a_page_of_records_goes_both_ways(pair: Exchange) -> None:
    client, device = pair
    device.store.save(*(Client(id=f"a{number}", name=f"Client {number}") for number in range(MANY)))
    device.store.save(*(Client(id=f"l{number}", notes="x" * 45_000) for number in range(50)))
    device.meet()
    for number in range(2 * MANY):
        client.set(f"d{number}", "client", name=f"客 {number}")
    assert_converged(client, device)
    assert len(own(client)) == 3 * MANY + 50
    for number in range(MANY):
        client.set(f"a{number}", "client", notes="noted")
        edit(device, f"a{number}", name="renamed")
    assert_converged(client, device)
    assert {
        (client.fields(f"a{number}")["name"], client.fields(f"a{number}")["notes"]) for number in range(MANY)
    } == {("renamed", "noted")}


def test_kinds_and_fields_nobody_knows_stay_unharmed(pair: Exchange, clock: Clock) -> None:
    client, device = pair
    odd = {"深い": [None, True, -0.5, 1e-7, {"": "\u007f"}], "big": 2**53}
    client.set("x", "invention", shape=odd)
    client.set("c", "client", name="Ana", aura=odd, stance="a code of later", reply_minutes="soon")
    client.sync()
    device.meet()
    clock.forward(seconds=1)
    edit(device, "c", name="Anna")
    assert_converged(client, device)
    assert client.fields("c")["name"] == "Anna"
    assert canonical(client.fields("c")["aura"]) == canonical(odd)
    assert canonical(client.fields("x")["shape"]) == canonical(odd)
    assert (client.fields("c")["stance"], client.fields("c")["reply_minutes"]) == ("a code of later", "soon")


def test_two_kinds_under_one_id_end_as_one(pair: Exchange) -> None:
    client, device = pair
    client.set("r", "client", name="Ana")
    device.store.save(Job(id="r", title="Page"))
    assert_converged(client, device)
    assert client.records["r"].kind == "job"


def test_clocks_from_far_ahead_are_taken_as_now_by_both(pair: Exchange, clock: Clock) -> None:
    client, device = pair
    client.set("a", "client", name="Ana")
    device.store.save(Client(id="b", name="Bo"))
    assert_converged(client, device)
    right = clock.now
    clock.forward(days=3)
    client.set("a", "client", notes="from the future")
    client.sync()
    edit(device, "b", notes="from the future")  # the app syncs nothing while its clock is wrong
    clock.now = right
    assert_converged(client, device)
    assert [client.fields(id_)["notes"] for id_ in "ab"] == ["from the future"] * 2
    assert all(
        int(version.newest[:13]) < right.timestamp() * 1000 + 86_400_000 for version in own(client).values()
    )


@pytest.mark.parametrize(
    "plain", [b"\xff", b"[]", b'{"kind":"client","v":1,"fields":{"name":["",1]},"gone":null}']
)
def test_boxes_without_a_record_are_replaced_by_both(pair: Exchange, plain: bytes) -> None:
    client, device = pair
    client.set("a", "client", name="Ana")
    assert_converged(client, device)
    with pytest.raises(NoRecordError):
        read(plain)
    for replacing in (client.sync, device.meet):
        push_raw(client, "a", plain)
        replacing()
        assert_converged(client, device)
        assert client.fields("a")["name"] == "Ana"


class Person:
    """Somebody with the whole of the app's sync: it follows keys, knows devices and pairs."""

    def __init__(self, folder: Path, clock: Clock, address: str) -> None:
        folder.mkdir()
        self.address = address
        self.store = Store(open_database(":memory:"), clock)
        self.sync = Sync(self.store, Phone(folder, Network()), clock)

    async def meet(self) -> None:
        await self.sync.meet()
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


def test_a_changed_key_is_followed_and_records_go_both_ways_under_it(
    api: httpx.Client, person: Person, clock: Clock
) -> None:
    person.store.save(*(Client(id=f"c{number}", name="Ana") for number in range(MANY)))
    first = asyncio.run(person.sync.start(person.address))
    asyncio.run(person.meet())
    client, lost = (DocumentClient.join(api, first, clock) for _ in range(2))
    client.sync()
    lost.sync()
    for changes in (1, 2):
        asyncio.run(person.meet())
        text = asyncio.run(person.change_key(*([lost.id] if changes == 1 else [])))
        clock.forward(seconds=1)
        client.set(f"from-document-{changes}", "client", name="unsent at the change")
        if changes == 1:
            client.sync()  # it seals all anew
            asyncio.run(person.meet())
        else:
            asyncio.run(person.meet())  # the app does
            client.sync()
        assert client.epoch == changes
        assert client.sync() == 0
        person.store.save(Client(id=f"from-app-{changes}", name="after the change"))
        asyncio.run(person.meet())
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


def test_each_side_pairs_the_other(api: httpx.Client, person: Person, clock: Clock, tmp_path: Path) -> None:
    person.store.save(Client(id="a", name="Ana"))
    invited = Person(tmp_path / "invited", clock, person.address)

    async def story() -> None:
        await person.sync.start(person.address, "Phone")
        await person.meet()
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
        await invited.meet()
        ana = invited.store.get(Client, "a")
        assert ana is not None
        assert ana.name == "Ana"
        client.sync()
        added = {record.value("added_by") for record in client.records.values() if record.kind == "device"}
        assert client.id in added

    asyncio.run(story())
    invited.store.close()


def test_a_restored_server_costs_neither_side_anything(
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
        # All of this is acknowledged, and is not in the backup.
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


def push_raw(client: DocumentClient, id_: str, plain: bytes) -> None:
    """Write over a record, as a client of another edition does, or a broken one."""
    box = seal(client.key.sealing, plain, f"record:{id_}")
    change = {"id": id_, "base": client._bases[id_], "box": box}
    answer = client.request("POST", "/sync", {"cursor": None, "changes": [change]})
    assert [each["id"] for each in answer["accepted"]] == [id_]


@pytest.mark.parametrize("first", ["document", "app"])
def test_a_record_that_the_first_edition_brought_back_keeps_its_older_fields(
    pair: Exchange, clock: Clock, first: str
) -> None:
    """The first edition leaves `gone` out of living records, and keeps what is older than the deletion."""
    client, device = pair
    client.set("a", "client", name="Ana")
    client.records["a"].fields["honorific"] = ("Ms", ZERO)
    assert_converged(client, device)
    before = client.records["a"].copy()
    clock.forward(seconds=1)
    client.delete("a")
    assert_converged(client, device)
    before.fields["notes"] = ("newer", client.clock.tick())
    push_raw(client, "a", write(before))
    for sync in (client.sync, device.meet) if first == "document" else (device.meet, client.sync):
        sync()
    assert_converged(client, device)
    assert client.fields("a") == {"name": "Ana", "honorific": "Ms", "notes": "newer"}
    assert client.records["a"].fields["honorific"][1] == successor(client.records["a"].gone)


def test_fields_older_than_the_deletion_in_the_same_box_are_ignored(pair: Exchange) -> None:
    client, device = pair
    client.set("a", "client", name="Ana")
    client.sync()
    gone = client.clock.tick()
    fields = {"name": ["old", None], "notes": ["newer", client.clock.tick()]}
    broken = {"kind": "client", "v": 1, "fields": fields, "gone": gone}
    push_raw(client, "a", json.dumps(broken).encode())
    device.meet()
    assert device.store.get(Client, "a").name == ""
    newcomer = DocumentClient.join(client.api, client.key.text, client.now)
    newcomer.sync()
    assert newcomer.fields("a") == {"notes": "newer"}
    assert_converged(client, device)


def test_an_answer_to_a_notification_reaches_the_app_as_an_event(
    api: httpx.Client, person: Person, clock: Clock
) -> None:
    person.store.save(Client(id="c", name="Ana"), Message(id="m", client_id="c", summary="hello"))
    text = asyncio.run(person.sync.start(person.address))
    asyncio.run(person.meet())
    client = DocumentClient.join(api, text, clock)
    client.sync()
    clock.forward(seconds=1)
    at, event = clock.now.isoformat(), secrets.token_hex(16)
    client.set(event, "event", item=["message", "m"], action="replied", at=at, until=None)
    client.sync()
    stamp = client.records[event].newest
    asyncio.run(person.meet())
    client.sync()
    assert client.records["m"].fields["replied_at"] == (at, stamp)
    assert not client.records[event].living


HISTORIES = 4
FIELDS = {"client": ("name", "notes"), "job": ("title", "notes"), "message": ("summary", "body")}
ENTITIES: dict[str, type[Entity]] = {"client": Client, "job": Job, "message": Message}


class History:
    """Whatever may happen to some records on a client and a device that sync now and then."""

    def __init__(self, client: DocumentClient, device: Device, clock: Clock, seed: int) -> None:
        self._client, self._device, self._clock = client, device, clock
        self._chance = random.Random(seed)
        self._ids: list[tuple[str, str]] = []

    def go_on(self) -> None:
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
        """One of the records that live on this side, if there is any."""
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
            self._device.meet()


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_whatever_happens_on_both_sides_ends_the_same(pair: Exchange, clock: Clock, seed: int) -> None:
    history = History(*pair, clock, seed)
    for _ in range(60):
        history.go_on()
    assert_converged(*pair)
