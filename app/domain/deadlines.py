"""Deadlines with slack: an internal deadline before the client's.

First seed (ja-reply-fast): keep delivery dates with room to spare (「納期に余裕を持つ」), and speak up as
soon as something gets in the way.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from .codes import JobStatus
from .entities import Job, Part, Settings
from .hours import WorkCalendar
from .reply import HOUR, WindowState, share_left


class DeadlinePhase(StrEnum):
    INTERNAL = "internal"  # working towards the internal deadline
    BUFFER = "buffer"  # after the internal deadline, before the client's
    LATE = "late"


@dataclass(frozen=True)
class DeadlineView:
    """A deadline with its slack: start ≤ near ≤ internal ≤ deadline."""

    start: datetime
    near: datetime  # when the internal deadline counts as near
    internal: datetime
    deadline: datetime

    def phase(self, now: datetime) -> DeadlinePhase:
        if now >= self.deadline:
            return DeadlinePhase.LATE
        return DeadlinePhase.BUFFER if now >= self.internal else DeadlinePhase.INTERNAL

    def current_due(self, now: datetime) -> datetime:
        """The internal deadline until it has passed, then the client's."""
        return self.internal if self.phase(now) == DeadlinePhase.INTERNAL else self.deadline

    def state(self, now: datetime) -> WindowState:
        """HALF when the internal deadline is near, HOUR during the slack or the last hour, then OVERDUE."""
        if now >= self.deadline:
            return WindowState.OVERDUE
        if now >= self._last:
            return WindowState.HOUR
        return WindowState.HALF if now >= self.near else WindowState.CALM

    def share_left(self, now: datetime) -> float:
        """The remaining share of the current phase, from 1.0 to 0.0."""
        opened = self.start if self.phase(now) == DeadlinePhase.INTERNAL else self.internal
        return share_left(opened, self.current_due(now), now)

    def next_change(self, now: datetime) -> datetime | None:
        """The next instant at which state or phase changes; None once overdue."""
        changes = (min(self.near, self._last), self._last, self.internal, self.deadline)
        return min((at for at in changes if at > now), default=None)

    @property
    def _last(self) -> datetime:
        return min(self.internal, self.deadline - HOUR)


def deadline_view(
    start: datetime, deadline: datetime, settings: Settings, calendar: WorkCalendar
) -> DeadlineView:
    """Compute the internal deadline: a share of the span or some working days earlier, whichever is more.

    It falls on a half hour within working time where possible, never before `start` and never after
    `deadline`. A slack in working days is capped at half of the span, so a job given today for tomorrow is
    not late at once. A start after the deadline counts as the deadline.
    """
    return _view(start, deadline, settings.buffer_percent, settings.buffer_days, calendar)


@lru_cache(maxsize=8192)  # Today asks for the same deadlines on every render
def _view(
    start: datetime, deadline: datetime, buffer_percent: int, buffer_days: int, calendar: WorkCalendar
) -> DeadlineView:
    deadline = deadline.astimezone(UTC)
    start = min(start.astimezone(UTC), deadline)
    internal = deadline
    if start < deadline and (buffer_percent > 0 or buffer_days > 0):
        span = deadline - start
        by_share = deadline - span * min(buffer_percent, 100) / 100
        by_days = calendar.subtract_working_days(deadline, buffer_days)
        buffered = min(by_share, max(by_days, deadline - span / 2))
        worked = calendar.subtract_working_days(buffered, 0)
        internal = _on_the_half_hour(worked if worked > start else max(buffered, start), start, calendar)
    near = min(internal - (internal - start) / 5, calendar.subtract_working_days(internal, 1))
    return DeadlineView(start, max(near, start), internal, deadline)


def _on_the_half_hour(at: datetime, start: datetime, calendar: WorkCalendar) -> datetime:
    """Return the half hour before a computed time, within working time: nobody plans for 16:43.

    The time stays as it is if only one after `start` is left.
    """
    local = calendar.local(at)
    odd = timedelta(minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond)
    if not odd or calendar.closing(local.date()) == at:  # the end of work is a sensible time of its own
        return at
    rounded = at - odd
    if calendar.is_working_time(at):
        rounded = calendar.subtract_working_days(rounded, 0)
    return rounded if rounded > start else at


def job_deadlines(
    job: Job, parts: Sequence[Part], settings: Settings, calendar: WorkCalendar
) -> list[tuple[Part | None, DeadlineView]]:
    """Return the open deadlines: those of undelivered parts, then (with None) the job's own.

    Empty before the work starts and once it is delivered. A part starts when the previous one is due, so that
    the slack of a monthly delivery is a share of a month. The job's own deadline is left out if every part is
    delivered, or if a part is due at the same instant.
    """
    if job.status != JobStatus.IN_PROGRESS:
        return []
    # Read each field once: mapped attributes cost more than the arithmetic.
    started, deadline = job.started_at, job.deadline
    rows = [(part, part.due_at, part.delivered_at is None) for part in parts]
    dues = sorted({started, *(due for _, due, _ in rows if due is not None and due > started)})
    found: list[tuple[Part | None, DeadlineView]] = []
    for part, due, to_deliver in rows:
        if due is not None and to_deliver:
            start = dues[max(bisect_left(dues, due) - 1, 0)]
            found.append((part, deadline_view(start, due, settings, calendar)))
    met = bool(rows) and not any(to_deliver for _, _, to_deliver in rows)
    doubled = any(due == deadline for _, due, to_deliver in rows if to_deliver)
    if deadline is not None and not met and not doubled:
        found.append((None, deadline_view(started, deadline, settings, calendar)))
    return found


def job_next_due(
    job: Job, parts: Sequence[Part], settings: Settings, calendar: WorkCalendar, now: datetime
) -> datetime | None:
    """Return when the job is next due, internal deadlines first; None if nothing is due."""
    views = job_deadlines(job, parts, settings, calendar)
    return min((view.current_due(now) for _, view in views), default=None)
