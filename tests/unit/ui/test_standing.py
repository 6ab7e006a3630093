"""Second seed: "can it wait for Friday's call?" has a place to wait in, and the call an end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.codes import CallOutcome, ClientStatus
from app.domain.entities import Call, Client, Message, Topic
from app.store import queries
from app.ui.call import model as calls
from app.ui.client import model as client_page
from app.ui.client.timeline import tell
from app.ui.message import model as messages
from app.ui.scripts.filling import filling
from app.ui.standing import model as standing
from app.ui.state import AppState
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
    """What the call's row in Today says; empty without one."""
    items = queries.today(app.store, app.now).agenda.items
    named = [item for item in items if item.key in ("call:marc", "call_to_note:marc")]
    return " | ".join(agenda_words.agenda_matter(item, app.format) for item in named)


def test_from_a_voicemail_to_friday_and_what_was_not_talked_about_to_the_next_friday(
    app: AppState, clock: list[datetime]
) -> None:
    call = Call(id="rang", client_id="marc", at=NOW - HOUR, outcome=CallOutcome.VOICEMAIL, note="The budget")
    app.store.save(call)
    calls.defer(app, call)
    assert said(app).text == f"Kept for your call: {app.format.when(FRIDAY, NOW)}"
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
    assert (card(app), shown(app).to_note, shown(app).next_call) == ("", None, FRIDAY + WEEK)
    assert texts(shown(app).open) == ["My invoice", "The new logo"]
    assert texts(shown(app).done) == ["The budget"]
    go_to(app, clock, FRIDAY + WEEK - HOUR)
    assert card(app) == "Standing call: My invoice and The new logo"


def test_a_held_call_is_in_the_history_and_undo_asks_again(app: AppState, clock: list[datetime]) -> None:
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


def test_a_moved_call_is_the_one_that_texts_speak_of(app: AppState) -> None:
    monday = FRIDAY + 3 * DAY
    assert monday in standing.suggested_moves(app, FRIDAY)
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


def test_a_call_noted_by_hand_is_not_asked_about(app: AppState, clock: list[datetime]) -> None:
    app.store.save(Call(client_id="marc", at=FRIDAY + HOUR / 12, scheduled=True, outcome=CallOutcome.TAKEN))
    go_to(app, clock, FRIDAY + HOUR)
    assert (card(app), shown(app).to_note) == ("", None)


def test_without_a_standing_call_a_topic_says_so_and_waits(app: AppState) -> None:
    app.store.save(Client(id="ana", name="Ana"), message := Message(client_id="ana", at=NOW, summary="Logo"))
    assert standing.keep_message(app, message)
    assert said(app).text == "Kept as a topic. There is no standing call yet."
    page = standing.load(app, "ana")
    assert page is not None
    assert (page.next_call, texts(page.open)) == (None, ["Logo"])


def test_a_message_kept_for_the_call_is_still_owed_a_reply(app: AppState) -> None:
    app.store.save(message := Message(id="m", client_id="marc", at=NOW, summary="The logo"))
    assert standing.keep_message(app, message)
    page = messages.load(app, "m")
    assert page is not None
    assert page.topic is not None
    assert (page.topic.message_id, page.topic.raised_by) == ("m", "client")
    assert page.window is not None
    said(app).undo()
    assert messages.load(app, "m").topic is None  # type: ignore[union-attr]


def test_no_call_is_ahead_while_no_work_goes_on(app: AppState) -> None:
    paused = client(app)
    paused.status = ClientStatus.PAUSED
    app.store.save(paused)
    assert shown(app).next_call is None


def test_topics_are_changed_made_something_of_and_deleted_with_undo(app: AppState) -> None:
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


def test_a_call_that_waits_no_longer_has_no_topic_and_is_not_missed_again(app: AppState) -> None:
    app.store.save(call := Call(id="rang", client_id="marc", at=NOW - HOUR, outcome=CallOutcome.MISSED))
    calls.defer(app, call)
    assert standing.delete(app, shown(app).open[0])
    assert shown(app).open == []
    assert "calls:marc" not in {item.key for item in queries.today(app.store, NOW).agenda.items}


def test_a_client_leads_to_the_topics_and_takes_them_along(app: AppState) -> None:
    standing.add(app, "marc", "one")
    page = client_page.load(app, "marc", limit=5)
    assert page is not None
    assert page.topics == 1
    assert client_page.delete(app, client(app))
    assert said(app).text == "Marc deleted, with 1 topic"
    assert standing.load(app, "marc") is None
