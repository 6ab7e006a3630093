"""Lengths of time in words: never more than there is."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.ui.i18n import Formatter

ENGLISH = Formatter("en", ZoneInfo("UTC"))
JAPANESE = Formatter("ja", ZoneInfo("UTC"))


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


@pytest.mark.parametrize(("minutes", "said"), [(0, "0 hr"), (30, "30 min"), (90, "1.5 hr"), (80, "1.33 hr")])
def test_time_worked_is_said_in_hours_from_one_on(minutes: int, said: str) -> None:
    assert ENGLISH.hours(minutes) == said


def test_japanese_has_no_space_between_a_number_and_its_unit() -> None:
    assert JAPANESE.duration(timedelta(hours=3)) == "3時間"
    assert JAPANESE.hours(90) == "1.5時間"
    assert JAPANESE.hours(20) == "20分"
