"""Workload: checked against every order of tasks, including the promised dates."""

from datetime import datetime, time, timedelta
from functools import cache
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities import Job, Part
from app.domain.hours import WorkCalendar
from app.domain.workload import Task, backlog, can_take, week_plan, workload
from tests.unit.domain.support import PARIS, at, calendars, office, paris_settings

NOW = at("2026-06-08 09:00")  # a Monday
DAY = timedelta(days=1)
SETTINGS = paris_settings()
CALENDAR = office()


def task(key: str, minutes: int, due: datetime, deadline: datetime | None = None) -> Task:
    return Task(key, minutes, due, deadline or due)


small = st.lists(
    st.tuples(st.integers(1, 60), st.integers(-30, 150)).map(lambda each: (each[0] * 15, each[1] * 20)),
    max_size=6,
)


def tasks_of(rows: list[tuple[int, int]], calendar: WorkCalendar, now: datetime) -> list[Task]:
    return [
        task(
            str(number),
            minutes,
            calendar.add_working_minutes(now, due) if due > 0 else now + due * DAY / 1440,
        )
        for number, (minutes, due) in enumerate(rows)
    ]


def late_in(order: list[Task], calendar: WorkCalendar, now: datetime) -> int:
    elapsed = late = 0
    for each in order:
        elapsed += each.minutes
        late += elapsed > room(calendar, now, each.due)
    return late


@cache
def room(calendar: WorkCalendar, now: datetime, due: datetime) -> int:
    return calendar.working_minutes_between(now, due)


@given(small)
def test_no_order_of_tasks_has_fewer_late_ones(rows: list[tuple[int, int]]) -> None:
    tasks = tasks_of(rows, CALENDAR, NOW)
    found = workload(tasks, SETTINGS, CALENDAR, NOW)
    best = min(late_in(list(order), CALENDAR, NOW) for order in permutations(tasks))
    assert len(found.late) == best
    assert late_in(found.on_time, CALENDAR, NOW) == 0
    assert sorted(each.key for each in found.on_time + [late.task for late in found.late]) == sorted(
        each.key for each in tasks
    )


@given(small.filter(bool), st.data())
def test_the_first_late_date_is_the_earliest_of_any_order(
    rows: list[tuple[int, int]], data: st.DataObject
) -> None:
    tasks = tasks_of(rows, CALENDAR, NOW)
    found = workload(tasks, SETTINGS, CALENDAR, NOW)
    if not found.late:
        return
    first = found.late[0]
    others = found.on_time
    earliest = min(
        sum(each.minutes for each in before) + first.task.minutes
        for size in range(len(others) + 1)
        for before in combinations(others, size)
        if late_in(
            [*before, task("x", first.task.minutes, at("2027-01-01 00:00")), *rest(others, before)],
            CALENDAR,
            NOW,
        )
        == 0
    )
    assert first.done == CALENDAR.add_working_minutes(NOW, earliest)


def rest(tasks: list[Task], before: tuple[Task, ...]) -> list[Task]:
    return [each for each in tasks if each not in before]


@given(small, calendars)
def test_a_promised_date_can_be_kept_with_the_usual_slack(
    rows: list[tuple[int, int]], calendar: WorkCalendar
) -> None:
    tasks = tasks_of(rows, calendar, NOW)
    found = workload(tasks, SETTINGS, calendar, NOW)
    for late in found.late:
        assert late.honest >= late.done
    moved = [task(late.task.key, late.task.minutes, late.honest) for late in found.late]
    assert workload([*found.on_time, *moved], SETTINGS, calendar, NOW).fits


@given(small)
def test_a_week_plan_stays_within_working_time_without_duplicates(rows: list[tuple[int, int]]) -> None:
    tasks = tasks_of(rows, CALENDAR, NOW)
    plan = week_plan(workload(tasks, SETTINGS, CALENDAR, NOW), CALENDAR, NOW, days=21)
    assert all(day.planned <= day.minutes for day in plan)
    given_to: dict[str, int] = {}
    for day in plan:
        for each, minutes in day.work:
            given_to[each.key] = given_to.get(each.key, 0) + minutes
    assert given_to == {each.key: each.minutes for each in tasks}


def test_a_week_plan_lists_work_and_due_tasks_by_day() -> None:
    first, second = task("a", 600, at("2026-06-10 18:00")), task("b", 120, at("2026-06-11 12:00"))
    plan = week_plan(workload([second, first], SETTINGS, CALENDAR, NOW), CALENDAR, at("2026-06-08 15:00"))
    assert [(day.day.day, day.minutes, day.planned) for day in plan] == [
        (8, 180, 180),
        (9, 540, 540),
        (10, 540, 0),
        (11, 540, 0),
        (12, 540, 0),
        (13, 0, 0),
        (14, 0, 0),
    ]
    assert [(each.key, minutes) for each, minutes in plan[1].work] == [("a", 420), ("b", 120)]
    assert [[each.key for each in day.due] for day in plan[2:4]] == [["a"], ["b"]]


def test_a_task_is_late_as_soon_as_it_does_not_fit() -> None:
    report = task("report", 900, at("2026-06-09 18:00"), at("2026-06-10 18:00"))
    small_one = task("mail", 180, at("2026-06-09 12:00"))
    assert workload([report, small_one], SETTINGS, CALENDAR, NOW).fits
    found = workload([report, small_one], SETTINGS, CALENDAR, NOW + timedelta(minutes=1))
    (late,) = found.late
    assert late.task is report
    assert (late.done, late.misses_client) == (at("2026-06-10 09:01"), False)
    assert late.honest == at("2026-06-11 18:00")  # one working day of slack


def job(**fields: object) -> Job:
    base = {
        "client_id": "c",
        "started_at": NOW - 7 * DAY,
        "deadline": NOW + 14 * DAY,
        "estimate_minutes": 600,
    }
    return Job(**(base | fields))


def test_remaining_minutes_are_shared_among_undelivered_parts() -> None:
    parts = [
        Part(id="1", amount=100, due_at=NOW, delivered_at=NOW - DAY),
        Part(id="2", amount=100, due_at=NOW + 7 * DAY),
        Part(id="3", amount=200, due_at=NOW + 9 * DAY),
    ]
    found = backlog([(job(spent_minutes=300), parts)], SETTINGS, CALENDAR, NOW)
    assert [(each.key, each.minutes) for each in found.tasks] == [("2", 100), ("3", 200)]
    undated = [Part(id="4"), Part(id="5", due_at=NOW + 7 * DAY)]
    found = backlog([(job(id="j", spent_minutes=299), undated)], SETTINGS, CALENDAR, NOW)
    assert [(each.key, each.minutes) for each in found.tasks] == [("5", 151), ("j", 150)]


@given(st.integers(1, 10_000), st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_shares_add_up_to_the_minutes(minutes: int, amounts: list[int]) -> None:
    parts = [Part(amount=amount, due_at=NOW + DAY * place) for place, amount in enumerate(amounts, 1)]
    found = backlog([(job(estimate_minutes=minutes), parts)], SETTINGS, CALENDAR, NOW)
    assert sum(each.minutes for each in found.tasks) == minutes


def test_a_job_without_an_estimate_or_a_date_is_reported() -> None:
    blank, beyond = job(estimate_minutes=None), job(spent_minutes=600)
    neither, undated = job(estimate_minutes=None, deadline=None), job(deadline=None)
    over = [job(estimate_minutes=None, deadline=None, status=status) for status in ("offered", "paid")]
    rows = [(each, []) for each in (blank, beyond, neither, undated, *over)]
    found = backlog(rows, SETTINGS, CALENDAR, NOW)
    assert (found.tasks, found.unknown, found.undated) == ([], [blank, beyond, neither], [undated])


def test_a_job_can_be_taken_if_it_fits_with_slack() -> None:
    busy = [task("a", 4 * 540, at("2026-06-11 18:00"))]
    yes = can_take(540, at("2026-06-19 18:00"), busy, SETTINGS, CALENDAR, NOW)
    assert (yes.fits, yes.pushed_out, yes.done) == (True, [], at("2026-06-12 18:00"))
    no = can_take(540, at("2026-06-11 18:00"), busy, SETTINGS, CALENDAR, NOW)
    assert (no.fits, [each.key for each in no.pushed_out]) == (False, ["a"])
    assert no.earliest == at("2026-06-15 18:00")


@given(small, st.integers(1, 40), st.integers(1, 60))
def test_a_job_fits_for_the_earliest_date_returned(
    rows: list[tuple[int, int]], hours: int, days: int
) -> None:
    tasks = tasks_of(rows, CALENDAR, NOW)
    answer = can_take(hours * 60, NOW + days * DAY, tasks, SETTINGS, CALENDAR, NOW)
    late = len(workload(tasks, SETTINGS, CALENDAR, NOW).late)
    kept = workload(tasks, SETTINGS, CALENDAR, NOW).on_time
    named = task("new", hours * 60, answer.earliest)
    assert workload([*kept, named], SETTINGS, CALENDAR, NOW).fits
    if answer.fits:
        assert answer.pushed_out == []
        assert (
            len(workload([*tasks, task("new", hours * 60, NOW + days * DAY)], SETTINGS, CALENDAR, NOW).late)
            <= late
        )


def test_yesterdays_night_shift_counts_as_time_left_today() -> None:
    nights = WorkCalendar(PARIS, {day: ((time(22), time(4)),) for day in range(7)})
    now = at("2026-06-09 01:00")
    plan = week_plan(workload([], SETTINGS, nights, now), nights, now, days=2)
    assert [day.minutes for day in plan] == [3 * 60 + 6 * 60, 6 * 60]


@pytest.mark.parametrize("minutes", [0, 1])
def test_zero_minutes_always_fit(minutes: int) -> None:
    assert can_take(minutes, NOW + 30 * DAY, [], SETTINGS, CALENDAR, NOW).fits
