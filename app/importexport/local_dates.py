"""Days and hours as people write them in files, in any of the app's languages. Nothing is guessed."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from functools import cache

from app.domain.constraints import EARLIEST, LATEST
from app.domain.errors import DomainError
from app.domain.hours import WorkCalendar
from app.domain.languages import ENGLISH, LANGUAGES
from app.steps import Progress, Steps

DAY_START, DAY_END = time(9), time(18)
LONGEST = 100  # maximum characters of a date or duration

_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988}  # the year before the first year of each era

_TIME = (
    r"(?:[t ]*(?P<hour>\d{1,2})(?:[:h時](?P<minute>\d{2})?分?)(?::\d{2}(?:\.\d+)?)? ?(?P<half>[ap]\.?m\.?)?)?"
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?" + _TIME)
_ERA = re.compile(
    r"(?P<era>令和|平成|[rh])(?P<year>\d{1,2}|元)[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?" + _TIME
)
_YEAR_LAST = re.compile(r"(?P<first>\d{1,2})([-/.])(?P<second>\d{1,2})\2(?P<year>\d{4})" + _TIME)
_DAY_MONTH = re.compile(
    r"(?P<day>\d{1,2})(?:er|st|nd|rd|th)?\.? (?P<name>[^\W\d_]+)\.?,? (?P<year>\d{4})" + _TIME
)
_MONTH_DAY = re.compile(r"(?P<name>[^\W\d_]+)\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})" + _TIME)


def end_of_day(day: date, calendar: WorkCalendar) -> datetime:
    """When the user stops working on that day, or 18:00 on a day off. Raises DomainError `range`."""
    if not EARLIEST.date() <= day < LATEST.date():
        raise DomainError("range")
    if calendar.is_working_day(day):
        return calendar.closing(day)
    return datetime.combine(day, DAY_END, calendar.zone).astimezone(UTC)


def start_of_day(day: date, calendar: WorkCalendar) -> datetime:
    """When the user starts working on that day, or 9:00 on a day off. Raises DomainError `range`."""
    if not EARLIEST.date() <= day < LATEST.date():
        raise DomainError("range")
    if calendar.is_working_day(day):
        return calendar.opening(day)
    return datetime.combine(day, DAY_START, calendar.zone).astimezone(UTC)


def day_first_of(texts: Iterable[str], language: str) -> Steps[bool | None]:
    """Whether "3/4/2026" is 3 April, judging from the file's other dates, or from the language.

    None if it remains ambiguous, as it does in English.
    """
    firsts, seconds = set(), set()
    for text in texts:
        match = _YEAR_LAST.fullmatch(_plain(text))
        if match:
            firsts.add(int(match["first"]) > 12)
            seconds.add(int(match["second"]) > 12)
        yield Progress(0, 0)
    if True in firsts and True not in seconds:
        return True
    if True in seconds and True not in firsts:
        return False
    return True if first_of_date(language) == "day" else None


def parse_moment(text: str, day_first: bool | None, calendar: WorkCalendar) -> datetime | date:
    """Parse an instant, or a day if there is no time; times without a zone are local.

    Raises DomainError: `ambiguous_date` if day and month may be swapped, `range` for a day that does not
    exist, otherwise `format`.
    """
    plain = _plain(text)
    try:
        zoned = datetime.fromisoformat(plain.upper())
    except ValueError:
        zoned = None
    if zoned is not None and zoned.tzinfo is not None:
        return _within(zoned.astimezone(UTC))
    match = next(
        (
            found
            for form in (_YEAR_FIRST, _ERA, _YEAR_LAST, _DAY_MONTH, _MONTH_DAY)
            if (found := form.fullmatch(plain))
        ),
        None,
    )
    if match is None:
        raise DomainError("format")
    year, month, day = _parts(match.groupdict(), day_first)
    try:
        found_day = date(year, month, day)
    except ValueError as error:
        raise DomainError("range") from error
    if match["hour"] is None:
        return found_day
    local = datetime.combine(found_day, _clock(match.groupdict()), calendar.zone)
    return _within(local.astimezone(UTC))


def parse_hours(text: str) -> int:
    """Parse a duration in minutes: "1.5", "1,5 h", "1:30", "1h30", "1時間半", "90 min".

    Raises DomainError `format`.
    """
    plain = _plain(text)
    if match := re.fullmatch(r"(\d{1,6})(?:[.,](\d{1,4}))? ?(?:h|hours?|heures?|時間)?", plain):
        return round(float(f"{match[1]}.{match[2] or 0}") * 60)
    if match := re.fullmatch(r"(\d{1,6}) ?(?:h|:|時間) ?([0-5]?\d) ?(?:min|m|分)?", plain):
        return int(match[1]) * 60 + int(match[2])
    if match := re.fullmatch(r"(\d{1,6}) ?(?:時間半|h(?:eures?)? et demie)", plain):
        return int(match[1]) * 60 + 30
    if match := re.fullmatch(r"(\d{1,7}) ?(?:min|minutes?|分)", plain):
        return int(match[1])
    raise DomainError("format")


def _parts(found: dict[str, str | None], day_first: bool | None) -> tuple[int, int, int]:
    """(year, month, day)."""
    written = found.get("year") or ""
    if found.get("era"):
        return _ERAS[found["era"] or ""] + (1 if written == "元" else int(written)), *_numbers(found)
    if found.get("name"):
        month = _months().get(found["name"] or "")
        if month is None:
            raise DomainError("format")
        return int(written), month, int(found["day"] or 0)
    if found.get("first"):
        first, second = int(found["first"] or 0), int(found["second"] or 0)
        if day_first is None and first != second and max(first, second) <= 12:
            raise DomainError("ambiguous_date")
        swapped = first > 12 if day_first is None else day_first
        return (int(written), second, first) if swapped else (int(written), first, second)
    return int(written), *_numbers(found)


def _numbers(found: dict[str, str | None]) -> tuple[int, int]:
    return int(found["month"] or 0), int(found["day"] or 0)


def _clock(found: dict[str, str | None]) -> time:
    hour, minute = int(found["hour"] or 0), int(found["minute"] or 0)
    half = (found["half"] or "")[:1]
    if half and not 1 <= hour <= 12:
        raise DomainError("range")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        raise DomainError("range")
    return time(hour, minute)


def _within(at: datetime) -> datetime:
    if not EARLIEST <= at <= LATEST:
        raise DomainError("range")
    return at


@cache
def first_of_date(language: str) -> str:
    """What stands first in a date of numbers: `day` or `year`; empty where people write it either way."""
    from babel import Locale

    if language == ENGLISH:
        return ""  # 3/4 is in April in Britain, in March in the United States
    pattern = Locale.parse(language).date_formats["short"].pattern
    return {"d": "day", "y": "year"}.get(pattern.lstrip("'")[:1], "")


def month_names(plain: Callable[[str], str]) -> dict[str, int]:
    """By name in any language, whole or short, each as `plain` writes it.

    A name of two months is that of the language listed first.
    """
    from babel.dates import get_month_names

    names: dict[str, int] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in get_month_names(width, locale=language).items():
                if not any(map(str.isdigit, name)):  # 1月
                    names.setdefault(plain(name).rstrip("."), number)
    return names


@cache
def _months() -> dict[str, int]:
    return month_names(_plain)


def _plain(text: str) -> str:
    """Normalise width, case, accents and spaces, and drop brackets; empty if the text is too long."""
    if len(text) > LONGEST:
        return ""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"\([^)]*\)", " ", text)
    text = "".join(
        letter for letter in unicodedata.normalize("NFD", text) if not "\u0300" <= letter < "\u0370"
    )
    return " ".join(text.split())
