"""When nothing rings: where to a reminder moves out of the way of quiet hours and days off."""

import pytest

from app.domain.entities import Client, Settings
from tests.unit.domain.support import TOKYO, at, paris_settings
from tests.unit.domain.test_agenda import World
from tests.unit.domain.test_reminders import HOUR, NOW, message, rings


def test_what_falls_due_in_quiet_hours_rings_before_them() -> None:
    tonight = message(due_at=at("2026-03-25 02:00"))
    assert rings(World(messages=[tonight]), days=0.5) == [
        ("reply_half", "Tue 18:00"),
        ("reply_soon", "Tue 19:30"),
    ]


def test_what_can_wait_rings_when_they_end() -> None:
    noon = message(at=at("2026-03-24 16:00"), due_at=at("2026-03-25 12:00"))  # half gone at 2 in the night
    assert rings(World(messages=[noon]), days=1.1) == [
        ("reply_half", "Wed 08:00"),
        ("reply_soon", "Wed 11:00"),
    ]
    early = paris_settings(working_hours={"2": [["06:00", "14:00"]]})
    late = message(at=NOW - 2 * HOUR, due_at=NOW - HOUR)
    assert rings(World(messages=[late], settings=early), days=1) == [("reply_overdue", "Wed 08:00")]


def test_a_call_right_after_quiet_hours_is_told_of_the_evening_before() -> None:
    client = Client(
        id="c", standing_call_rule="FREQ=DAILY", standing_call_start=at("2026-03-24 08:05"), name="Ana"
    )
    assert rings(World([client]), days=1) == [("standing_call", "Tue 19:30")]


def test_two_that_move_to_the_same_moment_are_one_the_more_pressing() -> None:
    tomorrow = message(at=at("2026-03-24 19:00"), due_at=at("2026-03-25 07:00"))
    assert rings(World(messages=[tomorrow]), at("2026-03-24 19:00"), days=0.5) == [
        ("reply_soon", "Tue 19:30")
    ]


def test_a_weekend_and_a_day_off_are_silent_unless_the_person_wants_otherwise() -> None:
    off = [{"first": "2026-03-26", "last": "2026-03-27", "label": ""}]
    due = at("2026-03-28 15:00")  # on the Saturday after
    world = World(messages=[message(due_at=due)], settings=paris_settings(days_off=off))
    assert rings(world, days=7) == [("reply_soon", "Wed 19:30"), ("reply_overdue", "Mon 09:00"),
                                    ("reply_overdue", "Tue 09:00")]  # fmt: skip
    world.settings = paris_settings(days_off=off, ring_on_days_off=True)
    assert rings(world, days=4.3)[:2] == [("reply_half", "Thu 12:30"), ("reply_soon", "Sat 14:00")]


@pytest.mark.parametrize("none", [[], ["20:00", "20:00"], ["late", "early"]])
def test_without_quiet_hours_the_night_is_a_time_like_any_other(none: list[str]) -> None:
    world = World(
        messages=[message(due_at=at("2026-03-25 02:00"))], settings=paris_settings(quiet_hours=none)
    )
    assert rings(world, days=0.7) == [("reply_half", "Tue 18:00"), ("reply_soon", "Wed 01:00")]


def test_quiet_hours_hold_in_the_zone_the_person_lives_in() -> None:
    night = message(due_at=at("2026-03-25 02:00"))
    tokyo = World(messages=[night], settings=Settings(time_zone="Asia/Tokyo"))
    assert rings(tokyo, days=0.7, zone=TOKYO) == [("reply_half", "Wed 08:00"), ("reply_soon", "Wed 09:00")]
