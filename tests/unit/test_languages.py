"""Adding a language takes an entry in LANGUAGES and a folder of locales/: the app speaks and reads it."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app import i18n
from app.domain.codes import JobStatus
from app.domain.entities import Client, Job, Script, Settings
from app.domain.hours import work_calendar
from app.domain.languages import LANGUAGES
from app.domain.validation import check
from app.i18n import Formatter
from app.importexport.csv_out import CsvDialect, export_jobs
from app.importexport.jobs_in import read_jobs
from app.importexport.local_dates import parse_moment
from app.importexport.typed_dates import TypedTimeError
from app.importexport.typed_times import TypedTime, read_typed
from app.steps import finish
from app.store.content import builtin_checklists, builtin_scripts, stop_words
from app.viewmodels.defaults import settings_for
from tests import pseudo_locale
from tests.pseudo_locale import CODE, pseudo

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
ANA = Client(id="ana", name="Ana")


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[None]:
    with pseudo_locale.added(tmp_path / "locales"):
        yield


@pytest.fixture
def catalogue_alone(tmp_path: Path) -> Iterator[None]:
    with pseudo_locale.added(tmp_path / "locales", whole=False):
        yield


# --- the app ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("whole")
def test_a_device_of_the_language_starts_in_it() -> None:
    settings = settings_for([f"{CODE}-GB", "en"], "Europe/London")
    assert (settings.language, settings.currency, settings.holiday_country) == (CODE, "GBP", "GB")
    assert check(settings) == []
    assert check(Client(name="Ana", language=CODE)) == []


@pytest.mark.usefixtures("whole")
def test_sentences_and_each_plural_form_are_in_the_language() -> None:
    with i18n.speaking(CODE):
        assert i18n._("Today") == pseudo("Today")
        for n in (0, 1, 2, 3, 6, 10):  # zero, one, two, few, many, other
            said = i18n.n_("{n} hour", "{n} hours", n)
            assert said == pseudo("{n} hour" if n == 1 else "{n} hours").format(n=n)


@pytest.mark.usefixtures("whole")
def test_scripts_and_checklists_are_in_the_language() -> None:
    for builtin in (builtin_scripts, builtin_checklists):
        own, english = builtin(CODE), builtin("en")
        assert {each.id for each in own} == {each.id for each in english}
        assert all(each.title.startswith("[") and each.language == CODE for each in own)


@pytest.mark.usefixtures("whole")
def test_dates_and_lengths_of_time_follow_cldr() -> None:
    formatter = Formatter(CODE, LONDON)
    assert formatter.weekday_date(NOW) == "Dydd Mercher, 25 Tachwedd"
    assert formatter.clock(NOW) == "09:30"
    assert formatter.duration(timedelta(days=2)) == "2 ddiwrnod"
    assert formatter.money(120000, "GBP") == "£1,200.00"


# --- files and fields ------------------------------------------------------------------------------------


def exported(job: Job) -> bytes:
    settings = Settings(language=CODE, time_zone="Europe/London", currency="GBP")
    return export_jobs([(job, [])], {"ana": ANA}, CsvDialect(settings, work_calendar(settings)))


@pytest.mark.usefixtures("whole")
def test_a_csv_file_in_the_language_is_read_back_in_any() -> None:
    job = Job(client_id="ana", title="Menu", status=JobStatus.DELIVERED, fee=120000, currency="GBP")
    job.started_at, job.deadline = NOW - timedelta(days=9), NOW + timedelta(days=2)
    data = exported(job)
    header, row = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert header[:3] == [pseudo("Job"), pseudo("Client"), pseudo("Platform")]
    assert pseudo("Delivered") in row
    for language in LANGUAGES:
        settings = Settings(language=language, time_zone="Europe/London", currency="GBP")
        report = finish(read_jobs(data, [ANA], settings, work_calendar(settings), NOW))
        assert report.troubles == []
        (found,) = report.found
        assert (found.job.title, found.job.status, found.job.fee) == ("Menu", JobStatus.DELIVERED, 120000)


@pytest.mark.parametrize("language", ["en", "fr", "ja", CODE])
@pytest.mark.usefixtures("whole")
def test_times_typed_in_the_language_are_read_in_any(language: str) -> None:
    now = NOW.replace(tzinfo=None)
    assert read_typed("yfory", language, now).day == date(2026, 11, 26)
    assert read_typed("mewn 3 diwrnod", language, now).day == date(2026, 11, 28)
    assert read_typed("Dydd Gwener", language, now).day == date(2026, 11, 27)
    assert read_typed("1 Rhagfyr", language, now).day == date(2026, 12, 1)


@pytest.mark.parametrize("language", ["en", CODE])
@pytest.mark.usefixtures("whole")
def test_words_without_an_hour_are_read_in_the_language(language: str) -> None:
    now = NOW.replace(tzinfo=None)
    assert read_typed("yfory prynhawn", language, now) == TypedTime(date(2026, 11, 26), time(15))
    assert read_typed("yfory 4:30 prynhawn", language, now) == TypedTime(date(2026, 11, 26), time(16, 30))
    week = read_typed("dechrau’r wythnos nesaf", language, now)
    assert (week.day, week.edge) == (date(2026, 11, 30), "opening")
    assert read_typed("diwedd y mis", language, now).day == date(2026, 11, 30)
    with pytest.raises(TypedTimeError) as refused:
        read_typed("rywbryd", language, now)
    assert refused.value.code == "vague"


@pytest.mark.usefixtures("whole")
def test_words_that_say_nothing_are_passed_over_in_the_language() -> None:
    assert {"gyda", "oherwydd", "the"} <= stop_words()


@pytest.mark.usefixtures("whole")
def test_a_date_of_numbers_is_read_in_the_order_of_the_language() -> None:
    assert read_typed("4/3/2027", CODE, NOW.replace(tzinfo=None)).day == date(2027, 3, 4)
    calendar = work_calendar(Settings(time_zone="Europe/London"))
    assert parse_moment("1 Rhagfyr 2026", None, calendar) == date(2026, 12, 1)


# --- a language that has no more than its catalogue ------------------------------------------------------


@pytest.mark.usefixtures("catalogue_alone")
def test_what_a_language_does_not_have_is_in_english() -> None:
    with i18n.speaking(CODE):
        assert i18n._("Today") == pseudo("Today")
    assert [each.body for each in builtin_scripts(CODE)] == [each.body for each in builtin_scripts("en")]
    assert settings_for([CODE], "UTC").currency == "USD"
    header, *_rows = csv.reader(io.StringIO(exported(Job(client_id="ana")).decode("utf-8-sig"), newline=""))
    assert header[0] == "Job"
    assert read_typed("tomorrow", CODE, NOW.replace(tzinfo=None)).day == date(2026, 11, 26)


def test_the_pseudo_locale_is_gone_after_the_tests(tmp_path: Path) -> None:
    with pseudo_locale.added(tmp_path / "locales", whole=False):
        assert CODE in LANGUAGES
    assert CODE not in LANGUAGES
    assert check(Script(language=CODE, title="x", body="x"))


@pytest.mark.usefixtures("whole")
def test_a_length_of_time_fits_into_a_ring() -> None:
    formatter = Formatter(CODE, LONDON)
    for hours in (0.75, 23, 2 * 24, 13 * 24, 21 * 24, 800 * 24):
        assert len(formatter.short_duration(timedelta(hours=hours))) <= i18n.RING_ROOM
