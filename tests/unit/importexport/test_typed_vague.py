"""Words without an hour or a date: what each stands for, and what is refused because it stays open."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from app.domain.hours import WorkCalendar, zone_of
from app.importexport.typed_dates import TypedTimeError
from app.importexport.typed_times import TypedTime, read_typed

NOW = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)  # a Monday
HOURS = WorkCalendar(
    zone_of("UTC"), dict.fromkeys(range(5), ((time(8, 30), time(12)), (time(13), time(17, 30))))
)
OPENS, CLOSES, NOON = time(8, 30), time(17, 30), time(12)
TODAY, TOMORROW = date(2026, 11, 30), date(2026, 12, 1)


def read(text: str, language: str = "en", now: datetime = NOW, *, past: bool = False) -> TypedTime:
    return read_typed(text, language, now, past=past, calendar=HOURS)


@pytest.mark.parametrize(
    ("texts", "day", "clock"),
    [
        ("今日中|本日中|今日中に|当日中まで|EOD|by end of day|COB today|end of business day", TODAY, CLOSES),
        ("en fin de journée|fin de journée|dans la journée|aujourd'hui en fin de journée", TODAY, CLOSES),
        ("明日中|明日中に|EOD tomorrow|tomorrow, end of day|demain en fin de journée", TOMORROW, CLOSES),
        ("明日の朝|明朝|翌朝|tomorrow morning|demain matin", TOMORROW, OPENS),
        ("明日朝イチ|明日の朝一で|tomorrow first thing|demain en début de journée", TOMORROW, OPENS),
        (
            "明日の午前中|demain en fin de matinée|demain midi|tomorrow noon|明日のお昼|明日の正午",
            TOMORROW,
            NOON,
        ),
        ("明日の午前中まで|demain dans la matinée|tomorrow lunchtime|明日の昼頃", TOMORROW, NOON),
        ("明日の夕方|明日夕方まで|demain en fin d'après-midi|late afternoon tomorrow", TOMORROW, time(17)),
        ("明日の夜|明晩", TOMORROW, time(20)),
        ("demain soir|tomorrow evening|mardi soir", TOMORROW, time(19)),
        ("demain après-midi|tomorrow afternoon|明日の午後", TOMORROW, time(15)),
        ("明後日15時|あさって１５時|après-demain à 15 h|day after tomorrow 3pm", date(2026, 12, 2), time(15)),
        ("今朝9時|今朝９時|ce matin 9h|ce matin à 9 h|this morning 9:00|9:00 this morning", TODAY, time(9)),
        (
            "ce matin 9h15|ce matin à 9 h 15|this morning 9:15|this morning at 9:15 am|今朝9時15分",
            TODAY,
            time(9, 15),
        ),
        ("ce soir 18h|tonight 6pm|this evening at 6|今晩6時|今夕6時|ce soir 6h", TODAY, time(18)),
        ("今晩|今夜", TODAY, time(20)),
        ("tomorrow morning at 9|demain matin à 9|demain matin 9h|明日の朝9時", TOMORROW, time(9)),
        ("demain après-midi 15h|tomorrow afternoon at 3|明日の昼3時|明日午後15時", TOMORROW, time(15)),
        ("昨夜|昨晩|last night", date(2026, 11, 29), time(20)),
        ("hier soir|yesterday evening", date(2026, 11, 29), time(19)),
        (
            "週明け|週明けに|来週頭|来週の初め|early next week|début de semaine prochaine",
            date(2026, 12, 7),
            OPENS,
        ),
        (
            "来週中|来週いっぱい|end of next week|by the end of next week|fin de la semaine prochaine",
            date(2026, 12, 11),
            CLOSES,
        ),
        (
            "今週中|今週いっぱい|end of the week|EOW|fin de semaine|d'ici la fin de la semaine",
            date(2026, 12, 4),
            CLOSES,
        ),
        (
            "月末|今月末|今月中|end of month|end of the month|EOM|fin du mois|fin de mois|à la fin du mois",
            TODAY,
            CLOSES,
        ),
        (
            "来月末|end of next month|fin du mois prochain|年内|end of the year|fin d'année",
            date(2026, 12, 31),
            CLOSES,
        ),
        ("12月末|12月いっぱい|end of December|fin décembre|à la fin de décembre", date(2026, 12, 31), CLOSES),
        ("月末15時|end of month 3pm|fin du mois à 15h", TODAY, time(15)),
        (
            "来週の金曜の朝|Friday morning next week|vendredi matin de la semaine prochaine",
            date(2026, 12, 11),
            OPENS,
        ),
        ("金曜の夕方|金曜夕方まで", date(2026, 12, 4), time(17)),
        ("金曜中|Friday EOD|vendredi en fin de journée|12/4中|4日中", date(2026, 12, 4), CLOSES),
        (
            "3営業日後|３営業日以内|in 3 business days|within three working days|sous 3 jours ouvrés",
            date(2026, 12, 3),
            CLOSES,
        ),
        ("2営業日後|sous 48 h ouvrées|sous 48h ouvrées|sous 48 heures ouvrées", date(2026, 12, 2), CLOSES),
        ("sous 4 h ouvrées", TOMORROW, time(10)),
        ("by New Year|by the New Year|d'ici le nouvel an|avant le nouvel an", date(2026, 12, 31), CLOSES),
        ("末日|今月末日|当月末", TODAY, CLOSES),
        ("来月末日|翌月末", date(2026, 12, 31), CLOSES),
        ("sous huitaine", date(2026, 12, 8), CLOSES),
        ("翌営業日|next business day|prochain jour ouvré", TOMORROW, CLOSES),
        ("3日以内|within 3 days|sous 3 jours|sous trois jours|d'ici 3 jours", date(2026, 12, 3), CLOSES),
        (
            "48時間以内|48時間後|in 48 hours|within 48 hours|sous 48 h|sous 48h|d'ici 48 heures",
            date(2026, 12, 2),
            time(15),
        ),
        ("half an hour ago|il y a une demi-heure|30分前", TODAY, time(14, 30)),
        ("1時間半後|in 90 minutes", TODAY, time(16, 30)),
        ("今|now|maintenant|さっき", TODAY, time(15)),
        ("in an hour|dans une heure|一時間後|1時間後", TODAY, time(16)),
    ],
)
def test_a_phrase_stands_for_its_time_in_whatever_language_the_app_is(
    texts: str, day: date, clock: time
) -> None:
    language_of_order = "ja"  # 12/4
    for text in texts.split("|"):
        assert read(text, language_of_order) == TypedTime(day, clock), text


@pytest.mark.parametrize(
    ("texts", "day"),
    [
        ("来月10日|来月の10日|翌月10日|le 10 du mois prochain|the 10th of next month", date(2026, 12, 10)),
        ("来月１０日(木)|来月10日（木）まで", date(2026, 12, 10)),
        ("再来月10日", date(2027, 1, 10)),
        ("先月10日|le 10 du mois dernier|10th of last month", date(2026, 10, 10)),
        ("今月10日", date(2026, 11, 10)),
        ("来年1月10日|来年の1月10日|10 January next year", date(2027, 1, 10)),
        ("10 janvier prochain|le 10 janvier prochain", date(2027, 1, 10)),
        ("大晦日|New Year's Eve|la Saint-Sylvestre", date(2026, 12, 31)),
        ("元日|元旦|New Year's Day|le jour de l'an", date(2027, 1, 1)),
        ("クリスマス|before Christmas|avant Noël", date(2026, 12, 25)),
        ("mardi en huit|le mardi en huit|Tuesday week|a week on Tuesday|demain en huit", date(2026, 12, 8)),
        ("mardi en quinze|a fortnight on Tuesday|Tuesday fortnight", date(2026, 12, 15)),
        ("in a fortnight", date(2026, 12, 14)),
        ("dans une quinzaine", date(2026, 12, 15)),
        ("今度の金曜|次の金曜日", date(2026, 12, 4)),
        ("lundi prochain|next Monday|来週月曜|来週の月曜日", date(2026, 12, 7)),
        ("vendredi de la semaine prochaine|Friday next week|next week Friday|来週金曜", date(2026, 12, 11)),
        ("dans une semaine|in a week|一週間後|dans sept jours", date(2026, 12, 7)),
        ("dans quinze jours|in two weeks|二週間後", None),
        ("in a month|dans un mois|1か月後|一ヶ月後", date(2026, 12, 30)),
        ("12月10日|十二月十日", date(2026, 12, 10)),
        ("d'ici vendredi|avant vendredi|by Friday|au plus tard vendredi|金曜までに", date(2026, 12, 4)),
    ],
)
def test_a_phrase_for_a_day_takes_no_time_with_it(texts: str, day: date | None) -> None:
    for text in texts.split("|"):
        found = read(text, "ja")
        assert found.clock is None, text
        assert day is None or found.day == day, text


@pytest.mark.parametrize(
    ("text", "clock"), [("午前中", NOON), ("お昼", NOON), ("夕方", time(17)), ("noon", NOON)]
)
def test_a_part_of_the_day_alone_leaves_the_day_open(text: str, clock: time) -> None:
    assert read(text) == TypedTime(clock=clock)


def test_the_end_of_work_alone_is_that_of_the_day_beside_it() -> None:
    beside = date(2026, 12, 4)
    assert read_typed("EOD", "en", NOW, calendar=HOURS, beside=beside) == TypedTime(beside, CLOSES)


def test_the_end_of_today_after_work_is_the_last_minute_of_the_day() -> None:
    for minute in (30, 31):
        late = NOW.replace(hour=17, minute=minute)
        assert read("今日中", "ja", late) == TypedTime(TODAY, time(23, 59))
    assert read("今日中", "ja", NOW.replace(hour=17, minute=29)) == TypedTime(TODAY, CLOSES)


def test_work_that_ends_after_midnight_ends_on_the_next_day() -> None:
    night = WorkCalendar(zone_of("UTC"), dict.fromkeys(range(7), ((time(20), time(2)),)))
    assert read_typed("今日中", "ja", NOW, calendar=night) == TypedTime(TOMORROW, time(2))


def test_a_day_off_ends_at_six() -> None:
    assert read("EOD Sunday") == TypedTime(date(2026, 12, 6), time(18))
    assert read("Sunday morning") == TypedTime(date(2026, 12, 6), time(9))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("週末", ["2026-12-04", "2026-12-05", "2026-12-06"]),
        ("weekend", ["2026-12-05", "2026-12-06"]),
        ("ce week-end", ["2026-12-05", "2026-12-06"]),
        ("来週末", ["2026-12-11", "2026-12-12", "2026-12-13"]),
        ("next weekend", ["2026-12-05", "2026-12-06", "2026-12-12", "2026-12-13"]),
        ("来週", [f"2026-12-{day:02}" for day in range(7, 12)]),
        ("next week", [f"2026-12-{day:02}" for day in range(7, 12)]),
        ("la semaine prochaine", [f"2026-12-{day:02}" for day in range(7, 12)]),
        ("今週", ["2026-11-30", *(f"2026-12-{day:02}" for day in range(1, 5))]),
        ("今週末", ["2026-12-04", "2026-12-05", "2026-12-06"]),
        *(
            (text, ["2026-12-11", "2026-12-15", "2026-12-18"])
            for text in (
                "mi-décembre",
                "à la mi-décembre",
                "mid-December",
                "12月中旬",
                "12月半ば",
                "来月中旬",
            )
        ),
        *(
            (text, ["2027-01-01", "2027-01-05", "2027-01-08"])
            for text in ("début janvier", "early January", "1月上旬", "beginning of January")
        ),
        *(
            (text, ["2026-12-01", "2026-12-04", "2026-12-10"])
            for text in ("来月上旬", "début du mois prochain")
        ),
        *((text, ["2026-12-01", "2026-12-02", "2026-12-04"]) for text in ("月初", "来月初め", "月初めまで")),
        *(
            (text, ["2027-01-04", "2027-01-06", "2027-01-08"])
            for text in ("年明け", "年明けに", "début d'année", "early in the new year", "after New Year")
        ),
        *(
            (text, ["2026-12-21", "2026-12-25", "2026-12-31"])
            for text in ("年末", "late December", "12月下旬")
        ),
        ("lundi en huit", ["2026-12-07", "2026-12-14"]),
        ("1月末", ["2027-01-29", "2027-01-31"]),
        ("fin janvier", ["2027-01-29", "2027-01-31"]),
    ],
)
def test_what_can_be_several_days_is_refused_with_them(text: str, days: list[str]) -> None:
    with pytest.raises(TypedTimeError) as refused:
        read(text, "ja")
    assert refused.value.code == "ambiguous"
    assert [day.isoformat() for day in refused.value.days] == days


@pytest.mark.parametrize(
    "text",
    [
        *(
            "来月",
            "今月",
            "先月",
            "来年",
            "なるべく早く",
            "至急",
            "近日中",
            "後日",
            "一日中",
        ),
        *("ASAP", "as soon as possible", "next month", "sometime", "late"),
        *("dès que possible", "le mois prochain", "l'année prochaine", "au plus vite", "bientôt"),
    ],
)
def test_what_is_no_certain_day_is_refused_as_vague(text: str) -> None:
    with pytest.raises(TypedTimeError) as refused:
        read(text)
    assert refused.value.code == "vague"


@pytest.mark.parametrize(
    "text", ["夜12時", "夜1時", "ce soir 1h", "tonight at 12", "朝13時", "13 am", "9am pm", "朝の午後9時"]
)
def test_an_hour_that_does_not_fit_the_part_of_the_day_is_refused(text: str) -> None:
    with pytest.raises(TypedTimeError):
        read(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [("月末", date(2026, 10, 31)), ("fin octobre", date(2026, 10, 31)), ("12月末", date(2025, 12, 31))],
)
def test_what_has_happened_is_looked_for_behind(text: str, day: date) -> None:
    everyday = WorkCalendar(zone_of("UTC"), dict.fromkeys(range(7), ((time(9), time(18)),)))
    now = datetime(2026, 11, 20, 15, tzinfo=UTC)
    assert read_typed(text, "ja", now, past=True, calendar=everyday).day == day


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("週末", ["2026-11-27", "2026-11-28", "2026-11-29"]),
        ("weekend", ["2026-11-28", "2026-11-29"]),
        ("月初", ["2026-11-02", "2026-11-03", "2026-11-05"]),
        ("年明け", ["2026-01-05", "2026-01-07", "2026-01-09"]),
        ("mi-décembre", ["2025-12-11", "2025-12-16", "2025-12-19"]),
        ("début novembre", ["2026-11-02", "2026-11-05", "2026-11-10"]),
    ],
)
def test_a_vague_word_for_what_has_happened_offers_days_behind(text: str, days: list[str]) -> None:
    with pytest.raises(TypedTimeError) as refused:
        read(text, "ja", past=True)
    assert [day.isoformat() for day in refused.value.days] == days


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("今週中", date(2026, 11, 27), CLOSES),
        ("fin de semaine", date(2026, 11, 27), CLOSES),
        ("週明け", date(2026, 11, 30), OPENS),
        ("終業", date(2026, 11, 29), time(18)),
        ("朝", TODAY, OPENS),
        ("大晦日", date(2025, 12, 31), None),
    ],
)
def test_a_word_for_what_has_happened_stands_for_the_last_such_time(
    text: str, day: date, clock: time | None
) -> None:
    assert read(text, "ja", past=True) == TypedTime(day, clock)


def test_days_that_have_passed_are_not_offered_for_what_is_to_come() -> None:
    now = NOW.replace(day=9)  # of November
    with pytest.raises(TypedTimeError) as refused:
        read("上旬", "ja", now)
    assert refused.value.days == (date(2026, 11, 9), date(2026, 11, 10))


def test_the_hour_typed_beside_several_days_is_kept() -> None:
    for text in ("来月中旬 15時", "週末15時", "mid-December 3pm"):
        with pytest.raises(TypedTimeError) as refused:
            read(text)
        assert refused.value.clock == time(15), text


def test_every_week_of_a_year_has_its_first_and_last_working_day() -> None:
    for offset in range(366):
        now = NOW + timedelta(days=offset)
        found = read("来週中", "ja", now).day
        start = read("週明け", "ja", now).day
        assert found is not None
        assert start is not None
        assert (start.weekday(), found.weekday(), (found - start).days) == (0, 4, 4)
        assert 0 < (start - now.date()).days <= 7
