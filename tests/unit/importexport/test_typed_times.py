"""Dates and times as people type them: every usual form, and never a guess."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from babel.dates import format_date, format_time
from hypothesis import given
from hypothesis import strategies as st

from app.importexport.typed_dates import TypedTimeError
from app.importexport.typed_times import TypedTime, read_typed

NOW = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)  # a Monday
LANGUAGES = st.sampled_from(["en", "fr", "ja"])


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        *((text, time(18)) for text in ("１８時", "18時", "午後6時", "夕方6時", "18h", "18 h", "18 heures")),
        *((text, time(18)) for text in ("6pm", "6 p.m.", "6 PM", "18:00", "１８：００", "à 18 h", "at 6 pm")),
        *(
            (text, time(18, 30))
            for text in ("18時30分", "18時半", "午後6時半", "18h30", "18 h 30", "18h30min")
        ),
        *((text, time(18, 30)) for text in ("18:30", "１８：３０", "6:30 pm", "6.30pm", "18時30分まで")),
        *((text, time(12)) for text in ("正午", "noon", "midi", "12 pm", "午後0時")),
        *((text, time(0)) for text in ("12 am", "0時")),
        ("3 h du matin", time(3)),
        ("午前9時05分", time(9, 5)),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_a_time_is_read_in_any_usual_form_whatever_the_language(
    text: str, clock: time, language: str
) -> None:
    assert read_typed(text, language, NOW) == TypedTime(clock=clock)


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        *(("ja", text, date(2026, 12, 4)) for text in ("12月4日", "１２／４", "12/4(金)", "金曜", "金曜日")),
        *(
            ("ja", text, date(2026, 12, 4))
            for text in ("2026年12月4日（金）", "令和8年12月4日", "4日後", "26/12/4")
        ),
        ("ja", "今日", date(2026, 11, 30)),
        ("ja", "明日", date(2026, 12, 1)),
        ("ja", "明後日", date(2026, 12, 2)),
        ("ja", "来週の金曜", date(2026, 12, 11)),
        ("ja", "30日", date(2026, 11, 30)),
        *(("fr", text, date(2026, 11, 30)) for text in ("30/11", "30.11.", "30 nov.", "30 novembre 2026")),
        *(("fr", text, date(2026, 11, 30)) for text in ("le 30", "aujourd’hui", "lun. 30 nov.", "11/30")),
        ("fr", "1er décembre", date(2026, 12, 1)),
        ("fr", "demain", date(2026, 12, 1)),
        ("fr", "après-demain", date(2026, 12, 2)),
        ("fr", "dans 2 j", date(2026, 12, 2)),
        ("fr", "mardi prochain", date(2026, 12, 1)),
        ("fr", "avant-hier", date(2026, 11, 28)),
        ("fr", "3/4", date(2027, 4, 3)),
        ("ja", "3/4", date(2027, 3, 4)),
        *(("en", text, date(2026, 11, 30)) for text in ("Nov 30", "30 Nov", "30/11", "11/30", "2026-11-30")),
        *(("en", text, date(2026, 11, 30)) for text in ("November 30th, 2026", "Mon, 30 Nov", "today")),
        ("en", "friday", date(2026, 12, 4)),
        ("en", "in 2 weeks", date(2026, 12, 14)),
        ("en", "day after tomorrow", date(2026, 12, 2)),
        ("en", "29 Feb", date(2028, 2, 29)),
    ],
)
def test_a_day_is_read_as_its_language_writes_it(language: str, text: str, day: date) -> None:
    assert read_typed(text, language, NOW) == TypedTime(day=day)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ja", "明日 10時"),
        ("ja", "12月1日（火）10:00"),
        ("ja", "19時間後"),
        ("fr", "demain à 10 h"),
        ("fr", "mardi 1er décembre à 10h"),
        ("fr", "dans 19 heures"),
        ("en", "tomorrow at 10 am"),
        ("en", "Tue, Dec 1, 10:00"),
        ("en", "2026-12-01T10:00"),
    ],
)
def test_a_day_and_a_time_are_read_together(language: str, text: str) -> None:
    assert read_typed(text, language, NOW) == TypedTime(date(2026, 12, 1), time(10))


def test_midnight_at_the_end_of_a_day_is_the_next_day() -> None:
    assert read_typed("12月4日 24:00", "ja", NOW) == TypedTime(date(2026, 12, 5), time(0))


@pytest.mark.parametrize("text", ["24:00", "24時", "２４：００", "minuit", "midnight", "真夜中"])
def test_midnight_alone_is_the_one_that_ends_the_day(text: str) -> None:
    assert read_typed(text, "ja", NOW) == TypedTime(date(2026, 12, 1), time(0))
    beside = date(2026, 12, 4)
    assert read_typed(text, "ja", NOW, beside=beside) == TypedTime(date(2026, 12, 5), time(0))
    assert read_typed(text, "ja", NOW, past=True) == TypedTime(date(2026, 11, 30), time(0))
    assert read_typed(text, "ja", NOW, clock_only=True) == TypedTime(clock=time(0))


@pytest.mark.parametrize(("text", "clock"), [("18", time(18)), ("1830", time(18, 30)), ("９", time(9))])
def test_digits_alone_are_a_time_only_where_a_time_is_asked_for(text: str, clock: time) -> None:
    assert read_typed(text, "ja", NOW, clock_only=True) == TypedTime(clock=clock)
    with pytest.raises(TypedTimeError):
        read_typed(text, "ja", NOW)


@pytest.mark.parametrize(
    ("text", "ahead", "back"),
    [
        ("11/29", date(2026, 11, 29), date(2026, 11, 29)),
        ("1/15", date(2027, 1, 15), date(2027, 1, 15)),
        ("4/1", date(2027, 4, 1), date(2026, 4, 1)),
        ("金曜", date(2026, 12, 4), date(2026, 11, 27)),
    ],
)
def test_a_day_without_a_year_is_the_near_one_on_the_side_that_is_asked_for(
    text: str, ahead: date, back: date
) -> None:
    assert read_typed(text, "ja", NOW).day == ahead
    assert read_typed(text, "ja", NOW, past=True).day == back


def test_what_may_be_two_days_in_english_is_refused_with_both() -> None:
    with pytest.raises(TypedTimeError) as refused:
        read_typed("3/4 at 10:00", "en", NOW)
    assert refused.value.code == "ambiguous"
    assert set(refused.value.days) == {date(2027, 3, 4), date(2027, 4, 3)}
    assert refused.value.clock == time(10)
    with pytest.raises(TypedTimeError) as refused:
        read_typed("next Friday", "en", NOW)
    assert refused.value.days == (date(2026, 12, 4), date(2026, 12, 11))


def test_a_weekday_that_is_not_the_dates_is_pointed_out() -> None:
    with pytest.raises(TypedTimeError) as refused:
        read_typed("12月4日（木）", "ja", NOW)
    assert (refused.value.code, refused.value.days) == ("weekday", (date(2026, 12, 4),))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "format"),
        ("がんばる", "format"),
        ("soon", "format"),
        ("10:00-12:00", "format"),
        ("demain 10", "format"),
        ("3 mardi", "format"),
        ("18.30", "range"),
        ("25:00", "range"),
        ("13 pm", "range"),
        ("18:60", "range"),
        ("31/2", "range"),
        ("2026-13-01", "range"),
        ("9999年1月1日", "range"),
        ("in 9999 weeks", "range"),
        ("9" * 101, "format"),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_anything_else_is_refused(text: str, code: str, language: str) -> None:
    with pytest.raises(TypedTimeError) as refused:
        read_typed(text, language, NOW)
    assert refused.value.code == code


def test_mar_is_no_month_in_french_where_it_is_tuesday_too() -> None:
    with pytest.raises(TypedTimeError):
        read_typed("mar. 3", "fr", NOW)
    assert read_typed("mar. 1er déc.", "fr", NOW).day == date(2026, 12, 1)


@given(
    language=LANGUAGES,
    days=st.integers(-9000, 9000),
    width=st.sampled_from(["medium", "long", "full"]),
    minute=st.integers(0, 1439),
)
def test_what_the_locale_writes_is_read_back(language: str, days: int, width: str, minute: int) -> None:
    day, clock = NOW.date() + timedelta(days=days), time(*divmod(minute, 60))
    text = f"{format_date(day, width, locale=language)} {format_time(clock, 'short', locale=language)}"
    assert read_typed(text, language, NOW) == TypedTime(day, clock)


@given(language=LANGUAGES, days=st.integers(-85, 270))
def test_a_near_day_is_read_back_without_its_year(language: str, days: int) -> None:
    day = NOW.date() + timedelta(days=days)
    text = format_date(day, "d MMMM" if language != "ja" else "M月d日", locale=language)
    assert read_typed(text, language, NOW).day == day


@given(language=LANGUAGES, text=st.text(max_size=40), past=st.booleans(), clock_only=st.booleans())
def test_no_text_does_anything_but_be_read_or_refused(
    language: str, text: str, past: bool, clock_only: bool
) -> None:
    try:
        found = read_typed(text, language, NOW, past=past, clock_only=clock_only)
    except TypedTimeError:
        return
    assert found.day or found.clock is not None
