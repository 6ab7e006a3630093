"""Jobs and parts: status, deliveries, payments and what is owed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .codes import JobStatus
from .entities import Job, Part
from .facts import JobFacts, PartFacts
from .hours import WorkCalendar
from .pricing import whole_amount

STATUS_ORDER: tuple[JobStatus, ...] = tuple(JobStatus)
OPEN_STATUSES: frozenset[JobStatus] = frozenset(
    {JobStatus.APPLIED, JobStatus.OFFERED, JobStatus.IN_PROGRESS, JobStatus.DELIVERED, JobStatus.ACCEPTED}
)

_OUT = (JobStatus.DELIVERED, JobStatus.ACCEPTED, JobStatus.PAID)

_NEXT: dict[JobStatus, tuple[JobStatus, ...]] = {
    JobStatus.APPLIED: (JobStatus.OFFERED, JobStatus.IN_PROGRESS, JobStatus.LOST),
    JobStatus.OFFERED: (JobStatus.IN_PROGRESS, JobStatus.DECLINED, JobStatus.LOST),
    JobStatus.IN_PROGRESS: (JobStatus.DELIVERED, JobStatus.CLOSED),
    JobStatus.DELIVERED: (JobStatus.ACCEPTED, JobStatus.PAID, JobStatus.IN_PROGRESS, JobStatus.CLOSED),
    JobStatus.ACCEPTED: (JobStatus.PAID, JobStatus.IN_PROGRESS, JobStatus.CLOSED),
    JobStatus.PAID: (JobStatus.CLOSED,),
    JobStatus.CLOSED: (JobStatus.IN_PROGRESS,),
    JobStatus.DECLINED: (JobStatus.OFFERED,),
    JobStatus.LOST: (JobStatus.OFFERED,),
}


def allowed_next(status: str) -> tuple[JobStatus, ...]:
    """Return the usual next statuses, most likely first. The user may set any other by hand."""
    return _NEXT[JobStatus(status)]


def deliver_part(part: Part, at: datetime | None) -> None:
    """Set when the part was delivered; None undoes it."""
    part.delivered_at = at


def pay_part(part: Part, at: datetime | None) -> None:
    """Set when the part was paid, delivered or not; None undoes it."""
    part.paid_at = at


def set_status(job: Job, parts: Sequence[Part], status: JobStatus, at: datetime) -> None:
    """Set the job's status. A delivered status delivers all parts; the paid status pays all parts.

    IN_PROGRESS clears the delivery and payment times of the job itself.
    """
    job.status = status
    if status in _OUT and job.delivered_at is None:
        job.delivered_at = at
    if status == JobStatus.PAID and job.paid_at is None:
        job.paid_at = at
    if status == JobStatus.IN_PROGRESS:
        job.delivered_at = job.paid_at = None
    for part in parts:
        if status in _OUT and part.delivered_at is None:
            deliver_part(part, at)
        if status == JobStatus.PAID and part.paid_at is None:
            pay_part(part, at)


def next_due(job: Job, parts: Sequence[Part]) -> datetime | None:
    """Return the client's next deadline: that of the first undelivered part, else the job's."""
    part = _next_part(parts)
    return part.due_at if part else job.deadline


def move_deadline(
    job: Job, parts: Sequence[Part], to: datetime, named: Sequence[Part] = ()
) -> list[Job | Part]:
    """Move the deadline of the `named` parts, else the client's next one; return the changed records.

    The job's deadline moves along if its part would end later.
    """
    following = _next_part(parts)
    moved = list(named) or ([following] if following else [])
    if not moved:
        job.deadline = to
        return [job]
    for part in moved:
        part.due_at = to
    if job.deadline is None or job.deadline >= to:
        return [*moved]
    job.deadline = to
    return [*moved, job]


@dataclass(frozen=True)
class Delay:
    """What a delay is about: the parts of a job that share a due date, or (none) the whole job."""

    parts: Sequence[Part]
    due: datetime | None  # the client's deadline

    def has_passed(self, now: datetime) -> bool:
        """Return whether it is late by now, not only going to be."""
        return self.due is not None and self.due <= now


def delay_of(job: Job, parts: Sequence[Part], overloaded: Collection[str], now: datetime) -> Delay:
    """Return what to say is late: what was due, else what no longer fits, else what is due next.

    Of several due dates the earliest. `overloaded` holds the ids of parts that no longer fit, and the job's
    own for its parts without a date.
    """
    left = [(part.due_at or job.deadline, part) for part in parts if part.delivered_at is None]
    dated = [(due, part) for due, part in left if due is not None]
    overdue = [each for each in dated if each[0] <= now]
    tight = [each for each in dated if (each[1].id if each[1].due_at else job.id) in overloaded]
    found = overdue or tight or dated
    if not found:
        return Delay((), job.deadline)
    first = min(due for due, _ in found)
    named = [part for due, part in found if due == first]
    return Delay(() if len(named) == len(parts) else named, first)


def later_deadlines(due: datetime, now: datetime, calendar: WorkCalendar) -> list[datetime]:
    """Suggest new deadlines: 1, 2 and 5 working days after `due` or `now`, at the same time of day."""
    local = calendar.local(due)
    day = max(local.date(), calendar.local(now).date())
    found: list[datetime] = []
    for step in range(1, 6):
        day = calendar.next_working_day(day)
        if step in (1, 2, 5):
            found.append(datetime.combine(day, local.time(), calendar.zone).astimezone(UTC))
    return found


def _next_part(parts: Sequence[Part]) -> Part | None:
    dated = [(part.due_at, part) for part in parts if part.due_at and not part.delivered_at]
    return min(dated, key=lambda each: each[0])[1] if dated else None


def derived_status(job: Job, parts: Sequence[Part]) -> JobStatus:
    """Return the status that the parts imply. It is a suggestion; only the user sets it."""
    status = JobStatus(job.status)
    if not parts or status in (JobStatus.CLOSED, JobStatus.DECLINED, JobStatus.LOST):
        return status
    if all(part.delivered_at is not None for part in parts):
        if all(part.paid_at is not None for part in parts):
            return JobStatus.PAID
        return JobStatus.ACCEPTED if status == JobStatus.ACCEPTED else JobStatus.DELIVERED
    if status in (JobStatus.APPLIED, JobStatus.OFFERED) and all(part.delivered_at is None for part in parts):
        return status
    return JobStatus.IN_PROGRESS


def is_under_way(job: Job, parts: Sequence[Part]) -> bool:
    """Return whether work remains: begun and not completely delivered."""
    return derived_status(job, parts) == JobStatus.IN_PROGRESS == job.status


def is_paid_by_part(parts: Iterable[PartFacts]) -> bool:
    """Return whether any part has an amount; without, parts are only steps and the job is paid as a whole."""
    return any(part.amount is not None for part in parts)


def paid_amount(parts: Iterable[PartFacts]) -> int:
    """Return the minor units received."""
    return sum(part.amount or 0 for part in parts if part.paid_at is not None)


def unpaid_delivered(parts: Iterable[PartFacts]) -> int:
    """Return the minor units delivered and not paid."""
    return sum(part.amount or 0 for part in parts if part.delivered_at is not None and part.paid_at is None)


def is_paid_in_part(parts: Sequence[PartFacts]) -> bool:
    """Return whether some parts are paid and others neither paid nor delivered: these can be withheld."""
    return any(part.paid_at is not None for part in parts) and any(
        part.paid_at is None and part.delivered_at is None for part in parts
    )


DELIVERED_TOGETHER = timedelta(hours=1)


def delivered_now(parts: Sequence[Part], now: datetime, calendar: WorkCalendar) -> list[Part]:
    """Return the parts for today's delivery note: today's last delivery and those at most an hour before it.

    Parts already paid after their delivery belong to an earlier note.
    """
    today = calendar.local(now).date()
    times = {
        part.id: part.delivered_at
        for part in parts
        if part.delivered_at is not None
        and calendar.local(part.delivered_at).date() == today
        and not (part.paid_at is not None and part.paid_at > part.delivered_at)
    }
    last = max(times.values(), default=now)
    return [part for part in parts if part.id in times and times[part.id] >= last - DELIVERED_TOGETHER]


def remaining(parts: Iterable[PartFacts]) -> int:
    """Return the minor units neither delivered nor paid."""
    return sum(part.amount or 0 for part in parts if part.delivered_at is None and part.paid_at is None)


@dataclass(frozen=True)
class PaymentTotals:
    """A job's money by state, in minor units of its currency."""

    paid: int = 0
    unpaid: int = 0  # delivered, payment expected
    remaining: int = 0  # neither delivered nor paid
    written_off: int = 0  # delivered, but the job was closed unpaid


def settlement(job: JobFacts, parts: Sequence[PartFacts]) -> PaymentTotals:
    """Total the job's parts; a job without amounts on its parts is settled as a whole, by its status.

    Closing a job writes off what was delivered and never paid (first seed: a client who cannot be reached).
    """
    closed = job.status == JobStatus.CLOSED
    if is_paid_by_part(parts):
        unpaid = unpaid_delivered(parts)
        return PaymentTotals(
            paid_amount(parts), 0 if closed else unpaid, remaining(parts), unpaid if closed else 0
        )
    whole = whole_amount(job) or 0
    if closed and job.delivered_at is not None and job.paid_at is None:
        return PaymentTotals(written_off=whole)
    if closed or job.status == JobStatus.PAID:
        return PaymentTotals(paid=whole)
    if job.status in (JobStatus.DELIVERED, JobStatus.ACCEPTED):
        return PaymentTotals(unpaid=whole)
    return PaymentTotals(remaining=whole if job.status == JobStatus.IN_PROGRESS else 0)


def exposure(
    jobs_with_parts: Iterable[tuple[Job, Sequence[Part]]], default_currency: str = ""
) -> dict[str, int]:
    """Return delivered but unpaid minor units by currency; currencies with nothing owed have no key.

    First seed: a client went silent with finished work half paid. A delivered job without parts counts with
    its whole fee; unpaid amounts of closed jobs are written off and do not count. `default_currency` applies
    to jobs without one.
    """
    owed: dict[str, int] = {}
    for job, parts in jobs_with_parts:
        amount = settlement(job, parts).unpaid
        if amount:
            currency = job.currency or default_currency
            owed[currency] = owed.get(currency, 0) + amount
    return owed
