"""The coach's queries on stored data, in a few statements."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from app.domain.codes import BoundaryStep, CallOutcome, Direction, JobStatus, MessageKind
from app.domain.column_types import Question
from app.domain.conversations import Terms, agree, say
from app.domain.entities import Call, Client, Job, Message, Part, StatusUpdate
from app.domain.jobs import set_status
from app.store import queries
from app.store.store import Store
from tests.unit.store.support import NOON
from tests.unit.store.test_queries import statements

DAY = timedelta(days=1)


def ago(**span: float) -> datetime:
    return NOON - timedelta(**span)


def ring(client: str, hours: float, **fields: object) -> Call:
    return Call(**({"client_id": client, "at": ago(hours=hours), "outcome": CallOutcome.MISSED} | fields))


@pytest.fixture
def story(store: Store) -> Store:
    """The two seeds: a consultant called all day, and a writer whose client vanished after paying half."""
    asked = Question(id="q", text="Which blue?", asked_at=ago(days=5).isoformat(), answered_at=None)
    lemoine = Client(id="lemoine", name="Lemoine", rate=6500)
    nguyen = Client(id="nguyen", name="Nguyen", unpaid_limit=600, currency="EUR")
    grant = Job(id="grant", client_id="lemoine", started_at=ago(days=20), deadline=ago(days=-20))
    grant.estimate_minutes, grant.spent_minutes = 3000, 1200
    column = Job(id="column", client_id="nguyen", started_at=ago(days=90), status=JobStatus.IN_PROGRESS)
    column.currency = "EUR"
    parts = [
        Part(job_id="column", amount=300, delivered_at=ago(days=80), paid_at=ago(days=70)),
        Part(job_id="column", amount=500, delivered_at=ago(days=60)),
        Part(job_id="column", amount=200),
    ]
    store.save(
        lemoine,
        nguyen,
        Client(id="gone", name="Tom", status="ended"),
        grant,
        column,
        *parts,
        *(ring("lemoine", hours) for hours in range(1, 7)),
        ring("lemoine", 7, outcome=CallOutcome.TAKEN, minutes=30),
        *(ring("gone", hours) for hours in range(1, 7)),
        *(StatusUpdate(client_id="lemoine", at=ago(days=days), text="on it") for days in (9, 5, 1)),
        *(
            Message(
                client_id="lemoine",
                at=ago(days=days),
                kind=MessageKind.CHECK_IN,
                replied_at=ago(days=days - 0.1),
            )
            for days in (8, 4)
        ),
        Message(id="offer", client_id="nguyen", at=ago(days=40), direction=Direction.OUT),
        Message(client_id="lemoine", at=ago(days=6), replied_at=ago(days=5), questions=[asked]),
        Job(client_id="nguyen", title="Essay", status=JobStatus.APPLIED, started_at=ago(days=15)),
    )
    return store


def test_agreeing_on_a_standing_call_updates_the_ladder_and_today(story: Store) -> None:
    found = queries.ladders(story, NOON)
    assert {id_: stands.next for id_, stands in found.items()} == {"lemoine": BoundaryStep.PROPOSE}
    assert queries.client_ladder(story, "nguyen", NOON).next is None
    lemoine = story.get(Client, "lemoine")
    talk = say(lemoine, found["lemoine"], NOON)
    agree(talk, lemoine, Terms("FREQ=WEEKLY;BYDAY=TH", ago(days=-1), 30), NOON)
    change = story.save(talk, lemoine)
    stands = queries.client_ladder(story, "lemoine", NOON)
    assert (stands.step, stands.next, stands.last.outcome) == (BoundaryStep.PROPOSE, None, "agreed")
    assert [each.id for each in queries.conversations_for(story, "lemoine")] == [talk.id]
    assert "standing_call" in {item.kind for item in queries.today(story, NOON).agenda.items}
    story.undo(change)
    assert queries.client_ladder(story, "lemoine", NOON).step == BoundaryStep.FINE


def test_a_client_glance_summarises_calls_response_and_payments(story: Store) -> None:
    glance = queries.client_glance(story, "lemoine", NOON)
    week = glance.calls.weeks[-1]
    assert (week.counts.missed, week.counts.taken, week.counts.minutes, week.over) == (6, 1, 30, 5)
    assert glance.response.median_response == 144
    assert (glance.exposure, glance.payments, glance.next_call) == ({}, [], None)
    assert glance.ladder == queries.client_ladder(story, "lemoine", NOON)
    other = queries.client_glance(story, "nguyen", NOON)
    assert (other.exposure, [each.amount for each in other.payments]) == ({"EUR": 500}, [500])
    assert queries.client_glance(story, "nobody", NOON) is None


def test_call_advice_includes_the_latest_update(story: Store) -> None:
    call = ring("lemoine", 0, outcome=CallOutcome.VOICEMAIL)
    story.save(call)
    advice = queries.call_advice(story, call, NOON)
    assert (advice.week.unscheduled, advice.allowance, advice.script) == (8, 2, "voicemail-received")
    assert advice.update.at == ago(days=1)
    assert queries.call_advice(story, ring("nobody", 0), NOON) is None


def test_closing_a_job_removes_its_exposure(story: Store) -> None:
    assert queries.exposures(story).total == {"EUR": 500}
    assert queries.exposures(story).by_client == {"nguyen": {"EUR": 500}}
    (owed,) = queries.payments(story, NOON)
    assert (owed.part.amount, owed.step) == (500, "remind")
    assert queries.over_limit(story, "nguyen", 100, "EUR") is None
    assert queries.over_limit(story, "nguyen", 101, "EUR").unpaid == 601
    column = story.get(Job, "column")
    parts = queries.parts_of(story, ["column"])["column"]
    set_status(column, parts, JobStatus.CLOSED, NOON)
    story.save(column, *parts)
    assert (queries.exposures(story).total, queries.payments(story, NOON)) == ({}, [])


def test_waiting_items_and_proactive_updates(story: Store) -> None:
    assert [(each.kind, each.client_id, each.step) for each in queries.waiting_for(story, NOON)] == [
        ("message", "nguyen", "follow_up_1"),
        ("application", "nguyen", "follow_up_1"),
        ("question", "lemoine", "follow_up_1"),
    ]
    (suggestion,) = queries.today(story, NOON).updates
    assert (suggestion.client_id, suggestion.job.id) == ("lemoine", "grant")
    assert queries.update_suggestion(story, "lemoine", NOON) == suggestion
    assert queries.update_suggestion(story, "nguyen", NOON) is None


def test_a_question_stays_in_waiting_until_it_is_answered(story: Store) -> None:
    def asked(text: str, answered: bool) -> Question:
        at = ago(days=4).isoformat()
        return Question(id=text, text=text, asked_at=at, answered_at=at if answered else None)

    replied = {"client_id": "lemoine", "at": ago(days=5), "replied_at": ago(days=4)}
    story.save(
        Message(id="both", questions=[asked("Colour?", True), asked("Size?", False)], **replied),
        Message(id="none", questions=[asked("Paper?", True)], **replied),
    )
    found = {
        each.message.id: each.question["text"] for each in queries.waiting_for(story, NOON) if each.question
    }
    assert found["both"] == "Size?"
    assert "none" not in found


def test_workload_and_whether_more_work_fits(story: Store) -> None:
    view = queries.workload(story, NOON)
    assert [(task.job.id, task.minutes) for task in view.load.on_time] == [("grant", 1800)]
    assert [job.id for job in view.backlog.unknown] == ["column"]  # neither a date nor an estimate
    assert sum(day.planned for day in view.plan) == 1800
    assert queries.can_take(story, 60, ago(days=-20), NOON).fits
    assert not queries.can_take(story, 6000, ago(days=-5), NOON).fits


def test_availability_rate_and_circumstances_of_a_decision(story: Store) -> None:
    found = queries.availability(story, "lemoine", NOON)
    assert (found.calls, found.paid_minutes) == (1, 1200)
    assert queries.availability(story, "lemoine", NOON, paid_minutes=600).availability_rate > 6500
    assert queries.availability(story, "nguyen", NOON) is None  # no rate
    weighed = queries.circumstances(story, "nguyen", NOON)
    assert (weighed.income_share, weighed.unpaid, weighed.open_jobs) == ({"EUR": 1.0}, {"EUR": 500}, 1)
    assert queries.circumstances(story, "lemoine", NOON).calls_a_week == 7  # the first call was this week
    assert queries.circumstances(story, "nobody", NOON) is None


def test_trust_covers_all_clients_or_one(story: Store) -> None:
    report = queries.trust(story, 90, NOON)
    assert (report.present.answers, report.present.finished) == (3, 0)
    assert set(report.present.interruptions) == {"lemoine", "gone"}
    assert set(queries.trust(story, 90, NOON, "lemoine").present.interruptions) == {"lemoine"}


@pytest.mark.parametrize(
    "question",
    [
        lambda store: queries.ladders(store, NOON),
        lambda store: queries.client_glance(store, "lemoine", NOON),
        lambda store: queries.call_advice(store, ring("lemoine", 0), NOON),
        lambda store: queries.availability(store, "lemoine", NOON),
        lambda store: queries.circumstances(store, "lemoine", NOON),
        queries.exposures,
        lambda store: queries.payments(store, NOON),
        lambda store: queries.workload(store, NOON),
        lambda store: queries.waiting_for(store, NOON),
        lambda store: queries.update_suggestion(store, "lemoine", NOON),
        lambda store: queries.trust(store, 365, NOON),
    ],
)
def test_the_number_of_statements_does_not_depend_on_the_number_of_records(
    story: Store, question: Callable[[Store], object]
) -> None:
    with statements(story) as few:
        question(story)
    story.save(
        *(ring("lemoine", hours) for hours in range(100)), *(Job(client_id="lemoine") for _ in range(50))
    )
    with statements(story) as more:
        question(story)
    assert len(more) == len(few) <= 11
