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


def test_a_change_is_made_in_the_record_as_it_is_stored(store: Store, ana: Client) -> None:
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


def test_a_record_that_is_gone_is_not_changed_and_not_brought_back(store: Store, ana: Client) -> None:
    store.delete(ana)
    with pytest.raises(RecordNotFoundError):
        store.update(Client, "c", lambda client: setattr(client, "notes", "second"))
    assert contents(store) == {}


def test_a_refusal_after_a_change_leaves_everything_as_it_was(store: Store, ana: Client) -> None:
    before, revision = contents(store), store.revision

    def refuse(unit: UnitOfWork) -> None:
        unit.get(Client, "c").notes = "second"
        unit.add(Message(id="m", client_id="c"))
        raise DomainError("no_step")

    with pytest.raises(DomainError, match="no_step"):
        store.transact(refuse)
    assert (contents(store), store.revision) == (before, revision)
    store.update(Client, "c", lambda client: setattr(client, "notes", "third"))  # the store still works


def test_what_must_not_be_stored_is_refused_with_all_that_belongs_to_it(store: Store, ana: Client) -> None:
    def change(unit: UnitOfWork) -> None:
        unit.get(Client, "c").notes = "second"
        unit.add(Job(id="j", client_id="c", rating=9))

    with pytest.raises(DomainError, match=r"job\.rating"):
        store.transact(change)
    assert store.get(Client, "c").notes == "first"


def test_queries_within_a_command_are_answered_as_of_its_transaction(store: Store, ana: Client) -> None:
    store.save(Job(id="j", client_id="c"), Part(id="p", job_id="j"))

    def change(unit: UnitOfWork) -> None:
        for part in queries.parts_of(store, ["j"])["j"]:
            unit.get(Part, part.id).title = f"{len(queries.jobs_of(store, 'c'))} job"

    store.transact(change)
    assert store.get(Part, "p").title == "1 job"


def test_a_record_asked_for_twice_is_the_same_object(store: Store, ana: Client) -> None:
    def change(unit: UnitOfWork) -> None:
        unit.get(Client, "c").notes = "second"
        unit.get(Client, "c").name += f" {unit.get(Client, 'c').notes}"

    store.transact(change)
    assert store.get(Client, "c").name == "Ana second"


def test_settings_that_were_never_saved_are_changed_from_the_defaults(store: Store) -> None:
    store.update(Settings, SETTINGS_ID, lambda settings: setattr(settings, "name", "Hana"))
    assert store.settings().name == "Hana"
    assert set(stored(store, "settings").clocks) == {"name"}


def test_a_form_changes_the_fields_that_were_edited_in_it(store: Store, ana: Client) -> None:
    initial = store.get(Client, "c")
    edited = Client(**{**initial.model_dump(), "name": "Anna"})
    store.update(Client, "c", lambda client: setattr(client, "notes", "second"))
    store.transact(lambda unit: unit.merge(initial, edited))
    found = store.get(Client, "c")
    assert (found.name, found.notes) == ("Anna", "second")


def test_a_form_of_a_deleted_record_is_refused(store: Store, ana: Client) -> None:
    store.delete(ana)
    edited = Client(**{**ana.model_dump(), "name": "Anna"})
    with pytest.raises(RecordNotFoundError):
        store.transact(lambda unit: unit.merge(ana, edited))
    assert contents(store) == {}


def test_a_new_record_does_not_overwrite_one_that_is_there(store: Store, ana: Client) -> None:
    assert not store.add(Client(id="c", name="Another"))
    assert store.get(Client, "c").name == "Ana"


@pytest.mark.parametrize("entity", [Message(client_id="gone"), Part(job_id="gone")])
def test_nothing_new_belongs_to_a_deleted_record(store: Store, entity: Message | Part) -> None:
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
def test_a_change_is_taken_back_and_what_was_changed_since_stays(
    before: Any, after: Any, now: Any, value: Any, whole: bool
) -> None:
    assert revert_value(before, after, now) == (value, whole)


def test_many_new_records_need_what_they_belong_to(store: Store) -> None:
    with pytest.raises(RecordNotFoundError):
        finish(store.save_all([Client(id="c", name="Ana"), Job(client_id="c"), Job(client_id="gone")]))
    assert contents(store) == {}
    assert finish(store.save_all([Job(client_id="c"), Client(id="c", name="Ana")]))
