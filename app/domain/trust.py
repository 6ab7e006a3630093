"""Trust figures: how fast and reliably the user answers and delivers, and the resulting ratings and rates.

First seed (ja-reply-fast): quick answers and kept dates earn good ratings, these bring the same and other
clients back, and so the work is better paid.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import Any

from .availability import finished_at
from .codes import CallOutcome, Direction, FeeBasis, JobStatus
from .entities import Client, Settings
from .facts import CallFacts, JobFacts, MessageFacts, PartFacts
from .first_use import WEEK, weeks_known
from .hours import WorkCalendar
from .jobs import is_paid_by_part, settlement
from .pricing import job_deductions, of_minutes, unit_price, whole_amount
from .reply import answered_in_window, first_due, response_minutes

PERIODS = {30: 6, 90: 9, 365: 12}
"""Length of the period in days → number of chart points."""

COMING_BACK = timedelta(days=30)
"""How long a client has to return before a finished job counts as not continued."""

ENOUGH = 3
"""Cases behind an average or a share: one quick answer is no habit."""

RatedWork = tuple[JobFacts, Sequence[PartFacts]]


@dataclass(frozen=True)
class TrustNumbers:
    """The figures for [start, end). Shares and averages without data are None."""

    start: datetime
    end: datetime
    median_response: float | None = None  # minutes
    replies: int = 0  # given, behind the median
    answers: int = 0  # including overdue ones never given
    in_window: int = 0
    deliveries: int = 0  # with a due date
    on_time: int = 0
    ratings: int = 0
    average_rating: float | None = None
    finished: int = 0  # jobs
    unrated: int = 0  # of the finished jobs
    ended: int = 0  # finished jobs whose client returned, or had `COMING_BACK` to do so
    continued: int = 0  # of the ended jobs
    effective_rate: dict[str, int] = field(default_factory=dict)  # minor units an hour by currency
    earning_jobs: Counter[str] = field(default_factory=Counter)  # finished jobs behind each rate
    worked_minutes: int = 0  # on finished jobs
    interrupted_minutes: int = 0  # by unscheduled calls
    interruptions: dict[str, float] = field(default_factory=dict)  # unscheduled calls a week by client id
    calls_known: bool = True  # calls were recorded in this period, long enough for a comparison
    calls_since: datetime | None = None  # start of the call records, if within the period

    @property
    def window_share(self) -> float | None:
        return self.in_window / self.answers if self.answers else None

    @property
    def on_time_share(self) -> float | None:
        return self.on_time / self.deliveries if self.deliveries else None

    @property
    def continuation_rate(self) -> float | None:
        return self.continued / self.ended if self.ended else None

    @property
    def interruptions_a_week(self) -> float | None:
        """Total of all clients."""
        return sum(self.interruptions.values()) if self.calls_known else None


@dataclass(frozen=True)
class RatedJob:
    """A client's rating of a job, with their comment."""

    job_id: str
    client_id: str
    title: str
    at: datetime
    stars: int
    comment: str


@dataclass(frozen=True)
class TrustReport:
    """The current period, the period before it, chart points, and ratings, newest first."""

    days: int
    present: TrustNumbers
    before: TrustNumbers
    series: list[TrustNumbers]  # oldest first
    rated: list[RatedJob]


def trust(  # noqa: PLR0913, PLR0917 - all inputs of the figures
    days: int,
    clients: Mapping[str, Client],
    messages: Iterable[MessageFacts],
    calls: Iterable[CallFacts],
    rows: Iterable[RatedWork],
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
    calls_since: datetime | None = None,
) -> TrustReport:
    """Compute the figures for the last `days`; for one client if only their records are passed.

    Weekly calls are averaged since the first recorded call (`calls_since`; None: over the whole period).

    An answer counts at the time it was given, or if overdue, at its due time; jobs and ratings count at the
    last delivery. Income is what was paid or is still expected, divided by the time spent on the job and on
    unscheduled calls; money is never converted.
    """
    history = _History(clients, settings, calendar, now, now - timedelta(days=2 * days), calls_since)
    history.take_messages(messages)
    history.take_calls(calls)
    history.take_jobs(list(rows))
    span = timedelta(days=days)
    points = PERIODS.get(days, 12)
    edges = [now - span + span * number / points for number in range(points + 1)]
    return TrustReport(
        days,
        history.numbers(now - span, now),
        history.numbers(now - 2 * span, now - span, compared=True),
        [history.numbers(start, end) for start, end in pairwise(edges)],
        sorted(
            (each for each in history.rated if now - span <= each.at < now),
            key=lambda each: (each.at, each.job_id),
            reverse=True,
        ),
    )


class _Dated:
    """Values by instant, queried by time span."""

    def __init__(self) -> None:
        self._rows: list[tuple[datetime, Any]] = []

    def add(self, at: datetime, value: Any) -> None:
        self._rows.append((at, value))

    @cached_property
    def _ordered(self) -> tuple[list[datetime], list[Any]]:
        rows = sorted(self._rows, key=lambda row: row[0])
        return [at for at, _ in rows], [value for _, value in rows]

    def between(self, start: datetime, end: datetime) -> list[Any]:
        """Return the values in [start, end)."""
        instants, values = self._ordered
        return values[bisect_left(instants, start) : bisect_left(instants, end)]


class _History:
    """All counted events by instant."""

    def __init__(
        self,
        clients: Mapping[str, Client],
        settings: Settings,
        calendar: WorkCalendar,
        now: datetime,
        since: datetime,
        calls_since: datetime | None,
    ) -> None:
        self._calls_since = calls_since
        self._clients, self._settings, self._calendar = clients, settings, calendar
        self._now, self._since = now, since
        self._answers = _Dated()  # (minutes or None, in time or None)
        self._deliveries = _Dated()  # on time
        self._jobs = _Dated()  # (stars or None, continued or None)
        self._earned = _Dated()  # (currency, minor units, minutes)
        self._calls = _Dated()  # (client id, currency, minutes)
        self.rated: list[RatedJob] = []

    def take_messages(self, messages: Iterable[MessageFacts]) -> None:
        for message in messages:
            replied = message.replied_at
            if replied is not None and replied < self._since:
                continue
            if message.direction != Direction.IN or not message.needs_reply:
                continue
            client = self._clients.get(message.client_id)
            if replied is not None:
                in_time = answered_in_window(message, client, self._settings, self._calendar)
                self._answers.add(replied, (response_minutes(message), in_time))
            else:
                due = message.promised_at or first_due(message, client, self._settings, self._calendar)
                if due < self._now:
                    self._answers.add(due, (None, False))

    def take_calls(self, calls: Iterable[CallFacts]) -> None:
        for call in calls:
            if call.at >= self._since and not call.scheduled:
                minutes = call.minutes if call.outcome == CallOutcome.TAKEN else 0
                self._calls.add(call.at, (call.client_id, self._currency(call.client_id), minutes))

    def take_jobs(self, rows: Sequence[RatedWork]) -> None:
        begun = [job for job, _ in rows if job.status not in _NOT_WORK]
        followed = {job.continued_from_id for job in begun}
        latest: dict[str, datetime] = {}
        for job in begun:
            latest[job.client_id] = max(latest.get(job.client_id, job.started_at), job.started_at)
        for job, parts in rows:
            for part in parts:
                delivered = part.delivered_at
                if delivered is not None and part.due_at is not None:
                    self._deliveries.add(delivered, delivered <= part.due_at)
            done = finished_at(job, parts)
            if done is None or done < self._since:
                continue
            if job.deadline is not None and all(part.due_at is None for part in parts):
                self._deliveries.add(done, done <= job.deadline)
            continued = job.id in followed or latest.get(job.client_id, job.started_at) > job.started_at
            counts = continued or done <= self._now - COMING_BACK
            self._take_finished(job, parts, done, continued if counts else None)

    def _take_finished(
        self, job: JobFacts, parts: Sequence[PartFacts], done: datetime, continued: bool | None
    ) -> None:
        rating = job.rating
        self._jobs.add(done, (rating, continued))
        if rating is not None:
            self.rated.append(RatedJob(job.id, job.client_id, job.title, done, rating, job.rating_comment))
        spent = job.spent_minutes
        currency = job.currency or self._settings.currency
        earned = _earned(job, parts, currency) if spent else None
        if earned is not None:
            self._earned.add(done, (currency, earned, spent))

    def numbers(self, start: datetime, end: datetime, *, compared: bool = False) -> TrustNumbers:
        """Return the figures for [start, end). If `compared`, calls need at least one recorded week."""
        answers = self._answers.between(start, end)
        minutes = [each[0] for each in answers if each[0] is not None]
        deliveries = self._deliveries.between(start, end)
        jobs = self._jobs.between(start, end)
        stars = [each[0] for each in jobs if each[0] is not None]
        ended = [each[1] for each in jobs if each[1] is not None]
        earned = self._earned.between(start, end)
        calls = self._calls.between(start, end)
        since = self._calls_since
        weeks = weeks_known(start, end, since)
        if compared and since is not None and end - since < WEEK:
            weeks = 0.0
        by_client = Counter(client_id for client_id, _, _ in calls)
        return TrustNumbers(
            start=start,
            end=end,
            median_response=median(minutes) if minutes else None,
            replies=len(minutes),
            answers=len(answers),
            in_window=sum(bool(each[1]) for each in answers),
            deliveries=len(deliveries),
            on_time=sum(deliveries),
            ratings=len(stars),
            average_rating=sum(stars) / len(stars) if stars else None,
            finished=len(jobs),
            unrated=len(jobs) - len(stars),
            ended=len(ended),
            continued=sum(ended),
            effective_rate=_rates(earned, calls),
            earning_jobs=Counter(currency for currency, _, _ in earned),
            worked_minutes=sum(each[2] for each in earned),
            interrupted_minutes=sum(each[2] for each in calls),
            interruptions={client_id: count / weeks for client_id, count in by_client.items() if weeks},
            calls_known=weeks > 0,
            calls_since=since if since is not None and start < since < end else None,
        )

    def _currency(self, client_id: str) -> str:
        client = self._clients.get(client_id)
        return (client.currency if client else "") or self._settings.currency


_NOT_WORK = frozenset({JobStatus.APPLIED, JobStatus.OFFERED, JobStatus.DECLINED, JobStatus.LOST})


def _rates(earned: Iterable[tuple[str, int, int]], calls: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    """Return minor units an hour by currency, for currencies with finished work."""
    amounts: Counter[str] = Counter()
    minutes: Counter[str] = Counter()
    for currency, amount, spent in earned:
        amounts[currency] += amount
        minutes[currency] += spent
    for _, currency, spent in calls:
        if currency in minutes:
            minutes[currency] += spent
    return {currency: round(amounts[currency] * 60 / spent) for currency, spent in minutes.items()}


def _earned(job: JobFacts, parts: Sequence[PartFacts], currency: str) -> int | None:
    """Return minor units paid or expected, after platform fees and withholding tax.

    None if unknown: a missing quantity or price, or a part without an amount.
    """
    if is_paid_by_part(parts):
        given_up = job.status == JobStatus.CLOSED
        counted = [
            part
            for part in parts
            if part.paid_at is not None or (part.delivered_at is not None and not given_up)
        ]
        if any(part.amount is None for part in counted):
            return None
        payments: list[PartFacts | int] = [*counted]
    elif whole_amount(job) is not None or job.basis == FeeBasis.FIXED:
        settled = settlement(job, parts)
        payments = [settled.paid + settled.unpaid]
    elif job.basis == FeeBasis.PER_HOUR:
        payments = [of_minutes(unit_price(job, currency) or 0, job.spent_minutes, currency)]
    else:
        return None
    return job_deductions(job, payments, currency).net
