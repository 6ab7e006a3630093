"""Words for times without an hour or a date, and their interpretation.

今日中 is the end of the user's working day, "tomorrow morning" its start, 週明け the first working day of
next week. Ambiguous words (週末, "next week", the end of a month on a day off) are rejected with the
possible days; words that name no day (上旬, "mi-décembre", ASAP) are rejected as vague.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, Literal

from app.domain.hours import WorkCalendar
from app.importexport.local_dates import end_of_day, start_of_day
from app.importexport.typed_named import VagueError, find_part_of_month
from app.importexport.typed_words import (
    any_of,
    any_phrase,
    folded,
    longest_first,
    months,
    numbered,
    tables,
    told,
)

OPENING: Literal["opening"] = "opening"
CLOSING: Literal["closing"] = "closing"
Edge = Literal["opening", "closing"]  # of the user's working day
Half = Literal["", "a", "p"]

LATE = time(17)
"""Parts of the day from this time on are evenings."""

LAST_MINUTE = time(23, 59)
"""Used as the end of a day after its working hours."""


@dataclass(frozen=True)
class DayPart:
    """A part of a day: the half of the day it is in, and its default time.

    `clock` is a time, or the start or end of the working day. `days` from today, if the word includes a day.
    """

    half: Half
    clock: time | Edge
    days: int | None = None

    def has(self, hour: int) -> bool:
        """Whether an hour is certainly in this part: 夜1時 may be either night, 夜12時 is not noon."""
        late = isinstance(self.clock, time) and self.clock >= LATE
        return not (late and (hour < 4 or hour == 12))


@cache
def day_parts() -> tuple[tuple[re.Pattern[str], DayPart], ...]:
    """In all languages. The longer phrases first: they hold the shorter ones. 真夜中 is no 夜."""
    return tuple(
        (re.compile(f"(?<!真){pattern.pattern}"), _day_part(entry))
        for pattern, entry in _entries("day_parts")
    )


def _day_part(entry: dict[str, Any]) -> DayPart:
    halves: dict[str, Half] = {"am": "a", "pm": "p"}
    half, at = halves.get(entry.get("half", ""), ""), entry["at"]
    clock = at if at in (OPENING, CLOSING) else time.fromisoformat(at)
    return DayPart(half, clock, entry.get("day"))


def _entries(name: str) -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """What the phrases of a list in times.json stand for, in all languages, the longest first."""
    found = {
        folded(phrase): entry
        for table in tables()
        for entry in table.get(name, ())
        for phrase in entry["words"]
    }
    return [(re.compile(any_phrase(phrase)), found[phrase]) for phrase in longest_first(found)]


@dataclass(frozen=True)
class Period:
    """The day that a word for a week, month or year stands for, at the start or end of work."""

    day: date
    part: Edge


def wall_clock(part: Edge, day: date, now: datetime, calendar: WorkCalendar) -> datetime:
    """When the user's work starts or ends on that day, as local time.

    Once work has ended today, returns the day's last minute.
    """
    read = start_of_day if part == OPENING else end_of_day
    at = calendar.local(read(day, calendar)).replace(tzinfo=None, second=0, microsecond=0)
    if part == CLOSING and day == now.date() and at <= now.replace(tzinfo=None):
        at = datetime.combine(day, LAST_MINUTE)
    return at


# --- weeks, months and years ---------------------------------------------------------------------------

_NO_DAY_JA = (
    r"[今来先]月(?!曜)|[今来去昨]年(?!中)|週半ば|近日|(?<!明)後日|なるべく|できるだけ|早め|至急|そのうち"
    r"|(?<![月\d])1日中"
)


@dataclass(frozen=True)
class _Phrases:
    """The words for weeks, months and years in all languages."""

    week_parts: tuple[tuple[re.Pattern[str], int, int, Edge], ...]  # weeks from this one, ahead and behind
    weekend: re.Pattern[str]
    month_ends: tuple[tuple[re.Pattern[str], int], ...]  # months from this one
    named_month_end: re.Pattern[str]
    year_end: re.Pattern[str]
    no_day: re.Pattern[str]
    left_open: re.Pattern[str]


@cache
def _phrases() -> _Phrases:
    ends = numbered("end_of_month")
    return _Phrases(
        week_parts=tuple(
            (pattern, entry["week"], entry.get("past_week", entry["week"]), entry["at"])
            for pattern, entry in _entries("week_parts")
        ),
        weekend=re.compile(f"(?P<next>{any_phrase(*told('next_weekend'))})|{any_phrase(*told('weekend'))}"),
        month_ends=tuple(
            (re.compile(f"{any_phrase(phrase)}(?!旬)"), ends[phrase]) for phrase in longest_first(ends)
        ),
        named_month_end=re.compile(
            r"(?P<month>\d{1,2})月(?:末|いっぱい|中(?!旬))"
            rf"|{any_of(*told('end_of'))} (?P<name>{any_of(*months())})"
        ),
        year_end=re.compile(any_phrase(*told("end_of_year"))),
        no_day=re.compile(f"{_NO_DAY_JA}|{any_of(*told('no_day'))}"),
        left_open=re.compile(any_of(*told("left_open"))),
    )


def is_vague(left: str) -> bool:
    """Whether what was not understood leaves a day open: "early" in "early December"."""
    return _phrases().left_open.search(left) is not None


def find_period(
    text: str, today: date, calendar: WorkCalendar, *, past: bool
) -> tuple[re.Match[str], Period] | None:
    """The first word for a week, month or year, with its day. Raises VagueError with the possible days."""
    if found := _find_week(text, today, calendar, past=past):
        return found
    if days := find_part_of_month(text, today, calendar, past=past):
        raise VagueError(*days)
    if found := _find_month(text, today, calendar, past=past):
        return found
    if _phrases().no_day.search(text):
        raise VagueError
    return None


def _find_week(
    text: str, today: date, calendar: WorkCalendar, *, past: bool
) -> tuple[re.Match[str], Period] | None:
    monday = today - timedelta(days=today.weekday())
    for pattern, weeks, past_weeks, part in _phrases().week_parts:
        if match := pattern.search(text):
            found = _of_week(monday + timedelta(weeks=weeks), today, part, calendar)
            if past and found.day > today:
                found = _of_week(monday + timedelta(weeks=past_weeks), today, part, calendar, whole=True)
            return match, found
    match = _phrases().weekend.search(text)
    if match is None:
        return None
    first = 4 if "週" in match[0] else 5  # many include Friday in 週末
    starts = [0, 1] if match["next"] and "週" not in match[0] else [int(bool(match["next"]))]
    if past and not match["next"]:
        starts = [0] if today.weekday() >= first else [-1]
    weekend = [monday + timedelta(weeks=start, days=day) for start in starts for day in range(first, 7)]
    raise VagueError(*(day for day in weekend if match["next"] or (day <= today if past else day >= today)))


def _find_month(
    text: str, today: date, calendar: WorkCalendar, *, past: bool
) -> tuple[re.Match[str], Period] | None:
    if match := _phrases().named_month_end.search(text):
        month = int(match["month"]) if match["month"] else months()[match["name"]]
        if 1 <= month <= 12:
            end = _near(lambda year: _month_end(year, month), today.year, today, past=past)
            return match, _until(end, calendar)
    for pattern, ahead in _phrases().month_ends:
        if match := pattern.search(text):
            month = today.month + ahead
            if past and not ahead:
                month -= today < _month_end(today.year, month)
            return match, _until(_month_end(today.year, month), calendar)
    if match := _phrases().year_end.search(text):
        end = _near(lambda year: date(year, 12, 31), today.year, today, past=past)
        return match, _until(end, calendar)
    return None


def _near(end_in: Callable[[int], date], year: int, today: date, *, past: bool) -> date:
    """The next, or last, end of a month or year."""
    end = end_in(year)
    if past:
        return end if end <= today else end_in(year - 1)
    return end if end >= today else end_in(year + 1)


def _until(day: date, calendar: WorkCalendar) -> Period:
    """The end of work on the last day of a month. Raises VagueError if it is a day off, with two options."""
    if not calendar.is_working_day(day):
        raise VagueError(calendar.previous_working_day(day), day)
    return Period(day, CLOSING)


def days_of_week(monday: date, today: date, calendar: WorkCalendar) -> list[date]:
    """The working days of a week; only the remaining ones of the current week."""
    days = [monday + timedelta(days=day) for day in range(7)]
    left = [day for day in days if day >= today] if monday <= today <= days[-1] else days
    return [day for day in left if calendar.is_working_day(day)] or left


def _of_week(monday: date, today: date, part: Edge, calendar: WorkCalendar, *, whole: bool = False) -> Period:
    """The first or last working day of a week: of the whole week, or of what is left of the current one."""
    days = days_of_week(monday, monday if whole else today, calendar)
    if not calendar.is_working_day(days[0]) and len(days) > 1:
        raise VagueError(*days)
    return Period(days[0] if part == OPENING else days[-1], part)


def _month_end(year: int, month: int) -> date:
    """The last day of a month; month 13 is January of the next year."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, monthrange(year, month)[1])
