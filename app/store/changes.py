"""The result of a write as plain values, sufficient to undo it, and a record as it is synced."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.store.records import Fields, Key


@dataclass(frozen=True)
class RecordDiff:
    """One record before and after a change. None means that the record did not exist."""

    key: Key
    before: Fields | None
    after: Fields | None


@dataclass(frozen=True)
class Change:
    """The effect of one committed write, sufficient to undo it. False if nothing changed."""

    images: tuple[RecordDiff, ...] = ()
    kept: frozenset[Key] = frozenset()
    """Set by an undo: records with newer changes, which the undo did not overwrite."""

    def __bool__(self) -> bool:
        return bool(self.images)


@dataclass(frozen=True)
class StoredRecord:
    """A record with its sync metadata, as stored in backups."""

    key: Key
    fields: Fields  # empty for deleted records and for kinds this version does not know
    clocks: dict[str, str]
    gone: str | None
    extra: dict[str, list[Any]]

    @property
    def deleted(self) -> bool:
        return self.gone is not None and not self.clocks and not self.extra


@dataclass(frozen=True)
class RecordState:
    """A record as sent to other devices: every field with its timestamp.

    `gone` is the timestamp of the last deletion. A restored record keeps it; all its fields are newer.
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
        """The newest timestamp in the record, or an empty string."""
        stamps: list[str] = [pair[1] for pair in self.fields.values()]
        return max([self.gone or "", *stamps])


Merge = Callable[[RecordState, RecordState], RecordState]
"""Merges two devices' states of one record; the order of the arguments does not matter."""


@dataclass(frozen=True)
class Outgoing:
    """A record to push, based on server revision `base` (0 if the server does not have it)."""

    state: RecordState
    base: int


@dataclass(frozen=True)
class Incoming:
    """A record as the server has it. `state` is None if it is malformed or could not be decrypted."""

    id: str
    rev: int
    state: RecordState | None
    opened: bool = True  # whether this device has the key to decrypt the record
