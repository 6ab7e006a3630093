"""Today as the people of the seeds meet it: every row ended in one tap, and answers that end a chase."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.agenda import AgendaItem
from app.domain.answers import MatterKind
from app.domain.codes import CallOutcome, Direction, JobStatus
from app.domain.column_types import Question
from app.domain.entities import Call, Client, Conversation, Job, Message, Part
from app.domain.exposure import late_payments
from app.store import queries
from app.ui.state import AppState
from app.ui.today import others
from app.ui.today.row import agenda_row
from app.viewmodels import answers, exposure, ladder, notifications, waiting
from app.viewmodels import call as calls
from app.viewmodels import message as messages
from app.viewmodels import today as model
from app.viewmodels.exposure import late_line
from app.viewmodels.scripts.filling import filling, load
from app.viewmodels.sent import notes
from app.wording import agenda as agenda_words
from tests.unit.ui.support import open_app, said

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def app() -> Iterator[AppState]:
    app = open_app(lambda: NOW)
    app.store.save(
        Client(id="ana", name="Ana"),
        Client(
            id="marc",
            name="Marc",
            standing_call_rule="FREQ=WEEKLY;BYDAY=WE",
            standing_call_start=NOW - 28 * DAY - HOUR / 4,
        ),
    )
    yield app
    app.store.close()


def rows(app: AppState) -> dict[str, AgendaItem]:
    return {item.key: item for item in queries.today(app.store, app.now).agenda.items}


def kinds(app: AppState) -> set[tuple[str, str]]:
    """An application that is answered stays in the list, as an offer."""
    return {(item.kind.value, key) for key, item in rows(app).items()}


def asked(days: float | None) -> Question:
    at = None if days is None else (NOW - days * DAY).isoformat()
    return Question(id="q", text="Which blue?", asked_at=at, answered_at=None)


OPEN: dict[str, tuple[list[Any], str, str, str]] = {
    "calls:ana": (
        [
            Call(client_id="ana", at=NOW - 2 * HOUR, outcome=CallOutcome.MISSED),
            Call(client_id="ana", at=NOW - HOUR, outcome=CallOutcome.VOICEMAIL),
        ],
        "I got back to them: Ana",
        "Calls to answer: 1 voicemail and 1 missed call",
        "by {when} · {left}",
    ),
    "job:applied": (
        [Job(id="applied", client_id="ana", status="applied", title="Blog", started_at=NOW - 30 * DAY)],
        "I got an offer: Ana",
        "No answer to your application: Blog",
        "since {day}",
    ),
    "job:offered": (
        [Job(id="offered", client_id="ana", status="offered", title="Blog", started_at=NOW - DAY)],
        "I take it: Ana",
        "An offer to you: Blog",
        "waits for your yes or no",
    ),
    "question:q": (
        [Job(id="asks", client_id="ana", title="Blog", started_at=NOW - 20 * DAY, questions=[asked(9)])],
        "They answered: Ana",
        "No answer to your question: Which blue?",
        "since {day}",
    ),
    "payment:sold": (
        [Job(id="sold", client_id="ana", status="delivered", title="Blog", fee=50_000,
             delivered_at=NOW - 60 * DAY)],
        "Paid: Ana",
        "Payment overdue: €500.00 · Blog",
        "Was due {day} · {left}",
    ),
    "payment:part": (
        [
            Job(id="half", client_id="ana", title="Blog", started_at=NOW - 70 * DAY),
            Part(id="part", job_id="half", title="One", amount=50_000, delivered_at=NOW - 60 * DAY),
        ],
        "Paid: Ana",
        "Payment overdue: €500.00 · Blog · One",
        "Was due {day} · {left}",
    ),
    "ladder:ana": (
        [Call(client_id="ana", at=NOW - n * HOUR, outcome=CallOutcome.TAKEN) for n in range(1, 8)],
        "I said it: Ana",
        "Boundaries: Propose a standing call",
        "since {day}",
    ),
    "call:marc": ([], "It took place: Marc", "Standing call", "{when}"),
}  # fmt: skip


@pytest.mark.parametrize("key", OPEN)
def test_each_row_says_what_it_is_and_one_tap_ends_it_with_undo(app: AppState, key: str) -> None:
    things, label, matter, due = OPEN[key]
    app.store.save(*(thing.model_copy() for thing in things))
    item = rows(app)[key]
    client = app.store.get(Client, item.client_id)
    assert client is not None
    assert agenda_words.agenda_matter(item, app.format) == matter
    assert agenda_words.due_sentence(item) == due
    action = others.quick(app, item, client, client.name)
    assert action is not None
    assert action.label == label
    action.act()
    assert (item.kind.value, key) not in kinds(app)
    said(app).undo()
    assert (item.kind.value, key) in kinds(app)


def test_a_question_to_ask_becomes_one_that_was_asked(app: AppState) -> None:
    app.store.save(Job(id="asks", client_id="ana", started_at=NOW - DAY, questions=[asked(None)]))
    item = rows(app)["question:q"]
    action = others.quick(app, item, None, "Ana")
    assert action is not None
    assert (action.label, agenda_words.due_sentence(item)) == ("Asked: Ana", "not asked yet")
    action.act()
    assert "question:q" not in rows(app)
    assert [each.question and each.question["id"] for each in queries.waiting_for(app.store, NOW)] == ["q"]


def test_the_next_step_can_wait_a_week(app: AppState) -> None:
    things = OPEN["ladder:ana"][0]
    app.store.save(*(thing.model_copy() for thing in things))
    client = app.store.get(Client, "ana")
    assert client is not None
    assert ladder.snooze(app, client, NOW + 7 * DAY)
    assert "ladder:ana" not in rows(app)
    snoozed = queries.today(app.store, NOW).agenda.snoozed
    assert [item.key for item in snoozed] == ["ladder:ana"]
    assert ladder.snooze(app, client, None)
    assert "ladder:ana" in rows(app)


def test_a_decision_is_not_taken_by_a_tap_in_a_list(app: AppState) -> None:
    app.store.save(
        *(
            Conversation(client_id="ana", step=step, at=NOW - (9 * (5 - step)) * DAY, outcome="pushed_back")
            for step in range(1, 5)
        ),
        *(Call(client_id="ana", at=NOW - n * HOUR, outcome=CallOutcome.TAKEN) for n in range(1, 8)),
    )
    item = rows(app)["ladder:ana"]
    assert item.step == 5
    assert others.quick(app, item, None, "Ana") is None
    assert others.place(item) == ("ladder", "ana")


def test_go_home_is_said_only_if_nothing_waits(app: AppState) -> None:
    """Issue: with eight calls logged, "nothing waits, go home"."""
    app.store.delete(app.store.get(Client, "marc"))  # type: ignore[arg-type] # it is there
    assert not model.load(app).sections
    for hours in range(1, 9):
        app.store.save(Call(client_id="ana", at=NOW - hours * HOUR, outcome=CallOutcome.MISSED))
    sections = model.load(app).sections
    assert [item.key for section in sections for item in section.items] == ["ladder:ana", "calls:ana"]
    calls.answered(app, "ana")
    ladder.said(app, "ana")
    assert not model.load(app).sections


@pytest.mark.parametrize(
    ("at", "wish"),
    [
        ("2026-11-25 11:00", "Go home on time."),
        ("2026-11-25 22:00", "Work is over for today. Rest well."),
        ("2026-11-25 05:00", ""),
        ("2026-11-28 22:00", "Enjoy your day off."),  # a Saturday
    ],
)
def test_an_empty_today_takes_leave_by_the_time_of_day(app: AppState, at: str, wish: str) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=app.calendar.zone)
    assert model.wish(app.calendar, now) == wish
    assert "home" not in model.nothing(has_clients=True)[1]  # it is shown at any time, before the app starts


def test_late_comes_first_then_today_then_what_is_later(app: AppState) -> None:
    app.store.save(
        Message(id="late", client_id="ana", at=NOW - 2 * DAY),
        Job(id="offered", client_id="ana", status="offered", started_at=NOW - 3 * DAY),
        Job(id="site", client_id="ana", started_at=NOW - DAY, deadline=NOW + 6 * DAY),
    )
    app.store.delete(app.store.get(Client, "marc"))  # type: ignore[arg-type] # it is there
    sections = model.load(app).sections
    assert [[item.key for item in each.items] for each in sections] == [
        ["message:late"],
        ["job:offered"],
        ["job:site"],
    ]
    assert [each.later for each in sections] == [False, False, True]


# --- is this the answer to …? ----------------------------------------------------------------------------


def test_a_client_who_answers_ends_the_chase(app: AppState) -> None:
    chase = Message(id="chase", client_id="ana", at=NOW - 9 * DAY, direction=Direction.OUT, summary="Offer")
    other = Message(id="other", client_id="marc", at=NOW - 9 * DAY, direction=Direction.OUT)
    reply = Message(id="reply", client_id="ana", at=NOW - HOUR)
    app.store.save(chase, other)
    assert "message:chase" in rows(app)
    app.store.save(reply)
    assert "message:chase" not in rows(app)  # the answer comes first
    page = messages.load(app, "reply")
    assert page is not None
    (matter,) = page.matters
    assert answers.title(app, matter) == "Your message: Offer"
    assert answers.close(app, matter, reply.at)
    assert "message:chase" not in rows(app)
    assert app.store.get(Message, "chase").replied_at == reply.at  # type: ignore[union-attr]
    rung = {each.item[1] for each in notifications.plan(app, NOW - 20 * DAY)}
    assert "chase" not in rung
    assert "other" in rung
    assert messages.load(app, "reply").matters == []  # type: ignore[union-attr]
    said(app).undo()
    messages.mark_replied(app, app.store.get(Message, "reply"))  # type: ignore[arg-type]
    assert "message:chase" in rows(app)


def test_what_was_written_after_the_message_is_not_asked_about(app: AppState) -> None:
    reply = Message(id="reply", client_id="ana", at=NOW - HOUR)
    mine = Message(client_id="ana", at=NOW - HOUR / 2, direction=Direction.OUT)
    app.store.save(reply, mine)
    page = messages.load(app, "reply")
    assert page is not None
    assert page.matters == []
    assert messages.load(app, mine.id).matters == []  # type: ignore[union-attr]


@pytest.mark.parametrize("key", ["job:applied", "question:q", "payment:sold", "payment:part", "calls:ana"])
def test_everything_open_can_be_what_they_answer(app: AppState, key: str) -> None:
    app.store.save(*(thing.model_copy() for thing in OPEN[key][0]))
    reply = Message(id="reply", client_id="ana", at=NOW - HOUR / 4, needs_reply=False)
    app.store.save(reply)
    kind = rows(app)[key].kind.value
    reply = Message(id="reply", client_id="ana", at=NOW - HOUR / 4, needs_reply=False)
    app.store.save(reply)
    (matter,) = answers.open_with(app, "ana", reply.at)
    assert answers.close(app, matter, reply.at)
    assert (kind, key) not in kinds(app)
    assert answers.open_with(app, "ana", reply.at) == []
    said(app).undo()
    assert (kind, key) in kinds(app)


def test_an_application_is_answered_with_a_yes_or_a_no(app: AppState) -> None:
    app.store.save(*(thing.model_copy() for thing in OPEN["job:applied"][0]))
    (matter,) = answers.open_with(app, "ana", NOW)
    assert matter.kind is MatterKind.APPLICATION
    answers.close(app, matter, NOW, JobStatus.LOST)
    assert app.store.get(Job, "applied").status == JobStatus.LOST  # type: ignore[union-attr]
    assert rows(app).keys() == {"call:marc"}


def test_a_call_that_was_taken_may_be_the_answer_and_ends_their_missed_calls(app: AppState) -> None:
    chase = Message(id="chase", client_id="ana", at=NOW - 9 * DAY, direction=Direction.OUT)
    rang = Call(client_id="ana", at=NOW - 2 * HOUR, outcome=CallOutcome.MISSED)
    app.store.save(chase, rang)
    assert "calls:ana" in rows(app)
    app.store.save(taken := Call(client_id="ana", at=NOW - HOUR, outcome=CallOutcome.TAKEN))
    page = calls.load(app, taken.id, f"/call/{taken.id}")
    assert page is not None
    assert [each.key for each in page.matters] == ["waiting:chase"]
    assert "calls:ana" not in rows(app)
    assert calls.load(app, rang.id, f"/call/{rang.id}").matters == []  # type: ignore[union-attr]


@pytest.mark.parametrize("how", ["agreed", "pushed back"])
def test_whoever_answered_a_step_is_not_chased_for_it(app: AppState, how: str) -> None:
    """Issue: nothing that was answered or agreed keeps its reminder."""
    app.store.save(*(thing.model_copy() for thing in OPEN["ladder:ana"][0]))
    path = "/clients/client/ana/ladder/ana/script/direct-conversation"
    page = load(app, "direct-conversation", path, None, None)
    assert page is not None
    for label in ("Follow up if they don't answer", "I said it"):
        (note,) = [each for each in notes(app, page, filling(page, {}, {})) if each.label == label]
        note.act()
    (chase,) = queries.waiting(app.store)
    assert chase.boundary_step == 1
    app.store.save(Message(id="unlike", client_id="ana", at=NOW, direction=Direction.OUT))
    talk, client = queries.conversations_for(app.store, "ana")[0], app.store.get(Client, "ana")
    assert client is not None
    if how == "agreed":
        ladder.agreed(app, talk, client, ladder.Terms(call_allowance=1))
    else:
        ladder.pushed_back(app, talk)
    assert [message.id for message in queries.waiting(app.store)] == ["unlike"]
    said(app).undo()
    assert {message.id for message in queries.waiting(app.store)} == {"unlike", chase.id}


def test_the_text_that_went_out_answers_all_their_calls(app: AppState) -> None:
    for hours in (1, 2, 3):
        app.store.save(
            Call(id=f"c{hours}", client_id="ana", at=NOW - hours * HOUR, outcome=CallOutcome.VOICEMAIL)
        )
    page = load(
        app, "voicemail-received", "/clients/client/ana/call/c1/script/voicemail-received", None, None
    )
    assert page is not None
    (note,) = [each for each in notes(app, page, filling(page, {}, {})) if each.label == "I got back to them"]
    note.act()
    assert "calls:ana" not in rows(app)
    assert all(app.store.get(Call, f"c{n}").answered_at == NOW for n in (1, 2, 3))  # type: ignore[union-attr]
    calls.not_answered(app, app.store.get(Call, "c2"))  # type: ignore[arg-type]
    assert [call.id for call in rows(app)["calls:ana"].unanswered.calls] == ["c2"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("key", "days"), [("payment:sold", 30), ("job:applied", 30), ("question:q", 9), ("message:out", 25)]
)
def test_what_is_late_is_late_since_the_same_day_everywhere(app: AppState, key: str, days: int) -> None:
    """Not since the reminder fell due, and with no hour that nobody set."""
    silent = Message(
        id="out",
        client_id="ana",
        at=NOW - 25 * DAY,
        direction=Direction.OUT,
        followed_up_at=[(NOW - n * DAY).isoformat() for n in (20, 15)],
    )
    app.store.save(*(thing.model_copy() for thing in OPEN[key][0]) if key in OPEN else (silent,))
    item = rows(app)[key]
    day = app.format.local(NOW - days * DAY).date()
    assert app.format.local(item.shown_at).date() == day
    line = agenda_words.due_line(item, NOW, app.format)
    assert app.format.day_in_line(item.shown_at, NOW) in line
    assert ":" not in line.replace("· ", "")
    if item.payment:
        assert line == agenda_words.payment_line(item.payment.due, NOW, app.format)
        assert line.endswith("30 days late")


def test_a_payment_is_late_from_the_day_after_it_was_due(app: AppState) -> None:
    lines = [agenda_words.payment_line(NOW + n * HOUR, NOW, app.format) for n in (-14, -12, 0, 10, 11, 25)]
    assert lines == [
        "Was due yesterday · 1 day late",
        *["Due today"] * 3,
        "Due tomorrow · 1 day left",
        "Due tomorrow · 1 day left",
    ]


# --- late money ------------------------------------------------------------------------------------------


def late_everywhere(app: AppState) -> list[str]:
    """What Today, Waiting, the client's page, and the page of what is unpaid say of all that is late."""
    day, owed, one = model.load(app), exposure.load(app, exposure.ALL), exposure.load(app, "ana")
    client, around = queries.client_glance(app.store, "ana", app.now), waiting.load(app)
    assert owed is not None
    assert one is not None
    assert client is not None
    of_client = late_payments(client.payments, app.calendar, app.now)
    found = (day.late_payments, around.late, owed.late, one.late, of_client)
    return [late_line(each, app.format) for each in found]


def test_what_is_late_comes_to_the_same_on_every_page(app: AppState) -> None:
    """Due yesterday, reminded, held back by a message to answer, delivered without a deadline: all of it."""
    sold = {"client_id": "ana", "status": "delivered", "title": "Blog"}
    app.store.save(
        Job(id="old", fee=50_000, delivered_at=NOW - 60 * DAY, **sold),
        Job(id="grace", fee=10_000, delivered_at=NOW - 31 * DAY, **sold),
        Job(id="told", fee=1_000, delivered_at=NOW - 50 * DAY, reminded_at=[NOW.isoformat()], **sold),
        Job(id="ahead", fee=700, delivered_at=NOW - DAY, **sold),
        Message(id="theirs", client_id="ana", at=NOW - HOUR, job_id="old", summary="Logo"),
    )
    assert late_everywhere(app) == ["Late: €610.00 (3 payments)"] * 5


def test_a_payment_held_back_shows_the_message_to_answer_first(app: AppState) -> None:
    app.store.save(*(thing.model_copy() for thing in OPEN["payment:sold"][0]))
    assert rows(app)["payment:sold"].owed is None
    app.store.save(Message(id="theirs", client_id="ana", at=NOW - HOUR, summary="Logo"))
    item = rows(app)["payment:sold"]
    assert item.owed is not None
    shown = repr(agenda_row(app, item, None))
    assert "Answer “Logo”" in shown
    assert "answer them first" in agenda_words.due_line(item, NOW, app.format)
    assert not {"I reminded them", "What to say"} & {entry.content for entry in others.menu(app, item, None)}
    theirs = app.store.get(Message, "theirs")
    assert theirs is not None
    messages.mark_replied(app, theirs)
    assert rows(app)["payment:sold"].owed is None
