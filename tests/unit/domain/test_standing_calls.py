"""Standing calls held, cancelled or moved, and the next call after that."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calls import calls_on_days_off, next_standing_call, standing_calls_between
from app.domain.codes import CallOutcome
from app.domain.conversations import Terms, agree
from app.domain.entities import Call, Client, Conversation
from app.domain.errors import DomainError
from app.domain.hours import work_calendar
from app.domain.standing_calls import (
    KEPT,
    TO_NOTE,
    call_off,
    cancelled_calls,
    hold,
    keep_on_day_off,
    last_to_note,
    move,
    restore,
)
from tests.unit.domain.support import PARIS, TOKYO, at, office, paris_settings

CALENDAR = office()
FRIDAY, NEXT_FRIDAY = at("2026-03-27 10:00"), at("2026-04-03 10:00")
WEDNESDAY = at("2026-03-25 09:00")
DAY = timedelta(days=1)
HALF_HOUR = timedelta(minutes=30)


def friday_client() -> Client:
    return Client(
        id="dupont", standing_call_rule="FREQ=WEEKLY;BYDAY=FR", standing_call_start=at("2026-01-02 10:00")
    )


def test_a_held_call_is_recorded_and_the_following_one_is_next() -> None:
    client = friday_client()
    call = hold(client, FRIDAY, FRIDAY + HALF_HOUR)
    assert (call.client_id, call.at, call.scheduled) == ("dupont", FRIDAY, True)
    assert (call.outcome, call.minutes) == (CallOutcome.TAKEN, 30)
    assert next_standing_call(client, FRIDAY - DAY, CALENDAR) == NEXT_FRIDAY


def test_a_call_cannot_be_held_before_its_start() -> None:
    client = friday_client()
    with pytest.raises(DomainError, match="call_ahead"):
        hold(client, FRIDAY, FRIDAY - timedelta.resolution)
    assert next_standing_call(client, WEDNESDAY, CALENDAR) == FRIDAY
    assert hold(client, FRIDAY, FRIDAY).at == FRIDAY


def test_a_call_is_noted_once_with_the_same_id_on_every_device() -> None:
    here, there = friday_client(), friday_client()
    call = hold(here, FRIDAY, FRIDAY + HALF_HOUR)
    assert call.id == hold(there, FRIDAY, FRIDAY + DAY).id
    for again in (hold, call_off):
        with pytest.raises(DomainError, match="no_call"):
            again(here, FRIDAY, FRIDAY + HALF_HOUR)
    assert hold(here, NEXT_FRIDAY, NEXT_FRIDAY).id != call.id


def test_the_id_of_a_noted_call_follows_the_protocol() -> None:
    start = datetime(2026, 11, 27, 9, tzinfo=UTC)
    client = Client(
        id="5f0c8e1b2a934d7fb6e0c4a8d1937b25",
        standing_call_rule="FREQ=WEEKLY;BYDAY=FR",
        standing_call_start=start,
    )
    assert call_off(client, start, start).id == "29a12791e8d45dcebfa64b89b094343f"


# --- days off --------------------------------------------------------------------------------------------

FRENCH = work_calendar(paris_settings(holiday_country="FR"))
CHRISTMAS, NEW_YEAR, EIGHTH = (at(f"{day} 10:00") for day in ("2026-12-25", "2027-01-01", "2027-01-08"))
BEFORE_CHRISTMAS = at("2026-12-21 09:00")


def test_there_is_no_call_on_a_public_holiday() -> None:
    client = friday_client()
    assert next_standing_call(client, BEFORE_CHRISTMAS, CALENDAR) == CHRISTMAS
    assert next_standing_call(client, BEFORE_CHRISTMAS, FRENCH) == EIGHTH
    assert calls_on_days_off(client, BEFORE_CHRISTMAS, EIGHTH, FRENCH) == [CHRISTMAS, NEW_YEAR]
    assert last_to_note(client, CHRISTMAS + HALF_HOUR, FRENCH) is None


def test_days_off_are_in_the_users_zone_not_the_clients() -> None:
    client = friday_client()
    client.time_zone, client.standing_call_start = "Asia/Tokyo", at("2026-01-02 06:00", TOKYO)
    thursday_in_paris = office(PARIS, "2026-03-26")
    (usual,) = standing_calls_between(client, WEDNESDAY, FRIDAY + DAY, CALENDAR)
    assert usual == at("2026-03-27 06:00", TOKYO) == at("2026-03-26 22:00")
    assert standing_calls_between(client, WEDNESDAY, FRIDAY + DAY, thursday_in_paris) == []


def test_a_worked_holiday_keeps_its_call() -> None:
    worked = work_calendar(paris_settings(holiday_country="FR", worked_holidays=["Christmas Day"]))
    assert next_standing_call(friday_client(), BEFORE_CHRISTMAS, worked) == CHRISTMAS


def test_a_call_on_a_day_off_can_be_moved_or_kept() -> None:
    moved, kept = friday_client(), friday_client()
    eve = at("2026-12-24 10:00")
    move(moved, CHRISTMAS, eve, CALENDAR, BEFORE_CHRISTMAS)
    assert standing_calls_between(moved, BEFORE_CHRISTMAS, EIGHTH, FRENCH) == [eve]
    assert calls_on_days_off(moved, BEFORE_CHRISTMAS, EIGHTH, FRENCH) == [NEW_YEAR]
    keep_on_day_off(kept, CHRISTMAS, FRENCH, BEFORE_CHRISTMAS)
    assert standing_calls_between(kept, BEFORE_CHRISTMAS, EIGHTH, FRENCH) == [CHRISTMAS]
    assert last_to_note(kept, CHRISTMAS + HALF_HOUR, FRENCH) == CHRISTMAS


def test_a_cancelled_call_is_recorded_as_missed() -> None:
    client = friday_client()
    call = call_off(client, FRIDAY, WEDNESDAY)
    assert (call.at, call.scheduled, call.outcome, call.minutes) == (FRIDAY, True, CallOutcome.MISSED, 0)
    assert next_standing_call(client, WEDNESDAY, CALENDAR) == NEXT_FRIDAY


def test_a_moved_call_can_be_moved_again_and_held() -> None:
    client = friday_client()
    monday, tuesday = at("2026-03-30 15:00"), at("2026-03-31 15:00")
    move(client, FRIDAY, monday, CALENDAR, WEDNESDAY)
    assert standing_calls_between(client, WEDNESDAY, NEXT_FRIDAY + DAY, CALENDAR) == [monday, NEXT_FRIDAY]
    move(client, monday, tuesday, CALENDAR, WEDNESDAY)
    assert standing_calls_between(client, WEDNESDAY, NEXT_FRIDAY + DAY, CALENDAR) == [tuesday, NEXT_FRIDAY]
    hold(client, tuesday, tuesday + HALF_HOUR)
    assert next_standing_call(client, WEDNESDAY, CALENDAR) == NEXT_FRIDAY
    assert len(client.standing_call_changes) == 1


def test_no_call_moves_onto_another_of_the_series() -> None:
    """Of two calls at one time, one was lost: the next one is searched for after the time of the last."""
    client = friday_client()
    with pytest.raises(DomainError, match="call_then"):
        move(client, FRIDAY, NEXT_FRIDAY, CALENDAR, WEDNESDAY)
    monday = at("2026-03-30 15:00")
    move(client, FRIDAY, monday, CALENDAR, WEDNESDAY)
    with pytest.raises(DomainError, match="call_then"):
        move(client, NEXT_FRIDAY, monday, CALENDAR, WEDNESDAY)
    move(client, NEXT_FRIDAY, FRIDAY, CALENDAR, WEDNESDAY)  # its own call is elsewhere
    assert standing_calls_between(client, WEDNESDAY, NEXT_FRIDAY + DAY, CALENDAR) == [FRIDAY, monday]


def test_no_call_moves_onto_one_that_falls_on_a_day_off() -> None:
    client = friday_client()
    with pytest.raises(DomainError, match="call_then"):
        move(client, at("2026-12-18 10:00"), CHRISTMAS, FRENCH, at("2026-12-16 09:00"))
    hour_later = CHRISTMAS + timedelta(hours=1)
    move(client, at("2026-12-18 10:00"), hour_later, FRENCH, at("2026-12-16 09:00"))
    assert next_standing_call(client, at("2026-12-16 09:00"), FRENCH) == hour_later


def find(*calls: Call) -> Callable[[str], Call | None]:
    return {call.id: call for call in calls}.get


def test_a_cancelled_call_is_found_and_takes_place_at_the_time_it_had() -> None:
    client = friday_client()
    monday = at("2026-03-30 15:00")
    move(client, FRIDAY, monday, CALENDAR, WEDNESDAY)
    record = call_off(client, monday, WEDNESDAY)
    (cancelled,) = cancelled_calls(client, find(record), WEDNESDAY)
    assert (cancelled.at, cancelled.record) == (monday, record)
    assert cancelled_calls(client, find(record), monday) == []
    restore(client, cancelled, CALENDAR, FRIDAY + DAY)  # the time by the rule has passed
    assert next_standing_call(client, WEDNESDAY, CALENDAR) == monday
    with pytest.raises(DomainError, match="no_call"):
        restore(client, cancelled, CALENDAR, WEDNESDAY)


def test_a_cancelled_call_whose_record_was_deleted_can_take_place_after_all() -> None:
    client = friday_client()
    call_off(client, FRIDAY, WEDNESDAY)
    (cancelled,) = cancelled_calls(client, find(), WEDNESDAY)
    assert cancelled.record is None
    restore(client, cancelled, CALENDAR, WEDNESDAY)
    assert next_standing_call(client, WEDNESDAY, CALENDAR) == FRIDAY
    assert client.standing_call_changes == {}


def test_a_call_held_before_the_time_of_its_rule_is_not_cancelled() -> None:
    client = friday_client()
    thursday = FRIDAY - DAY
    move(client, FRIDAY, thursday, CALENDAR, WEDNESDAY)
    record = hold(client, thursday, thursday)
    assert cancelled_calls(client, find(record), thursday) == []


def test_a_restored_call_takes_place_on_a_day_that_became_a_day_off() -> None:
    client = friday_client()
    record = call_off(client, CHRISTMAS, BEFORE_CHRISTMAS)
    (cancelled,) = cancelled_calls(client, find(record), BEFORE_CHRISTMAS)
    restore(client, cancelled, FRENCH, BEFORE_CHRISTMAS)
    assert next_standing_call(client, BEFORE_CHRISTMAS, FRENCH) == CHRISTMAS


def test_only_existing_calls_move_and_only_to_future_times() -> None:
    with pytest.raises(DomainError, match="promise_past"):
        move(friday_client(), FRIDAY, WEDNESDAY, CALENDAR, WEDNESDAY)
    with pytest.raises(DomainError, match="no_call"):
        hold(Client(), FRIDAY, FRIDAY)


def test_an_ended_call_without_a_note_is_asked_about_for_a_day() -> None:
    client = friday_client()
    end = FRIDAY + HALF_HOUR
    assert last_to_note(client, end - timedelta.resolution, CALENDAR) is None
    assert last_to_note(client, end, CALENDAR) == FRIDAY
    assert last_to_note(client, end + TO_NOTE, CALENDAR) is None
    hold(client, FRIDAY, end)
    assert last_to_note(client, end, CALENDAR) is None


def test_old_changes_are_dropped_and_a_new_rule_drops_all() -> None:
    client = friday_client()
    hold(client, FRIDAY, FRIDAY)
    later = next_standing_call(client, FRIDAY + KEPT + 7 * DAY, CALENDAR)
    assert later is not None
    hold(client, later, later)
    assert list(client.standing_call_changes) == [later.isoformat()]
    talk = Conversation(client_id="dupont", at=later)
    agree(talk, client, Terms("FREQ=WEEKLY;BYDAY=TU", at("2026-03-31 10:00"), 30), later)
    assert client.standing_call_changes == {}


@given(st.lists(st.sampled_from(["held", "off", "moved"]), max_size=6), st.integers(1, 6))
def test_each_call_comes_once_whatever_happens_to_the_others(changes: list[str], days: int) -> None:
    client, now = friday_client(), WEDNESDAY
    usual = standing_calls_between(client, now, now + 70 * DAY, CALENDAR)
    expected = list(usual)
    for number, change in enumerate(changes):
        call = usual[number]
        if change == "moved":
            move(client, call, call + days * DAY, CALENDAR, now)
            expected[expected.index(call)] = call + days * DAY
        else:
            (hold if change == "held" else call_off)(client, call, call)
            expected.remove(call)
    assert standing_calls_between(client, now, now + 70 * DAY, CALENDAR) == sorted(expected)
