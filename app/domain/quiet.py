"""When nothing rings: quiet hours and days off, and where to a reminder moves out of their way."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from .entities import Settings
from .hours import DAY, MIDNIGHT, MINUTE, Span, WorkCalendar, parse_clock

ROOM = 30 * MINUTE
"""What it takes to still do something about a reminder before the evening begins."""


class Silence:
    """The silent spans around a stretch of time, in order and apart by at least `ROOM`.

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
    ) -> None:
        """`lateness` is by how much a reminder may ring late: it keeps that distance from what follows."""
        self._now, self._lateness = start, lateness
        # From before a working day to one after, so that no silence begins too late or ends too soon.
        first = calendar.previous_working_day(calendar.local(start).date()) - 2 * DAY
        last = calendar.next_working_day(calendar.local(end).date())
        days = [first + n * DAY for n in range((last - first).days + 1)]
        nights = _nights(settings.quiet_hours, days, calendar)
        off = () if settings.ring_on_days_off else _days_off(days, calendar)
        self._spans = _merged((opens - lateness, closes) for opens, closes in (*nights, *off))
        self._starts = [start for start, _ in self._spans]

    def settle(self, at: datetime, due: datetime | None = None) -> datetime:
        """`at`, unless nothing rings then.

        What is due before the silence is over, or right after it, comes `ROOM` before it begins. Of all else,
        what could only ring late into the silence comes as early as is safe, and the rest when it ends.
        """
        index = bisect_right(self._starts, at) - 1
        if index < 0 or at >= self._spans[index][1]:
            return at
        start, end = self._spans[index]
        if due is not None and at < due < end + ROOM:
            return start - ROOM
        return start if self._now < start and at < start + self._lateness else end


def _nights(quiet_hours: list[str], days: Iterable[date], calendar: WorkCalendar) -> Iterator[Span]:
    try:
        first, second = (parse_clock(text) for text in quiet_hours)
    except (TypeError, ValueError):  # none, or what no form would let through
        return
    if first == second:
        return
    for day in days:
        start = min(_readings(day, first, calendar))
        yield start, max(_readings(day if first < second else day + DAY, second, calendar))


def _days_off(days: Iterable[date], calendar: WorkCalendar) -> Iterator[Span]:
    for day in days:
        if not calendar.is_working_day(day):
            yield min(_readings(day, MIDNIGHT, calendar)), max(_readings(day + DAY, MIDNIGHT, calendar))


def _readings(day: date, clock: time, calendar: WorkCalendar) -> tuple[datetime, datetime]:
    """What a wall time may mean: one instant twice, but for the hours in which clocks change."""
    wall = datetime.combine(day, clock, calendar.zone)
    return wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)


def _merged(spans: Iterable[Span], room: timedelta = ROOM) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start - merged[-1][1] < room:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged
