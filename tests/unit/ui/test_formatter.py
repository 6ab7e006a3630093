"""Lengths of time, days and lists in words."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.codes import CallOutcome
from app.ui.agenda_words import time_left
from app.ui.i18n import Formatter, _, use_language
from app.ui.words import call_count


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


ENGLISH = Formatter("en", ZoneInfo("UTC"))
JAPANESE = Formatter("ja", ZoneInfo("UTC"))
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    use_language("en")


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=41), "1 day"),
        (timedelta(days=13), "13 days"),
        (timedelta(days=40), "5 weeks"),
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
        ("en", ["19 min", "23h", "2d", "6w", "<1 min"]),
        ("fr", ["19 min", "23 h", "2 j", "6 sem.", "<1 min"]),
        ("ja", ["19分", "23時間", "2日", "6週間", "<1分"]),
    ],
)
def test_a_ring_never_says_minutes_as_months_nor_foreign_letters(language: str, said: list[str]) -> None:
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
def test_days_are_counted_on_the_calendar(hours: float, left: str, distance: str) -> None:
    now = datetime(2026, 11, 30, 15, tzinfo=UTC)
    at = now + timedelta(hours=hours)
    assert time_left(at, now, ENGLISH) == left
    assert ENGLISH.distance(at, now) == distance


def test_calendar_days_are_those_of_the_users_zone() -> None:
    now = datetime(2026, 11, 30, 14, tzinfo=UTC)  # 23:00 in Tokyo
    tokyo = Formatter("ja", ZoneInfo("Asia/Tokyo"))
    assert tokyo.distance(now + timedelta(hours=26), now) == "2日後"


def test_the_first_of_a_month_is_an_ordinal_in_french_wherever_it_is_written() -> None:
    french = Formatter("fr", ZoneInfo("UTC"))
    first = datetime(2026, 12, 1, 10, tzinfo=UTC)
    later = datetime(2026, 12, 11, 10, tzinfo=UTC)
    assert french.day(first, NOW) == "mar. 1er déc."
    assert french.day(later, NOW) == "ven. 11 déc."
    assert french.dated(first, NOW).startswith("mar. 1er déc.")
    assert french.span(first, later) == ("1er déc.", "11 déc.")


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


@pytest.mark.parametrize(("n", "said"), [(1, "Manqué : 1"), (9, "Manqués : 9")])
def test_a_count_of_calls_takes_its_plural_in_french(n: int, said: str) -> None:
    use_language("fr")
    assert plain(call_count(CallOutcome.MISSED, n)) == said
