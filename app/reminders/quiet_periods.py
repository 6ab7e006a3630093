"""Quiet periods: outside working hours, quiet hours, days off. Moves reminders out of them."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from app.domain.entities import Settings
from app.domain.hours import (
    DAY,
    DAY_MINUTES,
    FALLBACK_HOURS,
    MIDNIGHT,
    MINUTE,
    ClockSpan,
    Span,
    WorkCalendar,
    parse_clock,
)

MIN_GAP = 30 * MINUTE
"""Minimum time to act on a reminder before the evening begins."""


class QuietPeriods:
    """The quiet periods around a time range, sorted and disjoint.

    Clock changes may lengthen a period, never shorten it: if it begins or ends in an hour that occurs twice
    or not at all, both interpretations are covered.
    """

    def __init__(
        self,
        settings: Settings,
        calendar: WorkCalendar,
        start: datetime,
        end: datetime,
        lateness: timedelta = timedelta(),
        *,
        only_quiet_hours: bool = False,
    ) -> None:
        """`lateness` is how late a reminder may be shown: it keeps that distance to the next quiet period.

        With `only_quiet_hours`, working hours and days off do not matter: the user chose the reminder's time.
        Otherwise, working hours entirely inside quiet hours are ignored, or no reminder would ever be shown.
        """
        self._now, self._lateness = start, lateness
        quiet = _quiet_clock(settings.quiet_hours)
        weekdays = (
            frozenset()
            if only_quiet_hours
            else _weekdays_with_reminders(calendar, quiet, settings.ring_on_days_off)
        )
        # The range includes a day with reminders on both ends, so that the first and last periods are
        # complete.
        first, last = calendar.local(start).date(), calendar.local(end).date()
        while (first := calendar.previous_working_day(first)).weekday() not in (weekdays or range(7)):
            pass
        while (last := calendar.next_working_day(last)).weekday() not in (weekdays or range(7)):
            pass
        days = [first + n * DAY for n in range(-2, (last - first).days + 2)]
        periods = [*_nights(quiet, days, calendar)]
        if not only_quiet_hours and not settings.ring_on_days_off:
            periods += _days_off(days, calendar)
        if weekdays:
            periods += _outside_work(days, calendar, settings.ring_on_days_off)
        # A gap as long as `lateness` is kept, for a reminder at its very beginning.
        self._spans = _merged(((opens - lateness, closes) for opens, closes in _merged(periods)), apart=True)
        self._starts = [start for start, _ in self._spans]

    def nearest_allowed(self, at: datetime, due: datetime | None = None) -> datetime:
        """Return `at`, or the nearest allowed time if it is in a quiet period.

        If `due` is before or right after the end of the period, return `MIN_GAP` before its start. If only
        the lateness reaches into the period, return the latest safe time before it, otherwise its end.
        """
        index = bisect_right(self._starts, at) - 1
        if index < 0 or at >= self._spans[index][1]:
            return at
        start, end = self._spans[index]
        if due is not None and at < due < end + MIN_GAP:
            return max(start - MIN_GAP, self._spans[index - 1][1]) if index else start - MIN_GAP
        return start if self._now < start and at < start + self._lateness else end


def _quiet_clock(quiet_hours: list[str]) -> ClockSpan | None:
    try:
        first, second = (parse_clock(text) for text in quiet_hours)
    except (TypeError, ValueError):  # none, or invalid
        return None
    return (first, second) if first != second else None


def _weekdays_with_reminders(
    calendar: WorkCalendar, quiet: ClockSpan | None, on_days_off: bool
) -> frozenset[int]:
    """The weekdays (0 = Monday) with working time outside quiet hours; empty if there are none."""
    week = calendar.weekly if any(calendar.weekly.values()) else dict.fromkeys(range(7), FALLBACK_HOURS)

    def is_allowed(weekday: int, minute: int) -> bool:
        day, clock = divmod(minute, DAY_MINUTES)
        works = on_days_off or bool(week.get((weekday + day) % 7))
        return works and (quiet is None or not _within(clock, quiet))

    def has_reminders(weekday: int, span: ClockSpan) -> bool:
        start, end = _minutes(span)
        boundaries = [start, DAY_MINUTES]
        if quiet is not None:
            boundaries += [_minute(quiet[1]), _minute(quiet[1]) + DAY_MINUTES]
        return any(start <= boundary < end and is_allowed(weekday, boundary) for boundary in boundaries)

    return frozenset(day for day, spans in week.items() if any(has_reminders(day, span) for span in spans))


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _minutes(span: ClockSpan) -> tuple[int, int]:
    start, end = map(_minute, span)
    return start, end if end > start else end + DAY_MINUTES


def _within(minute: int, span: ClockSpan) -> bool:
    start, end = _minutes(span)
    return start <= minute < end or start <= minute + DAY_MINUTES < end


def _nights(quiet: ClockSpan | None, days: Iterable[date], calendar: WorkCalendar) -> Iterator[Span]:
    if quiet is None:
        return
    first, second = quiet
    for day in days:
        start = min(_readings(day, first, calendar))
        yield start, max(_readings(day if first < second else day + DAY, second, calendar))


def _days_off(days: Iterable[date], calendar: WorkCalendar) -> Iterator[Span]:
    for day in days:
        if not calendar.is_working_day(day):
            yield min(_readings(day, MIDNIGHT, calendar)), max(_readings(day + DAY, MIDNIGHT, calendar))


def _outside_work(days: Iterable[date], calendar: WorkCalendar, on_days_off: bool) -> Iterator[Span]:
    """The gaps between working hours. Whole days off count as working hours if `on_days_off`."""
    allowed: list[Span] = []
    for day in days:
        if calendar.is_working_day(day):
            allowed += calendar.working_spans(day)
        elif on_days_off:
            allowed.append(
                (max(_readings(day, MIDNIGHT, calendar)), min(_readings(day + DAY, MIDNIGHT, calendar)))
            )
    cursor: datetime | None = None
    for start, end in sorted(allowed):
        if cursor is not None and cursor < start:
            yield cursor, start
        cursor = end if cursor is None else max(cursor, end)


def _readings(day: date, clock: time, calendar: WorkCalendar) -> tuple[datetime, datetime]:
    """The two instants a local time may mean, which differ only around clock changes."""
    wall = datetime.combine(day, clock, calendar.zone)
    return wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)


def _merged(spans: Iterable[Span], *, apart: bool = False) -> list[Span]:
    """Merge overlapping spans, and also adjacent ones unless `apart`."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and (start < merged[-1][1] or (start == merged[-1][1] and not apart)):
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged
