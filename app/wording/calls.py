"""Text for call counts, and reasons why a standing call does not take place."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from app.domain.entities import Settings
from app.domain.holidays import holidays_of
from app.domain.hours import WorkCalendar
from app.i18n import Formatter, _, n_

MOST_DAYS = 4
"""Of a longer run of cancelled calls, only the first and the last are named."""


class NotTaken(Protocol):
    """Counts of missed calls and voicemails; no call counts as both."""

    @property
    def voicemails(self) -> int: ...
    @property
    def missed(self) -> int: ...


def counted_calls(calls: NotTaken, formatter: Formatter) -> str:
    """Return the counts of voicemails and missed calls; empty if there are none."""
    return formatter.listed(_not_taken(calls))


def _not_taken(calls: NotTaken) -> list[str]:
    counts = []
    if calls.voicemails:
        counts.append(n_("{n} voicemail", "{n} voicemails", calls.voicemails))
    if calls.missed:
        counts.append(n_("{n} missed call", "{n} missed calls", calls.missed))
    return counts


class Rung(NotTaken, Protocol):
    """Counts of all unscheduled calls."""

    @property
    def taken(self) -> int: ...


def calls_by_outcome(calls: Rung, formatter: Formatter) -> str:
    """Return the counts of calls answered and not: "1 answered, 2 voicemails and 1 missed call"."""
    answered = [n_("{n} answered", "{n} answered", calls.taken)] if calls.taken else []
    return formatter.listed([*answered, *_not_taken(calls)])


def no_call_on(
    skipped: Sequence[datetime],
    calendar: WorkCalendar,
    settings: Settings,
    formatter: Formatter,
    now: datetime,
) -> str:
    """Return which calls fall on days off and why, for the user; empty if there are none."""
    if len(skipped) > MOST_DAYS:
        first, last = formatter.span(skipped[0], skipped[-1])
        return _("No call from {first} to {last}: days off").format(first=first, last=last)
    named = [
        _("{day} ({reason})").format(
            day=formatter.day_within(at, now),
            reason=day_off_reason(calendar.local(at).date(), calendar, settings),
        )
        for at in skipped
    ]
    return _("No call on {days}").format(days=formatter.listed(named)) if named else ""


def day_off_reason(day: date, calendar: WorkCalendar, settings: Settings) -> str:
    """Return the name of the public holiday, or "a day off"."""
    if not calendar.is_public_holiday(day):
        return _("a day off")
    names = (
        each.name(settings.language) for each in holidays_of(settings.holiday_country) if each.day == day
    )
    return next(names, _("a public holiday"))


def no_call_for_client(skipped: Sequence[datetime], calendar: WorkCalendar, formatter: Formatter) -> str:
    """Return which calls fall on days off, for the client: without the names of the days."""
    days = [formatter.weekday_date(at) for at in skipped]
    if not days:
        return ""
    if len(days) > MOST_DAYS:
        return _("there is no call from {first} to {last}").format(first=days[0], last=days[-1])
    listed = formatter.listed(days)
    if all(calendar.is_public_holiday(calendar.local(at).date()) for at in skipped):
        return n_(
            "there is no call on {days}, a public holiday",
            "there is no call on {days}, which are public holidays",
            len(days),
            days=listed,
        )
    return n_(
        "there is no call on {days}, when I am away",
        "there is no call on {days}, when I am away",
        len(days),
        days=listed,
    )
