"""Readable data of a damaged file can be saved and restored."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.entities import Client, Job, Message, Part
from app.store import queries, sample
from app.store.backup import backup
from app.store.records import Key
from app.store.store import Store
from app.store.transactions import StorageError
from tests.unit.store.support import NOON, contents, data_pages, is_living, open_store, overwrite, records

MESSAGES = 300


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, dict[Key, dict]]:
    """The bytes of an undamaged file, and its records."""
    path = tmp_path_factory.mktemp("salvage") / "kaeru.db"
    store = open_store(path)
    sample.load_sample(store, "fr", NOON)
    clients = [Client(id=f"c{number}", name=f"Client {number}") for number in range(20)]
    messages = [
        Message(id=f"m{number:03}", client_id=f"c{number % 20}", body="納期について " * 20, at=NOON)
        for number in range(MESSAGES)
    ]
    store.save(*clients, *messages)
    store.delete(clients[0])
    kept = records(store)
    store.close()
    return path.read_bytes(), kept


def damaged(folder: Path, data: bytes) -> Path:
    path = folder / "damaged.db"
    path.write_bytes(data)
    return path


def salvaged(path: Path) -> dict[Key, dict]:
    data = backup.salvage(path)
    backup.inspect(data)
    return {Key(record["kind"], record["id"]): record for record in json.loads(data)["records"]}


def test_an_undamaged_file_is_salvaged_completely(tmp_path: Path, whole: tuple[bytes, dict]) -> None:
    assert salvaged(damaged(tmp_path, whole[0])) == whole[1]


def test_a_damaged_page_loses_only_its_own_rows(tmp_path: Path, whole: tuple[bytes, dict]) -> None:
    data, kept = whole
    living = {key for key, record in kept.items() if is_living(record)}
    pages = data_pages(damaged(tmp_path, data))
    worst = []
    for page in pages[::6]:
        path = damaged(tmp_path, data)
        overwrite(path, page)
        found = salvaged(path)
        for key in found.keys() & living:
            assert found[key].get("fields") == kept[key]["fields"] or is_placeholder(found[key])
        worst.append(len(living - found.keys()))
    assert max(worst) < 30


def is_placeholder(record: dict) -> bool:
    fields = record.get("fields", {})
    return str(fields.get("name", fields.get("title", ""))).startswith("? ")


@settings(max_examples=20)
@given(st.data())
def test_a_salvaged_backup_can_be_restored_after_any_damage(
    whole: tuple[bytes, dict], tmp_path_factory: pytest.TempPathFactory, draw: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("any")
    path = damaged(folder, whole[0])
    pages = len(whole[0]) // 4096
    for page in draw.draw(st.lists(st.integers(1, pages - 1), min_size=1, max_size=15)):
        overwrite(path, page, draw.draw(st.binary(min_size=1, max_size=1)))
    try:
        data = backup.salvage(path)
    except StorageError as error:
        assert error.reason == "corrupt"  # noqa: PT017 - some damage affects the schema table itself
        return
    store = open_store(folder / "new.db")
    backup.restore(store, data)
    queries.today(store, NOON)
    store.close()


def test_a_truncated_file_is_salvaged_up_to_its_end(tmp_path: Path, whole: tuple[bytes, dict]) -> None:
    data, _ = whole
    found = salvaged(damaged(tmp_path, data[: len(data) * 2 // 3 // 4096 * 4096]))
    assert len(found) > MESSAGES // 3


def test_an_unusable_field_loses_only_that_field(store: Store, path: Path) -> None:
    store.save(
        Client(id="c", name="Ana"), Message(id="m", client_id="c", summary="hello", body="there", at=NOON)
    )
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "UPDATE message SET questions = '[{', at = 'noon', direction = 'sideways', body = x'ff'"
        )
        connection.commit()
    found = salvaged(path)
    fields = found[Key("message", "m")]["fields"]
    assert (fields["summary"], fields["client_id"], fields["body"]) == ("hello", "c", "")
    assert (fields["questions"], fields["direction"]) == ([], "in")


def test_missing_parents_are_replaced_by_placeholders(store: Store, path: Path) -> None:
    store.save(
        Client(id="1234", name="Ana"),
        Job(id="5678", client_id="1234"),
        Part(id="p", job_id="5678"),
        Message(id="m", client_id="1234", job_id="5678"),
    )
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM client")
        connection.execute("DELETE FROM job")
        connection.commit()
    data = backup.salvage(path)
    again = open_store(path)
    backup.restore(again, data)
    assert again.get(Client, "1234").name == "? 1234"
    assert again.get(Job, "5678").title == "? 5678"
    assert set(contents(again)) >= {("part", "p"), ("message", "m")}
    again.close()


def test_a_file_without_a_schema_cannot_be_salvaged(tmp_path: Path) -> None:
    path = tmp_path / "kaeru.db"
    path.write_bytes(b"\xa5" * 8192)
    with pytest.raises(StorageError) as caught:
        backup.salvage(path)
    assert caught.value.reason == "corrupt"


def test_changes_still_in_the_write_ahead_log_are_salvaged(tmp_path: Path, store: Store, path: Path) -> None:
    store.save(Client(id="c", name="Ana"))
    for name in ("kaeru.db", "kaeru.db-wal"):
        (tmp_path / f"copy-{name}").write_bytes(path.with_name(name).read_bytes())
    assert Key("client", "c") in salvaged(tmp_path / "copy-kaeru.db")
