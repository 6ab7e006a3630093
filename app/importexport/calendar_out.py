"""Exports deadlines and standing calls as an iCalendar file (RFC 5545)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.domain.calls import calls_on_days_off, first_by_rule
from app.domain.codes import ClientStatus
from app.domain.deadlines import job_deadlines
from app.domain.entities import Client, Job, Part, Settings
from app.domain.hours import WorkCalendar, zone_of

PRODUCT = "-//Kaeru//Kaeru//EN"
DAYS_OFF_AHEAD = timedelta(days=2 * 366)
"""How far ahead calls on days off are excluded."""


@dataclass(frozen=True)
class EventNames:
    """Formats the names of events in the user's language."""

    deadline: Callable[[Job, Part | None], str]
    internal: Callable[[Job, Part | None], str]
    standing_call: Callable[[Client], str]


def export_calendar(
    rows: Iterable[tuple[Job, Sequence[Part]]],
    clients: Iterable[Client],
    names: EventNames,
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
) -> bytes:
    """The future deadlines, each with its internal one, and the standing calls of active clients.

    Records have stable UIDs, so importing the file again updates events instead of duplicating them. Calls
    repeat in the client's time zone, which the file defines.
    """
    # Imported on use, because the import is slow in the browser.
    from icalendar import Calendar

    file = Calendar()
    file.add("PRODID", PRODUCT)
    file.add("VERSION", "2.0")
    file.add("METHOD", "PUBLISH")
    for job, parts in rows:
        for part, view in job_deadlines(job, parts, settings, calendar):
            uid = f"{part.id if part else job.id}@kaeru"
            file.add_component(_event(f"deadline-{uid}", names.deadline(job, part), view.deadline, now))
            if view.internal < view.deadline:
                file.add_component(_event(f"internal-{uid}", names.internal(job, part), view.internal, now))
    for client in clients:
        start = _first_start(client, calendar)
        if client.status == ClientStatus.ACTIVE and start is not None:
            event = _event(f"call-{client.id}@kaeru", names.standing_call(client), start, now)
            event.add("DURATION", timedelta(minutes=max(client.standing_call_minutes, 1)))
            event["RRULE"] = _rule(client.standing_call_rule, start)
            if called_off := _called_off(client, start, calendar, now):
                event.add("EXDATE", called_off)
            file.add_component(event)
            for by_rule, to in _changes(client, start, now):
                if to is not None:
                    moved = _event(f"call-{client.id}@kaeru", names.standing_call(client), to, now)
                    moved.add("RECURRENCE-ID", by_rule)
                    moved.add("DURATION", timedelta(minutes=max(client.standing_call_minutes, 1)))
                    file.add_component(moved)
    today = calendar.local(now).date()
    file.add_missing_timezones(date(today.year - 1, 1, 1), date(today.year + 10, 1, 1))
    content: bytes = file.to_ical()
    return content


def _event(uid: str, summary: str, at: datetime, now: datetime) -> Any:
    from icalendar import Event

    event = Event()
    event.add("UID", uid)
    event.add("DTSTAMP", now.astimezone(UTC))
    event.add("SUMMARY", summary)
    event.add("DTSTART", at)
    return event


def _called_off(client: Client, start: datetime, calendar: WorkCalendar, now: datetime) -> list[datetime]:
    """The rule's starts of calls that do not take place: cancelled, or on a day off."""
    off = calls_on_days_off(client, max(now, start), now + DAYS_OFF_AHEAD, calendar)
    by_hand = [by_rule for by_rule, to in _changes(client, start, now) if to is None]
    return sorted([*by_hand, *(at.astimezone(start.tzinfo) for at in off)])


def _changes(client: Client, start: datetime, now: datetime) -> list[tuple[datetime, datetime | None]]:
    """The future calls that deviate from the rule: (start by the rule, actual start; None if cancelled)."""
    found = []
    for text, moved_to in sorted(client.standing_call_changes.items()):
        by_rule = datetime.fromisoformat(text).astimezone(start.tzinfo)
        to = None if moved_to is None else datetime.fromisoformat(moved_to).astimezone(start.tzinfo)
        if (to or by_rule) > now:
            found.append((by_rule, to))
    return found


def _first_start(client: Client, calendar: WorkCalendar) -> datetime | None:
    """The first call in its own time zone. RFC 5545 requires the first start to match the rule."""
    first = first_by_rule(client, calendar)
    return None if first is None else first.astimezone(zone_of(client.time_zone, calendar.zone))


def _rule(rule: str, start: datetime) -> Any:
    """Parse a rule. In Kaeru's rules, UNTIL is an inclusive day; RFC 5545 requires an instant in UTC here."""
    from icalendar import vRecur

    recurrence = vRecur.from_ical(rule)
    if "UNTIL" in recurrence:
        last = datetime.combine(recurrence["UNTIL"][0], start.timetz().replace(tzinfo=None), start.tzinfo)
        recurrence["UNTIL"] = [last.astimezone(UTC)]
    return recurrence
