"""Time zone search by everyday names, and weekly working hours in words."""

from zoneinfo import ZoneInfo

import pytest

from app.domain.column_types import WeeklyHours
from app.domain.entities import OFFICE_HOURS
from app.domain.hours import is_zone
from app.i18n import Formatter
from app.ui.components.weekly_hours import after_break, week_in_words, with_day
from app.ui.components.zone_field import COMMON, find_zones, zone_label

UTC = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("query", "language", "found"),
    [
        ("tokyo", "en", "Asia/Tokyo"),
        ("東京", "ja", "Asia/Tokyo"),
        ("japon", "fr", "Asia/Tokyo"),
        ("reunion", "fr", "Indian/Reunion"),
        ("NEW york", "en", "America/New_York"),
        ("america/new_york", "en", "America/New_York"),
        ("paris france", "en", "Europe/Paris"),
    ],
)
def test_a_zone_is_found_by_city_country_or_name(query: str, language: str, found: str) -> None:
    assert find_zones(query, language)[0] == found


def test_a_zone_label_that_starts_with_the_query_comes_first() -> None:
    found = [zone_label(name, "en") for name in find_zones("san", "en")]
    begins = [label.startswith("San") for label in found]
    assert True in begins
    assert False in begins
    assert begins == sorted(begins, reverse=True)


def test_an_empty_query_offers_the_users_own_zone_first() -> None:
    offered = find_zones("", "en", own="Pacific/Auckland")
    assert offered[0] == "Pacific/Auckland"
    assert all(map(is_zone, offered))
    assert find_zones("", "en", own="Asia/Tokyo").count("Asia/Tokyo") == 1


def test_nonsense_finds_nothing() -> None:
    assert find_zones("zzzz", "en") == []


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_every_common_zone_has_a_label(language: str) -> None:
    assert len({zone_label(name, language) for name in COMMON}) == len(COMMON)
    assert "_" not in zone_label("America/New_York", language)


def test_a_week_is_summarised_in_words() -> None:
    week: WeeklyHours = {
        "0": [["13:00", "17:00"], ["09:00", "12:00"]],
        "2": [["10:00", "15:00"]],
        "3": [["10:00", "15:00"]],
    }
    assert week_in_words(week, Formatter("ja", UTC)) == "月 9:00〜12:00、13:00〜17:00\n水〜木 10:00〜15:00"
    french = week_in_words(week, Formatter("fr", UTC)).replace("\u00a0", " ")
    assert french == "lun. 9 h – 12 h et 13 h – 17 h\nmer.–jeu. 10 h – 15 h"
    french = week_in_words(OFFICE_HOURS, Formatter("fr", UTC)).replace("\u00a0", " ")
    assert french == "lun.–ven. 9 h – 18 h"
    assert week_in_words({}, Formatter("en", UTC)) == ""


def test_a_day_without_hours_has_no_key_and_the_days_are_sorted() -> None:
    week = {"4": [["09:00", "12:00"]], "1": [["10:00", "18:00"]]}
    assert with_day(week, 4, []) == {"1": [["10:00", "18:00"]]}
    assert list(with_day(week, 2, [["08:00", "09:00"]])) == ["1", "2", "4"]
    assert week == {"4": [["09:00", "12:00"]], "1": [["10:00", "18:00"]]}


@pytest.mark.parametrize(
    ("last", "expected"),
    [("12:00", ["13:00", "14:00"]), ("17:30", ["18:30", "19:30"]), ("21:15", ["22:15", "23:15"])],
)
def test_the_next_span_starts_one_hour_after_the_last(last: str, expected: list[str]) -> None:
    assert after_break([["09:00", last]]) == expected
