"""Deadlines with slack: the internal deadline before the client's, and the state of each."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes import JobStatus
from app.domain.deadlines import (
    DeadlinePhase,
    DeadlineView,
    deadline_view,
    job_deadlines,
    job_next_due,
)
from app.domain.entities import Job, Part, Settings
from app.domain.hours import WorkCalendar
from app.domain.reply import WindowState
from tests.unit.domain.support import (
    SMALLEST,
    at,
    calendars,
    instants,
    office,
    paris_settings,
    regular_calendars,
    shares,
)

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

spans = st.timedeltas(timedelta(minutes=5), timedelta(hours=8)) | st.timedeltas(DAY, 120 * DAY)
buffers = st.builds(
    lambda percent, days: paris_settings(buffer_percent=percent, buffer_days=days),
    st.just(0) | st.integers(0, 90),
    st.integers(0, 5),
)


@pytest.mark.parametrize(
    ("start", "deadline", "internal"),
    [
        ("2026-03-02 09:00", "2026-03-12 09:00", "2026-03-10 09:00"),  # a fifth of ten days
        ("2026-03-02 09:00", "2026-03-05 18:00", "2026-03-04 18:00"),  # a working day is more than a fifth
        ("2026-03-06 09:00", "2026-03-10 09:00", "2026-03-09 09:00"),
        ("2026-02-09 09:00", "2026-02-24 09:00", "2026-02-20 18:00"),  # moved from Saturday to Friday evening
        (
            "2026-03-02 10:00",
            "2026-03-03 10:00",
            "2026-03-02 18:00",
        ),  # due tomorrow
        ("2026-03-06 19:00", "2026-03-07 12:00", "2026-03-07 03:30"),  # no working time: half of the span
        ("2026-03-02 10:00", "2026-03-02 10:00", "2026-03-02 10:00"),
    ],
)
def test_the_slack_is_a_fifth_of_the_span_or_a_working_day(start: str, deadline: str, internal: str) -> None:
    assert deadline_view(at(start), at(deadline), paris_settings(), office()).internal == at(internal)


@pytest.mark.parametrize(
    ("start", "deadline", "internal"),
    [
        ("2026-03-02 11:17", "2026-03-12 16:43", "2026-03-10 15:30"),  # a fifth earlier is 15:37:48
        ("2026-03-02 11:17", "2026-03-05 16:43", "2026-03-04 16:30"),  # a working day earlier is 16:43
        ("2026-03-02 11:17", "2026-03-05 09:12", "2026-03-04 09:00"),
        ("2026-03-02 09:03", "2026-03-02 09:40", "2026-03-02 09:21:30"),  # no half hour is left
    ],
)
def test_an_internal_deadline_is_a_time_that_people_plan_for(
    start: str, deadline: str, internal: str
) -> None:
    assert deadline_view(at(start), at(deadline), paris_settings(), office()).internal == at(internal)


@given(regular_calendars, instants, st.timedeltas(timedelta(days=14), timedelta(days=120)))
def test_the_internal_deadline_of_a_long_span_is_on_a_half_hour_or_at_the_end_of_work(
    calendar: WorkCalendar, start: datetime, span: timedelta
) -> None:
    internal = deadline_view(
        start, start + span, paris_settings(buffer_percent=20, buffer_days=1), calendar
    ).internal
    local = calendar.local(internal)
    assert (local.minute % 30, local.second) == (0, 0) or calendar.closing(local.date()) == internal


def test_without_slack_the_internal_deadline_is_the_clients() -> None:
    settings = paris_settings(buffer_percent=0, buffer_days=0)
    sunday = at("2026-03-29 12:00")
    assert deadline_view(at("2026-03-02 09:00"), sunday, settings, office()).internal == sunday


@given(calendars, instants, spans, buffers)
def test_internal_deadlines_lie_between_start_and_deadline(
    calendar: WorkCalendar, start: datetime, span: timedelta, settings: Settings
) -> None:
    deadline = start + span
    internal = deadline_view(start, deadline, settings, calendar).internal
    assert start <= internal <= deadline
    share = span * settings.buffer_percent / 100
    assert deadline - internal >= min(share, span / 2)


@given(regular_calendars, instants, st.timedeltas(timedelta(days=14), timedelta(days=120)), st.integers(1, 3))
def test_a_long_span_has_slack_of_whole_working_days(
    calendar: WorkCalendar, start: datetime, span: timedelta, days: int
) -> None:
    settings = paris_settings(buffer_percent=5, buffer_days=days)
    internal = deadline_view(start, start + span, settings, calendar).internal
    assert calendar.working_minutes_between(internal, start + span) >= days * 9 * 60


@given(calendars, instants, spans, buffers, st.lists(st.floats(-0.5, 1.5), min_size=2))
def test_the_state_of_a_deadline_never_becomes_calmer(
    calendar: WorkCalendar, start: datetime, span: timedelta, settings: Settings, shares: list[float]
) -> None:
    view = deadline_view(start, start + span, settings, calendar)
    assert view.start <= view.near <= view.internal <= view.deadline
    moments = [start + span * share for share in sorted(shares)]
    severities = [view.state(now).severity for now in moments]
    phases = [list(DeadlinePhase).index(view.phase(now)) for now in moments]
    assert severities == sorted(severities)
    assert phases == sorted(phases)
    assert all(0.0 <= view.share_left(now) <= 1.0 for now in moments)


def seen(view: DeadlineView, now: datetime) -> tuple[WindowState, DeadlinePhase, datetime]:
    return view.state(now), view.phase(now), view.current_due(now)


@given(calendars, instants, spans, buffers, st.floats(-0.2, 1.2), shares)
def test_a_deadline_is_constant_until_next_change(
    calendar: WorkCalendar, start: datetime, span: timedelta, settings: Settings, share: float, within: float
) -> None:
    view = deadline_view(start, start + span, settings, calendar)
    now = start + span * share
    change = view.next_change(now)
    if change is None:
        assert view.phase(now) is DeadlinePhase.LATE
    else:
        assert change > now
        assert seen(view, now + (change - SMALLEST - now) * within) == seen(view, now)
        assert seen(view, change) != seen(view, now)


def test_a_deadline_goes_through_internal_buffer_and_late() -> None:
    view = deadline_view(at("2026-03-02 09:00"), at("2026-03-12 09:00"), paris_settings(), office())
    calm, near, slack, late = (at(f"2026-03-{day} 10:00") for day in ("05", "09", "10", "12"))
    assert seen(view, calm) == (WindowState.CALM, DeadlinePhase.INTERNAL, at("2026-03-10 09:00"))
    assert seen(view, near) == (WindowState.HALF, DeadlinePhase.INTERNAL, at("2026-03-10 09:00"))
    assert seen(view, slack) == (WindowState.HOUR, DeadlinePhase.BUFFER, at("2026-03-12 09:00"))
    assert seen(view, late) == (WindowState.OVERDUE, DeadlinePhase.LATE, at("2026-03-12 09:00"))


def parts(*rows: tuple[str, bool]) -> list[Part]:
    return [
        Part(title=due, due_at=at(f"{due} 18:00"), delivered_at=at("2026-03-01 12:00") if delivered else None)
        for due, delivered in rows
    ]


def job(**fields: object) -> Job:
    return Job(**({"started_at": at("2026-03-02 09:00"), "deadline": at("2026-03-31 18:00")} | fields))


def test_undelivered_parts_and_the_job_have_deadlines() -> None:
    rows = parts(("2026-03-09", True), ("2026-03-16", False), ("2026-03-23", False))
    found = job_deadlines(job(), rows, paris_settings(), office())
    assert [(part and part.title, view.deadline) for part, view in found] == [
        ("2026-03-16", at("2026-03-16 18:00")),
        ("2026-03-23", at("2026-03-23 18:00")),
        (None, at("2026-03-31 18:00")),
    ]


def test_a_part_starts_when_the_previous_one_is_due() -> None:
    rows = parts(("2026-03-16", False), ("2026-03-09", True))
    ((_, view), _) = job_deadlines(job(), rows, paris_settings(), office())
    assert view.start == at("2026-03-09 18:00")
    assert view.internal == at("2026-03-13 18:00")  # a working day of that week, not a fifth of the whole job


def test_a_job_due_with_its_last_part_has_no_deadline_of_its_own() -> None:
    rows = parts(("2026-03-31", False))
    assert [part for part, _ in job_deadlines(job(), rows, paris_settings(), office())] == rows


def test_a_delivered_job_has_no_deadline() -> None:
    assert job_deadlines(job(), parts(("2026-03-09", True)), paris_settings(), office()) == []


@pytest.mark.parametrize("status", sorted(set(JobStatus) - {JobStatus.IN_PROGRESS}))
def test_only_jobs_in_progress_have_deadlines(status: JobStatus) -> None:
    assert job_deadlines(job(status=status), parts(("2026-03-09", False)), paris_settings(), office()) == []


def test_a_job_is_next_due_at_its_internal_then_the_clients_deadline() -> None:
    rows = parts(("2026-03-09", False))

    def due(now: str) -> datetime | None:
        return job_next_due(job(), rows, paris_settings(), office(), at(now))

    assert due("2026-03-04 10:00") == at("2026-03-06 18:00")
    assert due("2026-03-07 10:00") == at("2026-03-09 18:00")
    assert job_next_due(job(deadline=None), [], paris_settings(), office(), at("2026-03-04 10:00")) is None


def test_a_deadline_before_the_start_is_due_at_once() -> None:
    view = deadline_view(at("2026-03-12 09:00"), at("2026-03-02 09:00"), paris_settings(), office())
    assert view.internal == view.deadline == at("2026-03-02 09:00")
    assert view.state(at("2026-03-12 09:00")) is WindowState.OVERDUE
