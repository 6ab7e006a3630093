"""Reply windows: due times, states, and what stops the clock."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes import Direction, ReplyBasis
from app.domain.entities import Client, Job, Message
from app.domain.errors import DomainError
from app.domain.hours import WorkCalendar
from app.domain.reply import (
    Window,
    WindowState,
    acknowledge,
    answered_in_window,
    is_snoozed,
    mark_replied,
    reply_due,
    reply_target,
    reply_window,
    response_minutes,
    snooze,
    suggested_promises,
    suggested_snoozes,
    unsnooze,
)
from tests.unit.domain.support import (
    NEW_YORK,
    PARIS,
    SMALLEST,
    at,
    calendars,
    instants,
    office,
    paris_settings,
    shares,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

windows = st.builds(
    lambda opened, minutes: Window(opened, opened + timedelta(minutes=minutes)),
    instants,
    st.integers(-600, 60 * 24 * 5),
)
targets = st.integers(1, 6 * 24 * 60)


def window_of(message: Message, client: Client | None = None) -> Window | None:
    return reply_window(message, client, paris_settings(), office())


def test_a_message_is_due_within_24_hours() -> None:
    received = at("2026-03-24 10:00")
    window = window_of(Message(at=received))
    assert window == Window(received, received + DAY)
    states = [window.state(received + hours * HOUR) for hours in (0, 11, 12, 22, 23, 24, 48)]
    assert [state.value for state in states] == ["calm", "calm", "half", "half", "hour", "overdue", "overdue"]
    assert [window.share_left(received + hours * HOUR) for hours in (-1, 0, 6, 24, 30)] == [1, 1, 0.75, 0, 0]


def test_clock_targets_ignore_dst_changes() -> None:
    received = at("2026-03-28 10:00")
    due = reply_due(received, 24 * 60, ReplyBasis.CLOCK, office())
    assert due == received + DAY
    assert due.astimezone(PARIS).hour == 11


@pytest.mark.parametrize(
    ("received", "minutes", "due"),
    [
        ("2026-03-27 15:00", 24 * 60, "2026-03-30 15:00"),
        ("2026-03-28 15:00", 24 * 60, "2026-03-31 09:00"),
        ("2026-03-27 15:00", 4 * 60, "2026-03-30 10:00"),  # three hours on Friday, one on Monday
        ("2026-03-26 15:00", 28 * 60, "2026-03-30 10:00"),  # a business day, and those four hours
        ("2026-03-26 15:00", 2 * 24 * 60, "2026-03-30 15:00"),
        ("2026-03-27 15:00", 20 * 60, "2026-03-30 15:00"),  # capped at one whole day
    ],
)
def test_business_targets_count_working_days(received: str, minutes: int, due: str) -> None:
    assert reply_due(at(received), minutes, ReplyBasis.BUSINESS, office()) == at(due)


@given(calendars, instants, targets, targets, st.sampled_from(ReplyBasis))
def test_a_longer_target_is_never_due_earlier(
    calendar: WorkCalendar, received: datetime, one: int, other: int, basis: ReplyBasis
) -> None:
    shorter, longer = sorted((one, other))
    first = reply_due(received, shorter, basis, calendar)
    assert received < first <= reply_due(received, longer, basis, calendar)


@given(calendars, instants, instants, targets, st.sampled_from(ReplyBasis))
def test_an_earlier_message_is_never_due_later(
    calendar: WorkCalendar, one: datetime, other: datetime, minutes: int, basis: ReplyBasis
) -> None:
    earlier, later = sorted((one, other))
    assert reply_due(earlier, minutes, basis, calendar) <= reply_due(later, minutes, basis, calendar)


@given(windows, st.lists(st.integers(-60 * 24 * 6, 60 * 24 * 6), min_size=2))
def test_the_state_of_a_window_never_becomes_calmer(window: Window, minutes: list[int]) -> None:
    moments = [window.due + timedelta(minutes=offset) for offset in sorted(minutes)]
    severities = [window.state(now).severity for now in moments]
    shares = [window.share_left(now) for now in moments]
    assert severities == sorted(severities)
    assert shares == sorted(shares, reverse=True)
    assert all(0.0 <= share <= 1.0 for share in shares)


@given(windows, st.integers(-60 * 24 * 6, 60 * 24), shares)
def test_a_window_is_constant_until_next_change(window: Window, minutes: int, share: float) -> None:
    now = window.due + timedelta(minutes=minutes)
    change = window.next_change(now)
    if change is None:
        assert window.state(now) is WindowState.OVERDUE
    else:
        assert change > now
        assert window.state(now + (change - SMALLEST - now) * share) is window.state(now)
        assert window.state(change).severity > window.state(now).severity


def test_a_short_window_skips_the_half_state() -> None:
    received = at("2026-03-24 10:00")
    window = Window(received, received + timedelta(minutes=30))
    assert window.state(received) is WindowState.HOUR
    assert window.next_change(received) == window.due


def test_a_clients_own_target_overrides_the_users() -> None:
    settings = paris_settings(reply_minutes=720, reply_basis="business")
    assert reply_target(None, settings) == (720, ReplyBasis.BUSINESS)
    assert reply_target(Client(), settings) == (720, ReplyBasis.BUSINESS)
    assert reply_target(Client(reply_minutes=60), settings) == (60, ReplyBasis.BUSINESS)
    assert reply_target(Client(reply_basis="clock"), settings) == (720, ReplyBasis.CLOCK)
    assert reply_target(Client(reply_basis="lunar"), settings) == (720, ReplyBasis.CLOCK)


def test_messages_that_need_no_answer_have_no_window() -> None:
    received = at("2026-03-24 10:00")
    assert window_of(Message(at=received, needs_reply=False)) is None
    assert window_of(Message(at=received, direction=Direction.OUT)) is None
    assert window_of(Message(at=received, replied_at=received + HOUR)) is None


def test_a_due_time_set_by_hand_wins() -> None:
    received = at("2026-03-24 10:00")
    message = Message(at=received, due_at=received + 3 * HOUR)
    assert window_of(message, Client(reply_minutes=60)) == Window(received, received + 3 * HOUR)


def test_an_acknowledgement_starts_the_promised_window() -> None:
    received = at("2026-03-24 10:00")
    message = Message(at=received)
    acknowledge(message, received + HOUR, received + 3 * DAY)
    window = window_of(message)
    assert window == Window(received + HOUR, received + 3 * DAY, promise=True)
    assert window.state(received + DAY) is WindowState.CALM
    acknowledge(message, received + 2 * DAY, received + 4 * DAY)
    assert window_of(message) == Window(received + HOUR, received + 4 * DAY, promise=True)


def test_an_acknowledgement_without_a_promise_keeps_the_window() -> None:
    received = at("2026-03-24 10:00")
    message = Message(at=received)
    acknowledge(message, received + HOUR, None)
    assert window_of(message) == Window(received, received + DAY)


def test_invalid_changes_are_rejected_without_effect() -> None:
    received = at("2026-03-24 10:00")
    message = Message(at=received)
    before = message.model_dump()
    with pytest.raises(DomainError, match="before_received"):
        mark_replied(message, received - HOUR)
    with pytest.raises(DomainError, match="before_received"):
        acknowledge(message, received - HOUR, received + HOUR)
    with pytest.raises(DomainError, match="promise_past"):
        acknowledge(message, received + HOUR, received + HOUR)
    with pytest.raises(DomainError, match="before_received"):
        snooze(message, received)
    assert message.model_dump() == before
    mark_replied(message, received + HOUR)
    with pytest.raises(DomainError, match="answered"):
        acknowledge(message, received + 2 * HOUR, received + DAY)


def test_replying_records_the_response_time_and_ends_a_snooze() -> None:
    received = at("2026-03-24 10:00")
    message = Message(at=received)
    assert response_minutes(message) is None
    snooze(message, received + 5 * HOUR)
    mark_replied(message, received + timedelta(minutes=95, seconds=40))
    assert response_minutes(message) == 95
    assert message.snoozed_until is None
    own = Message(at=received, direction=Direction.OUT, replied_at=received + HOUR)
    assert response_minutes(own) is None


@pytest.mark.parametrize(
    ("acknowledged", "promised", "replied", "kept"),
    [
        (None, None, 24, True),
        (None, None, 25, False),
        (2, 72, 60, True),
        (2, 72, 73, False),  # the promise was broken
        (30, 72, 60, False),  # the acknowledgement was late
        (2, None, 25, False),
        (None, None, None, None),
    ],
)
def test_an_answer_is_in_time_within_window_or_promise(
    acknowledged: int | None, promised: int | None, replied: int | None, kept: bool | None
) -> None:
    received = at("2026-03-24 10:00")

    def after(hours: int | None) -> datetime | None:
        return None if hours is None else received + hours * HOUR

    message = Message(
        at=received,
        acknowledged_at=after(acknowledged),
        promised_at=after(promised),
        replied_at=after(replied),
    )
    assert answered_in_window(message, None, paris_settings(), office()) is kept


def test_a_snooze_ends_at_its_time() -> None:
    job = Job()
    now = at("2026-03-24 10:00")
    snooze(job, now + HOUR)
    assert is_snoozed(job, now)
    assert not is_snoozed(job, now + HOUR)
    unsnooze(job)
    assert not is_snoozed(job, now)


def test_suggested_promises_during_working_hours() -> None:
    now = at("2026-03-26 10:07")
    assert suggested_promises(now, office()) == [
        at("2026-03-26 12:15"),
        at("2026-03-26 18:00"),
        at("2026-03-27 18:00"),
        at("2026-03-31 18:00"),
    ]


def test_suggested_promises_on_friday_night_start_on_monday() -> None:
    now = at("2026-03-27 21:00", NEW_YORK)
    assert suggested_promises(now, office(NEW_YORK)) == [
        at("2026-03-30 18:00", NEW_YORK),
        at("2026-04-01 18:00", NEW_YORK),
    ]


def test_suggested_snoozes_before_a_weekend() -> None:
    now = at("2026-03-26 16:00")
    assert suggested_snoozes(now, office(PARIS, "2026-03-27")) == [
        at("2026-03-26 17:00"),
        at("2026-03-26 19:00"),
        at("2026-03-30 09:00"),
    ]


@given(calendars, instants)
def test_suggested_times_are_in_the_future_and_sorted(calendar: WorkCalendar, now: datetime) -> None:
    promises, snoozes = suggested_promises(now, calendar), suggested_snoozes(now, calendar)
    assert 2 <= len(promises) <= 4
    assert snoozes
    for offered in (promises, snoozes):
        assert all(moment > now for moment in offered)
        assert offered == sorted(set(offered))
    assert all(calendar.subtract_working_days(promise, 0) == promise for promise in promises)
