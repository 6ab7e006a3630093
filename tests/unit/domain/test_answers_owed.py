"""A client who waits for an answer about a job is not chased about the same job."""

from datetime import timedelta

import pytest

from app.domain.agenda import due_count
from app.domain.answers_owed import AnswersOwed
from app.domain.codes import Direction, JobStatus, MessageKind
from app.domain.column_types import Question
from app.domain.entities import Client, Job, Message, Part
from app.domain.waiting import waiting_for
from app.reminders.plan import Wording, plan
from app.reminders.triggers import ReminderKind
from tests.unit.domain.support import office, paris_settings
from tests.unit.domain.test_agenda import DAY, NOW, World

ANA = Client(id="ana", name="Ana")
ASKED = NOW - 20 * DAY


def job(**fields: object) -> Job:
    return Job(**({"id": "job", "client_id": "ana", "started_at": NOW - 70 * DAY} | fields))


def chases() -> dict[str, tuple[list[Message], Job]]:
    out = {"client_id": "ana", "direction": Direction.OUT, "at": ASKED}
    asked = Question(id="q", text="Which blue?", asked_at=ASKED.isoformat(), answered_at=None)
    sold = {"status": JobStatus.DELIVERED, "delivered_at": NOW - 60 * DAY, "fee": 500}
    return {
        "message:out": ([Message(id="out", job_id="job", **out)], job()),
        "message:ask": ([Message(id="ask", job_id="job", kind=MessageKind.QUESTION, **out)], job()),
        "question:q": ([], job(questions=[asked])),
        "job:job": ([], job(status=JobStatus.APPLIED)),
        "payment:job": ([], job(**sold)),
    }


@pytest.mark.parametrize("key", chases())
@pytest.mark.parametrize(
    ("about", "days_ago", "held"),
    [("job", 1, True), (None, 1, True), ("other", 1, False), ("job", 25, None)],
    ids=["same job", "no job", "another job", "before it was asked"],
)
def test_no_chase_while_the_client_waits_for_an_answer_about_the_job(
    key: str, about: str | None, days_ago: int, held: bool | None
) -> None:
    """A message received before a question was asked may depend on its answer and does not block it."""
    messages, its_job = chases()[key]
    if held is None:
        held = key not in ("message:ask", "question:q")
    theirs = Message(id="theirs", client_id="ana", job_id=about, at=NOW - days_ago * DAY)
    world = World([ANA], [*messages, theirs], [its_job])
    assert (key not in chased(world)) == held
    theirs.replied_at = NOW
    assert key in chased(world)


def chased(world: World) -> set[str]:
    """The rows of Today that ask the client for something now."""
    return {item.key for item in world.agenda().items if item.owed is None}


@pytest.mark.parametrize("key", ["message:out", "question:q", "job:job"])
def test_an_unanswered_message_replaces_the_chase_script_of_a_wait(key: str) -> None:
    messages, its_job = chases()[key]
    theirs = Message(id="theirs", client_id="ana", job_id="job", at=NOW - DAY)
    everything = [*messages, theirs]
    (found,) = waiting_for(everything, [its_job], {"ana": ANA}, paris_settings(), office(), NOW)
    assert (found.owed, found.script_moment) == (theirs, "")
    theirs.replied_at = NOW
    (found,) = waiting_for(everything, [its_job], {"ana": ANA}, paris_settings(), office(), NOW)
    assert found.owed is None
    assert found.script_moment


def test_no_follow_up_reminder_while_the_client_waits() -> None:
    theirs = Message(id="theirs", client_id="ana", at=NOW - timedelta(minutes=5), job_id="job")
    mine = Message(id="mine", client_id="ana", job_id="job", direction=Direction.OUT, at=NOW - DAY)

    def rules() -> set[str]:
        rung: set[str] = set()

        def word(occasion: object) -> Wording:
            rung.add(occasion.rule)  # type: ignore[attr-defined]
            return Wording("", "")

        plan(NOW, paris_settings(), {"ana": ANA}, [mine, theirs], [], {}, word)
        return rung

    assert ReminderKind.FOLLOW_UP not in rules()
    theirs.replied_at = NOW
    assert ReminderKind.FOLLOW_UP in rules()


def test_a_late_payment_stays_listed_with_the_message_to_answer_first() -> None:
    owing = job(status=JobStatus.IN_PROGRESS)
    part = Part(id="part", job_id="job", amount=500, delivered_at=NOW - 60 * DAY)
    theirs = Message(id="theirs", client_id="ana", job_id="job", at=NOW - DAY)
    assert AnswersOwed([theirs]).any_about(owing)
    agenda = World([ANA], [theirs], [owing], [part]).agenda()
    assert {item.key: item.owed for item in agenda.items} == {"message:theirs": None, "payment:part": theirs}
    assert due_count(agenda, NOW) == 1  # the answer: the reminder is not to be sent


def test_a_message_with_an_open_question_to_the_client_holds_nothing_back() -> None:
    question = Question(id="q", text="Which?", asked_at=(NOW - DAY).isoformat(), answered_at=None)
    theirs = Message(id="theirs", client_id="ana", at=NOW - DAY, questions=[question])
    assert not AnswersOwed([theirs]).any_about(job())
    question["answered_at"] = NOW.isoformat()
    assert AnswersOwed([theirs]).any_about(job())
