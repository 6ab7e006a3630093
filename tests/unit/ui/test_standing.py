"""Standing calls (second seed): topics kept for the next call, noting the call, moving and cancelling it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.codes import CallOutcome, ClientStatus
from app.domain.entities import Call, Client, Message, Topic
from app.store import queries
from app.ui.client.timeline import tell
from app.ui.components.move_call import ask_if_day_off
from app.ui.standing.view import _move_button
from app.ui.state import AppState
from app.ui.today import others
from app.viewmodels import call as calls
from app.viewmodels import client as client_page
from app.viewmodels import message as messages
from app.viewmodels import sent, standing
from app.viewmodels.scripts.filling import filling, find
from app.wording import agenda as agenda_words
from tests.unit.ui.support import open_app, said

FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)  # 10:00 in Paris
NOW = FRIDAY - timedelta(days=2)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEEK = 7 * DAY


@pytest.fixture
def clock() -> list[datetime]:
    return [NOW]


@pytest.fixture
def app(clock: list[datetime]) -> Iterator[AppState]:
    app = open_app(lambda: clock[0])
    app.store.save(
        Client(
            id="marc",
            name="Marc",
            standing_call_rule="FREQ=WEEKLY;BYDAY=FR",
            standing_call_start=FRIDAY - 4 * WEEK,
        )
    )
    yield app
    app.store.close()


def go_to(app: AppState, clock: list[datetime], at: datetime) -> None:
    clock[0] = at
    app.tick()


def client(app: AppState) -> Client:
    found = app.store.get(Client, "marc")
    assert found is not None
    return found


def shown(app: AppState) -> standing.StandingPage:
    page = standing.load(app, "marc")
    assert page is not None
    return page


def texts(topics: list[Topic]) -> list[str]:
    return [topic.text for topic in topics]


def card(app: AppState) -> str:
    """The text of the call's row in Today; empty without one."""
    items = queries.today(app.store, app.now).agenda.items
    named = [item for item in items if item.key in ("call:marc", "call_to_note:marc")]
    return " | ".join(agenda_words.agenda_matter(item, app.format) for item in named)


def test_topics_wait_for_fridays_call_and_the_rest_for_the_next_one(
    app: AppState, clock: list[datetime]
) -> None:
    call = Call(id="rang", client_id="marc", at=NOW - HOUR, outcome=CallOutcome.VOICEMAIL, note="The budget")
    app.store.save(call)
    calls.keep(app, call)
    when = app.format.when(FRIDAY, NOW)
    assert said(app).text == f"Kept for your call: {when}. They do not know yet: tell them."
    go_to(app, clock, NOW + HOUR)
    assert standing.add(app, "marc", "  My invoice ")
    go_to(app, clock, NOW + 2 * HOUR)
    assert standing.add(app, "marc", "The new logo", "client")
    assert not standing.add(app, "marc", "   ")
    assert texts(shown(app).open) == ["The budget", "My invoice", "The new logo"]

    go_to(app, clock, FRIDAY - HOUR)
    assert card(app) == "Standing call: The budget, My invoice, and 1 more topic"
    go_to(app, clock, FRIDAY + HOUR / 4)
    assert standing.tick_off(app, shown(app).open[0], done=True)
    assert standing.tick_off(app, shown(app).open[1], done=True)
    said(app).undo()
    assert texts(shown(app).open) == ["My invoice", "The new logo"]

    go_to(app, clock, FRIDAY + HOUR)
    assert card(app) == "Did your call take place?: My invoice and The new logo"
    assert shown(app).to_note == FRIDAY
    assert standing.held(app, client(app), FRIDAY)
    assert said(app).text == f"Call held. The next one: {app.format.when(FRIDAY + WEEK, app.now)}"
    # The client raised the logo and waits for an answer.
    assert card(app) == "Standing call: My invoice and The new logo"
    assert (shown(app).to_note, shown(app).next_call) == (None, FRIDAY + WEEK)
    assert texts(shown(app).open) == ["My invoice", "The new logo"]
    assert texts(shown(app).done) == ["The budget"]
    go_to(app, clock, FRIDAY + WEEK - HOUR)
    assert card(app) == "Standing call: My invoice and The new logo"


def test_a_held_call_is_in_the_timeline_and_undo_asks_again(app: AppState, clock: list[datetime]) -> None:
    go_to(app, clock, FRIDAY + HOUR)
    standing.held(app, client(app), FRIDAY)
    page = client_page.load(app, "marc", limit=20)
    assert page is not None
    assert [tell(entry).about for day in page.days for entry in day.entries] == ["Scheduled call: Taken"]
    assert page.glance.calls.total.scheduled == 1
    said(app).undo()
    assert shown(app).to_note == FRIDAY
    assert client_page.load(app, "marc", limit=20).days == []  # type: ignore[union-attr]


def test_a_call_that_did_not_take_place_keeps_its_topics(app: AppState, clock: list[datetime]) -> None:
    standing.add(app, "marc", "My invoice")
    go_to(app, clock, FRIDAY + HOUR)
    assert standing.did_not_take_place(app, client(app), FRIDAY)
    page = client_page.load(app, "marc", limit=20)
    assert page is not None
    (entry,) = [entry for day in page.days for entry in day.entries]
    assert tell(entry).about == "Scheduled call that did not take place"
    assert (texts(shown(app).open), shown(app).next_call) == (["My invoice"], FRIDAY + WEEK)


def test_a_cancelled_call_is_in_the_timeline_and_can_be_restored(
    app: AppState, clock: list[datetime]
) -> None:
    assert standing.did_not_take_place(app, client(app), FRIDAY)
    assert shown(app).next_call == FRIDAY + WEEK
    (call,) = queries.calls_of(app.store, "marc", FRIDAY - DAY)
    stored = app.store.get(Call, call.id)
    assert stored is not None
    page = client_page.load(app, "marc", limit=20)
    assert page is not None
    assert [tell(entry).about for day in page.days for entry in day.entries] == [
        "Scheduled call that was called off"
    ]
    found = standing.cancelled(app, stored)
    assert found is not None
    assert shown(app).cancelled == [found]
    assert standing.restore(app, "marc", found)
    assert (shown(app).next_call, shown(app).cancelled) == (FRIDAY, [])
    assert queries.calls_of(app.store, "marc", FRIDAY - DAY) == []


def test_a_cancelled_call_cannot_be_restored_after_its_time(app: AppState, clock: list[datetime]) -> None:
    standing.did_not_take_place(app, client(app), FRIDAY)
    (call,) = queries.calls_of(app.store, "marc", FRIDAY - DAY)
    go_to(app, clock, FRIDAY + HOUR)
    stored = app.store.get(Call, call.id)
    assert stored is not None
    assert (standing.cancelled(app, stored), shown(app).cancelled) == (None, [])
    assert len(queries.calls_of(app.store, "marc", FRIDAY - DAY)) == 1


def test_texts_name_the_new_time_of_a_moved_call(app: AppState) -> None:
    monday = FRIDAY + 3 * DAY
    assert monday in standing.suggested_moves(app, client(app), FRIDAY)
    assert standing.move(app, client(app), FRIDAY, monday)
    assert shown(app).next_call == monday
    call = Call(client_id="marc", at=NOW - HOUR, outcome=CallOutcome.VOICEMAIL)
    app.store.save(call)
    page = calls.load(app, call.id, f"/call/{call.id}")
    assert page is not None
    assert page.text is not None
    assert "our call on Monday, November 30 at 10" in filling(page.text, {}, {}).filled.text
    said(app).undo()
    assert shown(app).next_call == FRIDAY
    assert not standing.move(app, client(app), FRIDAY, NOW - DAY)
    assert said(app).text == "This time has passed. Choose one that is still to come."


def test_no_question_is_asked_about_a_call_recorded_by_hand(app: AppState, clock: list[datetime]) -> None:
    app.store.save(Call(client_id="marc", at=FRIDAY + HOUR / 12, scheduled=True, outcome=CallOutcome.TAKEN))
    go_to(app, clock, FRIDAY + HOUR)
    assert (card(app), shown(app).to_note) == ("", None)


def test_a_topic_can_be_kept_without_a_standing_call(app: AppState) -> None:
    app.store.save(Client(id="ana", name="Ana"), message := Message(client_id="ana", at=NOW, summary="Logo"))
    assert standing.keep_message(app, message)
    assert said(app).text == "Kept as a topic. There is no standing call yet."
    page = standing.load(app, "ana")
    assert page is not None
    assert (page.next_call, texts(page.open)) == (None, ["Logo"])


def test_a_message_kept_for_the_call_still_needs_a_reply(app: AppState) -> None:
    app.store.save(message := Message(id="m", client_id="marc", at=NOW, summary="The logo"))
    assert standing.keep_message(app, message)
    page = messages.load(app, "m")
    assert page is not None
    assert page.topic is not None
    assert (page.topic.message_id, page.topic.raised_by) == ("m", "client")
    assert page.window is not None
    said(app).undo()
    assert messages.load(app, "m").topic is None  # type: ignore[union-attr]


def test_a_paused_client_has_no_next_call(app: AppState) -> None:
    paused = client(app)
    paused.status = ClientStatus.PAUSED
    app.store.save(paused)
    assert shown(app).next_call is None


def test_topics_can_be_edited_converted_and_deleted_with_undo(app: AppState) -> None:
    for text in ("one", "two", "three"):
        standing.add(app, "marc", text)
    by_text = {topic.text: topic for topic in shown(app).open}
    assert standing.edit(app, by_text["one"], "A landing page")
    assert standing.make_job(app, by_text["one"])
    assert standing.make_message(app, by_text["two"])
    assert standing.make_update(app, by_text["three"], "Sent on Monday")
    assert shown(app).open == []
    (job,) = queries.jobs_of(app.store, "marc")
    assert (job.title, shown(app).done[0].done_at) == ("A landing page", NOW)
    assert [message.summary for message in queries.open_messages(app.store)] == ["two"]
    assert [update.text for update in queries.updates_for(app.store, "marc")] == ["Sent on Monday"]
    said(app).undo()
    assert (texts(shown(app).open), queries.updates_for(app.store, "marc")) == (["three"], [])
    assert standing.delete(app, shown(app).open[0])
    assert shown(app).open == []
    said(app).undo()
    assert texts(shown(app).open) == ["three"]


def test_deleting_the_topic_of_an_answered_call_does_not_reopen_the_call(app: AppState) -> None:
    app.store.save(call := Call(id="rang", client_id="marc", at=NOW - HOUR, outcome=CallOutcome.MISSED))
    calls.told(app, call)
    assert standing.delete(app, shown(app).open[0])
    assert shown(app).open == []
    assert "calls:marc" not in keys(app)


# --- topics raised by the client, and whether they know that they wait -------------------------------------


def keys(app: AppState) -> set[str]:
    return {item.key for item in queries.today(app.store, app.now).agenda.items}


def row(app: AppState, key: str) -> str:
    """The text of a row in Today; empty if there is no such row."""
    items = queries.today(app.store, app.now).agenda.items
    return "".join(agenda_words.agenda_matter(item, app.format) for item in items if item.key == key)


def add_call(
    app: AppState, client_id: str = "marc", outcome: str = CallOutcome.VOICEMAIL, **fields: Any
) -> Call:
    call = Call(client_id=client_id, at=app.now - HOUR, outcome=outcome, note="The budget", **fields)
    app.store.save(call)
    return call


def test_a_call_kept_for_the_next_one_needs_an_answer_until_the_client_is_told(app: AppState) -> None:
    call = add_call(app)
    assert row(app, "calls:marc") == "Calls to answer: 1 voicemail"
    calls.keep(app, call)
    assert row(app, "calls:marc") == "Calls to answer: 1 voicemail, kept for your next call: tell them"
    kept = app.store.get(Call, call.id)
    assert kept is not None
    assert (kept.answered_at, kept.deferred_to) == (None, None)
    calls.told(app, kept)
    assert "calls:marc" not in keys(app)
    assert app.store.get(Call, call.id).answered_at == NOW  # type: ignore[union-attr]


def test_a_topic_raised_by_the_client_is_in_today_at_once(app: AppState, clock: list[datetime]) -> None:
    standing.add(app, "marc", "My own")
    assert keys(app) == set()
    go_to(app, clock, NOW + HOUR)
    standing.add(app, "marc", "Theirs", "client")
    assert row(app, "call:marc") == "Standing call: My own and Theirs"
    standing.tick_off(app, shown(app).open[1], done=True)
    assert keys(app) == set()


def test_without_a_standing_call_a_clients_topic_in_today_offers_to_set_one(
    app: AppState,
) -> None:
    app.store.save(ana := Client(id="ana", name="Ana"))
    call = add_call(app, "ana")
    calls.keep(app, call)
    assert said(app).text == "Kept as a topic. They do not know yet: tell them."
    calls.told(app, app.store.get(Call, call.id))  # type: ignore[arg-type]
    assert row(app, "topics:ana") == "Kept for your next call: The budget"
    (item,) = queries.today(app.store, app.now).agenda.items
    assert others.place(item) == ("standing-call", "ana")
    offered = others.quick(app, item, ana, "Ana")
    assert offered is not None
    offered.act()
    assert app.page.route.endswith("/edit-client/ana")
    ana.status = ClientStatus.ENDED
    app.store.save(ana)
    assert keys(app) == set()


def test_a_ticked_topic_answers_the_call_it_came_from(app: AppState) -> None:
    calls.keep(app, call := add_call(app))
    standing.tick_off(app, shown(app).open[0], done=True)
    assert "calls:marc" not in keys(app)
    standing.tick_off(app, shown(app).done[0], done=False)
    assert "calls:marc" in keys(app)
    standing.make_update(app, shown(app).open[0], "The budget stays")
    assert app.store.get(Call, call.id).answered_at == NOW  # type: ignore[union-attr]


def test_deleting_a_topic_before_telling_the_client_leaves_the_call_open(app: AppState) -> None:
    calls.keep(app, add_call(app))
    standing.delete(app, shown(app).open[0])
    assert row(app, "calls:marc") == "Calls to answer: 1 voicemail"


def test_a_call_to_answer_offers_its_text_in_today(app: AppState) -> None:
    add_call(app)
    (item,) = [each for each in queries.today(app.store, app.now).agenda.items if each.unanswered]
    named = {action.label: action for action in others._words(app, item, client(app))}
    named["What to say"].act()
    assert "script/voicemail-next-call" in app.page.route


def test_a_message_can_wait_for_a_call_once_the_client_has_called(app: AppState) -> None:
    app.store.save(Client(id="ana", name="Ana"), Message(id="m", client_id="ana", at=NOW, summary="Logo"))
    assert not messages.load(app, "m").can_wait  # type: ignore[union-attr]
    add_call(app, "ana", CallOutcome.TAKEN)
    assert messages.load(app, "m").can_wait  # type: ignore[union-attr]


# --- noting a call once, and not before its time -----------------------------------------------------------


def test_a_future_call_cannot_be_noted_as_held(app: AppState) -> None:
    assert not standing.held(app, client(app), FRIDAY)
    assert said(app).text == "This call is still to come. Note it once its time has come."
    assert queries.calls_for(app.store, "marc") == []
    assert shown(app).next_call == FRIDAY


def test_a_second_tap_notes_nothing_more(app: AppState, clock: list[datetime]) -> None:
    go_to(app, clock, FRIDAY + HOUR)
    before = client(app)
    assert standing.held(app, before, FRIDAY)
    assert not standing.held(app, before, FRIDAY)  # at once, from an outdated screen
    go_to(app, clock, FRIDAY + 2 * HOUR)
    assert not standing.held(app, before, FRIDAY)  # and again later
    assert not standing.did_not_take_place(app, before, FRIDAY)
    assert [call.at for call in queries.calls_for(app.store, "marc")] == [FRIDAY]
    assert shown(app).next_call == FRIDAY + WEEK


def test_a_second_tap_does_not_cancel_the_following_call(app: AppState) -> None:
    assert standing.did_not_take_place(app, client(app), FRIDAY)
    assert not standing.did_not_take_place(app, client(app), FRIDAY + WEEK)
    assert shown(app).next_call == FRIDAY + WEEK


def test_a_moved_call_is_noted_once(app: AppState, clock: list[datetime]) -> None:
    assert standing.move(app, client(app), FRIDAY, FRIDAY - HOUR)
    go_to(app, clock, FRIDAY)
    moved = client(app)
    assert standing.held(app, moved, FRIDAY - HOUR)
    go_to(app, clock, FRIDAY + HOUR)
    assert not standing.did_not_take_place(app, moved, FRIDAY - HOUR)
    assert len(queries.calls_for(app.store, "marc")) == 1


# --- days off --------------------------------------------------------------------------------------------


def test_calls_on_holidays_are_skipped_and_named_with_the_reason(
    app: AppState, clock: list[datetime]
) -> None:
    settings = app.store.settings()
    settings.holiday_country = "FR"
    app.store.save(settings)
    christmas = FRIDAY + 4 * WEEK
    go_to(app, clock, christmas - 3 * DAY)
    page = shown(app)
    assert page.next_call == christmas + 2 * WEEK
    assert page.skipped == [christmas, christmas + WEEK]
    assert standing.kept_until(app, "marc") == (
        "Kept for your call: Fri, Jan 8, 2027 at 10 AM. "
        "No call on Friday, December 25 (Christmas Day) and Friday, January 1, 2027 (New Year’s Day)"
    )
    assert standing.keep_on_day_off(app, client(app), christmas)
    assert shown(app).next_call == christmas
    said(app).undo()
    assert standing.move(app, client(app), christmas, christmas - DAY)
    assert (shown(app).next_call, shown(app).skipped) == (christmas - DAY, [])


def test_a_client_page_counts_topics_and_deleting_the_client_deletes_them(app: AppState) -> None:
    standing.add(app, "marc", "one")
    page = client_page.load(app, "marc", limit=5)
    assert page is not None
    assert page.topics == 1
    assert client_page.delete(app, client(app))
    assert said(app).text == "Marc deleted, with 1 topic"
    assert standing.load(app, "marc") is None


# --- telling the client about changes ----------------------------------------------------------------------


def test_moving_a_promised_call_asks_to_tell_the_client(app: AppState, clock: list[datetime]) -> None:
    calls.told(app, add_call(app))
    assert "call_changed:marc" not in keys(app)
    standing.move(app, client(app), FRIDAY, FRIDAY + 3 * DAY)
    assert row(app, "call_changed:marc") == "Tell them about your call: moved from Fri, Nov 27 to Mon, Nov 30"
    (item,) = [each for each in queries.today(app.store, app.now).agenda.items if each.changed]
    assert others.place(item) == ("standing-call", "marc")
    text = standing.load(app, "marc", "/clients/standing-call/marc").text  # type: ignore[union-attr]
    assert text is not None
    filled = filling(text, {}, {})
    assert (filled.complete, text.unfounded) == (True, [])
    assert filled.subject == "Our call on Friday, November 27 at 10\u00a0AM"
    assert "Can we talk on Monday, November 30 at 10\u00a0AM instead?" in filled.body
    noted = {note.label: note for note in sent.notes(app, text, filled)}
    noted["I told them"].act()
    assert ("call_changed:marc" in keys(app), shown(app).changed) == (False, [])
    said(app).undo()
    assert "call_changed:marc" in keys(app)
    (leave,) = others._steps(app, item, client(app))
    assert leave.label == "No need to tell them"
    leave.act()
    assert "call_changed:marc" not in keys(app)


def test_noting_from_today_that_the_client_was_told_promises_the_call(app: AppState) -> None:
    call = add_call(app)
    calls.keep(app, call)
    (item,) = [each for each in queries.today(app.store, app.now).agenda.items if each.unanswered]
    action = others.quick(app, item, client(app), "Marc")
    assert action is not None
    assert action.label == "I told them: Marc"
    action.act()
    assert app.store.get(Call, call.id).deferred_to == FRIDAY  # type: ignore[union-attr]
    standing.move(app, client(app), FRIDAY, FRIDAY + HOUR)
    changed = row(app, "call_changed:marc").replace("\u202f", " ").replace("\u00a0", " ")
    assert changed == "Tell them about your call: moved from 10 AM to 11 AM"


def test_cancelling_a_call_asks_to_tell_the_client_and_undo_removes_it(app: AppState) -> None:
    standing.did_not_take_place(app, client(app), FRIDAY)
    assert row(app, "call_changed:marc") == "Tell them about your call: no call on Friday, November 27"
    said(app).undo()
    assert "call_changed:marc" not in keys(app)


def test_a_day_off_on_a_promised_call_asks_to_tell_the_client(app: AppState) -> None:
    calls.told(app, add_call(app))
    settings = app.store.settings()
    settings.days_off = [{"first": "2026-11-27", "last": "2026-11-27", "label": ""}]
    app.store.save(settings)
    app.tick()
    assert row(app, "call_changed:marc") == "Tell them about your call: no call on Friday, November 27"
    text = standing.load(app, "marc", "/clients/standing-call/marc").text  # type: ignore[union-attr]
    assert text is not None
    assert "Can we talk on Friday, December 4 at 10\u00a0AM instead?" in filling(text, {}, {}).body


def test_a_text_that_names_the_next_call_can_be_noted_as_a_promise(app: AppState) -> None:
    page = find(app, "call-invitation", "/clients/client/marc", "en")
    assert page is not None
    noted = {note.label: note for note in sent.notes(app, page, filling(page, {}, {}))}
    label = f"They know of the call: {app.format.when(FRIDAY, NOW)}"
    noted[label].act()
    page = find(app, "call-invitation", "/clients/client/marc", "en")
    assert page is not None
    assert label not in [note.label for note in sent.notes(app, page, filling(page, {}, {}))]


def test_moving_a_call_to_a_day_off_asks_for_confirmation(app: AppState) -> None:
    settings = app.store.settings()
    settings.holiday_country = "FR"
    app.store.save(settings)
    app.tick()
    moved: list[bool] = []
    christmas = FRIDAY + 4 * WEEK + HOUR
    ask_if_day_off(app, christmas, lambda: moved.append(True))
    dialog = app.page.said[-1]  # type: ignore[attr-defined]
    assert moved == []
    assert "Christmas Day" in dialog.content.value
    ask_if_day_off(app, christmas - DAY, lambda: moved.append(True))
    assert moved == [True]


def test_a_call_cannot_be_moved_onto_another_call(app: AppState) -> None:
    twice = client(app)
    twice.standing_call_rule = "FREQ=WEEKLY;BYDAY=FR,MO"
    app.store.save(twice)
    monday = FRIDAY + 3 * DAY
    assert monday not in standing.suggested_moves(app, client(app), FRIDAY)
    assert len(standing.suggested_moves(app, client(app), FRIDAY)) == standing.MOVES
    assert not standing.move(app, client(app), FRIDAY, monday)
    assert said(app).text == "You have a call with them at that time already. Choose another time."
    assert shown(app).next_call == FRIDAY


def test_the_move_buttons_of_the_page_have_different_labels(app: AppState) -> None:
    settings = app.store.settings()
    settings.holiday_country = "FR"
    app.store.save(settings)
    app.tick()
    names = {
        _move_button(app, client(app), at).content for at in (FRIDAY, FRIDAY + 4 * WEEK, FRIDAY + 5 * WEEK)
    }
    assert len(names) == 3
