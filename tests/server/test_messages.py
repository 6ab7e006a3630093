"""When a push that failed is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from app.server.messages import AFTER_REFUSAL, next_attempt

NOW = datetime(2026, 6, 10, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("Wed, 10 Jun 2026 09:31:00 GMT", 60),
        # What tells no time to come is as nothing: the first retry is after 1 to 2 seconds.
        ("Wed, 10 Jun 2026 09:29:00 GMT", 1),
        ("0", 1),
        ("-5", 1),
        ("soon", 1),
        ("9" * 30, 1),
        # A wait that outlasts every reminder would only be found again by the sweep.
        ("86400", 6 * 3600),
        ("", 1),
    ],
)
def test_retry_after(said: str, seconds: float) -> None:
    headers = {"retry-after": said} if said else {}
    assert next_attempt(1, headers, 0.0, NOW) - NOW == timedelta(seconds=seconds)


def test_retries_come_later_and_later_and_apart() -> None:
    waits = [(next_attempt(attempt, {}, 1.0, NOW) - NOW).total_seconds() for attempt in range(1, 12)]
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == 600
    assert next_attempt(3, {}, 0.0, NOW) - NOW == timedelta(seconds=4)


def test_after_a_refusal_nothing_is_tried_for_a_minute() -> None:
    assert next_attempt(1, {}, 0.0, NOW, AFTER_REFUSAL) - NOW == timedelta(minutes=1)
    assert next_attempt(1, {"retry-after": "5"}, 0.0, NOW, AFTER_REFUSAL) - NOW == timedelta(minutes=1)
    assert next_attempt(11, {}, 1.0, NOW, AFTER_REFUSAL) - NOW == timedelta(minutes=10)
