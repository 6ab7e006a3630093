"""Jobs and parts: status, what was delivered, paid and owed."""

from collections.abc import Iterable, Sequence
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
    """The statuses that usually come next, likeliest first. Any other may be set by hand."""
    return _NEXT[JobStatus(status)]


def deliver_part(part: Part, at: datetime | None) -> None:
    """The part went out at that time; None takes it back."""
    part.delivered_at = at


def pay_part(part: Part, at: datetime | None) -> None:
    """The part was paid at that time, delivered or not; None takes it back."""
    part.paid_at = at


def set_status(job: Job, parts: Sequence[Part], status: JobStatus, at: datetime) -> None:
    """Give the job a status, and its parts what that says: delivered delivers them all, paid pays them all.

    Back to work takes the delivery and the payment of a job without parts back.
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
    """The client's next deadline: that of the first part still to be delivered, else the job's."""
    part = _next_part(parts)
    return part.due_at if part else job.deadline


def move_deadline(job: Job, parts: Sequence[Part], to: datetime) -> list[Job | Part]:
    """Give the client's next deadline another time; what was changed.

    The deadline of the whole job moves along where its part would come after it.
    """
    part = _next_part(parts)
    if part is None:
        job.deadline = to
        return [job]
    part.due_at = to
    if job.deadline is None or job.deadline >= to:
        return [part]
    job.deadline = to
    return [part, job]


def later_deadlines(due: datetime, now: datetime, calendar: WorkCalendar) -> list[datetime]:
    """Likely new deadlines: one, two and five working days after `due` or `now`, at the same time of day."""
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
    """The status the parts speak for: a suggestion, set only by the user."""
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
    """Whether work is still to be done: begun, and not all of it delivered."""
    return derived_status(job, parts) == JobStatus.IN_PROGRESS == job.status


def is_paid_by_part(parts: Iterable[PartFacts]) -> bool:
    """Whether parts have amounts. Where none has, they are only steps, and the job is paid as a whole."""
    return any(part.amount is not None for part in parts)


def paid_amount(parts: Iterable[PartFacts]) -> int:
    """Minor units received."""
    return sum(part.amount or 0 for part in parts if part.paid_at is not None)


def unpaid_delivered(parts: Iterable[PartFacts]) -> int:
    """Minor units out of one's hands and not paid for."""
    return sum(part.amount or 0 for part in parts if part.delivered_at is not None and part.paid_at is None)


def is_paid_in_part(parts: Sequence[PartFacts]) -> bool:
    """Whether some parts are paid for, and others neither paid for nor delivered: these can be held back."""
    return any(part.paid_at is not None for part in parts) and any(
        part.paid_at is None and part.delivered_at is None for part in parts
    )


DELIVERED_TOGETHER = timedelta(hours=1)


def delivered_now(parts: Sequence[Part], now: datetime, calendar: WorkCalendar) -> list[Part]:
    """The parts a delivery note of today is about: those delivered last, within an hour of each other.

    One that was paid for after its delivery was delivered before.
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
    """Minor units neither delivered nor paid."""
    return sum(part.amount or 0 for part in parts if part.delivered_at is None and part.paid_at is None)


@dataclass(frozen=True)
class PaymentTotals:
    """What becomes of a job's money, in minor units of its currency."""

    paid: int = 0
    unpaid: int = 0  # delivered, and expected
    remaining: int = 0  # neither delivered nor paid
    written_off: int = 0  # delivered, and given up: the job was closed over it


def settlement(job: JobFacts, parts: Sequence[PartFacts]) -> PaymentTotals:
    """By the parts; a job whose parts have no amounts is delivered and paid as a whole, by its status.

    Closing a job gives up what was delivered and never paid (first seed: a client who cannot be reached).
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
    """Delivered but unpaid minor units by currency; no key, nothing owed.

    First seed: a client went silent with finished work half paid. A delivered job without parts counts with
    its whole fixed fee; what a closed job left unpaid is given up, and counts no more. `default_currency`
    stands in where a job names none.
    """
    owed: dict[str, int] = {}
    for job, parts in jobs_with_parts:
        amount = settlement(job, parts).unpaid
        if amount:
            currency = job.currency or default_currency
            owed[currency] = owed.get(currency, 0) + amount
    return owed
