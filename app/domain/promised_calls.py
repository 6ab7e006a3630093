"""Standing calls that a client expects at a time at which they no longer take place.

Second seed (fr-client-boundaries): "can it wait for our call on Friday?" is a promise. The client is to be
told of a call that was moved or cancelled since, or that falls on a day off.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .calls import next_standing_call, start_by_rule
from .entities import Client
from .errors import DomainError
from .hours import WorkCalendar

MISSED = timedelta(days=7)
"""How long after its time the client is still to be told of a call that did not take place."""


@dataclass(frozen=True)
class ChangedCall:
    """A call at another time than the client expects; `now_at` is None if it does not take place."""

    start: str  # by the rule: the key in `standing_call_told`
    told: datetime
    now_at: datetime | None

    @property
    def due(self) -> datetime:
        """When the client is to know: before the earlier of the two times."""
        return min(self.told, self.now_at or self.told)

    @property
    def until(self) -> datetime:
        """From then on it is too late to tell them."""
        return self.now_at or self.told + MISSED


def promise(client: Client, at: datetime, calendar: WorkCalendar) -> None:
    """Note that the client was told of the call starting at `at`. Raises DomainError `no_call`."""
    start = start_by_rule(client, at, calendar)
    if start is None:
        raise DomainError("no_call")
    client.standing_call_told = {**client.standing_call_told, start: at.astimezone(UTC).isoformat()}


def is_told(client: Client, at: datetime, calendar: WorkCalendar) -> bool:
    """Whether the client was told of the call starting at `at`."""
    start = start_by_rule(client, at, calendar)
    return start is not None and client.standing_call_told.get(start) == at.astimezone(UTC).isoformat()


def changed_calls(client: Client, calendar: WorkCalendar, now: datetime) -> list[ChangedCall]:
    """Return the calls that the client is to be told of, the most urgent first."""
    found = []
    for start, text in client.standing_call_told.items():
        told, now_at = datetime.fromisoformat(text), _time_of(client, start, calendar)
        changed = ChangedCall(start, told, now_at)
        if now_at != told and now < changed.until:
            found.append(changed)
    return sorted(found, key=lambda each: (each.due, each.start))


def new_time(client: Client, changed: ChangedCall, calendar: WorkCalendar, now: datetime) -> datetime | None:
    """Return when the client and the user talk instead: the new time, else the next call of the series."""
    return changed.now_at or next_standing_call(client, now, calendar)


def settle(client: Client, start: str, calendar: WorkCalendar) -> None:
    """Note that the client knows of the change, or need not be told."""
    told = {key: text for key, text in client.standing_call_told.items() if key != start}
    now_at = _time_of(client, start, calendar)
    if now_at is not None:
        told[start] = now_at.astimezone(UTC).isoformat()
    client.standing_call_told = told


def _time_of(client: Client, start: str, calendar: WorkCalendar) -> datetime | None:
    """Return when the call of that start takes place; None if it does not."""
    changes, usual = client.standing_call_changes, datetime.fromisoformat(start)
    if start in changes:
        to = changes[start]
        return datetime.fromisoformat(to) if to else None
    if calendar.is_day_off(calendar.local(usual).date()):
        return None
    return usual if start_by_rule(client, usual, calendar) == start else None
