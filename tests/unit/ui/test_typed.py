"""Date and time fields: the interpretation shown for typed text, or the forms that are understood."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.hours import WorkCalendar
from app.i18n import Formatter, use_language
from app.ui.components.typed import TimeKind, TimeQuestion, answer, understood

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 30, 15, tzinfo=PARIS)  # a Monday
INITIAL = datetime(2026, 12, 4, 18, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    use_language("en")


def asked(language: str = "en", kind: TimeKind = "moment", **options: Any) -> TimeQuestion:
    use_language(language)
    return TimeQuestion(kind, INITIAL, NOW, Formatter(language, PARIS), **options)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
@pytest.mark.parametrize("kind", ["moment", "day", "clock"])
def test_the_initial_text_of_a_field_is_read_as_its_value(language: str, kind: TimeKind) -> None:
    question = asked(language, kind)
    found = answer(question, question.text)
    assert found.at is not None
    if kind != "day":
        assert found.at.time() == time(18)
    if kind != "clock":
        assert found.at.date() == INITIAL.date()


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "tomorrow 6 pm", "Tuesday, December 1, 6 PM · tomorrow"),
        ("fr", "1er déc. 18h30", "mardi 1er décembre à 18 h 30 · demain"),
        ("ja", "１２月１日 １８時", "12月1日(火) 18:00 · 明日"),
        ("en", "5 Jan 10:00", "Tuesday, January 5, 2027, 10 AM · in 36 days"),
    ],
)
def test_the_interpretation_is_shown_in_full(language: str, text: str, said: str) -> None:
    assert plain(answer(asked(language), text).said) == said


def test_a_time_alone_keeps_the_day_and_a_day_alone_keeps_the_time() -> None:
    assert answer(asked(), "3 pm").at == INITIAL.replace(hour=15)
    kept = asked(kept=True)
    assert answer(kept, "5 Dec").at == INITIAL.replace(day=5)


HOURS = WorkCalendar(PARIS, dict.fromkeys(range(5), ((time(8, 30), time(17, 30)),)))
THIS_MINUTE = NOW.replace(minute=47)


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("fr", "11 décembre", (2026, 12, 11)),
        ("en", "Dec 11", (2026, 12, 11)),
        ("ja", "12月11日", (2026, 12, 11)),
        ("ja", "来週金曜", (2026, 12, 11)),
        ("fr", "vendredi de la semaine prochaine", (2026, 12, 11)),
    ],
)
def test_a_date_alone_for_a_deadline_means_the_end_of_the_working_day(
    language: str, text: str, day: tuple[int, int, int]
) -> None:
    question = replace(asked(language, calendar=HOURS), at=THIS_MINUTE, now=THIS_MINUTE)
    found = answer(question, text)
    assert found.at == datetime(*day, 17, 30, tzinfo=PARIS)
    said = {
        "en": "End of your working day.",
        "fr": "Fin de votre journée de travail.",
        "ja": "終業時刻です。",
    }
    assert found.said.splitlines()[1:] == [said[language]]


def test_a_date_alone_for_an_event_means_the_start_of_the_working_day() -> None:
    for past in (True, None):
        question = replace(asked(calendar=HOURS, past=past), at=THIS_MINUTE, now=THIS_MINUTE)
        assert answer(question, "Nov 27").at == datetime(2026, 11, 27, 8, 30, tzinfo=PARIS)
        assert answer(question, "Nov 27").said.endswith("Start of your working day.")
    question = replace(asked(calendar=HOURS, usual="opening"), at=THIS_MINUTE, now=THIS_MINUTE)
    assert answer(question, "Dec 4").at == datetime(2026, 12, 4, 8, 30, tzinfo=PARIS)


def test_today_for_a_past_event_before_working_hours_means_now() -> None:
    early = NOW.replace(hour=7)
    question = replace(asked(calendar=HOURS, past=True), at=NOW - timedelta(days=3), now=early)
    assert answer(question, "today").at == early


def test_today_for_a_deadline_after_working_hours_means_the_end_of_the_day() -> None:
    late = NOW.replace(hour=20)
    for text in ("today", "EOD"):
        found = answer(replace(asked(calendar=HOURS), now=late), text)
        assert found.at == NOW.replace(hour=23, minute=59)
        assert found.said.endswith("End of the day.")


def test_a_date_on_a_day_off_gets_a_usual_hour_and_says_so() -> None:
    found = answer(asked(calendar=HOURS), "Sunday")
    assert found.at == datetime(2026, 12, 6, 18, tzinfo=PARIS)
    assert found.said.endswith("No working day: this is a usual hour.")


def test_a_vague_time_of_day_is_read_from_the_working_hours() -> None:
    assert answer(asked(calendar=HOURS), "tomorrow morning").said.endswith("Start of your working day.")
    assert answer(asked(calendar=HOURS, kept=True), "EOD").at == INITIAL.replace(hour=17, minute=30)
    assert answer(asked(calendar=HOURS), "EOD").at == NOW.replace(hour=17, minute=30)
    assert answer(asked(calendar=HOURS), "this evening").at == NOW.replace(hour=19)


def test_the_end_of_a_month_in_a_day_field_is_its_last_day() -> None:
    found = answer(asked(kind="day", calendar=HOURS), "end of December")
    assert found.at is not None
    assert found.at.date() == date(2026, 12, 31)
    assert "working day" not in found.said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "next month", "This leaves the day open."),
        ("fr", "le mois prochain", "Cela ne dit pas quel jour."),
        ("ja", "来月", "日にちが決まりません。"),
    ],
)
def test_a_text_without_a_day_is_refused_with_a_sentence(language: str, text: str, said: str) -> None:
    refused = answer(asked(language), text)
    assert refused.at is None
    assert refused.error.startswith(said)


def test_a_week_is_refused_and_offers_its_working_days() -> None:
    refused = answer(asked(calendar=HOURS), "next week")
    assert refused.error == "This can be several days. Which one do you mean?"
    assert refused.choices == tuple(date(2026, 12, day) for day in range(7, 12))


def test_a_typed_time_is_in_the_users_zone() -> None:
    found = answer(asked(), "2026-12-04 18:00").at
    assert found is not None
    assert found.astimezone(UTC) == datetime(2026, 12, 4, 17, tzinfo=UTC)


def test_past_and_future_times_get_a_warning_where_unexpected() -> None:
    assert answer(asked(), "yesterday").warning == "This has passed already."
    assert answer(asked(), "tomorrow").warning == ""
    assert answer(asked(past=True), "tomorrow").warning == "This is still to come."
    assert answer(asked(past=True), "yesterday").warning == ""
    assert answer(asked(past=None), "yesterday").warning == answer(asked(past=None), "tomorrow").warning == ""
    assert answer(asked(kind="day"), "today").warning == ""


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
@pytest.mark.parametrize("kind", ["moment", "day", "clock"])
def test_an_unreadable_text_is_refused_with_example_forms(language: str, kind: TimeKind) -> None:
    question = asked(language, kind)
    refused = answer(question, "がんばる soon")
    assert refused.at is None
    assert question.forms in refused.error


def test_an_ambiguous_date_offers_both_days_and_keeps_the_typed_time() -> None:
    refused = answer(asked(), "3/4 at 10:00")
    assert refused.at is None
    assert set(refused.choices) == {date(2027, 3, 4), date(2027, 4, 3)}
    chosen = understood(asked(), refused.choices[0], refused.clock or time(0))
    assert chosen.at == datetime.combine(refused.choices[0], time(10), PARIS)


def test_a_weekday_that_does_not_match_the_date_names_the_right_one() -> None:
    assert "Friday, December 4" in answer(asked(), "Thursday, Dec 4").error


def test_a_day_field_refuses_a_time() -> None:
    refused = answer(asked(kind="day"), "Dec 4 10:00")
    assert refused.at is None
    assert refused.error.startswith("Only a day is asked for here.")


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
@pytest.mark.parametrize("kind", ["moment", "day", "clock"])
def test_every_example_form_is_understood(language: str, kind: TimeKind) -> None:
    question = asked(language, kind)
    lead = {"en": "For example ", "fr": "Par exemple ", "ja": "入力例："}[language]
    examples = re.split(r", | or | ou |、", question.forms.removeprefix(lead).removesuffix("."))
    assert len(examples) >= 4
    for example in examples:
        assert answer(question, example).at is not None, example


EXAMPLES = {"en": r", | or ", "fr": r", | ou ", "ja": "、"}


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
@pytest.mark.parametrize("kind", ["moment", "day"])
def test_the_examples_of_a_field_for_past_times_are_in_the_past(language: str, kind: TimeKind) -> None:
    question = replace(asked(language, kind, past=True), at=NOW)
    lead = {"en": "For example ", "fr": "Par exemple ", "ja": "入力例："}[language]
    examples = re.split(EXAMPLES[language], question.forms.removeprefix(lead).removesuffix("."))
    assert len(examples) >= 4
    for example in examples:
        at = answer(question, example).at
        assert at is not None, example
        assert at < NOW, example


@pytest.mark.parametrize("text", ["夕方", "soir", "終業"])
def test_a_future_part_of_the_day_in_a_past_field_means_yesterday(text: str) -> None:
    found = answer(asked("ja", past=True), text).at
    assert found is not None
    assert found.date() == date(2026, 11, 29)


def test_a_number_of_hours_in_a_day_field_is_read_as_a_day() -> None:
    for text in ("sous 48 h", "48時間以内", "in 48 hours"):
        found = answer(asked("fr", kind="day"), text).at
        assert found is not None, text
        assert found.date() == date(2026, 12, 2), text


@pytest.mark.parametrize(
    ("language", "text"), [("fr", "d'ici vendredi"), ("en", "by Friday"), ("ja", "金曜までに")]
)
def test_a_by_date_is_read_as_a_future_day_even_in_a_past_field(language: str, text: str) -> None:
    found = answer(asked(language, past=True), text)
    assert found.at is not None
    assert found.at.date() == date(2026, 12, 4)
    assert found.warning
