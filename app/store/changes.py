"""What a write did, in plain values: enough to undo it."""

from dataclasses import dataclass
from typing import Any

from app.store.records import Fields, Key


@dataclass(frozen=True)
class Image:
    """One record before and after a change; None: it did not exist."""

    key: Key
    before: Fields | None
    after: Fields | None


@dataclass(frozen=True)
class Change:
    """What one committed write did, so that it can be undone. False when it did nothing."""

    images: tuple[Image, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.images)


@dataclass(frozen=True)
class StoredRecord:
    """A record with all that is kept about it, as backups carry it."""

    key: Key
    fields: Fields  # empty for a deleted record, and for a kind this version does not know
    clocks: dict[str, str]
    gone: str | None
    extra: dict[str, list[Any]]
