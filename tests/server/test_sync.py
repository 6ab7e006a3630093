"""Sync over HTTP on both databases: accepted changes, pulled changes, conflicts and cursors."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.server.database.engine import open_engine
from app.server.database.restore import LEAST_JUMP, forget_cursors
from app.server.settings import ServerSettings
from tests.server.conftest import serving
from tests.server.devices import Device, change, new_box, new_id, problem


def test_info_contains_protocol_limits_and_time(api: httpx.Client) -> None:
    info = api.get("/api/v1/info").json()
    assert (info["name"], info["protocol"]) == ("kaeru", {"min": 1, "max": 1})
    assert (info["limits"]["box_bytes"], info["limits"]["changes"]) == (65_536, 500)
    assert info["time"].endswith("Z")
    assert abs((datetime.fromisoformat(info["time"]) - datetime.now(UTC)).total_seconds()) < 60


def test_a_change_reaches_the_other_devices(device: Device) -> None:
    other = device.another()
    record, box = new_id(), new_box()
    pushed = device.sync(change(record, 0, box))
    assert pushed == {
        "cursor": 1,
        "changes": [],
        "accepted": [{"id": record, "rev": 1}],
        "conflicts": [],
        "more": False,
    }
    assert other.sync()["changes"] == [{"id": record, "rev": 1, "box": box}]
    # Neither device receives it again.
    assert other.sync()["changes"] == device.sync()["changes"] == []


def test_a_box_is_returned_byte_for_byte(device: Device) -> None:
    boxes = [new_box(size) for size in (1, 2, 3, 28, 65_536)]
    records = [change(new_id(), 0, box) for box in boxes]
    device.sync(*records)
    assert [each["box"] for each in device.another().sync()["changes"]] == boxes


@pytest.mark.parametrize("record", ["settings", "sample-1", "a", "0" * 64])
def test_clients_choose_record_ids(device: Device, record: str) -> None:
    assert device.sync(change(record))["accepted"] == [{"id": record, "rev": 1}]


def test_a_change_based_on_an_older_revision_conflicts_with_the_current_one(device: Device) -> None:
    other = device.another()
    record, theirs, merged = new_id(), new_box(), new_box()
    device.sync(change(record))
    other.sync()
    other.sync(change(record, 1, theirs))
    answer = device.sync(change(record, 1))
    assert answer["accepted"] == []
    assert answer["conflicts"] == [{"id": record, "rev": 2, "box": theirs}]
    # A conflict is not repeated among the changes.
    assert answer["changes"] == []
    assert device.sync(change(record, 2, merged))["accepted"] == [{"id": record, "rev": 3}]
    assert other.sync()["changes"] == [{"id": record, "rev": 3, "box": merged}]


def test_a_request_can_have_accepted_changes_and_conflicts(device: Device) -> None:
    other = device.another()
    shared, mine, theirs = new_id(), new_id(), new_id()
    device.sync(change(shared))
    other.sync(change(shared, 1), change(theirs), cursor=1)
    answer = device.sync(change(shared, 1), change(mine))
    assert [each["id"] for each in answer["accepted"]] == [mine]
    assert [each["id"] for each in answer["conflicts"]] == [shared]
    assert [each["id"] for each in answer["changes"]] == [theirs]
    assert answer["cursor"] == 4


def test_a_repeated_request_changes_nothing_and_returns_the_own_box(device: Device) -> None:
    sent = [change(new_id()) for _ in range(3)]
    device.send(*sent)  # the response is lost
    answer = device.sync(*sent)
    assert answer["accepted"] == []
    assert {each["id"]: each["box"] for each in answer["conflicts"]} == {
        each["id"]: each["box"] for each in sent
    }
    assert answer["cursor"] == 3
    assert device.another().sync()["cursor"] == 3


def test_many_records_are_paged_in_order_of_revision(device: Device) -> None:
    batches = [[change(new_id()) for _ in range(500)] for _ in range(2)] + [[change(new_id())]]
    for batch in batches:
        device.sync(*batch)
    other = device.another()
    pages = [other.sync() for _ in range(3)]
    assert [(len(page["changes"]), page["more"], page["cursor"]) for page in pages] == [
        (500, True, 500),
        (500, True, 1000),
        (1, False, 1001),
    ]
    handed = [each for page in pages for each in page["changes"]]
    assert [each["rev"] for each in handed] == list(range(1, 1002))
    assert [each["id"] for each in handed] == [each["id"] for batch in batches for each in batch]


def test_a_page_is_limited_by_the_size_of_its_boxes(device: Device) -> None:
    big = [change(new_id(), 0, new_box(60_000)) for _ in range(80)]
    for start in range(0, 80, 40):
        device.sync(*big[start : start + 40])
    other = device.another()
    first = other.sync()
    assert first["more"]
    assert 25 < len(first["changes"]) < 40
    assert len(first["changes"]) + len(other.pull_all()) == 80


def test_a_push_before_a_complete_pull_does_not_skip_records(
    device: Device,
) -> None:
    for _ in range(2):
        device.sync(*[change(new_id()) for _ in range(500)])
    other = device.another()
    record = new_id()
    answer = other.sync(change(record))
    assert answer["accepted"] == [{"id": record, "rev": 1001}]
    assert (answer["cursor"], answer["more"], len(answer["changes"])) == (500, True, 500)
    rest = other.pull_all()
    # Its own change is pulled again: the cursor could not skip it.
    assert len(rest) == 501
    assert rest[record][0] == 1001
    assert other.cursor == 1001


def test_a_record_changed_often_is_pulled_once(device: Device) -> None:
    other = device.another()
    record = new_id()
    for base in range(4):
        device.sync(change(record, base, last := new_box()))
    assert other.sync()["changes"] == [{"id": record, "rev": 4, "box": last}]


@pytest.mark.parametrize("changes", [[], [change("one")]])
def test_a_cursor_from_the_future_is_refused(device: Device, changes: list[dict[str, Any]]) -> None:
    device.sync(change(new_id()))
    assert problem(device.send(*changes, cursor=2)) == (409, "cursor")
    assert len(device.another().pull_all()) == 1


@pytest.mark.parametrize("known", [True, False])
def test_an_unknown_base_is_refused_and_nothing_is_stored(device: Device, known: bool) -> None:
    record = new_id()
    if known:
        device.sync(change(record))
    assert problem(device.send(change(new_id()), change(record, 7))) == (409, "cursor")
    assert len(device.another().pull_all()) == known


def test_after_a_restore_every_device_starts_from_cursor_0(database: dict[str, Any], web: Path) -> None:
    with serving(web, **database) as running:
        first = Device.of_new_account(running.client)
        second = first.another()
        kept = new_id()
        first.sync(change(kept))
        second.sync()
        engine = open_engine(ServerSettings(**database).database, 1)
        with engine.begin() as connection:
            forget_cursors(connection, LEAST_JUMP)
        engine.dispose()
        for device in (first, second):
            assert problem(device.send()) == (409, "cursor")
            assert [each["id"] for each in device.sync(cursor=0)["changes"]] == [kept]
        # The number of a lost revision is never reused.
        assert first.sync(change(new_id()))["accepted"][0]["rev"] > 1_000_000
        assert len(second.sync()["changes"]) == 1


@pytest.mark.parametrize(
    ("settings", "of", "limit"),
    [({"account_megabytes": 1}, "bytes", 1_000_000), ({"account_records": 20}, "records", 20)],
)
def test_a_full_account_accepts_no_growth(
    database: dict[str, Any], web: Path, settings: dict[str, int], of: str, limit: int
) -> None:
    with serving(web, **database, **settings) as running:
        device = Device.of_new_account(running.client)
        full = [change(new_id(), 0, new_box(50_000)) for _ in range(20)]
        device.sync(*full)
        refused = device.send(change(new_id(), 0, new_box(1)))
        assert problem(refused) == (507, "quota")
        told = refused.json()
        assert (told["of"], told["limit"], told["used"]) == (of, limit, limit)
        # Pulling and shrinking still work; then there is space again.
        assert len(device.another().pull_all()) == 20
        smaller = device.sync(change(full[0]["id"], 1, new_box(30)))
        assert smaller["accepted"]
        if of == "bytes":
            assert device.sync(change(new_id(), 0, new_box(1000)))["accepted"]


def test_an_oversized_box_is_reported_and_nothing_is_stored(device: Device) -> None:
    record = new_id()
    refused = device.send(change(new_id()), change(record, 0, new_box(65_537)))
    assert problem(refused) == (413, "too_large")
    assert (refused.json()["id"], refused.json()["limit"]) == (record, 65_536)
    assert problem(device.send(*[change(new_id()) for _ in range(501)])) == (413, "too_large")
    assert problem(device.send(*[change(new_id(), 0, new_box(65_536)) for _ in range(100)])) == (
        413,
        "too_large",
    )
    assert device.another().pull_all() == {}


@pytest.mark.parametrize(("path", "limit"), [("/sync", 8_000_000), ("/account", 16_000)])
def test_a_body_without_a_length_is_read_up_to_the_limit(device: Device, path: str, limit: int) -> None:
    pieces = (b" " * 100_000 for _ in range(200))
    method = "POST" if path == "/sync" else "DELETE"
    headers = {"authorization": f"Bearer {device.token}", "kaeru-protocol": "1"}
    headers["content-type"] = "application/json"
    refused = device.api.request(method, f"/api/v1{path}", content=pieces, headers=headers)
    assert problem(refused) == (413, "too_large")
    assert refused.json()["limit"] == limit


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"[" * 10_000, "body"),
        (b"\xff\xfe", "body"),
        (b'{"cursor": %s, "changes": []}' % (b"9" * 5000), "body"),
        (b'{"changes": []}', "body.cursor"),
        (b'{"cursor": -1, "changes": []}', "body.cursor"),
        (b'{"cursor": 1e3, "changes": []}', "body.cursor"),
        (b'{"cursor": 9007199254740992, "changes": []}', "body.cursor"),
        (b'{"cursor": "0", "changes": []}', "body.cursor"),
        (b'{"cursor": 0, "changes": {}}', "body.changes"),
        (b'{"cursor": 0, "changes": [{"id": "A", "base": 0, "box": "AA"}]}', "body.changes.0.id"),
        (b'{"cursor": 0, "changes": [{"id": "a\\u0000", "base": 0, "box": "AA"}]}', "body.changes.0.id"),
        (b'{"cursor": 0, "changes": [{"id": "a\\n", "base": 0, "box": "AA"}]}', "body.changes.0.id"),
        (b'{"cursor": 0, "changes": [{"id": "", "base": 0, "box": "AA"}]}', "body.changes.0.id"),
        (b'{"cursor": 0, "changes": [{"id": "a", "base": true, "box": "AA"}]}', "body.changes.0.base"),
        (b'{"cursor": 0, "changes": [{"id": "a", "base": 0, "box": "A"}]}', "body.changes.0.box"),
        (b'{"cursor": 0, "changes": [{"id": "a", "base": 0, "box": "A!=="}]}', "body.changes.0.box"),
        (b'{"cursor": 0, "changes": [{"id": "a", "base": 0, "box": "\xe8\x9b\x99"}]}', "body.changes.0.box"),
        (b'{"cursor": 0, "changes": [{"id": "a", "base": 0, "box": ""}]}', "body.changes.0.box"),
        # The standard alphabet, and surplus bits that are not zero.
        (b'{"cursor": 0, "changes": [{"id": "a", "base": 0, "box": "ab+/"}]}', "body.changes.0.box"),
        (b'{"cursor": 0, "changes": [{"id": "a", "base": 0, "box": "AB"}]}', "body.changes.0.box"),
        (b'{"cursor": 0, "changes": [{"id": "a", "base": 0, "box": "AAB"}]}', "body.changes.0.box"),
        (b'{"cursor": 0, "changes": [{"id": "a", "base": 0, "box": null}]}', "body.changes.0.box"),
        (
            b'{"cursor": 0, "changes": [%s, %s]}' % ((b'{"id": "a", "base": 0, "box": "AA"}',) * 2),
            "body.changes",
        ),
    ],
)
def test_a_malformed_body_is_refused_with_the_location(device: Device, body: bytes, where: str) -> None:
    refused = device.request("POST", "/sync", content=body)
    # httpx sends no content type with bytes.
    headers = {"authorization": f"Bearer {device.token}", "kaeru-protocol": "1"}
    headers["content-type"] = "application/json"
    refused = device.api.post("/api/v1/sync", content=body, headers=headers)
    assert problem(refused) == (422, "malformed")
    assert all(each.startswith(where) for each in refused.json()["where"])
    assert device.another().pull_all() == {}


def test_unknown_members_are_ignored(device: Device) -> None:
    body = {"cursor": 0, "changes": [{**change("a"), "new": 1}], "also": "new"}
    assert device.request("POST", "/sync", json=body).status_code == 200


@pytest.mark.parametrize(("version", "answer"), [("2", (426, "protocol")), ("x", (422, "malformed"))])
def test_another_protocol_version_gets_the_supported_ones(
    device: Device, version: str, answer: tuple[int, str]
) -> None:
    headers = {"authorization": f"Bearer {device.token}", "kaeru-protocol": version}
    body = {"cursor": 0, "changes": [change(new_id())]}
    refused = device.api.post("/api/v1/sync", json=body, headers=headers)
    assert problem(refused) == answer
    if answer[0] == 426:
        assert (refused.json()["min"], refused.json()["max"]) == (1, 1)
    assert device.another().pull_all() == {}


def test_responses_are_not_cacheable(device: Device) -> None:
    answers = [device.send(), device.request("GET", "/devices"), device.api.get("/api/v1/info")]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


def test_response_bodies_are_compact(device: Device) -> None:
    answer = device.send(change("a", 0, "AAAA"))
    assert not re.search(rb"[:,] ", answer.content)


def test_conflicts_are_limited_to_a_few_megabytes_per_response(device: Device) -> None:
    """A request of a few kilobytes must not cause a response of tens of megabytes."""
    ids = [new_id() for _ in range(100)]
    for start in range(0, 100, 50):
        device.sync(*[change(each, 0, new_box(65_000)) for each in ids[start : start + 50]])
    left, told = list(ids), []
    while left:
        answer = device.sync(*[change(each, 0, new_box(1)) for each in left])
        assert 0 < len(answer["conflicts"]) <= 4_000_000 // 65_000
        assert not answer["accepted"]
        told += [each["id"] for each in answer["conflicts"]]
        left = [each for each in left if each not in told]
    assert sorted(told) == sorted(ids)
