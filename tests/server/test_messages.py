"""The content of push messages, and the times of retries."""

from datetime import UTC, datetime, timedelta

import pytest

from app.server.push.deliveries import ClaimedDelivery
from app.server.push.messages import AFTER_REFUSAL, LONGEST_MESSAGE, encrypt, message_of, next_attempt
from tests.server.devices import text
from tests.server.sink import Browser, Push

NOW = datetime(2026, 6, 10, 9, 30, tzinfo=UTC)
BROWSER = Browser("https://push.example/abc")


def claimed(p256dh: bytes = b"", box: bytes = b"box") -> ClaimedDelivery:
    keys = BROWSER.keys()
    at = NOW, NOW + timedelta(hours=1)
    return ClaimedDelivery(
        b"a" * 16, "r", "d", 1, "g" * 40, *at, "high", box, BROWSER.endpoint, p256dh or keys[0], keys[1]
    )


def test_a_message_decrypts_as_in_a_browser_and_shares_no_secret_with_the_next() -> None:
    first, second = (message_of(claimed(), "vapid t=x", NOW) for _ in range(2))
    for each in (first, second):
        said = BROWSER.read(Push("/abc", {}, each.body))
        assert said == {"v": 1, "id": "r", "group": "g" * 40, "box": text(b"box")}
    assert first.body[:16] != second.body[:16]  # the salt
    assert first.body[21:86] != second.body[21:86]  # the ephemeral public key
    assert dict(first.headers) == {
        "authorization": "vapid t=x",
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": "3600",
        "urgency": "high",
        "topic": "g" * 32,
    }


def test_a_message_that_needs_two_records_is_refused() -> None:
    assert len(encrypt(bytes(LONGEST_MESSAGE), claimed())) == 86 + 4096
    with pytest.raises(ValueError, match="too long"):
        encrypt(bytes(LONGEST_MESSAGE + 1), claimed())


def test_a_key_that_is_not_a_point_of_the_curve_is_refused() -> None:
    point = BROWSER.keys()[0]
    with pytest.raises(ValueError, match="EC key"):
        encrypt(b"box", claimed(point[:-1] + b"\0"))


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("Wed, 10 Jun 2026 09:31:00 GMT", 60),
        # A value that isn't a future time is ignored: the first retry is after 1 to 2 seconds.
        ("Wed, 10 Jun 2026 09:29:00 GMT", 1),
        ("0", 1),
        ("-5", 1),
        ("soon", 1),
        ("9" * 30, 1),
        # A longer wait would outlast every reminder, which only the sweep would delete.
        ("86400", 6 * 3600),
        ("", 1),
    ],
)
def test_retry_after(said: str, seconds: float) -> None:
    headers = {"retry-after": said} if said else {}
    assert next_attempt(1, headers, 0.0, NOW) - NOW == timedelta(seconds=seconds)


def test_retries_back_off_exponentially_with_jitter() -> None:
    waits = [(next_attempt(attempt, {}, 1.0, NOW) - NOW).total_seconds() for attempt in range(1, 12)]
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == 600
    assert next_attempt(3, {}, 0.0, NOW) - NOW == timedelta(seconds=4)


def test_a_refused_push_is_not_retried_for_a_minute() -> None:
    assert next_attempt(1, {}, 0.0, NOW, AFTER_REFUSAL) - NOW == timedelta(minutes=1)
    assert next_attempt(1, {"retry-after": "5"}, 0.0, NOW, AFTER_REFUSAL) - NOW == timedelta(minutes=1)
    assert next_attempt(11, {}, 1.0, NOW, AFTER_REFUSAL) - NOW == timedelta(minutes=10)
