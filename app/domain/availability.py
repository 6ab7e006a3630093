"""The cost of constant availability: the calculation behind the fourth step of the boundary ladder.

Second seed (fr-client-boundaries): with the availability he asks for, you must raise your rates to cover it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .call_weeks import count_calls
from .entities import Client
from .facts import CallFacts, JobFacts, PartFacts
from .first_use import weeks_known

SPAN = timedelta(weeks=4)
"""Period evaluated: long enough to show a habit, short enough to be current."""

RECOVERY_MINUTES = 10
"""Minutes to resume work after each call taken: a conservative estimate, shown with the calculation."""


@dataclass(frozen=True)
class AvailabilitySum:
    """Rate × (paid + interrupted) ÷ paid, with its inputs; durations in minutes, money in minor units."""

    calls: int  # unscheduled calls taken
    call_minutes: int
    recovery_minutes: int  # total
    paid_minutes: int  # worked for the client in the same weeks
    rate: int
    availability_rate: int  # rounded up to two significant digits
    monthly: int  # cost of the interruptions per month at the present rate, two significant digits

    @property
    def interrupted_minutes(self) -> int:
        """Minutes on calls plus minutes to resume work."""
        return self.call_minutes + self.recovery_minutes


def raise_share(rate: int, offered: int) -> float:
    """Return the share (0.025 for 2.5 percent) by which the offered rate exceeds the present one."""
    return offered / rate - 1 if rate else 0.0


def availability_sum(
    client: Client,
    calls: Iterable[CallFacts],
    paid_minutes: int,
    now: datetime,
    recovery_minutes: int = RECOVERY_MINUTES,
    since: datetime | None = None,
) -> AvailabilitySum | None:
    """Compute the rate at which paid and interrupted time together earn what the paid time earns now.

    Uses the unscheduled calls taken in the last four weeks and the minutes worked for the client in them
    (from `worked_minutes` or entered by the user). Returns None without a rate or without paid minutes. The
    monthly cost is an average over the weeks with call records (`since`; None: all four weeks).
    """
    if not client.rate or paid_minutes <= 0:
        return None
    counts = count_calls(
        call for call in calls if call.client_id == client.id and now - SPAN <= call.at <= now
    )
    recovery = counts.taken * recovery_minutes
    interrupted = counts.minutes + recovery
    days = weeks_known(now - SPAN, now, since) * 7 or SPAN.days
    exact = -(-client.rate * (paid_minutes + interrupted) // paid_minutes)  # rounded up
    return AvailabilitySum(
        calls=counts.taken,
        call_minutes=counts.minutes,
        recovery_minutes=recovery,
        paid_minutes=paid_minutes,
        rate=client.rate,
        availability_rate=round_up(exact) if interrupted else client.rate,
        monthly=round_near(client.rate * interrupted / 60 * (365.25 / 12) / days),
    )


def worked_minutes(
    rows: Iterable[tuple[JobFacts, Sequence[PartFacts]]], since: datetime, now: datetime
) -> int:
    """Return the minutes worked on these jobs between two instants.

    The time spent on a job is assumed to spread evenly from its start to its last delivery, or to `now`.
    """
    total = 0.0
    for job, parts in rows:
        start, end = job.started_at, min(finished_at(job, parts) or now, now)
        if job.spent_minutes and end > start:
            within = max(min(end, now) - max(start, since), timedelta())
            total += job.spent_minutes * (within / (end - start))
    return round(total)


def finished_at(job: JobFacts, parts: Sequence[PartFacts]) -> datetime | None:
    """Return when a job was completely delivered; None while any part is not delivered."""
    if not parts:
        return job.delivered_at
    delivered = [part.delivered_at for part in parts]
    return None if None in delivered else max(at for at in delivered if at)


def round_up(amount: int) -> int:
    """Round up to two significant digits: 78.43 an hour is not a rate to ask for."""
    unit: int = 10 ** max(len(str(amount)) - 2, 0)
    return -(-amount // unit) * unit


def round_near(amount: float) -> int:
    """Round to two significant digits: a monthly average is an estimate."""
    unit: int = 10 ** max(len(str(round(amount))) - 2, 0)
    return round(amount / unit) * unit
