"""The words of typed times in all languages, and the patterns that find them in a text that `plain` spelled.

The words are in times.json of each language's folder; the names of months and days are CLDR's. What Japanese
writes with no space between (3日後, 18時半, 今日中) is grammar, and is here.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from app import locales
from app.domain.languages import LANGUAGES
from app.importexport.local_dates import month_names

# --- spelling ------------------------------------------------------------------------------------------


def folded(text: str) -> str:
    """One width, small letters, no accents, no brackets, single spaces."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"[()\[\]「」、。]|[’']", " ", text)
    text = "".join(
        letter for letter in unicodedata.normalize("NFD", text) if not "\u0300" <= letter < "\u0370"
    )
    return " ".join(unicodedata.normalize("NFC", text).replace("〜", " ").split())


def plain(text: str) -> str:
    """As `folded`, and numerals in digits before a unit."""
    numerals = _numerals()
    text = numerals.spelled.sub(lambda match: numerals.spellings[match[0]], folded(text))
    text = numerals.numeral.sub(lambda match: numerals.values[match[0]], text)
    return _KANJI_NUMERAL.sub(lambda match: str(_kanji_number(match[0])), text)


def any_of(*words: str) -> str:
    """Any of these, the longest first; not inside another word of Latin letters. No match without words."""
    inner = "|".join(map(re.escape, longest_first(words)))
    return rf"(?<![a-z])(?:{inner})(?![a-z])" if words else "(?!)"


def any_phrase(*phrases: str) -> str:
    """As `any_of`, but a phrase that is not in Latin letters may stand right beside some: 18h夜."""
    return "|".join(
        ("(?<![a-z])" if re.match("[a-z]", phrase) else "")
        + re.escape(phrase)
        + ("(?![a-z])" if re.search("[a-z]$", phrase) else "")
        for phrase in longest_first(phrases)
    )


def longest_first(words: Iterable[str]) -> list[str]:
    """A phrase before those that it holds."""
    return sorted(words, key=lambda word: (-len(word), word))


# --- tables --------------------------------------------------------------------------------------------


@cache
def tables() -> tuple[Mapping[str, Any], ...]:
    """What times.json says in each language; an empty table where a language has none."""
    return tuple(locales.own_table(language, "times.json") for language in LANGUAGES)


@cache
def told(name: str) -> frozenset[str]:
    """The words of a list, in all languages, as `folded` spells them."""
    return frozenset(folded(word) for table in tables() for word in table.get(name, ()))


@cache
def numbered(name: str) -> Mapping[str, int]:
    """The numbers of the words of a table such as `days`: {"1": ["tomorrow"]} is {"tomorrow": 1}."""
    return {
        folded(word): int(number)
        for table in tables()
        for number, words in table.get(name, {}).items()
        for word in words
    }


@cache
def keys_of(name: str) -> frozenset[str]:
    """The keys of a table in times.json, such as the days of `named_days`, in all languages."""
    return frozenset(key for table in tables() for key in table.get(name, {}))


@cache
def words_of(name: str, key: str) -> frozenset[str]:
    """The words that a table in times.json has under a key, in all languages."""
    return frozenset(folded(word) for table in tables() for word in table.get(name, {}).get(key, ()))


@cache
def months() -> Mapping[str, int]:
    return month_names(folded) | _names("months")


@cache
def weekdays() -> Mapping[str, int]:
    """By name, whole or short. A lone Japanese character is one too: 金 stands in brackets behind a date."""
    from babel.dates import get_day_names

    names: dict[str, int] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in get_day_names(width, locale=language).items():
                names.setdefault(folded(name).rstrip("."), number)
    names |= _names("weekdays")
    return names | {f"{name}曜": number for name, number in names.items() if len(name) == 1}


def _names(kind: str) -> dict[str, int]:
    """Names that CLDR does not have."""
    return {folded(name): number for table in tables() for name, number in table.get(kind, {}).items()}


# --- numerals ------------------------------------------------------------------------------------------

_UNITS = ("day", "week", "month", "hour", "minute", "working_day", "working_hour")
_KANJI_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")}
_KANJI_NUMERAL = re.compile("[〇一二三四五六七八九十]{1,3}(?=[年月日時分週か]|ヶ月|営業日)")


@dataclass(frozen=True)
class _Numerals:
    values: Mapping[str, str]  # in digits
    numeral: re.Pattern[str]
    spellings: Mapping[str, str]  # "a fortnight" is "2 weeks"
    spelled: re.Pattern[str]


@cache
def _numerals() -> _Numerals:
    values = {word: str(number) for word, number in numbered("numbers").items()}
    spellings = {word: key for key in keys_of("spelled") for word in words_of("spelled", key)}
    units = (word for name in _UNITS for word in told(name) if len(word) > 1)
    return _Numerals(
        values,
        re.compile(rf"{any_of(*values)}(?= {any_of(*units)})"),
        spellings,
        re.compile(any_of(*spellings)),
    )


def _kanji_number(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int("".join(str(_KANJI_DIGITS[digit]) for digit in text))
    return 10 * (_KANJI_DIGITS.get(tens, 1)) + _KANJI_DIGITS.get(ones, 0)


# --- times of the clock --------------------------------------------------------------------------------

ERAS = {"令和": 2018, "平成": 1988, "r": 2018, "h": 1988}  # the year before the first
_EDGE = r"(?<![\d/.:-])"
CLOCK_JA = re.compile(_EDGE + r"(?P<hour>\d{1,2}) ?時(?!間)(?: ?(?P<minute>\d{1,2}) ?分?|(?P<thirty>半))?")
CLOCK_H = re.compile(
    _EDGE + r"(?P<hour>\d{1,2}) ?(?:h|heures?)(?![a-z])(?: ?(?P<minute>\d{2})(?: ?(?:min|m))?)?"
)
CLOCK_COLON = re.compile(
    _EDGE + r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})? ?(?P<half>[ap]\.? ?m(?:\.|(?![a-z])))?(?![\d:])"
)
CLOCK_HALF = re.compile(
    _EDGE + r"(?P<hour>\d{1,2})(?:[.:](?P<minute>\d{2}))? ?(?P<half>[ap]\.? ?m(?:\.|(?![a-z])))"
)
BARE_HOUR = re.compile(r"(?<![\d/.:-])\d{1,2}(?![\d/.:-])")

# --- days and distances --------------------------------------------------------------------------------

UNTIL_ITS_END = re.compile("中(?!旬)|いっぱい")
_NOW_JA = "今(?![日朝晩夜夕週月年度す])"
_MIDDAY_JA = "お?昼(?:頃|ごろ|時|休み)?"
_N = r"(?P<n>\d{1,4})"
_WEEK_JA, _MONTH_JA = "週間?", "[かヶケカ]月間?"
_DAYS_JA, _TIMES_JA = f"(?P<unit>日間?|{_WEEK_JA}|{_MONTH_JA})", "(?P<unit>時間|分)(?P<half>半)?"


@dataclass(frozen=True)
class Vocabulary:
    """The words of all languages, and what finds them in a text."""

    weekday: re.Pattern[str]
    day_words: Mapping[str, int]  # days from today
    day_word: re.Pattern[str]
    now: re.Pattern[str]
    weeks: Mapping[str, int]  # weeks from this one
    next: Collection[str]
    last: Collection[str]
    week_word: re.Pattern[str]
    week_unit: re.Pattern[str]
    month_unit: re.Pattern[str]
    hour_unit: re.Pattern[str]
    day_distances: Sequence[tuple[re.Pattern[str], int, bool]]  # its sign; a limit is the end of that day
    working_days: Sequence[re.Pattern[str]]
    working_hours: re.Pattern[str]
    time_distances: Sequence[tuple[re.Pattern[str], int]]
    midnight: Collection[str]
    clock_word: re.Pattern[str]
    limit: re.Pattern[str]  # "by", which looks ahead
    between: re.Pattern[str]  # what may be left over


@cache
def vocabulary() -> Vocabulary:
    days, weeks = numbered("days"), numbered("weeks")
    following, last = told("next"), told("last")
    ahead, within = any_of(*told("in")), any_of(*told("within"))
    working_day = any_of(*told("working_day"))
    return Vocabulary(
        weekday=re.compile(rf"(?P<weekday>{any_of(*weekdays())})\.?"),
        day_words=days,
        day_word=re.compile(any_of(*days)),
        now=re.compile(f"{any_of(*told('now'))}|{_NOW_JA}"),
        weeks=weeks,
        next=following,
        last=last,
        week_word=re.compile(f"{any_of(*weeks)}|{any_of(*following, *last, *told('this'))}"),
        week_unit=re.compile(f"{any_of(*told('week'))}|{_WEEK_JA}"),
        month_unit=re.compile(f"{any_of(*told('month'))}|{_MONTH_JA}"),
        hour_unit=re.compile(f"{any_of(*told('hour'))}|時間"),
        day_distances=[
            (re.compile(rf"{within} {_N} ?{_unit('day', 'week', 'month')}"), 1, True),
            (re.compile(rf"(?<!\d){_N} ?{_DAYS_JA}以内"), 1, True),
            *(
                (pattern, sign, False)
                for pattern, sign in _distances(ahead, ("day", "week", "month"), _DAYS_JA)
            ),
        ],
        working_days=(
            re.compile(rf"(?:{ahead}|{within}) {_N} ?{working_day}"),
            re.compile(rf"(?<!\d){_N} ?営業日(?:後|以内)"),
            re.compile(any_of(*told("next_working_day"))),
        ),
        working_hours=re.compile(rf"(?:(?:{ahead}|{within}) )?{_N} ?{any_of(*told('working_hour'))}"),
        time_distances=[
            *_distances(f"(?:{ahead}|{within})", ("hour", "minute"), _TIMES_JA),
            (re.compile(rf"(?<!\d){_N} ?{_TIMES_JA}以内"), 1),
        ],
        midnight=told("midnight"),
        clock_word=re.compile(f"{any_of(*told('noon'), *told('midnight'))}|{_MIDDAY_JA}"),
        limit=re.compile(any_phrase(*told("limits"))),
        between=re.compile(rf"(?:{any_of(*told('links'))}|まで|[にのはでへ,・.\s-])*"),
    )


def _unit(*names: str) -> str:
    """A unit may follow its number at once: "3h"."""
    words = longest_first({word for name in names for word in told(name)})
    return rf"(?P<unit>{'|'.join(map(re.escape, words))})(?![a-z])"


def _distances(ahead: str, units: Iterable[str], japanese: str) -> list[tuple[re.Pattern[str], int]]:
    """ "in 3 days", « il y a 3 jours », "3 days ago", 3日後, 3日前; each with its sign."""
    unit = _unit(*units)
    return [
        (re.compile(rf"{ahead} {_N} ?{unit}"), 1),
        (re.compile(rf"{any_of(*told('ago_before'))} {_N} ?{unit}"), -1),
        (re.compile(rf"(?<!\d){_N} ?{unit} {any_of(*told('ago_after'))}"), -1),
        (re.compile(rf"(?<!\d){_N} ?{japanese}後"), 1),
        (re.compile(rf"(?<!\d){_N} ?{japanese}前"), -1),
    ]
