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


def test_what_was_taken_is_clean_and_what_changed_meanwhile_is_not(store: Store) -> None:
    one, other = Client(name="Ana"), Client(name="Bo")
    store.save(one, other)
    sent = store.sync_store.outgoing(500)
    other.notes = "written while the request was under way"
    store.save(other)
    store.sync_store.apply_response(sent, {one.id: 1, other.id: 2}, (), 2, merge)
    assert not stored(store, one.id).dirty
    assert (stored(store, other.id).dirty, stored(store, other.id).rev) == (True, 2)
    assert store.sync_store.state().cursor == 2


def test_sample_data_and_what_was_recorded_for_it_stays_here(store: Store) -> None:
    sample.load_sample(store, "en", NOON)
    client = next(key.id for key in contents(store) if key.kind == "client")
    job = next(key.id for key in contents(store) if key.kind == "job")
    store.save(
        Message(id="mine", client_id=client), Part(id="part", job_id=job), Client(id="real", name="Ana")
    )
    assert outgoing(store).keys() == {"real"}
    assert store.sync_store.count_outgoing() == 1


def test_untouched_settings_are_not_sent_and_changed_ones_are(store: Store) -> None:
    store.save(Settings(introduced=True, name="Mei"))
    assert outgoing(store)["settings"].fields.keys() == {"introduced", "name"}


def test_a_joining_device_takes_over_the_settings_of_the_account(store: Store) -> None:
    store.save(Settings(introduced=True, name="Mei", language="fr", buffer_days=3))
    store.sync_store.begin("https://kaeru.example", "device", joining=True)
    arrive(store, state("settings", "settings", stamp(days=-30), introduced=True, name="Mei Tanaka"))
    settings = store.settings()
    assert (settings.name, settings.language, settings.buffer_days) == ("Mei Tanaka", "en", 1)
    assert not outgoing(store)


# --- incoming --------------------------------------------------------------------------------------------


def test_what_arrives_is_there_to_be_read_found_and_backed_up(store: Store) -> None:
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


def test_a_write_that_follows_is_newer_than_what_arrived(store: Store) -> None:
    arrive(store, state("c", "client", stamp(hours=5), name="Ana"))
    client = store.get(Client, "c")
    client.name = "Anna"
    store.save(client)
    assert outgoing(store)["c"].fields["name"][1] > stamp(hours=5)


def test_a_stamp_from_far_ahead_counts_as_made_now_and_is_pushed_so(store: Store) -> None:
    arrive(store, state("c", "client", stamp(days=1000), name="Ana"), gone("d", "client", stamp(days=1000)))
    assert outgoing(store)["c"].fields["name"][1] < stamp(minutes=1)
    assert outgoing(store)["d"].gone < stamp(minutes=1)
    client = store.get(Client, "c")
    client.name = "Anna"
    store.save(client)
    assert stored(store, "c").clocks["name"] < stamp(minutes=1)


def test_what_a_newer_app_wrote_goes_back_unharmed(store: Store) -> None:
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


def test_a_value_this_version_can_use_replaces_one_it_could_not(store: Store) -> None:
    arrive(store, state("c", "client", stamp(minutes=-2), name="Ana", status="legendary"))
    client = store.get(Client, "c")
    client.status = "paused"
    store.save(client)
    assert outgoing(store)["c"].fields["status"][0] == "paused"
    arrive(store, state("c", "client", stamp(minutes=5), status="ended"), rev=5)
    assert store.get(Client, "c").status == "ended"


def meet_unopened(store: Store, rev: int, id_: str = "c") -> set[str]:
    return store.sync_store.apply_response((), {}, [Incoming(id_, rev, None, opened=False)], rev, merge)


def test_a_box_that_holds_no_record_is_replaced(store: Store) -> None:
    arrive(store, state("c", "client", stamp(), name="Ana"))
    store.sync_store.apply_response(
        (), {}, [Incoming("c", 9, None), Incoming("unknown", 10, None)], 10, merge
    )
    sent = store.sync_store.outgoing(500)
    assert [(each.state.id, each.base) for each in sent] == [("c", 9)]


def test_a_box_that_does_not_open_is_replaced_where_this_device_has_read_that_revision(store: Store) -> None:
    arrive(store, state("c", "client", stamp(), name="Ana"), rev=9)
    assert meet_unopened(store, 9) == set()
    assert [(each.state.id, each.base) for each in store.sync_store.outgoing(500)] == [("c", 9)]


def test_a_box_that_does_not_open_is_left_and_changes_wait_for_it(store: Store, clock: Clock) -> None:
    arrive(store, state("c", "client", stamp(), name="Ana"))
    assert meet_unopened(store, 9) == set()  # no local changes
    assert store.sync_store.outgoing(500) == []
    shown = store.get(Client, "c")
    shown.notes = "typed meanwhile"
    store.save(shown)
    assert meet_unopened(store, 9) == {"c"}
    assert stored(store, "c").rev == 1
    clock.forward(days=29)
    assert meet_unopened(store, 9) == {"c"}
    assert meet_unopened(store, 10) == {"c"}  # a device with the key has written since
    clock.forward(days=29)
    assert meet_unopened(store, 10) == {"c"}
    arrive(store, state("c", "client", stamp(days=57), phone="1"), rev=10)  # this device has received the key
    assert outgoing(store)["c"].fields["notes"][0] == "typed meanwhile"


def test_a_box_that_stays_unopened_for_thirty_days_is_replaced_by_what_waits(
    store: Store, clock: Clock
) -> None:
    store.save(Client(id="c", name="Ana"))
    assert meet_unopened(store, 9) == {"c"}
    clock.forward(days=30)
    assert meet_unopened(store, 9) == set()
    assert [(each.state.id, each.base) for each in store.sync_store.outgoing(500)] == [("c", 9)]


def test_two_kinds_under_one_id_end_as_one_on_every_device(store: Store) -> None:
    store.save(Client(id="x", name="Ana"))
    arrive(store, state("x", "job", stamp(), client_id="c", title="Page"))
    assert {key.kind for key in contents(store)} == {"job"}
    assert store.get(Client, "x") is None
    assert not outgoing(store)
    assert_search_in_step(store)
    arrive(store, state("x", "client", stamp(hours=1), name="Ana"), rev=5)
    assert outgoing(store)["x"].kind == "job"


def test_a_server_that_was_set_back_is_noticed_and_nothing_is_changed(store: Store) -> None:
    arrive(store, state("c", "client", stamp(), name="Ana"), rev=7)
    with pytest.raises(RevisionsWentBackError):
        arrive(
            store, state("d", "client", stamp(), name="Bo"), state("c", "client", stamp(), name="Ana"), rev=3
        )
    assert store.get(Client, "d") is None
    assert store.sync_store.state().cursor == 8


# --- related records -------------------------------------------------------------------------------------


def test_what_was_recorded_before_a_client_was_deleted_elsewhere_goes_with_it(store: Store) -> None:
    store.save(Client(id="c", name="Ana"), Job(id="j", client_id="c"), Part(id="p", job_id="j"))
    arrive(store, gone("c", "client", stamp(minutes=1)))
    assert contents(store) == {}
    assert {each.gone for each in outgoing(store).values()} == {stamp(minutes=1)}


def test_something_newer_keeps_its_client(store: Store, clock: Clock) -> None:
    store.save(Client(id="c", name="Ana"), Job(id="j", client_id="c"))
    clock.forward(hours=1)
    store.save(Part(id="p", job_id="j"), Message(id="m", client_id="c"))
    arrive(store, gone("c", "client", stamp(minutes=1)), gone("j", "job", stamp(minutes=1)))
    assert {key.id for key in contents(store)} == {"c", "j", "p", "m"}
    assert store.get(Client, "c").name == "Ana"
    assert {"c", "j"} <= outgoing(store).keys()


def test_a_client_nobody_here_remembers_gets_a_stand_in_until_somebody_tells(store: Store) -> None:
    arrive(
        store, gone("c", "client", stamp()), state("m", "message", stamp(hours=1), client_id="c", summary="?")
    )
    assert store.get(Client, "c").name == "? c"
    arrive(store, state("c", "client", stamp(hours=2), name="Ana"), rev=5)
    assert store.get(Client, "c").name == "Ana"


def test_links_to_what_was_deleted_elsewhere_are_emptied(store: Store) -> None:
    store.save(
        Client(id="c", name="Ana"),
        Job(id="j", client_id="c"),
        Message(id="m", client_id="c", job_id="j"),
    )
    arrive(store, gone("j", "job", stamp(minutes=1)))
    assert store.get(Message, "m").job_id is None
    arrive(store, state("k", "call", stamp(minutes=2), client_id="c", job_id="j"), rev=5)
    assert store.get(Call, "k").job_id is None


def came_back(id_: str, kind: str, at: str, clock: str, **fields: object) -> RecordState:
    """A record deleted at `at` and edited later."""
    return RecordState(id_, kind, {name: [value, clock] for name, value in fields.items()}, at)


def test_a_record_that_comes_back_keeps_the_fields_this_device_has(store: Store) -> None:
    deletion, weak = stamp(minutes=1), following(stamp(minutes=1))
    arrive(store, state("c", "client", stamp(), name="Ana", notes="old", aura="green"))
    arrive(store, came_back("c", "client", deletion, stamp(minutes=2), notes="new"), rev=2)
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


def test_an_edit_after_a_deletion_wins_over_what_is_written_anew(store: Store) -> None:
    arrive(store, state("c", "client", stamp(), name="Ana"))
    arrive(store, came_back("c", "client", stamp(minutes=1), stamp(minutes=3), notes="new"), rev=2)
    arrive(store, came_back("c", "client", stamp(minutes=1), stamp(minutes=2), name="Bo"), rev=3)
    assert (store.get(Client, "c").name, store.get(Client, "c").notes) == ("Bo", "new")


def test_fields_that_the_first_edition_left_in_a_box_are_written_anew(store: Store) -> None:
    arrive(store, gone("c", "client", stamp(minutes=1)))
    theirs = state("c", "client", stamp(), name="Ana")
    theirs.fields["notes"] = ["new", stamp(minutes=2)]
    arrive(store, theirs, rev=2)
    assert (store.get(Client, "c").name, store.get(Client, "c").notes) == ("Ana", "new")
    sent = outgoing(store)["c"]
    assert sent.gone == stamp(minutes=1)
    arrive(store, RecordState("c", "client", sent.fields), rev=3)  # the first edition has accepted it
    assert contents(store)[Key("client", "c")]["name"] == "Ana"


def test_a_local_edit_of_a_record_that_came_back_keeps_its_deletion(store: Store) -> None:
    arrive(store, came_back("c", "client", stamp(minutes=1), stamp(minutes=2), name="Ana"))
    client = store.get(Client, "c")
    client.notes = "edited"
    store.save(client)
    assert outgoing(store)["c"].gone == stamp(minutes=1)
    assert queries.counts(store)["client"] == 1
    assert not sample.has_sample(store)


def test_a_stand_in_yields_to_the_fields_another_device_writes_anew(store: Store) -> None:
    deletion = stamp(minutes=1)
    message = state("m", "message", stamp(hours=1), client_id="c", summary="?")
    arrive(store, gone("c", "client", deletion), message)
    assert store.get(Client, "c").name == "? c"
    known = came_back("c", "client", deletion, following(following(deletion)), name="0 Ana", notes="kept")
    arrive(store, known, rev=5)
    assert (store.get(Client, "c").name, store.get(Client, "c").notes) == ("0 Ana", "kept")


def test_a_living_record_with_stamps_from_far_ahead_stays_living(store: Store) -> None:
    ahead = stamp(days=1000)
    arrive(store, came_back("c", "client", ahead, following(ahead), name="Ana"))
    assert store.get(Client, "c").name == "Ana"
    assert outgoing(store)["c"].newest < stamp(minutes=1)


# --- restoring, wiping, clocks ---------------------------------------------------------------------------


def test_a_restored_backup_is_a_new_write_of_everything(store: Store, clock: Clock) -> None:
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


def test_wiping_ends_sync_here_and_a_backup_says_nothing_of_it(store: Store) -> None:
    store.save(Client(name="Ana"))
    assert b"kaeru.example" not in backup.to_bytes(backup.export(store, NOON))
    store.wipe()
    assert store.sync_store.state() is None


def test_stamps_of_a_wrong_date_are_made_anew_in_their_order(store: Store, clock: Clock) -> None:
    store.save(Client(id="c", name="before"))
    store.sync_store.mend_clock()
    clock.forward(days=1000)
    store.save(Client(id="d", name="first"))
    store.save(Client(id="e", name="second"))
    client = store.get(Client, "c")
    client.name = "third"
    store.save(client)
    store.delete(store.get(Client, "d"))
    clock.forward(days=-1000)
    store.sync_store.mend_clock()
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
def test_sync_takes_into_rows_what_a_restore_would(store: Store, kind: str, name: str, value: object) -> None:
    blank = {"client": Client(id="r"), "message": Message(id="r"), "settings": Settings()}[kind]
    whole = StoredRecord(Key(kind, blank.id), encode(blank) | {name: value}, {}, None, {})
    arrive(store, state(blank.id, kind, stamp(), **{name: value}))
    taken, sound = stored(store, blank.id), problem_with(whole) is None
    assert (name in taken.clocks, name in taken.extra) == (sound, not sound)
