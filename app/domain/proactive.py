"""Updates sent before anybody asks: a client who tends to check in gets one a little before they usually do.

Second seed (fr-client-boundaries): he rings to check on things; whoever hears from you has no reason to.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

from .codes import ClientStatus, Direction, JobStatus, MessageKind
from .entities import Client, Job
from .facts import CallFacts, MessageFacts, UpdateFacts
from .hours import DAY, WorkCalendar

LOOK_BACK = timedelta(days=90)
HABIT = 2
"""Times somebody has to have checked in for it to be a habit."""


@dataclass(frozen=True)
class UpdateSuggestion:
    """Whom to write to before they ask. `due` is the time to do it, `expected` when they would ask."""

    client_id: str
    job: Job  # the one under way that is due first
    due: datetime
    expected: datetime
    usual_gap: timedelta  # from the user's last word to the client's asking
    check_ins: int  # messages and calls marked as such, in the last 90 days
    calls: int  # the other unscheduled calls in them
    last_word: datetime  # the user's, whatever it was about
    days: int  # in which they were in touch so often: fewer than 90 with a new client


def suggest_updates(
    clients: Mapping[str, Client],
    jobs: Iterable[Job],
    messages: Iterable[MessageFacts],
    calls: Iterable[CallFacts],
    updates: Iterable[UpdateFacts],
    calendar: WorkCalendar,
    now: datetime,
) -> list[UpdateSuggestion]:
    """The updates worth sending, what is due first before the others; also those not due yet.

    When they ask is told by check-ins and by unscheduled calls, taken or not; only those marked as check-ins
    are counted as such. The user's word is an update, an answer or an acknowledgement, or a message of their
    own. Only active clients with work under way.
    """
    under_way: dict[str, Job] = {}
    for job in jobs:
        known = under_way.get(job.client_id)
        if job.status == JobStatus.IN_PROGRESS and (known is None or _urgency(job) < _urgency(known)):
            under_way[job.client_id] = job
    wanted = {
        client_id
        for client_id in under_way
        if client_id in clients and clients[client_id].status == ClientStatus.ACTIVE
    }
    asked, marked, said = _contacts(
        (message for message in messages if message.client_id in wanted),
        (call for call in calls if call.client_id in wanted),
        (update for update in updates if update.client_id in wanted),
        now - LOOK_BACK,
        now,
    )
    found = []
    for client_id in wanted:
        job = under_way[client_id]
        theirs, words = asked[client_id], sorted(said[client_id])
        suggestion = _suggestion(job, theirs, marked[client_id], words, calendar)
        if suggestion is not None:
            begun = min([clients[client_id].created_at, job.started_at, *words[:1], *theirs])
            found.append(replace(suggestion, days=-(-min(now - begun, LOOK_BACK) // DAY)))
    return sorted(found, key=lambda each: (each.due, each.client_id))


def _contacts(
    messages: Iterable[MessageFacts],
    calls: Iterable[CallFacts],
    updates: Iterable[UpdateFacts],
    since: datetime,
    now: datetime,
) -> tuple[dict[str, list[datetime]], Counter[str], dict[str, list[datetime]]]:
    """When each client asked, how many times of these were check-ins, and when the user was heard from."""
    asked: dict[str, list[datetime]] = defaultdict(list)
    marked: Counter[str] = Counter()
    said: dict[str, list[datetime]] = defaultdict(list)
    for message in messages:
        if message.direction == Direction.OUT:
            said[message.client_id].append(message.at)
            continue
        if message.kind == MessageKind.CHECK_IN and since <= message.at <= now:
            asked[message.client_id].append(message.at)
            marked[message.client_id] += 1
        answered = (message.acknowledged_at, message.replied_at)
        said[message.client_id].extend(at for at in answered if at is not None)
    for call in calls:
        if not call.scheduled and since <= call.at <= now:
            asked[call.client_id].append(call.at)
            marked[call.client_id] += call.answered_by_update_id is not None
    for update in updates:
        said[update.client_id].append(update.at)
    return asked, marked, said


def _suggestion(
    job: Job, asked: Sequence[datetime], marked: int, words: Sequence[datetime], calendar: WorkCalendar
) -> UpdateSuggestion | None:
    """None without a habit. Asking again before any word of the user's is the same asking."""
    gaps = []
    heard = 0
    for at in sorted(asked):
        before = heard
        while heard < len(words) and words[heard] <= at:
            heard += 1
        if heard > before:
            gaps.append(at - words[heard - 1])
    if len(gaps) < HABIT:
        return None
    gap = timedelta(seconds=median(gap.total_seconds() for gap in gaps))
    last = max(words[-1], job.started_at)
    expected = last + gap
    # A working day before they would ask, but not before half of the time has passed.
    due = max(calendar.subtract_working_days(expected, 1), last + gap / 2)
    return UpdateSuggestion(
        job.client_id, job, due, expected, gap, marked, len(asked) - marked, last, LOOK_BACK.days
    )


def _urgency(job: Job) -> tuple[bool, datetime, str]:
    return job.deadline is None, job.deadline or job.started_at, job.id
