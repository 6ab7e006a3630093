"""Builds push messages, encrypts them for a browser, and interprets the push service's response."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from pydantic_core import to_json
from pywebpush import WebPusher

from app.server.push.deliveries import ClaimedDelivery
from app.server.web.wire import encode_base64url

KEY_REFUSED = {401, 403}  # statuses that reject this server's VAPID key or token (RFC 8292)
LONGEST_TTL = timedelta(days=28)  # FCM refuses more
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=2), timedelta(minutes=10)
AFTER_REFUSAL = timedelta(minutes=1)  # minimum pause after a refusal, which an operator has to fix
LONGEST_WAIT = timedelta(hours=6)  # upper bound for Retry-After
RECORD_BYTES = 4096  # services accept a body of at most 4,096 bytes plus the RFC 8188 header
LONGEST_MESSAGE = RECORD_BYTES - 17  # bytes: the record ends with a delimiter and a tag
CODING = "aes128gcm"  # RFC 8188

Verdict = Literal["sent", "gone", "throttled", "server", "refused"]
"""What a push service's response means.

"gone" is final. "throttled", "server" (an error of the service) and "refused" (an error of this server: key,
clock, header) are retried: the cause may pass or be fixed before the reminder expires.
"""


@dataclass(frozen=True)
class PushMessage:
    """A POST request to an endpoint (RFC 8030)."""

    headers: Mapping[str, str]
    body: bytes


def message_of(claimed: ClaimedDelivery, authorization: str, now: datetime) -> PushMessage:
    """Build the push for a device (RFC 8291). It replaces an undelivered message of the same topic."""
    payload = {
        "v": 1,
        "id": claimed.reminder.partition(":")[0],
        "group": claimed.group,
        "box": encode_base64url(claimed.box),
    }
    body = encrypt(to_json(payload), claimed)
    remaining = min(claimed.expires_at - now, LONGEST_TTL)
    headers = {
        "authorization": authorization,
        "content-encoding": CODING,
        "content-type": "application/octet-stream",
        "ttl": str(max(1, int(remaining.total_seconds()))),
        "urgency": claimed.urgency,
        "topic": claimed.group[:32],
    }
    return PushMessage(headers, body)


def encrypt(message: bytes, claimed: ClaimedDelivery) -> bytes:
    """Encrypt the message for the device (RFC 8291) and return the request's body.

    Raises ValueError if the device's key is not a point of the curve, or if the message is longer than
    LONGEST_MESSAGE bytes: it would need two records, which browsers refuse.
    """
    if len(message) > LONGEST_MESSAGE:
        raise ValueError("the message is too long for a push")
    keys = {"p256dh": encode_base64url(claimed.p256dh), "auth": encode_base64url(claimed.auth)}
    encoded = WebPusher({"endpoint": claimed.endpoint, "keys": keys}).encode(message, CODING)
    body: bytes = encoded["body"]
    return body


def verdict_on(status: int) -> Verdict:
    """Classify a response's status (RFC 8030, 5 and 7.3)."""
    if 200 <= status < 300:
        return "sent"
    if status in {404, 410}:
        return "gone"
    if status == 429:
        return "throttled"
    return "server" if status >= 500 else "refused"


def next_attempt(
    attempts: int, headers: Mapping[str, str], jitter: float, now: datetime, least: timedelta = timedelta(0)
) -> datetime:
    """When to retry: by Retry-After, else with exponential back-off and up to half of it as jitter.

    `attempts`: made so far. `jitter`: random, 0 to 1. `least`: minimum delay.
    """
    payload = retry_after(headers.get("retry-after", ""), now)
    if payload is not None:
        return min(max(payload, now + least), now + LONGEST_WAIT)
    longest = min(LONGEST_RETRY, FIRST_RETRY * (1 << min(attempts - 1, 16)))
    return now + max(least, longest / 2 * (1 + jitter))


def retry_after(value: str, now: datetime) -> datetime | None:
    """Parse Retry-After, seconds or a date (RFC 9110, 10.2.3). None if invalid or not in the future."""
    try:
        if value.strip().isdecimal():
            at = now + timedelta(seconds=int(value))
        else:
            at = parsedate_to_datetime(value)
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return at if at > now else None
