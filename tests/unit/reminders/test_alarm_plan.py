"""The plan of a device with its own alarms: they may be late, and their number is limited."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings

from app.domain.entities import Client
from app.domain.hours import work_calendar
from app.reminders.plan import PlanLimits, Reminder, plan
from app.reminders.triggers import ReminderKind
from tests.unit.domain.support import at, paris_settings
from tests.unit.domain.test_agenda import World
from tests.unit.reminders.test_reminders import DAY, HOUR, NOW, job, message, word
from tests.unit.reminders.test_reminders_always import is_quiet, may_remind, worlds

LATE = PlanLimits(64, HOUR)
PUNCTUAL = PlanLimits(64, timedelta())
QUIET = paris_settings(
    quiet_hours=["19:00", "08:00"], working_hours={str(day): [["00:00", "24:00"]] for day in range(5)}
)


def planned(world: World, limits: PlanLimits, now: datetime = NOW) -> list[Reminder]:
    return plan(now, *world.material(), word, limits)


def times(world: World, limits: PlanLimits, now: datetime = NOW) -> dict[str, str]:
    """The first local time in Paris of each rule."""
    zone = work_calendar(world.settings).zone
    found: dict[str, str] = {}
    for each in planned(world, limits, now):
        found.setdefault(each.rule.value, f"{each.fire_at.astimezone(zone):%a %H:%M}")
    return found


def test_lead_reminders_are_set_earlier_by_the_lateness() -> None:
    world = World(
        [Client(id="c", standing_call_rule="FREQ=DAILY", standing_call_start=at("2026-03-24 15:00"))],
        [message(due_at=at("2026-03-24 18:00"))],
        [job(deadline=at("2026-03-26 12:00"))],
    )
    for limits, soon, deadline, call in (
        (PUNCTUAL, "Tue 17:00", "Thu 10:00", "Tue 14:50"),
        (LATE, "Tue 16:00", "Thu 09:00", "Tue 13:50"),
    ):
        found = times(world, limits)
        assert (found["reply_soon"], found["deadline_soon"], found["standing_call"]) == (soon, deadline, call)
        assert found["reply_half"] == "Tue 14:00"  # not lead time, so unchanged


def test_a_reminder_keeps_its_time_if_the_earlier_one_has_passed() -> None:
    """A message may be recorded late; a missing reminder could cost a client."""
    world = World(messages=[message(due_at=NOW + 1.5 * HOUR)])
    assert times(world, LATE)["reply_soon"] == "Tue 10:30"


@pytest.mark.parametrize(
    ("due", "ring"),
    [
        ("2026-03-24 19:45", "Tue 17:45"),  # an hour before is 18:45; late by an hour, 19:45
        ("2026-03-24 20:30", "Tue 17:30"),
        ("2026-03-24 19:00", "Tue 17:00"),
        ("2026-03-25 09:30", "Wed 08:00"),
    ],
)
def test_a_late_alarm_stays_outside_quiet_hours(due: str, ring: str) -> None:
    world = World(messages=[message(due_at=at(due))], settings=QUIET)
    assert times(world, LATE)["reply_soon"] == ring


def test_a_snooze_ends_earlier_if_lateness_reaches_quiet_hours() -> None:
    world = World(
        messages=[message(due_at=NOW + 3 * DAY, snoozed_until=at("2026-03-24 18:20"))], settings=QUIET
    )
    assert times(world, PUNCTUAL)["snooze_over"] == "Tue 18:20"
    assert times(world, LATE)["snooze_over"] == "Tue 18:00"
    assert times(world, LATE, at("2026-03-24 18:10"))["snooze_over"] == "Wed 08:00"


@given(worlds())
@settings(deadline=None)
def test_an_alarm_one_hour_late_is_never_in_a_quiet_period(drawn: tuple[World, datetime]) -> None:
    world, now = drawn
    for each in planned(world, PlanLimits(500, HOUR), now):
        assert each.fire_at > now
        if each.fire_at - now < 2 * HOUR:  # there may have been no earlier time left
            continue
        snooze = each.rule is ReminderKind.SNOOZE_OVER
        steps = int((each.fire_at - now) / (HOUR / 4))
        before = (each.fire_at - step * HOUR / 4 for step in range(1, steps))
        assert is_allowed_hour(world, each.fire_at, snooze) or not any(
            is_allowed_hour(world, at, snooze) for at in before
        )


def is_allowed_hour(world: World, start: datetime, snooze: bool) -> bool:
    calendar = work_calendar(world.settings)
    minutes = [(start + timedelta(minutes=minute)).astimezone(UTC) for minute in (0, 10, 20, 30, 40, 50, 59)]
    return all(
        not is_quiet(calendar.local(at).time(), world.settings.quiet_hours)
        and (snooze or may_remind(world, at))
        for at in minutes
    )


def test_overdue_messages_do_not_use_up_all_alarms() -> None:
    """40 messages on 21 mornings are 840 alarms, and an iPhone holds 64."""
    overdue = [message(id=f"m{n}", at=NOW - 9 * DAY, due_at=NOW - 5 * DAY) for n in range(40)]
    deadline = job(deadline=at("2026-04-15 12:00"))
    for limits in (LATE, PUNCTUAL):
        found = planned(World(messages=overdue, jobs=[deadline]), limits)
        rules = Counter(each.rule for each in found)
        assert ReminderKind.REPLY_OVERDUE not in rules
        assert 5 < rules[ReminderKind.SEVERAL_OVERDUE] <= 10
        assert rules[ReminderKind.DEADLINE_EVE] == rules[ReminderKind.DEADLINE_SOON] == 1
        mornings = [each.fire_at for each in found if each.rule is ReminderKind.SEVERAL_OVERDUE]
        assert mornings[:5] == [at(f"2026-03-{day} 09:00") for day in (25, 26, 27, 30, 31)]
        assert all(later - sooner >= 7 * DAY for sooner, later in pairwise(mornings[4:-1]))
        assert found[-1].rule is ReminderKind.OPEN_APP  # the plan was cut


def test_a_single_overdue_message_has_its_own_reminder() -> None:
    found = planned(World(messages=[message(due_at=NOW - HOUR, at=NOW - DAY)]), LATE)
    assert {each.rule for each in found} == {ReminderKind.REPLY_OVERDUE, ReminderKind.OPEN_APP}
    assert found[0].item == ("message", "m")


def test_a_reminder_of_several_overdue_messages_opens_today() -> None:
    overdue = [message(id=f"m{n}", at=NOW - DAY, due_at=NOW - HOUR) for n in range(2)]
    first = planned(World(messages=overdue), PUNCTUAL)[0]
    assert (first.rule, first.path, first.group) == (ReminderKind.SEVERAL_OVERDUE, "/", "overdue")


def test_the_server_plan_has_each_overdue_message() -> None:
    overdue = [message(id=f"m{n}", at=NOW - DAY, due_at=NOW - HOUR) for n in range(2)]
    rules = {each.rule for each in planned(World(messages=overdue), PlanLimits(64))}
    assert ReminderKind.SEVERAL_OVERDUE not in rules
