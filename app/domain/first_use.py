"""When record keeping began: averages must not count the time before as calm."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from .entities import Client
from .facts import CallFacts

WEEK = timedelta(weeks=1)


def calls_known_since(client: Client, theirs: Iterable[datetime], first: datetime | None = None) -> datetime:
    """Return when the records of a client's calls begin.

    This is the client's creation or the earliest of their calls (`theirs`, some entered after the fact), but
    not before the first recorded call of any client (`first`).
    """
    begun = min([client.created_at, *theirs])
    return begun if first is None else max(begun, first)


def calls_a_week(calls: Iterable[CallFacts], start: datetime, end: datetime, since: datetime | None) -> float:
    """Return the average number of unscheduled calls a week in [start, end), answered or not.

    Averaged over the time with records (`since`, see `calls_known_since`); 0 without any.
    """
    weeks = weeks_known(start, end, since)
    made = sum(not call.scheduled and start <= call.at < end for call in calls)
    return made / weeks if weeks else 0.0


def weeks_known(start: datetime, end: datetime, since: datetime | None) -> float:
    """Return the number of weeks in [start, end) with records; 0 if there are none.

    Any recorded time counts as at least a week, or the whole span if shorter: a day does not stand for a week
    of calls.
    """
    known = end - max(start, since or start)
    return max(known, min(WEEK, end - start)) / WEEK if known > timedelta() else 0.0
