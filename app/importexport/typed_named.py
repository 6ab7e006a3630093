"""Days named by their place in a month or year, or counted in weeks from another day.

来月10日 and 大晦日 are one day; « mardi en huit » is a week after the coming Tuesday.
A part of a month (上旬, "mid-December", « début janvier ») or the time after New Year (年明け) is a few days,
of which the first, the middle and the last working day are proposed.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from app.domain.hours import WorkCalendar
from app.importexport.typed_words import (
    any_of,
    any_phrase,
    keys_of,
    months,
    numbered,
    told,
    weekdays,
    words_of,
)

NamedDay = tuple[re.Match[str], date]

AFTER_NEW_YEAR = (4, 10)
"""Days of January: offices in Japan open on the 4th."""

_PARTS: dict[str, tuple[int, int]] = {"start": (1, 5), "early": (1, 10), "mid": (11, 20), "late": (21, 31)}
"""Days of a month."""


class VagueError(ValueError):
    """The text has several possible `days`, or no definite one if `days` is empty."""

    def __init__(self, *days: date) -> None:
        super().__init__("ambiguous" if days else "vague")
        self.days = days


@dataclass(frozen=True)
class _Named:
    """The patterns of all languages."""

    later_weekday: tuple[re.Pattern[str], ...]  # « mardi en huit », "a week on Tuesday"
    day_of_month: re.Pattern[str]
    feasts: re.Pattern[str]
    spans: tuple[tuple[re.Pattern[str], int, tuple[int, int]], ...]  # a month, and days of it: 年明け, 年末
    month_parts: tuple[tuple[re.Pattern[str], str], ...]
    years: re.Pattern[str]


@cache
def _named() -> _Named:
    day = any_of(*weekdays(), *(word for word, days in numbered("days").items() if days in (0, 1)))
    month_words = any_phrase(*numbered("month_words"))
    month = rf"(?:(?P<month>\d{{1,2}})月|(?P<name>{any_of(*months())})|(?P<relative>{month_words}))"
    lone = any_of(*told("this_month"))
    before, after = any_of(*numbered("weeks_before")), any_of(*numbered("weeks_after"))
    return _Named(
        later_weekday=(
            re.compile(rf"(?P<day>{day}) (?P<weeks>{after})"),
            re.compile(rf"(?P<weeks>{before}) (?P<day>{day})"),
        ),
        day_of_month=re.compile(
            rf"(?:(?P<before>{month_words}) ?の? ?(?P<n>\d{{1,2}}) ?日"
            rf"|(?<![\d/])(?P<number>\d{{1,2}})(?:er|st|nd|rd|th)? (?:of |du |de )?(?P<after>{month_words}))"
        ),
        feasts=re.compile(any_phrase(*_feasts())),
        spans=(
            (re.compile(any_phrase(*told("after_new_year")) or "(?!)"), 1, AFTER_NEW_YEAR),
            (re.compile(any_phrase(*told("late_december")) or "(?!)"), 12, _PARTS["late"]),
        ),
        month_parts=tuple(
            (re.compile(pattern), part)
            for part in _PARTS
            if (said := words_of("month_parts", part))
            for pattern in (
                rf"{any_of(*said)}(?: (?:d|du|of|the))?[ -]{month}",
                rf"{month} ?の? ?(?:{any_phrase(*said)}|{_short(said)})",
                rf"(?:{any_phrase(*(word for word in said if not word.isascii()))})|{any_of(*said)} {lone}",
            )
        ),
        years=re.compile(any_phrase(*numbered("year_words"))),
    )


def _short(said: frozenset[str]) -> str:
    """The end of a Japanese word that follows a month, which has the 月 already: 12月半ば, 来月初め."""
    return "|".join(re.escape(word[1:]) for word in said if word.startswith("月")) or "(?!)"


@cache
def _feasts() -> dict[str, tuple[int, int]]:
    """Month and day of each named day of the year."""
    return {
        word: (int(key[:2]), int(key[3:]))
        for key in keys_of("named_days")
        for word in words_of("named_days", key)
    }


def find_named_day(text: str, today: date, *, past: bool) -> NamedDay | None:
    """The first day that is named by its place in a month or year. Raises VagueError with possible days."""
    for pattern in _named().later_weekday:
        if match := pattern.search(text):
            return match, _weeks_later(match["day"], match["weeks"], today)
    if match := _named().day_of_month.search(text):
        ahead = numbered("month_words")[match["before"] or match["after"]]
        first = _month(today, ahead)
        number = int(match["n"] or match["number"])
        if not 1 <= number <= monthrange(first.year, first.month)[1]:
            return None
        return match, first.replace(day=number)
    if match := _named().feasts.search(text):
        month, number = _feasts()[match[0]]
        return match, _near_year(lambda year: date(year, month, number), today, past=past)
    return None


def _weeks_later(named: str, later: str, today: date) -> date:
    weeks = {**numbered("weeks_after"), **numbered("weeks_before")}[later]
    near = numbered("days").get(named)
    if near is not None:
        return today + timedelta(days=near, weeks=weeks)
    distance = (weekdays()[named] - today.weekday()) % 7
    if distance == 0:  # on a Monday, « lundi en huit » is counted from that day or from the next Monday
        raise VagueError(*(today + timedelta(weeks=weeks + more) for more in (0, 1)))
    return today + timedelta(days=distance, weeks=weeks)


def find_part_of_month(text: str, today: date, calendar: WorkCalendar, *, past: bool) -> tuple[date, ...]:
    """The possible days of a part of a month or of the time after New Year; empty if the text names none."""
    for pattern, month, span in _named().spans:
        if pattern.search(text):
            return _nearest(_every_year(month, today, past=past), span, today, calendar, past=past)
    for pattern, part in _named().month_parts:
        match = pattern.search(text)
        if match is None:
            continue
        fields, span = match.groupdict(), _PARTS[part]
        if relative := fields.get("relative"):
            return _proposed(_month(today, numbered("month_words")[relative]), span, calendar)
        if fields.get("month") or fields.get("name"):
            month = int(fields["month"] or 0) or months()[fields["name"] or ""]
            if not 1 <= month <= 12:
                return ()
            return _nearest(_every_year(month, today, past=past), span, today, calendar, past=past)
        near = [_month(today, ahead) for ahead in ((0, -1) if past else (0, 1))]
        return _nearest(near, span, today, calendar, past=past)
    return ()


def find_year(text: str, today: date) -> tuple[re.Match[str], int] | None:
    """The year that stands beside a date: 来年1月10日."""
    match = _named().years.search(text)
    return (match, today.year + numbered("year_words")[match[0]]) if match else None


def _month(today: date, ahead: int) -> date:
    """The first day of a month."""
    year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
    return date(year, month + 1, 1)


def _every_year(month: int, today: date, *, past: bool) -> list[date]:
    """The month in this year, and in the next or last one."""
    return [date(year, month, 1) for year in (today.year, today.year + (-1 if past else 1))]


def _nearest(
    near: list[date], span: tuple[int, int], today: date, calendar: WorkCalendar, *, past: bool
) -> tuple[date, ...]:
    """The proposed days of the first of the months that has some on the side of today asked for."""
    for month in near:
        if days := _proposed(month, span, calendar, today, past=past):
            return days
    return ()


def _proposed(
    month: date,
    span: tuple[int, int],
    calendar: WorkCalendar,
    today: date | None = None,
    *,
    past: bool = False,
) -> tuple[date, ...]:
    """The first, middle and last working day of a part of a month; every day counts if none is worked."""
    last = min(span[1], monthrange(month.year, month.month)[1])
    every = [month.replace(day=number) for number in range(span[0], last + 1)]
    if today is not None:
        every = [day for day in every if (day <= today if past else day >= today)]
    days = [day for day in every if calendar.is_working_day(day)] or every
    return tuple(dict.fromkeys((days[0], days[(len(days) - 1) // 2], days[-1]))) if days else ()


def _near_year(day_in: Callable[[int], date], today: date, *, past: bool) -> date:
    """The next, or last, such day."""
    day = day_in(today.year)
    if past:
        return day if day <= today else day_in(today.year - 1)
    return day if day >= today else day_in(today.year + 1)
