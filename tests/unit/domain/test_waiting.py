"""Awaited answers: their age, what to send next, and when to stop."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes import Direction, JobStatus, MessageKind
from app.domain.column_types import Question
from app.domain.entities import Client, Job, Message
from app.domain.errors import DomainError
from app.domain.waiting import Waiting, record_application_follow_up, waiting_for
from tests.unit.domain.support import at, office, paris_settings

SENT = at("2026-03-24 10:00")  # a Tuesday
DAY = timedelta(days=1)


def wait(
    *things: Message | Job, now: str = "2026-03-30 10:00", client: Client | None = None
) -> list[Waiting]:
    return waiting_for(
        [each for each in things if isinstance(each, Message)],
        [each for each in things if isinstance(each, Job)],
        {client.id: client} if client else {},
        paris_settings(),
        office(),
        at(now),
    )


def question(asked: datetime | None = SENT, answered: datetime | None = None) -> Question:
    return Question(
        id="q",
        text="Which blue?",
        asked_at=asked and asked.isoformat(),
        answered_at=answered and answered.isoformat(),
    )


def test_every_kind_of_wait_is_listed_with_its_age() -> None:
    offer = Message(client_id="c", direction=Direction.OUT, at=SENT, kind=MessageKind.OFFER)
    note = Message(client_id="c", direction=Direction.OUT, at=SENT + DAY)
    asked = Message(client_id="c", at=SENT - DAY, questions=[question(SENT + 2 * DAY)])
    applied = Job(client_id="c", status=JobStatus.APPLIED, started_at=SENT + 3 * DAY)
    about = Job(client_id="c", started_at=SENT, questions=[question(SENT + 6 * DAY)])
    found = wait(about, applied, asked, note, offer)
    assert [(each.kind.value, each.age_days, each.step.value, each.script_moment) for each in found] == [
        ("offer", 4, "follow_up_1", "follow-up-1"),
        ("message", 3, "follow_up_1", "follow-up-1"),
        ("question", 2, "waiting", ""),
        ("application", 1, "waiting", ""),
        ("question", 0, "waiting", ""),
    ]
    assert found[2].question == asked.questions[0]
    assert (found[3].job, found[4].job) == (applied, about)


def test_answered_and_unasked_questions_are_not_waited_for() -> None:
    quiet = Message(client_id="c", at=SENT, questions=[question(None), question(SENT, SENT + DAY)])
    running = Job(client_id="c", status=JobStatus.IN_PROGRESS, started_at=SENT)
    replied = Message(client_id="c", direction=Direction.OUT, at=SENT, replied_at=SENT + DAY)
    assert wait(quiet, running, replied) == []


def test_ended_clients_have_no_waits() -> None:
    offer = Message(client_id="c", direction=Direction.OUT, at=SENT)
    assert wait(offer, client=Client(id="c", status="ended")) == []
    assert len(wait(offer, client=Client(id="c", status="paused"))) == 1


def test_an_application_is_followed_up_once_then_closed() -> None:
    applied = Job(client_id="c", status=JobStatus.APPLIED, started_at=SENT, snoozed_until=SENT + 30 * DAY)
    with pytest.raises(DomainError, match="before_sent"):
        record_application_follow_up(applied, SENT - DAY)
    assert wait(applied, now="2026-04-01 09:59")[0].step == "waiting"
    due = wait(applied, now="2026-04-01 10:00")[0]
    assert (due.step, due.script_moment) == ("follow_up_1", "apply-follow-up")
    record_application_follow_up(applied, at("2026-04-01 10:00"))
    assert applied.snoozed_until is None
    waiting = wait(applied, now="2026-04-09 09:59")[0]
    assert (waiting.step, waiting.asked, waiting.stop) == ("waiting", 1, False)
    gone = wait(applied, now="2026-04-09 10:00")[0]
    assert (gone.script_moment, gone.stop) == ("", True)  # no message: nothing was agreed
    with pytest.raises(DomainError, match="before_sent"):
        record_application_follow_up(applied, at("2026-03-31 10:00"))


def test_after_two_follow_ups_the_wait_stops() -> None:
    offer = Message(
        client_id="c",
        direction=Direction.OUT,
        at=SENT,
        followed_up_at=[(SENT + days * DAY).isoformat() for days in (3, 8)],
    )
    (found,) = wait(offer, now="2026-05-04 10:00")
    assert (found.asked, found.stop, found.script_moment) == (2, True, "silent")


@given(st.integers(0, 60), st.integers(0, 60))
def test_age_is_in_business_days_and_never_decreases(first: int, more: int) -> None:
    offer = Message(client_id="c", direction=Direction.OUT, at=SENT)
    ages = [
        waiting_for([offer], [], {}, paris_settings(), office(), SENT + days * DAY)[0].age_days
        for days in (first, first + more)
    ]
    assert ages[0] <= ages[1] <= first + more
    assert ages[0] == sum((SENT + day * DAY).weekday() < 5 for day in range(1, first + 1))


# --- answers owed first ----------------------------------------------------------------------------------

CHASE = Message(id="chase", client_id="c", direction=Direction.OUT, at=SENT)


def held_by(*theirs: Message, job_id: str | None = None) -> list[str | None]:
    """Return the id of the message to answer first, for each wait."""
    chase = CHASE.model_copy(update={"job_id": job_id})
    return [each.owed and each.owed.id for each in wait(chase, *theirs, now="2026-04-08 10:00")]


@pytest.mark.parametrize(
    ("mine", "theirs", "held"),
    [
        (None, None, True),
        ("logo", "logo", True),
        ("logo", None, True),  # may be about the logo
        (None, "logo", True),
        ("logo", "site", False),  # another job
    ],
)
def test_a_client_waiting_about_the_same_job_is_answered_first(
    mine: str | None, theirs: str | None, held: bool
) -> None:
    owed = Message(id="owed", client_id="c", job_id=theirs, at=SENT + DAY)
    assert held_by(owed, job_id=mine) == ["owed" if held else None]
    (found,) = wait(CHASE.model_copy(update={"job_id": mine}), owed, now="2026-03-30 10:00")
    assert found.script_moment == ("" if held else "follow-up-1")


def test_messages_answered_unneeded_or_of_others_hold_nothing_back() -> None:
    answered = Message(client_id="c", at=SENT + DAY, replied_at=SENT + 2 * DAY)
    unneeded = Message(client_id="c", at=SENT + DAY, needs_reply=False)
    other = Message(client_id="d", at=SENT + DAY)
    assert held_by(answered, unneeded, other) == [None]


def test_a_message_awaiting_the_clients_answer_holds_nothing_back() -> None:
    asked = Message(id="asked", client_id="c", at=SENT - DAY, questions=[question()])
    assert held_by(asked) == [None, None]


def test_unanswered_messages_hold_back_applications_and_questions() -> None:
    applied = Job(id="a", client_id="c", status=JobStatus.APPLIED, started_at=SENT)
    about = Job(id="b", client_id="c", started_at=SENT, questions=[question()])
    owed = Message(id="owed", client_id="c", job_id="a", at=SENT + DAY)
    found = wait(applied, about, owed, now="2026-04-28 10:00")
    assert {each.job and each.job.id: each.owed and each.owed.id for each in found} == {
        "a": "owed",
        "b": None,
    }
    assert all(not each.script_moment for each in found if each.owed)
