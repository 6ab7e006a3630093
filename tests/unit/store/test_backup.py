import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.entities import Client, Conversation, Job, Message
from app.store import backup, queries, sample
from app.store.backup_format import _digest
from app.store.clock import HybridClock
from app.store.store import Store
from tests.unit.store.support import NOON, Clock, assert_search_in_step, contents, open_store, records, stored

STAMP = HybridClock(Clock(), "ffffffff").tick()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with something of everything: sample data, tombstones, settings, what a newer app wrote."""
    store = open_store(tmp_path_factory.mktemp("backup") / "kaeru.db")
    sample.load_sample(store, "ja", NOON)
    store.save(Client(id="gone", name="Tom"), Client(id="mine", name='Zoë \U0001f438 "quoted"\n', notes="\0"))
    store.delete(store.get(Client, "gone"))
    chosen = store.settings()
    chosen.name, chosen.time_zone = "Hana", "Asia/Tokyo"
    store.save(chosen)
    with store.engine.connect() as connection:
        extra = json.dumps({"mood": ["sunny", STAMP]})
        connection.exec_driver_sql("UPDATE record SET extra = ? WHERE id = 'mine'", (extra,))
        connection.exec_driver_sql(
            "INSERT INTO record VALUES ('inv1', 'invoice', '{}', NULL, 0, 3, ?)",
            (json.dumps({"total": [12, STAMP]}),),
        )
    return store


@pytest.fixture(scope="module")
def data(full: Store) -> bytes:
    return backup.to_bytes(backup.export(full, NOON))


def signed(packed: list[Any], **head: Any) -> bytes:
    """A backup file with the right checksum, whatever is in it."""
    whole = {"format": backup.FORMAT, "version": backup.VERSION, "exported_at": NOON.isoformat()}
    return json.dumps(whole | {"sha256": _digest(packed), "records": packed} | head).encode()


def test_a_backup_put_back_is_the_same_data(full: Store, data: bytes, store: Store) -> None:
    store.save(Client(id="other", name="Ana"))
    store.wipe()
    backup.restore(store, data)
    assert records(store) == records(full)
    assert contents(store) == contents(full)
    assert backup.to_bytes(backup.export(store, NOON)) == data
    assert_search_in_step(store)
    assert store.settings().time_zone == "Asia/Tokyo"
    assert queries.today(store, NOON).agenda == queries.today(full, NOON).agenda


def test_what_an_older_version_kept_unread_is_read_by_this_one(store: Store) -> None:
    fields = {"client_id": "c", "step": 2, "at": NOON.isoformat(), "note": "by telephone"}
    said = {"id": "v", "kind": "conversation", "extra": {name: [fields[name], STAMP] for name in fields}}
    client = {"id": "c", "kind": "client", "fields": {"name": "Ana"}, "clocks": {STAMP: "name"}}
    backup.restore(store, signed([client, said]))
    conversation = store.get(Conversation, "v")
    assert (conversation.client_id, conversation.step, conversation.note) == ("c", 2, "by telephone")
    assert stored(store, "v").clocks == dict.fromkeys(fields, STAMP)
    assert stored(store, "v").extra == {}


def test_a_restore_replaces_what_was_there_and_is_offered_to_the_server_whole(
    store: Store, data: bytes
) -> None:
    store.save(Client(id="other", name="Ana"))
    heard: list[int] = []
    store.subscribe(lambda: heard.append(store.revision))
    backup.restore(store, data)
    assert heard == [2]
    assert store.get(Client, "other") is None
    assert (stored(store, "inv1").dirty, stored(store, "inv1").rev) == (True, 0)


def test_what_is_written_after_a_restore_is_newer_than_the_backup(
    data: bytes, store: Store, clock: Clock
) -> None:
    clock.now = NOON - timedelta(days=900)  # a device with a wrong clock
    backup.restore(store, data)
    client = store.get(Client, "mine")
    before = stored(store, "mine").clocks["name"]
    client.name = "Zoé"
    store.save(client)
    assert stored(store, "mine").clocks["name"] > before


def test_a_summary_counts_what_is_alive(full: Store, data: bytes) -> None:
    summary = backup.inspect(data)
    assert (summary.version, summary.exported_at) == (1, NOON)
    assert summary.counts["client"] == len(queries.clients(full)) == 5
    assert summary.counts["invoice"] == 1


def test_an_empty_store_can_be_backed_up_and_restored(store: Store) -> None:
    data = backup.to_bytes(backup.export(store, NOON))
    assert backup.inspect(data).counts == {}
    store.save(Client(name="Ana"))
    backup.restore(store, data)
    assert contents(store) == {}


def test_fields_a_newer_version_added_are_kept_and_those_this_one_added_get_their_default(
    store: Store,
) -> None:
    record = {
        "id": "c",
        "kind": "client",
        "fields": {"name": "Ana", "mood": "sunny"},
        "clocks": {STAMP: "mood name"},
    }
    backup.restore(store, signed([record]))
    assert store.get(Client, "c").standing_call_minutes == 30
    assert stored(store, "c").extra == {"mood": ["sunny", STAMP]}
    assert stored(store, "c").clocks == {"name": STAMP}


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
        (signed([], version=2), "newer"),
        (signed([], version="1"), "damaged"),
        (signed([], version=True), "damaged"),
        (signed([], version=0), "damaged"),
        (signed([], exported_at="yesterday"), "damaged"),
        (signed([], exported_at="2026-06-10T12:00:00"), "damaged"),
        (signed([], records={}), "damaged"),
        (signed([], sha256="0" * 64), "damaged"),
    ],
)
def test_what_is_no_sound_backup_says_why_and_changes_nothing(store: Store, data: bytes, code: str) -> None:
    store.save(Client(name="Ana"))
    before = records(store)
    with pytest.raises(backup.BackupError) as caught:
        backup.restore(store, data)
    assert caught.value.code == code
    assert records(store) == before


def change(of: str, /, **values: Any) -> Callable[[list[Any]], None]:
    """Damage: put values into the first living record of a kind."""

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
        field("message", "client_id", "nobody"),
        field("message", "client_id", "sample-job-beauty"),
        field("message", "job_id", "sample-client-sato"),
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
        change("client", clocks={"9999999999999-ffff-a": "name"}),  # none could follow it
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
        lambda packed: packed.remove(
            next(record for record in packed if record["id"] == "sample-client-sato")
        ),
    ],
)
def test_one_wrong_value_anywhere_and_nothing_is_replaced(
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
def test_a_file_cut_off_or_with_a_wrong_byte_is_refused_or_still_says_the_same(
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
    # Only what surrounds the records can differ unnoticed: spaces between them, or the date of the backup.
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
def test_what_is_accepted_can_be_used(store: Store, data: bytes, draw: st.DataObject) -> None:
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
        queries.client_summary(store, client.id, NOON)
    assert_search_in_step(store)
    assert backup.inspect(backup.to_bytes(backup.export(store, NOON)))


def test_a_restore_that_runs_out_of_room_leaves_everything_as_it_was(store: Store, data: bytes) -> None:
    from app.store.database import StorageError

    store.save(Client(id="c", name="Ana"), Message(client_id="c"), Job(client_id="c"))
    before = records(store)
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError) as caught:
        backup.restore(store, data)
    assert caught.value.reason == "full"
    assert records(store) == before
    assert_search_in_step(store)
