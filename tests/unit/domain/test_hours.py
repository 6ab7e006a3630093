"""The user's calendar: business days and working minutes, with nights, days off and daylight saving."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities import Settings
from app.domain.hours import (
    WorkCalendar,
    days_of,
    is_zone,
    parse_clock,
    parse_weekly,
    validate_weekly,
    work_calendar,
    zone_of,
)
from tests.unit.domain.support import (
    NEW_YORK,
    PARIS,
    TOKYO,
    at,
    calendars,
    instants,
    minute_instants,
    office,
    paris_settings,
)


def wall(instant: datetime, zone: ZoneInfo = PARIS) -> str:
    return f"{instant.astimezone(zone):%a %d %b %H:%M}"


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2026-03-24 10:00", 1, "Wed 25 Mar 10:00"),
        ("2026-03-27 17:30", 1, "Mon 30 Mar 17:30"),  # over the weekend on which clocks go forward
        ("2026-10-23 09:15", 1, "Mon 26 Oct 09:15"),  # and the one on which they go back
        (
            "2026-03-28 12:00",
            1,
            "Tue 31 Mar 09:00",
        ),  # a message from Saturday counts as received on Monday morning
        ("2026-03-23 20:00", 1, "Wed 25 Mar 09:00"),  # after hours counts as the next morning
        ("2026-03-23 07:00", 1, "Tue 24 Mar 09:00"),
        ("2026-03-28 12:00", 0, "Mon 30 Mar 09:00"),
        ("2026-03-24 10:00", 5, "Tue 31 Mar 10:00"),
    ],
)
def test_business_days_keep_the_wall_time(received: str, days: int, due: str) -> None:
    assert wall(office().add_business_days(at(received), days)) == due


def test_business_days_keep_the_wall_time_in_new_york() -> None:
    friday = at("2026-10-30 16:00", NEW_YORK)
    monday = office(NEW_YORK).add_business_days(friday, 1)
    assert wall(monday, NEW_YORK) == "Mon 02 Nov 16:00"
    assert monday - friday == timedelta(days=3, hours=1)


def test_days_off_are_not_business_days() -> None:
    golden_week = office(TOKYO, "2026-04-29", "2026-05-04", "2026-05-05", "2026-05-06")
    due = golden_week.add_business_days(at("2026-05-01 11:00", TOKYO), 1)
    assert wall(due, TOKYO) == "Thu 07 May 11:00"


@pytest.mark.parametrize(
    ("deadline", "days", "internal"),
    [
        ("2026-03-24 10:00", 1, "Mon 23 Mar 10:00"),
        ("2026-03-30 09:00", 1, "Fri 27 Mar 09:00"),
        ("2026-03-29 12:00", 1, "Thu 26 Mar 18:00"),  # a Sunday deadline leaves the whole of Friday
        ("2026-03-23 23:59", 1, "Fri 20 Mar 18:00"),
        ("2026-03-29 12:00", 0, "Fri 27 Mar 18:00"),
    ],
)
def test_subtracting_working_days_leaves_whole_days_of_work(deadline: str, days: int, internal: str) -> None:
    assert wall(office().subtract_working_days(at(deadline), days)) == internal


def test_working_minutes_skip_nights_breaks_and_days_off() -> None:
    split = {day: ((time(9), time(12)), (time(13), time(18))) for day in range(5)}
    calendar = WorkCalendar(PARIS, split, frozenset({date(2026, 3, 24)}))
    monday = at("2026-03-23 11:30")
    assert wall(calendar.add_working_minutes(monday, 60)) == "Mon 23 Mar 13:30"
    assert wall(calendar.add_working_minutes(monday, 5 * 60 + 30)) == "Mon 23 Mar 18:00"
    assert wall(calendar.add_working_minutes(monday, 5 * 60 + 31)) == "Wed 25 Mar 09:01"
    assert calendar.working_minutes_between(monday, at("2026-03-25 10:00")) == 5 * 60 + 30 + 60
    assert calendar.working_minutes_between(at("2026-03-25 10:00"), monday) == 0


def test_a_night_shift_belongs_to_the_day_it_starts_on() -> None:
    nights = WorkCalendar(PARIS, {4: ((time(22), time(2)),)})
    saturday_one = at("2026-03-28 01:00")
    assert nights.is_working_time(saturday_one)
    assert not nights.is_working_day(date(2026, 3, 28))
    assert wall(nights.add_business_days(saturday_one, 1)) == "Sat 04 Apr 01:00"
    assert wall(nights.closing(date(2026, 3, 27))) == "Sat 28 Mar 02:00"


def test_a_night_shift_across_dst_is_an_hour_shorter_or_longer() -> None:
    nights = WorkCalendar(PARIS, {5: ((time(22), time(6)),)})
    spring, autumn = at("2026-03-28 12:00"), at("2026-10-24 12:00")
    assert nights.working_minutes_between(spring, spring + timedelta(days=2)) == 7 * 60
    assert nights.working_minutes_between(autumn, autumn + timedelta(days=2)) == 9 * 60


def test_overlapping_spans_count_once() -> None:
    calendar = WorkCalendar(PARIS, {0: ((time(22), time(2)),), 1: ((time(1), time(5)),)})
    monday = at("2026-03-23 22:00")
    assert calendar.working_minutes_between(monday, monday + timedelta(days=1)) == 7 * 60
    assert wall(calendar.add_working_minutes(monday, 5 * 60)) == "Tue 24 Mar 03:00"


def test_a_span_inside_a_dst_gap_is_not_working_time() -> None:
    owl = WorkCalendar(PARIS, {6: ((time(2), time(3)),)})
    assert not owl.is_working_day(date(2026, 3, 29))
    assert owl.is_working_day(date(2026, 4, 5))


def test_without_working_hours_every_day_is_a_working_day() -> None:
    calendar = WorkCalendar(PARIS, {})
    sunday = date(2026, 3, 29)
    assert calendar.is_working_day(sunday)
    assert calendar.next_working_day(sunday) == date(2026, 3, 30)
    assert wall(calendar.add_business_days(at("2026-03-27 10:00"), 2)) == "Sun 29 Mar 10:00"


def test_years_of_days_off_do_not_hang_the_search() -> None:
    settings = paris_settings(days_off=[{"first": "2026-01-01", "last": "2027-12-31", "label": "sabbatical"}])
    assert work_calendar(settings).next_working_day(date(2026, 3, 1)) == date(2028, 1, 3)


@given(calendars, st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_adjacent_working_days_have_none_between_them(calendar: WorkCalendar, day: date) -> None:
    following, previous = calendar.next_working_day(day), calendar.previous_working_day(day)
    assert previous < day < following
    assert calendar.is_working_day(following)
    assert calendar.is_working_day(previous)
    between = (previous + timedelta(days=n) for n in range(1, (following - previous).days))
    assert not any(calendar.is_working_day(other) for other in between if other != day)


@given(calendars, instants, st.integers(0, 12))
def test_each_added_business_day_is_one_more_working_day(
    calendar: WorkCalendar, start: datetime, days: int
) -> None:
    begun = calendar.add_business_days(start, 0)
    due = calendar.add_business_days(start, days)
    assert start <= begun <= due
    assert calendar.is_working_time(begun)
    assert calendar.add_business_days(start, days + 1) > due
    # The start may be in last night's shift; its working day is the one that counts.
    first = calendar.local(begun).date()
    if any(opens <= begun < closes for opens, closes in calendar.working_spans(first)):
        span = (calendar.local(due).date() - first).days
        passed = sum(calendar.is_working_day(first + timedelta(days=n + 1)) for n in range(span))
        assert passed == days


@given(calendars, instants, instants, st.integers(0, 5))
def test_a_later_start_is_never_due_earlier(
    calendar: WorkCalendar, one: datetime, other: datetime, days: int
) -> None:
    earlier, later = sorted((one, other))
    assert calendar.add_business_days(earlier, 0) <= calendar.add_business_days(later, 0)
    assert calendar.add_working_minutes(earlier, 90) <= calendar.add_working_minutes(later, 90)
    assert calendar.subtract_working_days(earlier, 0) <= calendar.subtract_working_days(later, 0)


@given(calendars, minute_instants, st.integers(0, 12))
def test_subtracting_working_days_ends_in_earlier_working_time(
    calendar: WorkCalendar, end: datetime, days: int
) -> None:
    back = calendar.subtract_working_days(end, days)
    assert back <= end
    assert calendar.subtract_working_days(end, days + 1) < back
    assert calendar.working_minutes_between(calendar.subtract_working_days(end, 0), end) == 0


@given(calendars, minute_instants, st.integers(1, 5000))
def test_added_working_minutes_equal_counted_minutes(
    calendar: WorkCalendar, start: datetime, minutes: int
) -> None:
    end = calendar.add_working_minutes(start, minutes)
    assert calendar.working_minutes_between(start, end) == minutes
    assert calendar.working_minutes_between(start, end - timedelta(minutes=1)) == minutes - 1


@given(calendars, minute_instants, st.integers(0, 20_000), st.integers(0, 20_000))
def test_working_minutes_are_additive(
    calendar: WorkCalendar, start: datetime, first: int, second: int
) -> None:
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    parts = calendar.working_minutes_between(start, middle) + calendar.working_minutes_between(middle, end)
    assert calendar.working_minutes_between(start, end) == parts <= first + second


@given(calendars, minute_instants)
def test_working_time_matches_counted_minutes(calendar: WorkCalendar, now: datetime) -> None:
    counted = calendar.working_minutes_between(now, now + timedelta(minutes=1))
    assert calendar.is_working_time(now) == (counted == 1)


def test_the_calendar_follows_the_settings() -> None:
    settings = paris_settings(
        working_hours={"5": [["10:00", "14:00"]]},
        days_off=[{"first": "2026-04-04", "last": "2026-04-05", "label": "Easter"}],
    )
    calendar = work_calendar(settings)
    assert calendar.working_spans(date(2026, 3, 28)) == ((at("2026-03-28 10:00"), at("2026-03-28 14:00")),)
    assert calendar.next_working_day(date(2026, 3, 28)) == date(2026, 4, 11)
    assert work_calendar(paris_settings()).next_working_day(date(2026, 3, 28)) == date(2026, 3, 30)


def test_invalid_settings_do_not_break_the_calendar() -> None:
    settings = Settings(
        time_zone="Mars/Olympus",
        working_hours={"0": [["nine", "five"], ["09:00", "12:00"]], "9": [["09:00", "12:00"]]},
        days_off=[
            {"first": "soon", "last": "later", "label": ""},
            {"first": "0001-01-01", "last": "9999-12-31"},
        ],
    )
    calendar = work_calendar(settings)
    assert calendar.zone == ZoneInfo("UTC")
    assert calendar.next_working_day(date(2026, 3, 25)) == date(2026, 3, 30)
    assert calendar.add_working_minutes(at("2026-03-30 00:00"), 60) == datetime(2026, 3, 30, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "problems"),
    [
        ({}, []),
        ({"0": [["09:00", "12:00"], ["12:00", "18:00"]], "5": [["22:00", "24:00"]]}, []),
        ({"6": [["00:00", "24:00"]]}, []),
        ({"7": [["09:00", "12:00"]]}, ["weekday"]),
        ({"0": [["09:00", "09:00"]]}, ["clock"]),
        ({"0": [["9h", "12h"]], "x": []}, ["clock", "weekday"]),
        ({"0": [["09:00"]]}, ["clock"]),
        ({"0": [["09:00", "13:00"], ["12:00", "18:00"]]}, ["overlap"]),
        ({"0": [["20:00", "02:00"], ["21:00", "22:00"]]}, ["overlap"]),
        ({"0": [["22:00", "02:00"]], "1": [["02:00", "06:00"]]}, []),
        ({"6": [["22:00", "06:00"]], "0": [["05:00", "09:00"]]}, ["overlap"]),
    ],
)
def test_invalid_working_hours_are_reported(hours: dict[str, list[list[str]]], problems: list[str]) -> None:
    assert validate_weekly(hours) == problems


def test_working_hours_are_sorted() -> None:
    weekly = parse_weekly({"0": [["13:00", "18:00"], ["9:00", "12:00"]], "1": []})
    assert weekly == {0: ((time(9), time(12)), (time(13), time(18)))}


@pytest.mark.parametrize("text", ["", "25:00", "24:01", "9", "09:60", "09:00:00", "٠٩:00", " 09:00", "0900"])
def test_invalid_clock_times_are_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="clock"):
        parse_clock(text)


def test_unknown_zones_fall_back_to_the_default() -> None:
    assert zone_of("Asia/Tokyo", PARIS) == TOKYO
    for name in ("", "Nowhere/At_All", "../etc/passwd", "Europe", "\0"):
        assert zone_of(name, PARIS) == PARIS
        assert not is_zone(name)
    assert zone_of("?") == ZoneInfo("UTC")


def test_a_span_of_days_off_includes_both_ends() -> None:
    span = {"first": "2026-12-31", "last": "2027-01-02", "label": ""}
    assert days_of(span) == [date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2)]
    assert days_of(span | {"last": "2026-12-30"}) == []
