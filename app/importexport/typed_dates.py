"""Parses typed dates with a number in them: 12月4日, 30/11, 1er déc., 令和8年12月4日, "le 30"."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache

from app.domain.languages import FRENCH, JAPANESE
from app.importexport import typed_words as words
from app.importexport.local_dates import first_of_date

AHEAD = timedelta(days=275)
"""How far ahead dates without a year may be: on 30 November, 11/29 is yesterday, and 15/1 is in January."""


class TypedTimeError(ValueError):
    """The text was not understood with certainty.

    `code`: `format`; `range` for a day or hour that does not exist; `ambiguous` with the possible `days`;
    `vague` for a word that is no definite day; `weekday` if the weekday does not match the date, which is in
    `days`. `clock` is the time in the text, if any.
    """

    def __init__(self, code: str, *days: date) -> None:
        super().__init__(code)
        self.code, self.days = code, days
        self.clock: time | None = None


@dataclass(frozen=True)
class WrittenBy:
    """Context of a typed date: its language, the current day, and whether it is in the past."""

    language: str
    today: date
    past: bool


def find_date(text: str, by: WrittenBy) -> tuple[re.Match[str], date] | None:
    """The first date of a usual form. Raises TypedTimeError for one that is none, or may be two."""
    for pattern, read in _forms():
        if match := pattern.search(text):
            return match, read(by, match)
    return None


def _era(_by: WrittenBy, match: re.Match[str]) -> date:
    year = 1 if match["year"] == "元" else int(match["year"])
    return _day(words.ERAS[match["era"]] + year, int(match["month"]), int(match["day"]))


def _year_first(_by: WrittenBy, match: re.Match[str]) -> date:
    return _day(int(match["year"]), int(match["month"]), int(match["day"]))


def _named_month(by: WrittenBy, match: re.Match[str]) -> date:
    month, number = words.months()[match["name"]], int(match["day"])
    if match["name"] == "mar" and by.language == FRENCH:
        raise TypedTimeError("format")  # mardi as much as mars
    if match["year"]:
        return _day(_four_digits(match["year"]), month, number)
    return _nearest(by, month, number)


def _month_and_day(by: WrittenBy, match: re.Match[str]) -> date:
    return _nearest(by, int(match["month"]), int(match["day"]))


def _day_of_month(by: WrittenBy, match: re.Match[str]) -> date:
    """The nearest day with that number, after today or before it."""
    number = int(match["day"])
    if not 1 <= number <= 31:
        raise TypedTimeError("range")
    day = by.today
    for _ in range(62):
        if day.day == number:
            return day
        day += timedelta(days=-1 if by.past else 1)
    raise TypedTimeError("range")


def _numbers(by: WrittenBy, match: re.Match[str]) -> date:
    first, second, third = match["first"], match["second"], match["third"]
    if third and by.language == JAPANESE and len(third) < 4:
        return _day(2000 + int(first), int(second), int(third))
    if third and len(third) == 1:
        raise TypedTimeError("format")
    year = _four_digits(third) if third else None
    days = [
        day
        for month, number in ((int(second), int(first)), (int(first), int(second)))
        if (day := _possible(by, year, month, number))
    ]
    if not days:
        raise TypedTimeError("range")
    if len(set(days)) == 1:
        return days[0]
    order = first_of_date(by.language)
    if not order:
        raise TypedTimeError("ambiguous", *days)
    return days[0] if order == "day" else days[1]


def _possible(by: WrittenBy, year: int | None, month: int, number: int) -> date | None:
    try:
        return _day(year, month, number) if year else _nearest(by, month, number)
    except TypedTimeError:
        return None


def _nearest(by: WrittenBy, month: int, number: int) -> date:
    """The date in the year that makes it nearest to today, with more range in the expected direction."""
    latest = by.today + (timedelta(days=366) - AHEAD if by.past else AHEAD)
    usual = latest.year if (latest.month, latest.day) >= (month, number) else latest.year - 1
    step = -1 if by.past else 1
    for year in range(usual, usual + 9 * step, step):  # 29 February does not exist in every year
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise TypedTimeError("range")


def _day(year: int, month: int, number: int) -> date:
    try:
        return date(year, month, number)
    except ValueError as error:
        raise TypedTimeError("range") from error


def _four_digits(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


@cache
def _forms() -> tuple[tuple[re.Pattern[str], Callable[[WrittenBy, re.Match[str]], date]], ...]:
    name = rf"(?P<name>{words.any_of(*words.months())})\.?"
    day = r"(?P<day>\d{1,2})(?:er|st|nd|rd|th|e)?(?![\d:])"
    year = r"(?:,? ?-?(?P<year>\d{4})(?![\d:]))?"
    return (
        (
            re.compile(
                r"(?<![a-z])(?P<era>令和|平成|[rh])(?P<year>\d{1,2}|元)[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
            ),
            _era,
        ),
        (
            re.compile(
                r"(?<!\d)(?P<year>\d{4}) ?[-/.年] ?(?P<month>\d{1,2}) ?[-/.月] ?(?P<day>\d{1,2})(?!\d)日?t?"
            ),
            _year_first,
        ),
        (re.compile(rf"(?<!\d){day}[ -]?(?:of )?{name}{year}"), _named_month),
        (re.compile(rf"{name} ?{day}{year}"), _named_month),
        (re.compile(r"(?<!\d)(?P<month>\d{1,2}) ?月 ?(?P<day>\d{1,2}) ?日?(?!\d)"), _month_and_day),
        (
            re.compile(
                r"(?<![\d/.-])(?P<first>\d{1,2}) ?([/.-]) ?(?P<second>\d{1,2})"
                r"(?: ?\2 ?(?P<third>\d{4}|\d{1,2}))?(?![\d/-])\.?"
            ),
            _numbers,
        ),
        (re.compile(r"(?<!\d)(?P<day>\d{1,2}) ?日(?![間後前])"), _day_of_month),
        (
            re.compile(r"(?<![a-z])(?:the|le) (?P<day>\d{1,2})(?:er|st|nd|rd|th)?(?![\w/])"),
            _day_of_month,
        ),
    )
