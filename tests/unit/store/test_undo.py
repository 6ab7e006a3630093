"""Deleting, and taking back what was done."""

from app.domain.entities import Client, Job, Message
from app.store.store import Store
from tests.unit.store.support import assert_search_in_step, contents, family, records, stored


def test_a_deleted_client_takes_everything_of_theirs_along_and_undo_brings_it_all_back(store: Store) -> None:
    other = Client(id="other", name="Tom")
    store.save(*family().values(), other)
    before = contents(store)
    change = store.delete(family()["client"])
    assert set(contents(store)) == {("client", "other")}
    assert {key.id for key, record in records(store).items() if "gone" in record} == set(family())
    store.undo(change)
    assert contents(store) == before
    assert_search_in_step(store)


def test_a_deleted_job_takes_its_parts_and_leaves_the_messages_without_it(store: Store) -> None:
    store.save(*family().values())
    before = contents(store)
    change = store.delete(family()["job"])
    assert {key.id for key in contents(store)} == {
        *("client", "message", "call", "update", "conversation", "topic", "next")
    }
    assert store.get(Message, "message").job_id is None
    assert store.get(Job, "next").continued_from_id is None
    store.undo(change)
    assert contents(store) == before


def test_a_tombstone_keeps_nothing_of_what_it_stands_for(store: Store) -> None:
    client = Client(id="c", name="Ana", notes="a secret")
    store.save(client)
    newest = max(stored(store, "c").clocks.values())
    store.delete(client)
    kept = stored(store, "c")
    assert (kept.clocks, kept.extra) == ({}, {})
    assert kept.gone > newest


def test_what_comes_back_has_clocks_newer_than_its_tombstone(store: Store) -> None:
    client = Client(id="c", name="Ana")
    store.save(client)
    change = store.delete(client)
    gone = stored(store, "c").gone
    store.undo(change)
    kept = stored(store, "c")
    assert kept.gone == gone  # merging needs it
    assert min(kept.clocks.values()) > gone


def test_undo_leaves_alone_what_was_changed_otherwise_since(store: Store) -> None:
    client = Client(name="Ana", notes="old")
    store.save(client)
    client.notes = "new"
    change = store.save(client)
    client.name = "Anna"
    store.save(client)
    store.undo(change)
    now = store.get(Client, client.id)
    assert (now.name, now.notes) == ("Anna", "old")


def test_undoing_an_edit_of_something_deleted_since_does_not_bring_it_back(store: Store) -> None:
    client = Client(name="Ana")
    store.save(client)
    client.name = "Anna"
    change = store.save(client)
    store.delete(client)
    assert not store.undo(change)
    assert store.get(Client, client.id) is None


def test_undoing_a_new_client_takes_along_what_was_recorded_for_it_since(store: Store) -> None:
    client = Client(id="c", name="Ana")
    made = store.save(client)
    store.save(Message(id="m", client_id="c"))
    undone = store.undo(made)
    assert contents(store) == {}
    store.undo(undone)
    assert {key.id for key in contents(store)} == {"c", "m"}
