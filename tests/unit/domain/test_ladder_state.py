"""Whether there is something to say about calls, and until when: one answer for every screen."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.codes import BoundaryStep, CallOutcome, ClientStatus, Decision
from app.domain.conversations import say
from app.domain.entities import Call, Client, Conversation, Settings
from app.domain.hours import work_calendar
from app.domain.ladder import KEEP_TO_AGREEMENT, QUIET, REST, Ladder, LadderState, agreed_since, ladder

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
SETTINGS = Settings(time_zone="Europe/Paris", call_allowance=2)
CALENDAR = work_calendar(SETTINGS)
FRIDAYS = {"standing_call_rule": "FREQ=WEEKLY;BYDAY=FR", "standing_call_start": NOW - 19 * DAY}
MANY = [
    Call(client_id="c", at=NOW - hours * HOUR, outcome=CallOutcome.MISSED) for hours in (1, 2, 3, 26, 27, 28)
]


def client(**fields: object) -> Client:
    return Client(**({"id": "c", "name": "Lefèvre"} | fields))


def talk(step: int, at: datetime, outcome: str = "said", **fields: object) -> Conversation:
    answered = None if outcome == "said" else at
    base = {"client_id": "c", "step": step, "at": at, "outcome": outcome, "answered_at": answered}
    return Conversation(**(base | fields))


def stands(
    talks: list[Conversation],
    calls: list[Call] | None = None,
    now: datetime = NOW,
    **fields: object,
) -> Ladder:
    return ladder(client(**fields), calls or [], talks, SETTINGS, CALENDAR, now)


# --- a standing call that is agreed -----------------------------------------------------------------------


def test_an_agreed_standing_call_is_not_proposed_again() -> None:
    found = stands([], MANY, **FRIDAYS)
    assert (found.next, found.script) == (BoundaryStep.PUSH_BACK, KEEP_TO_AGREEMENT)
    assert found.standing_call
    assert stands([], MANY).script == "direct-conversation"


def test_the_step_after_an_agreed_standing_call_counts_as_taken() -> None:
    reminded = say(client(**FRIDAYS), stands([], MANY, **FRIDAYS), NOW)
    later = [Call(client_id="c", at=NOW + 8 * DAY + hours * HOUR, outcome="missed") for hours in range(4)]
    found = stands([reminded], [*MANY, *later], NOW + 9 * DAY, **FRIDAYS)
    assert (reminded.step, found.step, found.next) == (2, 2, BoundaryStep.HOLD_THE_LINE)
    assert stands([reminded], now=NOW + QUIET, **FRIDAYS).step == BoundaryStep.PROPOSE  # it still walks down


def test_a_refused_reminder_is_not_answered_with_the_first_offer() -> None:
    refused = talk(1, NOW - HOUR, "pushed_back")
    assert stands([refused], MANY, **FRIDAYS).script == KEEP_TO_AGREEMENT
    assert stands([refused], MANY).script == "push-back"


def test_calls_before_the_first_standing_call_are_no_breach_of_it() -> None:
    from_friday = FRIDAYS | {"standing_call_start": NOW + 2 * DAY}
    assert stands([], MANY, **from_friday).next is None
    assert agreed_since(client(**from_friday), []) == NOW + 2 * DAY
    assert agreed_since(client(**FRIDAYS), [talk(1, NOW - DAY, "agreed")]) == NOW - DAY
    assert agreed_since(client(), [talk(1, NOW - DAY)]) is None


# --- what there is to say ---------------------------------------------------------------------------------


def test_an_agreement_of_a_minute_ago_is_confirmed_and_then_nothing_is_due_for_a_week() -> None:
    at = NOW - MINUTE
    found = stands([talk(1, at, "agreed", **FRIDAYS)], MANY, **FRIDAYS)
    assert (found.state, found.text, found.calm_until) == (
        LadderState.CONFIRM,
        "agreement-confirmed",
        at + REST,
    )
    without_call = stands([talk(1, at, "agreed")], MANY)
    assert (without_call.state, without_call.text, without_call.calm_until) == (
        LadderState.AGREED,
        "",
        at + REST,
    )


def test_the_week_after_an_agreement_counts_from_the_answer() -> None:
    said = NOW - 9 * DAY
    agreed = talk(1, said, "agreed")
    agreed.answered_at = NOW - MINUTE
    since = [
        Call(client_id="c", at=NOW - seconds * timedelta(seconds=10), outcome="missed")
        for seconds in range(4)
    ]
    found = stands([agreed], since)
    assert (found.next, found.state, found.calm_until) == (
        None,
        LadderState.RESTING,
        agreed.answered_at + REST,
    )


def test_a_decision_has_its_letter_and_then_rests() -> None:
    at = NOW - MINUTE
    climbed = [talk(step, NOW - (6 - step) * 8 * DAY, "pushed_back") for step in range(1, 5)]
    letters = {
        decision: stands([*climbed, talk(5, at, decision=decision)], MANY).text for decision in Decision
    }
    assert letters == {"keep": "", "change_terms": "new-terms", "end": "ending-work"}
    kept = stands([*climbed, talk(5, at, decision=Decision.KEEP)], MANY)
    assert (kept.state, kept.calm_until) == (LadderState.DECIDED, at + QUIET)
    assert stands([*climbed, talk(5, at, decision=Decision.END)]).state is LadderState.TELL


def test_nothing_is_proposed_for_a_client_whose_work_has_ended() -> None:
    found = stands([], MANY, status=ClientStatus.ENDED)
    assert (found.next, found.text, found.state) == (None, "", LadderState.ENDED)


@pytest.mark.parametrize(
    ("talks", "fields", "state"),
    [
        ([], {}, LadderState.QUIET),
        ([], FRIDAYS, LadderState.KEEPS),
        ([talk(1, NOW - 20 * DAY, "agreed")], {}, LadderState.KEEPS),
        ([talk(1, NOW - DAY)], {}, LadderState.SAID),
        ([talk(1, NOW - 40 * DAY, "pushed_back")], {}, LadderState.QUIET),
    ],
)
def test_without_calls_the_state_says_what_is_so(
    talks: list[Conversation], fields: dict[str, object], state: LadderState
) -> None:
    assert stands(talks, **fields).state is state


# --- calls while the line is held -------------------------------------------------------------------------

REFUSED_TWICE = [talk(1, NOW - 18 * DAY, "pushed_back"), talk(2, NOW - 9 * DAY, "pushed_back")]


def test_a_letter_that_limits_calls_does_not_invite_to_one() -> None:
    found = stands(REFUSED_TWICE, MANY)
    assert (found.next, found.script) == (BoundaryStep.HOLD_THE_LINE, "call-by-email")
    voicemail = Call(client_id="c", at=NOW, outcome="voicemail")
    assert found.script_for_call("voicemail-received", voicemail) == "call-by-email"
    assert found.script_for_call("voicemail-next-call", voicemail) == "voicemail-next-call"
    assert stands([], MANY).script_for_call("voicemail-received", voicemail) == "voicemail-received"


def test_a_voicemail_with_its_reason_is_not_asked_for_the_reason() -> None:
    voicemail = Call(client_id="c", at=NOW, outcome="voicemail", said_why=True)
    assert (
        stands(REFUSED_TWICE, MANY).script_for_call("voicemail-received", voicemail) == "voicemail-received"
    )


@pytest.mark.parametrize(
    ("last", "holds"),
    [
        (talk(4, NOW - DAY, "agreed"), False),
        (talk(4, NOW - DAY, "pushed_back"), True),
        (talk(5, NOW - DAY, decision=Decision.KEEP), False),
        (talk(5, NOW - DAY, decision=Decision.END), True),
    ],
)
def test_the_line_is_held_until_they_agree_or_the_user_takes_calls_again(
    last: Conversation, holds: bool
) -> None:
    before = [talk(step, NOW - (6 - step) * 8 * DAY, "pushed_back") for step in range(1, last.step)]
    assert stands([*before, last], MANY).holds_the_line is holds


def test_no_letter_about_calls_follows_a_refusal_while_every_call_is_answered() -> None:
    missed = [Call(client_id="c", at=NOW - days * DAY, outcome="missed") for days in (14, 13)]
    taken = Call(client_id="c", at=NOW - 12 * DAY, outcome="taken")
    refused = [talk(1, NOW - 18 * DAY, "pushed_back"), talk(2, NOW - 9 * DAY, "pushed_back")]
    found = stands(refused, [*missed, taken])
    assert (found.next, found.script) == (BoundaryStep.HOLD_THE_LINE, "")
