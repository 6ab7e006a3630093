"""The boundary ladder: a client's current step, the evidence, and the next step.

Second seed (fr-client-boundaries): talk about how best to be reached, and offer a standing call; push back
when they resist; hold the line call by call; offer availability at a higher rate; then decide. Hints and
"e-mail only" are not steps: the seed says why.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .call_answers import call_script, call_to_answer, standing_call_to_wait_for
from .call_weeks import CallCounts, count_calls, excess_calls
from .codes import BoundaryStep, CallOutcome, ConversationOutcome
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
    walks_down: datetime | None  # when the step drops by one if nothing happens; None at the lowest step

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
            since.append(self.last.at + (QUIET if self.step == BoundaryStep.DECIDE else REST))
        return max(since)


def next_changes(ladder: Ladder) -> Iterator[datetime]:
    """Yield instants at which the ladder may change by itself; unordered, may include past ones."""
    if ladder.evidence.beyond:
        yield ladder.evidence.beyond[-1].at + QUIET
    if ladder.last is not None:
        yield from (ladder.last.at + REST, ladder.last.at + QUIET)
        yield (ladder.last.answered_at or ladder.last.at) + QUIET
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
    step, quiet_since = _current_step(said, [call.at for call in beyond], now)
    last = said[-1] if said else None
    evidence = _evidence(theirs, beyond, last, calendar, now)
    refused = _refused(last, now)
    proposed = _proposed_step(step, last, bool(evidence.beyond) or refused, now)
    rests = last is not None and proposed is not None and not refused and now < last.at + REST
    owed = None
    if proposed is not None and not refused and not rests:
        asked = owes_answer or (
            proposed != BoundaryStep.HOLD_THE_LINE
            and _asked_by_voicemail(client, calls, settings, calendar, now)
        )
        owed, proposed = (proposed, None) if asked else (None, proposed)
    lately = [call for call in theirs if call.at >= now - QUIET]
    rang = last_let_ring(lately)
    waits = rang is not None and (
        standing_call_to_wait_for(rang, client, settings, calendar, now) is not None
    )
    return Ladder(
        step=step,
        next=None if rests else proposed,
        answers=proposed is not None and refused,
        owed=owed,
        script="" if rests or proposed is None else _script(proposed, last, rang, waits=waits),
        resting_until=last.at + REST if last and rests else None,
        evidence=evidence,
        last=last,
        aftermath=_aftermath(last, theirs, beyond, known, now) if last else None,
        agreed=bool(client.standing_call_rule)
        or any(each.outcome == ConversationOutcome.AGREED for each in said),
        walks_down=quiet_since + QUIET if step else None,
    )


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
    said: Sequence[Conversation], beyond: Sequence[datetime], now: datetime
) -> tuple[BoundaryStep, datetime]:
    """Return the step reached, and since when it has been quiet (or last dropped)."""
    if not said:
        return BoundaryStep.FINE, now
    marks = [(each.at, int(each.step)) for each in said]
    marks += [(at, 0) for at in beyond if at > said[0].at]
    step, quiet_since = 0, said[0].at
    for at, level in sorted(marks):
        step = max(step - (at - quiet_since) // QUIET, 0)
        quiet_since = at
        step = max(step, min(level, step + 1))
    months = (now - quiet_since) // QUIET
    return BoundaryStep(max(step - months, 0)), quiet_since + months * QUIET


def _proposed_step(
    step: BoundaryStep, last: Conversation | None, reason: bool, now: datetime
) -> BoundaryStep | None:
    if step == BoundaryStep.DECIDE:
        # A decision may be reviewed after a month.
        return BoundaryStep.DECIDE if reason and last and now >= last.at + QUIET else None
    return BoundaryStep(step + 1) if reason else None


def _refused(last: Conversation | None, now: datetime) -> bool:
    """Return whether the client refused in the last conversation, within the last month."""
    return (
        last is not None
        and last.outcome == ConversationOutcome.PUSHED_BACK
        and now < (last.answered_at or last.at) + QUIET
    )


def _script(step: BoundaryStep, last: Conversation | None, call: CallFacts | None, *, waits: bool) -> str:
    """Return the built-in text of a step; `call` is the one that an e-mail can refer to."""
    if step == BoundaryStep.HOLD_THE_LINE:
        return call_script(call, waits=waits) if call else ""
    agreed = last is not None and last.outcome == ConversationOutcome.AGREED
    if step == BoundaryStep.PUSH_BACK and agreed:
        return KEEP_TO_AGREEMENT  # do not offer again what they have accepted
    return STEP_SCRIPTS.get(step, "")


def last_let_ring(calls: Iterable[CallFacts]) -> CallFacts | None:
    """Return the unscheduled call not taken that an e-mail can refer to.

    One answer covers all that are unanswered; without any, it is the newest call.
    """
    calls = list(calls)
    talked = max((call.at for call in calls if call.outcome == CallOutcome.TAKEN), default=None)
    not_taken = [call for call in calls if not call.scheduled and call.outcome != CallOutcome.TAKEN]
    unanswered = [call for call in not_taken if wants_answer(call) and (talked is None or call.at > talked)]
    if unanswered:
        return call_to_answer(unanswered)
    return max(not_taken, key=lambda call: call.at, default=None)


def _evidence(
    calls: Sequence[CallFacts],
    beyond: Sequence[CallFacts],
    last: Conversation | None,
    calendar: WorkCalendar,
    now: datetime,
) -> Evidence:
    since = now - QUIET
    if last is not None:
        since = max(since, last.answered_at or last.at)
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
