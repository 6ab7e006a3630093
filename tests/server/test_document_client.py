"""docs/protocol.md is complete: a client written from it alone and the app converge.

`tests/server/document` imports nothing from `app`. Anything it needs that the document doesn't specify is a
defect of the document.
"""

import json
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.domain.entities import Call, Client, Entity, Job, Message, Part, StatusUpdate
from tests.server.converging import Exchange, History, assert_converged, edit, own, push_raw
from tests.server.document.client import DocumentClient
from tests.server.document.keys import Key
from tests.server.document.merging import ZERO, NoRecordError, canonical, read, successor, write
from tests.server.network import Network
from tests.unit.store.support import Clock
from tests.unit.sync.support import Device

MANY = 501
HISTORIES = 4


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
def another_app(api: httpx.Client, clock: Clock) -> Iterator[Callable[[DocumentClient], Device]]:
    """Creates devices that run the app's engine on a client's account."""
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
    """The document's client and the app on one account."""
    client = DocumentClient.start(api, Key(secrets.token_bytes(32)), clock)
    client.sync()
    return client, another_app(client)


def test_edits_of_different_fields_are_all_kept(pair: Exchange, clock: Clock) -> None:
    client, device = pair
    device.store.save(Client(id="c", name="佐藤"))
    device.sync_once()
    client.sync()
    client.set("c", "client", honorific="様", notes='½ “é” \u2028 😀 \\ " \n')
    edit(device, "c", name="佐藤 花子")
    assert_converged(client, device)
    kept = device.store.get(Client, "c")
    assert kept is not None
    assert (kept.name, kept.honorific, kept.notes) == ("佐藤 花子", "様", '½ “é” \u2028 😀 \\ " \n')


@pytest.mark.parametrize("later", ["document", "app"])
def test_the_later_edit_of_a_field_wins(pair: Exchange, clock: Clock, later: str) -> None:
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
def test_the_same_value_wins_a_clock_tie_on_both_sides(pair: Exchange, clock: Clock, field: str) -> None:
    """Two values may have the same clock when fields are rewritten, though no client intends it."""
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
    device.sync_once()
    twin._bases |= client._bases  # overwrites the first values without merging
    twin.sync()
    assert_converged(client, device)
    for number, (_, _, winner) in enumerate(TIES):
        assert canonical(client.fields(f"c{number}")[field]) == canonical(winner)


def test_a_deletion_wins_over_older_edits(pair: Exchange, clock: Clock) -> None:
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


@pytest.mark.parametrize("merging", ["document", "app"])
def test_an_edit_newer_than_a_deletion_restores_the_whole_record(
    pair: Exchange, clock: Clock, merging: str
) -> None:
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
    for sync in (device.sync_once, client.sync) if merging == "document" else (client.sync, device.sync_once):
        sync()
    assert_converged(client, device)
    assert [client.fields(id_)["name"] for id_ in "ab"] == ["Ana", "Bo"]
    assert [client.fields(id_)["notes"] for id_ in "ab"] == ["newer", "newer"]
    for record in (client.records["a"], client.records["b"]):
        assert record.fields["name"][1] == successor(successor(record.gone))


FAMILY = ["client", "job", "part", "message", "update", "call", "next"]
CASES = [(deleted, edited) for deleted in ("client", "job", "update") for edited in ("", *FAMILY)]


def family(about: str) -> list[Entity]:
    """A client with records of every kind, with a common id prefix."""
    client, job, part, message, update, call, following = (f"{about}-{each}" for each in FAMILY)
    return [
        Client(id=client, name="Ana"),
        Job(id=job, client_id=client, title="Page"),
        Part(id=part, job_id=job, title="First"),
        Message(id=message, client_id=client, job_id=job, summary="hello"),
        StatusUpdate(id=update, client_id=client, job_id=job, text="half done"),
        Call(id=call, client_id=client, job_id=job, answered_by_update_id=update),
        Job(id=following, client_id=client, continued_from_id=job),
    ]


@pytest.mark.parametrize("deleting", ["document", "app"])
def test_dependent_records_are_deleted_or_restored_with_their_parent(
    pair: Exchange, another_app: Callable[[DocumentClient], Device], clock: Clock, deleting: str
) -> None:
    """One side deletes, the other has a newer edit of a related record; a third device receives both."""
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


def test_records_added_below_a_deleted_one_restore_it(pair: Exchange, clock: Clock) -> None:
    """If no device has the client's fields any more, both sides create the same placeholder."""
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


def test_more_than_a_page_of_records_syncs_both_ways(pair: Exchange) -> None:
    client, device = pair
    device.store.save(*(Client(id=f"a{number}", name=f"Client {number}") for number in range(MANY)))
    device.store.save(*(Client(id=f"l{number}", notes="x" * 45_000) for number in range(50)))
    device.sync_once()
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


def test_unknown_kinds_and_fields_are_preserved(pair: Exchange, clock: Clock) -> None:
    client, device = pair
    odd = {"深い": [None, True, -0.5, 1e-7, {"": "\u007f"}], "big": 2**53}
    client.set("x", "invention", shape=odd)
    client.set("c", "client", name="Ana", aura=odd, stance="a code of later", reply_minutes="soon")
    client.sync()
    device.sync_once()
    clock.forward(seconds=1)
    edit(device, "c", name="Anna")
    assert_converged(client, device)
    assert client.fields("c")["name"] == "Anna"
    assert canonical(client.fields("c")["aura"]) == canonical(odd)
    assert canonical(client.fields("x")["shape"]) == canonical(odd)
    assert (client.fields("c")["stance"], client.fields("c")["reply_minutes"]) == ("a code of later", "soon")


def test_two_kinds_with_the_same_id_converge_to_one(pair: Exchange) -> None:
    client, device = pair
    client.set("r", "client", name="Ana")
    device.store.save(Job(id="r", title="Page"))
    assert_converged(client, device)
    assert client.records["r"].kind == "job"


def test_both_sides_treat_clocks_far_ahead_as_now(pair: Exchange, clock: Clock) -> None:
    client, device = pair
    client.set("a", "client", name="Ana")
    device.store.save(Client(id="b", name="Bo"))
    assert_converged(client, device)
    right = clock.now
    clock.forward(days=3)
    client.set("a", "client", notes="from the future")
    client.sync()
    edit(device, "b", notes="from the future")  # the app doesn't sync while its clock is wrong
    clock.now = right
    assert_converged(client, device)
    assert [client.fields(id_)["notes"] for id_ in "ab"] == ["from the future"] * 2
    assert all(
        int(version.newest[:13]) < right.timestamp() * 1000 + 86_400_000 for version in own(client).values()
    )


@pytest.mark.parametrize(
    "plain", [b"\xff", b"[]", b'{"kind":"client","v":1,"fields":{"name":["",1]},"gone":null}']
)
def test_both_sides_replace_boxes_without_a_valid_record(pair: Exchange, plain: bytes) -> None:
    client, device = pair
    client.set("a", "client", name="Ana")
    assert_converged(client, device)
    with pytest.raises(NoRecordError):
        read(plain)
    for replacing in (client.sync, device.sync_once):
        push_raw(client, "a", plain)
        replacing()
        assert_converged(client, device)
        assert client.fields("a")["name"] == "Ana"


@pytest.mark.parametrize("first", ["document", "app"])
def test_a_record_restored_by_the_first_version_keeps_its_older_fields(
    pair: Exchange, clock: Clock, first: str
) -> None:
    """The first version omits `gone` in living records and keeps fields older than the deletion."""
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
    for sync in (client.sync, device.sync_once) if first == "document" else (device.sync_once, client.sync):
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
    device.sync_once()
    assert device.store.get(Client, "a").name == ""
    newcomer = DocumentClient.join(client.api, client.key.text, client.now)
    newcomer.sync()
    assert newcomer.fields("a") == {"notes": "newer"}
    assert_converged(client, device)


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_random_changes_on_both_sides_converge(pair: Exchange, clock: Clock, seed: int) -> None:
    history = History(*pair, clock, seed)
    for _ in range(60):
        history.step()
    assert_converged(*pair)
