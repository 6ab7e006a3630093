"""When nothing rings: outside working hours, in quiet hours, on days off. And when it rings instead."""

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
"""What it takes to still do something about a reminder before the evening begins."""


class QuietPeriods:
    """The silent spans around a stretch of time, in order and apart.

    Clock changes make a silence longer, never shorter: one that begins or ends within an hour that comes
    twice, or not at all, holds for both readings.
    """

    def __init__(
        self,
        settings: Settings,
        calendar: WorkCalendar,
        start: datetime,
        end: datetime,
        lateness: timedelta = timedelta(),
        *,
        asked: bool = False,
    ) -> None:
        """`lateness` is by how much a reminder may ring late: it keeps that distance from what follows.

        For a reminder that was `asked` for at its very time, only quiet hours are silent. Working hours that
        lie within quiet hours altogether are not waited for: nothing would ever ring.
        """
        self._now, self._lateness = start, lateness
        quiet = _quiet_clock(settings.quiet_hours)
        heard = frozenset() if asked else _heard_weekdays(calendar, quiet, settings.ring_on_days_off)
        # From before a day on which something rings to after one, so that no silence begins too late or ends
        # too soon.
        first, last = calendar.local(start).date(), calendar.local(end).date()
        while (first := calendar.previous_working_day(first)).weekday() not in (heard or range(7)):
            pass
        while (last := calendar.next_working_day(last)).weekday() not in (heard or range(7)):
            pass
        days = [first + n * DAY for n in range(-2, (last - first).days + 2)]
        silent = [*_nights(quiet, days, calendar)]
        if not asked and not settings.ring_on_days_off:
            silent += _days_off(days, calendar)
        if heard:
            silent += _outside_work(days, calendar, settings.ring_on_days_off)
        # A time as long as the lateness has room for what rings at its very beginning.
        self._spans = _merged(((opens - lateness, closes) for opens, closes in _merged(silent)), apart=True)
        self._starts = [start for start, _ in self._spans]

    def settle(self, at: datetime, due: datetime | None = None) -> datetime:
        """`at`, unless nothing rings then.

        What is due before the silence is over, or right after it, comes `MIN_GAP` before it begins. What
        else could only ring late into the silence comes as early as is safe, and the rest when it ends.
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
    except (TypeError, ValueError):  # none, or what no form would let through
        return None
    return (first, second) if first != second else None


def _heard_weekdays(calendar: WorkCalendar, quiet: ClockSpan | None, on_days_off: bool) -> frozenset[int]:
    """The weekdays (0 = Monday) whose work begins or goes on outside quiet hours; none if no day's does."""
    week = calendar.weekly if any(calendar.weekly.values()) else dict.fromkeys(range(7), FALLBACK_HOURS)

    def rings(weekday: int, minute: int) -> bool:
        day, clock = divmod(minute, DAY_MINUTES)
        works = on_days_off or bool(week.get((weekday + day) % 7))
        return works and (quiet is None or not _within(clock, quiet))

    def heard(weekday: int, span: ClockSpan) -> bool:
        start, end = _minutes(span)
        turns = [start, DAY_MINUTES]
        if quiet is not None:
            turns += [_minute(quiet[1]), _minute(quiet[1]) + DAY_MINUTES]
        return any(start <= turn < end and rings(weekday, turn) for turn in turns)

    return frozenset(day for day, spans in week.items() if any(heard(day, span) for span in spans))


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
    """Between one span of work and the next; whole days off are as loud as work if they may ring."""
    loud: list[Span] = []
    for day in days:
        if calendar.is_working_day(day):
            loud += calendar.working_spans(day)
        elif on_days_off:
            loud.append(
                (max(_readings(day, MIDNIGHT, calendar)), min(_readings(day + DAY, MIDNIGHT, calendar)))
            )
    cursor: datetime | None = None
    for start, end in sorted(loud):
        if cursor is not None and cursor < start:
            yield cursor, start
        cursor = end if cursor is None else max(cursor, end)


def _readings(day: date, clock: time, calendar: WorkCalendar) -> tuple[datetime, datetime]:
    """What a wall time may mean: one instant twice, but for the hours in which clocks change."""
    wall = datetime.combine(day, clock, calendar.zone)
    return wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)


def _merged(spans: Iterable[Span], *, apart: bool = False) -> list[Span]:
    """Those that overlap made one; and those that touch, unless they may stay `apart`."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and (start < merged[-1][1] or (start == merged[-1][1] and not apart)):
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged
