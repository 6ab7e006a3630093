"""A client's telephone calls by week, and advice about an incoming call.

Second seed (fr-client-boundaries): several calls a day about things already sent, voicemails that say
nothing; yet one or two unplanned calls a week are taken, because some flexibility is worth money.
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
    """Return the starts of the user's weeks, from the week of `first` to the week of `last`."""
    starts = []
    start, end = week_of(first, calendar)
    while start <= last:
        starts.append(start)
        start, end = week_of(end, calendar)
    return tuple(starts)


@dataclass(frozen=True)
class CallCounts:
    """Call counts for a period. All fields but `scheduled` count unscheduled calls only."""

    scheduled: int = 0  # held
    taken: int = 0
    missed: int = 0
    voicemail: int = 0
    empty_voicemails: int = 0  # "call me back" without a reason
    already_sent: int = 0  # about something an update had already reported
    minutes: int = 0  # spent on calls taken

    @property
    def unscheduled(self) -> int:
        """Interruptions, whether taken or not."""
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
        """Unscheduled calls beyond the allowance, whether taken or not."""
        return max(self.counts.unscheduled - self.allowance, 0)


@dataclass(frozen=True)
class CallGlance:
    """The last weeks, oldest first, the current week last, and their total."""

    weeks: list[CallWeek]
    total: CallCounts


def count_calls(calls: Iterable[CallFacts]) -> CallCounts:
    """Count calls. Only calls taken add minutes; only scheduled calls that were held are counted.

    A voicemail counts as empty only if it is marked as giving no reason (`said_why` is False).
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
    """Return the client's calls by week with the allowance, including weeks without calls.

    Weeks before that of `since` are left out: there are no records of them.
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
    """Return the unscheduled calls beyond each week's allowance, taken or not, oldest first.

    Adding a call never shortens the result.
    """
    ordered = sorted((call for call in calls if not call.scheduled), key=lambda call: call.at)
    if not ordered:
        return []
    # Whole years, so that the cached weeks serve all clients.
    first, last = ordered[0].at.year, ordered[-1].at.year
    starts = week_starts(calendar, datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC))
    allowance = call_allowance(client, settings)
    counts: Counter[int] = Counter()
    found = []
    for call in ordered:
        week = bisect_right(starts, call.at)
        counts[week] += 1
        if counts[week] > allowance:
            found.append(call)
    return found


CHECK_IN_SCRIPT = "already-sent"

CALL_SCRIPTS: dict[tuple[str, bool], str] = {
    (CallOutcome.VOICEMAIL, True): "voicemail-next-call",
    (CallOutcome.VOICEMAIL, False): "voicemail-received",
    (CallOutcome.MISSED, True): "deferred-request",
    (CallOutcome.MISSED, False): "missed-call",
}
"""Built-in script for a call, by outcome and whether a standing call is agreed."""

INVITING_SCRIPTS = frozenset({"voicemail-received", "missed-call"})
"""Scripts of `CALL_SCRIPTS` that offer the client another call."""

BY_EMAIL = "call-by-email"
"""Script that answers a call in writing only, for clients who call too often."""


class CallChoice(StrEnum):
    """What to do about an incoming call."""

    SCHEDULED = "scheduled"
    YOUR_CHOICE = "your_choice"  # within the allowance: take it or not
    LET_IT_RING = "let_it_ring"


@dataclass(frozen=True)
class CallAdvice:
    """Advice shown when a call is logged.

    `left` is how many unscheduled calls could still be taken this week before this one. `script` is the id of
    the matching built-in script, or empty. `update` is a status update that may already answer the call.
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
    """Advise on a call. `calls` are the client's calls of that week and may include this one.

    A call marked as a check-in is answered with the update; any other call not taken, with an e-mail about
    the call. The frequency of calls is handled by the boundary ladder.
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
    """Return the script for a call; `waits` is whether there is a standing call to defer it to."""
    if call.scheduled:
        return ""
    if call.answered_by_update_id is not None:
        return CHECK_IN_SCRIPT
    return CALL_SCRIPTS.get((call.outcome, waits), "")
