"""Deadlines with slack: an internal deadline before the client's, so that none is met at the last minute.

First seed (ja-reply-fast): keep delivery dates with room to spare (「納期に余裕を持つ」), and speak up the
moment something comes in the way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from .entities import Job, JobStatus, Part, Settings
from .hours import WorkCalendar
from .reply import HOUR, WindowState, share_left


class DeadlinePhase(StrEnum):
    INTERNAL = "internal"  # working towards the internal deadline
    BUFFER = "buffer"  # living on the slack
    LATE = "late"


@dataclass(frozen=True)
class DeadlineView:
    """A deadline with its slack: start ≤ near ≤ internal ≤ deadline."""

    start: datetime
    near: datetime  # from here on the internal deadline is close
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
        """Half when the internal deadline is near, hour on the slack (and in the last hour), then overdue."""
        if now >= self.deadline:
            return WindowState.OVERDUE
        if now >= self._last:
            return WindowState.HOUR
        return WindowState.HALF if now >= self.near else WindowState.CALM

    def share_left(self, now: datetime) -> float:
        """The part of the current phase that is left, from 1.0 to 0.0."""
        opened = self.start if self.phase(now) == DeadlinePhase.INTERNAL else self.internal
        return share_left(opened, self.current_due(now), now)

    def next_change(self, now: datetime) -> datetime | None:
        """The instant at which state or phase changes next; None once late."""
        changes = (min(self.near, self._last), self._last, self.internal, self.deadline)
        return min((at for at in changes if at > now), default=None)

    @property
    def _last(self) -> datetime:
        return min(self.internal, self.deadline - HOUR)


def internal_deadline(
    start: datetime, deadline: datetime, settings: Settings, calendar: WorkCalendar
) -> datetime:
    """When to be done: before the deadline by a share of the span or some working days, whichever is more.

    It falls on working time where it can, never before `start` and never after `deadline`. Working days that
    would take more than half of the span are cut to that half: a job given today for tomorrow is not late
    the moment it is noted.
    """
    start, deadline = start.astimezone(UTC), deadline.astimezone(UTC)
    if deadline <= start or (settings.buffer_percent <= 0 and settings.buffer_days <= 0):
        return deadline
    span = deadline - start
    by_share = deadline - span * min(settings.buffer_percent, 100) / 100
    by_days = calendar.subtract_working_days(deadline, settings.buffer_days)
    buffered = min(by_share, max(by_days, deadline - span / 2))
    worked = calendar.subtract_working_days(buffered, 0)
    return worked if worked > start else max(buffered, start)


def deadline_view(
    start: datetime, deadline: datetime, settings: Settings, calendar: WorkCalendar
) -> DeadlineView:
    """A deadline with its internal one; a start after the deadline counts as the deadline itself."""
    deadline = deadline.astimezone(UTC)
    start = min(start.astimezone(UTC), deadline)
    internal = internal_deadline(start, deadline, settings, calendar)
    near = min(internal - (internal - start) / 5, calendar.subtract_working_days(internal, 1))
    return DeadlineView(start, max(near, start), internal, deadline)


def job_deadlines(
    job: Job, parts: Sequence[Part], settings: Settings, calendar: WorkCalendar
) -> list[tuple[Part | None, DeadlineView]]:
    """The deadlines still to be met: those of the parts to deliver, then (with None) the job's own.

    Empty before the work starts and once it is delivered. A part starts when the one before it is due, so
    that the slack of a monthly delivery is a share of a month. The job's own deadline is left out when every
    part is delivered, or when a part is due at that very moment.
    """
    if job.status != JobStatus.IN_PROGRESS:
        return []
    dues = sorted(part.due_at for part in parts if part.due_at is not None)
    open_parts = [part for part in parts if part.delivered_at is None]
    found: list[tuple[Part | None, DeadlineView]] = []
    for part in open_parts:
        if part.due_at is not None:
            earlier = [due for due in dues if job.started_at < due < part.due_at]
            start = earlier[-1] if earlier else job.started_at
            found.append((part, deadline_view(start, part.due_at, settings, calendar)))
    met = bool(parts) and not open_parts
    if job.deadline is not None and not met and all(part.due_at != job.deadline for part in open_parts):
        found.append((None, deadline_view(job.started_at, job.deadline, settings, calendar)))
    return found


def job_next_due(
    job: Job, parts: Sequence[Part], settings: Settings, calendar: WorkCalendar, now: datetime
) -> datetime | None:
    """The next instant something of the job is due, internal deadlines first; None when nothing is."""
    views = job_deadlines(job, parts, settings, calendar)
    return min((view.current_due(now) for _, view in views), default=None)
