"""What being available at any time costs: the sum behind the fourth step of the boundary ladder.

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
"""What is looked back at: long enough for a habit, short enough to be how things are now."""

RECOVERY_MINUTES = 10
"""To find back into the work after each call taken: a careful figure, shown in the sum."""


@dataclass(frozen=True)
class AvailabilitySum:
    """Rate × (paid + interrupted) ÷ paid, with all that went into it: minutes, and minor units an hour."""

    calls: int  # unscheduled ones taken
    call_minutes: int
    recovery_minutes: int  # for all of them
    paid_minutes: int  # worked for the client in the same weeks
    rate: int
    availability_rate: int  # rounded up to two figures
    monthly: int  # what the interruptions cost a month at the present rate, in minor units

    @property
    def interrupted_minutes(self) -> int:
        """On the calls, and to find back into the work."""
        return self.call_minutes + self.recovery_minutes

    @property
    def raise_percent(self) -> int:
        """By how much the availability rate is higher; 0 where there is no rate yet."""
        return round((self.availability_rate / self.rate - 1) * 100) if self.rate else 0


def availability_sum(
    client: Client,
    calls: Iterable[CallFacts],
    paid_minutes: int,
    now: datetime,
    recovery_minutes: int = RECOVERY_MINUTES,
    since: datetime | None = None,
) -> AvailabilitySum | None:
    """The rate at which the client's whole time, interruptions included, earns what an hour of work does.

    From the unscheduled calls taken in the last four weeks and the minutes worked for the client in them (see
    `worked_minutes`, or as the user says). None without a rate or without paid minutes: nothing is made up.
    A month's cost is an average since calls are noted (`since`; None: for longer).
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
        monthly=round(client.rate * interrupted / 60 * (365.25 / 12) / days),
    )


def worked_minutes(
    rows: Iterable[tuple[JobFacts, Sequence[PartFacts]]], since: datetime, now: datetime
) -> int:
    """Minutes worked on these jobs between two instants.

    The time spent on a job is taken as spread evenly from its start to its delivery (that of the last part),
    or else until now.
    """
    total = 0.0
    for job, parts in rows:
        start, end = job.started_at, min(finished_at(job, parts) or now, now)
        if job.spent_minutes and end > start:
            within = max(min(end, now) - max(start, since), timedelta())
            total += job.spent_minutes * (within / (end - start))
    return round(total)


def finished_at(job: JobFacts, parts: Sequence[PartFacts]) -> datetime | None:
    """When the last of a job was delivered; None while something is still to be."""
    if not parts:
        return job.delivered_at
    delivered = [part.delivered_at for part in parts]
    return None if None in delivered else max(at for at in delivered if at)


def round_up(amount: int) -> int:
    """To the next number of two figures and zeros: nobody asks for 78.43 an hour."""
    unit: int = 10 ** max(len(str(amount)) - 2, 0)
    return -(-amount // unit) * unit
