"""Deadlines out of an iCalendar file (RFC 5545): proposals to look at, and what was not understood."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.domain.constraints import LINE, TEXT
from app.domain.hours import WorkCalendar

from .local_dates import end_of_day
from .reports import LARGEST, Report, Trouble

MOST = 5_000  # events


@dataclass(frozen=True)
class DeadlineProposal:
    """A deadline found: `at` is the event's end of day for an all-day event, else its start."""

    uid: str
    title: str
    at: datetime
    all_day: bool
    note: str


def read_deadlines(data: bytes, calendar: WorkCalendar, now: datetime) -> Report[DeadlineProposal]:
    """The events and tasks of a file that lie ahead, in order. Never raises for a bad file: it is reported.

    An all-day event is due when the user stops working on that day (or at 18:00 on a day off). A time without
    a zone is on the user's clock. Repeating events and those in the past are reported and left out.
    """
    if len(data) > LARGEST:
        return Report([], [Trouble(0, "", "", "too_large")])
    from icalendar import Calendar

    try:
        files = Calendar.from_ical(data, multiple=True)
    except (ValueError, IndexError, KeyError, UnicodeDecodeError):
        return Report([], [Trouble(0, "", "", "not_ical")])
    found: list[DeadlineProposal] = []
    troubles: list[Trouble] = []
    things = [thing for file in files for kind in ("VEVENT", "VTODO") for thing in file.walk(kind)]
    if not files:
        troubles.append(Trouble(0, "", "", "not_ical"))
    elif not things:
        troubles.append(Trouble(0, "", "", "empty"))
    if len(things) > MOST:
        troubles.append(Trouble(MOST + 1, "", "", "too_many"))
    for number, thing in enumerate(things[:MOST], start=1):
        try:
            found.append(_read(thing, calendar, now))
        except _NotUnderstoodError as trouble:
            field, code = trouble.args
            troubles.append(Trouble(number, field, str(thing.get("SUMMARY", ""))[:LINE], code))
    return Report(sorted(found, key=lambda each: (each.at, each.title)), troubles)


class _NotUnderstoodError(Exception):
    """A property, and the code of what is the matter with it."""


def _read(thing: Any, calendar: WorkCalendar, now: datetime) -> DeadlineProposal:
    name = "DUE" if "DUE" in thing else "DTSTART"
    if name not in thing and not thing.errors:
        raise _NotUnderstoodError(name, "required")
    if thing.errors or not hasattr(thing[name], "dt"):
        raise _NotUnderstoodError(thing.errors[0][0] if thing.errors else name, "format")
    if "RRULE" in thing or "RDATE" in thing:
        raise _NotUnderstoodError("RRULE", "repeats")
    value = thing[name].dt
    all_day = not isinstance(value, datetime)
    try:
        at = end_of_day(value, calendar) if all_day else _instant(value, calendar)
        past = at < now
    except (OverflowError, ValueError, TypeError, AttributeError) as error:
        raise _NotUnderstoodError(name, "range") from error
    if past:
        raise _NotUnderstoodError(name, "past")
    title = " ".join(str(thing.get("SUMMARY", "")).split())[:LINE]
    note = str(thing.get("DESCRIPTION", ""))[:TEXT]
    return DeadlineProposal(str(thing.get("UID", "")), title, at, all_day, note)


def _instant(value: datetime, calendar: WorkCalendar) -> datetime:
    """A time without a zone is "floating": the same on every clock, so on the user's."""
    local = value if value.tzinfo is not None else value.replace(tzinfo=calendar.zone)
    return local.astimezone(UTC)
