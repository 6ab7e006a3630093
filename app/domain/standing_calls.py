"""Record single standing calls as held, cancelled or moved.

Second seed (fr-client-boundaries): other calls can wait for the standing call, so the app must know which one
is next.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from .calls import next_standing_call, start_by_rule
from .codes import CallOutcome
from .entities import Call, Client
from .errors import DomainError
from .hours import DAY, MINUTE, WorkCalendar
from .reply import HOUR

TO_NOTE = DAY
"""How long after its end an unnoted call is asked about."""

KEPT = timedelta(days=90)
"""Changes of calls that started earlier are dropped."""


def length(client: Client) -> timedelta:
    """Return the agreed length of a standing call."""
    return max(client.standing_call_minutes, 1) * MINUTE


def last_to_note(client: Client, now: datetime, calendar: WorkCalendar) -> datetime | None:
    """Return the start of the newest call that has ended without a note, or None."""
    end = now - length(client)
    after, found = end - TO_NOTE, None
    while (at := next_standing_call(client, after, calendar)) is not None and at <= end:
        after = found = at
    return found


def to_note(
    client: Client, noted: Iterable[datetime], now: datetime, calendar: WorkCalendar
) -> datetime | None:
    """Return the start of the call to ask about, or None.

    This is the newest ended call, unless a scheduled call was recorded around then. `noted` holds the times
    of the client's recorded scheduled calls.
    """
    at = last_to_note(client, now, calendar)
    if at is None or any(at - HOUR <= each < at + DAY for each in noted):
        return None
    return at


def hold(client: Client, at: datetime, now: datetime) -> Call:
    """Record that the call starting at `at` was held; return its call record.

    Raises DomainError `no_call` if no standing call starts then or it is already noted, `call_ahead` before
    its start.
    """
    if now < at:
        raise DomainError("call_ahead")
    return _record_outcome(client, at, now, CallOutcome.TAKEN)


def call_off(client: Client, at: datetime, now: datetime) -> Call:
    """Cancel the call starting at `at`. Raises DomainError `no_call` as in `hold`."""
    return _record_outcome(client, at, now, CallOutcome.MISSED)


def was_called_off(call: Call) -> bool:
    """Whether a standing call was cancelled before its start, rather than missed."""
    return call.scheduled and call.outcome == CallOutcome.MISSED and call.created_at < call.at


@dataclass(frozen=True)
class CancelledCall:
    """A standing call that was cancelled and is still to come."""

    start: str  # by the rule: the key in `standing_call_changes`
    at: datetime
    record: Call | None  # None if the user deleted it


def cancelled_calls(client: Client, find: Callable[[str], Call | None], now: datetime) -> list[CancelledCall]:
    """Return the cancelled calls still to come, the next first. `find` returns a call record by its id."""
    found = []
    for start, to in client.standing_call_changes.items():
        if to is not None:
            continue
        record = find(_call_id(client, start))
        at = record.at if record else datetime.fromisoformat(start)
        if at > now and (record is None or was_called_off(record)):
            found.append(CancelledCall(start, at, record))
    return sorted(found, key=lambda each: each.at)


def restore(client: Client, call: CancelledCall, calendar: WorkCalendar, now: datetime) -> None:
    """Let a cancelled call take place after all, at the time it had. Its record is to be deleted.

    Raises DomainError `no_call` if it is not cancelled (any more) or its time has passed.
    """
    changes = {**client.standing_call_changes}
    if changes.pop(call.start, "") is not None or call.at <= now:
        raise DomainError("no_call")
    at = call.at.astimezone(UTC)
    if at.isoformat() != call.start or calendar.is_day_off(calendar.local(at).date()):
        changes[call.start] = at.isoformat()
    client.standing_call_changes = changes


def keep_on_day_off(client: Client, at: datetime, calendar: WorkCalendar, now: datetime) -> None:
    """Hold the call at `at` although it falls on a day off. Raises DomainError `no_call`."""
    move(client, at, at, calendar, now)


def move(client: Client, at: datetime, to: datetime, calendar: WorkCalendar, now: datetime) -> None:
    """Move the call starting at `at` to `to`. The client is to be told, see `promised_calls`.

    Raises DomainError `no_call`, `promise_past` if `to` has passed, or `call_then` if another call of the
    series starts then: of two calls at one time, one would be lost.
    """
    if to <= now:
        raise DomainError("promise_past")
    start = _start_by_rule(client, at)
    if start_by_rule(client, to, calendar) not in (None, start):
        raise DomainError("call_then")
    if to != at and now < at:
        _expected(client, start, at, now)
    client.standing_call_changes = {**_recent(client, now), start: to.astimezone(UTC).isoformat()}


def _expected(client: Client, start: str, at: datetime, now: datetime) -> None:
    """Note when the client expects a call that is about to change, unless they were told before."""
    told = client.standing_call_told
    told = {key: each for key, each in told.items() if each and datetime.fromisoformat(each) >= now - KEPT}
    client.standing_call_told = {start: at.astimezone(UTC).isoformat(), **told}


def _start_by_rule(client: Client, at: datetime) -> str:
    """Return the key in `standing_call_changes` of the call that starts at `at`, after any move."""
    if not client.standing_call_rule:
        raise DomainError("no_call")
    text = at.astimezone(UTC).isoformat()
    return next((start for start, to in client.standing_call_changes.items() if to == text), text)


def _recent(client: Client, now: datetime) -> dict[str, str | None]:
    since = now - KEPT
    return {
        start: to
        for start, to in client.standing_call_changes.items()
        if datetime.fromisoformat(to or start) >= since
    }


def _record_outcome(client: Client, at: datetime, now: datetime, outcome: CallOutcome) -> Call:
    """Note the outcome of a call, once; the record has the same id on every device."""
    start = _start_by_rule(client, at)
    if start in client.standing_call_changes and client.standing_call_changes[start] is None:
        raise DomainError("no_call")
    client.standing_call_changes = {**_recent(client, now), start: None}
    if now < at:
        _expected(client, start, at, now)
    else:  # the client was there, or knows that nobody was
        told = client.standing_call_told
        client.standing_call_told = {key: each for key, each in told.items() if key != start}
    minutes = client.standing_call_minutes if outcome is CallOutcome.TAKEN else 0
    return Call(
        id=_call_id(client, start),
        client_id=client.id,
        at=at.astimezone(UTC),
        created_at=now.astimezone(UTC),
        minutes=minutes,
        scheduled=True,
        outcome=outcome,
    )


def _call_id(client: Client, start: str) -> str:
    """The id of the call that the rule has at `start`, the same on every device."""
    return uuid5(NAMESPACE_URL, f"standing-call:{client.id}:{start}").hex
