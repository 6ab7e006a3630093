"""The client page at a glance: its figures and the axis labels of its charts."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.call_weeks import CallCounts, CallGlance, CallWeek
from app.domain.trust import TrustNumbers
from app.ui.client.overview import axis, typical_answer
from app.ui.state import AppState

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def test_a_usual_reply_time_is_shown_only_from_three_replies(app: AppState) -> None:
    few = TrustNumbers(NOW, NOW, median_response=60.0, replies=2)
    assert typical_answer(few, app.format) == ("Answered", "2 replies so far")
    enough = TrustNumbers(NOW, NOW, median_response=60.0, replies=3)
    assert typical_answer(enough, app.format) == ("You usually answer in", "1 hour")


@pytest.mark.parametrize(
    ("days", "ends"), [(23, ["Nov 2", "Nov 25"]), (1, ["Nov 24", "Nov 25"]), (0, ["Nov 25"])]
)
def test_both_ends_of_the_calls_chart_are_labelled_with_dates(
    app: AppState, days: int, ends: list[str]
) -> None:
    week = CallWeek(start=NOW - timedelta(days=days), end=NOW, counts=CallCounts(), allowance=2)
    assert axis(CallGlance([week], CallCounts()), app) == ends
