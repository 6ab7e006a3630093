"""Standing calls keep their wall time; unscheduled calls are counted by the user's week."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calls import (
    first_standing_call,
    next_standing_call,
    rule_weekdays,
    standing_calls_between,
    unscheduled_this_week,
    validate_rule,
    week_of,
    weekly_rule,
)
from app.domain.codes import CallOutcome
from app.domain.entities import Call, Client, Settings
from app.domain.errors import DomainError
from app.domain.hours import work_calendar
from tests.unit.domain.support import (
    NEW_YORK,
    PARIS,
    TOKYO,
    at,
    clocks,
    instants,
    office,
    zones,
)

FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"
weekday_sets = st.sets(st.integers(0, 6), min_size=1)


def client(rule: str = FRIDAYS, start: str = "2026-01-02 10:00", **fields: object) -> Client:
    zone = ZoneInfo(str(fields.get("time_zone") or "Europe/Paris"))
    return Client(standing_call_rule=rule, standing_call_start=at(start, zone), **fields)


def local_times(calls: list[datetime], zone: ZoneInfo = PARIS) -> list[str]:
    return [f"{call.astimezone(zone):%a %d %b %H:%M}" for call in calls]


def test_the_next_standing_call_is_on_friday() -> None:
    tuesday = at("2026-03-24 15:20")
    assert next_standing_call(client(), tuesday, office()) == at("2026-03-27 10:00")


def test_a_call_in_progress_is_not_the_next_call() -> None:
    friday = at("2026-03-27 10:00")
    assert next_standing_call(client(), friday, office()) == at("2026-04-03 10:00")
    assert next_standing_call(client(), friday - timedelta(seconds=1), office()) == friday


@pytest.mark.parametrize(
    ("zone", "start", "first", "times"),
    [
        (
            PARIS,
            "2026-03-20",
            "2026-03-20 10:00",
            ["Fri 20 Mar 10:00", "Fri 27 Mar 10:00", "Fri 03 Apr 10:00"],
        ),
        (
            PARIS,
            "2026-10-20",
            "2026-01-02 10:00",
            ["Fri 23 Oct 10:00", "Fri 30 Oct 10:00", "Fri 06 Nov 10:00"],
        ),
        (
            NEW_YORK,
            "2026-03-05",
            "2026-01-02 16:30",
            ["Fri 06 Mar 16:30", "Fri 13 Mar 16:30", "Fri 20 Mar 16:30"],
        ),
    ],
)
def test_standing_calls_keep_their_wall_time_across_dst(
    zone: ZoneInfo, start: str, first: str, times: list[str]
) -> None:
    friday_call = Client(standing_call_rule=FRIDAYS, standing_call_start=at(first, zone))
    begin = at(f"{start} 00:00", zone)
    calls = standing_calls_between(friday_call, begin, begin + timedelta(days=18), office(zone))
    assert local_times(calls, zone) == times


def test_the_wall_time_is_in_the_clients_zone_if_known() -> None:
    in_new_york = client(start="2026-01-02 10:00", time_zone="America/New_York")
    # From 8 to 29 March the two zones are five hours apart, not six.
    begin = at("2026-03-05 00:00")
    calls = standing_calls_between(in_new_york, begin, begin + timedelta(days=30), office())
    assert local_times(calls) == [
        "Fri 06 Mar 16:00",
        "Fri 13 Mar 15:00",
        "Fri 20 Mar 15:00",
        "Fri 27 Mar 15:00",
        "Fri 03 Apr 16:00",
    ]


def test_a_call_in_a_dst_gap_is_held_after_it() -> None:
    nightly = client("FREQ=DAILY", "2026-03-27 02:30")
    calls = standing_calls_between(nightly, at("2026-03-28 00:00"), at("2026-03-31 00:00"), office())
    assert local_times(calls) == ["Sat 28 Mar 02:30", "Sun 29 Mar 03:30", "Mon 30 Mar 02:30"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=TU,FR", ["Tue 03 Mar", "Fri 06 Mar", "Tue 10 Mar"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", ["Fri 13 Mar", "Fri 27 Mar", "Fri 10 Apr"]),
        ("FREQ=MONTHLY;BYDAY=1FR", ["Fri 06 Mar", "Fri 03 Apr", "Fri 01 May"]),
        ("FREQ=MONTHLY;BYDAY=-1MO", ["Mon 30 Mar", "Mon 27 Apr", "Mon 25 May"]),
        ("FREQ=MONTHLY;BYMONTHDAY=15", ["Sun 15 Mar", "Wed 15 Apr", "Fri 15 May"]),
        ("freq=daily;interval=10", ["Tue 03 Mar", "Fri 13 Mar", "Mon 23 Mar"]),
        ("FREQ=WEEKLY;BYDAY=FR;UNTIL=20260313", ["Fri 06 Mar", "Fri 13 Mar"]),
        ("FREQ=WEEKLY;BYDAY=FR;COUNT=10", ["Fri 06 Mar"]),
    ],
)
def test_supported_rules_yield_the_expected_calls(rule: str, expected: list[str]) -> None:
    validate_rule(rule)
    begin = at("2026-03-01 00:00")
    calls = standing_calls_between(client(rule), begin, begin + timedelta(days=100), office())
    assert [text[:10] for text in local_times(calls)][:3] == expected


def test_no_standing_call_before_the_series_starts() -> None:
    assert next_standing_call(client(), at("2020-01-01 00:00"), office()) == at("2026-01-02 10:00")


def test_no_next_call_without_a_rule_or_after_its_end() -> None:
    now = at("2026-03-24 15:20")
    assert next_standing_call(Client(), now, office()) is None
    assert next_standing_call(Client(standing_call_rule=FRIDAYS), now, office()) is None
    assert next_standing_call(client("every now and then"), now, office()) is None
    assert next_standing_call(client("FREQ=WEEKLY;UNTIL=20260301"), now, office()) is None


@given(weekday_sets, clocks, zones, instants, instants)
def test_the_next_call_is_on_the_first_matching_weekday(
    days: set[int], clock: time, zone: ZoneInfo, agreed: datetime, now: datetime
) -> None:
    start = first_standing_call(days, clock, agreed, zone)
    agreement = Client(standing_call_rule=weekly_rule(days), standing_call_start=start, time_zone=zone.key)
    found = next_standing_call(agreement, now, office())
    # Independent check: try every day.
    first = max(now, agreed).astimezone(zone).date()
    candidates = (datetime.combine(first + timedelta(days=n), clock, zone) for n in range(9))
    later = (moment for moment in candidates if moment.weekday() in days and moment > now and moment > agreed)
    assert found == next(later)


@given(weekday_sets, instants, st.integers(0, 60 * 24 * 30), st.integers(0, 60 * 24 * 30))
def test_adjoining_spans_contain_each_standing_call_once(
    days: set[int], begin: datetime, first: int, second: int
) -> None:
    agreement = client(weekly_rule(days), "2025-12-01 10:00")
    middle = begin + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    calendar = office()
    joined = standing_calls_between(agreement, begin, middle, calendar)
    joined += standing_calls_between(agreement, middle, end, calendar)
    assert standing_calls_between(agreement, begin, end, calendar) == joined
    assert all(begin <= call < end for call in joined)


@given(weekday_sets)
def test_weekdays_survive_a_round_trip_through_a_rule(days: set[int]) -> None:
    rule = weekly_rule(days)
    validate_rule(rule)
    assert rule_weekdays(rule) == sorted(days)


def test_weekly_rules_follow_rfc_5545() -> None:
    assert weekly_rule([4, 1, 4]) == "FREQ=WEEKLY;BYDAY=TU,FR"
    for days in ([], [7], [-1]):
        with pytest.raises(DomainError, match="rule"):
            weekly_rule(days)


@pytest.mark.parametrize(
    "rule", ["", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "FREQ=DAILY", "on Fridays"]
)
def test_rules_that_are_not_weekly_have_no_weekdays(rule: str) -> None:
    assert rule_weekdays(rule) is None


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "Fridays",
        "RRULE:FREQ=WEEKLY",
        "BYDAY=FR",
        "FREQ=WEEKLY;",
        "FREQ=WEEKLY;FREQ=DAILY",
        "FREQ=SECONDLY",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=1FR",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;COUNT=3;UNTIL=20260301",
        "FREQ=WEEKLY;UNTIL=20260231",
        "FREQ=DAILY;BYDAY=FR",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR",
        "FREQ=WEEKLY;BYHOUR=10",
        "DTSTART:20260101T100000\nRRULE:FREQ=WEEKLY",
    ],
)
def test_unsupported_rules_are_rejected(rule: str) -> None:
    with pytest.raises(DomainError, match=r"^rule$"):
        validate_rule(rule)


def test_the_week_is_in_the_users_zone() -> None:
    tokyo = office(TOKYO)
    monday_morning_there = at("2026-03-23 01:00", TOKYO)
    assert week_of(monday_morning_there, tokyo) == (
        at("2026-03-23 00:00", TOKYO),
        at("2026-03-30 00:00", TOKYO),
    )
    assert week_of(monday_morning_there, office())[0] == at("2026-03-16 00:00")
    sundays = work_calendar(Settings(time_zone="Asia/Tokyo", first_weekday=6))
    assert week_of(monday_morning_there, sundays)[0] == at("2026-03-22 00:00", TOKYO)


def test_the_week_of_the_spring_dst_change_is_an_hour_shorter() -> None:
    start, end = week_of(at("2026-03-25 12:00"), office())
    assert end - start == timedelta(days=7, hours=-1)


NOW = at("2026-03-26 12:00")


def calls(*rows: tuple[str, str, bool]) -> list[Call]:
    return [
        Call(client_id="sato", at=at(when), outcome=CallOutcome(outcome), scheduled=scheduled)
        for when, outcome, scheduled in rows
    ]


def test_interruptions_are_this_weeks_unscheduled_calls() -> None:
    made = calls(
        ("2026-03-25 16:00", "voicemail", False),
        ("2026-03-23 09:00", "taken", False),
        ("2026-03-24 10:00", "taken", True),
        ("2026-03-22 23:59", "taken", False),
    )
    others = [Call(client_id="martin", at=NOW)]
    found = unscheduled_this_week([*made, *others], "sato", NOW, office())
    assert found == [made[1], made[0]]


def test_first_standing_call_requires_a_weekday() -> None:
    with pytest.raises(DomainError, match="rule"):
        first_standing_call([], time(10), NOW, PARIS)
    assert first_standing_call([3], time(12), NOW, PARIS) == at("2026-04-02 12:00")
    assert first_standing_call([3], time(12, 1), NOW, PARIS).astimezone(PARIS).date() == date(2026, 3, 26)
