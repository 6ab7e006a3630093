"""Changing stored records: from their current state, in one transaction, all or nothing."""

from typing import Any

import pytest

from app.domain.entities import SETTINGS_ID, Client, Job, Message, Part, Settings
from app.domain.errors import DomainError, RecordNotFoundError
from app.steps import finish
from app.store import queries
from app.store.reverting import revert_value
from app.store.store import Store
from app.store.unit_of_work import UnitOfWork
from tests.unit.store.support import contents, stored


@pytest.fixture
def ana(store: Store) -> Client:
    client = Client(id="c", name="Ana", notes="first")
    store.save(client)
    return client


def test_an_update_changes_the_record_as_stored(store: Store, ana: Client) -> None:
    store.update(Client, "c", lambda client: setattr(client, "notes", "second"))
    store.update(Client, "c", lambda client: setattr(client, "name", f"{client.notes} Ana"))
    found = store.get(Client, "c")
    assert (found.name, found.notes) == ("second Ana", "second")
    assert ana.notes == "first"


def test_only_the_changed_field_gets_a_newer_clock(store: Store, ana: Client) -> None:
    before = stored(store, "c").clocks
    store.update(Client, "c", lambda client: setattr(client, "notes", "second"))
    after = stored(store, "c").clocks
    assert {name for name in after if after[name] != before[name]} == {"notes"}


def test_updating_a_deleted_record_fails_and_does_not_restore_it(store: Store, ana: Client) -> None:
    store.delete(ana)
    with pytest.raises(RecordNotFoundError):
        store.update(Client, "c", lambda client: setattr(client, "notes", "second"))
    assert contents(store) == {}


def test_an_error_in_a_command_changes_nothing(store: Store, ana: Client) -> None:
    before, revision = contents(store), store.revision

    def refuse(unit: UnitOfWork) -> None:
        unit.get(Client, "c").notes = "second"
        unit.add(Message(id="m", client_id="c"))
        raise DomainError("no_step")

    with pytest.raises(DomainError, match="no_step"):
        store.transact(refuse)
    assert (contents(store), store.revision) == (before, revision)
    store.update(Client, "c", lambda client: setattr(client, "notes", "third"))  # the store still works


def test_an_invalid_record_prevents_the_whole_transaction(store: Store, ana: Client) -> None:
    def change(unit: UnitOfWork) -> None:
        unit.get(Client, "c").notes = "second"
        unit.add(Job(id="j", client_id="c", rating=9))

    with pytest.raises(DomainError, match=r"job\.rating"):
        store.transact(change)
    assert store.get(Client, "c").notes == "first"


def test_queries_within_a_command_use_its_transaction(store: Store, ana: Client) -> None:
    store.save(Job(id="j", client_id="c"), Part(id="p", job_id="j"))

    def change(unit: UnitOfWork) -> None:
        for part in queries.parts_of(store, ["j"])["j"]:
            unit.get(Part, part.id).title = f"{len(queries.jobs_of(store, 'c'))} job"

    store.transact(change)
    assert store.get(Part, "p").title == "1 job"


def test_reading_a_record_twice_returns_the_same_object(store: Store, ana: Client) -> None:
    def change(unit: UnitOfWork) -> None:
        unit.get(Client, "c").notes = "second"
        unit.get(Client, "c").name += f" {unit.get(Client, 'c').notes}"

    store.transact(change)
    assert store.get(Client, "c").name == "Ana second"


def test_updating_unsaved_settings_starts_from_the_defaults(store: Store) -> None:
    store.update(Settings, SETTINGS_ID, lambda settings: setattr(settings, "name", "Hana"))
    assert store.settings().name == "Hana"
    assert set(stored(store, "settings").clocks) == {"name"}


def test_merging_a_form_changes_only_edited_fields(store: Store, ana: Client) -> None:
    initial = store.get(Client, "c")
    edited = Client(**{**initial.model_dump(), "name": "Anna"})
    store.update(Client, "c", lambda client: setattr(client, "notes", "second"))
    store.transact(lambda unit: unit.merge(initial, edited))
    found = store.get(Client, "c")
    assert (found.name, found.notes) == ("Anna", "second")


def test_merging_a_form_of_a_deleted_record_fails(store: Store, ana: Client) -> None:
    store.delete(ana)
    edited = Client(**{**ana.model_dump(), "name": "Anna"})
    with pytest.raises(RecordNotFoundError):
        store.transact(lambda unit: unit.merge(ana, edited))
    assert contents(store) == {}


def test_adding_does_not_overwrite_an_existing_record(store: Store, ana: Client) -> None:
    assert not store.add(Client(id="c", name="Another"))
    assert store.get(Client, "c").name == "Ana"


@pytest.mark.parametrize("entity", [Message(client_id="gone"), Part(job_id="gone")])
def test_adding_a_record_with_a_deleted_parent_fails(store: Store, entity: Message | Part) -> None:
    with pytest.raises(RecordNotFoundError):
        store.add(entity)
    assert contents(store) == {}


def test_new_records_may_belong_to_each_other(store: Store) -> None:
    store.add(Part(id="p", job_id="j"), Job(id="j", client_id="c"), Client(id="c", name="Ana"))
    assert {key.id for key in contents(store)} == {"p", "j", "c"}


A, B, C = ({"id": name, "text": name} for name in "abc")


@pytest.mark.parametrize(
    ("before", "after", "now", "value", "whole"),
    [
        ("old", "new", "new", "old", True),
        ("old", "new", "newer", "newer", False),
        ("old", "new", "old", "old", True),
        (["a"], ["a", "b"], ["a", "b", "c"], ["a", "c"], True),
        (["a", "b"], ["b"], ["b", "c"], ["a", "b", "c"], True),
        (["a", "b", "c"], ["a", "c"], ["c"], ["b", "c"], True),
        ([A, B], [B], [B, C], [A, B, C], True),
        ([A], [A | {"text": "new"}], [A | {"text": "new"}, B], [A, B], True),
        ([A], [A | {"text": "new"}], [A | {"text": "newer"}], [A | {"text": "newer"}], False),
        ([A], [A | {"text": "new"}], [A | {"text": "new", "done": 1}], [A | {"done": 1}], True),
        ({"x": ["a"]}, {"x": ["a", "b"]}, {"x": ["a", "b"], "y": ["c"]}, {"x": ["a"], "y": ["c"]}, True),
        ({}, {"x": 1}, {"x": 1, "y": 2}, {"y": 2}, True),
        ({"x": 1}, {}, {"y": 2}, {"y": 2, "x": 1}, True),
        (["a", "a"], ["a"], ["a", "b"], ["a", "b"], False),
        (None, ["a"], ["a", "b"], ["a", "b"], False),
    ],
)
def test_revert_value_keeps_later_changes(before: Any, after: Any, now: Any, value: Any, whole: bool) -> None:
    assert revert_value(before, after, now) == (value, whole)


def test_saving_many_records_requires_their_parents(store: Store) -> None:
    with pytest.raises(RecordNotFoundError):
        finish(store.save_all([Client(id="c", name="Ana"), Job(client_id="c"), Job(client_id="gone")]))
    assert contents(store) == {}
    assert finish(store.save_all([Job(client_id="c"), Client(id="c", name="Ana")]))
