"""Since when records of a kind are kept: an average over the time before would count silence as calm."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from .entities import Client

WEEK = timedelta(weeks=1)


def calls_known_since(client: Client, theirs: Iterable[datetime], first: datetime | None = None) -> datetime:
    """Since when a client's calls are noted: not before any call was (`first`), nor before the client was.

    `theirs` are their calls; some may have been noted later than they came.
    """
    begun = min([client.created_at, *theirs])
    return begun if first is None else max(begun, first)


def weeks_known(start: datetime, end: datetime, since: datetime | None) -> float:
    """How many weeks of [start, end) records were kept in; 0 for none.

    Any use counts as a week, or as all of a shorter span: a day is not a week's worth of calls.
    """
    known = end - max(start, since or start)
    return max(known, min(WEEK, end - start)) / WEEK if known > timedelta() else 0.0
