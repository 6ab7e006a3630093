"""What a write did, in plain values: enough to undo it; and a record in the forms that travel."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.store.records import Fields, Key


@dataclass(frozen=True)
class RecordDiff:
    """One record before and after a change; None: it did not exist."""

    key: Key
    before: Fields | None
    after: Fields | None


@dataclass(frozen=True)
class Change:
    """What one committed write did, so that it can be undone. False when it did nothing."""

    images: tuple[RecordDiff, ...] = ()
    kept: frozenset[Key] = frozenset()
    """Of an undo: the records in which something was changed since, and stayed."""

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

    @property
    def deleted(self) -> bool:
        return self.gone is not None and not self.clocks and not self.extra


@dataclass(frozen=True)
class RecordState:
    """A record as another device must see it: every field with its clock.

    `gone` is the stamp of its last deletion. A living record keeps it too, and every field is newer.
    """

    id: str
    kind: str
    fields: dict[str, list[Any]] = field(default_factory=dict)  # {name: [value, clock]}
    gone: str | None = None

    @property
    def deleted(self) -> bool:
        return self.gone is not None and not self.fields

    @property
    def newest(self) -> str:
        """The newest stamp in it; empty if it has none."""
        stamps: list[str] = [pair[1] for pair in self.fields.values()]
        return max([self.gone or "", *stamps])


Merge = Callable[[RecordState, RecordState], RecordState]
"""What two devices' states of one record make together, in whichever order they are given."""


@dataclass(frozen=True)
class Outgoing:
    """A record the server has yet to take, based on its revision `base` (0: it knows none)."""

    state: RecordState
    base: int


@dataclass(frozen=True)
class Incoming:
    """A record as the server has it. `state` is None if its box makes no sense, or did not open."""

    id: str
    rev: int
    state: RecordState | None
    opened: bool = True  # whether this device has the key of its box
