"""Words and patterns for `typed_times` in English, French and Japanese, spelled as `plain` does."""

import re
import unicodedata
from functools import cache


def plain(text: str) -> str:
    """Normalise width, case, accents, brackets and spaces; convert numerals before a unit to digits."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"[()\[\]「」、。]|[’']", " ", text)
    text = "".join(
        letter for letter in unicodedata.normalize("NFD", text) if not "\u0300" <= letter < "\u0370"
    )
    text = " ".join(unicodedata.normalize("NFC", text).replace("〜", " ").split())
    text = _HALF_HOUR.sub("30 min", text)
    text = _NUMERAL.sub(lambda match: _NUMERALS[match[0]], text)
    return _KANJI_NUMERAL.sub(lambda match: str(_kanji_number(match[0])), text)


def any_of(*words: str) -> str:
    """A pattern for any of these words, longest first, not within another Latin word."""
    inner = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return rf"(?<![a-z])(?:{inner})(?![a-z])"


# --- numerals ------------------------------------------------------------------------------------------

_NUMERALS = {
    word: str(number)
    for number, words in enumerate(
        (
            *("a an one un une", "two deux", "three trois", "four quatre", "five cinq", "six", "seven sept"),
            *("eight huit", "nine neuf", "ten dix"),
        ),
        start=1,
    )
    for word in words.split()
} | {"quinze": "15"}
_NUMERAL = re.compile(
    any_of(*_NUMERALS) + r"(?= (?:(?:business|working) )?(?:days?|weeks?|months?|hours?|minutes?|jours?"
    r"|semaines?|mois|heures?|min)(?![a-z]))"
)
_HALF_HOUR = re.compile(r"(?<![a-z])(?:half an hour|(?:une? )?demi[- ]heure)(?![a-z])")
_KANJI_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")}
_KANJI_NUMERAL = re.compile("[〇一二三四五六七八九十]{1,3}(?=[年月日時分週か]|ヶ月|営業日)")


def _kanji_number(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int("".join(str(_KANJI_DIGITS[digit]) for digit in text))
    return 10 * (_KANJI_DIGITS.get(tens, 1)) + _KANJI_DIGITS.get(ones, 0)


# --- names of months and weekdays ----------------------------------------------------------------------


@cache
def months() -> dict[str, int]:
    from babel.dates import get_month_names

    return {
        plain(name).rstrip("."): number
        for language in ("en", "fr")
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, locale=language).items()
    } | {"sept": 9, "dec": 12}


@cache
def weekdays() -> dict[str, int]:
    """Weekdays by name, full or abbreviated, including single characters: 金 in brackets after a date."""
    from babel.dates import get_day_names

    names = {
        plain(name).rstrip("."): number
        for language in ("en", "fr", "ja")
        for width in ("wide", "abbreviated")
        for number, name in get_day_names(width, locale=language).items()
    }
    names |= {"tues": 1, "thur": 3, "thurs": 3}
    return names | {f"{name}曜": number for name, number in names.items() if len(name) == 1}


@cache
def weekday_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?P<weekday>{any_of(*weekdays())})\.?")


ERAS = {"令和": 2018, "平成": 1988, "r": 2018, "h": 1988}  # the year before the first year of each era

# --- times of the clock --------------------------------------------------------------------------------

MIDNIGHT = frozenset({"midnight", "minuit", "真夜中"})
CLOCK_WORD = re.compile(
    "正午|真夜中|お?昼(?:頃|ごろ|時|休み)?|"
    + any_of("noon", "midday", "midi", "midnight", "minuit", "lunchtime")
)
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

# --- days ----------------------------------------------------------------------------------------------

DAY_WORDS = {
    **dict.fromkeys(("today", "aujourd hui", "ce jour", "今日", "本日", "当日", "きょう"), 0),
    **dict.fromkeys(("tomorrow", "demain", "明日", "あした", "あす", "翌日"), 1),
    **dict.fromkeys(("day after tomorrow", "apres-demain", "apres demain", "明後日", "あさって"), 2),
    **dict.fromkeys(("yesterday", "hier", "昨日", "きのう"), -1),
    **dict.fromkeys(("day before yesterday", "avant-hier", "avant hier", "一昨日", "おととい"), -2),
}
DAY_WORD = re.compile(any_of(*DAY_WORDS))
NOW = re.compile(
    "たった今|今(?![日朝晩夜夕週月年度す])|今すぐ|ただいま|さっき|先ほど|"
    + any_of("now", "just now", "maintenant", "a l instant")
)

_N = r"(?P<n>\d{1,4})"
_DAYS = r"(?P<unit>days?|weeks?|months?|jours?|semaines?|mois|j)(?![a-z]| ouvr)"
_JA_DAYS = "(?P<unit>日間?|週間?|[かヶケカ]月間?)"
WEEK_UNIT = re.compile("weeks?|semaines?|週間?")
MONTH_UNIT = re.compile("months?|mois|[かヶケカ]月間?")
_WITHIN = "within|sous|d ici"
# (pattern, sign, whether it is a limit, so that the end of that day is meant)
DAY_DISTANCES = (
    (re.compile(rf"(?<![a-z])(?:in|dans) {_N} ?{_DAYS}"), 1, False),
    (re.compile(rf"(?<![a-z])(?:{_WITHIN}) {_N} ?{_DAYS}"), 1, True),
    (re.compile(rf"(?<![a-z])il y a {_N} ?{_DAYS}"), -1, False),
    (re.compile(rf"(?<!\d){_N} ?{_DAYS} ago(?![a-z])"), -1, False),
    (re.compile(rf"(?<!\d){_N} ?{_JA_DAYS}以内"), 1, True),
    (re.compile(rf"(?<!\d){_N} ?{_JA_DAYS}後"), 1, False),
    (re.compile(rf"(?<!\d){_N} ?{_JA_DAYS}前"), -1, False),
)
_OPEN = "(?:business|working)"
WORKING_DAYS = (
    re.compile(rf"(?<![a-z])(?:in|{_WITHIN}) {_N} {_OPEN} days?(?![a-z])"),
    re.compile(rf"(?<![a-z])(?:dans|{_WITHIN}) {_N} ?(?:jours?|j) ouvres?(?![a-z])"),
    re.compile(rf"(?<!\d){_N} ?営業日(?:後|以内)"),
    re.compile(rf"翌営業日|(?<![a-z])(?:next {_OPEN} day|prochain jour ouvre)(?![a-z])"),
)
_TIMES = r"(?P<unit>hours?|minutes?|heures?|mins?|h)(?![a-z])"
HOUR_WORD = re.compile("hours?|heures?|h|時間")
TIME_DISTANCES = (
    (re.compile(rf"(?<![a-z])(?:in|dans|{_WITHIN}) {_N} ?{_TIMES}"), 1),
    (re.compile(rf"(?<![a-z])il y a {_N} ?{_TIMES}"), -1),
    (re.compile(rf"(?<!\d){_N} ?{_TIMES} ago(?![a-z])"), -1),
    (re.compile(rf"(?<!\d){_N} ?(?P<unit>時間|分)(?P<half>半)?(?:後|以内)"), 1),
    (re.compile(rf"(?<!\d){_N} ?(?P<unit>時間|分)(?P<half>半)?前"), -1),
)

WEEKS = {
    **dict.fromkeys(("今週", "this week", "cette semaine"), 0),
    **dict.fromkeys(("来週", "翌週", "next week", "semaine prochaine"), 1),
    **dict.fromkeys(("再来週", "week after next"), 2),
    **dict.fromkeys(("先週", "last week", "semaine derniere"), -1),
}
NEXT = frozenset({"next", "prochain", "prochaine"})
LAST = frozenset({"last", "dernier", "derniere"})
WEEK_WORD = re.compile(
    "|".join((any_of(*WEEKS), any_of(*NEXT, *LAST, "this", "ce", "cette"))),
)
UNTIL_ITS_END = re.compile("中(?!旬)|いっぱい")
_LINKS = any_of(
    *(
        "at",
        "on",
        "the",
        "by",
        "of",
        "in",
        "before",
        "until",
        "a",
        "le",
        "la",
        "du",
        "de",
        "pour",
        "et",
        "d",
        "l",
    ),
    *("au plus tard", "avant", "vers", "d ici", "jusqu a", "en", "dans", "no later than", "for"),
)
BETWEEN = re.compile(rf"(?:{_LINKS}|まで|[にのはでへ,・.\s-])*")
