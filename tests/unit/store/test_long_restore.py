"""Large backups: restored in steps, unchanged data until the last one, early rejection."""

import json
from typing import Any

import pytest

from app.domain.entities import Client, Job
from app.domain.errors import DomainError
from app.steps import Progress, Steps, finish
from app.store import queries
from app.store.backup import backup, backup_format
from app.store.backup.json_reader import JsonReader
from app.store.store import Store
from app.store.transactions import StorageError
from tests.unit.store.support import NOON, STAMP, assert_search_in_step, records, signed

MANY = 601  # more than one step of each kind


def clients(count: int = MANY, **head: Any) -> bytes:
    return signed(
        [
            {"id": f"c{n}", "kind": "client", "fields": {"name": f"Ana {n}"}, "clocks": {STAMP: "name"}}
            for n in range(count)
        ],
        **head,
    )


def walked(steps: Steps[Any]) -> list[Progress]:
    return list(steps)


@pytest.fixture(params=["alone", "syncing"])
def lived_in(request: pytest.FixtureRequest, store: Store) -> Store:
    """A store with many records, on a device that syncs or does not."""
    store.save(*(Client(id=f"old{n}", name=f"Old {n}") for n in range(MANY)))
    if request.param == "syncing":
        store.sync_store.begin("https://kaeru.example", "device", joining=False)
    return store


def test_progress_increases_from_0_to_1_in_many_steps(lived_in: Store) -> None:
    checking = walked(backup.check(clients()))
    restoring = walked(backup.restore_checked(lived_in, finish(backup.check(clients()))))
    for steps in (checking, restoring):
        shares = [step.share or 0 for step in steps]
        assert shares == sorted(shares)
        assert (shares[0] < 0.25, shares[-1]) == (True, 1)
    assert len(checking) >= 2 * MANY
    assert len(restoring) >= MANY / 100
    assert_search_in_step(lived_in)
    assert len(queries.clients(lived_in)) == MANY


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_cancelled_restore_changes_nothing(lived_in: Store, share: float) -> None:
    far = "2500000000000-0000-ffffffff"  # a backup of a device whose clock was decades ahead
    late = {"id": "late", "kind": "client", "fields": {"name": "Zoé"}, "clocks": {far: "name"}}
    checked = finish(backup.check(signed([late, *json.loads(clients())["records"]])))
    before, revision, clock = records(lived_in), lived_in.revision, lived_in.sync_store.stamp
    steps = backup.restore_checked(lived_in, checked)
    while (next(steps).share or 0) < share:
        pass
    steps.close()
    assert (records(lived_in), lived_in.revision, lived_in.sync_store.stamp) == (before, revision, clock)
    assert_search_in_step(lived_in)
    finish(backup.restore_checked(lived_in, checked))
    assert len(queries.clients(lived_in)) == MANY + 1


def test_the_store_is_locked_during_a_restore(lived_in: Store) -> None:
    steps = backup.restore_checked(lived_in, finish(backup.check(clients())))
    next(steps)
    for attempt in (
        lambda: queries.clients(lived_in),
        lambda: lived_in.save(Client(name="Bob")),
        lived_in.sync_store.state,
        lambda: finish(lived_in.save_all([Client(name="Bob")])),
    ):
        with pytest.raises(StorageError) as caught:
            attempt()
        assert caught.value.reason == "unavailable"
    finish(steps)
    assert len(queries.clients(lived_in)) == MANY


def test_the_layout_of_a_file_does_not_matter() -> None:
    data = clients(300)
    pretty = json.dumps(json.loads(data), indent=8).encode()
    reordered = json.dumps(dict(reversed(json.loads(data).items()))).encode()  # the records come first
    for layout in (data, pretty, b"\xef\xbb\xbf" + pretty, reordered):
        assert backup.inspect(layout).counts == {"client": 300}


def test_a_file_too_large_is_rejected_before_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    data = clients()
    monkeypatch.setattr(backup_format, "LARGEST_FILE", len(data) - 1)
    with pytest.raises(backup.BackupError) as caught:
        next(backup.check(data))
    assert caught.value.code == "too_large"


def test_too_many_records_are_rejected_before_checking_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_format, "MOST_RECORDS", MANY - 1)
    with pytest.raises(backup.BackupError) as caught:
        backup.inspect(clients())
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize(
    "before", [b"", b'{"format":"kaeru-backup","x":', b'{"records":[', b'{"x":"[[[[","y":']
)
def test_deep_nesting_is_rejected_before_decoding(opening: bytes, before: bytes) -> None:
    for closed in (False, True):
        closing = b"".join({91: b"]", 123: b"}"}[byte] for byte in reversed(opening) if byte in b"[{")
        data = before + opening * 100_000 + b"1" + (closing * 100_000 if closed else b"")
        with pytest.raises(backup.BackupError) as caught:
            backup.inspect(data)
        assert caught.value.code == "not_json"
        assert "nested" in caught.value.detail


def test_brackets_in_strings_do_not_count_as_nesting() -> None:
    name = '[{"' * 5_000 + "\\" * 3
    record = {"id": "c", "kind": "client", "fields": {"name": name}, "clocks": {STAMP: "name"}}
    assert backup.inspect(signed([record])).counts == {"client": 1}


@pytest.mark.parametrize("data", [b'{"x":"' + b"y" * (1 << 24) + b"z" * 10 + b'"}', b'["' + b"y" * (1 << 25)])
def test_a_huge_value_is_rejected_early(data: bytes) -> None:
    with pytest.raises(backup.BackupError) as caught:
        backup.inspect(data)
    assert caught.value.code == "not_kaeru"


def test_a_number_across_the_end_of_the_window_is_read_completely() -> None:
    reader = JsonReader(b" " * ((1 << 18) - 3) + b"12345 ")
    assert reader.value() == 12345
    assert reader.peek() == ""


# --- adding many at once -----------------------------------------------------------------------------------


def test_saving_many_records_is_one_undoable_change(store: Store) -> None:
    client = Client(id="c", name="Ana")
    jobs = [Job(client_id="c", title=f"Job {n}", started_at=NOON) for n in range(MANY)]
    change = finish(store.save_all([client, *jobs]))
    assert len(queries.jobs_of(store, "c")) == MANY
    assert_search_in_step(store)
    store.undo(change)
    assert queries.clients(store) == []


def test_cancelling_a_save_of_many_records_saves_none(store: Store) -> None:
    store.save(Client(id="c", name="Ana"))
    before = records(store)
    steps = store.save_all([Job(client_id="c", title=f"Job {n}", started_at=NOON) for n in range(MANY)])
    while (next(steps).share or 0) < 0.9:
        pass
    steps.close()
    assert records(store) == before
    with pytest.raises(DomainError, match="status"):
        finish(store.save_all([Job(client_id="c", status="lost for ever", started_at=NOON)]))
