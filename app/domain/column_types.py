"""What the columns of the entities hold beside plain values: instants, and the shapes inside of JSON."""

from datetime import UTC, datetime

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12


class UtcDateTime(TypeDecorator[datetime]):
    """Aware instants in, aware instants out; SQLite keeps the UTC wall clock as text that sorts.

    Raises ValueError for a naive datetime: a time without a zone is a bug, not a value.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("instants carry a time zone")
        return value.astimezone(UTC).isoformat(" ", "microseconds").removesuffix("+00:00")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        # Today reads thousands: read with its zone, an instant takes a tenth of the time.
        return None if value is None else datetime.fromisoformat(f"{value}+00:00")


class Channel(TypedDict):
    """One way a client reaches the user: a `ChannelKind` and an address or handle there (may be empty)."""

    kind: str
    handle: str


class Question(TypedDict):
    """Something to ask instead of guessing; open until `answered_at` (ISO instant) is set."""

    id: str
    text: str
    asked_at: str | None
    answered_at: str | None


class ChecklistItem(TypedDict):
    id: str
    text: str


class DayOff(TypedDict):
    """A span of days not worked, both ends included (ISO dates)."""

    first: str
    last: str
    label: str


CallChanges = dict[str, str | None]
"""The standing calls that are not as the rule says: the start by the rule (ISO instant) → the start it was
moved to, or None for a call that was held, or does not take place.
"""

# Weekday ("0" Monday … "6" Sunday) → spans of local clock time: {"0": [["09:00", "18:00"]]}; no key, no work.
WeeklyHours = dict[str, list[list[str]]]
