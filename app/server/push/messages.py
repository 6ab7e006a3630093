"""A push message: what it says, encrypted for one browser, and what an answer to it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from pydantic_core import to_json
from pywebpush import WebPusher

from app.server.push.deliveries import ClaimedDelivery
from app.server.web.wire import encode_base64url

OUR_KEY = {401, 403}  # statuses about who this server is (RFC 8292)
LONGEST_TTL = timedelta(days=28)  # FCM refuses more
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=2), timedelta(minutes=10)
AFTER_REFUSAL = timedelta(minutes=1)  # nothing is mended sooner
LONGEST_WAIT = timedelta(hours=6)  # whatever a service asks for
RECORD_BYTES = 4096  # services take no longer body than 4,096 bytes and the header of RFC 8188
LONGEST_MESSAGE = RECORD_BYTES - 17  # bytes: the record ends with a delimiter and a tag
CODING = "aes128gcm"  # RFC 8188

Verdict = Literal["sent", "gone", "throttled", "server", "refused"]
"""Of a push service: "gone" is for good. "throttled", "server" (its own trouble) and "refused" (our mistake:
the key, the time, a header) are tried again: the cause may pass or be mended before the reminder expires."""


@dataclass(frozen=True)
class PushMessage:
    """What is posted to an endpoint (RFC 8030)."""

    headers: Mapping[str, str]
    body: bytes


def message_of(claimed: ClaimedDelivery, authorization: str, now: datetime) -> PushMessage:
    """Encrypt for the device (RFC 8291). A message of the same topic replaces one that is not yet shown."""
    said = {
        "v": 1,
        "id": claimed.reminder.partition(":")[0],
        "group": claimed.group,
        "box": encode_base64url(claimed.box),
    }
    body = encrypt(to_json(said), claimed)
    left = min(claimed.expires_at - now, LONGEST_TTL)
    headers = {
        "authorization": authorization,
        "content-encoding": CODING,
        "content-type": "application/octet-stream",
        "ttl": str(max(1, int(left.total_seconds()))),
        "urgency": claimed.urgency,
        "topic": claimed.group[:32],
    }
    return PushMessage(headers, body)


def encrypt(message: bytes, claimed: ClaimedDelivery) -> bytes:
    """The body to post (RFC 8291).

    Raises ValueError if the device's key is no point of the curve, or the message is longer than
    LONGEST_MESSAGE bytes: it would become two records, which browsers refuse.
    """
    if len(message) > LONGEST_MESSAGE:
        raise ValueError("the message is too long for a push")
    keys = {"p256dh": encode_base64url(claimed.p256dh), "auth": encode_base64url(claimed.auth)}
    encoded = WebPusher({"endpoint": claimed.endpoint, "keys": keys}).encode(message, CODING)
    body: bytes = encoded["body"]
    return body


def verdict_on(status: int) -> Verdict:
    """What an answer's status means (RFC 8030, 5 and 7.3)."""
    if 200 <= status < 300:
        return "sent"
    if status in {404, 410}:
        return "gone"
    if status == 429:
        return "throttled"
    return "server" if status >= 500 else "refused"


def next_attempt(
    attempts: int, headers: Mapping[str, str], chance: float, now: datetime, least: timedelta = timedelta(0)
) -> datetime:
    """When to try again: as Retry-After says, else later and later, at random by half.

    `attempts`: made so far. `chance`: from 0 to 1. `least`: how long to wait at least.
    """
    said = retry_after(headers.get("retry-after", ""), now)
    if said is not None:
        return min(max(said, now + least), now + LONGEST_WAIT)
    longest = min(LONGEST_RETRY, FIRST_RETRY * (1 << min(attempts - 1, 16)))
    return now + max(least, longest / 2 * (1 + chance))


def retry_after(value: str, now: datetime) -> datetime | None:
    """RFC 9110, 10.2.3: seconds or a date. None for what is neither, or no time from now."""
    try:
        if value.strip().isdecimal():
            at = now + timedelta(seconds=int(value))
        else:
            at = parsedate_to_datetime(value)
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return at if at > now else None
