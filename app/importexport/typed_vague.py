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
from typing import Literal

from app.domain.hours import WorkCalendar
from app.importexport.local_dates import end_of_day, start_of_day
from app.importexport.typed_words import any_of, months

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


def _day_parts() -> tuple[tuple[re.Pattern[str], DayPart], ...]:
    """Patterns with their parts, longer phrases first because they contain shorter ones."""
    noon, after_noon, afternoon, late = time(12), time(13), time(15), time(17)
    evening, night = time(19), time(20)
    working = "(?:(?:the|my|working|business) )*"
    table: tuple[tuple[str, DayPart], ...] = (
        (rf"end of {working}day|eod|cob|close of business|fin de (?:la )?journee", DayPart("", CLOSING)),
        ("終業(?:時間?)?|定時", DayPart("", CLOSING)),
        ("dans la journee", DayPart("", CLOSING)),
        (
            rf"start of {working}day|first thing(?: in the morning)?|debut de (?:la )?journee",
            DayPart("", OPENING),
        ),
        ("(?:a )?(?:la )?premiere heure|debut de (?:la )?matinee|early morning", DayPart("a", OPENING)),
        ("朝(?:一番?|いち|イチ)|始業(?:時間?)?", DayPart("a", OPENING)),
        ("午前中|(?:dans la|fin de|en fin de) matinee|late morning", DayPart("a", noon)),
        ("今朝|けさ", DayPart("a", OPENING, 0)),
        ("this morning|ce matin", DayPart("a", OPENING, 0)),
        ("明朝|翌朝", DayPart("a", OPENING, 1)),
        ("午後(?:一番?|いち|イチ)|昼(?:過ぎ|すぎ)", DayPart("p", after_noon)),
        ("early afternoon", DayPart("p", after_noon)),
        ("debut d apres[- ]midi|debut de l apres[- ]midi", DayPart("p", time(14))),
        ("late afternoon|fin d apres[- ]midi|fin de l apres[- ]midi", DayPart("p", late)),
        ("this afternoon|cet apres[- ]midi", DayPart("p", afternoon, 0)),
        ("今晩|今夜|こんばん", DayPart("p", night, 0)),
        ("今夕", DayPart("p", late, 0)),
        ("明晩", DayPart("p", night, 1)),
        ("昨夜|昨晩|ゆうべ", DayPart("p", night, -1)),
        ("last night", DayPart("p", night, -1)),
        ("tonight|this evening|ce soir", DayPart("p", evening, 0)),
        ("夕方|夕刻", DayPart("p", late)),
        ("夜|晩", DayPart("p", night)),
        ("朝|午前", DayPart("a", OPENING)),
        ("午後", DayPart("p", afternoon)),
        ("(?:in the |du |le |au )?(?:matin|morning)|matinee", DayPart("a", OPENING)),
        ("(?:in the |de l |l |dans l )?(?:apres[- ]midi|afternoon)", DayPart("p", afternoon)),
        ("(?:in the |du |le |au |en |dans la )?(?:soir|soiree|evening)", DayPart("p", evening)),
    )
    return tuple(
        (re.compile(rf"(?<![a-z])(?:{words})(?![a-z])" if words.isascii() else words), part)
        for words, part in table
    )


DAY_PARTS = _day_parts()


class VagueError(ValueError):
    """The text has several possible `days`, or no definite one if `days` is empty."""

    def __init__(self, *days: date) -> None:
        super().__init__("ambiguous" if days else "vague")
        self.days = days


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

_END = r"(?:(?:la )?fin (?:de|du)(?: (?:la|cette|ce))?|(?:the )?end of(?: (?:the|this))?)"
_START = r"(?:(?:le |au )?debut (?:de|du)(?: la)?|(?:early|beginning of|start of))"
_WEEK_PERIODS: tuple[tuple[str, int, Edge], ...] = (
    (rf"再来週(?:中|いっぱい)|{_END} week after next", 2, CLOSING),
    (rf"来週(?:中|いっぱい)|{_END} (?:semaine prochaine|next week)|by next week", 1, CLOSING),
    (r"週明け|来週の?(?:頭|初め|はじめ|早々|前半)", 1, OPENING),
    (rf"{_START} (?:semaine prochaine|next week)|debut de semaine", 1, OPENING),
    (rf"今週(?:中|いっぱい)|週内|{_END} (?:semaine|week)|eow|dans la semaine", 0, CLOSING),
)
_WEEKEND = re.compile(
    r"(?P<next>再来週末|来週末|(?<![a-z])next week-?end|(?<![a-z])week-? ?end prochain)"
    r"|今?週末|(?<![a-z])(?:this |the |ce |le )?week-? ?end(?![a-z])"
)
_MONTH_PERIODS: tuple[tuple[str, int], ...] = (
    (rf"来月(?:末|中|いっぱい)|{_END} (?:mois prochain|next month)", 1),
    (rf"先月末|{_END} (?:mois dernier|last month)", -1),
    (rf"(?:今月|月)末|今月(?:中|いっぱい)|月内|{_END} (?:mois|month)|eom|month[- ]end|fin de mois", 0),
)
_YEAR_END = re.compile(
    r"年内|今年中|(?<![a-z])(?:fin (?:de l |d )annee|(?:the )?end of (?:the |this )?year|eoy)(?![a-z])"
)
_NO_DAY = re.compile(
    r"[上中下]旬|月初|月半ば|年末|年始|年明け|[今来]月(?!曜)|週半ば|近日|(?<!明)後日|なるべく|できるだけ|早め|至急|そのうち"
    r"|(?<![月\d])1日中|"
    + any_of(
        *("asap", "as soon as possible", "des que possible", "au plus vite", "rapidement", "bientot"),
        *("next month", "this month", "mois prochain", "ce mois", "next year", "annee prochaine"),
    )
)
_LEFT_OPEN = re.compile(any_of("mid", "mi", "early", "late", "debut", "fin", "end", "beginning", "sometime"))


def _compiled(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])(?:{words})(?![a-z])")


WEEK_PERIODS = tuple((_compiled(words), weeks, part) for words, weeks, part in _WEEK_PERIODS)
MONTH_PERIODS = tuple((_compiled(words), months_on) for words, months_on in _MONTH_PERIODS)


def is_vague(left: str) -> bool:
    """Whether the remaining text makes a date vague: "early" in "early December"."""
    return _LEFT_OPEN.search(left) is not None


@cache
def _named_month_end() -> re.Pattern[str]:
    name = rf"(?P<name>{any_of(*months())})"
    return re.compile(
        r"(?P<month>\d{1,2})月(?:末|いっぱい|中(?!旬))"
        rf"|(?<![a-z])(?:(?:la )?fin (?:de |d )?|(?:the )?end of ){name}"
    )


def find_period(
    text: str, today: date, calendar: WorkCalendar, *, past: bool
) -> tuple[re.Match[str], Period] | None:
    """The first word for a week, month or year, with its day. Raises VagueError with the possible days."""
    found = _find_week(text, today, calendar, past=past) or _find_month(text, today, calendar, past=past)
    if found is None and _NO_DAY.search(text):
        raise VagueError
    return found


def _find_week(
    text: str, today: date, calendar: WorkCalendar, *, past: bool
) -> tuple[re.Match[str], Period] | None:
    monday = today - timedelta(days=today.weekday())
    for pattern, weeks, part in WEEK_PERIODS:
        if match := pattern.search(text):
            return match, _of_week(monday + timedelta(weeks=weeks), today, part, calendar)
    match = _WEEKEND.search(text)
    if match is None:
        return None
    first = 4 if "週" in match[0] else 5  # many include Friday in 週末
    starts = [0, 1] if match["next"] and "週" not in match[0] else [int(bool(match["next"]))]
    weekend = [monday + timedelta(weeks=start, days=day) for start in starts for day in range(first, 7)]
    raise VagueError(*(day for day in weekend if past or day >= today))


def _find_month(
    text: str, today: date, calendar: WorkCalendar, *, past: bool
) -> tuple[re.Match[str], Period] | None:
    if match := _named_month_end().search(text):
        month = int(match["month"]) if match["month"] else months()[match["name"]]
        if 1 <= month <= 12:
            end = _near(lambda year: _month_end(year, month), today.year, today, past=past)
            return match, _until(end, calendar)
    for pattern, ahead in MONTH_PERIODS:
        if match := pattern.search(text):
            month = today.month + ahead
            if past and not ahead:
                month -= today < _month_end(today.year, month)
            return match, _until(_month_end(today.year, month), calendar)
    if match := _YEAR_END.search(text):
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


def _of_week(monday: date, today: date, part: Edge, calendar: WorkCalendar) -> Period:
    days = days_of_week(monday, today, calendar)
    if not calendar.is_working_day(days[0]) and len(days) > 1:
        raise VagueError(*days)
    return Period(days[0] if part == OPENING else days[-1], part)


def _month_end(year: int, month: int) -> date:
    """The last day of a month; month 13 is January of the next year."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, monthrange(year, month)[1])
