"""Proactive updates: write to a client who usually checks in shortly before they do.

Second seed (fr-client-boundaries): he rings to check on things; clients who hear from the user have no reason
to.
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
"""Number of check-ins that make a habit."""


@dataclass(frozen=True)
class UpdateSuggestion:
    """A client to update before they ask. `due` is when to write, `expected` when they would ask."""

    client_id: str
    job: Job  # the job in progress with the earliest deadline
    due: datetime
    expected: datetime
    usual_gap: timedelta  # from the user's last contact to the client's check-in
    gaps: int  # behind the usual one
    check_ins: int  # messages and calls marked as check-ins in the last 90 days
    calls: int  # other unscheduled calls in that period
    last_contact: datetime  # the user's last contact, about anything
    days: int  # length of that period: less than 90 for a new client


def suggest_updates(
    clients: Mapping[str, Client],
    jobs: Iterable[Job],
    messages: Iterable[MessageFacts],
    calls: Iterable[CallFacts],
    updates: Iterable[UpdateFacts],
    calendar: WorkCalendar,
    now: datetime,
) -> list[UpdateSuggestion]:
    """Return suggested updates, earliest due first, including those not due yet.

    Check-ins and unscheduled calls, taken or not, show when a client asks; only marked ones count as
    check-ins. The user's contacts are updates, replies, acknowledgements and own messages. Only active
    clients with a job in progress are considered.
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
    asked, marked, contacted = _contacts(
        (message for message in messages if message.client_id in wanted),
        (call for call in calls if call.client_id in wanted),
        (update for update in updates if update.client_id in wanted),
        now - LOOK_BACK,
        now,
    )
    found = []
    for client_id in wanted:
        job = under_way[client_id]
        theirs, contacts = asked[client_id], sorted(contacted[client_id])
        suggestion = _suggestion(job, theirs, marked[client_id], contacts, calendar)
        if suggestion is not None:
            begun = min([clients[client_id].created_at, job.started_at, *contacts[:1], *theirs])
            found.append(replace(suggestion, days=-(-min(now - begun, LOOK_BACK) // DAY)))
    return sorted(found, key=lambda each: (each.due, each.client_id))


def _contacts(
    messages: Iterable[MessageFacts],
    calls: Iterable[CallFacts],
    updates: Iterable[UpdateFacts],
    since: datetime,
    now: datetime,
) -> tuple[dict[str, list[datetime]], Counter[str], dict[str, list[datetime]]]:
    """Return by client: times they asked, how many were check-ins, and times of the user's contacts."""
    asked: dict[str, list[datetime]] = defaultdict(list)
    marked: Counter[str] = Counter()
    contacted: dict[str, list[datetime]] = defaultdict(list)
    for message in messages:
        if message.direction == Direction.OUT:
            contacted[message.client_id].append(message.at)
            continue
        if message.kind == MessageKind.CHECK_IN and since <= message.at <= now:
            asked[message.client_id].append(message.at)
            marked[message.client_id] += 1
        answered = (message.acknowledged_at, message.replied_at)
        contacted[message.client_id].extend(at for at in answered if at is not None)
    for call in calls:
        if not call.scheduled and since <= call.at <= now:
            asked[call.client_id].append(call.at)
            marked[call.client_id] += call.answered_by_update_id is not None
    for update in updates:
        contacted[update.client_id].append(update.at)
    return asked, marked, contacted


def _suggestion(
    job: Job, asked: Sequence[datetime], marked: int, contacts: Sequence[datetime], calendar: WorkCalendar
) -> UpdateSuggestion | None:
    """Return None without a habit. Repeated asking before the user's next contact counts once."""
    gaps = []
    seen = 0
    for at in sorted(asked):
        before = seen
        while seen < len(contacts) and contacts[seen] <= at:
            seen += 1
        if seen > before:
            gaps.append(at - contacts[seen - 1])
    if len(gaps) < HABIT:
        return None
    gap = timedelta(seconds=median(gap.total_seconds() for gap in gaps))
    last = max(contacts[-1], job.started_at)
    expected = last + gap
    # A working day before they would ask, but not before half of the gap has passed.
    due = max(calendar.subtract_working_days(expected, 1), last + gap / 2)
    return UpdateSuggestion(
        job.client_id, job, due, expected, gap, len(gaps), marked, len(asked) - marked, last, LOOK_BACK.days
    )


def _urgency(job: Job) -> tuple[bool, datetime, str]:
    return job.deadline is None, job.deadline or job.started_at, job.id
