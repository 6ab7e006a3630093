"""The boundary ladder: a client's current step, the evidence, and the next step.

Second seed (fr-client-boundaries): talk about how best to be reached, and offer a standing call; push back
when they resist; hold the line call by call; offer availability at a higher rate; then decide. Hints and
"e-mail only" are not steps: the seed says why.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from .call_answers import BY_EMAIL, INVITING_SCRIPTS, call_script, call_to_answer, standing_call_to_wait_for
from .call_weeks import CallCounts, count_calls, excess_calls
from .codes import BoundaryStep, CallOutcome, ClientStatus, ConversationOutcome, Decision
from .decision import WAY_SCRIPTS
from .entities import Client, Conversation, Settings
from .facts import CallFacts
from .first_use import WEEK, calls_a_week, calls_known_since
from .hours import WorkCalendar
from .missed_calls import unanswered_calls, wants_answer

QUIET = timedelta(days=30)
"""A month without a call beyond the allowance lowers the step by one; older evidence is ignored."""

REST = timedelta(days=7)
"""Minimum time before the user starts another step. A refusal can be answered at once."""

BEFORE = timedelta(days=28)
"""Period over which calls a week are averaged: before a conversation, and before a decision."""

KEEP_TO_AGREEMENT = "keep-to-agreement"
CONFIRMATION = "agreement-confirmed"  # after they agreed

STEP_SCRIPTS: dict[BoundaryStep, str] = {
    BoundaryStep.PROPOSE: "direct-conversation",
    BoundaryStep.PUSH_BACK: "push-back",
    BoundaryStep.OFFER_AVAILABILITY: "availability-rate",
}
"""Built-in script of each step. HOLD_THE_LINE uses the script for the call; DECIDE has one per decision."""


class LadderState(StrEnum):
    """Whether there is something to say to a client about the calls now, or why there is not."""

    NEXT = "next"  # a step of the user's own
    ANSWER = "answer"  # a step that answers a refusal
    OWED = "owed"  # the user answers the client first
    CONFIRM = "confirm"  # put in writing what was agreed
    TELL = "tell"  # tell the client what was decided
    DECIDED = "decided"  # the decision stands for a month
    RESTING = "resting"  # more calls came, within `REST` of the last step
    AGREED = "agreed"  # they agreed within the last `REST`
    SAID = "said"  # what they answer is not noted
    KEEPS = "keeps"  # they keep to what was agreed
    QUIET = "quiet"  # nothing was agreed, and the calls are few enough
    ENDED = "ended"  # the work has ended


@dataclass(frozen=True)
class Evidence:
    """Why a step is proposed: the last month's unscheduled calls since the last conversation."""

    calls: tuple[CallFacts, ...]  # oldest first
    beyond: tuple[CallFacts, ...]  # over the weekly allowance
    counts: CallCounts
    busiest: tuple[date, int] | None  # the local day with the most calls

    @property
    def dates(self) -> list[datetime]:
        """The times of the calls over the allowance."""
        return [call.at for call in self.beyond]


@dataclass(frozen=True)
class Aftermath:
    """Calls since the last conversation, compared with before."""

    outcome: str  # a `ConversationOutcome`
    before_a_week: float  # unscheduled calls a week, in the four weeks before or since calls are recorded
    since_a_week: float
    since: int
    beyond: int  # of `since`, over the allowance


@dataclass(frozen=True)
class Ladder:
    """A client's position on the ladder. `next` is the step to take now; None: nothing to do."""

    step: BoundaryStep
    next: BoundaryStep | None
    answers: bool  # `next` answers a refusal, within the same conversation
    owed: BoundaryStep | None  # the step to propose once the user has answered the client
    script: str  # id of the built-in script for `next`, or empty
    resting_until: datetime | None  # start of the next step if it is held back by `REST`
    evidence: Evidence
    last: Conversation | None
    aftermath: Aftermath | None
    agreed: bool  # the client has agreed to terms for calls
    standing_call: bool  # a standing call is agreed: nothing is left to propose in the first step
    follow_up: str  # id of the built-in script that puts the last step in writing, or empty
    calm_until: datetime | None  # no new step is proposed before; None if one can be at any time
    state: LadderState
    walks_down: datetime | None  # when the step drops by one if nothing happens; None at the lowest step

    @property
    def text(self) -> str:
        """Id of the built-in script to send now, or empty."""
        return self.script or self.follow_up

    @property
    def holds_the_line(self) -> bool:
        """Whether unscheduled calls are answered in writing, because that step was taken or is next.

        Not once the client agreed to terms after it, or the user decided to take the calls again.
        """
        last = self.last
        if last is not None and (last.outcome == ConversationOutcome.AGREED or last.decision in _TAKES_CALLS):
            return False
        return BoundaryStep.HOLD_THE_LINE in (self.step, self.next) or self.step > BoundaryStep.HOLD_THE_LINE

    def script_for_call(self, script: str, call: CallFacts) -> str:
        """Return the script for a call that would be `script` without the ladder.

        While the user holds the line, no text invites the client to call. A voicemail that gave its reason
        is answered as one all the same: `BY_EMAIL` asks for the reason.
        """
        return _in_writing(script, call) if self.holds_the_line else script

    @property
    def next_since(self) -> datetime | None:
        """When the next step became possible: the refusal, the end of a pause or the newest excess call.

        None without a next step.
        """
        if self.next is None:
            return None
        since = [call.at for call in self.evidence.beyond]
        if self.last is not None and self.answers:
            since.append(self.last.answered_at or self.last.at)
        elif self.last is not None:
            since.append(_rest_ends(self.step, self.last))
        return max(since)


_TAKES_CALLS = frozenset({Decision.KEEP, Decision.CHANGE_TERMS})


def next_changes(ladder: Ladder) -> Iterator[datetime]:
    """Yield instants at which the ladder may change by itself; unordered, may include past ones."""
    if ladder.evidence.beyond:
        yield ladder.evidence.beyond[-1].at + QUIET
    if ladder.last is not None:
        for at in {ladder.last.at, ladder.last.answered_at or ladder.last.at}:
            yield from (at + REST, at + QUIET)
    if ladder.walks_down is not None:
        yield from (ladder.walks_down + months * QUIET for months in range(5))


def ladder(
    client: Client,
    calls: Iterable[CallFacts],
    conversations: Iterable[Conversation],
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
    *,
    owes_answer: bool = False,
    first_call: datetime | None = None,
) -> Ladder:
    """Compute the client's position on the ladder from their calls and conversations.

    `owes_answer`: a message from the client awaits the user's answer. Until it and any voicemail with a
    reason are answered, no new step is proposed. Two exceptions: a refusal is still answered, and
    HOLD_THE_LINE is itself the answer to a call.

    `first_call`: when the first call of any client was recorded, for the averages.

    Only conversations raise the step, by one each; calls alone never do. Evidence since the last conversation
    proposes the next step, and a refusal does so at once. More calls never lower the step or remove a
    proposal.
    """
    said = sorted(
        (each for each in conversations if each.client_id == client.id and each.at <= now),
        key=lambda each: (each.at, each.step),
    )
    # Older calls do not count, but the first week is counted whole.
    since = min([now - QUIET, *(each.at - BEFORE for each in said)]) - timedelta(weeks=1)
    client_id = client.id
    calls = list(calls)
    known = calls_known_since(client, (call.at for call in calls if call.client_id == client_id), first_call)
    theirs = [
        call
        for call in calls
        if call.client_id == client_id and since <= call.at <= now and not call.scheduled
    ]
    beyond = excess_calls(client, theirs, settings, calendar)
    standing_call, ended = bool(client.standing_call_rule), client.status == ClientStatus.ENDED
    lowest = BoundaryStep.PROPOSE if standing_call else BoundaryStep.FINE  # agreed: nothing to propose
    step, quiet_since = _current_step(said, [call.at for call in beyond], now, lowest)
    last = said[-1] if said else None
    evidence = _evidence(theirs, beyond, last, agreed_since(client, said), calendar, now)
    refused = _refused(last, now)
    reason = not ended and (bool(evidence.beyond) or refused)
    proposed = _proposed_step(step, last, reason, now, lowest)
    rest_ends = _rest_ends(BoundaryStep.FINE, last) if last else now
    rests = proposed is not None and not refused and now < rest_ends
    owed = None
    if proposed is not None and not refused and not rests:
        asked = owes_answer or (
            proposed != BoundaryStep.HOLD_THE_LINE
            and _asked_by_voicemail(client, calls, settings, calendar, now)
        )
        owed, proposed = (proposed, None) if asked else (None, proposed)
    lately = [call for call in theirs if call.at >= now - QUIET]
    rang = _unanswered(lately)
    waits = rang is not None and (
        standing_call_to_wait_for(rang, client, settings, calendar, now) is not None
    )
    upcoming = None if rests else proposed
    answers = upcoming is not None and refused
    follow_up = _follow_up(client, last, now)
    return Ladder(
        step=step,
        next=upcoming,
        answers=answers,
        owed=owed,
        script="" if upcoming is None else _script(upcoming, client, last, rang, waits=waits),
        resting_until=rest_ends if rests else None,
        evidence=evidence,
        last=last,
        aftermath=_aftermath(last, theirs, beyond, known, now) if last else None,
        agreed=standing_call or any(each.outcome == ConversationOutcome.AGREED for each in said),
        standing_call=standing_call,
        follow_up=follow_up,
        calm_until=_calm_until(step, last, now),
        state=_state(client, upcoming, owed, last, follow_up, now, answers=answers, rests=rests),
        walks_down=quiet_since + QUIET if step else None,
    )


def agreed_since(client: Client, conversations: Iterable[Conversation]) -> datetime | None:
    """Return since when an agreement about calls holds: the last one noted, else the first standing call.

    None without an agreement. Calls before it are no breach of it. `conversations` are the client's.
    """
    agreed = [
        each.answered_at or each.at for each in conversations if each.outcome == ConversationOutcome.AGREED
    ]
    if agreed:
        return max(agreed)
    return client.standing_call_start if client.standing_call_rule else None


def _follow_up(client: Client, last: Conversation | None, now: datetime) -> str:
    """Return the script to send after a step of the last week; empty for none."""
    if last is None or now >= (last.answered_at or last.at) + REST:
        return ""
    if last.decision is not None:
        return WAY_SCRIPTS.get(last.decision, "")
    agreed_on_call = last.outcome == ConversationOutcome.AGREED and last.standing_call_rule
    return CONFIRMATION if agreed_on_call and client.standing_call_rule else ""


def _rest_ends(step: BoundaryStep, last: Conversation) -> datetime:
    """Return when a new step may follow the last conversation: a week after it, or after they agreed."""
    agreed_at = last.answered_at if last.outcome == ConversationOutcome.AGREED else None
    since = agreed_at or last.at
    return since + (QUIET if step == BoundaryStep.DECIDE else REST)


def _calm_until(step: BoundaryStep, last: Conversation | None, now: datetime) -> datetime | None:
    until = _rest_ends(step, last) if last else now
    return until if now < until else None


def _state(
    client: Client,
    upcoming: BoundaryStep | None,
    owed: BoundaryStep | None,
    last: Conversation | None,
    follow_up: str,
    now: datetime,
    *,
    answers: bool,
    rests: bool,
) -> LadderState:
    decided = last is not None and last.decision is not None
    agreed = last is not None and last.outcome == ConversationOutcome.AGREED
    fresh = last is not None and now < _rest_ends(BoundaryStep.FINE, last)
    holds: dict[LadderState, bool] = {
        LadderState.ANSWER: answers,
        LadderState.NEXT: upcoming is not None,
        LadderState.OWED: owed is not None,
        LadderState.TELL: decided and bool(follow_up),
        LadderState.CONFIRM: bool(follow_up),
        LadderState.ENDED: client.status == ClientStatus.ENDED,
        LadderState.DECIDED: decided and last is not None and now < last.at + QUIET,
        LadderState.RESTING: rests,
        LadderState.AGREED: agreed and fresh,
        LadderState.SAID: not decided and last is not None and last.outcome == ConversationOutcome.SAID,
        LadderState.KEEPS: agreed or bool(client.standing_call_rule),
    }
    return next((state for state, applies in holds.items() if applies), LadderState.QUIET)


def _asked_by_voicemail(
    client: Client,
    calls: Iterable[CallFacts],
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
) -> bool:
    """Return whether a voicemail with a reason is unanswered."""
    theirs = (call for call in calls if call.client_id == client.id)
    found = unanswered_calls(client.id, theirs, client, settings, calendar, now)
    return found is not None and any(call.said_why for call in found.calls)


def _current_step(
    said: Sequence[Conversation], beyond: Sequence[datetime], now: datetime, lowest: BoundaryStep
) -> tuple[BoundaryStep, datetime]:
    """Return the step reached, and since when it has been quiet (or last dropped).

    A conversation raises the step by one; from below `lowest`, to the one after it.
    """
    if not said:
        return BoundaryStep.FINE, now
    marks = [(each.at, int(each.step)) for each in said]
    marks += [(at, 0) for at in beyond if at > said[0].at]
    step, quiet_since = 0, said[0].at
    for at, level in sorted(marks):
        step = max(step - (at - quiet_since) // QUIET, 0)
        quiet_since = at
        step = max(step, min(level, max(step, lowest) + 1))
    months = (now - quiet_since) // QUIET
    return BoundaryStep(max(step - months, 0)), quiet_since + months * QUIET


def _proposed_step(
    step: BoundaryStep, last: Conversation | None, reason: bool, now: datetime, lowest: BoundaryStep
) -> BoundaryStep | None:
    if step == BoundaryStep.DECIDE:
        # A decision may be reviewed after a month.
        return BoundaryStep.DECIDE if reason and last and now >= last.at + QUIET else None
    return BoundaryStep(max(step, lowest) + 1) if reason else None


def _refused(last: Conversation | None, now: datetime) -> bool:
    """Return whether the client refused in the last conversation, within the last month."""
    return (
        last is not None
        and last.outcome == ConversationOutcome.PUSHED_BACK
        and now < (last.answered_at or last.at) + QUIET
    )


def _script(
    step: BoundaryStep, client: Client, last: Conversation | None, call: CallFacts | None, *, waits: bool
) -> str:
    """Return the built-in text of a step; `call` is the one that an e-mail can refer to."""
    if step == BoundaryStep.HOLD_THE_LINE:
        return _in_writing(call_script(call, waits=waits), call) if call else ""
    agreed = last is not None and last.outcome == ConversationOutcome.AGREED
    if step == BoundaryStep.PUSH_BACK and (agreed or client.standing_call_rule):
        return KEEP_TO_AGREEMENT  # do not offer again what they have accepted
    return STEP_SCRIPTS.get(step, "")


def _in_writing(script: str, call: CallFacts) -> str:
    """Return the script that answers in writing only, if `script` invites the client to call."""
    return BY_EMAIL if script in INVITING_SCRIPTS and call.said_why is not True else script


def last_let_ring(calls: Iterable[CallFacts]) -> CallFacts | None:
    """Return the unscheduled call not taken that an e-mail can refer to.

    One answer covers all that are unanswered; without any, it is the newest call.
    """
    calls = list(calls)
    not_taken = [call for call in calls if not call.scheduled and call.outcome != CallOutcome.TAKEN]
    return _unanswered(calls) or max(not_taken, key=lambda call: call.at, default=None)


def _unanswered(calls: Sequence[CallFacts]) -> CallFacts | None:
    """Return the call that one answer to all unanswered calls is about; a call taken answers earlier ones."""
    talked = max((call.at for call in calls if call.outcome == CallOutcome.TAKEN), default=None)
    found = [call for call in calls if wants_answer(call) and (talked is None or call.at > talked)]
    return call_to_answer(found) if found else None


def _evidence(
    calls: Sequence[CallFacts],
    beyond: Sequence[CallFacts],
    last: Conversation | None,
    agreed: datetime | None,
    calendar: WorkCalendar,
    now: datetime,
) -> Evidence:
    since = now - QUIET
    if last is not None:
        since = max(since, last.answered_at or last.at)
    if agreed is not None:
        since = max(since, agreed)
    recent = sorted((call for call in calls if call.at > since), key=lambda call: call.at)
    days = Counter(calendar.local(call.at).date() for call in recent)
    return Evidence(
        calls=tuple(recent),
        beyond=tuple(call for call in beyond if call.at > since),
        counts=count_calls(recent),
        busiest=max(days.items(), key=lambda entry: (entry[1], entry[0]), default=None),
    )


def _aftermath(
    last: Conversation,
    calls: Sequence[CallFacts],
    beyond: Sequence[CallFacts],
    known: datetime,
    now: datetime,
) -> Aftermath:
    """Compare the calls before and after. `known` is when the records of the client's calls begin."""
    since = sum(call.at > last.at for call in calls)
    weeks = max((now - last.at) / WEEK, 1.0)  # a day does not stand for a week of calls
    return Aftermath(
        outcome=last.outcome,
        before_a_week=calls_a_week(calls, last.at - BEFORE, last.at, known),
        since_a_week=since / weeks,
        since=since,
        beyond=sum(call.at > last.at for call in beyond),
    )
