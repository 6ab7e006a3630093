"""One standing call: held, called off or moved, so that the next one becomes the next.

Second seed (fr-client-boundaries): the standing call is what the other calls can wait for, so it has to be
known which one is next.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from .calls import next_standing_call
from .codes import CallOutcome
from .entities import Call, Client
from .errors import DomainError
from .hours import DAY, MINUTE, WorkCalendar
from .reply import HOUR

TO_NOTE = DAY
"""For so long after its end a call that nothing was noted about is asked about."""

KEPT = timedelta(days=90)
"""Changes of calls that started earlier are of no use, and are dropped."""


def length(client: Client) -> timedelta:
    """How long a standing call is agreed to take."""
    return max(client.standing_call_minutes, 1) * MINUTE


def last_to_note(client: Client, now: datetime, calendar: WorkCalendar) -> datetime | None:
    """The start of the newest call that has ended and that nothing was noted about; None for none."""
    end = now - length(client)
    after, found = end - TO_NOTE, None
    while (at := next_standing_call(client, after, calendar)) is not None and at <= end:
        after = found = at
    return found


def to_note(
    client: Client, noted: Iterable[datetime], now: datetime, calendar: WorkCalendar
) -> datetime | None:
    """The start of the call to ask about: the newest that has ended, unless a scheduled one was noted about
    then. `noted` are when the client's scheduled calls were. None for none.
    """
    at = last_to_note(client, now, calendar)
    if at is None or any(at - HOUR <= each < at + DAY for each in noted):
        return None
    return at


def hold(client: Client, at: datetime, now: datetime) -> Call:
    """The call that was to start at `at` took place: it goes into the history, and is no longer ahead.

    DomainError `no_call` for a call that is not one of the series or that something was noted about already,
    `call_ahead` for one whose time has not come.
    """
    if now < at:
        raise DomainError("call_ahead")
    return _noted(client, at, now, CallOutcome.TAKEN)


def call_off(client: Client, at: datetime, now: datetime) -> Call:
    """The call that was to start at `at` does not take place. DomainError `no_call` as for `hold`."""
    return _noted(client, at, now, CallOutcome.MISSED)


def keep_on_day_off(client: Client, at: datetime, now: datetime) -> None:
    """The call that would fall on a day off takes place all the same. DomainError `no_call`."""
    move(client, at, at, now)


def move(client: Client, at: datetime, to: datetime, now: datetime) -> None:
    """The call that was to start at `at` starts at `to`.

    DomainError `no_call`, or `promise_past` for a time gone by.
    """
    if to <= now:
        raise DomainError("promise_past")
    start = _start_by_rule(client, at)
    client.standing_call_changes = {**_recent(client, now), start: to.astimezone(UTC).isoformat()}


def _start_by_rule(client: Client, at: datetime) -> str:
    """The key of the change for the call that starts at `at`, as moved."""
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


def _noted(client: Client, at: datetime, now: datetime, outcome: CallOutcome) -> Call:
    """Something is noted once about a call: its id is the same on every device."""
    start = _start_by_rule(client, at)
    if start in client.standing_call_changes and client.standing_call_changes[start] is None:
        raise DomainError("no_call")
    client.standing_call_changes = {**_recent(client, now), start: None}
    minutes = client.standing_call_minutes if outcome is CallOutcome.TAKEN else 0
    return Call(
        id=uuid5(NAMESPACE_URL, f"standing-call:{client.id}:{start}").hex,
        client_id=client.id,
        at=at.astimezone(UTC),
        created_at=now.astimezone(UTC),
        minutes=minutes,
        scheduled=True,
        outcome=outcome,
    )
