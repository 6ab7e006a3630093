"""Delivered but unpaid work: amounts by client, limits for further deliveries, and payment reminders.

First seed (ja-reply-fast): a client went silent half paid; the worker sent what was paid for, and kept the
rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from .codes import JobStatus
from .entities import Client, Job, Part, Settings
from .errors import DomainError
from .facts import JobFacts, PartFacts
from .hours import WorkCalendar
from .jobs import exposure, is_paid_by_part, settlement
from .pricing import whole_amount

JobAndParts = tuple[Job, Sequence[Part]]

GRACE_DAYS = 3
"""Business days from the due date to the polite reminder: most late payments are already on their way."""

FIRM_AFTER = timedelta(days=7)
"""Interval from one reminder to the next step; the firm reminder sets the same term for payment."""


@dataclass(frozen=True)
class Exposures:
    """Delivered and unpaid amounts in minor units by currency, never converted: in total and by client."""

    total: dict[str, int]
    by_client: dict[str, dict[str, int]]  # only clients who owe something


def exposures(rows: Iterable[JobAndParts], default_currency: str) -> Exposures:
    """Sum up delivered and unpaid work; jobs without a currency use the default one."""
    by_client: dict[str, dict[str, int]] = {}
    total: dict[str, int] = {}
    for job, parts in rows:
        for currency, amount in exposure([(job, parts)], default_currency).items():
            theirs = by_client.setdefault(job.client_id, {})
            theirs[currency] = theirs.get(currency, 0) + amount
            total[currency] = total.get(currency, 0) + amount
    return Exposures(total, by_client)


@dataclass(frozen=True)
class Excess:
    """The unpaid total after a delivery, and the limit it exceeds, in minor units of `currency`."""

    client: Client
    unpaid: int
    limit: int
    currency: str


def unpaid_limit(client: Client, currency: str, settings: Settings) -> int | None:
    """Return how much a client may owe in minor units of `currency`: the client's limit, else the user's.

    None means no limit. A limit applies to its own currency only; money is never converted.
    """
    if client.unpaid_limit is not None:
        return client.unpaid_limit if currency == (client.currency or settings.currency) else None
    return settings.unpaid_limit if currency == settings.currency else None


def over_limit(
    client: Client | None, owed: Mapping[str, int], added: int, currency: str, settings: Settings
) -> Excess | None:
    """Return the excess over the limit, or None if `added` (minor units) may be delivered.

    None also if nothing is added, there is no limit, or the limit is in another currency.
    """
    limit = unpaid_limit(client, currency, settings) if client and added else None
    if client is None or limit is None:
        return None
    unpaid = owed.get(currency, 0) + added
    return Excess(client, unpaid, limit, currency) if unpaid > limit else None


def without_amount(rows: Iterable[JobAndParts]) -> list[Job | Part]:
    """Return deliveries that are unpaid but in no sum because they have no amount."""
    found: list[Job | Part] = []
    for job, parts in rows:
        if job.status == JobStatus.CLOSED:
            continue
        if is_paid_by_part(parts):
            out = (part for part in parts if part.delivered_at is not None and part.paid_at is None)
            found += [part for part in out if part.amount is None]
        elif job.status in (JobStatus.DELIVERED, JobStatus.ACCEPTED) and whole_amount(job) is None:
            found.append(job)
    return found


class PaymentStep(StrEnum):
    """Steps of asking for a payment, from polite to firm."""

    WAITING = "waiting"  # not due, or reminded recently
    REMIND = "remind"
    REMIND_FIRMLY = "remind_firmly"
    DECIDE = "decide"  # two reminders failed: withhold work, or close the job and write it off


PAYMENT_SCRIPTS: dict[PaymentStep, str] = {
    PaymentStep.REMIND: "payment-reminder",
    PaymentStep.REMIND_FIRMLY: "payment-reminder-firm",
    PaymentStep.DECIDE: "payment-last-notice",
}
"""Built-in script of each step."""


@dataclass(frozen=True)
class Payment:
    """An expected payment. `part` is None for a job paid as a whole."""

    job: Job
    part: Part | None
    amount: int  # minor units
    currency: str
    due: datetime
    step: PaymentStep
    since: datetime  # start of the step; while waiting, start of the next one
    reminded: tuple[datetime, ...]

    @property
    def script(self) -> str:
        """Id of the matching built-in script; empty while waiting."""
        return PAYMENT_SCRIPTS.get(self.step, "")

    def is_late(self, calendar: WorkCalendar, now: datetime) -> bool:
        """Return whether the local day on which it was due is over."""
        return calendar.local(self.due).date() < calendar.local(now).date()

    def reminder(self, calendar: WorkCalendar, now: datetime) -> str:
        """Return the id of the reminder that may be written now; empty if none may.

        No payment is asked for before it is late. The polite reminder may be written within the grace days,
        though nothing suggests it before they are over.
        """
        if not self.is_late(calendar, now):
            return ""
        early = self.step is PaymentStep.WAITING and not any(at >= self.due for at in self.reminded)
        return PAYMENT_SCRIPTS[PaymentStep.REMIND] if early else self.script


@dataclass(frozen=True)
class LatePayments:
    """The payments that are late: how many, and minor units by currency."""

    count: int
    total: dict[str, int]


def late_payments(found: Iterable[Payment], calendar: WorkCalendar, now: datetime) -> LatePayments:
    """Sum up the payments that are late, whether or not a reminder is due or held back."""
    total: dict[str, int] = {}
    late = [payment for payment in found if payment.is_late(calendar, now)]
    for payment in late:
        total[payment.currency] = total.get(payment.currency, 0) + payment.amount
    return LatePayments(len(late), total)


def payments(
    rows: Iterable[JobAndParts],
    clients: Mapping[str, Client],
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
) -> list[Payment]:
    """Return all expected payments for deliveries, earliest due date first.

    Payments are due a number of days (the client's `payment_days`, else the user's) after the invoice or,
    without one, the delivery. For jobs without a recorded delivery time, the term starts at the deadline or
    else the start.
    """
    found = []
    for job, parts in rows:
        if not settlement(job, parts).unpaid:
            continue
        client = clients.get(job.client_id)
        days = settings.payment_days if client is None or client.payment_days is None else client.payment_days
        for item in _unpaid(job, parts):
            since = item.invoiced_at or item.delivered_at or job.deadline or job.started_at
            due = since.astimezone(UTC) + timedelta(days=days)
            reminded = tuple(datetime.fromisoformat(text) for text in item.reminded_at)
            step, at = _payment_step(due, reminded, calendar, now)
            part = item if isinstance(item, Part) else None
            amount = amount_of(item)
            currency = job.currency or settings.currency
            found.append(Payment(job, part, amount, currency, due, step, at, reminded))
    return sorted(found, key=lambda payment: (payment.due, payment.job.id, payment.amount))


def payment_at(payment: Payment, calendar: WorkCalendar, now: datetime) -> Payment:
    """Return the payment as it stands at `now`."""
    step, since = _payment_step(payment.due, payment.reminded, calendar, now)
    return replace(payment, step=step, since=since)


def to_invoice(job: Job, parts: Sequence[Part]) -> list[Job | Part]:
    """Return what is delivered and unpaid, and not invoiced yet: parts, or the job paid as a whole."""
    if not settlement(job, parts).unpaid:
        return []
    return [item for item in _unpaid(job, parts) if item.invoiced_at is None]


def amount_of(item: Job | Part) -> int:
    """Return the minor units of a part, or of a job paid as a whole."""
    return (item.amount if isinstance(item, Part) else whole_amount(item)) or 0


def record_reminder(item: Job | Part, at: datetime) -> None:
    """Record a sent reminder. Raises DomainError `before_sent` if earlier than the last one."""
    if any(at < datetime.fromisoformat(text) for text in item.reminded_at):
        raise DomainError("before_sent")
    item.reminded_at = [*item.reminded_at, at.astimezone(UTC).isoformat()]


def income_shares(
    rows: Iterable[tuple[JobFacts, Sequence[PartFacts]]], since: datetime, default_currency: str
) -> dict[str, dict[str, float]]:
    """Return each client's share (0 to 1) of the income since an instant: client id → currency → share."""
    paid: dict[str, dict[str, int]] = {}
    for job, parts in rows:
        amount = _paid_since(job, parts, since)
        if amount:
            of_currency = paid.setdefault(job.currency or default_currency, {})
            of_currency[job.client_id] = of_currency.get(job.client_id, 0) + amount
    shares: dict[str, dict[str, float]] = {}
    for currency, amounts in paid.items():
        whole = sum(amounts.values())
        for client_id, amount in amounts.items():
            shares.setdefault(client_id, {})[currency] = amount / whole
    return shares


def _unpaid(job: Job, parts: Sequence[Part]) -> list[Job | Part]:
    if not is_paid_by_part(parts):
        return [job]
    return [part for part in parts if part.delivered_at and part.paid_at is None and part.amount]


def _payment_step(
    due: datetime, reminded: Sequence[datetime], calendar: WorkCalendar, now: datetime
) -> tuple[PaymentStep, datetime]:
    """Return the payment step and its start. Reminders sent before the due date are not counted."""
    first = calendar.add_business_days(due, GRACE_DAYS)
    counted = [at for at in reminded if at >= due]
    at = counted[-1] + FIRM_AFTER if counted else first
    if now < at:
        return PaymentStep.WAITING, at
    steps = (PaymentStep.REMIND, PaymentStep.REMIND_FIRMLY, PaymentStep.DECIDE)
    return steps[min(len(counted), 2)], at


def _paid_since(job: JobFacts, parts: Sequence[PartFacts], since: datetime) -> int:
    if is_paid_by_part(parts):
        return sum(part.amount or 0 for part in parts if part.paid_at is not None and part.paid_at >= since)
    settled = job.paid_at or job.delivered_at or job.deadline or job.started_at
    if job.status not in (JobStatus.PAID, JobStatus.CLOSED) or settled < since:
        return 0
    return settlement(job, parts).paid
