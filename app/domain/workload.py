"""Check whether the planned work fits before its due dates; late tasks get a date that can be kept.

First seed (ja-reply-fast): keep dates with room to spare, and speak up as soon as something gets in the way.

Tasks are scheduled end to end by due date. For one person and interruptible work, this order meets all due
dates if any order does (Jackson's rule).
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from heapq import heappop, heappush

from .deadlines import deadline_view, job_deadlines
from .entities import Job, Part, Settings
from .hours import DAY, WorkCalendar
from .jobs import is_under_way


@dataclass(frozen=True)
class Task:
    """Work left before one due date: the internal deadline until it has passed, then the client's."""

    key: str
    minutes: int
    due: datetime
    deadline: datetime  # the client's
    job: Job | None = None  # None: a job under consideration
    part: Part | None = None  # None: the whole job


@dataclass(frozen=True)
class Backlog:
    """The open work. `unknown` are jobs in progress without an estimate, or beyond it.

    `undated` are those with work left and no date: they are in no plan.
    """

    tasks: list[Task]
    unknown: list[Job]
    undated: Sequence[Job] = ()


@dataclass(frozen=True)
class Overload:
    """A task that does not fit. Times assume that it goes first among the late tasks."""

    task: Task
    done: datetime  # earliest completion with everything else on time
    honest: datetime  # earliest date to promise: `done` plus the usual slack, at the end of a working day

    @property
    def misses_client(self) -> bool:
        """Whether the client's deadline is missed as well, not only the internal one."""
        return self.done > self.task.deadline


@dataclass(frozen=True)
class Workload:
    """Tasks on time, by due date, and the minimal set of late tasks."""

    on_time: list[Task]
    late: list[Overload]

    @property
    def fits(self) -> bool:
        """Whether every date can be kept."""
        return not self.late


@dataclass(frozen=True)
class DayPlan:
    """One local day: available minutes, planned work, and tasks due."""

    day: date
    minutes: int  # working time left
    work: list[tuple[Task, int]]  # with the minutes planned for each
    due: list[Task]

    @property
    def planned(self) -> int:
        """Planned minutes."""
        return sum(minutes for _, minutes in self.work)


@dataclass(frozen=True)
class Acceptance:
    """The answer to "can I take this job?"."""

    fits: bool
    done: datetime  # earliest completion with everything else on time
    earliest: datetime  # earliest date to promise for it
    pushed_out: list[Task]  # tasks that would become late if it were taken for its date


def backlog(
    rows: Iterable[tuple[Job, Sequence[Part]]], settings: Settings, calendar: WorkCalendar, now: datetime
) -> Backlog:
    """Return the remaining estimates of jobs in progress, by due date.

    A job's remaining minutes are split among its undelivered parts by amount, or else evenly. Parts without a
    date and jobs without parts use the job's deadline; without one they are in no task.
    """
    tasks: list[Task] = []
    unknown: list[Job] = []
    undated: list[Job] = []
    for job, parts in rows:
        views = job_deadlines(job, parts, settings, calendar)
        if not views and not is_under_way(job, parts):
            continue
        left = (job.estimate_minutes or 0) - job.spent_minutes
        if left <= 0:
            unknown.append(job)
            continue
        if not views:
            undated.append(job)
            continue
        shares = _shares(left, [part for part in parts if part.delivered_at is None])
        dated = {part.id for part, _ in views if part}
        for part, view in views:
            if part:
                minutes = shares[part.id]
            else:
                minutes = sum(share for id_, share in shares.items() if id_ not in dated) if shares else left
            if minutes:
                key = part.id if part else job.id
                tasks.append(Task(key, minutes, view.current_due(now), view.deadline, job, part))
    return Backlog(sorted(tasks, key=_order), unknown, undated)


def _shares(minutes: int, parts: Sequence[Part]) -> dict[str, int]:
    """Split into whole minutes by part id; the sum is exactly `minutes`."""
    amounts = [part.amount or 0 for part in parts]
    weights = amounts if all(amounts) else [1] * len(parts)
    shares: dict[str, int] = {}
    weighed = given = 0
    for part, weight in zip(parts, weights, strict=True):
        weighed += weight
        share = minutes * weighed // sum(weights) - given
        given += share
        shares[part.id] = share
    return shares


def workload(tasks: Iterable[Task], settings: Settings, calendar: WorkCalendar, now: datetime) -> Workload:
    """Divide tasks into on time and late, with the fewest late ones (Moore and Hodgson)."""
    axis = _Axis(calendar, now)
    done = 0
    kept: list[tuple[int, str, Task]] = []  # max-heap by minutes
    for task in sorted(tasks, key=_order):
        heappush(kept, (-task.minutes, task.key, task))
        done += task.minutes
        if done > axis.room(task.due):
            done += heappop(kept)[0]
    on_time = sorted((task for _, _, task in kept), key=_order)
    on_time_keys = {task.key for task in on_time}
    # Insert late tasks, by due date, as early as the rest stays on time.
    line = axis.line(on_time)
    late = []
    for task in sorted(tasks, key=_order):
        if task.key not in on_time_keys:
            finish = _insert(line, task.minutes)
            at = calendar.add_working_minutes(now, finish)
            late.append(Overload(task, at, _date_to_promise(at, settings, calendar)))
    return Workload(on_time, late)


def _insert(line: list[tuple[int, int]], minutes: int) -> int:
    """Insert minutes into a feasible sequence of (room, minutes), as early as it stays feasible.

    Returns when they are done, in working minutes from now.
    """
    done, before = 0, 0
    for room, length in line:
        done += length
        if done + minutes > room:
            before = done  # would be late: it and everything due before it go first
    finish = before + minutes
    insort(line, (finish, minutes))
    return finish


def _date_to_promise(done: datetime, settings: Settings, calendar: WorkCalendar) -> datetime:
    """Return the end of the working day of `done`, plus the usual slack in working days."""
    day = calendar.local(done - timedelta.resolution).date()
    for _ in range(settings.buffer_days):
        day = calendar.next_working_day(day)
    closing = calendar.closing(day)
    return closing if closing >= done else calendar.closing(calendar.next_working_day(day))


def week_plan(load: Workload, calendar: WorkCalendar, now: datetime, days: int = 7) -> list[DayPlan]:
    """Plan the work for today and the following days.

    Tasks on time are planned by due date, late ones where they can go first.
    """
    places = [(task.due, task) for task in load.on_time] + [(each.done, each.task) for each in load.late]
    queue = [(task, task.minutes) for _, task in sorted(places, key=lambda place: (place[0], place[1].key))]
    tasks = sorted((task for _, task in places), key=_order)
    plan = []
    for number in range(days):
        day = calendar.local(now).date() + number * DAY
        started = (*(calendar.working_spans(day - DAY) if not number else ()), *calendar.working_spans(day))
        room = sum(calendar.working_minutes_between(max(start, now), end) for start, end in started)
        left = room
        work: list[tuple[Task, int]] = []
        while queue and left:
            task, minutes = queue.pop(0)
            given = min(minutes, left)
            work.append((task, given))
            left -= given
            if given < minutes:
                queue.insert(0, (task, minutes - given))
        due = [task for task in tasks if calendar.local(task.due).date() == day]
        plan.append(DayPlan(day, room, work, due))
    return plan


def can_take(
    minutes: int,
    deadline: datetime,
    tasks: Iterable[Task],
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
) -> Acceptance:
    """Check whether `minutes` of work fit before the deadline, with slack, without delaying other tasks.

    Tasks that are late anyway are ignored.
    """
    axis = _Axis(calendar, now)
    view = deadline_view(now, deadline, settings, calendar)
    new = Task("", minutes, view.current_due(now), deadline.astimezone(UTC))
    kept = workload(tasks, settings, calendar, now).on_time
    finish = _insert(axis.line(kept), minutes)
    fits = finish <= axis.room(new.due)
    done = calendar.add_working_minutes(now, finish)
    earliest = _date_to_promise(done, settings, calendar)
    pushed_out = []
    elapsed = 0
    for task in sorted([*kept, new], key=_order):
        elapsed += task.minutes
        if elapsed > axis.room(task.due) and task is not new:
            pushed_out.append(task)
    return Acceptance(fits, done, earliest, pushed_out)


class _Axis:
    """Working minutes from now to an instant, cached."""

    def __init__(self, calendar: WorkCalendar, now: datetime) -> None:
        self._calendar, self._now = calendar, now
        self._known: dict[datetime, int] = {}

    def room(self, at: datetime) -> int:
        if at not in self._known:
            self._known[at] = self._calendar.working_minutes_between(self._now, at)
        return self._known[at]

    def line(self, tasks: Iterable[Task]) -> list[tuple[int, int]]:
        """Return (room, minutes) of each task, in order."""
        return sorted((self.room(task.due), task.minutes) for task in tasks)


def _order(task: Task) -> tuple[datetime, str]:
    return task.due, task.key
