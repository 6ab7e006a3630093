"""Quiet periods: how reminders move out of quiet hours, evenings and days off."""

import pytest

from app.domain.entities import Client, Settings
from tests.unit.domain.support import TOKYO, at, paris_settings
from tests.unit.domain.test_agenda import World
from tests.unit.reminders.test_reminders import HOUR, NOW, job, message, reminder_times

ALL_DAY = {str(day): [["00:00", "24:00"]] for day in range(7)}
WEEKDAYS = {str(day): [["00:00", "24:00"]] for day in range(5)}


@pytest.fixture
def all_day() -> Settings:
    """Settings of a user who works at any hour, so that only quiet hours apply."""
    return paris_settings(working_hours=ALL_DAY)


@pytest.mark.parametrize(
    ("due", "ring"),
    [
        ("2026-03-24 18:30", "Tue 17:30"),
        ("2026-03-24 19:03", "Tue 17:30"),
        ("2026-03-24 20:30", "Tue 17:30"),
        ("2026-03-25 09:00", "Tue 17:30"),
        ("2026-03-25 09:45", "Wed 09:00"),
        ("2026-03-25 12:00", "Wed 11:00"),
    ],
)
def test_reminders_are_within_working_hours(due: str, ring: str) -> None:
    assert ("reply_soon", ring) in reminder_times(World(messages=[message(due_at=at(due))]), days=1.2)


def test_a_lunch_break_is_a_quiet_period() -> None:
    breaks = {str(day): [["09:00", "12:00"], ["14:00", "18:00"]] for day in range(5)}
    world = World(
        messages=[message(due_at=at("2026-03-24 13:30")), message(id="later", due_at=at("2026-03-24 17:00"))],
        settings=paris_settings(working_hours=breaks),
    )
    assert reminder_times(world, days=0.3) == [
        ("reply_soon", "Tue 11:30"),  # for 13:30
        ("reply_half", "Tue 14:00"),  # half of the time until 17:00 is over at 13:30
        ("reply_soon", "Tue 16:00"),
    ]


def test_a_snooze_ends_at_the_chosen_time_outside_quiet_hours() -> None:
    until = at("2026-03-24 18:45")
    snoozed = message(due_at=at("2026-03-26 12:00"), snoozed_until=until)
    assert reminder_times(World(messages=[snoozed]), days=0.5) == [("snooze_over", "Tue 18:45")]
    snoozed.snoozed_until = at("2026-03-28 11:00")  # a Saturday
    assert reminder_times(World(messages=[snoozed]), days=4.2)[0] == ("snooze_over", "Sat 11:00")
    snoozed.snoozed_until = at("2026-03-24 21:00")
    assert reminder_times(World(messages=[snoozed]), days=1)[0] == ("snooze_over", "Wed 08:00")


def test_public_holidays_are_quiet_and_the_eve_is_the_previous_working_day() -> None:
    easter = job(started_at=at("2026-03-20 09:00"), deadline=at("2026-04-07 17:00"))
    world = World(jobs=[easter], settings=paris_settings(holiday_country="FR"))
    now = at("2026-04-02 19:00")
    assert reminder_times(world, now, days=6)[-2:] == [
        ("deadline_eve", "Fri 09:00"),
        ("deadline_soon", "Tue 15:00"),
    ]
    world.settings = paris_settings(holiday_country="FR", worked_holidays=["Easter Monday"])
    assert reminder_times(world, now, days=6)[-2:] == [
        ("deadline_eve", "Mon 09:00"),
        ("deadline_soon", "Tue 15:00"),
    ]


def test_working_hours_entirely_within_quiet_hours_are_ignored() -> None:
    """A user who works at night and never changed the default quiet hours must get reminders."""
    night = {str(day): [["21:00", "03:00"]] for day in range(7)}
    world = World(
        messages=[message(due_at=at("2026-03-24 17:00"))], settings=paris_settings(working_hours=night)
    )
    assert ("reply_soon", "Tue 16:00") in reminder_times(world, days=1)


def test_reminders_of_items_due_in_quiet_hours_come_before_them(all_day: Settings) -> None:
    tonight = message(due_at=at("2026-03-25 02:00"))
    assert reminder_times(World(messages=[tonight], settings=all_day), days=0.5) == [
        ("reply_half", "Tue 18:00"),
        ("reply_soon", "Tue 19:30"),
    ]


def test_other_reminders_come_at_the_end_of_quiet_hours(all_day: Settings) -> None:
    noon = message(at=at("2026-03-24 16:00"), due_at=at("2026-03-25 12:00"))  # half is at 2 at night
    assert reminder_times(World(messages=[noon], settings=all_day), days=1.1) == [
        ("reply_half", "Wed 08:00"),
        ("reply_soon", "Wed 11:00"),
    ]
    early = paris_settings(working_hours={"2": [["06:00", "14:00"]]})
    late = message(at=NOW - 2 * HOUR, due_at=NOW - HOUR)
    assert reminder_times(World(messages=[late], settings=early), days=1) == [("reply_overdue", "Wed 08:00")]


def test_a_call_right_after_quiet_hours_is_announced_the_evening_before(all_day: Settings) -> None:
    client = Client(
        id="c", standing_call_rule="FREQ=DAILY", standing_call_start=at("2026-03-24 08:05"), name="Ana"
    )
    assert reminder_times(World([client], settings=all_day), days=1) == [("standing_call", "Tue 19:30")]


def test_two_reminders_at_the_same_time_are_replaced_by_the_more_urgent(all_day: Settings) -> None:
    tomorrow = message(at=at("2026-03-24 19:00"), due_at=at("2026-03-25 07:00"))
    assert reminder_times(World(messages=[tomorrow], settings=all_day), at("2026-03-24 19:00"), days=0.5) == [
        ("reply_soon", "Tue 19:30")
    ]


def test_weekends_and_days_off_are_quiet_unless_turned_on() -> None:
    off = [{"first": "2026-03-26", "last": "2026-03-27", "label": ""}]
    due = at("2026-03-28 15:00")  # on the Saturday after
    world = World(
        messages=[message(due_at=due)], settings=paris_settings(days_off=off, working_hours=WEEKDAYS)
    )
    assert reminder_times(world, days=6.5) == [("reply_soon", "Wed 19:30"), ("reply_overdue", "Mon 08:00")]
    world.settings = paris_settings(days_off=off, ring_on_days_off=True)
    assert reminder_times(world, days=4.3)[:2] == [("reply_half", "Thu 12:30"), ("reply_soon", "Sat 14:00")]


@pytest.mark.parametrize("none", [[], ["20:00", "20:00"], ["late", "early"]])
def test_without_quiet_hours_reminders_come_at_night(none: list[str]) -> None:
    world = World(
        messages=[message(due_at=at("2026-03-25 02:00"))],
        settings=paris_settings(quiet_hours=none, working_hours=ALL_DAY),
    )
    assert reminder_times(world, days=0.7) == [("reply_half", "Tue 18:00"), ("reply_soon", "Wed 01:00")]


def test_quiet_hours_are_in_the_users_time_zone() -> None:
    night = message(due_at=at("2026-03-25 02:00"))
    tokyo = World(messages=[night], settings=Settings(time_zone="Asia/Tokyo", working_hours=ALL_DAY))
    assert reminder_times(tokyo, days=0.7, zone=TOKYO) == [
        ("reply_half", "Wed 08:00"),
        ("reply_soon", "Wed 09:00"),
    ]
