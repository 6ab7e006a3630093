"""Imports deadlines from an iCalendar file (RFC 5545): proposals, and what was not understood.

Only the few properties of a deadline are parsed, and time zones are resolved by `calendar_zones`: parsing a
whole file would expand its time zone rules over all time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from app.domain.constraints import LINE, TEXT
from app.domain.errors import DomainError
from app.domain.hours import WorkCalendar
from app.steps import Progress, Steps

from .calendar_zones import MOST_ZONES, CalendarZones
from .local_dates import end_of_day
from .reports import LARGEST, Report, RowProblem
from .texts import decoded

MOST = 5_000  # events
DEEPEST = 10  # nesting of components; calendars need three
LONGEST_LINE = 2 * TEXT + LINE  # characters, unfolded; an escaped character takes two
LINES_A_STEP = 2_000

_ENTRIES = ("VEVENT", "VTODO")
_WANTED = frozenset({"UID", "SUMMARY", "DESCRIPTION", "DTSTART", "DUE", "RRULE", "RDATE"})


@dataclass(frozen=True)
class DeadlineProposal:
    """A deadline found in a file. `at` is the end of the working day for all-day events, otherwise their
    start.

    `task` is whether the calendar itself marks it as due then (RFC 5545: DUE).
    """

    uid: str
    title: str
    at: datetime
    all_day: bool
    note: str
    task: bool = False


def read_deadlines(data: bytes, calendar: WorkCalendar, now: datetime) -> Steps[Report[DeadlineProposal]]:
    """The future events and tasks of a file, in order. Never raises for an invalid file; reports it.

    An all-day event is due when the user stops working on that day (or at 18:00 on a day off). Times without
    a zone are in the user's. Repeating and past events are reported and skipped.
    """
    if len(data) > LARGEST:
        return Report([], [RowProblem(0, "", "", "too_large")])
    text = decoded(data, "")
    if text is None or "\0" in text:
        return Report([], [RowProblem(0, "", "", "not_ical")])
    outline = _Outline()
    for number, (line, place) in enumerate(_unfolded(text)):
        outline.take(line)
        if not line or number % LINES_A_STEP == 0:
            yield Progress(place, 2 * len(text))
    if not outline.is_calendar:
        return Report([], [RowProblem(0, "", "", "not_ical")])
    zones = CalendarZones(outline.zones)
    entries = outline.entries
    found: list[DeadlineProposal] = []
    troubles = list(outline.troubles())
    for number, entry in enumerate(entries, start=1):
        try:
            found.append(_read(entry, zones, calendar, now))
        except _NotUnderstoodError as trouble:
            name, code = trouble.args
            troubles.append(RowProblem(number, name, entry.text("SUMMARY")[:LINE], code))
        yield Progress(len(entries) + number, 2 * len(entries))
    return Report(sorted(found, key=lambda each: (each.at, each.title)), troubles)


class _NotUnderstoodError(Exception):
    """Raised with a property and the problem's code."""


@dataclass
class _Entry:
    """An event or task: the first content line of each required property, and the duplicated ones."""

    lines: dict[str, str] = field(default_factory=dict)
    doubled: set[str] = field(default_factory=set)

    def add(self, name: str, line: str) -> None:
        if name in self.lines:
            self.doubled.add(name)
        else:
            self.lines[name] = line

    def text(self, name: str) -> str:
        """A text property's value, unescaped; empty if missing or unreadable."""
        try:
            return str(_content_line(self.lines[name]).parts()[2])
        except (KeyError, ValueError):
            return ""


class _Outline:
    """Consumes the lines of a file, and stores those of its entries and time zones."""

    def __init__(self) -> None:
        self.is_calendar = False
        self.entries: list[_Entry] = []
        self.zones: list[list[str]] = []
        self._open: list[str] = []
        self._too_deep = 0
        self._entry: tuple[int, _Entry] | None = None  # with its depth
        self._zone: tuple[int, list[str]] | None = None
        self._too_many = False

    def take(self, line: str) -> None:
        name = line[: _name_length(line)].upper()
        if name == "BEGIN":
            self._begin(line[6:].strip().upper())
        elif self._entry is not None and name in _WANTED and self._is_at(self._entry[0]):
            self._entry[1].add(name, line)
        if self._zone is not None:
            self._zone[1].append(line)
        if name == "END":
            self._end(line[4:].strip().upper())

    def troubles(self) -> Iterator[RowProblem]:
        """The problems of the file as a whole."""
        if self._too_many:
            yield RowProblem(MOST + 1, "", "", "too_many")
        elif self._open or self._too_deep:
            yield RowProblem(0, "", "", "cut_off")
        if not self.entries:
            yield RowProblem(0, "", "", "empty")

    def _is_at(self, depth: int) -> bool:
        return len(self._open) == depth and not self._too_deep

    def _begin(self, kind: str) -> None:
        if len(self._open) == DEEPEST:
            self._too_deep += 1
            return
        self._open.append(kind)
        self.is_calendar = self.is_calendar or kind == "VCALENDAR"
        if kind in _ENTRIES and self.is_calendar:
            self._too_many = self._too_many or len(self.entries) == MOST
            self._entry = (len(self._open), _Entry())
        elif kind == "VTIMEZONE" and len(self.zones) < MOST_ZONES:
            self._zone = (len(self._open), [])

    def _end(self, kind: str) -> None:
        if self._too_deep:
            self._too_deep -= 1
            return
        if kind not in self._open:
            return
        while self._open.pop() != kind:
            pass
        if self._entry is not None and len(self._open) < self._entry[0]:
            if len(self.entries) < MOST:
                self.entries.append(self._entry[1])
            self._entry = None
        if self._zone is not None and len(self._open) < self._zone[0]:
            self.zones.append(self._zone[1])
            self._zone = None


def _name_length(line: str) -> int:
    """The length of a content line's name, which ends before parameters or value."""
    ends = [place for place in (line.find(":", 0, 64), line.find(";", 0, 64)) if place >= 0]
    return min(ends, default=0)


def _unfolded(text: str) -> Iterator[tuple[str, int]]:
    """Unfolded content lines with their end positions, cut to `LONGEST_LINE`.

    Yields an empty line regularly in long runs of blank or folded lines, so that progress can be reported.
    """
    parts: list[str] = []
    length = start = count = 0
    while start < len(text):
        count += 1
        if count % LINES_A_STEP == 0:
            yield "", start
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start : min(end, start + LONGEST_LINE)].rstrip("\r")
        if line[:1] in (" ", "\t") and parts:
            if length < LONGEST_LINE:
                parts.append(line[1:])
                length += len(line)
        else:
            if length:
                yield "".join(parts), start
            parts, length = [line], len(line)
        start = end + 1
    if length:
        yield "".join(parts), len(text)


def _read(entry: _Entry, zones: CalendarZones, calendar: WorkCalendar, now: datetime) -> DeadlineProposal:
    name = "DUE" if "DUE" in entry.lines else "DTSTART"
    if name not in entry.lines:
        raise _NotUnderstoodError(name, "required")
    if name in entry.doubled:
        raise _NotUnderstoodError(name, "format")
    value, zone_name = _moment(name, entry.lines[name])
    if "RRULE" in entry.lines or "RDATE" in entry.lines:
        raise _NotUnderstoodError("RRULE", "repeats")
    all_day = not isinstance(value, datetime)
    try:
        at = _instant(value, zone_name, zones, calendar) if isinstance(value, datetime) else None
        at = at or end_of_day(value, calendar)
        past = at < now
    except (DomainError, OverflowError, ValueError, TypeError, AttributeError) as error:
        raise _NotUnderstoodError(name, "range") from error
    if past:
        raise _NotUnderstoodError(name, "past")
    title = " ".join(entry.text("SUMMARY").split())[:LINE]
    note = entry.text("DESCRIPTION")[:TEXT]
    return DeadlineProposal(entry.text("UID"), title, at, all_day, note, task=name == "DUE")


def _moment(name: str, line: str) -> tuple[date, str]:
    """The day or time of a property, and the name of its time zone or an empty string."""
    from icalendar import vDDDTypes

    read: Any = vDDDTypes.from_ical
    try:
        _name, parameters, value = _content_line(line[: 2 * LINE]).raw_parts()
        found = read(value.strip())
    except (ValueError, OverflowError) as error:
        raise _NotUnderstoodError(name, "format") from error
    if not isinstance(found, date):
        raise _NotUnderstoodError(name, "format")
    zone_name = parameters.get("TZID", "")
    return found, zone_name if isinstance(zone_name, str) else ""


def _content_line(line: str) -> Any:
    # Imported on use, because the import is slow in the browser.
    from icalendar.parser import Contentline

    made: Any = Contentline
    return made(line)


def _instant(value: datetime, zone_name: str, zones: CalendarZones, calendar: WorkCalendar) -> datetime:
    """Convert to UTC. Times without a zone are "floating", so they are in the user's time zone."""
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    zone = zones.zone(zone_name) if zone_name else calendar.zone
    if zone is None:
        raise _NotUnderstoodError("TZID", "zone")
    return value.replace(tzinfo=zone).astimezone(UTC)
