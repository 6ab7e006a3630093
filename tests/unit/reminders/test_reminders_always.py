"""Properties of the reminder plan for arbitrary states."""

import json
from datetime import UTC, datetime, time, timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.codes import Direction
from app.domain.entities import OFFICE_HOURS, Client, Job, Message, Settings
from app.domain.hours import parse_clock, work_calendar
from app.reminders.plan import HORIZON, LIMIT
from app.reminders.triggers import ReminderKind
from tests.unit.domain.support import NEW_YORK, at
from tests.unit.domain.test_agenda import World
from tests.unit.reminders.test_reminders import DAY, HOUR, NOW, planned

offsets = st.integers(-10 * 24 * 60, 40 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
clocks = st.sampled_from(["00:00", "02:30", "08:00", "13:00", "19:45", "20:00", "23:59"])
zones = st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"])
starts = st.sampled_from(  # ordinary days, and days before clock changes
    [NOW, at("2026-03-28 21:00"), at("2026-10-24 21:00"), at("2026-10-31 22:00", NEW_YORK)]
)


# Ordinary weeks, with and without breaks; nights; a few minutes; varying days; no day at all.
WEEKS = (
    OFFICE_HOURS,
    {str(day): [["09:00", "12:00"], ["13:30", "18:00"]] for day in range(5)},
    {str(day): [["21:00", "03:00"]] for day in range(7)},
    {"0": [["10:00", "10:10"], ["16:00", "16:15"]], "5": [["22:00", "23:00"]]},
    {"1": [["06:00", "14:00"]], "3": [["12:00", "20:30"]], "4": [["23:00", "02:00"]]},
    {str(day): [["00:00", "24:00"]] for day in range(7)},
    {},
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[World, datetime]:
    now = draw(starts)
    snoozes = st.none() | st.integers(1, 5000).map(lambda minutes: now + timedelta(minutes=minutes))
    messages = []
    for number in range(draw(st.integers(0, 4))):
        received = now - abs(draw(offsets))
        messages.append(
            Message(
                id=f"m{number}",
                client_id="c",
                at=received,
                direction=draw(st.sampled_from(Direction)),
                due_at=draw(st.none() | offsets.map(lambda offset, since=received: since + abs(offset))),
                snoozed_until=draw(snoozes),
            )
        )
    jobs = [
        Job(
            id=f"j{number}",
            client_id="c",
            started_at=now - 3 * DAY,
            deadline=now + draw(offsets),
            snoozed_until=draw(snoozes),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    client = Client(
        id="c",
        standing_call_rule=draw(st.sampled_from(["", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH"])),
        standing_call_start=now - 7 * DAY + timedelta(hours=draw(st.integers(0, 23)), minutes=5),
    )
    first_off = (now + draw(st.integers(0, 30)) * DAY).date()
    days_off = [
        {"first": f"{first_off}", "last": f"{first_off + draw(st.integers(0, 9)) * DAY}", "label": ""}
    ]
    chosen = Settings(
        time_zone=draw(zones),
        working_hours=draw(st.sampled_from(WEEKS)),
        holiday_country=draw(st.sampled_from(["", "FR", "JP"])),
        days_off=draw(st.sampled_from([[], days_off])),
        quiet_hours=draw(st.just([]) | st.lists(clocks, min_size=2, max_size=2)),
        ring_on_days_off=draw(st.booleans()),
    )
    return World([client], messages, jobs, settings=chosen), now


def is_quiet(clock: time, quiet_hours: list[str]) -> bool:
    """Whether a local time is in [first, second), possibly across midnight. Always False if empty."""
    if not quiet_hours:
        return False
    first, second = map(parse_clock, quiet_hours)
    return first <= clock < second if first <= second else clock >= first or clock < second


def may_remind(world: World, at: datetime) -> bool:
    """Whether the user is at work, or wants reminders on this day off.

    If all working time is in quiet hours, any time of a working day counts.
    """
    calendar = work_calendar(world.settings)
    on_days_off = world.settings.ring_on_days_off
    if not calendar.is_working_day(calendar.local(at).date()):
        return on_days_off
    return calendar.is_working_time(at) or not works_outside_quiet_hours(world.settings)


def works_outside_quiet_hours(chosen: Settings) -> bool:
    return _works_outside_quiet_hours(
        json.dumps(chosen.working_hours), tuple(chosen.quiet_hours), chosen.ring_on_days_off
    )


@cache
def _works_outside_quiet_hours(working_hours: str, quiet_hours: tuple[str, ...], on_days_off: bool) -> bool:
    """Whether an ordinary week has a working minute outside quiet hours, on a day with reminders."""
    plain = Settings(time_zone="UTC", working_hours=json.loads(working_hours))
    calendar = work_calendar(plain)
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    return any(
        calendar.is_working_time(minute)
        and not is_quiet(minute.time(), [*quiet_hours])
        and (on_days_off or calendar.is_working_day(minute.date()))
        for minute in (monday + timedelta(minutes=5 * n) for n in range(7 * 24 * 12))
    )


@given(worlds())
@settings(deadline=None)
def test_reminders_are_in_the_future_within_the_horizon_and_outside_quiet_periods(
    drawn: tuple[World, datetime],
) -> None:
    world, now = drawn
    calendar = work_calendar(world.settings)
    for each in planned(world, now):
        assert now < each.fire_at <= now + HORIZON
        assert each.fire_at < each.expires_at
        assert each.fire_at == each.fire_at.astimezone(UTC).replace(microsecond=0)
        assert not is_quiet(calendar.local(each.fire_at).time(), world.settings.quiet_hours)
        assert each.rule is ReminderKind.SNOOZE_OVER or may_remind(world, each.fire_at)


@given(worlds())
@settings(deadline=None)
def test_reminders_are_sorted_unique_and_apart(drawn: tuple[World, datetime]) -> None:
    world, now = drawn
    reminders = planned(world, now)
    times = [each.fire_at for each in reminders]
    assert times == sorted(times)
    assert len({each.key for each in reminders}) == len(reminders) <= LIMIT
    by_group: dict[str, datetime] = {}
    for each in reminders:
        assert each.group not in by_group or each.fire_at - by_group[each.group] >= HOUR / 2
        by_group[each.group] = each.fire_at


@given(worlds(), st.integers(0, 12 * 24 * 60))
@settings(deadline=None)
def test_passing_time_does_not_change_future_reminders(drawn: tuple[World, datetime], minutes: int) -> None:
    """Otherwise devices would send different plans, and shown reminders could be repeated."""
    world, now = drawn
    later = now + timedelta(minutes=minutes)
    until = now + HORIZON - 15 * DAY
    before, after = (
        [
            each
            for each in planned(world, when)
            if later < each.fire_at < until and each.rule is not ReminderKind.OPEN_APP
        ]
        for when in (now, later)
    )
    assert before == after


def test_the_start_of_a_long_quiet_period_is_found_from_within() -> None:
    chosen = Settings(
        time_zone="Europe/Paris",
        days_off=[{"first": "2026-03-24", "last": "2026-03-26", "label": ""}],
        quiet_hours=["02:30", "00:00"],
    )
    job = Job(id="j", client_id="c", started_at=NOW - 3 * DAY, deadline=at("2026-03-27 02:30"))
    world = World(jobs=[job], settings=chosen)
    for now in (at("2026-03-23 08:00"), NOW, at("2026-03-26 12:00")):
        rules = [each.rule for each in planned(world, now)]
        assert rules == [ReminderKind.DEADLINE_EVE, ReminderKind.DEADLINE_SOON]
