"""Dates and times as people type them into a field, in English, French and Japanese, read by fixed rules.

Every language is read whatever the app's: only an order such as 3/4 depends on it. What can mean two days is
refused with both of them. The caller shows what was understood.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from app.domain.constraints import EARLIEST, LATEST

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
        if not _BETWEEN.fullmatch(self._rest):
            raise TypedTimeError("format")

    # --- time ------------------------------------------------------------------------------------------

    def _distance_in_time(self) -> datetime | None:
        for pattern, sign in _TIME_DISTANCES:
            if match := self._take(pattern):
                minutes = int(match["n"]) * (60 if _HOUR_WORD.fullmatch(match["unit"]) else 1)
                return self._now + sign * timedelta(minutes=minutes)
        return None

    def _take_clock(self) -> tuple[time | None, bool]:
        """The time, and whether it is 24:00: the first of the next day."""
        half = self._take(_DAY_HALF)
        match = self._take(_CLOCK_JA) or self._take(_CLOCK_H) or self._take(_CLOCK_COLON)
        match = match or self._take(_CLOCK_HALF)
        if match is None:
            if half:
                raise TypedTimeError("format")
            word = self._take(_CLOCK_WORD)
            if word is None:
                return None, False
            return (time(0) if word[0] in _MIDNIGHT else time(12)), False
        parts = match.groupdict()
        minute = 30 if parts.get("thirty") else int(parts.get("minute") or 0)
        return _clock(int(match["hour"]), minute, _half(half, parts.get("half")))

    # --- days ------------------------------------------------------------------------------------------

    def _take_day(self) -> date | None:
        day = self._relative_day() or self._numbered_day()
        week = self._take(_WEEK_WORD)
        named = self._take(_weekday_pattern())
        if named is None:
            if week:
                raise TypedTimeError("format")
            return day
        weekday = _weekdays()[named["weekday"]]
        if day is not None:
            if day.weekday() != weekday:
                raise TypedTimeError("weekday", day)
            return day
        return self._weekday(weekday, week[0] if week else "")

    def _relative_day(self) -> date | None:
        if match := self._take(_DAY_WORD):
            return _shifted(self._today, _DAY_WORDS[match[0]])
        for pattern, sign in _DAY_DISTANCES:
            if match := self._take(pattern):
                days = int(match["n"]) * (7 if _WEEK_UNIT.fullmatch(match["unit"]) else 1)
                return _shifted(self._today, sign * days)
        return None

    def _weekday(self, weekday: int, word: str) -> date:
        """The nearest day of that name after today, or before it; 来週 and the like count from Monday."""
        monday = self._today - timedelta(days=self._today.weekday())
        if word in _WEEKS:
            return monday + timedelta(days=7 * _WEEKS[word] + weekday)
        ahead = self._today + timedelta(days=(weekday - self._today.weekday() - 1) % 7 + 1)
        back = self._today - timedelta(days=(self._today.weekday() - weekday - 1) % 7 + 1)
        if word in _NEXT and self._language == "en":
            following = monday + timedelta(days=7 + weekday)
            if following != ahead:
                raise TypedTimeError("ambiguous", ahead, following)
        if word in _LAST or (self._past and not word):
            return back
        return ahead

    def _numbered_day(self) -> date | None:
        for pattern, read in _FORMS:
            if match := self._take(pattern):
                return read(self, match)
        return None

    def era(self, match: re.Match[str]) -> date:
        year = 1 if match["year"] == "元" else int(match["year"])
        return _day(_ERAS[match["era"]] + year, int(match["month"]), int(match["day"]))

    def year_first(self, match: re.Match[str]) -> date:
        return _day(int(match["year"]), int(match["month"]), int(match["day"]))

    def named_month(self, match: re.Match[str]) -> date:
        month, number = _months()[match["name"]], int(match["day"])
        if match["name"] == "mar" and self._language == "fr":
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
        if third and self._language == "ja" and len(third) < 4:
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
        if self._language == "en":
            raise TypedTimeError("ambiguous", *days)
        return days[0] if self._language == "fr" else days[1]

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


def _half(word: re.Match[str] | None, suffix: str | None) -> str:
    if word and suffix:
        raise TypedTimeError("format")
    said = (word[0] if word else suffix or "").strip()
    if not said:
        return ""
    return "a" if said[0] == "a" or said in _MORNING else "p"


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


def _words(*words: str) -> str:
    """Any of these, the longest first; not inside another word of Latin letters."""
    inner = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return rf"(?<![a-z])(?:{inner})(?![a-z])"


@cache
def _months() -> dict[str, int]:
    from babel.dates import get_month_names

    return {
        _plain(name).rstrip("."): number
        for language in ("en", "fr")
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, locale=language).items()
    } | {"sept": 9, "dec": 12}


@cache
def _weekdays() -> dict[str, int]:
    """By name, whole or short. A lone Japanese character is one too: 金 stands in brackets behind a date."""
    from babel.dates import get_day_names

    names = {
        _plain(name).rstrip("."): number
        for language in ("en", "fr", "ja")
        for width in ("wide", "abbreviated")
        for number, name in get_day_names(width, locale=language).items()
    }
    names |= {"tues": 1, "thur": 3, "thurs": 3}
    return names | {f"{name}曜": number for name, number in names.items() if len(name) == 1}


@cache
def _weekday_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?P<weekday>{_words(*_weekdays())})\.?")


_ERAS = {"令和": 2018, "平成": 1988, "r": 2018, "h": 1988}  # the year before the first
_MORNING = frozenset({"午前", "朝", "du matin"})
_MIDNIGHT = frozenset({"midnight", "minuit", "真夜中"})
_DAY_HALF = re.compile(r"午前|午後|夕方|朝|夜|du matin|du soir|de l apres-midi")
_CLOCK_WORD = re.compile("正午|真夜中|" + _words("noon", "midday", "midi", "midnight", "minuit"))
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

_DAY_WORDS = {
    **dict.fromkeys(("today", "aujourd hui", "今日", "本日", "きょう"), 0),
    **dict.fromkeys(("tomorrow", "demain", "明日", "あした", "あす", "翌日"), 1),
    **dict.fromkeys(("day after tomorrow", "apres-demain", "apres demain", "明後日", "あさって"), 2),
    **dict.fromkeys(("yesterday", "hier", "昨日", "きのう"), -1),
    **dict.fromkeys(("day before yesterday", "avant-hier", "avant hier", "一昨日", "おととい"), -2),
}
_DAY_WORD = re.compile(_words(*_DAY_WORDS))
_N = r"(?P<n>\d{1,4})"
_DAYS = r"(?P<unit>days?|weeks?|jours?|semaines?|j)(?![a-z])"
_WEEK_UNIT = re.compile("weeks?|semaines?|週間?")
_DAY_DISTANCES = (
    (re.compile(rf"(?<![a-z])(?:in|dans) {_N} ?{_DAYS}"), 1),
    (re.compile(rf"(?<![a-z])il y a {_N} ?{_DAYS}"), -1),
    (re.compile(rf"(?<!\d){_N} ?{_DAYS} ago(?![a-z])"), -1),
    (re.compile(rf"(?<!\d){_N} ?(?P<unit>日間?|週間?)後"), 1),
    (re.compile(rf"(?<!\d){_N} ?(?P<unit>日間?|週間?)前"), -1),
)
_TIMES = r"(?P<unit>hours?|minutes?|heures?|min|h)(?![a-z])"
_HOUR_WORD = re.compile("hours?|heures?|h|時間")
_TIME_DISTANCES = (
    (re.compile(rf"(?<![a-z])(?:in|dans) {_N} ?{_TIMES}"), 1),
    (re.compile(rf"(?<![a-z])il y a {_N} ?{_TIMES}"), -1),
    (re.compile(rf"(?<!\d){_N} ?{_TIMES} ago(?![a-z])"), -1),
    (re.compile(rf"(?<!\d){_N} ?(?P<unit>時間|分)後"), 1),
    (re.compile(rf"(?<!\d){_N} ?(?P<unit>時間|分)前"), -1),
)

_WEEKS = {"今週": 0, "来週": 1, "再来週": 2, "先週": -1}
_NEXT = frozenset({"next", "prochain", "prochaine"})
_LAST = frozenset({"last", "dernier", "derniere"})
_WEEK_WORD = re.compile(
    "再来週|今週|来週|先週|" + _words(*_NEXT, *_LAST, "this", "ce", "cette"),
)
_LINKS = _words("at", "on", "the", "by", "of", "a", "le", "la", "du", "de", "pour", "et")
_BETWEEN = re.compile(rf"(?:{_LINKS}|[にのはまでへ,・.\s-])*")


def _forms() -> tuple[tuple[re.Pattern[str], Callable[[_Reader, re.Match[str]], date]], ...]:
    name = rf"(?P<name>{_words(*_months())})\.?"
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


_FORMS = _forms()
