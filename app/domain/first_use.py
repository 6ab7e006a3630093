"""When record keeping began: averages must not count the time before as calm."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from .entities import Client

WEEK = timedelta(weeks=1)


def calls_known_since(client: Client, theirs: Iterable[datetime], first: datetime | None = None) -> datetime:
    """Return when the records of a client's calls begin.

    This is the client's creation or the earliest of their calls (`theirs`, some entered after the fact), but
    not before the first recorded call of any client (`first`).
    """
    begun = min([client.created_at, *theirs])
    return begun if first is None else max(begun, first)


def weeks_known(start: datetime, end: datetime, since: datetime | None) -> float:
    """Return the number of weeks in [start, end) with records; 0 if there are none.

    Any recorded time counts as at least a week, or the whole span if shorter: a day does not stand for a week
    of calls.
    """
    known = end - max(start, since or start)
    return max(known, min(WEEK, end - start)) / WEEK if known > timedelta() else 0.0
