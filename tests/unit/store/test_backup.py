"""Backups: restoring one results in the same data."""

from datetime import timedelta

import pytest

from app.domain.entities import Client, Conversation, Job, Message
from app.store import queries
from app.store.backup import backup
from app.store.store import Store
from tests.unit.store.support import (
    NOON,
    STAMP,
    Clock,
    assert_search_in_step,
    contents,
    records,
    signed,
    stored,
)


def test_a_restored_backup_results_in_the_same_data(full: Store, data: bytes, store: Store) -> None:
    store.save(Client(id="other", name="Ana"))
    store.wipe()
    backup.restore(store, data)
    assert records(store) == records(full)
    assert contents(store) == contents(full)
    assert backup.to_bytes(backup.export(store, NOON)) == data
    assert_search_in_step(store)
    assert store.settings().time_zone == "Asia/Tokyo"
    put_back, before = (queries.today(each, NOON).agenda for each in (store, full))
    assert (put_back.items, put_back.snoozed) == (before.items, before.snoozed)
    assert put_back.next_change == before.next_change


def test_fields_unknown_to_an_older_version_are_restored_into_columns(store: Store) -> None:
    fields = {"client_id": "c", "step": 2, "at": NOON.isoformat(), "note": "by telephone"}
    said = {"id": "v", "kind": "conversation", "extra": {name: [fields[name], STAMP] for name in fields}}
    client = {"id": "c", "kind": "client", "fields": {"name": "Ana"}, "clocks": {STAMP: "name"}}
    backup.restore(store, signed([client, said]))
    conversation = store.get(Conversation, "v")
    assert (conversation.client_id, conversation.step, conversation.note) == ("c", 2, "by telephone")
    assert stored(store, "v").clocks == dict.fromkeys(fields, STAMP)
    assert stored(store, "v").extra == {}


def test_a_restore_replaces_all_records_and_marks_all_as_dirty(store: Store, data: bytes) -> None:
    store.save(Client(id="other", name="Ana"))
    heard: list[int] = []
    store.subscribe(lambda: heard.append(store.revision))
    backup.restore(store, data)
    assert heard == [2]
    assert store.get(Client, "other") is None
    assert (stored(store, "inv1").dirty, stored(store, "inv1").rev) == (True, 0)


def test_writes_after_a_restore_are_newer_than_the_backup(data: bytes, store: Store, clock: Clock) -> None:
    clock.now = NOON - timedelta(days=900)  # a device with a wrong clock
    backup.restore(store, data)
    client = store.get(Client, "mine")
    before = stored(store, "mine").clocks["name"]
    client.name = "Zoé"
    store.save(client)
    assert stored(store, "mine").clocks["name"] > before


def test_a_summary_counts_living_records(full: Store, data: bytes) -> None:
    summary = backup.inspect(data)
    assert (summary.version, summary.exported_at) == (2, NOON)
    assert summary.counts["client"] == len(queries.clients(full)) == 6
    assert summary.counts["invoice"] == 1


def test_a_backup_of_the_first_edition_is_restored(store: Store) -> None:
    stamp, later = "1781092800000-0000-elsewhere", "1781092800001-0000-elsewhere"
    packed = [
        {"id": "c", "kind": "client", "fields": {"name": "Ana"}, "clocks": {later: "name"}},
        {"id": "d", "kind": "client", "gone": stamp},
        {"id": "i", "kind": "invention", "extra": {"spin": ["left", stamp]}},
    ]
    data = signed(packed, version=1)
    assert backup.inspect(data).counts == {"client": 1, "invention": 1}
    backup.restore(store, data)
    assert store.get(Client, "c").name == "Ana"
    assert records(store)["client", "d"]["gone"] == stamp


def test_a_restored_record_is_backed_up_with_its_deletion_timestamp(store: Store) -> None:
    store.save(Client(id="c", name="Ana"))
    store.undo(store.delete(store.get(Client, "c")))
    before = records(store)
    assert before["client", "c"]["gone"]
    data = backup.to_bytes(backup.export(store, NOON))
    assert backup.inspect(data).counts == {"client": 1}
    store.wipe()
    backup.restore(store, data)
    assert records(store) == before
    assert store.get(Client, "c").name == "Ana"


def test_an_empty_store_can_be_backed_up_and_restored(store: Store) -> None:
    data = backup.to_bytes(backup.export(store, NOON))
    assert backup.inspect(data).counts == {}
    store.save(Client(name="Ana"))
    backup.restore(store, data)
    assert contents(store) == {}


def test_restoring_keeps_unknown_fields_and_adds_defaults_of_missing_ones(
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


def test_a_restore_on_a_full_disk_changes_nothing(store: Store, data: bytes) -> None:
    from app.store.transactions import StorageError

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
