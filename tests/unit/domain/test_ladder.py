"""The boundary ladder: one step at a time on evidence, at most one a week, and down after quiet months."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes import BoundaryStep, CallOutcome, ConversationOutcome, Decision
from app.domain.conversations import (
    Terms,
    agree,
    decide,
    proposed_call,
    push_back,
    redate,
    say,
    say_earlier,
    take_back_answer,
)
from app.domain.entities import Call, Client, Conversation
from app.domain.errors import DomainError
from app.domain.ladder import KEEP_TO_AGREEMENT, REST, Ladder, ladder
from app.domain.validation import check
from tests.unit.domain.support import at, office, paris_settings

NOW = at("2026-06-10 12:00")  # a Wednesday
DAY = timedelta(days=1)
CALENDAR = office()
SETTINGS = paris_settings()


def client() -> Client:
    return Client(id="lemoine", name="Lemoine")


def call(when: datetime, **fields: object) -> Call:
    return Call(**({"client_id": "lemoine", "at": when, "outcome": CallOutcome.MISSED} | fields))


def calls_on_day(day: str, count: int = 6) -> list[Call]:
    return [call(at(f"{day} 09:00") + number * timedelta(hours=1)) for number in range(count)]


def said(step: int, when: datetime, outcome: str = "said") -> Conversation:
    answered = None if outcome == "said" else when
    return Conversation(client_id="lemoine", step=step, at=when, outcome=outcome, answered_at=answered)


def ladder_of(
    calls: list[Call], conversations: list[Conversation] | None = None, now: datetime = NOW
) -> Ladder:
    return ladder(client(), calls, conversations or [], SETTINGS, CALENDAR, now)


def test_one_or_two_calls_a_week_propose_no_step() -> None:
    # Second seed: one or two a week, not two a day.
    calls = [call(NOW - week * 7 * DAY - hours * timedelta(hours=1)) for week in range(4) for hours in (1, 2)]
    found = ladder_of(calls)
    assert (found.step, found.next, found.script) == (BoundaryStep.FINE, None, "")
    assert found.evidence.dates == []
    assert found.walks_down is None


def test_six_calls_a_day_propose_a_standing_call_with_evidence() -> None:
    voicemail = call(at("2026-06-09 15:00"), outcome=CallOutcome.VOICEMAIL, said_why=False)
    sent = call(at("2026-06-09 16:00"), outcome=CallOutcome.TAKEN, minutes=8, answered_by_update_id="u")
    planned = call(at("2026-06-09 17:00"), scheduled=True)
    found = ladder_of([sent, voicemail, planned, *calls_on_day("2026-06-09")])
    assert (found.step, found.next) == (BoundaryStep.FINE, BoundaryStep.PROPOSE)
    assert found.script == "direct-conversation"
    assert found.evidence.busiest == (datetime(2026, 6, 9).date(), 8)  # noqa: DTZ001
    assert found.evidence.dates == [at(f"2026-06-09 {hour}:00") for hour in (11, 12, 13, 14, 15, 16)]
    counts = found.evidence.counts
    assert (counts.unscheduled, counts.empty_voicemails, counts.already_sent) == (8, 1, 1)


def test_calls_of_other_clients_and_future_calls_are_not_evidence() -> None:
    others = [call(each.at, client_id="sato") for each in calls_on_day("2026-06-09")]
    assert ladder_of(others + calls_on_day("2026-06-11")).next is None


def test_the_ladder_follows_the_second_seed() -> None:
    lemoine, calls, conversations = client(), calls_on_day("2026-04-07"), []
    now = at("2026-04-08 12:00")

    def look() -> Ladder:
        return ladder(lemoine, calls, conversations, SETTINGS, CALENDAR, now)

    first = say(lemoine, look(), now)
    conversations.append(first)
    assert first.step == BoundaryStep.PROPOSE
    push_back(first, now, "He wants me at any time.")
    # A refusal is answered at once.
    assert (look().step, look().next) == (BoundaryStep.PROPOSE, BoundaryStep.PUSH_BACK)
    assert (look().answers, look().script, look().resting_until) == (True, "push-back", None)

    now += timedelta(minutes=5)
    second = say(lemoine, look(), now)
    conversations.append(second)
    assert (look().next, look().answers) == (None, False)
    now += REST
    start = at("2026-04-17 10:00")
    agree(second, lemoine, Terms("FREQ=WEEKLY;BYDAY=FR", start, 30, call_allowance=2), now + DAY)
    assert (lemoine.standing_call_rule, lemoine.standing_call_start) == ("FREQ=WEEKLY;BYDAY=FR", start)
    assert (second.standing_call_rule, second.call_allowance) == ("FREQ=WEEKLY;BYDAY=FR", 2)
    assert check(second) == []

    calls += calls_on_day("2026-04-27")  # he continues
    now = at("2026-04-28 12:00")
    assert (look().next, look().script) == (BoundaryStep.HOLD_THE_LINE, "deferred-request")
    calls.append(call(at("2026-04-28 11:00"), outcome=CallOutcome.VOICEMAIL))
    assert look().script == "voicemail-next-call"
    for each in calls:
        each.outcome = CallOutcome.TAKEN
    assert look().script == ""  # a call that was taken needs no e-mail
    aftermath = look().aftermath
    assert (aftermath.outcome, aftermath.since, aftermath.beyond) == ("agreed", 7, 5)
    assert aftermath.before_a_week == 6  # a new client: less than a week of call records by then
    lemoine.created_at = at("2026-01-05 09:00")
    assert look().aftermath.before_a_week == 6 / 4

    now = at("2026-05-28 15:00")  # a month after the last excess call
    assert (look().step, look().next) == (BoundaryStep.PROPOSE, None)


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_a_refusal_allows_a_step_at_once_otherwise_after_a_week(step: int) -> None:
    climbed = [said(number, NOW - (step - number) * 8 * DAY) for number in range(1, step)]
    last = said(step, NOW - DAY, "pushed_back")
    found = ladder_of(calls_on_day("2026-06-09"), [*climbed, last])
    assert (found.next, found.answers, found.resting_until) == (step + 1, True, None)
    unanswered = said(step, NOW - DAY)
    later = [call(NOW - hours * timedelta(hours=1)) for hours in range(1, 6)]
    found = ladder_of(later, [*climbed, unanswered])
    assert (found.next, found.answers, found.resting_until) == (None, False, NOW - DAY + REST)


def test_the_email_refers_to_a_call_of_the_last_month() -> None:
    refused = [said(1, NOW - 9 * DAY), said(2, NOW - DAY, "pushed_back")]
    assert ladder_of([call(NOW - 30 * DAY)], refused).script == "call-by-email"
    assert ladder_of([call(NOW - 31 * DAY)], refused).script == ""


def test_a_refusal_expires_after_a_month() -> None:
    assert ladder_of([], [said(1, NOW - 29 * DAY, "pushed_back")]).next == BoundaryStep.PUSH_BACK
    assert ladder_of([], [said(1, NOW - 31 * DAY, "pushed_back")]).next is None


def test_a_past_step_is_recorded_with_its_date() -> None:
    lemoine, calls = client(), calls_on_day("2026-06-09")
    talk = say_earlier(lemoine, ladder_of(calls), NOW - DAY, NOW)
    assert (talk.step, talk.at, talk.created_at) == (BoundaryStep.PROPOSE, NOW - DAY, NOW)
    with pytest.raises(DomainError, match="ahead"):
        say_earlier(lemoine, ladder_of(calls), NOW + DAY, NOW)
    refused = said(1, NOW - 3 * DAY, "pushed_back")
    with pytest.raises(DomainError, match="before_last"):
        say_earlier(lemoine, ladder_of(calls, [refused]), NOW - 4 * DAY, NOW)
    assert (
        say_earlier(lemoine, ladder_of(calls, [refused]), NOW - 2 * DAY, NOW).step == BoundaryStep.PUSH_BACK
    )


def test_a_first_conversation_can_be_recorded_without_calls() -> None:
    assert say_earlier(client(), ladder_of([]), NOW - 9 * DAY, NOW).step == BoundaryStep.PROPOSE
    with pytest.raises(DomainError, match="no_step"):
        say_earlier(client(), ladder_of([], [said(1, NOW - 9 * DAY)]), NOW - DAY, NOW)


def test_redating_keeps_steps_in_order_and_before_their_answer() -> None:
    first, second = said(1, NOW - 20 * DAY, "pushed_back"), said(2, NOW - 10 * DAY)
    redate(second, NOW - 12 * DAY, [first, second], NOW)
    assert second.at == NOW - 12 * DAY
    for moved, when, code in (
        (second, NOW - 21 * DAY, "out_of_order"),
        (second, NOW + DAY, "ahead"),
        (first, NOW - 19 * DAY, "after_answer"),
    ):
        with pytest.raises(DomainError, match=code):
            redate(moved, when, [first, second], NOW)
    assert (first.at, second.at) == (NOW - 20 * DAY, NOW - 12 * DAY)


def test_a_proposed_call_survives_undoing_the_answer() -> None:
    lemoine, start = client(), at("2026-06-12 10:00")
    proposed = Terms("FREQ=WEEKLY;BYDAY=FR", start, 30)
    talk = say(lemoine, ladder_of(calls_on_day("2026-06-09")), NOW, proposed)
    assert (talk.outcome, talk.standing_call_rule, talk.standing_call_start) == (
        "said",
        "FREQ=WEEKLY;BYDAY=FR",
        start,
    )
    assert lemoine.standing_call_rule == ""  # proposed, not agreed
    assert check(talk) == []
    assert proposed_call([talk, said(2, NOW + DAY)]) is talk
    agree(talk, lemoine, Terms("FREQ=WEEKLY;BYDAY=TU", at("2026-06-16 10:00"), 30), NOW)
    take_back_answer(talk)
    assert proposed_call([talk]) is talk
    with pytest.raises(DomainError, match="rule"):
        say(lemoine, ladder_of(calls_on_day("2026-06-09")), NOW, Terms("Fridays", start))


def test_a_client_who_agreed_is_reminded_instead_of_asked_again() -> None:
    found = ladder_of(calls_on_day("2026-06-09"), [said(1, at("2026-06-01 12:00"), "agreed")])
    assert (found.next, found.script) == (BoundaryStep.PUSH_BACK, KEEP_TO_AGREEMENT)


def test_calls_before_the_last_conversation_propose_no_step() -> None:
    assert ladder_of(calls_on_day("2026-06-01"), [said(1, at("2026-06-02 12:00"))]).next is None


def test_a_decision_is_not_reviewed_for_a_month() -> None:
    climbed = [said(step, NOW - (6 - step) * 8 * DAY) for step in range(1, 6)]
    decided_at = climbed[-1].at
    later = [call(decided_at + days * DAY) for days in range(1, 60)]
    assert ladder_of(later, climbed, decided_at + 29 * DAY).next is None
    found = ladder_of(later, climbed, decided_at + 31 * DAY)
    assert (found.step, found.next, found.script) == (BoundaryStep.DECIDE, BoundaryStep.DECIDE, "")


def test_a_quiet_month_lowers_the_step_by_one() -> None:
    climbed = [said(1, NOW), said(2, NOW + 8 * DAY), said(3, NOW + 16 * DAY)]
    last = climbed[-1].at
    steps = [ladder_of([], climbed, last + days * DAY).step for days in (0, 29, 30, 59, 60, 90, 400)]
    assert steps == [3, 3, 2, 2, 1, 0, 0]
    assert ladder_of([], climbed, last + 31 * DAY).walks_down == last + 60 * DAY


def test_only_the_proposed_step_can_be_recorded() -> None:
    with pytest.raises(DomainError, match="no_step"):
        say(client(), ladder_of([]), NOW)


def test_an_answer_follows_the_conversation_and_can_be_undone() -> None:
    lemoine, conversation = client(), said(1, NOW)
    with pytest.raises(DomainError, match="before_said"):
        push_back(conversation, NOW - DAY)
    with pytest.raises(DomainError, match="rule"):
        agree(conversation, lemoine, Terms("Fridays", NOW), NOW)
    with pytest.raises(DomainError, match="start"):
        agree(conversation, lemoine, Terms("FREQ=WEEKLY;BYDAY=FR"), NOW)
    assert conversation.outcome == ConversationOutcome.SAID
    agree(conversation, lemoine, Terms(call_allowance=1), NOW)
    assert (conversation.outcome, lemoine.call_allowance, lemoine.standing_call_rule) == ("agreed", 1, "")
    take_back_answer(conversation)
    assert (conversation.outcome, conversation.answered_at, conversation.call_allowance) == (
        "said",
        None,
        None,
    )


def test_an_agreed_availability_rate_applies_to_the_client() -> None:
    lemoine, conversation = client(), said(4, NOW)
    agree(conversation, lemoine, Terms(rate=8000), NOW)
    assert (lemoine.rate, lemoine.availability_rate, conversation.rate) == (8000, 8000, 8000)


def test_only_the_last_step_has_a_decision_and_end_ends_the_client() -> None:
    lemoine = client()
    with pytest.raises(DomainError, match="step"):
        decide(said(4, NOW), lemoine, Decision.END)
    last = said(5, NOW)
    decide(last, lemoine, Decision.KEEP)
    assert (last.decision, lemoine.status) == ("keep", "active")
    decide(last, lemoine, Decision.END)
    assert (last.decision, lemoine.status) == ("end", "ended")


# --- properties ------------------------------------------------------------------------------------------

calls = st.builds(call, st.integers(0, 180 * 24).map(lambda hours: NOW - hours * timedelta(hours=1)))
outcomes = st.sampled_from(list(ConversationOutcome))
conversations = st.builds(
    said, st.integers(1, 5), st.integers(0, 180).map(lambda days: NOW - days * DAY), outcomes
)


@given(st.lists(calls, max_size=40), st.lists(conversations, max_size=8), st.lists(calls, max_size=10))
def test_more_calls_never_lower_the_step_or_remove_a_proposal(
    made: list[Call], talks: list[Conversation], more: list[Call]
) -> None:
    before, after = ladder_of(made, talks), ladder_of(made + more, talks)
    assert after.step >= before.step
    # A step kept from fading by the calls was taken already and is not proposed again.
    assert max(after.step, after.next or 0) >= (before.next or 0)
    assert len(after.evidence.beyond) >= len(before.evidence.beyond)


@given(st.lists(calls, max_size=40), st.lists(conversations, max_size=8))
def test_no_step_is_ever_skipped(made: list[Call], talks: list[Conversation]) -> None:
    found = ladder_of(made, talks)
    assert found.step <= len(talks)
    assert found.next is None or found.next == min(found.step + 1, BoundaryStep.DECIDE)
    for count in range(len(talks)):
        ordered = sorted(talks, key=lambda each: each.at)
        fewer, more = ladder_of(made, ordered[:count]), ladder_of(made, ordered[: count + 1])
        assert more.step <= max(fewer.step, 4) + 1


@given(st.lists(calls, max_size=60), st.lists(st.integers(0, 24 * 7), min_size=1, max_size=60))
def test_following_every_proposal_takes_at_most_one_step_a_week(made: list[Call], hours: list[int]) -> None:
    talks: list[Conversation] = []
    now = NOW - 180 * DAY
    for gap in hours:
        now += gap * timedelta(hours=1)
        found = ladder_of(made, talks, now)
        if found.next is not None:
            assert found.next <= (talks[-1].step if talks else 0) + 1
            talks.append(say(client(), found, now))
    times = [each.at for each in talks]
    assert all(later - earlier >= REST for earlier, later in pairwise(times))


@given(st.lists(calls, max_size=40), st.lists(conversations, max_size=8), st.integers(0, 400))
def test_without_calls_the_step_only_decreases(
    made: list[Call], talks: list[Conversation], days: int
) -> None:
    now, later = ladder_of(made, talks), ladder_of(made, talks, NOW + days * DAY)
    assert later.step <= now.step
    assert now.step - later.step >= days // 30 or later.step == BoundaryStep.FINE


# --- answers owed ----------------------------------------------------------------------------------------


def test_no_new_step_is_proposed_while_an_answer_is_owed() -> None:
    calls = calls_on_day("2026-06-09")
    found = ladder(client(), calls, [], SETTINGS, CALENDAR, NOW, owes_answer=True)
    assert (found.next, found.owed, found.script, found.next_since) == (None, BoundaryStep.PROPOSE, "", None)
    assert ladder_of(calls).owed is None


def test_a_refusal_is_answered_even_if_an_answer_is_owed() -> None:
    refused = [said(1, NOW - DAY, "pushed_back")]
    found = ladder(client(), [], refused, SETTINGS, CALENDAR, NOW, owes_answer=True)
    assert (found.next, found.answers, found.owed) == (BoundaryStep.PUSH_BACK, True, None)


def test_a_voicemail_with_a_reason_holds_back_all_steps_but_hold_the_line() -> None:
    voicemail = call(at("2026-06-09 16:00"), outcome=CallOutcome.VOICEMAIL, said_why=True)
    calls = [*calls_on_day("2026-06-09"), voicemail]
    assert (ladder_of(calls).next, ladder_of(calls).owed) == (None, BoundaryStep.PROPOSE)
    voicemail.answered_at = NOW
    assert ladder_of(calls).next == BoundaryStep.PROPOSE
    voicemail.answered_at = None
    before = [said(1, NOW - 20 * DAY), said(2, NOW - 10 * DAY)]
    assert ladder_of(calls, before).next == BoundaryStep.HOLD_THE_LINE
