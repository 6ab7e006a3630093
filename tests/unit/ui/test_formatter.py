"""Durations, dates, times, amounts, and lists in words."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.codes import CallOutcome
from app.i18n import Formatter, _, use_language, use_region
from app.ui.components.money import currency_field
from app.wording.agenda import time_left
from app.wording.words import calls_by_outcome


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


ENGLISH = Formatter("en", ZoneInfo("UTC"))
JAPANESE = Formatter("ja", ZoneInfo("UTC"))
FRENCH = Formatter("fr", ZoneInfo("UTC"))
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    use_language("en")
    use_region([])


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=41), "1 day"),
        (timedelta(days=13), "13 days"),
        (timedelta(days=40), "40 days"),
        (timedelta(days=90), "90 days"),  # a payment term: not 12 weeks
        (timedelta(days=100), "14 weeks"),
        (timedelta(minutes=119), "1 hour"),
        (timedelta(hours=-3, minutes=-50), "3 hours"),
        (timedelta(seconds=30), "less than a minute"),
        (timedelta(0), "less than a minute"),
    ],
)
def test_a_duration_is_not_rounded_up(length: timedelta, said: str) -> None:
    assert ENGLISH.duration(length) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["40 minutes", "3 hours", "1 day, 23 hours", "2 days", "9 days, 1 hour"]),
        ("fr", ["40 minutes", "3 heures", "1 jour et 23 heures", "2 jours", "9 jours et 1 heure"]),
        ("ja", ["40分", "3時間", "1日23時間", "2日", "9日1時間"]),
    ],
)
def test_an_elapsed_time_of_days_includes_the_hours(language: str, said: list[str]) -> None:
    took = [
        timedelta(minutes=40),
        timedelta(hours=3, minutes=50),
        timedelta(hours=47, minutes=59),
        timedelta(days=2, minutes=30),
        timedelta(days=9, hours=1),
    ]
    words = Formatter(language, ZoneInfo("UTC"))
    assert [plain(words.elapsed(length)) for length in took] == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["19 min", "23h", "2d", "45d", "<1 min"]),
        ("fr", ["19 min", "23 h", "2 j", "45 j", "<1 min"]),
        ("ja", ["19分", "23時間", "2日", "45日", "<1分"]),
    ],
)
def test_short_durations_use_unambiguous_units_of_their_language(language: str, said: list[str]) -> None:
    lengths = [
        timedelta(minutes=19),
        timedelta(hours=23),
        timedelta(days=2),
        timedelta(days=45),
        timedelta(seconds=9),
    ]
    words = Formatter(language, ZoneInfo("UTC"))
    assert [plain(words.short_duration(length)) for length in lengths] == said


@pytest.mark.parametrize(
    ("hours", "left", "distance"),
    [
        (43, "2 days left", "in 2 days"),  # from 15:00 on 30 November to 10:00 on 2 December
        (24, "1 day left", "tomorrow"),
        (19, "19 hours left", "in 19 hours"),
        (-43, "2 days late", "2 days ago"),
        (-0.5, "30 minutes late", "30 minutes ago"),
    ],
)
def test_days_left_are_counted_by_the_calendar(hours: float, left: str, distance: str) -> None:
    now = datetime(2026, 11, 30, 15, tzinfo=UTC)
    at = now + timedelta(hours=hours)
    assert time_left(at, now, ENGLISH) == left
    assert ENGLISH.distance(at, now) == distance


def test_thirty_days_are_not_rounded_to_four_weeks() -> None:
    now = datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert JAPANESE.distance(now + timedelta(days=30), now) == "30日後"
    assert FRENCH.distance(now + timedelta(days=30), now) == "dans 30 jours"


@pytest.mark.parametrize(
    ("language", "device", "this_year", "next_year"),
    [
        ("ja", "ja-JP", "12月28日(月)", "2027年1月4日(月)"),
        ("fr", "fr-FR", "lundi 28 décembre", "lundi 4 janvier 2027"),
        ("en", "en-US", "Monday, December 28", "Monday, January 4, 2027"),
        ("en", "en-GB", "Monday 28 December", "Monday 4 January 2027"),
        ("en", "en-IE", "Monday, 28 December", "Monday, 4 January 2027"),
    ],
)
def test_a_date_in_another_year_is_the_same_format_plus_the_year(
    language: str, device: str, this_year: str, next_year: str
) -> None:
    use_region([device])
    use_language(language)
    words = Formatter(language, ZoneInfo("UTC"))
    december, january = datetime(2026, 12, 28, 10, tzinfo=UTC), datetime(2027, 1, 4, 10, tzinfo=UTC)
    assert words.day_in_full(december, NOW) == this_year
    assert words.day_in_full(january, NOW) == next_year
    lead = "le " if language == "fr" else ""
    assert words.day_within(january, NOW) == lead + next_year


@pytest.mark.parametrize(
    ("formatter", "this_year", "next_year"),
    [
        (ENGLISH, "Mon, Dec 28", "Mon, Jan 4, 2027"),
        (FRENCH, "Lun. 28 déc.", "Lun. 4 janv. 2027"),
        (JAPANESE, "12月28日(月)", "2027年1月4日(月)"),
    ],
    ids=["en", "fr", "ja"],
)
def test_a_short_date_in_another_year_keeps_its_weekday(
    formatter: Formatter, this_year: str, next_year: str
) -> None:
    december, january = datetime(2026, 12, 28, 10, tzinfo=UTC), datetime(2027, 1, 4, 10, tzinfo=UTC)
    assert (formatter.day(december, NOW), formatter.day(january, NOW)) == (this_year, next_year)
    assert formatter.language == "fr" or formatter.day_in_line(january, NOW) == next_year
    assert "2027" in formatter.dated(january, NOW)
    assert "2026" not in formatter.dated(december, NOW)


def test_calendar_days_are_counted_in_the_users_zone() -> None:
    now = datetime(2026, 11, 30, 14, tzinfo=UTC)  # 23:00 in Tokyo
    tokyo = Formatter("ja", ZoneInfo("Asia/Tokyo"))
    assert tokyo.distance(now + timedelta(hours=26), now) == "2日後"


def test_the_first_of_a_month_is_an_ordinal_in_every_french_format() -> None:
    use_language("fr")
    french = Formatter("fr", ZoneInfo("UTC"))
    first = datetime(2026, 12, 1, 10, tzinfo=UTC)
    later = datetime(2026, 12, 11, 10, tzinfo=UTC)
    assert french.day(first, NOW) == "Mar. 1er déc."
    assert french.day(later, NOW) == "Ven. 11 déc."
    assert french.dated(first, NOW).startswith("mardi 1er décembre à")
    assert french.span(first, later) == ("1er déc.", "11 déc.")


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "0 hr"), (30, "30 min"), (60, "1 hr"), (80, "1 hr 20 min")]
)
def test_time_worked_is_shown_in_hours_and_minutes(minutes: int, said: str) -> None:
    assert ENGLISH.hours(minutes).replace("\u00a0", " ") == said


def test_japanese_has_no_space_between_a_number_and_its_unit() -> None:
    assert JAPANESE.duration(timedelta(hours=3)) == "3時間"
    assert JAPANESE.hours(80) == "1時間20分"
    assert JAPANESE.hours(20) == "20分"


@pytest.mark.parametrize(
    ("language", "currency", "amount", "unit"),
    [
        ("ja", "JPY", "1,234,500円", "円"),
        ("ja", "EUR", "€12,345.00", "€"),
        ("fr", "EUR", "12\u202f345,00\u00a0€", "€"),
        ("en", "JPY", "¥1,234,500", "¥"),
    ],
)
def test_yen_amounts_use_the_kanji_unit_in_japanese_only(
    language: str, currency: str, amount: str, unit: str
) -> None:
    formatter = Formatter(language, ZoneInfo("UTC"))
    assert formatter.money(1_234_500, currency) == amount
    assert formatter.unit(currency) == unit


@pytest.mark.parametrize(
    ("language", "yesterday", "earlier"),
    [
        ("en", "Nothing to do before yesterday.", "Nothing to do before Friday, November 20."),
        ("fr", "Rien à faire avant hier.", "Rien à faire avant le vendredi 20 novembre."),
        ("ja", "昨日までは、待っていて大丈夫です。", "11月20日(金)までは、待っていて大丈夫です。"),
    ],
)
def test_a_day_fits_into_a_sentence(language: str, yesterday: str, earlier: str) -> None:
    use_language(language)
    words = Formatter(language, ZoneInfo("UTC"))

    def sentence(days: int) -> str:
        day = words.day_within(NOW - timedelta(days=days), NOW)
        return _("Nothing to do before {day}.").format(day=day)

    assert (sentence(1), sentence(5)) == (yesterday, earlier)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Logo, Menu, and Site"), ("fr", "Logo, Menu et Site"), ("ja", "Logo、Menu、Site")],
)
def test_a_list_is_joined_by_the_rules_of_its_language(language: str, said: str) -> None:
    assert Formatter(language, ZoneInfo("UTC")).listed(["Logo", "Menu", "Site"]) == said


@pytest.mark.parametrize(
    ("device", "time", "day"),
    [
        (["en-US"], "5 PM", "Friday, December 4"),
        (["en-GB"], "17:00", "Friday 4 December"),
        (["fr-FR", "en-GB"], "17:00", "Friday 4 December"),
        (["en-NL"], "17:00", "Friday, 4 December"),
        (["en_AU"], "5 pm", "Friday 4 December"),
        (["en-Latn-IE"], "17:00", "Friday, 4 December"),
        (["fr-FR"], "17:00", "Friday, 4 December"),
        (["ja-JP", "en"], "5 PM", "Friday, December 4"),
        (["en"], "5 PM", "Friday, December 4"),
        ([], "5 PM", "Friday, December 4"),
    ],
)
def test_english_times_and_dates_follow_the_device_s_region(device: list[str], time: str, day: str) -> None:
    use_region(device)
    at = datetime(2026, 12, 4, 17, tzinfo=UTC)
    assert ENGLISH.clock(at).replace("\u202f", " ") == time
    assert ENGLISH.weekday_date(at) == day


@pytest.mark.parametrize(
    ("formatter", "day"),
    [(ENGLISH, "Wed, Nov 25"), (FRENCH, "Mer. 25 nov."), (JAPANESE, "11月25日(水)")],
    ids=["en", "fr", "ja"],
)
def test_a_short_date_has_an_abbreviated_weekday_and_month(formatter: Formatter, day: str) -> None:
    use_region([])
    assert formatter.short_weekday_date(NOW) == day


def test_the_region_does_not_affect_other_languages() -> None:
    use_region(["en-GB"])
    assert JAPANESE.weekday_date(NOW) == "11月25日(水)"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "9 AM",
                "tomorrow at 9:30 AM",
                "yesterday at 9 AM",
                "Tue, Dec 1 at 9 AM",
                "Mon, Jan 4, 2027 at 9 AM",
            ],
        ),
        (
            "fr",
            [
                "9 h",
                "demain à 9 h 30",
                "hier à 9 h",
                "mardi 1er décembre à 9 h",
                "lundi 4 janvier 2027 à 9 h",
            ],
        ),
        ("ja", ["9:00", "明日 9:30", "昨日 9:00", "12月1日(火) 9:00", "2027年1月4日(月) 9:00"]),
    ],
)
def test_a_moment_fits_into_a_sentence(language: str, said: list[str]) -> None:
    use_language(language)
    words = Formatter(language, ZoneInfo("UTC"))
    lengths = [timedelta(), timedelta(days=1, minutes=30), *(timedelta(days=days) for days in (-1, 6, 40))]
    found = [words.when(NOW + length, NOW) for length in lengths]
    assert [re.sub("[\u00a0\u202f]", " ", text) for text in found] == said


def test_a_day_at_the_start_of_a_line_is_capitalised() -> None:
    use_language("fr")
    words = Formatter("fr", ZoneInfo("UTC"))
    assert words.day(NOW + timedelta(days=6), NOW) == "Mar. 1er déc."


@pytest.mark.parametrize(("n", "said"), [(1, "Manqué : 1"), (9, "Manqués : 9")])
def test_a_count_of_calls_takes_its_plural_in_french(n: int, said: str) -> None:
    use_language("fr")
    assert plain(calls_by_outcome(CallOutcome.MISSED, n)) == said


@pytest.mark.parametrize(
    ("language", "late", "span", "stamp"),
    [
        ("en", "5:37 PM", "9 AM–5:37 PM", "11/27/26, 5:37 PM"),
        ("fr", "17 h 37", "9 h – 17 h 37", "27/11/2026 à 17 h 37"),
        ("ja", "17:37", "9:00〜17:37", "2026/11/27 17:37"),
    ],
)
def test_a_time_has_the_same_format_alone_in_a_range_and_with_a_date(
    language: str, late: str, span: str, stamp: str
) -> None:
    use_language(language)
    words = Formatter(language, ZoneInfo("Europe/Paris"))
    at = datetime(2026, 11, 27, 17, 37, tzinfo=words.zone)
    assert plain(words.time(at)) == late
    assert late in plain(words.when(at, at + timedelta(days=4)))
    assert plain(words.hours_between(time(9), time(17, 37))) == span
    assert plain(words.stamp(at)) == stamp
    assert late in plain(words.full(at))


@pytest.mark.parametrize(
    ("language", "currency", "shown"),
    [
        ("ja", "JPY", "円（JPY）"),
        ("ja", "USD", "$（USD）"),
        ("fr", "EUR", "€ (EUR)"),
        ("fr", "CHF", "CHF"),
        ("en", "JPY", "¥ (JPY)"),
    ],
)
def test_the_currency_field_shows_the_unit_used_in_amounts(language: str, currency: str, shown: str) -> None:
    formatter = Formatter(language, ZoneInfo("Europe/Paris"))
    assert formatter.unit_and_code(currency) == shown
    assert f"{shown} · " in repr(currency_field(formatter, currency, print))
