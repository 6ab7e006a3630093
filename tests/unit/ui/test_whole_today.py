"""Today (both seeds): one tap ends every row, and a client's answer ends a follow-up."""

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
    """Kind and key of each row; an answered application stays in the list as an offer."""
    return {(item.kind.value, key) for key, item in rows(app).items()}


def question_asked(days: float | None) -> Question:
    at = None if days is None else (NOW - days * DAY).isoformat()
    return Question(id="q", text="Which blue?", asked_at=at, answered_at=None)


OPEN_ROWS: dict[str, tuple[list[Any], str, str, str]] = {
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
        [Job(id="asks", client_id="ana", title="Blog", started_at=NOW - 20 * DAY,
             questions=[question_asked(9)])],
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


@pytest.mark.parametrize("key", OPEN_ROWS)
def test_each_row_shows_its_matter_and_one_tap_ends_it_with_undo(app: AppState, key: str) -> None:
    records, label, matter, due = OPEN_ROWS[key]
    app.store.save(*(record.model_copy() for record in records))
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


def test_one_tap_marks_a_question_as_asked(app: AppState) -> None:
    app.store.save(Job(id="asks", client_id="ana", started_at=NOW - DAY, questions=[question_asked(None)]))
    item = rows(app)["question:q"]
    action = others.quick(app, item, None, "Ana")
    assert action is not None
    assert (action.label, agenda_words.due_sentence(item)) == ("Asked: Ana", "not asked yet")
    action.act()
    assert "question:q" not in rows(app)
    assert [each.question and each.question["id"] for each in queries.waiting_for(app.store, NOW)] == ["q"]


def test_the_next_ladder_step_can_be_snoozed(app: AppState) -> None:
    records = OPEN_ROWS["ladder:ana"][0]
    app.store.save(*(record.model_copy() for record in records))
    client = app.store.get(Client, "ana")
    assert client is not None
    assert ladder.snooze(app, client, NOW + 7 * DAY)
    assert "ladder:ana" not in rows(app)
    snoozed = queries.today(app.store, NOW).agenda.snoozed
    assert [item.key for item in snoozed] == ["ladder:ana"]
    assert ladder.snooze(app, client, None)
    assert "ladder:ana" in rows(app)


def test_the_final_decision_has_no_quick_action(app: AppState) -> None:
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


def test_today_is_empty_only_when_no_call_needs_an_answer(app: AppState) -> None:
    """Regression: with eight calls logged, Today said "nothing waits, go home"."""
    app.store.delete(app.store.get(Client, "marc"))  # type: ignore[arg-type]  # it exists
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
def test_an_empty_today_shows_a_wish_for_the_time_of_day(app: AppState, at: str, wish: str) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=app.calendar.zone)
    assert model.wish(app.calendar, now) == wish
    assert (
        "home" not in model.nothing(has_clients=True)[1]
    )  # this text is shown at any time, before the app starts


def test_late_rows_come_first_then_today_then_later(app: AppState) -> None:
    app.store.save(
        Message(id="late", client_id="ana", at=NOW - 2 * DAY),
        Job(id="offered", client_id="ana", status="offered", started_at=NOW - 3 * DAY),
        Job(id="site", client_id="ana", started_at=NOW - DAY, deadline=NOW + 6 * DAY),
    )
    app.store.delete(app.store.get(Client, "marc"))  # type: ignore[arg-type]  # it exists
    sections = model.load(app).sections
    assert [[item.key for item in each.items] for each in sections] == [
        ["message:late"],
        ["job:offered"],
        ["job:site"],
    ]
    assert [each.later for each in sections] == [False, False, True]


# --- answers that end a follow-up --------------------------------------------------------------------------


def test_an_answer_from_the_client_ends_the_follow_up(app: AppState) -> None:
    chase = Message(id="chase", client_id="ana", at=NOW - 9 * DAY, direction=Direction.OUT, summary="Offer")
    other = Message(id="other", client_id="marc", at=NOW - 9 * DAY, direction=Direction.OUT)
    reply = Message(id="reply", client_id="ana", at=NOW - HOUR)
    app.store.save(chase, other)
    assert "message:chase" in rows(app)
    app.store.save(reply)
    assert "message:chase" not in rows(app)  # the reply to them comes first
    page = messages.load(app, "reply")
    assert page is not None
    (matter,) = page.matters
    assert answers.title(app, matter) == "Your message: Offer"
    assert answers.close(app, matter, reply.at)
    assert "message:chase" not in rows(app)
    assert app.store.get(Message, "chase").replied_at == reply.at  # type: ignore[union-attr]
    planned = {each.item[1] for each in notifications.plan(app, NOW - 20 * DAY)}
    assert "chase" not in planned
    assert "other" in planned
    assert messages.load(app, "reply").matters == []  # type: ignore[union-attr]
    said(app).undo()
    messages.mark_replied(app, app.store.get(Message, "reply"))  # type: ignore[arg-type]
    assert "message:chase" in rows(app)


def test_a_message_cannot_answer_one_sent_after_it(app: AppState) -> None:
    reply = Message(id="reply", client_id="ana", at=NOW - HOUR)
    mine = Message(client_id="ana", at=NOW - HOUR / 2, direction=Direction.OUT)
    app.store.save(reply, mine)
    page = messages.load(app, "reply")
    assert page is not None
    assert page.matters == []
    assert messages.load(app, mine.id).matters == []  # type: ignore[union-attr]


@pytest.mark.parametrize("key", ["job:applied", "question:q", "payment:sold", "payment:part", "calls:ana"])
def test_a_message_can_answer_any_open_matter(app: AppState, key: str) -> None:
    app.store.save(*(record.model_copy() for record in OPEN_ROWS[key][0]))
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


def test_an_application_can_be_answered_with_a_refusal(app: AppState) -> None:
    app.store.save(*(record.model_copy() for record in OPEN_ROWS["job:applied"][0]))
    (matter,) = answers.open_with(app, "ana", NOW)
    assert matter.kind is MatterKind.APPLICATION
    answers.close(app, matter, NOW, JobStatus.LOST)
    assert app.store.get(Job, "applied").status == JobStatus.LOST  # type: ignore[union-attr]
    assert rows(app).keys() == {"call:marc"}


def test_a_taken_call_can_be_the_answer_and_ends_missed_calls(app: AppState) -> None:
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
def test_an_answered_step_is_not_followed_up(app: AppState, how: str) -> None:
    """Regression: a step kept its follow-up after it was answered or agreed."""
    app.store.save(*(record.model_copy() for record in OPEN_ROWS["ladder:ana"][0]))
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


def test_one_sent_text_answers_all_calls_of_the_client(app: AppState) -> None:
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
def test_a_late_row_is_late_since_the_same_day_everywhere(app: AppState, key: str, days: int) -> None:
    """Not since the reminder fell due, and without a time of day that nobody set."""
    silent = Message(
        id="out",
        client_id="ana",
        at=NOW - 25 * DAY,
        direction=Direction.OUT,
        followed_up_at=[(NOW - n * DAY).isoformat() for n in (20, 15)],
    )
    app.store.save(*(record.model_copy() for record in OPEN_ROWS[key][0]) if key in OPEN_ROWS else (silent,))
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


# --- late payments -----------------------------------------------------------------------------------------


def late_lines(app: AppState) -> list[str]:
    """The line about late payments in Today, Waiting, the unpaid pages, and the client page."""
    day, owed, one = model.load(app), exposure.load(app, exposure.ALL), exposure.load(app, "ana")
    client, around = queries.client_glance(app.store, "ana", app.now), waiting.load(app)
    assert owed is not None
    assert one is not None
    assert client is not None
    of_client = late_payments(client.payments, app.calendar, app.now)
    found = (day.late_payments, around.late, owed.late, one.late, of_client)
    return [late_line(each, app.format) for each in found]


def test_every_page_shows_the_same_total_of_late_payments(app: AppState) -> None:
    """Covers payments due yesterday, reminded, held back by an owed reply, and without a deadline."""
    sold = {"client_id": "ana", "status": "delivered", "title": "Blog"}
    app.store.save(
        Job(id="old", fee=50_000, delivered_at=NOW - 60 * DAY, **sold),
        Job(id="grace", fee=10_000, delivered_at=NOW - 31 * DAY, **sold),
        Job(id="told", fee=1_000, delivered_at=NOW - 50 * DAY, reminded_at=[NOW.isoformat()], **sold),
        Job(id="ahead", fee=700, delivered_at=NOW - DAY, **sold),
        Message(id="theirs", client_id="ana", at=NOW - HOUR, job_id="old", summary="Logo"),
    )
    assert late_lines(app) == ["Late: €610.00 (3 payments)"] * 5


def test_a_late_payment_shows_the_message_to_answer_first(app: AppState) -> None:
    app.store.save(*(record.model_copy() for record in OPEN_ROWS["payment:sold"][0]))
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
