"""Settings: initial values on a new device, validation, wording, backup, and rescue of a database."""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.domain.codes import ReplyBasis
from app.domain.column_types import DayOff
from app.domain.entities import OFFICE_HOURS, Client, Settings
from app.domain.holidays import COUNTRIES
from app.domain.validation import check
from app.i18n import Formatter, speaking
from app.store.backup.backup import BackupError, BackupSummary, inspect
from app.store.backup.backup_format import BackupErrorCode
from app.store.database import open_database
from app.store.store import Store
from app.ui.components import holidays
from app.ui.components.limit_field import usual_limits
from app.ui.settings.replies import target_name
from app.viewmodels import data as data_model
from app.viewmodels import rescue
from app.viewmodels import settings as model
from app.viewmodels.defaults import settings_for

EN = Formatter("en", ZoneInfo("Europe/Paris"))
JA = Formatter("ja", ZoneInfo("Asia/Tokyo"))
NOW = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
SUMMER = DayOff(first="2026-08-10", last="2026-08-21", label="Summer")


def test_changing_the_currency_clears_the_unpaid_limit() -> None:
    kept = model.changed(Settings(currency="JPY", unpaid_limit=50_000), {"name": "Robin"})
    assert (kept.currency, kept.unpaid_limit) == ("JPY", 50_000)
    moved = model.changed(kept, {"currency": "USD"})
    assert (moved.currency, moved.unpaid_limit) == ("USD", None)
    assert model.changed(moved, {"unpaid_limit": 30_000}).unpaid_limit == 30_000


@pytest.mark.parametrize(
    ("currency", "limits"),
    [
        ("EUR", [30_000, 50_000, 100_000]),
        ("JPY", [30_000, 50_000, 100_000]),
        ("TND", [300_000, 500_000, 1_000_000]),
    ],
)
def test_proposed_limits_are_round_amounts_in_any_currency(currency: str, limits: list[int]) -> None:
    assert usual_limits(currency) == limits


# --- a new device ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("languages", "language", "currency"),
    [
        (["ja"], "ja", "JPY"),
        (["ja-JP", "en"], "ja", "JPY"),
        (["fr-FR"], "fr", "EUR"),
        (["fr"], "fr", "EUR"),
        (["fr-CH"], "fr", "CHF"),
        (["en"], "en", "USD"),
        (["en-US"], "en", "USD"),
        (["en-GB", "fr"], "en", "GBP"),
        (["zh-Hant-TW", "ja-JP"], "ja", "JPY"),
        (["de-DE"], "en", "USD"),
        ([], "en", "USD"),
    ],
)
def test_the_initial_settings_follow_the_device(languages: list[str], language: str, currency: str) -> None:
    settings = settings_for(languages, "Asia/Tokyo")
    assert (settings.language, settings.currency, settings.time_zone) == (language, currency, "Asia/Tokyo")
    assert not settings.introduced
    assert check(settings) == []


@pytest.mark.parametrize(
    ("languages", "country"),
    [
        (["ja"], "JP"),
        (["fr"], "FR"),
        (["fr-CH"], "CH"),
        (["en-GB", "fr-FR"], "GB"),
        (["en"], ""),
        (["en-ZW"], ""),
        (["de-DE"], ""),
    ],
)
def test_the_initial_holiday_country_is_the_devices_region(languages: list[str], country: str) -> None:
    assert settings_for(languages, "UTC").holiday_country == country


def test_holidays_are_listed_for_a_year_and_toggled_by_name() -> None:
    chosen = Settings(holiday_country="JP")
    offered = holidays.ahead(chosen, date(2026, 11, 30))
    assert [each.name("ja") for each in offered[:2]] == ["元日", "成人の日"]
    assert offered[-1].day <= date(2027, 11, 29)
    worked = holidays.keeping(chosen, "Coming of Age Day", off=False)
    assert worked == ["Coming of Age Day"]
    chosen = model.changed(chosen, {"worked_holidays": worked})
    assert model.problems(chosen) == {}
    assert holidays.keeping(chosen, "Coming of Age Day", off=True) == []


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_countries_are_named_and_sorted_in_the_apps_language(language: str) -> None:
    names = holidays.country_names(Formatter(language, ZoneInfo("UTC")))
    assert names["JP"] == {"en": "Japan", "fr": "Japon", "ja": "日本"}[language]
    assert len(names) == len(set(names.values())) == len(COUNTRIES)
    if language == "fr":
        assert list(names)[:3] == ["ZA", "DZ", "DE"]


def test_a_device_without_a_time_zone_starts_in_utc() -> None:
    assert settings_for(["en"], "").time_zone == "UTC"


# --- validation --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 201),
        ("time_zone", "Europe/Atlantis"),
        ("currency", "yen"),
        ("reply_minutes", 0),
        ("buffer_percent", 91),
        ("buffer_days", -1),
        ("call_allowance", 101),
        ("follow_up_days", 0),
        ("quiet_hours", ["20:00"]),
        ("quiet_hours", ["25:00", "08:00"]),
        ("quiet_hours", ["08:00", "08:00"]),
        ("working_hours", {"0": [["09:00", "12:00"], ["11:00", "18:00"]]}),
        ("working_hours", {"0": [["09:00", "09:00"]]}),
        ("days_off", [DayOff(first="2026-08-21", last="2026-08-10", label="")]),
        ("holiday_country", "Japan"),
        ("worked_holidays", ["x" * 201]),
    ],
)
def test_an_invalid_value_is_reported_for_its_field(field: str, value: object) -> None:
    wrong = model.problems(model.changed(Settings(), {field: value}))
    assert list(wrong) == [field]
    assert wrong[field].endswith(".")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quiet_hours", []),
        ("quiet_hours", ["22:30", "06:00"]),
        ("working_hours", {}),
        ("working_hours", {"5": [["22:00", "02:00"]]}),
        ("days_off", [SUMMER]),
    ],
)
def test_valid_values_are_accepted(field: str, value: object) -> None:
    assert model.problems(model.changed(Settings(), {field: value})) == {}


def test_changing_settings_returns_a_copy() -> None:
    before = Settings(name="Mika")
    after = model.changed(before, {"name": "Ana"})
    assert (before.name, after.name, after.id) == ("Mika", "Ana", before.id)


@pytest.mark.parametrize(
    ("text", "number"),
    [("20", 20), (" 7 ", 7), ("２０", 20), ("0", 0), ("90", 90)],
)
def test_typed_numbers_are_read(text: str, number: int) -> None:
    assert model.whole_number(text, 0, 90) == number


@pytest.mark.parametrize("text", ["1440", "1,440", "1 440", "1\u202f440", "1.440", "１，４４０"])
def test_thousands_may_be_grouped(text: str) -> None:
    assert model.whole_number(text, 0, 2000) == 1440


@pytest.mark.parametrize("text", ["", "-1", "91", "2.5", "twenty", "1e3", "９９９", "9" * 5000])
def test_an_invalid_or_out_of_range_number_is_refused(text: str) -> None:
    assert model.whole_number(text, 0, 90) is None


# --- days off --------------------------------------------------------------------------------------------


def test_days_off_are_kept_in_order() -> None:
    spans = model.with_day_off([SUMMER], date(2026, 5, 4), date(2026, 5, 6), " Golden week ")
    assert [span["label"] for span in spans] == ["Golden week", "Summer"]


def test_adding_the_same_days_off_again_replaces_the_label() -> None:
    spans = model.with_day_off([SUMMER], date(2026, 8, 10), date(2026, 8, 21), "Sea")
    assert [span["label"] for span in spans] == ["Sea"]


def test_days_off_that_include_today_are_upcoming() -> None:
    spring = DayOff(first="2026-03-02", last="2026-03-02", label="")
    winter = DayOff(first="2026-12-24", last="2027-01-03", label="")
    ahead, over = model.upcoming([spring, SUMMER, winter], date(2026, 8, 21))
    assert (ahead, over) == ([SUMMER, winter], [spring])
    ahead, over = model.upcoming([spring, SUMMER, winter], date(2026, 8, 22))
    assert (ahead, over) == ([winter], [SUMMER, spring])


def test_days_off_are_worded_as_a_date_or_a_range() -> None:
    assert model.day_off_dates(SUMMER, EN) == "Aug 10, 2026 – Aug 21, 2026"
    assert model.day_off_dates(DayOff(first="2026-08-10", last="2026-08-10", label=""), EN) == (
        "Monday, August 10, 2026"
    )


# --- wording -----------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_a_preset_week_is_recognised() -> None:
    assert model.WEEKLY_PRESETS[int(model.week_preset(OFFICE_HOURS))] == OFFICE_HOURS
    assert model.week_preset({"6": [["09:00", "10:00"]]}) == ""


def test_quiet_hours_are_parsed_or_none() -> None:
    assert model.quiet_span(["20:00", "08:00"]) == (time(20), time(8))
    assert model.quiet_span([]) is None
    assert model.quiet_span(["late", "early"]) is None


def test_a_reply_target_is_worded_in_days_only_for_working_days() -> None:
    assert target_name(2880, ReplyBasis.BUSINESS, EN) == "2 working days"
    assert target_name(240, ReplyBasis.BUSINESS, EN) == "4 hours"
    assert target_name(240, ReplyBasis.CLOCK, EN) == "4 hours"


# --- backup and rescue -----------------------------------------------------------------------------------


def test_the_backup_file_is_named_by_the_users_local_date() -> None:
    assert data_model.file_name(NOW, EN) == "kaeru-2026-11-28.json"
    assert data_model.file_name(NOW, Formatter("en", ZoneInfo("America/New_York"))) == "kaeru-2026-11-27.json"


def test_a_backup_summary_counts_its_records() -> None:
    summary = BackupSummary({"client": 12, "message": 240, "job": 1, "settings": 1}, NOW, 1)
    line = plain(data_model.summary_line(summary, EN))
    assert line == "12 clients, 240 messages, and 1 job, saved on 11/28/26, 12:30 AM"
    assert data_model.counts_line({"settings": 1}, EN) == "Nothing but settings"


def test_every_restore_error_has_its_own_text() -> None:
    codes: tuple[BackupErrorCode, ...] = ("not_json", "not_kaeru", "newer", "damaged", "too_large")
    said = {code: data_model.backup_problem(BackupError(code, "records[3]"), EN) for code in codes}
    assert len(set(said.values())) == len(codes)
    assert said["too_large"].endswith("up to 256 MB and 500,000 records.")


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_a_damaged_backup_is_reported_only_in_the_users_language(language: str) -> None:
    error = BackupError("damaged", "records[1233] (client x): name: Field required")
    formatter = Formatter(language, ZoneInfo("UTC"))
    with speaking(language):
        somewhere = data_model.backup_problem(error, formatter)
        error.record = 1234
        there = data_model.backup_problem(error, formatter)
    assert formatter.number(1234) in there
    assert not re.search(r"records|client x|Field required", somewhere + there)
    assert len({somewhere, there}) == 2


def _database(path: Path) -> None:
    store = Store(open_database(path), lambda: NOW, "test")
    store.save(*(Client(name=f"Client {number}") for number in range(40)))
    store.close()


def test_a_readable_database_is_rescued_as_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "kaeru.db"
    _database(path)
    content, readable = rescue.rescued(path)
    assert readable
    assert inspect(content).counts == {"client": 40}


def test_a_file_that_is_no_database_is_rescued_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "kaeru.db"
    path.write_bytes(b"not a database at all" * 500)
    assert rescue.rescued(path) == (path.read_bytes(), False)


def test_rescuing_an_unreadable_path_raises_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        rescue.rescued(tmp_path)


def test_starting_afresh_deletes_only_the_database_files(tmp_path: Path) -> None:
    path = tmp_path / "kaeru.db"
    for file in (path, path.with_name("kaeru.db-wal"), path.with_name("kaeru.db-journal")):
        file.write_bytes(b"garbage" * 1000)
    other = tmp_path / "kaeru-backup.json"
    other.write_text("{}")
    rescue.start_afresh(path)
    assert list(tmp_path.iterdir()) == [other]
    store = Store(open_database(path), lambda: NOW, "test")
    assert store.settings().introduced is False
    store.close()
