"""Resolves the time zones of a calendar file, by name or by the rules in the file, with limits.

A VTIMEZONE may have any rule of RFC 5545, even one that changes the clock every second. Real zones change it
on a few days per year, so only such rules are evaluated.
"""

import re
import warnings
from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

MOST_ZONES = 100  # per file
MOST_LINES = 3_000  # per zone; the longest ones list each change since 1900
MOST_RULES = 12  # repeating rules per zone
MOST_DATES = 1_000  # single changes per zone
EARLIEST_YEAR = 1600  # Outlook's rules start in 1601
LONGEST_NAME = 200

_RULE_PARTS = {
    "FREQ": re.compile("YEARLY"),
    "INTERVAL": re.compile("[1-9][0-9]?"),
    "COUNT": re.compile("[0-9]{1,4}"),
    "UNTIL": re.compile("[0-9TZ]{8,16}"),
    "WKST": re.compile("[A-Z]{2}"),
    "BYMONTH": re.compile("[0-9]{1,2}"),
    "BYDAY": re.compile("[+-]?[1-5]?[A-Z]{2}"),
    "BYMONTHDAY": re.compile("-?[0-9]{1,2}(,-?[0-9]{1,2}){0,6}"),
    "BYHOUR": re.compile("[0-9]{1,2}"),
    "BYMINUTE": re.compile("[0-9]{1,2}"),
    "BYSECOND": re.compile("[0-9]{1,2}"),
}


class CalendarZones:
    """The time zones of a file; each name is resolved once."""

    def __init__(self, definitions: Sequence[Sequence[str]]) -> None:
        """`definitions`: the unfolded content lines of each VTIMEZONE, from BEGIN to END."""
        self._definitions = {_name(lines): lines for lines in reversed(definitions)}
        self._found: dict[str, tzinfo | None] = {}

    def zone(self, name: str) -> tzinfo | None:
        """The zone of a TZID: an IANA or Windows name, or defined in the file; otherwise None."""
        if name not in self._found:
            self._found[name] = _known(name) or self._defined(name)
        return self._found[name]

    def _defined(self, name: str) -> tzinfo | None:
        lines = self._definitions.get(name)
        if lines is None or not _is_bounded(lines):
            return None
        from icalendar import Timezone
        from icalendar.timezone import TZP

        try:
            component: Any = Timezone.from_ical("\r\n".join([*lines, ""]))
            found: tzinfo = component.to_tz(TZP(), lookup_tzid=False)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
            return None
        return found


def _known(name: str) -> tzinfo | None:
    if not name or len(name) > LONGEST_NAME:
        return None
    from icalendar.timezone import TZP

    with warnings.catch_warnings():
        # TZP accepts "/vendor/Europe/Paris" for Europe/Paris, with a warning.
        warnings.simplefilter("ignore")
        try:
            return TZP().timezone(name)
        except (OSError, ValueError):  # "Europe" is a folder
            return None


def _name(lines: Sequence[str]) -> str:
    """A definition's TZID, as used by properties."""
    named = next((line for line in lines if line[:4].upper() == "TZID"), "")
    return named.partition(":")[2].strip()


def _is_bounded(lines: Sequence[str]) -> bool:
    """Whether evaluating the definition is fast for any date."""
    if len(lines) > MOST_LINES:
        return False
    rules = dates = 0
    for line in lines:
        name, _colon, value = line.partition(":")
        kind = name.partition(";")[0].strip().upper()
        if kind in ("RRULE", "EXRULE"):
            rules += 1
            if not _is_yearly(value):
                return False
        elif kind in ("RDATE", "EXDATE"):
            dates += value.count(",") + 1
        elif kind == "DTSTART" and not value.strip()[:4] >= str(EARLIEST_YEAR):
            return False
    return rules <= MOST_RULES and dates <= MOST_DATES


def _is_yearly(rule: str) -> bool:
    """Whether a rule applies on at most one day per year.

    "BYMONTH=3;BYDAY=-1SU", "BYMONTH=9;BYMONTHDAY=21", or a weekday within up to seven days:
    "BYMONTH=10;BYDAY=SU;BYMONTHDAY=8,9,10,11,12,13,14".
    """
    parts = dict(part.partition("=")[::2] for part in rule.strip().upper().split(";") if part)
    if "FREQ" not in parts or not all(
        name in _RULE_PARTS and _RULE_PARTS[name].fullmatch(value) for name, value in parts.items()
    ):
        return False
    weekday, days = parts.get("BYDAY", ""), parts.get("BYMONTHDAY", "")
    if not weekday and not days:
        return True
    one_day = len(weekday) > 2 or (bool(days) and (bool(weekday) or "," not in days))
    return "BYMONTH" in parts and one_day
