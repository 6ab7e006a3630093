"""The database file: creation, migration, full disk, damage, locking, newer versions, and kills."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from app.domain.entities import Client, Conversation, Job, Message, Part
from app.store import queries
from app.store.database import integrity_check, open_database
from app.store.migrations.migrate import STEPS, migrate
from app.store.queries import search
from app.store.store import Store
from app.store.transactions import StorageError
from tests.unit.store.support import NOON, Clock, contents, data_pages, open_store, overwrite, records, stored


def pragma(path: Path, name: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_new_file_has_the_columns_of_the_entities(store: Store, path: Path) -> None:
    assert pragma(path, "user_version") == len(STEPS)
    with store.engine.connect() as connection:
        for name, table in SQLModel.metadata.tables.items():
            rows = connection.exec_driver_sql(f'PRAGMA table_info("{name}")').all()
            there = {row[1]: (bool(row[3]), bool(row[5])) for row in rows}
            assert there == {column.name: (not column.nullable, column.primary_key) for column in table.c}


def test_a_commit_is_on_disk_when_it_returns(store: Store) -> None:
    with store.engine.connect() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        ]
    assert settings == ["wal", 2]


def test_exclusive_mode_uses_no_shared_memory_and_locks_out_others(path: Path) -> None:
    store = Store(open_database(path, exclusive=True), Clock())
    store.save(Client(name="Ana"))
    assert not path.with_name("kaeru.db-shm").exists()
    with pytest.raises(StorageError) as caught:
        open_database(path, exclusive=True)
    assert caught.value.reason == "unavailable"
    store.close()
    open_store(path).close()


def test_a_file_of_the_first_version_is_migrated_with_its_data(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in STEPS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        connection.execute(
            """INSERT INTO client VALUES ('c', '2026-01-02 03:04:05.000000', '佐藤', '様', 'ja',
            '[{"kind": "email", "handle": "a@example.jp"}]', '', '{}', NULL, NULL, NULL, '', NULL, 30, NULL,
            1800, NULL, 'JPY', 'must_keep', '', 'active')"""
        )
        connection.commit()
    store = open_store(path)
    client = store.get(Client, "c")
    assert (client.name, client.rate, client.created_at.isoformat()) == (
        "佐藤",
        1800,
        "2026-01-02T03:04:05+00:00",
    )
    assert client.channels == [{"kind": "email", "handle": "a@example.jp"}]
    assert pragma(path, "user_version") == len(STEPS)
    store.close()


def test_fields_and_kinds_of_a_newer_app_are_moved_into_columns_once_known(path: Path) -> None:
    stamp = "1767323045000-0000-aaaa"
    said = {
        "created_at": NOON.isoformat(),
        "client_id": "c",
        "step": 2,
        "at": NOON.isoformat(),
        "outcome": "said",
        "answered_at": None,
        "standing_call_rule": "",
        "standing_call_minutes": None,
        "call_allowance": 1,
        "rate": None,
        "decision": None,
        "note": "by telephone",
        "mood": "calm",
    }
    kept = {
        ("p", "part"): {"reminded_at": [NOON.isoformat()], "invoiced_at": NOON.isoformat(), "mood": "sunny"},
        ("v", "conversation"): said,
        ("w", "conversation"): {"client_id": "c"},  # incomplete
    }
    with closing(sqlite3.connect(path)) as connection:
        for statement in STEPS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        connection.execute(
            "INSERT INTO part VALUES ('p', '2026-01-02 03:04:05.000000', 'j', 0, '', NULL, NULL, NULL, NULL)"
        )
        for (id_, kind), fields in kept.items():
            extra = json.dumps({name: [value, stamp] for name, value in fields.items()})
            connection.execute(
                "INSERT INTO record (id, kind, clocks, dirty, rev, extra) VALUES (?, ?, '{}', 0, 3, ?)",
                (id_, kind, extra),
            )
        connection.commit()
    store = open_store(path)
    part, conversation = store.get(Part, "p"), store.get(Conversation, "v")
    assert (part.invoiced_at, part.reminded_at) == (NOON, [NOON.isoformat()])
    assert (conversation.step, conversation.at, conversation.call_allowance) == (2, NOON, 1)
    assert stored(store, "p").clocks == {"reminded_at": stamp, "invoiced_at": stamp}
    assert stored(store, "p").extra == {"mood": ["sunny", stamp]}
    assert stored(store, "v").extra == {"mood": ["calm", stamp]}
    assert stored(store, "w").extra == {"client_id": ["c", stamp]}
    assert [hit.id for hit in search(store, "telephone")] == ["v"]
    store.close()


def test_reminder_settings_of_a_newer_app_are_moved_into_columns_once_known(path: Path) -> None:
    stamp = "1781092800000-0000-elsewhere"
    columns = "id, created_at, name, language, currency, time_zone, working_hours, days_off, quiet_hours"
    columns += ", reply_minutes, reply_basis, buffer_percent, buffer_days, call_allowance, follow_up_days"
    columns += ", reminder_minutes, theme, introduced"
    with closing(sqlite3.connect(path)) as connection:
        for statement in STEPS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        connection.execute(
            f"""INSERT INTO settings ({columns}) VALUES ('settings', '2026-01-02 03:04:05.000000', '', 'en',
            'EUR', 'UTC', '{{}}', '[]', '[]', 1440, 'clock', 20, 1, 2, 3, '[60]', 'system', 1)"""
        )
        extra = json.dumps({"ring_calls": [False, stamp], "holiday_country": ["JP", stamp]})
        connection.execute(
            "INSERT INTO record (id, kind, clocks, dirty, rev, extra) VALUES (?, ?, '{}', 0, 3, ?)",
            ("settings", "settings", extra),
        )
        connection.commit()
    store = open_store(path)
    assert (store.settings().ring_calls, store.settings().ring_replies) == (False, True)
    assert (store.settings().holiday_country, store.settings().worked_holidays) == ("JP", [])
    assert stored(store, "settings").clocks == {"ring_calls": stamp, "holiday_country": stamp}
    store.close()


def file_of_the_first_edition(path: Path, *statements: str) -> None:
    """Create a file with the four steps of the first edition."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 0")
    engine = create_engine(f"sqlite:///{path}")
    migrate(engine, STEPS[:4])
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


RECORD = "INSERT INTO record (id, kind, clocks, gone, dirty, rev, extra) VALUES "


def test_records_of_the_first_edition_stay_living_or_deleted(path: Path) -> None:
    stamp = "1781092800000-0000-elsewhere"
    file_of_the_first_edition(
        path,
        f"""{RECORD} ('i', 'invention', '{{}}', NULL, 0, 7, '{{"spin": ["left", "{stamp}"]}}'),
        ('c', 'client', '{{}}', '{stamp}', 0, 8, '{{}}')""",
        "INSERT INTO sync_state VALUES (1, '', 'device', 8, NULL)",
    )
    store = open_store(path)
    assert queries.counts(store) == {"invention": 1}
    assert (store.sync_store.state().cursor, stored(store, "i").rev, stored(store, "i").dirty) == (
        8,
        7,
        False,
    )
    assert records(store)["client", "c"]["gone"] == stamp
    store.close()


def test_a_cursor_or_revision_beyond_the_limit_is_reset(path: Path) -> None:
    file_of_the_first_edition(
        path,
        f"{RECORD} ('c', 'client', '{{}}', 'x', 0, 7, '{{}}')",
        f"{RECORD} ('d', 'client', '{{}}', 'x', 0, {2**60}, '{{}}')",
        f"INSERT INTO sync_state VALUES (1, '', 'device', {2**60}, NULL)",
    )
    store = open_store(path)
    assert store.sync_store.state().cursor == 0
    assert [(stored(store, id_).rev, stored(store, id_).dirty) for id_ in "cd"] == [(0, True)] * 2
    store.close()


LIMIT = "ALTER TABLE settings ADD COLUMN unpaid_limit INTEGER"


def test_a_proposed_call_of_a_newer_version_is_migrated_and_other_fields_stay(path: Path) -> None:
    stamp = "1781092800000-0000-elsewhere"
    before = next(number for number, step in enumerate(STEPS) if LIMIT in step)
    engine = create_engine(f"sqlite:///{path}")
    migrate(engine, STEPS[:before])
    with engine.begin() as connection:
        connection.exec_driver_sql(
            """INSERT INTO conversation VALUES ('v', '2026-01-02 03:04:05.000000', 'c', 1,
            '2026-01-02 03:04:05.000000', 'agreed', NULL, 'FREQ=WEEKLY;BYDAY=FR', 30, 2, NULL, NULL, '')"""
        )
        extra = json.dumps({"standing_call_start": [NOON.isoformat(), stamp]})
        connection.exec_driver_sql(f"{RECORD} ('v', 'conversation', '{{}}', NULL, 0, 3, ?)", (extra,))
    engine.dispose()
    store = open_store(path)
    talk = store.get(Conversation, "v")
    assert (talk.standing_call_rule, talk.standing_call_minutes) == ("FREQ=WEEKLY;BYDAY=FR", 30)
    assert talk.standing_call_start == NOON
    assert stored(store, "v").clocks == {"standing_call_start": stamp}
    assert store.settings().unpaid_limit is None
    store.close()


UNIT_PRICE = "ALTER TABLE job ADD COLUMN unit_price INTEGER"


def test_prices_of_a_newer_version_are_migrated_and_old_jobs_keep_their_fee(path: Path) -> None:
    stamp = "1781092800000-0000-elsewhere"
    before = next(number for number, step in enumerate(STEPS) if UNIT_PRICE in step)
    engine = create_engine(f"sqlite:///{path}")
    migrate(engine, STEPS[:before])
    columns = "id, created_at, client_id, title, platform, status, started_at, fee, currency, basis"
    columns += ", spent_minutes, rating_comment, notes, questions, checklists"
    at = "2026-01-02 03:04:05.000000"
    with engine.begin() as connection:
        for id_, fee in (("old", "1"), ("new", "NULL")):
            connection.exec_driver_sql(
                f"""INSERT INTO job ({columns}) VALUES ('{id_}', '{at}', 'c', '', '', 'in_progress', '{at}',
                {fee}, 'JPY', 'per_character', 0, '', '', '[]', '{{}}')"""
            )
        values = {"unit_price": 1200, "quantity": 3_000_000, "platform_fee": 1650, "withholding": True}
        extra = json.dumps({name: [value, stamp] for name, value in values.items()})
        connection.exec_driver_sql(f"{RECORD} ('new', 'job', '{{}}', NULL, 0, 3, ?)", (extra,))
        connection.exec_driver_sql(f"{RECORD} ('old', 'job', '{{}}', NULL, 0, 2, '{{}}')")
    engine.dispose()
    store = open_store(path)
    old, new = store.get(Job, "old"), store.get(Job, "new")
    assert (old.fee, old.unit_price, old.quantity, old.platform_fee, old.withholding) == (
        1, None, None, None, False,
    )  # fmt: skip
    assert {name: getattr(new, name) for name in values} == values
    assert stored(store, "new").clocks == dict.fromkeys(values, stamp)
    store.close()


def test_a_failed_migration_step_changes_nothing(store: Store) -> None:
    store.save(Client(id="c", name="Ana"))
    broken = (*STEPS, ("CREATE TABLE half (done INTEGER)", "ALTER TABLE nowhere ADD COLUMN x"))
    with pytest.raises(Exception, match="nowhere"):
        migrate(store.engine, broken)
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA user_version").scalar() == len(STEPS)
        assert "half" not in connection.exec_driver_sql("SELECT name FROM sqlite_schema").scalars().all()
    migrate(store.engine, (*STEPS, ("CREATE TABLE whole (done INTEGER)",)))
    assert store.get(Client, "c").name == "Ana"


def test_a_file_of_a_newer_app_is_not_modified(path: Path) -> None:
    open_store(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")
    before = path.read_bytes()
    with pytest.raises(StorageError) as caught:
        open_database(path)
    assert caught.value.reason == "newer"
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "no/such/folder/kaeru.db"])
def test_an_unopenable_file_is_unavailable(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError) as caught:
        open_database(tmp_path / name)
    assert caught.value.reason == "unavailable"


def test_a_file_of_another_format_is_corrupt(path: Path) -> None:
    path.write_bytes(b"GIF89a" + bytes(4096))
    with pytest.raises(StorageError) as caught:
        open_database(path)
    assert caught.value.reason == "corrupt"


def test_damage_is_detected_when_the_file_is_opened(store: Store, path: Path) -> None:
    integrity_check(store.engine)
    store.save(*(Message(client_id="c", at=NOON, body="x" * 200) for _ in range(500)))
    store.close()
    for page in data_pages(path):
        overwrite(path, page)
    with pytest.raises(StorageError) as caught:
        open_store(path)
    assert caught.value.reason == "corrupt"


def test_damage_to_an_open_file_is_detected_by_queries_and_the_check(path: Path) -> None:
    store = open_store(path)
    store.save(*(Message(client_id="c", at=NOON, body="x" * 200) for _ in range(500)))
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("PRAGMA shrink_memory")
    for page in data_pages(path):
        overwrite(path, page)
    for ask in (lambda: queries.open_messages(store), lambda: integrity_check(store.engine)):
        with pytest.raises(StorageError) as caught:
            ask()
        assert caught.value.reason == "corrupt"
    store.close()


def test_a_write_to_a_full_disk_fails_and_changes_nothing(store: Store) -> None:
    client = Client(id="c", name="Ana", notes="as saved")
    store.save(client)
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 8}")
    saved = 0
    try:
        while saved < 1000:
            store.save(Message(id=f"m{saved}", client_id="c", body="納期" * 500))
            saved += 1
    except StorageError as error:
        assert error.reason == "full"  # noqa: PT017 - which write fails is not known
    assert len(contents(store)) == 1 + saved < 1000
    revision = store.revision

    client.notes = "x" * 40_000
    with pytest.raises(StorageError):
        store.save(client, Client(id="d", name="Tom"))
    assert client.notes == "x" * 40_000  # the user's input is kept after a failed write
    assert store.get(Client, "c").notes == "as saved"
    assert store.get(Client, "d") is None
    assert store.revision == revision

    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    store.save(client)
    assert store.get(Client, "c").notes == client.notes
    integrity_check(store.engine)


WRITER = """
import sys
from pathlib import Path
from app.domain.entities import Client, utc_now
from app.store.database import open_database
from app.store.store import Store
store = Store(open_database(Path(sys.argv[1]), exclusive=True), utc_now)
for number in range(100_000):
    store.save(Client(id=f"c{number}", name=f"Client {number}"))
    print(number, flush=True)
"""


def test_a_killed_process_loses_no_committed_write(path: Path) -> None:
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        told = [int(process.stdout.readline()) for _ in range(25)]
        os.kill(process.pid, signal.SIGKILL)
        told += [int(line) for line in process.stdout if line.endswith("\n")]
        process.wait()
        process.stdout.close()
        store = open_store(path)
        assert {f"c{number}" for number in told} <= {client.id for client in queries.clients(store)}
        integrity_check(store.engine)
        store.close()


def test_old_clients_are_unchanged_and_newer_fields_are_moved_into_columns(
    path: Path,
) -> None:
    """`party` stays empty for old clients; channels of newly known kinds become visible."""
    stamp = "1781092800000-0000-elsewhere"
    before = next(
        number for number, step in enumerate(STEPS) if any("ADD COLUMN party" in str(part) for part in step)
    )
    engine = create_engine(f"sqlite:///{path}")
    migrate(engine, STEPS[:before])
    made = "'2026-01-02 03:04:05.000000'"
    columns = (
        "id, created_at, name, honorific, language, channels, time_zone, working_hours, standing_call_rule,"
        " standing_call_minutes, currency, stance, notes, status"
    )
    with engine.begin() as connection:
        for id_, name in (("old", "株式会社青空"), ("new", "佐藤"), ("newer", "Bo")):
            values = f"'{id_}', {made}, '{name}', '様', 'ja', '[]', '', '{{}}', '', 30, '', 'could_lose', ''"
            connection.exec_driver_sql(f"INSERT INTO client ({columns}) VALUES ({values}, 'active')")
        kept = {
            "new": {
                "organisation": "株式会社青空",
                "party": "person",
                "reading": "さとう",
                "channels": [{"kind": "whatsapp", "handle": "+81901234567"}],
            },
            "newer": {"party": "robot", "channels": [{"kind": "telepathy", "handle": "x"}]},
        }
        for id_, fields in kept.items():
            extra = json.dumps({name: [value, stamp] for name, value in fields.items()})
            connection.exec_driver_sql(f"{RECORD} ('{id_}', 'client', '{{}}', NULL, 0, 3, ?)", (extra,))
    engine.dispose()
    store = open_store(path)
    old, new, newer = (store.get(Client, id_) for id_ in ("old", "new", "newer"))
    assert (old.name, old.honorific, old.party, old.organisation, old.reading) == (
        "株式会社青空", "様", "", "", "",
    )  # fmt: skip
    assert (new.name, new.party, new.organisation, new.reading) == (
        "佐藤",
        "person",
        "株式会社青空",
        "さとう",
    )
    assert new.channels == [{"kind": "whatsapp", "handle": "+81901234567"}]
    assert set(stored(store, "new").clocks) == {"organisation", "party", "reading", "channels"}
    assert (newer.party, newer.channels) == ("", [])
    assert set(stored(store, "newer").extra) == {"party", "channels"}
    assert [hit.id for hit in search(store, "サトウ")] == ["new"]
    store.close()
