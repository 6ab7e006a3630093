"""Suggested updates for clients who tend to check in."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes import Direction, MessageKind
from app.domain.entities import Call, Client, Job, Message, StatusUpdate
from app.domain.proactive import UpdateSuggestion, suggest_updates
from tests.unit.domain.support import at, office

NOW = at("2026-06-10 12:00")  # a Wednesday
DAY = timedelta(days=1)
LEMOINE = Client(id="c")
GRANT = Job(id="grant", client_id="c", started_at=NOW - 30 * DAY)


def suggested(
    messages: list[Message], calls: list[Call], updates: list[StatusUpdate], jobs: list[Job] | None = None
) -> list[UpdateSuggestion]:
    jobs = [GRANT] if jobs is None else jobs
    return suggest_updates({"c": LEMOINE}, jobs, messages, calls, updates, office(), NOW)


def check_in(days_ago: float, replied_after: float = 0.1) -> Message:
    when = NOW - days_ago * DAY
    return Message(client_id="c", at=when, kind=MessageKind.CHECK_IN, replied_at=when + replied_after * DAY)


def update(days_ago: float) -> StatusUpdate:
    return StatusUpdate(client_id="c", at=NOW - days_ago * DAY)


def test_an_update_is_suggested_before_a_regular_check_in() -> None:
    (found,) = suggested([check_in(10), check_in(6)], [], [update(14), update(2)])
    # Asked 4 and 3.9 days after the user's last contact, which was on Monday noon.
    assert (found.job, found.check_ins) == (GRANT, 2)
    assert timedelta(days=3.9) <= found.usual_gap <= 4 * DAY
    assert found.last_contact == NOW - 2 * DAY
    assert found.expected == found.last_contact + found.usual_gap
    assert found.last_contact + found.usual_gap / 2 <= found.due < found.expected
    assert office().is_working_time(found.due)


def test_calls_count_as_check_ins_and_repeated_calls_once() -> None:
    ringing_calls = [
        Call(client_id="c", at=NOW - days * DAY + minutes * timedelta(minutes=1))
        for days in (8, 4)
        for minutes in (0, 5, 20)
    ]
    (found,) = suggested([], ringing_calls, [update(9), update(5)])
    assert (found.usual_gap, found.check_ins, found.calls) == (DAY, 0, 6)
    assert suggested([], ringing_calls[:3], [update(9)]) == []  # once is not a habit
    scheduled = [Call(client_id="c", at=each.at, scheduled=True) for each in ringing_calls]
    assert suggested([], scheduled, [update(9), update(5)]) == []


def test_only_marked_calls_count_as_check_ins() -> None:
    """Of 19 calls, only the two marked as check-ins count as such."""
    ringing_calls = [Call(client_id="c", at=NOW - days * DAY) for days in range(1, 20)]
    ringing_calls[3].answered_by_update_id = ringing_calls[7].answered_by_update_id = "u"
    (found,) = suggested([check_in(6)], ringing_calls, [update(days + 0.5) for days in range(1, 20)])
    assert (found.check_ins, found.calls) == (3, 17)


def test_updates_are_suggested_only_for_active_clients_with_work() -> None:
    asked, sent_updates = [check_in(10), check_in(6)], [update(14), update(8)]
    assert suggested(asked, [], sent_updates, jobs=[]) == []
    assert suggested(asked, [], sent_updates, jobs=[Job(client_id="c", status="delivered")]) == []
    soon = Job(id="soon", client_id="c", started_at=NOW - DAY, deadline=NOW + DAY)
    assert suggested(asked, [], sent_updates, jobs=[GRANT, soon])[0].job is soon
    gone = {"c": Client(id="c", status="paused")}
    assert suggest_updates(gone, [GRANT], asked, [], sent_updates, office(), NOW) == []


def test_the_users_own_messages_count_as_contact() -> None:
    own = [Message(client_id="c", direction=Direction.OUT, at=NOW - days * DAY) for days in (12, 8, 1)]
    (found,) = suggested([*own, check_in(10, 0.01), check_in(6, 0.01)], [], [])
    assert found.last_contact == NOW - DAY


moments = st.integers(0, 95 * 24).map(lambda hours: NOW - hours * timedelta(hours=1))


@given(st.lists(moments, max_size=12), st.lists(moments, max_size=12))
def test_a_suggestion_is_due_between_last_contact_and_expected_check_in(
    asked: list[datetime], sent_updates: list[datetime]
) -> None:
    ringing_calls = [Call(client_id="c", at=when) for when in asked]
    for found in suggested(
        [], ringing_calls, [StatusUpdate(client_id="c", at=when) for when in sent_updates]
    ):
        assert (found.check_ins, found.calls >= 2) == (0, True)
        assert max(sent_updates) <= found.last_contact <= found.due <= found.expected
