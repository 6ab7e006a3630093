"""The store's side of sync: outgoing records, acknowledgements, incoming records and their effects."""

from datetime import timedelta

import pytest

from app.domain.entities import Call, Client, Job, Message, Part, Settings
from app.store import queries, sample
from app.store.backup import backup
from app.store.backup.backup_format import problem_with
from app.store.changes import Incoming, RecordState, StoredRecord
from app.store.clock import Stamp, following
from app.store.queries import search
from app.store.records import Key, encode
from app.store.store import Store
from app.store.sync.sync_store import RevisionsWentBackError
from app.sync.merge import merge
from tests.unit.store.support import NOON, Clock, assert_search_in_step, contents, records, stored

ELSEWHERE = "elsewhere"


@pytest.fixture(autouse=True)
def syncing(store: Store) -> None:
    store.sync_store.begin("https://kaeru.example", "device", joining=False)


def stamp(**ahead: float) -> str:
    return str(Stamp(int((NOON + timedelta(**ahead)).timestamp() * 1000), 0, ELSEWHERE))


def arrive(store: Store, *states: RecordState, rev: int = 1) -> None:
    incoming = [Incoming(state.id, rev + number, state) for number, state in enumerate(states)]
    store.sync_store.apply_response((), {}, incoming, rev + len(states), merge)
    store.sync_store.settle()


def state(id_: str, kind: str, clock: str, **fields: object) -> RecordState:
    return RecordState(id_, kind, {name: [value, clock] for name, value in fields.items()})


def gone(id_: str, kind: str, clock: str) -> RecordState:
    return RecordState(id_, kind, gone=clock)


def outgoing(store: Store) -> dict[str, RecordState]:
    return {each.state.id: each.state for each in store.sync_store.outgoing(500)}


# --- outgoing --------------------------------------------------------------------------------------------


def test_accepted_records_are_clean_unless_changed_meanwhile(store: Store) -> None:
    one, other = Client(name="Ana"), Client(name="Bo")
    store.save(one, other)
    sent = store.sync_store.outgoing(500)
    other.notes = "written while the request was under way"
    store.save(other)
    store.sync_store.apply_response(sent, {one.id: 1, other.id: 2}, (), 2, merge)
    assert not stored(store, one.id).dirty
    assert (stored(store, other.id).dirty, stored(store, other.id).rev) == (True, 2)
    assert store.sync_store.state().cursor == 2


def test_sample_data_and_its_related_records_are_not_synced(store: Store) -> None:
    sample.load_sample(store, "en", NOON)
    client = next(key.id for key in contents(store) if key.kind == "client")
    job = next(key.id for key in contents(store) if key.kind == "job")
    store.save(
        Message(id="mine", client_id=client), Part(id="part", job_id=job), Client(id="real", name="Ana")
    )
    assert outgoing(store).keys() == {"real"}
    assert store.sync_store.count_outgoing() == 1


def test_only_changed_settings_are_sent(store: Store) -> None:
    store.save(Settings(introduced=True, name="Mei"))
    assert outgoing(store)["settings"].fields.keys() == {"introduced", "name"}


def test_a_joining_device_adopts_the_settings_of_the_account(store: Store) -> None:
    store.save(Settings(introduced=True, name="Mei", language="fr", buffer_days=3))
    store.sync_store.begin("https://kaeru.example", "device", joining=True)
    arrive(store, state("settings", "settings", stamp(days=-30), introduced=True, name="Mei Tanaka"))
    settings = store.settings()
    assert (settings.name, settings.language, settings.buffer_days) == ("Mei Tanaka", "en", 1)
    assert not outgoing(store)


# --- incoming --------------------------------------------------------------------------------------------


def test_incoming_records_can_be_read_searched_and_backed_up(store: Store) -> None:
    arrive(
        store,
        state("c", "client", stamp(), name="佐藤"),
        state("m", "message", stamp(), client_id="c", summary="請求書の件", at=NOON.isoformat()),
    )
    assert store.get(Message, "m").at == NOON
    assert [hit.id for hit in search(store, "請求書")] == ["m"]
    assert not outgoing(store)
    assert_search_in_step(store)
    backup.inspect(backup.to_bytes(backup.export(store, NOON)))


def test_a_later_write_is_newer_than_incoming_records(store: Store) -> None:
    arrive(store, state("c", "client", stamp(hours=5), name="Ana"))
    client = store.get(Client, "c")
    client.name = "Anna"
    store.save(client)
    assert outgoing(store)["c"].fields["name"][1] > stamp(hours=5)


def test_a_timestamp_far_ahead_is_replaced_by_now_and_pushed(store: Store) -> None:
    arrive(store, state("c", "client", stamp(days=1000), name="Ana"), gone("d", "client", stamp(days=1000)))
    assert outgoing(store)["c"].fields["name"][1] < stamp(minutes=1)
    assert outgoing(store)["d"].gone < stamp(minutes=1)
    client = store.get(Client, "c")
    client.name = "Anna"
    store.save(client)
    assert stored(store, "c").clocks["name"] < stamp(minutes=1)


def test_data_of_a_newer_app_is_pushed_unchanged(store: Store) -> None:
    foreign = state("x", "hologram", stamp(), depth=3)
    client = state("c", "client", stamp(), name="Ana", aura="green", status="legendary", reply_minutes=[1])
    arrive(store, foreign, client)
    assert store.get(Client, "c").status == "active"  # a substitute for the value this version cannot use
    shown = store.get(Client, "c")
    shown.notes = "edited by this version"
    store.save(shown)
    store.sync_store.start_over()
    sent = outgoing(store)
    assert sent["x"] == foreign
    assert {name: sent["c"].fields[name] for name in client.fields} == client.fields
    backup.restore(store, backup.to_bytes(backup.export(store, NOON)))
    assert store.get(Client, "c").status == "active"


def test_a_usable_value_replaces_an_unusable_one(store: Store) -> None:
    arrive(store, state("c", "client", stamp(minutes=-2), name="Ana", status="legendary"))
    client = store.get(Client, "c")
    client.status = "paused"
    store.save(client)
    assert outgoing(store)["c"].fields["status"][0] == "paused"
    arrive(store, state("c", "client", stamp(minutes=5), status="ended"), rev=5)
    assert store.get(Client, "c").status == "ended"


def receive_undecryptable(store: Store, rev: int, id_: str = "c") -> set[str]:
    return store.sync_store.apply_response((), {}, [Incoming(id_, rev, None, opened=False)], rev, merge)


def test_a_malformed_record_is_replaced_by_the_local_one(store: Store) -> None:
    arrive(store, state("c", "client", stamp(), name="Ana"))
    store.sync_store.apply_response(
        (), {}, [Incoming("c", 9, None), Incoming("unknown", 10, None)], 10, merge
    )
    sent = store.sync_store.outgoing(500)
    assert [(each.state.id, each.base) for each in sent] == [("c", 9)]


def test_an_undecryptable_record_is_replaced_if_its_revision_was_read(store: Store) -> None:
    arrive(store, state("c", "client", stamp(), name="Ana"), rev=9)
    assert receive_undecryptable(store, 9) == set()
    assert [(each.state.id, each.base) for each in store.sync_store.outgoing(500)] == [("c", 9)]


def test_an_undecryptable_record_is_left_and_local_changes_wait(store: Store, clock: Clock) -> None:
    arrive(store, state("c", "client", stamp(), name="Ana"))
    assert receive_undecryptable(store, 9) == set()  # no local changes
    assert store.sync_store.outgoing(500) == []
    shown = store.get(Client, "c")
    shown.notes = "typed meanwhile"
    store.save(shown)
    assert receive_undecryptable(store, 9) == {"c"}
    assert stored(store, "c").rev == 1
    clock.forward(days=29)
    assert receive_undecryptable(store, 9) == {"c"}
    assert receive_undecryptable(store, 10) == {"c"}  # a device with the key has written since
    clock.forward(days=29)
    assert receive_undecryptable(store, 10) == {"c"}
    arrive(store, state("c", "client", stamp(days=57), phone="1"), rev=10)  # this device has received the key
    assert outgoing(store)["c"].fields["notes"][0] == "typed meanwhile"


def test_an_undecryptable_record_is_replaced_after_thirty_days(store: Store, clock: Clock) -> None:
    store.save(Client(id="c", name="Ana"))
    assert receive_undecryptable(store, 9) == {"c"}
    clock.forward(days=30)
    assert receive_undecryptable(store, 9) == set()
    assert [(each.state.id, each.base) for each in store.sync_store.outgoing(500)] == [("c", 9)]


def test_two_kinds_with_one_id_merge_to_the_same_kind_on_every_device(store: Store) -> None:
    store.save(Client(id="x", name="Ana"))
    arrive(store, state("x", "job", stamp(), client_id="c", title="Page"))
    assert {key.kind for key in contents(store)} == {"job"}
    assert store.get(Client, "x") is None
    assert not outgoing(store)
    assert_search_in_step(store)
    arrive(store, state("x", "client", stamp(hours=1), name="Ana"), rev=5)
    assert outgoing(store)["x"].kind == "job"


def test_a_reset_server_is_detected_and_nothing_is_changed(store: Store) -> None:
    arrive(store, state("c", "client", stamp(), name="Ana"), rev=7)
    with pytest.raises(RevisionsWentBackError):
        arrive(
            store, state("d", "client", stamp(), name="Bo"), state("c", "client", stamp(), name="Ana"), rev=3
        )
    assert store.get(Client, "d") is None
    assert store.sync_store.state().cursor == 8


# --- related records -------------------------------------------------------------------------------------


def test_children_older_than_a_clients_deletion_are_deleted(store: Store) -> None:
    store.save(Client(id="c", name="Ana"), Job(id="j", client_id="c"), Part(id="p", job_id="j"))
    arrive(store, gone("c", "client", stamp(minutes=1)))
    assert contents(store) == {}
    assert {each.gone for each in outgoing(store).values()} == {stamp(minutes=1)}


def test_a_newer_child_restores_its_client(store: Store, clock: Clock) -> None:
    store.save(Client(id="c", name="Ana"), Job(id="j", client_id="c"))
    clock.forward(hours=1)
    store.save(Part(id="p", job_id="j"), Message(id="m", client_id="c"))
    arrive(store, gone("c", "client", stamp(minutes=1)), gone("j", "job", stamp(minutes=1)))
    assert {key.id for key in contents(store)} == {"c", "j", "p", "m"}
    assert store.get(Client, "c").name == "Ana"
    assert {"c", "j"} <= outgoing(store).keys()


def test_an_unknown_client_is_a_placeholder_until_another_device_sends_it(store: Store) -> None:
    arrive(
        store, gone("c", "client", stamp()), state("m", "message", stamp(hours=1), client_id="c", summary="?")
    )
    assert store.get(Client, "c").name == "? c"
    arrive(store, state("c", "client", stamp(hours=2), name="Ana"), rev=5)
    assert store.get(Client, "c").name == "Ana"


def test_links_to_records_deleted_elsewhere_are_cleared(store: Store) -> None:
    store.save(
        Client(id="c", name="Ana"),
        Job(id="j", client_id="c"),
        Message(id="m", client_id="c", job_id="j"),
    )
    arrive(store, gone("j", "job", stamp(minutes=1)))
    assert store.get(Message, "m").job_id is None
    arrive(store, state("k", "call", stamp(minutes=2), client_id="c", job_id="j"), rev=5)
    assert store.get(Call, "k").job_id is None


def restored_state(id_: str, kind: str, at: str, clock: str, **fields: object) -> RecordState:
    """A record deleted at `at` and edited later."""
    return RecordState(id_, kind, {name: [value, clock] for name, value in fields.items()}, at)


def test_a_restored_record_keeps_the_local_fields(store: Store) -> None:
    deletion, weak = stamp(minutes=1), following(stamp(minutes=1))
    arrive(store, state("c", "client", stamp(), name="Ana", notes="old", aura="green"))
    arrive(store, restored_state("c", "client", deletion, stamp(minutes=2), notes="new"), rev=2)
    assert (store.get(Client, "c").name, store.get(Client, "c").notes) == ("Ana", "new")
    sent = outgoing(store)["c"]
    assert sent.gone == deletion
    assert sent.fields == {
        "name": ["Ana", following(weak)],
        "aura": ["green", following(weak)],
        "notes": ["new", stamp(minutes=2)],
    }
    assert stored(store, "c").gone == deletion
    backup.restore(store, backup.to_bytes(backup.export(store, NOON)))
    assert store.get(Client, "c").name == "Ana"


def test_an_edit_after_a_deletion_wins_over_restored_fields(store: Store) -> None:
    arrive(store, state("c", "client", stamp(), name="Ana"))
    arrive(store, restored_state("c", "client", stamp(minutes=1), stamp(minutes=3), notes="new"), rev=2)
    arrive(store, restored_state("c", "client", stamp(minutes=1), stamp(minutes=2), name="Bo"), rev=3)
    assert (store.get(Client, "c").name, store.get(Client, "c").notes) == ("Bo", "new")


def test_fields_older_than_the_deletion_are_restored_with_new_clocks(store: Store) -> None:
    arrive(store, gone("c", "client", stamp(minutes=1)))
    theirs = state("c", "client", stamp(), name="Ana")
    theirs.fields["notes"] = ["new", stamp(minutes=2)]
    arrive(store, theirs, rev=2)
    assert (store.get(Client, "c").name, store.get(Client, "c").notes) == ("Ana", "new")
    sent = outgoing(store)["c"]
    assert sent.gone == stamp(minutes=1)
    arrive(store, RecordState("c", "client", sent.fields), rev=3)  # the first edition has accepted it
    assert contents(store)[Key("client", "c")]["name"] == "Ana"


def test_a_local_edit_of_a_restored_record_keeps_its_deletion(store: Store) -> None:
    arrive(store, restored_state("c", "client", stamp(minutes=1), stamp(minutes=2), name="Ana"))
    client = store.get(Client, "c")
    client.notes = "edited"
    store.save(client)
    assert outgoing(store)["c"].gone == stamp(minutes=1)
    assert queries.counts(store)["client"] == 1
    assert not sample.has_sample(store)


def test_a_placeholder_loses_to_fields_restored_by_another_device(store: Store) -> None:
    deletion = stamp(minutes=1)
    message = state("m", "message", stamp(hours=1), client_id="c", summary="?")
    arrive(store, gone("c", "client", deletion), message)
    assert store.get(Client, "c").name == "? c"
    known = restored_state(
        "c", "client", deletion, following(following(deletion)), name="0 Ana", notes="kept"
    )
    arrive(store, known, rev=5)
    assert (store.get(Client, "c").name, store.get(Client, "c").notes) == ("0 Ana", "kept")


def test_a_living_record_with_timestamps_far_ahead_stays_living(store: Store) -> None:
    ahead = stamp(days=1000)
    arrive(store, restored_state("c", "client", ahead, following(ahead), name="Ana"))
    assert store.get(Client, "c").name == "Ana"
    assert outgoing(store)["c"].newest < stamp(minutes=1)


# --- restoring, wiping, clocks ---------------------------------------------------------------------------


def test_a_restored_backup_gets_new_clocks_while_syncing(store: Store, clock: Clock) -> None:
    store.save(Client(id="kept", name="then"), Settings(introduced=True))
    file = backup.to_bytes(backup.export(store, NOON))
    clock.forward(hours=1)
    changed = store.get(Client, "kept")
    changed.name = "now"
    store.save(changed, Client(id="added", name="since"))
    sent = store.sync_store.outgoing(500)
    store.sync_store.apply_response(sent, {each.state.id: 4 for each in sent}, (), 4, merge)
    assert store.sync_store.outgoing(500) == []
    clock.forward(hours=1)
    backup.restore(store, file)
    after = {each.state.id: each for each in store.sync_store.outgoing(500)}
    assert after["kept"].state.fields["name"][0] == "then"
    assert after["added"].state.gone is not None
    assert {each.base for each in after.values()} == {4}
    assert min(each.state.newest for each in after.values()) > stamp(hours=1, minutes=30)


def test_without_sync_a_restored_backup_keeps_its_clocks(store: Store, clock: Clock) -> None:
    store.sync_store.end()
    store.save(Client(id="c", name="then"))
    kept = records(store)
    clock.forward(hours=1)
    backup.restore(store, backup.to_bytes(backup.export(store, NOON)))
    assert records(store) == kept


def test_wiping_ends_sync_and_backups_do_not_contain_the_server(store: Store) -> None:
    store.save(Client(name="Ana"))
    assert b"kaeru.example" not in backup.to_bytes(backup.export(store, NOON))
    store.wipe()
    assert store.sync_store.state() is None


def test_timestamps_of_a_wrong_clock_are_repaired_in_order(store: Store, clock: Clock) -> None:
    store.save(Client(id="c", name="before"))
    store.sync_store.repair_clock()
    clock.forward(days=1000)
    store.save(Client(id="d", name="first"))
    store.save(Client(id="e", name="second"))
    client = store.get(Client, "c")
    client.name = "third"
    store.save(client)
    store.delete(store.get(Client, "d"))
    clock.forward(days=-1000)
    store.sync_store.repair_clock()
    after = outgoing(store)
    order = [after["e"].newest, after["c"].fields["name"][1], after["d"].gone]
    assert order == sorted(order)
    assert order[-1] < stamp(minutes=1)
    store.save(Client(id="f", name="later"))
    assert order[-1] < stored(store, "f").clocks["name"] < stamp(minutes=1)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("client", "name", "佐藤"), ("client", "name", 3), ("client", "name", None),
        ("client", "status", "legendary"), ("client", "status", "paused"), ("client", "rate", 2**60),
        ("client", "rate", True), ("client", "rate", 1.5), ("client", "rate", None), ("client", "rate", 10),
        ("client", "channels", [{"kind": "email", "handle": "x"}]),
        ("client", "channels", [{"kind": "email"}]),
        ("client", "channels", "none"), ("client", "working_hours", {"0": [["09:00", "18:00"]]}),
        ("client", "working_hours", {"0": "all day"}), ("client", "standing_call_rule", "FREQ=SOMETIMES"),
        ("client", "standing_call_start", NOON.isoformat()), ("client", "standing_call_start", "soon"),
        ("client", "standing_call_start", "2026-06-10T12:00:00"), ("client", "created_at", None),
        ("message", "needs_reply", 1), ("message", "needs_reply", False),
        ("message", "at", "1200-01-01T00:00:00+00:00"),
        ("message", "checklists", {"a": ["b"]}), ("message", "checklists", {"a": "b"}),
        ("message", "questions", [{"id": "q", "text": "?", "asked_at": None, "answered_at": None}]),
        ("message", "questions", [{"id": "q"}]), ("settings", "reminder_minutes", [60]),
        ("settings", "reminder_minutes", ["60"]), ("settings", "days_off", [{"first": "2026-01-01"}]),
    ],
)  # fmt: skip
def test_sync_and_restore_accept_the_same_values(store: Store, kind: str, name: str, value: object) -> None:
    blank = {"client": Client(id="r"), "message": Message(id="r"), "settings": Settings()}[kind]
    whole = StoredRecord(Key(kind, blank.id), encode(blank) | {name: value}, {}, None, {})
    arrive(store, state(blank.id, kind, stamp(), **{name: value}))
    taken, sound = stored(store, blank.id), problem_with(whole) is None
    assert (name in taken.clocks, name in taken.extra) == (sound, not sound)
