"""Dates and times as people type them into a field, read by fixed rules.

The words are in times.json of each language's folder; the names of months and days are CLDR's. Every language
is read whatever the app's: only an order such as 3/4 depends on it. What can mean two days is refused with
both of them. The caller shows what was understood.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from app import locales
from app.domain.constraints import EARLIEST, LATEST
from app.domain.languages import ENGLISH, FRENCH, JAPANESE, LANGUAGES

from .local_dates import first_of_date, month_names

LONGEST = 100  # characters
AHEAD = timedelta(days=275)
"""How far ahead a date without a year may lie: on 30 November, 11/29 is yesterday and 15/1 in January."""


@dataclass(frozen=True)
class TypedTime:
    """What a text says: a day, a clock time, or both. Local to whoever typed it."""

    day: date | None = None
    clock: time | None = None


class TypedTimeError(ValueError):
    """Nothing was understood for certain.

    `code`: `format`; `range` for a day or hour there is not; `ambiguous` with the `days` it can be; `weekday`
    when the weekday named is not that of the date, which is then in `days`. `clock` is the time beside it.
    """

    def __init__(self, code: str, *days: date) -> None:
        super().__init__(code)
        self.code, self.days = code, days
        self.clock: time | None = None


def read_typed(
    text: str, language: str, now: datetime, *, past: bool = False, clock_only: bool = False
) -> TypedTime:
    """The day and the time that `text` says. `now` is on the clock of whoever typed it.

    `past` looks back for a date without a year, or a weekday: for what has happened already. With
    `clock_only` digits alone are a time: "18", "1830". Raises TypedTimeError.
    """
    if not text.strip() or len(text) > LONGEST:
        raise TypedTimeError("format")
    reader = _Reader(_plain(text), language, now, past=past)
    found = reader.clock_alone() if clock_only else None
    return found or reader.read(days=not clock_only)


class _Reader:
    """Takes one part after the other out of the text; what is left over was not understood."""

    def __init__(self, text: str, language: str, now: datetime, *, past: bool) -> None:
        self._rest, self._language, self._now, self._past = text, language, now, past
        self._words = _vocabulary()
        self._today = now.date()

    def clock_alone(self) -> TypedTime | None:
        match = re.fullmatch(r"(\d{1,2})(\d{2})?", self._rest)
        if match is None:
            return None
        clock, _ = _clock(int(match[1]), int(match[2] or 0), "")
        return TypedTime(clock=clock)

    def read(self, *, days: bool) -> TypedTime:
        if days and (at := self._distance_in_time()):
            self._nothing_left()
            return TypedTime(at.date(), at.time().replace(second=0, microsecond=0))
        clock, next_day = self._take_clock()
        try:
            day = self._take_day() if days else None
        except TypedTimeError as error:
            error.clock = clock
            raise
        self._nothing_left()
        if clock is None and day is None:
            raise TypedTimeError("format")
        if next_day and day is not None:
            day = _shifted(day, 1)
        if day is not None and not EARLIEST.date() < day < LATEST.date():
            raise TypedTimeError("range")
        return TypedTime(day, clock)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.search(self._rest)
        if match:
            self._rest = f"{self._rest[: match.start()]} {self._rest[match.end() :]}".strip()
        return match

    def _nothing_left(self) -> None:
        if not self._words.between.fullmatch(self._rest):
            raise TypedTimeError("format")

    # --- time ------------------------------------------------------------------------------------------

    def _distance_in_time(self) -> datetime | None:
        for pattern, sign in self._words.time_distances:
            if match := self._take(pattern):
                minutes = int(match["n"]) * (60 if match["unit"] in self._words.hours else 1)
                return self._now + sign * timedelta(minutes=minutes)
        return None

    def _take_clock(self) -> tuple[time | None, bool]:
        """The time, and whether it is 24:00: the first of the next day."""
        half = self._take(self._words.day_half)
        match = self._take(_CLOCK_JA) or self._take(_CLOCK_H) or self._take(_CLOCK_COLON)
        match = match or self._take(_CLOCK_HALF)
        if match is None:
            if half:
                raise TypedTimeError("format")
            word = self._take(self._words.clock_word)
            if word is None:
                return None, False
            return (time(0) if word[0] in self._words.midnight else time(12)), False
        parts = match.groupdict()
        minute = 30 if parts.get("thirty") else int(parts.get("minute") or 0)
        return _clock(int(match["hour"]), minute, _half(half, parts.get("half"), self._words.morning))

    # --- days ------------------------------------------------------------------------------------------

    def _take_day(self) -> date | None:
        day = self._relative_day() or self._numbered_day()
        week = self._take(self._words.week_word)
        named = self._take(self._words.weekday)
        if named is None:
            if week:
                raise TypedTimeError("format")
            return day
        weekday = self._words.weekdays[named["weekday"]]
        if day is not None:
            if day.weekday() != weekday:
                raise TypedTimeError("weekday", day)
            return day
        return self._weekday(weekday, week[0] if week else "")

    def _relative_day(self) -> date | None:
        if match := self._take(self._words.day_word):
            return _shifted(self._today, self._words.day_words[match[0]])
        for pattern, sign in self._words.day_distances:
            if match := self._take(pattern):
                days = int(match["n"]) * (7 if match["unit"] in self._words.week_units else 1)
                return _shifted(self._today, sign * days)
        return None

    def _weekday(self, weekday: int, word: str) -> date:
        """The nearest day of that name after today, or before it; 来週 and the like count from Monday."""
        monday = self._today - timedelta(days=self._today.weekday())
        if word in self._words.weeks:
            return monday + timedelta(days=7 * self._words.weeks[word] + weekday)
        ahead = self._today + timedelta(days=(weekday - self._today.weekday() - 1) % 7 + 1)
        back = self._today - timedelta(days=(self._today.weekday() - weekday - 1) % 7 + 1)
        if word in self._words.next and self._language == ENGLISH:
            following = monday + timedelta(days=7 + weekday)
            if following != ahead:
                raise TypedTimeError("ambiguous", ahead, following)
        if word in self._words.last or (self._past and not word):
            return back
        return ahead

    def _numbered_day(self) -> date | None:
        for pattern, read in _forms():
            if match := self._take(pattern):
                return read(self, match)
        return None

    def era(self, match: re.Match[str]) -> date:
        year = 1 if match["year"] == "元" else int(match["year"])
        return _day(_ERAS[match["era"]] + year, int(match["month"]), int(match["day"]))

    def year_first(self, match: re.Match[str]) -> date:
        return _day(int(match["year"]), int(match["month"]), int(match["day"]))

    def named_month(self, match: re.Match[str]) -> date:
        month, number = self._words.months[match["name"]], int(match["day"])
        if match["name"] == "mar" and self._language == FRENCH:
            raise TypedTimeError("format")  # mardi as much as mars
        if match["year"]:
            return _day(_four_digits(match["year"]), month, number)
        return self._nearest(month, number)

    def month_and_day(self, match: re.Match[str]) -> date:
        return self._nearest(int(match["month"]), int(match["day"]))

    def day_of_month(self, match: re.Match[str]) -> date:
        """The nearest day of that number, ahead of today or before it."""
        number = int(match["day"])
        if not 1 <= number <= 31:
            raise TypedTimeError("range")
        day = self._today
        for _ in range(62):
            if day.day == number:
                return day
            day += timedelta(days=-1 if self._past else 1)
        raise TypedTimeError("range")

    def numbers(self, match: re.Match[str]) -> date:
        first, second, third = match["first"], match["second"], match["third"]
        if third and self._language == JAPANESE and len(third) < 4:
            return _day(2000 + int(first), int(second), int(third))
        if third and len(third) == 1:
            raise TypedTimeError("format")
        year = _four_digits(third) if third else None
        days = [
            day
            for month, number in ((int(second), int(first)), (int(first), int(second)))
            if (day := self._possible(year, month, number))
        ]
        if not days:
            raise TypedTimeError("range")
        if len(set(days)) == 1:
            return days[0]
        order = first_of_date(self._language)
        if not order:
            raise TypedTimeError("ambiguous", *days)
        return days[0] if order == "day" else days[1]

    def _possible(self, year: int | None, month: int, number: int) -> date | None:
        try:
            return _day(year, month, number) if year else self._nearest(month, number)
        except TypedTimeError:
            return None

    def _nearest(self, month: int, number: int) -> date:
        """In the year that brings it nearest to today, with more room on the side that is looked for."""
        latest = self._today + (timedelta(days=366) - AHEAD if self._past else AHEAD)
        usual = latest.year if (latest.month, latest.day) >= (month, number) else latest.year - 1
        step = -1 if self._past else 1
        for year in range(usual, usual + 9 * step, step):  # 29 February: not in every year
            try:
                return date(year, month, number)
            except ValueError:
                continue
        raise TypedTimeError("range")


def _clock(hour: int, minute: int, half: str) -> tuple[time, bool]:
    if half:
        if not 0 <= hour <= 12:
            raise TypedTimeError("range")
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour == 24 and minute == 0:
        return time(0), True
    if hour > 23 or minute > 59:
        raise TypedTimeError("range")
    return time(hour, minute), False


def _half(word: re.Match[str] | None, suffix: str | None, morning: Collection[str]) -> str:
    if word and suffix:
        raise TypedTimeError("format")
    said = (word[0] if word else suffix or "").strip()
    if not said:
        return ""
    return "a" if said[0] == "a" or said in morning else "p"


def _day(year: int, month: int, number: int) -> date:
    try:
        return date(year, month, number)
    except ValueError as error:
        raise TypedTimeError("range") from error


def _shifted(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError as error:
        raise TypedTimeError("range") from error


def _four_digits(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _plain(text: str) -> str:
    """One width, small letters, no accents, no brackets, single spaces."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"[()\[\]「」、。]|[’']", " ", text)
    text = "".join(
        letter for letter in unicodedata.normalize("NFD", text) if not "\u0300" <= letter < "\u0370"
    )
    return " ".join(unicodedata.normalize("NFC", text).replace("〜", " ").split())


_ERAS = {"令和": 2018, "平成": 1988, "r": 2018, "h": 1988}  # the year before the first
_EDGE = r"(?<![\d/.:-])"
_CLOCK_JA = re.compile(_EDGE + r"(?P<hour>\d{1,2}) ?時(?!間)(?: ?(?P<minute>\d{1,2}) ?分?|(?P<thirty>半))?")
_CLOCK_H = re.compile(
    _EDGE + r"(?P<hour>\d{1,2}) ?(?:h|heures?)(?![a-z])(?: ?(?P<minute>\d{2})(?: ?(?:min|m))?)?"
)
_CLOCK_COLON = re.compile(
    _EDGE + r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})? ?(?P<half>[ap]\.? ?m(?:\.|(?![a-z])))?(?![\d:])"
)
_CLOCK_HALF = re.compile(
    _EDGE + r"(?P<hour>\d{1,2})(?:[.:](?P<minute>\d{2}))? ?(?P<half>[ap]\.? ?m(?:\.|(?![a-z])))"
)

_N = r"(?P<n>\d{1,4})"


@dataclass(frozen=True)
class _Vocabulary:
    """The words of all languages, as `_plain` writes them, and what finds them in a text."""

    months: Mapping[str, int]
    weekdays: Mapping[str, int]  # whole or short; 0 = Monday
    weekday: re.Pattern[str]
    day_words: Mapping[str, int]  # days from today
    day_word: re.Pattern[str]
    weeks: Mapping[str, int]  # weeks from this one
    next: Collection[str]
    last: Collection[str]
    week_word: re.Pattern[str]
    week_units: Collection[str]
    day_distances: Sequence[tuple[re.Pattern[str], int]]  # each with its direction
    hours: Collection[str]
    time_distances: Sequence[tuple[re.Pattern[str], int]]
    midnight: Collection[str]
    clock_word: re.Pattern[str]
    morning: Collection[str]
    day_half: re.Pattern[str]
    between: re.Pattern[str]  # what may be left over


@cache
def _vocabulary() -> _Vocabulary:
    tables = [locales.own_table(language, "times.json") for language in LANGUAGES]

    def told(name: str) -> frozenset[str]:
        return frozenset(_plain(word) for table in tables for word in table.get(name, ()))

    def numbered(name: str) -> dict[str, int]:
        return {
            _plain(word): int(number)
            for table in tables
            for number, words in table.get(name, {}).items()
            for word in words
        }

    weekdays, days, weeks = _weekdays(tables), numbered("days"), numbered("weeks")
    this, following, last = told("this"), told("next"), told("last")
    noon, midnight, morning = told("noon"), told("midnight"), told("morning")
    return _Vocabulary(
        months=_months(tables),
        weekdays=weekdays,
        weekday=re.compile(rf"(?P<weekday>{_words(*weekdays)})\.?"),
        day_words=days,
        day_word=re.compile(_words(*days)),
        weeks=weeks,
        next=following,
        last=last,
        week_word=re.compile(_words(*weeks, *this, *following, *last)),
        week_units=told("week") | {"週", "週間"},
        day_distances=_distances(told, ("day", "week"), "日間?|週間?"),
        hours=told("hour") | {"時間"},
        time_distances=_distances(told, ("hour", "minute"), "時間|分"),
        midnight=midnight,
        clock_word=re.compile(_words(*noon, *midnight)),
        morning=morning,
        day_half=re.compile(_words(*morning, *told("afternoon"))),
        between=re.compile(rf"(?:{_words(*told('links'))}|[にのはまでへ,・.\s-])*"),
    )


def _distances(
    told: Callable[[str], Collection[str]], units: Iterable[str], japanese: str
) -> list[tuple[re.Pattern[str], int]]:
    """ "in 3 days", « il y a 3 jours », "3 days ago", 3日後, 3日前."""
    unit = rf"(?P<unit>{_any(word for name in units for word in told(name))})(?![a-z])"
    return [
        (re.compile(rf"(?<![a-z])(?:{_any(told('in'))}) {_N} ?{unit}"), 1),
        (re.compile(rf"(?<![a-z])(?:{_any(told('ago_before'))}) {_N} ?{unit}"), -1),
        (re.compile(rf"(?<!\d){_N} ?{unit} (?:{_any(told('ago_after'))})(?![a-z])"), -1),
        (re.compile(rf"(?<!\d){_N} ?(?P<unit>{japanese})後"), 1),
        (re.compile(rf"(?<!\d){_N} ?(?P<unit>{japanese})前"), -1),
    ]


def _any(words: Iterable[str]) -> str:
    """Any of these, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def _words(*words: str) -> str:
    """Any of these, not inside another word of Latin letters."""
    return rf"(?<![a-z])(?:{_any(words)})(?![a-z])"


def _months(tables: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """A name that is a number is not one of these: 1月."""
    return month_names(_plain) | {
        _plain(name): number for table in tables for name, number in table.get("months", {}).items()
    }


def _weekdays(tables: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """By name, whole or short. A lone Japanese character is one too: 金 stands in brackets behind a date."""
    from babel.dates import get_day_names

    names: dict[str, int] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in get_day_names(width, locale=language).items():
                names.setdefault(_plain(name).rstrip("."), number)
    names |= {_plain(name): number for table in tables for name, number in table.get("weekdays", {}).items()}
    return names | {f"{name}曜": number for name, number in names.items() if len(name) == 1}


@cache
def _forms() -> tuple[tuple[re.Pattern[str], Callable[[_Reader, re.Match[str]], date]], ...]:
    name = rf"(?P<name>{_words(*_vocabulary().months)})\.?"
    day = r"(?P<day>\d{1,2})(?:er|st|nd|rd|th|e)?(?![\d:])"
    year = r"(?:,? ?-?(?P<year>\d{4})(?![\d:]))?"
    return (
        (
            re.compile(
                r"(?<![a-z])(?P<era>令和|平成|[rh])(?P<year>\d{1,2}|元)[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
            ),
            _Reader.era,
        ),
        (
            re.compile(
                r"(?<!\d)(?P<year>\d{4}) ?[-/.年] ?(?P<month>\d{1,2}) ?[-/.月] ?(?P<day>\d{1,2})(?!\d)日?t?"
            ),
            _Reader.year_first,
        ),
        (re.compile(rf"(?<!\d){day}[ -]?(?:of )?{name}{year}"), _Reader.named_month),
        (re.compile(rf"{name} ?{day}{year}"), _Reader.named_month),
        (re.compile(r"(?<!\d)(?P<month>\d{1,2}) ?月 ?(?P<day>\d{1,2}) ?日?(?!\d)"), _Reader.month_and_day),
        (
            re.compile(
                r"(?<![\d/.-])(?P<first>\d{1,2}) ?([/.-]) ?(?P<second>\d{1,2})"
                r"(?: ?\2 ?(?P<third>\d{4}|\d{1,2}))?(?![\d/-])\.?"
            ),
            _Reader.numbers,
        ),
        (re.compile(r"(?<!\d)(?P<day>\d{1,2}) ?日(?![間後前])"), _Reader.day_of_month),
        (
            re.compile(r"(?<![a-z])(?:the|le) (?P<day>\d{1,2})(?:er|st|nd|rd|th)?(?![\w/])"),
            _Reader.day_of_month,
        ),
    )
