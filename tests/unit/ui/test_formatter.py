"""Lengths of time, days and lists in words."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.ui.i18n import Formatter, _, use_language, use_region

ENGLISH = Formatter("en", ZoneInfo("UTC"))
JAPANESE = Formatter("ja", ZoneInfo("UTC"))
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
        (timedelta(minutes=119), "1 hour"),
        (timedelta(hours=-3, minutes=-50), "3 hours"),
        (timedelta(seconds=30), "30 seconds"),
    ],
)
def test_a_duration_is_not_rounded_up(length: timedelta, said: str) -> None:
    assert ENGLISH.duration(length) == said


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "0 hr"), (30, "30 min"), (60, "1 hr"), (80, "1 hr 20 min")]
)
def test_time_worked_is_said_in_hours_and_minutes(minutes: int, said: str) -> None:
    assert ENGLISH.hours(minutes).replace("\u00a0", " ") == said


def test_japanese_has_no_space_between_a_number_and_its_unit() -> None:
    assert JAPANESE.duration(timedelta(hours=3)) == "3時間"
    assert JAPANESE.hours(80) == "1時間20分"
    assert JAPANESE.hours(20) == "20分"


@pytest.mark.parametrize(
    ("language", "currency", "amount", "unit"),
    [
        ("ja", "JPY", "1,234,500円", "円"),
        ("ja", "EUR", "€12,345.00", "EUR"),
        ("fr", "EUR", "12\u202f345,00\u00a0€", "EUR"),
        ("en", "JPY", "¥1,234,500", "JPY"),
    ],
)
def test_yen_are_written_the_japanese_way_for_a_japanese_reader_alone(
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
def test_a_list_is_joined_as_its_language_joins(language: str, said: str) -> None:
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
def test_english_times_are_those_of_the_device_s_region(device: list[str], time: str, day: str) -> None:
    use_region(device)
    at = datetime(2026, 12, 4, 17, tzinfo=UTC)
    assert ENGLISH.clock(at).replace("\u202f", " ") == time
    assert ENGLISH.weekday_date(at) == day


def test_a_region_is_no_matter_to_other_languages() -> None:
    use_region(["en-GB"])
    assert JAPANESE.weekday_date(NOW) == "11月25日(水)"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ["9 AM", "tomorrow at 9:30 AM", "yesterday at 9 AM", "Tue, Dec 1 at 9 AM", "Jan 4, 2027 at 9 AM"],
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
        ("ja", ["9:00", "明日 9:30", "昨日 9:00", "12月1日(火) 9:00", "2027年1月4日 9:00"]),
    ],
)
def test_a_moment_fits_into_a_sentence(language: str, said: list[str]) -> None:
    use_language(language)
    words = Formatter(language, ZoneInfo("UTC"))
    lengths = [timedelta(), timedelta(days=1, minutes=30), *(timedelta(days=days) for days in (-1, 6, 40))]
    found = [words.when(NOW + length, NOW) for length in lengths]
    assert [re.sub("[\u00a0\u202f]", " ", text) for text in found] == said


def test_a_day_that_heads_a_line_begins_with_a_capital() -> None:
    use_language("fr")
    words = Formatter("fr", ZoneInfo("UTC"))
    assert words.day(NOW + timedelta(days=6), NOW) == "Mar. 1er déc."
