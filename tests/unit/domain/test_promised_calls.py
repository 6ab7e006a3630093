"""Second seed: a client who was told "our call on Friday" is told when that changes."""

from datetime import timedelta

import pytest

from app.domain.conversations import Terms, agree
from app.domain.entities import Client, Conversation, Settings
from app.domain.errors import DomainError
from app.domain.hours import WorkCalendar, work_calendar
from app.domain.promised_calls import MISSED, ChangedCall, changed_calls, is_told, new_time, promise, settle
from app.domain.standing_calls import call_off, cancelled_calls, hold, keep_on_day_off, move, restore
from tests.unit.domain.support import at, office, paris_settings

CALENDAR = office()
WEDNESDAY, FRIDAY, MONDAY = at("2026-03-25 09:00"), at("2026-03-27 10:00"), at("2026-03-30 15:00")
NEXT_FRIDAY = at("2026-04-03 10:00")
DAY = timedelta(days=1)
START = FRIDAY.isoformat()


@pytest.fixture
def client() -> Client:
    return Client(
        id="dupont", standing_call_rule="FREQ=WEEKLY;BYDAY=FR", standing_call_start=at("2026-01-02 10:00")
    )


def changed(client: Client, calendar: WorkCalendar = CALENDAR) -> list[ChangedCall]:
    return changed_calls(client, calendar, WEDNESDAY)


def test_a_call_that_takes_place_as_told_is_nothing_to_tell(client: Client) -> None:
    promise(client, FRIDAY, CALENDAR)
    assert is_told(client, FRIDAY, CALENDAR)
    assert not is_told(client, NEXT_FRIDAY, CALENDAR)
    assert changed(client) == []
    with pytest.raises(DomainError, match="no_call"):
        promise(client, MONDAY, CALENDAR)


@pytest.mark.parametrize("promised", [True, False])
def test_a_moved_call_is_to_be_told_of_until_the_client_knows(client: Client, promised: bool) -> None:
    if promised:
        promise(client, FRIDAY, CALENDAR)
    move(client, FRIDAY, MONDAY, CALENDAR, WEDNESDAY)
    (found,) = changed(client)
    assert found == ChangedCall(START, FRIDAY, MONDAY)
    assert (found.due, found.until) == (FRIDAY, MONDAY)
    assert new_time(client, found, CALENDAR, WEDNESDAY) == MONDAY
    settle(client, START, CALENDAR)
    assert changed(client) == []
    move(client, MONDAY, MONDAY + DAY, CALENDAR, WEDNESDAY)
    assert changed(client) == [ChangedCall(START, MONDAY, MONDAY + DAY)]


def test_a_call_moved_twice_is_told_of_from_what_the_client_knows(client: Client) -> None:
    move(client, FRIDAY, MONDAY, CALENDAR, WEDNESDAY)
    move(client, MONDAY, MONDAY + DAY, CALENDAR, WEDNESDAY)
    assert changed(client) == [ChangedCall(START, FRIDAY, MONDAY + DAY)]
    move(client, MONDAY + DAY, FRIDAY, CALENDAR, WEDNESDAY)
    assert changed(client) == []


def test_a_cancelled_call_is_to_be_told_of_unless_it_takes_place_after_all(client: Client) -> None:
    record = call_off(client, FRIDAY, WEDNESDAY)
    (found,) = changed(client)
    assert found == ChangedCall(START, FRIDAY, None)
    assert new_time(client, found, CALENDAR, WEDNESDAY) == NEXT_FRIDAY
    assert changed_calls(client, CALENDAR, FRIDAY + MISSED - DAY) == [found]
    assert changed_calls(client, CALENDAR, FRIDAY + MISSED) == []
    (cancelled,) = cancelled_calls(client, {record.id: record}.get, WEDNESDAY)
    restore(client, cancelled, CALENDAR, WEDNESDAY)
    assert changed(client) == []


def test_a_cancelled_call_the_client_knows_of_is_done_with(client: Client) -> None:
    call_off(client, FRIDAY, WEDNESDAY)
    settle(client, START, CALENDAR)
    assert (changed(client), client.standing_call_told) == ([], {})


def test_a_promised_call_that_falls_on_a_day_off_since_is_to_be_told_of(client: Client) -> None:
    promise(client, FRIDAY, CALENDAR)
    away = office(CALENDAR.zone, "2026-03-27")
    assert changed(client, away) == [ChangedCall(START, FRIDAY, None)]
    kept = client.model_copy()
    keep_on_day_off(kept, FRIDAY, away, WEDNESDAY)
    assert changed(kept, away) == []


def test_a_call_nobody_was_told_of_may_fall_on_a_holiday(client: Client) -> None:
    french: Settings = paris_settings(holiday_country="FR")
    assert changed_calls(client, work_calendar(french), at("2026-12-21 09:00")) == []


def test_a_call_of_a_series_that_is_no_more_is_to_be_told_of(client: Client) -> None:
    promise(client, FRIDAY, CALENDAR)
    client.standing_call_rule = "FREQ=WEEKLY;BYDAY=TU"
    assert changed(client) == [ChangedCall(START, FRIDAY, None)]
    client.standing_call_rule = ""
    (found,) = changed(client)
    assert new_time(client, found, CALENDAR, WEDNESDAY) is None


def test_new_terms_agreed_on_replace_what_was_told(client: Client) -> None:
    promise(client, FRIDAY, CALENDAR)
    talk = Conversation(client_id=client.id, at=WEDNESDAY)
    agree(talk, client, Terms("FREQ=WEEKLY;BYDAY=TU", at("2026-03-31 10:00"), 30), WEDNESDAY)
    assert changed(client) == []


def test_what_happened_in_its_time_needs_no_telling(client: Client) -> None:
    promise(client, FRIDAY, CALENDAR)
    promise(client, NEXT_FRIDAY, CALENDAR)
    hold(client, FRIDAY, FRIDAY)
    call_off(client, NEXT_FRIDAY, NEXT_FRIDAY)
    assert changed_calls(client, CALENDAR, NEXT_FRIDAY) == []
    following = NEXT_FRIDAY + 7 * DAY
    move(client, following, following + DAY, CALENDAR, following + timedelta(hours=1))  # it was put off
    assert changed_calls(client, CALENDAR, following + timedelta(hours=1)) == []
