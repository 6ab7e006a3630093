"""Public holidays: complete countries, exact dates, no library import at start."""

import subprocess
import sys
import warnings
from datetime import date
from pathlib import Path

import pytest

from app.domain.entities import Settings
from app.domain.holidays import COUNTRIES, HolidayDays, holidays_of
from app.domain.hours import work_calendar
from tests.unit.domain.support import at

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "build"))


@pytest.mark.parametrize("country", COUNTRIES)
def test_generated_tables_match_the_library(country: str) -> None:
    """If a new version of the library differs, run build/public_holidays.py."""
    import public_holidays

    kept = ROOT / "app" / "domain" / "holidays" / f"country_{country.lower()}.py"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library lacks some years of some countries
        assert kept.read_text(encoding="utf-8") == public_holidays.module(country)


def test_every_offered_country_has_a_module() -> None:
    import public_holidays

    assert public_holidays.COUNTRIES == COUNTRIES


@pytest.mark.parametrize(
    ("country", "day", "language", "name"),
    [
        ("JP", date(2026, 5, 6), "ja", "振替休日"),
        ("JP", date(2026, 9, 22), "ja", "国民の休日"),
        ("JP", date(2026, 5, 6), "fr", "Substitute Holiday"),
        ("FR", date(2026, 7, 14), "fr", "Fête nationale"),
        ("FR", date(2026, 7, 14), "en", "National Day"),
        ("GB", date(2026, 4, 6), "en", "Easter Monday"),
        ("US", date(2026, 11, 26), "ja", "Thanksgiving Day"),
    ],
)
def test_holidays_are_named_in_the_users_language_if_known(
    country: str, day: date, language: str, name: str
) -> None:
    assert [each.name(language) for each in holidays_of(country) if each.day == day] == [name]


def test_a_holiday_is_not_a_working_day_unless_switched_off() -> None:
    chosen = Settings(time_zone="Asia/Tokyo", holiday_country="JP")
    friday = date(2026, 5, 1)
    assert work_calendar(chosen).next_working_day(friday) == date(2026, 5, 7)
    chosen.worked_holidays = ["Substitute Holiday"]
    assert work_calendar(chosen).next_working_day(friday) == date(2026, 5, 6)
    chosen.holiday_country = ""
    assert work_calendar(chosen).next_working_day(friday) == date(2026, 5, 4)


def test_a_holiday_extends_a_reply_window_in_working_days() -> None:
    """From Thursday, 30 April: Friday is 1 May, so the second working day is Tuesday."""
    chosen = Settings(time_zone="Europe/Paris", holiday_country="FR")
    assert work_calendar(chosen).add_business_days(at("2026-04-30 11:00"), 2) == at("2026-05-05 11:00")


def test_an_unknown_country_has_no_holidays() -> None:
    assert holidays_of("XX") == ()
    assert date(2026, 1, 1) not in HolidayDays("XX")
    assert list(HolidayDays("")) == []


def test_only_the_chosen_countrys_module_is_imported() -> None:
    code = (
        "import sys\n"
        "from app.domain.holidays import holidays_of\n"
        "assert not [name for name in sys.modules if 'country_' in name]\n"
        "holidays_of('JP')\n"
        "print([name for name in sys.modules if 'country_' in name or name == 'holidays'])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "['app.domain.holidays.country_jp']"
