"""Column types of the entities: instants, and the shapes of JSON values."""

from datetime import UTC, datetime

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from typing_extensions import TypedDict  # required by pydantic before Python 3.12


class UtcDateTime(TypeDecorator[datetime]):
    """Timezone-aware instants, stored in SQLite as sortable UTC text.

    Raises ValueError for a naive datetime: a time without a zone is a bug.
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
        # Parsing text with an offset is ten times faster than adding the zone later; Today reads thousands.
        return None if value is None else datetime.fromisoformat(f"{value}+00:00")


class Channel(TypedDict):
    """One way to reach a client: a `ChannelKind` and an address or handle (may be empty)."""

    kind: str
    handle: str


class Question(TypedDict):
    """A question to ask instead of guessing; open until `answered_at` (ISO instant) is set."""

    id: str
    text: str
    asked_at: str | None
    answered_at: str | None


class ChecklistItem(TypedDict):
    id: str
    text: str


class DayOff(TypedDict):
    """A span of days off, both ends included (ISO dates)."""

    first: str
    last: str
    label: str


CallChanges = dict[str, str | None]
"""Exceptions to the standing call rule: start by the rule (ISO instant) → new start, or None for a call that
was held or cancelled.
"""

CallTimes = dict[str, str]
"""Calls that the client expects: start by the rule (ISO instant) → the start that they were told of."""

# Weekday ("0" Monday … "6" Sunday) → local clock spans: {"0": [["09:00", "18:00"]]}. Missing key: no work.
WeeklyHours = dict[str, list[list[str]]]
