"""What the workload page and "can I take this job?" show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.domain.codes import JobStatus
from app.domain.entities import Client, Job
from app.domain.workload import Acceptance, DayPlan, Overload, Task
from app.i18n import _, n_, p_
from app.store import queries
from app.viewmodels.items import DELAY_EARLY, DELAY_LATE
from app.viewmodels.services import AppServices
from app.wording import words

WEEK = 7
OTHER_TERMS = "negotiate-terms"
NOT_STARTED = (JobStatus.APPLIED, JobStatus.OFFERED)


@dataclass(frozen=True)
class Ahead:
    """The work ahead and its distribution over days. `days` omits days off with nothing due."""

    late: list[Overload]
    unknown: list[Job]  # jobs whose remaining work is unknown
    undated: Sequence[Job]  # jobs without a due date
    on_time: int  # number of tasks that fit
    days: list[DayPlan]
    clients: dict[str, Client]
    minutes: int  # of work planned in these days
    room: int  # of working time in these days

    def __bool__(self) -> bool:
        listed = self.late or self.unknown or self.undated
        return bool(listed or any(day.work or day.due for day in self.days))


def load(app: AppServices, days: int) -> Ahead:
    view = queries.workload(app.store, app.now, days)
    return Ahead(
        view.load.late,
        view.backlog.unknown,
        view.backlog.undated,
        len(view.load.on_time),
        [day for day in view.plan if day.minutes or day.due],
        view.clients,
        sum(day.planned for day in view.plan),
        sum(day.minutes for day in view.plan),
    )


def summary(ahead: Ahead) -> list[str]:
    """Unknown work first, then work that no longer fits; "Everything fits" only without both.

    With unknown work, the number of tasks that fit is stated, so that it is not mistaken for all work.
    """
    lines = []
    if ahead.unknown:
        lines.append(
            n_(
                "It is not known how much work {n} job still takes",
                "It is not known how much work {n} jobs still take",
                len(ahead.unknown),
            )
        )
    if ahead.undated:
        lines.append(
            n_(
                "{n} job is due on no day, so it is not planned",
                "{n} jobs are due on no day, so they are not planned",
                len(ahead.undated),
            )
        )
    if ahead.late:
        lines.append(n_("{n} thing no longer fits", "{n} things no longer fit", len(ahead.late)))
    elif lines and ahead.on_time:
        lines.append(n_("{n} thing fits", "{n} things fit", ahead.on_time))
    return lines or [_("Everything fits")]


def unknown_line(app: AppServices, job: Job, client: Client | None) -> str:
    """The client of the job, and its deadline."""
    name = words.client_name(client)
    if job.deadline is None:
        return name
    return _("{client} · due {when}").format(client=name, when=app.format.when(job.deadline, app.now))


def task_title(task: Task) -> str:
    """The title of the job, with the part if the task is one."""
    return words.work_title(task.job, task.part) if task.job else ""


def raise_script(app: AppServices, overload: Overload) -> str:
    """The id of the script that announces the delay, depending on whether the deadline has passed."""
    return DELAY_LATE if overload.task.deadline <= app.now else DELAY_EARLY


def overload_line(app: AppServices, overload: Overload) -> str:
    """The deadline at risk, and the date that can still be promised."""
    deadline = app.format.when(overload.task.deadline, app.now)
    if overload.misses_client:
        return _("It is due {deadline} and does not fit before. You can promise {honest}.").format(
            deadline=deadline, honest=app.format.day_within(overload.honest, app.now)
        )
    return _("The room to spare is gone: done by {done}, and due {deadline}.").format(
        done=app.format.when(overload.done, app.now), deadline=deadline
    )


def day_title(app: AppServices, day: date) -> str:
    """Today, Tomorrow, or weekday and date."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=app.calendar.zone)
    return app.format.day(noon, app.now)


def day_load(app: AppServices, day: DayPlan) -> str:
    """The planned share of a day's working time."""
    if not day.minutes:
        return p_("workload", "Day off")
    if not day.planned:
        return _("{hours} free").format(hours=app.format.hours(day.minutes))
    return _("{hours} of {room}").format(
        hours=app.format.hours(day.planned), room=app.format.hours(day.minutes)
    )


# --- can I take this job? --------------------------------------------------------------------------------


@dataclass(frozen=True)
class CapacityAnswer:
    """Whether a job fits, in words."""

    fits: bool
    headline: str
    lines: list[str]
    certain: bool = True  # whether every job under way is counted


def missing_to_tell(job: Job) -> list[str]:
    """Names of the fields that must be filled in before the answer can be computed."""
    wanted = ((job.estimate_minutes, _("an estimate")), (job.deadline, _("a deadline")))
    return [name for value, name in wanted if not value]


def can_take(app: AppServices, job: Job) -> CapacityAnswer | None:
    """None for a job already decided on, or without an estimate or deadline."""
    if job.status not in NOT_STARTED or job.deadline is None or not job.estimate_minutes:
        return None
    left = max(job.estimate_minutes - job.spent_minutes, 1)
    found = queries.can_take(app.store, left, job.deadline, app.now, job.id)
    unknown = queries.workload(app.store, app.now).backlog.unknown
    return answer(app, job.deadline, found, len([other for other in unknown if other.id != job.id]))


def answer(app: AppServices, deadline: datetime, found: Acceptance, unknown: int = 0) -> CapacityAnswer:
    """The answer in words. `unknown` is the number of jobs under way without an estimate, not counted."""
    earliest = app.format.day_within(found.earliest, app.now)
    if found.fits:
        done = app.format.when(found.done, app.now)
        line = _("Done by {done}, with everything else on time.").format(done=done)
        if not unknown:
            return CapacityAnswer(True, _("Yes, it fits"), [line])
        return CapacityAnswer(
            True, _("It fits, as far as is known"), [_not_counted(unknown), line], certain=False
        )
    lines = [
        _("It does not fit before {deadline}. The earliest date you can promise: {earliest}.").format(
            deadline=app.format.when(deadline, app.now), earliest=earliest
        )
    ]
    if found.pushed_out:
        # In quotation marks, because a title may contain "and".
        titles = app.format.listed(
            _("“{title}”").format(title=title)
            for title in dict.fromkeys(task_title(task) for task in found.pushed_out)
        )
        lines.append(_("Taken all the same, it makes this late: {jobs}.").format(jobs=titles))
    if unknown:
        lines.append(_not_counted(unknown))
    return CapacityAnswer(False, _("Not by then"), lines)


def _not_counted(unknown: int) -> str:
    return n_(
        "{n} job under way is not counted: how much work it still takes is not known.",
        "{n} jobs under way are not counted: how much work they still take is not known.",
        unknown,
    )
