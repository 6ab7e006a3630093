"""Waiting for a client: two follow-ups, then silence; and the updates that answer a check-in."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes import Direction
from app.domain.entities import Call, Message, StatusUpdate
from app.domain.errors import DomainError
from app.domain.hours import WorkCalendar
from app.domain.silence import FollowUpStep, record_follow_up, silence, update_answering
from tests.unit.domain.support import at, calendars, instants, office, paris_settings

SENT = at("2026-03-24 10:00")  # a Tuesday
DAY = timedelta(days=1)


def step(message: Message, now: str) -> tuple[str, datetime] | None:
    found = silence(message, paris_settings(), office(), at(now))
    return found and (found[0].value, found[1])


def test_follow_ups_are_due_every_three_business_days_then_silence() -> None:
    message = Message(direction=Direction.OUT, at=SENT)
    assert step(message, "2026-03-27 09:59") == ("waiting", at("2026-03-27 10:00"))
    assert step(message, "2026-03-27 10:00") == ("follow_up_1", at("2026-03-27 10:00"))
    record_follow_up(message, at("2026-03-27 11:00"))
    assert step(message, "2026-03-30 10:00") == ("waiting", at("2026-04-01 11:00"))
    assert step(message, "2026-04-01 11:00") == ("follow_up_2", at("2026-04-01 11:00"))
    record_follow_up(message, at("2026-04-02 09:00"))
    assert step(message, "2026-04-07 09:00") == ("silent", at("2026-04-07 09:00"))


def test_answered_messages_and_those_needing_no_answer_have_no_wait() -> None:
    later = "2026-06-01 10:00"
    assert step(Message(direction=Direction.OUT, at=SENT, replied_at=SENT + DAY), later) is None
    assert step(Message(direction=Direction.OUT, at=SENT, needs_reply=False), later) is None
    assert step(Message(direction=Direction.IN, at=SENT), later) is None


def test_the_follow_up_interval_is_a_setting() -> None:
    message = Message(direction=Direction.OUT, at=SENT)
    hasty = paris_settings(follow_up_days=1)
    assert silence(message, hasty, office(), SENT + DAY) == (FollowUpStep.FOLLOW_UP_1, SENT + DAY)


def test_follow_ups_must_be_in_order_after_the_message() -> None:
    message = Message(direction=Direction.OUT, at=SENT, snoozed_until=SENT + 9 * DAY)
    with pytest.raises(DomainError, match="before_sent"):
        record_follow_up(message, SENT - DAY)
    record_follow_up(message, SENT + 3 * DAY)
    with pytest.raises(DomainError, match="before_sent"):
        record_follow_up(message, SENT + 2 * DAY)
    assert message.followed_up_at == [(SENT + 3 * DAY).isoformat()]
    assert message.snoozed_until is None


@given(calendars, instants, st.lists(st.floats(0, 30), max_size=3), st.lists(st.floats(0, 90), min_size=2))
def test_the_follow_up_step_only_advances(
    calendar: WorkCalendar, sent: datetime, follow_ups: list[float], days: list[float]
) -> None:
    message = Message(direction=Direction.OUT, at=sent)
    for gap in follow_ups:
        record_follow_up(
            message, datetime.fromisoformat([sent.isoformat(), *message.followed_up_at][-1]) + gap * DAY
        )
    last = datetime.fromisoformat([sent.isoformat(), *message.followed_up_at][-1])
    found = [silence(message, paris_settings(), calendar, last + offset * DAY) for offset in sorted(days)]
    steps = [list(FollowUpStep).index(each[0]) for each in found if each]
    assert len(steps) == len(days)
    assert steps == sorted(steps)
    assert len({each[1] for each in found if each}) == 1


def update(days_before: float, **fields: str) -> StatusUpdate:
    return StatusUpdate(**({"client_id": "dupont", "at": SENT - days_before * DAY} | fields))


def test_a_check_in_is_answered_by_the_newest_update_before_it() -> None:
    newest = update(1)
    check_in = Message(client_id="dupont", at=SENT)
    assert update_answering(check_in, [update(3), newest, update(2)]) is newest


@pytest.mark.parametrize("other", [update(-0.1), update(14.1), update(1, client_id="sato")])
def test_unrelated_updates_do_not_answer_a_check_in(other: StatusUpdate) -> None:
    assert update_answering(Message(client_id="dupont", at=SENT), [other]) is None


def test_a_call_about_one_job_is_answered_by_an_update_about_it() -> None:
    call = Call(client_id="dupont", job_id="report", at=SENT)
    about = update(5, job_id="report")
    assert update_answering(call, [update(1), update(2, job_id="site"), about]) is about
