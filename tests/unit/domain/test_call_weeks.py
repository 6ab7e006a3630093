"""Calls by the user's weeks, compared with the allowance; and advice about an incoming call."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.call_weeks import CallCounts, advise_on_call, calls_at_a_glance, count_calls, excess_calls
from app.domain.calls import week_of
from app.domain.codes import CallOutcome
from app.domain.entities import Call, Client, Settings, StatusUpdate
from app.domain.hours import WorkCalendar, work_calendar
from tests.unit.domain.support import TOKYO, at, office, paris_settings, regular_calendars

NOW = at("2026-06-10 12:00")  # a Wednesday
DAY = timedelta(days=1)


def call(when: datetime, **fields: object) -> Call:
    return Call(**({"client_id": "c", "at": when, "outcome": CallOutcome.TAKEN} | fields))


def test_each_kind_of_call_is_counted_separately() -> None:
    calls = [
        call(NOW, scheduled=True, minutes=30),
        call(NOW, minutes=12, answered_by_update_id="u"),
        call(NOW, outcome=CallOutcome.MISSED, minutes=5),
        call(NOW, outcome=CallOutcome.VOICEMAIL, said_why=False),
        call(NOW, outcome=CallOutcome.VOICEMAIL, said_why=True),
        call(NOW, outcome=CallOutcome.VOICEMAIL),  # not marked as having a reason or not
    ]
    counts = count_calls(calls)
    assert counts == CallCounts(
        scheduled=1, taken=1, missed=1, voicemail=3, empty_voicemails=1, already_sent=1, minutes=12
    )
    assert counts.unscheduled == 5


def test_recent_weeks_include_empty_ones_and_calls_over_the_allowance() -> None:
    calls = [call(NOW - 14 * DAY - hours * timedelta(hours=1)) for hours in range(5)]
    calls += [call(NOW), call(NOW, client_id="other"), call(NOW - 100 * DAY)]
    glance = calls_at_a_glance(Client(id="c"), calls, paris_settings(), office(), NOW, weeks=4)
    assert [week.counts.unscheduled for week in glance.weeks] == [0, 5, 0, 1]
    assert [week.over for week in glance.weeks] == [0, 3, 0, 0]
    assert glance.weeks[-1].start == at("2026-06-08 00:00")
    assert glance.total.unscheduled == 6


def test_a_week_starts_on_the_users_weekday_in_their_zone() -> None:
    sunday = at("2026-06-07 00:30", TOKYO)
    settings = Settings(time_zone="Asia/Tokyo", first_weekday=6)
    weeks = calls_at_a_glance(
        Client(id="c"), [call(sunday)], settings, work_calendar(settings), at("2026-06-10 12:00", TOKYO)
    ).weeks
    assert weeks[-1].start == at("2026-06-07 00:00", TOKYO)
    assert weeks[-1].counts.taken == 1
    mondays = Settings(time_zone="Asia/Tokyo")
    weeks = calls_at_a_glance(
        Client(id="c"), [call(sunday)], mondays, work_calendar(mondays), at("2026-06-10 12:00", TOKYO)
    ).weeks
    assert [week.counts.taken for week in weeks[-2:]] == [1, 0]


moments = st.integers(0, 60 * 24 * 60).map(lambda minutes: NOW - minutes * timedelta(minutes=1))
call_lists = st.lists(st.builds(call, moments, scheduled=st.booleans()), max_size=40)


@given(call_lists, regular_calendars, st.integers(1, 10))
def test_every_call_is_in_exactly_one_of_the_adjoining_weeks(
    calls: list[Call], calendar: WorkCalendar, weeks: int
) -> None:
    glance = calls_at_a_glance(Client(id="c"), calls, paris_settings(), calendar, NOW, weeks)
    assert len(glance.weeks) == weeks
    assert [week.end for week in glance.weeks[:-1]] == [week.start for week in glance.weeks[1:]]
    assert glance.weeks[-1].start <= NOW < glance.weeks[-1].end
    for week in glance.weeks:
        inside = [each for each in calls if week.start <= each.at < week.end]
        assert week.counts == count_calls(inside)


@given(call_lists, call_lists, st.integers(0, 4))
def test_adding_calls_never_reduces_the_excess_calls(
    calls: list[Call], more: list[Call], allowance: int
) -> None:
    client = Client(id="c", call_allowance=allowance)
    before = {each.id for each in excess_calls(client, calls, paris_settings(), office())}
    after = {each.id for each in excess_calls(client, calls + more, paris_settings(), office())}
    assert len(after) >= len(before)
    by_week: dict[datetime, int] = {}
    for each in calls:
        if not each.scheduled:
            week = week_of(each.at, office())[0]
            by_week[week] = by_week.get(week, 0) + 1
    assert len(before) == sum(max(count - allowance, 0) for count in by_week.values())


FRIDAYS = Client(
    id="c", standing_call_rule="FREQ=WEEKLY;BYDAY=FR", standing_call_start=at("2026-01-02 10:00")
)


@pytest.mark.parametrize(
    ("before", "fields", "choice", "made"),
    [
        (0, {}, "your_choice", 2),
        (1, {}, "let_it_ring", 3),
        (5, {}, "let_it_ring", 7),
        (5, {"scheduled": True}, "scheduled", 6),
    ],
)
def test_an_incoming_call_is_optional_within_the_allowance(
    before: int, fields: dict[str, object], choice: str, made: int
) -> None:
    earlier = [call(NOW - hours * timedelta(hours=1)) for hours in range(1, before + 1)]
    rang_out = call(NOW - DAY, outcome=CallOutcome.MISSED)
    coming = call(NOW, **fields)
    advice = advise_on_call(
        coming, FRIDAYS, [*earlier, rang_out, coming], [], paris_settings(), office(), NOW
    )
    assert (advice.choice, advice.week.unscheduled, advice.allowance) == (choice, made, 2)
    assert advice.next_call == at("2026-06-12 10:00")


def test_a_missed_call_gets_an_email_and_a_check_in_gets_the_update() -> None:
    def script(client: Client, outcome: str, *updates: StatusUpdate, **fields: object) -> str:
        coming = call(NOW, outcome=outcome, **fields)
        return advise_on_call(coming, client, [coming], updates, paris_settings(), office(), NOW).script

    assert script(FRIDAYS, "voicemail") == "voicemail-next-call"
    assert script(FRIDAYS, "missed") == "deferred-request"
    assert script(FRIDAYS, "taken") == ""
    # Without a standing call to defer to.
    assert script(Client(id="c"), "voicemail") == "voicemail-received"
    assert script(Client(id="c"), "missed") == "missed-call"
    sent = StatusUpdate(client_id="c", at=NOW - DAY, text="The budget is in your mail.")
    assert script(FRIDAYS, "voicemail", sent) == "voicemail-next-call"
    assert script(FRIDAYS, "taken", sent) == ""
    for outcome in CallOutcome:
        assert script(FRIDAYS, outcome, sent, answered_by_update_id=sent.id) == "already-sent"
        assert script(FRIDAYS, outcome, sent, answered_by_update_id=sent.id, scheduled=True) == ""


def test_the_script_for_a_call_does_not_depend_on_the_number_of_calls() -> None:
    earlier = [call(NOW - hours * timedelta(hours=1), outcome=CallOutcome.MISSED) for hours in range(1, 9)]
    coming = call(NOW, outcome=CallOutcome.MISSED)
    advice = advise_on_call(coming, Client(id="c"), [*earlier, coming], [], paris_settings(), office(), NOW)
    assert advice.script == "missed-call"
