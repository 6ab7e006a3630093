"""Deleting, and undoing changes."""

from app.domain.entities import Client, Job, Message, Part
from app.store.store import Store
from tests.unit.store.support import assert_search_in_step, contents, family, records, stored


def test_deleting_a_client_deletes_its_records_and_undo_restores_them(store: Store) -> None:
    other = Client(id="other", name="Tom")
    store.save(*family().values(), other)
    before = contents(store)
    change = store.delete(family()["client"])
    assert set(contents(store)) == {("client", "other")}
    assert {key.id for key, record in records(store).items() if "gone" in record} == set(family())
    store.undo(change)
    assert contents(store) == before
    assert_search_in_step(store)


def test_deleting_a_job_deletes_its_parts_and_clears_links(store: Store) -> None:
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


def test_a_tombstone_has_no_fields(store: Store) -> None:
    client = Client(id="c", name="Ana", notes="a secret")
    store.save(client)
    newest = max(stored(store, "c").clocks.values())
    store.delete(client)
    kept = stored(store, "c")
    assert (kept.clocks, kept.extra) == ({}, {})
    assert kept.gone > newest


def test_a_restored_record_has_clocks_newer_than_its_tombstone(store: Store) -> None:
    client = Client(id="c", name="Ana")
    store.save(client)
    change = store.delete(client)
    gone = stored(store, "c").gone
    store.undo(change)
    kept = stored(store, "c")
    assert kept.gone == gone  # merging needs it
    assert min(kept.clocks.values()) > gone


def test_undo_keeps_later_changes_of_other_fields(store: Store) -> None:
    client = Client(name="Ana", notes="old")
    store.save(client)
    client.notes = "new"
    change = store.save(client)
    client.name = "Anna"
    store.save(client)
    store.undo(change)
    now = store.get(Client, client.id)
    assert (now.name, now.notes) == ("Anna", "old")


def test_undoing_an_edit_does_not_restore_a_record_deleted_since(store: Store) -> None:
    client = Client(name="Ana")
    store.save(client)
    client.name = "Anna"
    change = store.save(client)
    store.delete(client)
    assert not store.undo(change)
    assert store.get(Client, client.id) is None


def test_undoing_a_new_client_keeps_it_if_it_has_newer_records(store: Store) -> None:
    made = store.save(Client(id="c", name="Ana"))
    store.save(Message(id="m", client_id="c"))
    undone = store.undo(made)
    assert (bool(undone), {key.id for key in undone.kept}) == (False, {"c"})
    assert {key.id for key in contents(store)} == {"c", "m"}


def test_undoing_a_new_record_keeps_it_if_it_was_changed_since(store: Store) -> None:
    made = store.save(Client(id="c", name="Ana"))
    store.update(Client, "c", lambda client: setattr(client, "notes", "Calls back"))
    assert {key.id for key in store.undo(made).kept} == {"c"}
    assert store.get(Client, "c").notes == "Calls back"


def test_a_new_client_with_its_message_is_undone_as_one_and_redone(store: Store) -> None:
    made = store.save(Client(id="c", name="Ana"), Message(id="m", client_id="c"))
    undone = store.undo(made)
    assert contents(store) == {}
    assert not undone.kept
    store.undo(undone)
    assert {key.id for key in contents(store)} == {"c", "m"}


def test_undo_keeps_a_later_change_of_the_same_field(store: Store) -> None:
    store.save(Client(id="c", name="Ana", notes="first"))
    change = store.update(Client, "c", lambda client: setattr(client, "notes", "second"))
    store.update(Client, "c", lambda client: setattr(client, "notes", "third"))
    undone = store.undo(change)
    assert (bool(undone), {key.id for key in undone.kept}) == (False, {"c"})
    assert store.get(Client, "c").notes == "third"


def test_undo_reverts_one_tick_and_keeps_later_ones(store: Store) -> None:
    store.save(Message(id="m", checklists={"list": ["a"]}))
    change = store.update(Message, "m", lambda message: setattr(message, "checklists", {"list": ["a", "b"]}))
    store.update(Message, "m", lambda message: setattr(message, "checklists", {"list": ["a", "b", "c"]}))
    assert not store.undo(change).kept
    assert store.get(Message, "m").checklists == {"list": ["a", "c"]}


def test_undoing_a_deletion_does_not_overwrite_a_recreated_record(store: Store) -> None:
    store.save(Client(id="c", name="Ana"))
    change = store.delete(store.get(Client, "c"))
    store.save(Client(id="c", name="Anna"))
    assert {key.id for key in store.undo(change).kept} == {"c"}
    assert store.get(Client, "c").name == "Anna"


def test_undoing_a_deletion_restores_nothing_of_a_client_deleted_since(store: Store) -> None:
    store.save(Client(id="c", name="Ana"), Message(id="m", client_id="c"))
    change = store.delete(store.get(Message, "m"))
    store.delete(store.get(Client, "c"))
    assert {key.id for key in store.undo(change).kept} == {"m"}
    assert contents(store) == {}


def test_undoing_new_records_keeps_ancestors_of_later_records(store: Store) -> None:
    made = store.save(Client(id="c"), Job(id="j", client_id="c"), Message(id="m", client_id="c"))
    store.save(Part(id="p", job_id="j"))
    undone = store.undo(made)
    assert {key.id for key in contents(store)} == {"c", "j", "p"}
    assert {key.id for key in undone.kept} == {"c", "j"}
