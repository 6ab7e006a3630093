"""Invalid backup files are rejected with a reason, and nothing is replaced."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.entities import Client
from app.store import queries
from app.store.backup import backup, backup_format
from app.store.backup.backup import BackupError
from app.store.changes import Incoming, RecordState
from app.store.store import Store
from app.sync.merge import merge
from tests.unit.store.support import NOON, STAMP, assert_search_in_step, contents, records, signed


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"{", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"format": NaN}', "not_json"),
        (b"9" * 10_000, "not_json"),
        (b"[]", "not_kaeru"),
        (b"null", "not_kaeru"),
        (b'{"format": "other"}', "not_kaeru"),
        (signed([], version=3), "newer"),
        (signed([], version="1"), "damaged"),
        (signed([], version=True), "damaged"),
        (signed([], version=0), "damaged"),
        (signed([], exported_at="yesterday"), "damaged"),
        (signed([], exported_at="2026-06-10T12:00:00"), "damaged"),
        (signed([], records={}), "damaged"),
        (signed([], sha256="0" * 64), "damaged"),
    ],
)
def test_an_invalid_backup_is_rejected_with_a_code_and_changes_nothing(
    store: Store, data: bytes, code: str
) -> None:
    store.save(Client(name="Ana"))
    before = records(store)
    with pytest.raises(backup.BackupError) as caught:
        backup.restore(store, data)
    assert caught.value.code == code
    assert records(store) == before


@pytest.mark.parametrize("place", [0, 1, -1])
def test_an_error_has_the_number_of_the_damaged_record(store: Store, data: bytes, place: int) -> None:
    packed = json.loads(data)["records"]
    packed[place]["surprise"] = 1
    with pytest.raises(backup.BackupError) as caught:
        backup.restore(store, signed(packed))
    assert caught.value.record == packed.index(packed[place]) + 1


def change(of: str, /, **values: Any) -> Callable[[list[Any]], None]:
    """Damage: set values in the first living record of a kind."""

    def damage(packed: list[Any]) -> None:
        record = next(record for record in packed if record["kind"] == of and "gone" not in record)
        record.update(values)

    return damage


def field(kind: str, name: str, value: Any) -> Callable[[list[Any]], None]:
    def damage(packed: list[Any]) -> None:
        next(record for record in packed if record["kind"] == kind and "gone" not in record)["fields"][
            name
        ] = value

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        field("message", "at", "2026-06-10T12:00:00"),
        field("message", "at", "soon"),
        field("message", "at", None),
        field("message", "at", 17),
        field("message", "replied_at", "9999-12-31T23:59:59+00:00"),
        field("message", "direction", "sideways"),
        field("message", "kind", 3),
        field("message", "needs_reply", 1),
        field("message", "questions", [{"text": "no id"}]),
        field("message", "questions", "text"),
        field("message", "checklists", {"before-reply": "tone"}),
        field("message", "summary", None),
        field("message", "mood", "sunny"),
        field("message", "id", "another"),
        field("client", "name", 3),
        field("client", "channels", [{"kind": "pigeon", "handle": ""}]),
        field("client", "time_zone", "Nowhere/Land"),
        field("client", "standing_call_rule", "FREQ=NOW"),
        field("client", "reply_minutes", 1.5),
        field("client", "reply_minutes", 10**30),
        field("client", "working_hours", {"0": [["9", "18:00"]]}),
        field("job", "status", "forgotten"),
        field("job", "rating", 6),
        field("job", "fee", "5000"),
        field("part", "position", 2**70),
        field("settings", "days_off", [{"first": "2026-01-05", "last": "never", "label": ""}]),
        field("settings", "currency", "yen"),
        change("client", fields=[]),
        change("client", id=""),
        change("client", id=5),
        change("client", id="settings"),
        change("client", kind=None),
        change("client", kind="job"),
        change("client", clocks={"yesterday": "name"}),
        change("client", clocks={"9999999999999-ffff-a": "name"}),  # no timestamp can follow it
        change("client", clocks={STAMP: "no_such_field"}),
        change("client", clocks={STAMP: 3}),
        change("client", gone="2026"),
        change("client", gone=STAMP),
        change("client", extra={"mood": "sunny"}),
        change("client", extra={"mood": ["sunny", "today"]}),
        change("client", surprise=1),
        change("settings", id="other-settings"),
        change("invoice", fields={"total": 3}),
        lambda packed: packed.append(packed[0]),
        lambda packed: packed.append("record"),
        lambda packed: packed.append(None),
    ],
)
def test_one_invalid_value_prevents_the_whole_restore(
    store: Store, data: bytes, damage: Callable[[list[Any]], None]
) -> None:
    store.save(Client(name="Ana"))
    before = records(store)
    packed = json.loads(data)["records"]
    damage(packed)
    with pytest.raises(backup.BackupError) as caught:
        backup.restore(store, signed(packed))
    assert caught.value.code == "damaged"
    assert caught.value.detail
    assert records(store) == before


@settings(max_examples=150)
@given(st.data())
def test_a_truncated_or_modified_file_is_rejected_or_has_the_same_records(
    full: Store, data: bytes, draw: st.DataObject
) -> None:
    place = draw.draw(st.integers(0, len(data) - 1))
    cut = draw.draw(st.booleans())
    wrong = (
        data[:place]
        if cut
        else data[:place] + draw.draw(st.binary(min_size=1, max_size=3)) + data[place + 1 :]
    )
    try:
        summary = backup.inspect(wrong)
    except backup.BackupError:
        return
    # Only parts outside the records can differ unnoticed: whitespace, or the date of the backup.
    assert summary.counts == backup.inspect(data).counts
    assert json.loads(wrong)["records"] == json.loads(data)["records"]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_accepted_backup_is_usable(store: Store, data: bytes, draw: st.DataObject) -> None:
    packed = json.loads(data)["records"]
    record = draw.draw(st.sampled_from([record for record in packed if "fields" in record]))
    name = draw.draw(st.sampled_from(sorted(record["fields"])))
    record["fields"][name] = draw.draw(json_values)
    before = records(store)
    try:
        wrong = signed(packed)
    except (UnicodeEncodeError, ValueError):
        return
    try:
        backup.restore(store, wrong)
    except backup.BackupError:
        assert records(store) == before
        return
    queries.today(store, NOON)
    queries.jobs(store, query="x")
    for client in queries.clients(store):
        queries.timeline(store, client.id)
        queries.unscheduled_calls(store, client, NOON)
    assert_search_in_step(store)
    assert backup.inspect(backup.to_bytes(backup.export(store, NOON)))


def test_a_backup_with_a_message_without_its_client_can_be_restored(store: Store) -> None:
    """A sync session sends records in the order of their last change."""
    at = STAMP
    states = [
        RecordState("m", "message", {"client_id": ["later", at], "summary": ["hello", at]}),
        RecordState("j", "job", {"client_id": ["m", at], "title": ["of a broken client", at]}),
    ]
    store.sync_store.begin("", "device", joining=False)
    incoming = [Incoming(each.id, 1 + number, each) for number, each in enumerate(states)]
    store.sync_store.apply_response((), {}, incoming, 2, merge)
    before = contents(store)
    saved = backup.to_file(backup.export(store, NOON))
    store.wipe()
    backup.restore(store, saved)
    assert contents(store) == before


@pytest.mark.parametrize("limit", ["MOST_RECORDS", "LARGEST_FILE"])
def test_every_saved_backup_is_within_the_limits_for_reading(
    store: Store, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """At the limit, and one below it."""
    store.save(*(Client(id=f"c{number}", name="Ana") for number in range(5)))
    exported = backup.export(store, NOON)
    reached = {"MOST_RECORDS": len(exported["records"]), "LARGEST_FILE": len(backup.to_bytes(exported))}
    monkeypatch.setattr(backup_format, limit, reached[limit])
    backup.restore(store, backup.to_file(exported))
    monkeypatch.setattr(backup_format, limit, reached[limit] - 1)
    for work in (lambda: backup.to_file(exported), lambda: backup.inspect(backup.to_bytes(exported))):
        with pytest.raises(BackupError) as caught:
            work()
        assert caught.value.code == "too_large"


def test_clients_of_old_backups_have_no_party_organisation_or_reading(store: Store) -> None:
    fields = {"created_at": NOON.isoformat(), "name": "株式会社青空", "honorific": "様", "language": "ja"}
    old = {"kind": "client", "id": "c", "fields": fields, "clocks": {STAMP: " ".join(fields)}}
    backup.restore(store, signed([old]))
    client = store.get(Client, "c")
    assert client is not None
    assert (client.name, client.honorific) == ("株式会社青空", "様")
    assert (client.party, client.organisation, client.reading) == ("", "", "")
