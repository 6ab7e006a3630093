"""Standing calls agreed with a client, and the weekly allowance for other calls.

Second seed (fr-client-boundaries): propose a weekly or twice-weekly standing call, and still allow one or two
unscheduled ones a week, because some flexibility is worth money.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from heapq import merge
from zoneinfo import ZoneInfo

from .entities import Call, Client, Settings
from .errors import DomainError
from .hours import DAY, MIDNIGHT, WorkCalendar, zone_of

WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

# The part of RFC 5545 (3.3.10) that standing calls need. No such rule can make the search for its next
# occurrence endless. The time of day is that of the first call.
_RULE_PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY",
    "INTERVAL": r"[1-9]\d?",
    "BYDAY": r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU))*",
    "BYMONTHDAY": r"(-?[1-9]|[12]\d|3[01])(,(-?[1-9]|[12]\d|3[01]))*",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}",  # a date, inclusive
    "WKST": r"MO|TU|WE|TH|FR|SA|SU",
}


def validate_rule(rule: str) -> None:
    """Raise DomainError `rule` unless it is a daily, weekly or monthly recurrence, without "RRULE:"."""
    _rule_parts(rule)


def weekly_rule(days: Iterable[int], weeks: int = 1) -> str:
    """Return the rule for a call on these weekdays (0 = Monday), every `weeks` weeks.

    Raises DomainError `rule` without a weekday, or unless 1 ≤ `weeks` ≤ 99.
    """
    chosen = sorted(set(days))
    if not chosen or not set(chosen) <= set(range(7)) or not 1 <= weeks <= 99:
        raise DomainError("rule")
    interval = f"INTERVAL={weeks};" if weeks > 1 else ""
    return f"FREQ=WEEKLY;{interval}BYDAY=" + ",".join(WEEKDAY_CODES[day] for day in chosen)


def weekly_rhythm(rule: str) -> tuple[int, list[int]] | None:
    """Return (weeks, days) of a rule made by `weekly_rule`; None for any other rule."""
    try:
        parts = _rule_parts(rule)
    except DomainError:
        return None
    known = {"FREQ", "INTERVAL", "BYDAY", "WKST"}
    if parts["FREQ"] != "WEEKLY" or "BYDAY" not in parts or parts.keys() - known:
        return None
    days = sorted({WEEKDAY_CODES.index(code) for code in parts["BYDAY"].split(",")})
    return int(parts.get("INTERVAL", "1")), days


def rule_weekdays(rule: str) -> list[int] | None:
    """Return the weekdays of an every-week rule; None for any other rule."""
    rhythm = weekly_rhythm(rule)
    return rhythm[1] if rhythm and rhythm[0] == 1 else None


def first_standing_call(days: Iterable[int], clock: time, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first start of a weekly call after `after`: that wall time on one of the weekdays."""
    chosen = set(days)
    day = after.astimezone(zone).date()
    for offset in range(8):
        at = datetime.combine(day + timedelta(days=offset), clock, zone).astimezone(UTC)
        if at > after and (day + timedelta(days=offset)).weekday() in chosen:
            return at
    raise DomainError("rule")


def next_standing_call(client: Client, after: datetime, calendar: WorkCalendar) -> datetime | None:
    """Return the start of the next standing call after `after`; None if none is agreed or left.

    The wall time is constant across daylight saving changes, in the client's zone or else the user's. A call
    on the user's day off, or on a public holiday they keep, does not take place unless it was moved there.
    """
    return next(_standing_calls(client, after, calendar), None)


def first_by_rule(client: Client, calendar: WorkCalendar) -> datetime | None:
    """Return the first start of the series, even if that call was moved or cancelled; None without a rule."""
    if client.standing_call_start is None:
        return None
    return next(_by_rule(client, client.standing_call_start - timedelta.resolution, calendar), None)


def standing_calls_between(
    client: Client, start: datetime, end: datetime, calendar: WorkCalendar
) -> list[datetime]:
    """Return the standing calls that start in [start, end)."""
    found = []
    for at in _standing_calls(client, start - timedelta.resolution, calendar):
        if at >= end:
            break
        found.append(at)
    return found


def start_by_rule(client: Client, at: datetime, calendar: WorkCalendar) -> str | None:
    """Return the key in `standing_call_changes` of the call that starts at `at`; None without one.

    Includes a call that does not take place because of a day off.
    """
    changes, text = client.standing_call_changes, at.astimezone(UTC).isoformat()
    for start, to in changes.items():
        if to == text:
            return start
    usual = next(_by_rule(client, at - timedelta.resolution, calendar), None) == at
    return text if usual and text not in changes else None


def calls_on_days_off(
    client: Client, start: datetime, end: datetime, calendar: WorkCalendar
) -> list[datetime]:
    """Return the standing calls in [start, end) that do not take place because of a day off."""
    found = []
    changed = {datetime.fromisoformat(text) for text in client.standing_call_changes}
    for at in _by_rule(client, start - timedelta.resolution, calendar):
        if at >= end:
            break
        if at not in changed and _is_day_off(at, calendar):
            found.append(at)
    return found


def week_of(at: datetime, calendar: WorkCalendar) -> tuple[datetime, datetime]:
    """Return the user's local week that contains `at`, as [start, end) instants."""
    day = calendar.local(at).date()
    first = day - timedelta(days=(day.weekday() - calendar.first_weekday) % 7)
    start, end = (datetime.combine(edge, MIDNIGHT, calendar.zone) for edge in (first, first + 7 * DAY))
    return start.astimezone(UTC), end.astimezone(UTC)


def unscheduled_this_week(
    calls: Iterable[Call], client_id: str, now: datetime, calendar: WorkCalendar
) -> list[Call]:
    """Return the client's unscheduled calls of this week until now, taken or not, oldest first."""
    start, _end = week_of(now, calendar)
    return sorted(
        (
            call
            for call in calls
            if call.client_id == client_id and not call.scheduled and start <= call.at <= now
        ),
        key=lambda call: call.at,
    )


def call_allowance(client: Client, settings: Settings) -> int:
    """Return how many unscheduled calls a week are fine, answered or not: for the client, else for all."""
    return settings.call_allowance if client.call_allowance is None else client.call_allowance


def _standing_calls(client: Client, after: datetime, calendar: WorkCalendar) -> Iterator[datetime]:
    """Yield the starts of the standing calls after an instant, in order, with moved calls at their new time.

    Calls on a day off are left out unless they were moved there.
    """
    held = (at for at in _by_rule(client, after, calendar) if not _is_day_off(at, calendar))
    changes = client.standing_call_changes
    if not changes or not client.standing_call_rule:
        yield from held
        return
    starts = {datetime.fromisoformat(start) for start in changes}
    moved = (datetime.fromisoformat(to) for to in changes.values() if to is not None)
    usual = (at for at in held if at not in starts)
    yield from merge(sorted(at for at in moved if at > after), usual)


def _is_day_off(at: datetime, calendar: WorkCalendar) -> bool:
    return calendar.is_day_off(calendar.local(at).date())


def _by_rule(client: Client, after: datetime, calendar: WorkCalendar) -> Iterator[datetime]:
    """Yield the starts after an instant by the rule alone, in order."""
    if not client.standing_call_rule or client.standing_call_start is None:
        return
    zone = zone_of(client.time_zone, calendar.zone)
    first = client.standing_call_start.astimezone(zone).replace(tzinfo=None)
    day = after.astimezone(zone).date()
    while (wall := _on_or_after(client.standing_call_rule, first, day)) is not None:
        at = wall.replace(tzinfo=zone).astimezone(UTC)
        if at > after:
            yield at
        day = wall.date() + DAY


@lru_cache(maxsize=4096)
def _on_or_after(rule: str, first: datetime, day: date) -> datetime | None:
    """Return the first occurrence (wall time) on `day` or later; None without one or for an invalid rule."""
    from dateutil.rrule import rrulestr

    try:
        parts = _rule_parts(rule)
    except DomainError:
        return None
    step = {"DAILY": 1, "WEEKLY": 7}.get(parts["FREQ"], 0) * int(parts.get("INTERVAL", "1"))
    if step and "COUNT" not in parts:
        # Skip years of weekly calls: dropping whole periods does not change the later occurrences.
        first += max((day - first.date()).days // step, 0) * step * DAY
    if "UNTIL" in parts:
        parts["UNTIL"] += "T235959"
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    found: datetime | None = rrulestr(text, dtstart=first).after(datetime.combine(day, MIDNIGHT), inc=True)
    return found


def _rule_parts(rule: str) -> dict[str, str]:
    """Return the parts of a rule by name. Raises DomainError `rule` for an unsupported rule."""
    pairs = [part.partition("=") for part in rule.upper().split(";")]
    parts = {name: value for name, _, value in pairs}
    known = len(parts) == len(pairs) and all(
        name in _RULE_PARTS and re.fullmatch(_RULE_PARTS[name], value, re.ASCII)
        for name, value in parts.items()
    )
    if not known or "FREQ" not in parts or {"COUNT", "UNTIL"} <= parts.keys() or not _fits_frequency(parts):
        raise DomainError("rule")
    if "UNTIL" in parts:
        try:
            date.fromisoformat(parts["UNTIL"])
        except ValueError as error:
            raise DomainError("rule") from error
    return parts


def _fits_frequency(parts: dict[str, str]) -> bool:
    if parts["FREQ"] == "DAILY":
        return "BYDAY" not in parts and "BYMONTHDAY" not in parts
    if parts["FREQ"] == "WEEKLY":
        return "BYMONTHDAY" not in parts and not re.search(r"\d", parts.get("BYDAY", ""))
    return not ("BYDAY" in parts and "BYMONTHDAY" in parts)
