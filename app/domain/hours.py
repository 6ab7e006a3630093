"""Working hours: business days and working minutes in the user's time zone, with daylight saving.

Every returned instant is UTC: subtracting two datetimes of one ZoneInfo compares wall clocks, which is an
hour off twice a year.
"""

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from .column_types import DayOff, WeeklyHours
from .entities import Settings
from .holidays import HolidayDays

Span = tuple[datetime, datetime]  # [start, end) as UTC instants
ClockSpan = tuple[time, time]  # local clock; an end at or before its start is on the next day

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
MIDNIGHT = time()
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
LONGEST_DAY_OFF = 3660  # days; longer spans are typing errors and slow to expand

# Used for every weekday if no working hours are set.
FALLBACK_HOURS: tuple[ClockSpan, ...] = ((time(9), time(18)),)


@dataclass(frozen=True, eq=False)
class WorkCalendar:
    """Working hours by weekday (0 = Monday) in one time zone, minus days off.

    Without hours on any weekday, every day counts as a working day, so that searches always terminate.
    """

    zone: ZoneInfo
    weekly: Mapping[int, tuple[ClockSpan, ...]]
    days_off: Container[date] = frozenset()
    first_weekday: int = 0  # of the user's weeks
    holidays: Container[date] = frozenset()  # the public holidays among `days_off`
    _spans: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False)

    def local(self, at: datetime) -> datetime:
        """Return the instant in the user's time zone."""
        return at.astimezone(self.zone)

    def is_working_day(self, day: date) -> bool:
        """Return whether work starts on this local day."""
        return bool(self.working_spans(day))

    def is_day_off(self, day: date) -> bool:
        """Return whether this local day is one of the user's days off, or a public holiday they keep."""
        return day in self.days_off

    def is_public_holiday(self, day: date) -> bool:
        """Return whether this local day is a public holiday that the user keeps."""
        return day in self.holidays

    def working_spans(self, day: date) -> tuple[Span, ...]:
        """Return the spans that start on this local day, in order; the last may end on the next day."""
        spans = self._spans.get(day)
        if spans is None:
            hours = self.weekly if any(self.weekly.values()) else dict.fromkeys(range(7), FALLBACK_HOURS)
            worked = () if day in self.days_off else hours.get(day.weekday(), ())
            instants = (
                (self._instant(day, opens), self._instant(day + DAY if closes <= opens else day, closes))
                for opens, closes in worked
            )
            # A daylight saving gap can swallow a whole span.
            spans = self._spans[day] = tuple((start, end) for start, end in instants if start < end)
        return spans

    def next_working_day(self, day: date) -> date:
        """Return the first working day strictly after `day`."""
        day += DAY
        while not self.is_working_day(day):
            day += DAY
        return day

    def previous_working_day(self, day: date) -> date:
        """Return the last working day strictly before `day`."""
        day -= DAY
        while not self.is_working_day(day):
            day -= DAY
        return day

    def is_working_time(self, at: datetime) -> bool:
        """Return whether this instant is within working hours, including a span begun on the day before."""
        day = self.local(at).date()
        return any(start <= at < end for near in (day - DAY, day) for start, end in self.working_spans(near))

    def opening(self, day: date) -> datetime:
        """Return when work starts on `day`, or else on the next working day."""
        return self.working_spans(day if self.is_working_day(day) else self.next_working_day(day))[0][0]

    def closing(self, day: date) -> datetime:
        """Return when work ends on `day`, or else on the next working day."""
        return self.working_spans(day if self.is_working_day(day) else self.next_working_day(day))[-1][1]

    def add_business_days(self, at: datetime, days: int) -> datetime:
        """Return the same wall time `days` working days later.

        A start outside working time counts from the next opening: a message that arrives on Saturday counts
        as received on Monday morning.
        """
        day, start = self._from_working_time(at.astimezone(UTC))
        target = day
        for _ in range(days):
            target = self.next_working_day(target)
        return self._shifted(start, target - day)

    def subtract_working_days(self, at: datetime, days: int) -> datetime:
        """Return the same wall time `days` working days earlier, from the last working time up to `at`."""
        day, end = self._until_working_time(at.astimezone(UTC))
        target = day
        for _ in range(days):
            target = self.previous_working_day(target)
        return self._shifted(end, target - day)

    def add_working_minutes(self, at: datetime, minutes: int) -> datetime:
        """Return when `minutes` of working time have passed; with 0, the next working time."""
        cursor = self._from_working_time(at.astimezone(UTC))[1]
        left = minutes * MINUTE
        for start, end in self._spans_from(cursor):
            if left <= end - start:
                return start + left
            left -= end - start
        raise AssertionError("spans never end")  # pragma: no cover

    def working_minutes_between(self, start: datetime, end: datetime) -> int:
        """Return the whole working minutes from `start` to `end`; 0 if `end` is earlier."""
        total = timedelta()
        until = end.astimezone(UTC)
        if until > start:
            for opened, closed in self._spans_from(start.astimezone(UTC)):
                if opened >= until:
                    break
                total += min(closed, until) - opened
        return total // MINUTE

    def _instant(self, day: date, clock: time) -> datetime:
        # A wall time in a daylight saving gap uses the offset before the gap (RFC 5545, 3.3.5).
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def _shifted(self, at: datetime, days: timedelta) -> datetime:
        """Return the same wall time on another day."""
        return (self.local(at) + days).astimezone(UTC) if days else at

    def _from_working_time(self, at: datetime) -> tuple[date, datetime]:
        """Return `at` or the next opening, with the working day it belongs to."""
        day = self.local(at).date() - DAY  # yesterday's last span may run past midnight
        while True:
            for start, end in self.working_spans(day):
                if at < end:
                    return day, max(at, start)
            day += DAY

    def _until_working_time(self, at: datetime) -> tuple[date, datetime]:
        """Return `at` or the last closing, with the working day it belongs to."""
        day = self.local(at).date()
        while True:
            for start, end in reversed(self.working_spans(day)):
                if at >= start:
                    return day, min(at, end)
            day -= DAY

    def _spans_from(self, at: datetime) -> Iterator[Span]:
        """Yield working time from `at` on, without end; time in two overlapping spans is yielded once."""
        cursor = at
        day = self.local(at).date() - DAY
        while True:
            for start, end in self.working_spans(day):
                if end > cursor:
                    yield max(start, cursor), end
                    cursor = end
            day += DAY


def work_calendar(settings: Settings) -> WorkCalendar:
    """Return the user's calendar. Equal settings share one object, which caches computed days.

    Invalid values are skipped; forms and restores validate before saving.
    """
    hours, days_off = json.dumps(settings.working_hours), json.dumps(settings.days_off)
    holidays = (settings.holiday_country, tuple(settings.worked_holidays))
    return _calendar(settings.time_zone, hours, days_off, settings.first_weekday, holidays)


@lru_cache(maxsize=8)
def _calendar(
    time_zone: str,
    working_hours: str,
    days_off: str,
    first_weekday: int,
    holidays: tuple[str, tuple[str, ...]],
) -> WorkCalendar:
    own = (day for span in json.loads(days_off) for day in days_of(span))
    public = HolidayDays(*holidays)
    return WorkCalendar(
        zone=zone_of(time_zone),
        weekly=parse_weekly(json.loads(working_hours)),
        days_off=_DaysOff(own, public),
        first_weekday=first_weekday,
        holidays=public,
    )


class _DaysOff(Container[date]):
    """The user's own days off and the public holidays they keep."""

    def __init__(self, own: Iterable[date], holidays: HolidayDays) -> None:
        self._own = frozenset(own)
        self._holidays = holidays

    def __contains__(self, day: object) -> bool:
        return day in self._own or day in self._holidays


def days_of(span: DayOff) -> list[date]:
    """Return every day of a span, both ends included; empty if it is invalid or longer than ten years."""
    try:
        first, last = date.fromisoformat(span["first"]), date.fromisoformat(span["last"])
    except (KeyError, TypeError, ValueError):
        return []
    length = (last - first).days + 1
    return [first + timedelta(days=n) for n in range(length)] if length <= LONGEST_DAY_OFF else []


def parse_clock(text: str) -> time:
    """Parse a clock time "HH:MM"; "24:00" is midnight. Raises ValueError for anything else."""
    if text == "24:00":
        return MIDNIGHT
    match = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text)
    if match is None:
        raise ValueError("clock")
    return time(int(match[1]), int(match[2]))


def parse_weekly(hours: WeeklyHours) -> dict[int, tuple[ClockSpan, ...]]:
    """Return the spans by weekday, in order, without those that `validate_weekly` rejects."""
    weekly = {}
    for weekday, spans in hours.items():
        read = sorted(span for span in map(_clock_span, spans) if span is not None)
        if weekday in WEEKDAYS and read:
            weekly[int(weekday)] = tuple(read)
    return weekly


WEEKDAYS = frozenset("0123456")


def validate_weekly(hours: WeeklyHours) -> list[str]:
    """Return the problem codes found: `weekday` (not "0"…"6"), `clock` (invalid or empty span), `overlap`."""
    problems = set()
    minutes: list[tuple[int, int]] = []  # since Monday's midnight
    for weekday, spans in hours.items():
        if weekday not in WEEKDAYS:
            problems.add("weekday")
            continue
        for span in map(_clock_span, spans):
            if span is None:
                problems.add("clock")
            else:
                minutes.append(_minutes(int(weekday), span))
    if minutes:
        ordered = sorted(minutes)
        next_week = ordered[0][0] + WEEK_MINUTES, ordered[0][1] + WEEK_MINUTES
        if any(later[0] < earlier[1] for earlier, later in pairwise([*ordered, next_week])):
            problems.add("overlap")
    return sorted(problems)


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; malformed; a directory of the zone database
        return None


def is_zone(name: str) -> bool:
    return bool(name) and _zone(name) is not None


def zone_of(name: str, default: ZoneInfo | None = None) -> ZoneInfo:
    """Return the IANA time zone of that name, else `default`, else UTC."""
    return (_zone(name) if name else None) or default or ZoneInfo("UTC")


def _clock_span(span: list[str]) -> ClockSpan | None:
    try:
        start, end = (parse_clock(text) for text in span)
    except (TypeError, ValueError):
        return None
    return (start, end) if start != end or start == MIDNIGHT else None


def _minutes(weekday: int, span: ClockSpan) -> tuple[int, int]:
    start, end = (weekday * DAY_MINUTES + clock.hour * 60 + clock.minute for clock in span)
    return start, end if end > start else end + DAY_MINUTES
