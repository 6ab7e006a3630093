"""The store writes rows, field clocks and dirty flags consistently."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.domain.column_types import Question
from app.domain.entities import Client, Job, Message, Settings
from app.domain.errors import DomainError
from app.store import queries
from app.store.store import Store
from tests.unit.store.support import NOON, STAMP, Clock, contents, family, open_store, records, stored


def test_a_saved_record_is_read_back_unchanged(store: Store) -> None:
    question = Question(id="q", text="色は？", asked_at=None, answered_at=None)
    client = Client(name="佐藤", channels=[{"kind": "email", "handle": "a@example.jp"}], reply_minutes=None)
    message = Message(
        client_id=client.id, at=NOON, questions=[question], checklists={"before-reply": ["tone"]}
    )
    store.save(client, message)
    assert store.get(Client, client.id).model_dump() == client.model_dump()
    assert store.get(Message, message.id).model_dump() == message.model_dump()
    assert store.get(Message, client.id) is None


def test_a_changed_entity_is_stored_only_when_saved(store: Store) -> None:
    client = Client(name="Ana")
    store.save(client)
    loaded = store.get(Client, client.id)
    loaded.name = "Anna"
    assert store.get(Client, client.id).name == "Ana"
    store.save(loaded)
    assert store.get(Client, client.id).name == "Anna"


def test_instants_of_any_zone_are_read_back_in_utc(store: Store) -> None:
    message = Message(at=datetime.fromisoformat("2026-06-10T21:00:00+09:00"))
    store.save(message)
    assert store.get(Message, message.id).at.isoformat() == "2026-06-10T12:00:00+00:00"


def test_saving_gives_new_clocks_to_changed_fields_only(store: Store, clock: Clock) -> None:
    client = Client(name="Ana", notes="old")
    store.save(client)
    first = stored(store, client.id).clocks
    clock.forward(minutes=1)
    client.notes = "new"
    store.save(client)
    second = stored(store, client.id).clocks
    assert {name for name in second if second[name] != first[name]} == {"notes"}
    assert second["notes"] > first["notes"]


def test_a_list_changed_in_place_is_saved(store: Store) -> None:
    client = Client(name="Ana")
    store.save(client)
    client.channels.append({"kind": "phone", "handle": ""})
    assert store.save(client)
    assert store.get(Client, client.id).channels == [{"kind": "phone", "handle": ""}]


def test_saving_an_unchanged_record_writes_nothing(store: Store) -> None:
    client = Client(name="Ana")
    store.save(client)
    kept, heard = records(store), []
    store.subscribe(lambda: heard.append(store.revision))
    assert not store.save(client)
    assert not store.save()
    assert (records(store), store.revision, heard) == (kept, 1, [])


def test_every_written_record_is_dirty_and_keeps_its_revision(store: Store) -> None:
    client, job = Client(name="Ana"), Job(title="Page")
    store.save(client, job)
    assert stored(store, client.id).dirty
    with store.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE record SET dirty = 0, rev = 7")
    job.title = "Landing page"
    store.save(client, job)
    assert not stored(store, client.id).dirty
    assert (stored(store, job.id).dirty, stored(store, job.id).rev) == (True, 7)
    store.delete(client)
    assert (stored(store, client.id).dirty, stored(store, client.id).rev) == (True, 7)


def test_subscribers_are_notified_of_each_write_until_they_unsubscribe(store: Store) -> None:
    heard: list[int] = []
    stop = store.subscribe(lambda: heard.append(store.revision))
    change = store.save(Client(name="Ana"))
    store.undo(change)
    stop()
    stop()
    store.save(Client(name="Tom"))
    assert heard == [1, 2]
    assert store.revision == 3


def test_a_failing_subscriber_does_not_affect_others(store: Store) -> None:
    heard: list[str] = []

    def fail() -> None:
        raise RuntimeError("a screen's mistake")

    store.subscribe(fail)
    store.subscribe(lambda: heard.append("second"))
    client = Client(name="Ana")
    store.save(client)
    assert store.get(Client, client.id)
    assert heard == ["second"]


def test_settings_are_defaults_until_saved_and_only_changed_fields_get_clocks(store: Store) -> None:
    settings = store.settings()
    assert settings.reply_minutes == 24 * 60
    assert records(store) == {}
    settings.name, settings.language = "Hana", "ja"
    change = store.save(settings)
    assert set(stored(store, "settings").clocks) == {"name", "language"}
    assert store.settings().name == "Hana"
    store.undo(change)
    assert (store.settings().name, store.settings().language) == ("", "en")


def test_settings_cannot_be_deleted(store: Store) -> None:
    store.save(settings := store.settings())
    settings.name = "Hana"
    store.save(settings)
    with pytest.raises(ValueError, match="settings"):
        store.delete(settings)
    assert store.settings().name == "Hana"


@pytest.mark.parametrize(
    ("entity", "field"),
    [
        (Message(at=datetime(2026, 6, 10)), "message.at"),  # noqa: DTZ001 - intentionally naive
        (Message(direction="sideways"), "message.direction"),
        (Client(name="Ana", time_zone="Nowhere/Land"), "client.time_zone"),
        (Client(name="Ana", standing_call_rule="FREQ=NOW"), "client.standing_call_rule"),
        (Settings(currency="dollars"), "settings.currency"),
        (Job(rating=9), "job.rating"),
    ],
)
def test_an_invalid_value_is_rejected_and_nothing_is_written(
    store: Store, entity: Client | Message | Job | Settings, field: str
) -> None:
    good = Client(name="Tom")
    with pytest.raises(DomainError, match=field):
        store.save(good, entity)
    assert contents(store) == {}


def test_an_id_belongs_to_one_kind(store: Store) -> None:
    store.save(Client(id="x", name="Ana"))
    with pytest.raises(ValueError, match="client"):
        store.save(Job(id="x"))


def test_the_clock_continues_after_a_restart_even_if_the_wall_clock_went_back(path: Path) -> None:
    first = open_store(path, Clock())
    client = Client(id="c", name="Ana")
    first.save(client)
    before = stored(first, "c").clocks["name"]
    first.close()
    again = open_store(path, Clock(NOON - timedelta(days=400)))
    client.name = "Anna"
    again.save(client)
    after = stored(again, "c").clocks["name"]
    assert after > before
    assert after.rpartition("-")[2] == before.rpartition("-")[2]  # the same device
    again.close()


def test_fields_of_a_newer_app_survive_edits_deletion_and_undo(store: Store) -> None:
    client = Client(id="c", name="Ana")
    store.save(client)
    with store.engine.connect() as connection:
        connection.exec_driver_sql(f"""UPDATE record SET extra = '{{"mood": ["sunny", "{STAMP}"]}}'""")
    client.name = "Anna"
    store.save(client)
    assert stored(store, "c").extra == {"mood": ["sunny", STAMP]}
    change = store.delete(client)
    assert stored(store, "c").extra == {}
    store.undo(change)
    value, newer = stored(store, "c").extra["mood"]
    assert value == "sunny"
    assert newer > STAMP


def test_wipe_leaves_no_trace_in_the_file(store: Store, path: Path) -> None:
    settings = store.settings()
    settings.name = "Unmistakable"
    store.save(settings, *(Client(name=f"Unmistakable {number}") for number in range(200)))
    store.wipe()
    assert contents(store) == {}
    assert records(store) == {}
    assert store.settings().name == ""
    for file in path.parent.glob("kaeru.db*"):
        assert b"nmistakable" not in file.read_bytes()
    store.save(Client(name="Tom"))
    assert [client.name for client in queries.clients(store)] == ["Tom"]


def test_a_store_can_be_used_again_after_a_restart(store: Store, path: Path) -> None:
    store.save(*family().values())
    before = records(store)
    store.close()
    again = open_store(path)
    assert records(again) == before
    again.close()


def test_the_clocks_of_a_record_are_stored_compactly(store: Store) -> None:
    store.save(Message(id="m", client_id="c"))
    with store.engine.connect() as connection:
        text = connection.exec_driver_sql("SELECT clocks FROM record").scalar_one()
    assert len(text) < 300  # twenty fields written at once share one timestamp
