"""How a client reaches the user by telephone, week by week, and what to do about the call that comes in now.

Second seed (fr-client-boundaries): several calls a day about things already sent, voicemails that say
nothing; yet one or two unplanned calls a week are taken, for being somewhat flexible is worth money.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from .calls import call_allowance, next_standing_call, week_of
from .codes import CallOutcome
from .entities import Call, Client, Settings, StatusUpdate
from .facts import CallFacts
from .hours import WorkCalendar
from .silence import update_answering


@lru_cache(maxsize=256)
def week_starts(calendar: WorkCalendar, first: datetime, last: datetime) -> tuple[datetime, ...]:
    """When each of the user's weeks begins, from that of `first` to that of `last`."""
    starts = []
    start, end = week_of(first, calendar)
    while start <= last:
        starts.append(start)
        start, end = week_of(end, calendar)
    return tuple(starts)


@dataclass(frozen=True)
class CallCounts:
    """Calls of some span of time. Outcomes, evidence and minutes are those of the unscheduled ones."""

    scheduled: int = 0  # that took place
    taken: int = 0
    missed: int = 0
    voicemail: int = 0
    empty_voicemails: int = 0  # "call me back", and not a word more
    already_sent: int = 0  # about what an update had told before
    minutes: int = 0  # taken up by them

    @property
    def unscheduled(self) -> int:
        """Taken or not: the interruptions."""
        return self.taken + self.missed + self.voicemail


@dataclass(frozen=True)
class CallWeek:
    """One of the user's weeks, [start, end)."""

    start: datetime
    end: datetime
    counts: CallCounts
    allowance: int

    @property
    def over(self) -> int:
        """Unscheduled calls, taken or not, beyond the allowance."""
        return max(self.counts.unscheduled - self.allowance, 0)


@dataclass(frozen=True)
class CallGlance:
    """The last weeks, the oldest first and the present one last, and all of them together."""

    weeks: list[CallWeek]
    total: CallCounts


def count_calls(calls: Iterable[CallFacts]) -> CallCounts:
    """A voicemail is empty once it is known to give no reason; minutes are those of the calls taken.

    Of the scheduled calls, those that took place are counted.
    """
    scheduled = empty = sent = minutes = 0
    outcomes: list[str] = []
    for call in calls:
        if call.scheduled:
            scheduled += call.outcome == CallOutcome.TAKEN
            continue
        outcome = call.outcome
        outcomes.append(outcome)
        empty += outcome == CallOutcome.VOICEMAIL and call.said_why is False
        sent += call.answered_by_update_id is not None
        minutes += call.minutes if outcome == CallOutcome.TAKEN else 0
    taken, missed, voicemail = (outcomes.count(each) for each in CallOutcome)
    return CallCounts(scheduled, taken, missed, voicemail, empty, sent, minutes)


_NONE = CallCounts()


def calls_at_a_glance(
    client: Client,
    calls: Iterable[CallFacts],
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
    weeks: int = 8,
    since: datetime | None = None,
) -> CallGlance:
    """The client's calls by the user's weeks, against the allowance; a week without any counts too.

    None before the week of `since`: of those nothing is known.
    """
    end = week_of(now, calendar)[1]
    first = end - timedelta(weeks=weeks) + timedelta(days=1)
    starts = week_starts(calendar, first if since is None else min(max(first, since), now), now)
    by_week: list[list[CallFacts]] = [[] for _ in starts]
    client_id = client.id
    for call in calls:
        if call.client_id == client_id and starts[0] <= call.at <= now:
            by_week[bisect_right(starts, call.at) - 1].append(call)
    allowance = call_allowance(client, settings)
    found = [
        CallWeek(start, until, count_calls(each) if each else _NONE, allowance)
        for start, until, each in zip(starts, (*starts[1:], end), by_week, strict=True)
    ]
    return CallGlance(found, count_calls([call for each in by_week for call in each]))


def excess_calls(
    client: Client, calls: Iterable[CallFacts], settings: Settings, calendar: WorkCalendar
) -> list[CallFacts]:
    """The unscheduled calls beyond each week's allowance, taken or not, oldest first.

    One call more, anywhere, never makes them fewer.
    """
    ordered = sorted((call for call in calls if not call.scheduled), key=lambda call: call.at)
    if not ordered:
        return []
    # Whole years, so that the weeks are worked out once for all clients.
    first, last = ordered[0].at.year, ordered[-1].at.year
    starts = week_starts(calendar, datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC))
    allowance = call_allowance(client, settings)
    rang: Counter[int] = Counter()
    found = []
    for call in ordered:
        week = bisect_right(starts, call.at)
        rang[week] += 1
        if rang[week] > allowance:
            found.append(call)
    return found


CHECK_IN_SCRIPT = "already-sent"

CALL_SCRIPTS: dict[tuple[str, bool], str] = {
    (CallOutcome.VOICEMAIL, True): "voicemail-next-call",
    (CallOutcome.VOICEMAIL, False): "voicemail-received",
    (CallOutcome.MISSED, True): "deferred-request",
    (CallOutcome.MISSED, False): "missed-call",
}
"""The built-in text about a call, by outcome and whether there is a standing call it can wait for."""


class CallChoice(StrEnum):
    """What to do about a call that comes in."""

    SCHEDULED = "scheduled"
    YOUR_CHOICE = "your_choice"  # within the allowance: take it or not
    LET_IT_RING = "let_it_ring"


@dataclass(frozen=True)
class CallAdvice:
    """What the app says the moment a call is logged.

    `left` is how many unscheduled calls of this week could still be taken before this one; `script` the id of
    the built-in text that fits, empty for none; `update` what may already answer the call.
    """

    choice: CallChoice
    left: int
    allowance: int
    next_call: datetime | None
    update: StatusUpdate | None
    script: str


def advise_on_call(
    call: Call,
    client: Client,
    calls: Iterable[CallFacts],
    updates: Iterable[StatusUpdate],
    settings: Settings,
    calendar: WorkCalendar,
) -> CallAdvice:
    """`calls` are the client's of that week; the call itself may be among them.

    A call marked as a check-in is answered with the update, any other one that was not taken with an e-mail
    about the call. How often they call is another matter: the boundary ladder's.
    """
    start, end = week_of(call.at, calendar)
    allowance = call_allowance(client, settings)
    taken = sum(
        other.outcome == CallOutcome.TAKEN
        for other in calls
        if other.client_id == client.id
        and not other.scheduled
        and start <= other.at < end
        and other.id != call.id
    )
    left = max(allowance - taken, 0)
    choice = CallChoice.YOUR_CHOICE if left else CallChoice.LET_IT_RING
    update = None if call.scheduled else update_answering(call, updates)
    next_call = next_standing_call(client, call.at, calendar)
    return CallAdvice(
        CallChoice.SCHEDULED if call.scheduled else choice,
        left,
        allowance,
        next_call,
        update,
        _script(call, waits=next_call is not None),
    )


def _script(call: Call, *, waits: bool) -> str:
    """`waits`: there is a standing call the matter can wait for."""
    if call.scheduled:
        return ""
    if call.answered_by_update_id is not None:
        return CHECK_IN_SCRIPT
    return CALL_SCRIPTS.get((call.outcome, waits), "")
