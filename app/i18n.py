"""Localisation: gettext catalogues for sentences, Babel for dates, money and plural forms.

A process serves one user, so the current language is module state; screens are rebuilt when it changes.
"""

import gettext as gnu_gettext
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, localedata
from babel.core import get_global
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol
from babel.units import format_unit

from app import locales
from app.domain.amounts import minor_digits
from app.domain.languages import ENGLISH, FRENCH, JAPANESE, LANGUAGES


@cache
def _catalogue(language: str) -> gnu_gettext.NullTranslations:
    return gnu_gettext.translation("kaeru", locales.LOCALES, [language], fallback=True)


class _Current:
    catalogue = gnu_gettext.NullTranslations()
    english = "en"  # whose dates and times English has: "en" (United States), "en_GB"
    language = ENGLISH


def use_language(language: str) -> None:
    """Switch all later translations to `language` (a key of LANGUAGES)."""
    _Current.catalogue, _Current.language = _catalogue(language), language


def decimal_comma() -> bool:
    """Whether a lone comma is a decimal mark in the app's language."""
    return writes_decimal_comma(_Current.language)


@cache
def writes_decimal_comma(language: str) -> bool:
    """As CLDR says of the language."""
    return bool(Locale.parse(language).number_symbols["latn"]["decimal"] == ",")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Translate into `language` inside the block, for texts to a client."""
    before, _Current.catalogue = _Current.catalogue, _catalogue(language)
    try:
        yield
    finally:
        _Current.catalogue = before


def best_language(preferred: list[str]) -> str:
    """The first of the device's languages that Kaeru supports, or English."""
    for tag in preferred:
        language = tag.replace("_", "-").split("-")[0].lower()
        if language in LANGUAGES:
            return language
    return ENGLISH


def use_region(preferred: Sequence[str]) -> None:
    """Set the region for English dates and times: "5 PM", or "17:00" in Britain.

    `preferred` are the device's language tags. English ones take precedence; the default is the United
    States.
    """
    tags = [tag.replace("_", "-").split("-") for tag in preferred]
    tags.sort(key=lambda parts: parts[0].lower() != "en")
    regions = (part.upper() for parts in tags for part in parts[1:] if len(part) == 2 and part.isalpha())
    _Current.english = _english_of(next(regions, "US"))


def _english_of(region: str) -> str:
    """The locale for English in a region, or its parent locale if it has none."""
    name = f"en_{region}"
    if region == "US":
        return "en"
    return name if localedata.exists(name) else get_global("parent_exceptions").get(name, "en")


def _(message: str) -> str:
    return _Current.catalogue.gettext(message)


def n_(singular: str, plural: str, n: int, **values: object) -> str:
    """The plural form for `n`, with {n} and other values filled in."""
    return _Current.catalogue.ngettext(singular, plural, n).format(n=n, **values)


def p_(context: str, message: str) -> str:
    """Translate a word whose translation depends on its context."""
    return _Current.catalogue.pgettext(context, message)


Moment = datetime | time
"""A value with a time of day."""

Calendric = date | datetime
"""A value with a date."""


@dataclass(frozen=True)
class Formatter:
    """Formats dates, durations and money for a user's `language` and `zone`."""

    language: str
    zone: ZoneInfo

    @property
    def locale(self) -> Locale:
        return Locale.parse(_Current.english if self.language == ENGLISH else self.language)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def time(self, at: Moment) -> str:
        """The time on its own and inside a line: as a letter says it, but always in figures in Japanese."""
        return self._figures(at) if self.language == JAPANESE else self.clock(at)

    def _figures(self, at: Moment) -> str:
        moment = self.local(at).time() if isinstance(at, datetime) else at
        return format_time(moment, "short", locale=self.locale)

    def hours_between(self, first: Moment, last: Moment) -> str:
        """A range of times: "9 AM–6 PM", « 9 h – 18 h », 9:00〜18:00."""
        with speaking(self.language):
            return p_("hours", "{first}–{last}").format(first=self.time(first), last=self.time(last))

    def clock(self, at: Moment) -> str:
        """The time as in a letter: "10 AM", "10:30 AM"; « 10 h », « 10 h 30 »; 10時, 10時30分.

        English 24-hour times always have minutes: "10:00".
        """
        local = self.local(at) if isinstance(at, datetime) else at
        if self.language == FRENCH:
            return f"{local.hour}\u00a0h" + (f"\u00a0{local.minute:02}" if local.minute else "")
        if self.language == JAPANESE:
            return f"{local.hour}時" + (f"{local.minute}分" if local.minute else "")
        said = self._figures(at)
        return said.replace(":00", "") if not local.minute and not said.endswith(":00") else said

    def date(self, day: date | datetime, width: str = "medium") -> str:
        local = self.local(day) if isinstance(day, datetime) else day
        return self._ordinal(format_date(local, width, locale=self.locale), local.day)

    def _ordinal(self, text: str, day: int) -> str:
        """The first of a month is an ordinal in French: « 1er décembre »."""
        return re.sub(r"\b1\b", "1er", text, count=1) if self.language == FRENCH and day == 1 else text

    def weekday(self, day: int, width: str = "wide") -> str:
        """The name of a weekday (0 = Monday): "wide" Friday, "abbreviated" Fri."""
        return str(self.locale.days["stand-alone"][width][day])

    @staticmethod
    def begun(text: str) -> str:
        """Capitalise a day at the start of a heading or line; French days are in lower case."""
        return text[:1].upper() + text[1:]

    def weekday_date(self, day: Calendric, *, year: bool = False) -> str:
        """Weekday and date: "Friday, November 27", with `year` "Friday, November 27, 2026"."""
        skeletons = self.locale.datetime_skeletons
        pattern = str(skeletons.get("MMMMEEEEd", skeletons["MMMEd"]).pattern)
        if "MMMM" not in pattern and "MMM" in pattern:  # written out, like the weekdays, if months have names
            pattern = pattern.replace("MMM", "MMMM").replace("E", "EEEE")
        if year:
            pattern = self._with_year(pattern)
        local = self.local(day) if isinstance(day, datetime) else day
        return self._ordinal(format_date(local, pattern, locale=self.locale), local.day)

    def _with_year(self, pattern: str) -> str:
        """The same form of a date, with its year where the language has it.

        CLDR's own form with a year has another punctuation: 2027年1月4日月曜日 beside 12月28日(月).
        """
        if self.language == JAPANESE:
            return f"y年{pattern}"
        return f"{pattern}, y" if pattern.endswith("d") else f"{pattern} y"

    def short_weekday_date(self, at: datetime) -> str:
        """The short form: "Fri, Nov 27"."""
        return self.begun(self._short_day("MMMEd", self.local(at)))

    def day_in_full(self, at: datetime, now: datetime) -> str:
        """Weekday and date: "Friday, November 27"; with the year if it is not the current one."""
        return self.weekday_date(at, year=self.local(at).year != self.local(now).year)

    def day(self, at: datetime, now: datetime) -> str:
        """A day at the start of a line: "Today", or a short date, with its year if it is another one."""
        day, today = self.local(at).date(), self.local(now).date()
        distance = (day - today).days
        named = {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}.get(distance)
        if named:
            return named
        if day.year == today.year:
            return self.short_weekday_date(at)
        return self.begun(self._short_day("yMMMEd", self.local(at)))

    def _short_day(self, skeleton: str, local: datetime) -> str:
        return self._ordinal(format_skeleton(skeleton, local.date(), locale=self.locale), local.day)

    def day_within(self, at: datetime, now: datetime) -> str:
        """A day within a sentence: "today", "Friday, November 27"."""
        written_out = self.day_in_full(at, now)
        return self._named_day(at, now) or p_("a day in a sentence", "{day}").format(day=written_out)

    def day_in_line(self, at: datetime, now: datetime) -> str:
        """A day within a list row: "today", "Fri, Nov 27"."""
        of_this_year = self.local(at).year == self.local(now).year
        short = self._day_in_line(at, of_this_year=of_this_year)
        return self._named_day(at, now) or p_("a day in a sentence", "{day}").format(day=short)

    def _named_day(self, at: datetime, now: datetime) -> str:
        """The name of a day near `now` within a sentence; empty for others."""
        names = {
            0: p_("in a sentence", "today"),
            1: p_("in a sentence", "tomorrow"),
            -1: p_("in a sentence", "yesterday"),
        }
        return names.get((self.local(at).date() - self.local(now).date()).days, "")

    def when(self, at: datetime, now: datetime) -> str:
        """Day and time within a sentence, as short as unambiguous: "5 PM", "tomorrow at 9 AM"."""
        day, today = self.local(at).date(), self.local(now).date()
        patterns = {0: "{time}", 1: _("tomorrow at {time}"), -1: _("yesterday at {time}")}
        pattern = patterns.get((day - today).days, p_("a day and a time", "{day} at {time}"))
        return pattern.format(
            day=self._day_in_line(at, of_this_year=day.year == today.year), time=self.time(at)
        )

    def _day_in_line(self, at: datetime, *, of_this_year: bool) -> str:
        """A date with its weekday: short, except in French, which has no abbreviations in a sentence."""
        if self.language == FRENCH:
            return self.weekday_date(at, year=not of_this_year)
        skeleton = "MMMEd" if of_this_year else "yMMMEd"
        return format_skeleton(skeleton, self.local(at).date(), locale=self.locale)

    def span(self, first: datetime, last: datetime) -> tuple[str, str]:
        """Both ends of a period, short: "Aug 26" and "Nov 24"; with years if they differ."""
        ends = self.local(first), self.local(last)
        skeleton = "MMMd" if ends[0].year == ends[1].year else "yMMMd"
        start, end = (self._short_day(skeleton, local) for local in ends)
        return start, end

    def dated(self, at: datetime, now: datetime) -> str:
        """The time, with the date if on another day; correct whenever it is read."""
        day = self.local(at).date()
        if day == self.local(now).date():
            return self.time(at)
        return p_("a day and a time", "{day} at {time}").format(
            day=self._day_in_line(at, of_this_year=day.year == self.local(now).year), time=self.time(at)
        )

    def full(self, at: datetime) -> str:
        """Weekday, date and time, for texts that leave the app."""
        with speaking(self.language):
            return _("{day}, {time}").format(day=self.weekday_date(at), time=self.time(at))

    def stamp(self, at: datetime) -> str:
        """The date in digits, and the time."""
        with speaking(self.language):
            return _("{day}, {time}").format(day=self.date(at, "short"), time=self.time(at))

    def duration(self, delta: timedelta) -> str:
        """A duration in its largest suitable unit: "3 hours", "45 minutes", "less than a minute"."""
        unit, count = _largest(delta)
        if not count:
            return _("less than a minute")
        return self._counted(unit, count)

    def elapsed(self, delta: timedelta) -> str:
        """How long something took: as `duration`, and from a day on with its hours: "1 day, 23 hours".

        Whole days alone would call 47 hours one day, which a window of 24 hours or a calendar contradicts.
        """
        days, rest = divmod(delta, timedelta(days=1))
        hours = rest // timedelta(hours=1)
        if not days or not hours:
            return self.duration(delta) if not days else self._counted("day", days)
        counted = [self._counted("day", days), self._counted("hour", hours)]
        return self._set_tight(format_list(counted, style="unit", locale=self.locale))

    def short_duration(self, delta: timedelta) -> str:
        """A short duration for the progress ring: "3h", "45 min", « 2 j », 23時間.

        Narrow forms are Latin letters in Japanese, and "m" for minutes and months in English: elsewhere they
        stand in for short ones that are too long.
        """
        unit, count = _largest(delta)
        if not count:
            return "<" + self.short_duration(timedelta(minutes=1))
        text = format_unit(count, f"duration-{unit}", "short", locale=self.locale)
        if len(text) > RING_ROOM or (self.language == ENGLISH and unit != "minute"):
            text = format_unit(count, f"duration-{unit}", "narrow", locale=self.locale)
        return self._set_tight(text)

    def until(self, at: datetime, now: datetime) -> timedelta:
        """The distance from `now` to `at`: exact within a day, otherwise in calendar days.

        Negative if `at` has passed.
        """
        exact = at - now
        if abs(exact) < timedelta(days=1):
            return exact
        return timedelta(days=(self.local(at).date() - self.local(now).date()).days)

    def distance(self, at: datetime, now: datetime) -> str:
        """The distance in words: "in 2 days", "3 hours ago"."""
        left = self.until(at, now)
        unit, count = _largest(left)
        if not count:
            return _("now")
        return self._directed(unit, count if left > timedelta() else -count)

    def day_distance(self, at: datetime, now: datetime) -> str:
        """The distance in days, ignoring the time: "today", "in 2 days", "1 day ago"."""
        days = (self.local(at).date() - self.local(now).date()).days
        return self._directed("day", days) if days else p_("in a sentence", "today")

    def _directed(self, unit: "Unit", count: int) -> str:
        if unit == "day" and abs(count) == 1:
            return p_("in a sentence", "tomorrow") if count > 0 else p_("in a sentence", "yesterday")
        return self._counted(unit, count, directed=True)

    def _counted(self, unit: "Unit", count: int, *, directed: bool = False) -> str:
        length = count * _SIZES[unit]
        said = format_timedelta(
            length,
            granularity=unit,
            threshold=abs(length.total_seconds()),  # prevents larger units
            add_direction=directed,
            locale=self.locale,
        )
        return self._set_tight(said)

    def money(self, minor: int, currency: str) -> str:
        """An amount of minor units (cents, yen) as in a letter: "€1,200", "1,200円"."""
        if self._writes_yen(currency):
            return f"{format_decimal(_major(minor, currency), locale=self.locale)}円"
        return format_currency(_major(minor, currency), currency, locale=self.locale)

    def round_money(self, minor: int, currency: str) -> str:
        """A price as one says it: "€60", without cents where there are none."""
        text, digits = self.money(minor, currency), minor_digits(currency)
        return re.sub(rf"[.,]0{{{digits}}}(?!\d)", "", text) if digits and minor % 10**digits == 0 else text

    def unit(self, currency: str) -> str:
        """The symbol of a currency in labels: "€", 円 in Japanese; its code if it has none."""
        return "円" if self._writes_yen(currency) else get_currency_symbol(currency, locale=self.locale)

    def unit_and_code(self, currency: str) -> str:
        """A currency among others: "€ (EUR)", 円（JPY）; its code alone if it has no symbol."""
        unit = self.unit(currency)
        if unit == currency:
            return currency
        return f"{unit}（{currency}）" if self.language == JAPANESE else f"{unit} ({currency})"

    def unit_money(self, thousandths: int, currency: str) -> str:
        """A unit price, without trailing zeros: "¥1.2", "$0.045", "€80"."""
        least = 0 if thousandths % 1000 == 0 else min(minor_digits(currency), 3)
        if self._writes_yen(currency):
            return f"{self.thousandths(thousandths)}円"
        pattern = self.locale.currency_formats["standard"].pattern
        pattern = re.sub(r"0\.00", "0" + ("." + "0" * least + "#" * (3 - least)), pattern)
        return format_currency(
            Decimal(thousandths) / 1000, currency, pattern, locale=self.locale, currency_digits=False
        )

    def thousandths(self, value: int) -> str:
        """A number stored in thousandths: "3,000", "1.5"."""
        return format_decimal(Decimal(value) / 1000, "#,##0.###", locale=self.locale)

    def _writes_yen(self, currency: str) -> bool:
        return self.language == JAPANESE and currency == "JPY"

    def listed(self, texts: Iterable[str]) -> str:
        """A list within a sentence: "a, b, and c". Empty for no items."""
        return format_list(list(texts), locale=self.locale)

    def number(self, value: float) -> str:
        """A count or an average with at most one decimal: "2", "6.5"."""
        return format_decimal(round(value, 1), "#,##0.#", locale=self.locale)

    def percent(self, share: float) -> str:
        """A share (0 to 1) in whole percent."""
        return format_percent(share, locale=self.locale)

    def percent_closely(self, share: float) -> str:
        """A share in percent with at most one decimal: "2.5%", "20%"."""
        pattern = self.locale.percent_formats[None].pattern.replace("0", "0.#")
        return format_percent(round(share, 3), pattern, locale=self.locale)

    def hours(self, minutes: int) -> str:
        """Working time: "8 hr", "1 hr 20 min", "30 min"."""
        hours, rest = divmod(minutes, 60)
        said = [format_unit(hours, "duration-hour", "short", locale=self.locale)] if hours or not rest else []
        if rest:
            said.append(format_unit(rest, "duration-minute", "short", locale=self.locale))
        return self._set_tight(" ".join(said)).replace(" ", "\u00a0")

    def _set_tight(self, text: str) -> str:
        """Japanese has no spaces between numbers and their units, though CLDR puts some there: 3時間20分."""
        return text.replace(" ", "") if self.language == JAPANESE else text


RING_ROOM = 7  # characters

Unit = Literal["year", "week", "day", "hour", "minute"]

# (unit, its length, minimum duration for which it is used). There are no months, because their abbreviation
# is the same as that of minutes. Weeks start at 100 days: 30 and 90 days, as a payment is due, are not
# four and twelve weeks.
# assets/web/page/glance-words.js has the same table.
_UNITS: tuple[tuple[Unit, timedelta, timedelta], ...] = (
    ("year", timedelta(days=365), timedelta(days=365)),
    ("week", timedelta(days=7), timedelta(days=100)),
    ("day", timedelta(days=1), timedelta(days=1)),
    ("hour", timedelta(hours=1), timedelta(hours=1)),
    ("minute", timedelta(minutes=1), timedelta(0)),
)
_SIZES: dict[Unit, timedelta] = {name: size for name, size, _least in _UNITS}


def _largest(delta: timedelta) -> tuple[Unit, int]:
    """The largest suitable unit of a duration, and the number of whole units."""
    delta = abs(delta)
    return next((name, delta // size) for name, size, least in _UNITS if delta >= least)


def _major(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-minor_digits(currency))
