"""The reminder plan: what is shown and when, without duplicates, and never in the evening."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.agenda import due_count
from app.domain.codes import ClientStatus, Direction, JobStatus
from app.domain.entities import Client, Job, Message, Part
from app.domain.silence import record_follow_up
from app.reminders.plan import LIMIT, PlanLimits, Reminder, Wording, plan
from app.reminders.triggers import ReminderKind, ReminderTrigger
from tests.unit.domain.support import NEW_YORK, PARIS, at, paris_settings
from tests.unit.domain.test_agenda import World

NOW = at("2026-03-24 10:00")  # a Tuesday; clocks go forward in Paris on the 29th
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def word(trigger: ReminderTrigger) -> Wording:
    return Wording(trigger.rule, trigger.client_id)


def planned(world: World, now: datetime = NOW, limit: int = LIMIT) -> list[Reminder]:
    return plan(now, *world.material(), word, PlanLimits(limit))


def reminder_times(
    world: World, now: datetime = NOW, days: float = 4, zone: ZoneInfo = PARIS
) -> list[tuple[str, str]]:
    """Rule and local time of the reminders within `days`."""
    return [
        (each.rule.value, f"{each.fire_at.astimezone(zone):%a %H:%M}")
        for each in planned(world, now)
        if each.fire_at <= now + days * DAY
    ]


def message(**fields: object) -> Message:
    return Message(**({"id": "m", "client_id": "c", "at": NOW} | fields))


def job(**fields: object) -> Job:
    return Job(**({"id": "j", "client_id": "c", "started_at": NOW, "title": "Site"} | fields))


# --- replies and promises --------------------------------------------------------------------------------


def test_reply_reminders_at_half_time_one_hour_before_and_every_working_morning() -> None:
    due = at("2026-03-24 18:00")
    assert reminder_times(World(messages=[message(due_at=due)]), days=7) == [
        ("reply_half", "Tue 14:00"),
        ("reply_soon", "Tue 17:00"),
        ("reply_overdue", "Wed 09:00"),
        ("reply_overdue", "Thu 09:00"),
        ("reply_overdue", "Fri 09:00"),
        ("reply_overdue", "Mon 09:00"),
        ("reply_overdue", "Tue 09:00"),
    ]


def test_a_short_window_has_no_half_time_reminder() -> None:
    world = World(messages=[message(due_at=NOW + 2 * HOUR)])
    assert reminder_times(world, days=0.5) == [("reply_soon", "Tue 11:00")]


def test_lead_times_of_replies_are_configurable() -> None:
    world = World(
        messages=[message(due_at=NOW + 6 * HOUR)], settings=paris_settings(reminder_minutes=[30, 120])
    )
    assert reminder_times(world, days=0.3) == [
        ("reply_half", "Tue 13:00"),
        ("reply_soon", "Tue 14:00"),
        ("reply_soon", "Tue 15:30"),
    ]
    world.settings = paris_settings(reminder_minutes=[])
    assert reminder_times(world, days=0.3) == [("reply_half", "Tue 13:00")]


def test_promises_have_no_half_time_reminder() -> None:
    promise = message(at=NOW - DAY, acknowledged_at=NOW - 2 * HOUR, promised_at=at("2026-03-24 17:00"))
    assert reminder_times(World(messages=[promise]), days=1) == [
        ("promise_soon", "Tue 16:00"),
        ("promise_overdue", "Wed 09:00"),
    ]


def test_a_reply_ends_reminders_and_a_promise_starts_a_new_group() -> None:
    asked = message(at=NOW - 20 * HOUR)
    before = planned(World(messages=[asked]))[0]
    asked.acknowledged_at, asked.promised_at = NOW, NOW + DAY
    assert before.group not in {each.group for each in planned(World(messages=[asked]))}
    assert planned(World(messages=[message(replied_at=NOW), message(needs_reply=False)])) == []


# --- deadlines -------------------------------------------------------------------------------------------


def test_deadline_reminders_for_internal_deadline_eve_and_two_hours_before() -> None:
    world = World(jobs=[job(deadline=at("2026-04-03 15:00"))])  # the internal one is a fifth earlier
    near = planned(world)[0]
    assert near.rule is ReminderKind.INTERNAL_DEADLINE
    assert reminder_times(world, days=14)[1:] == [
        ("deadline_eve", "Thu 09:00"),
        ("deadline_soon", "Fri 13:00"),
    ]


def test_the_eve_of_a_monday_deadline_is_friday() -> None:
    world = World(jobs=[job(started_at=NOW - DAY, deadline=at("2026-03-30 16:00"))])
    eve = next(each for each in planned(world) if each.rule is ReminderKind.DEADLINE_EVE)
    assert eve.fire_at == at("2026-03-27 09:00")


def test_parts_have_their_own_reminders_that_open_their_job() -> None:
    parts = [Part(id="p", job_id="j", due_at=NOW + 2 * DAY), Part(id="q", job_id="j", due_at=NOW + 2 * DAY)]
    soon = [
        each for each in planned(World(jobs=[job()], parts=parts)) if each.rule is ReminderKind.DEADLINE_SOON
    ]
    assert len({each.group for each in soon}) == 2
    assert {each.item for each in soon} == {("job", "j")}


@pytest.mark.parametrize("status", sorted(set(JobStatus) - {JobStatus.IN_PROGRESS}))
def test_only_jobs_in_progress_have_deadline_reminders(status: JobStatus) -> None:
    assert planned(World(jobs=[job(status=status, deadline=NOW + 5 * DAY)])) == []


# --- follow-ups and calls --------------------------------------------------------------------------------


def test_there_are_two_follow_up_reminders() -> None:
    sent = message(direction=Direction.OUT, at=at("2026-03-23 11:00"))
    assert reminder_times(World(messages=[sent])) == [("follow_up", "Thu 11:00")]
    record_follow_up(sent, at("2026-03-26 11:30"))
    assert reminder_times(World(messages=[sent]), days=10) == [("follow_up", "Tue 11:30")]
    record_follow_up(sent, at("2026-03-31 12:00"))
    assert planned(World(messages=[sent])) == []


def test_ended_clients_have_no_follow_up_reminders() -> None:
    sent = message(direction=Direction.OUT)
    assert planned(World([Client(id="c", status=ClientStatus.ENDED)], [sent])) == []


def test_standing_call_reminders_use_the_clients_time_zone() -> None:
    client = Client(
        id="c",
        time_zone="America/New_York",
        standing_call_rule="FREQ=WEEKLY;BYDAY=WE",
        standing_call_start=at("2026-03-04 09:30", NEW_YORK),
    )
    # New York changed its clocks on the 8th; Paris does on the 29th.
    assert reminder_times(World([client]), days=9) == [
        ("standing_call", "Wed 14:20"),
        ("standing_call", "Wed 15:20"),
    ]
    client.status = ClientStatus.PAUSED
    assert planned(World([client])) == []


# --- settings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switch", "silenced"),
    [
        ("ring_replies", {ReminderKind.REPLY_HALF, ReminderKind.REPLY_SOON, ReminderKind.REPLY_OVERDUE}),
        (
            "ring_deadlines",
            {ReminderKind.INTERNAL_DEADLINE, ReminderKind.DEADLINE_EVE, ReminderKind.DEADLINE_SOON},
        ),
        ("ring_follow_ups", {ReminderKind.FOLLOW_UP}),
        ("ring_calls", {ReminderKind.STANDING_CALL}),
    ],
)
def test_each_kind_of_reminder_can_be_turned_off(switch: str, silenced: set[ReminderKind]) -> None:
    world = busy()
    world.settings = paris_settings(**{switch: False})
    everything = {each.rule for each in planned(busy())}
    assert {each.rule for each in planned(world)} == everything - silenced


def busy() -> World:
    client = Client(
        id="c", standing_call_rule="FREQ=WEEKLY;BYDAY=WE", standing_call_start=at("2026-03-04 14:00")
    )
    messages = [message(due_at=NOW + 8 * HOUR), message(id="o", direction=Direction.OUT)]
    return World([client], messages, [job(deadline=at("2026-04-03 15:00"))])


# --- snoozing --------------------------------------------------------------------------------------------


def test_a_snoozed_message_has_one_reminder_at_the_end_of_the_snooze() -> None:
    snoozed = message(due_at=at("2026-03-24 18:00"), snoozed_until=at("2026-03-24 15:00"))
    world = World(messages=[snoozed])
    assert reminder_times(world, days=0.4) == [("snooze_over", "Tue 15:00"), ("reply_soon", "Tue 17:00")]
    snoozed.snoozed_until = at("2026-03-24 16:45")  # "one hour left" follows so soon that it replaces it
    assert reminder_times(world, days=0.4) == [("reply_soon", "Tue 17:00")]


def test_a_snoozed_job_has_one_reminder_for_all_parts() -> None:
    parts = [Part(id=name, job_id="j", due_at=at("2026-03-26 17:00")) for name in "pqr"]
    world = World(jobs=[job(snoozed_until=at("2026-03-25 11:00"))], parts=parts)
    assert reminder_times(world, days=2)[0] == ("snooze_over", "Wed 11:00")
    assert [each.rule for each in planned(world)].count(ReminderKind.SNOOZE_OVER) == 1


# --- the plan as a whole ---------------------------------------------------------------------------------


def test_reminders_expire_when_they_are_useless() -> None:
    world = World(messages=[message(due_at=at("2026-03-24 18:00"))])
    soon, morning = planned(world)[1:3]
    assert soon.expires_at == at("2026-03-24 18:00")
    assert morning.expires_at == at("2026-03-25 18:00")
    assert (planned(world)[0].urgency, soon.urgency) == ("normal", "high")


def test_a_truncated_plan_ends_with_open_the_app() -> None:
    late = message(due_at=NOW - HOUR, at=NOW - DAY)
    reminders = planned(World(messages=[late]))
    assert reminders[-1].rule is ReminderKind.OPEN_APP
    assert reminders[-1].path == "/"
    assert reminders[-1].fire_at == at("2026-04-22 09:00")
    assert [each.rule for each in reminders].count(ReminderKind.OPEN_APP) == 1
    done_soon = World(jobs=[job(deadline=NOW + 5 * DAY)])
    assert ReminderKind.OPEN_APP not in {each.rule for each in planned(done_soon)}


def test_a_plan_is_truncated_to_the_limit() -> None:
    messages = [message(id=f"m{n}", due_at=NOW + n * 7 * HOUR) for n in range(60)]
    reminders = planned(World(messages=messages))
    assert len(reminders) == LIMIT
    assert reminders[-1].rule is ReminderKind.OPEN_APP
    few = planned(World(messages=messages), limit=64)
    assert few[:63] == reminders[:63]
    assert (len(few), few[-1].fire_at) == (64, few[62].fire_at)


def test_a_changed_wording_changes_the_key() -> None:
    first = {each.key for each in planned(busy())}
    renamed = plan(NOW, *busy().material(), lambda each: Wording(f"New {each.rule}", ""))
    assert not first & {each.key for each in renamed}


def test_the_badge_equals_the_due_count_of_today_at_that_time() -> None:
    world = busy()
    world.messages[0].snoozed_until = NOW + 3 * HOUR
    for each in planned(world):
        assert each.badge == due_count(world.agenda(each.fire_at), each.fire_at)


def test_there_is_no_follow_up_while_the_user_owes_an_answer() -> None:
    sent = message(id="sent", direction=Direction.OUT)
    chase = ("follow_up", "Fri 10:00")
    assert chase in reminder_times(World(messages=[sent]))
    assert chase in reminder_times(World(messages=[sent, message(client_id="other")]))
    assert chase not in reminder_times(World(messages=[sent, message()]))
    assert chase in reminder_times(World(messages=[sent, message(replied_at=NOW)]))
