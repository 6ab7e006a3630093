"""Sync metadata of each row, and the conversion of fields to and from plain JSON values."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import JSON, ColumnElement, Table, and_
from sqlalchemy.engine import Dialect
from sqlalchemy.types import Text, TypeDecorator
from sqlmodel import Field, SQLModel

from app.domain.column_types import UtcDateTime
from app.domain.entities import KINDS, Entity, fields_of, kind_of

Fields = dict[str, Any]
"""Field name → plain JSON value (instants as ISO 8601 text in UTC), without the id."""


DEVICE = "device"
"""The kind of records that describe the account's devices (see device_records.py)."""


class Key(NamedTuple):
    """Identifies a record. Ids are unique across kinds."""

    kind: str
    id: str


def to_json(value: Any) -> str:
    """Encode a column's value. Most lists and mappings are empty, and the encoder is slow, so skip it."""
    if value == []:
        return "[]"
    return "{}" if value == {} else _compact(value)


def from_json(text: str) -> Any:
    """Decode a column's value. Skips the decoder for empty ones, as `to_json` does."""
    if text == "[]":
        return []
    return {} if text == "{}" else json.loads(text)


_compact = json.JSONEncoder(separators=(",", ":")).encode


def pack_clocks(clocks: Mapping[str, str]) -> dict[str, str]:
    """Group field clocks by timestamp ({timestamp: "field field …"}), because most of them are equal."""
    fields: dict[str, list[str]] = {}
    for field in sorted(clocks):
        fields.setdefault(clocks[field], []).append(field)
    return {stamp: " ".join(named) for stamp, named in fields.items()}


def unpack_clocks(packed: Mapping[str, str]) -> dict[str, str]:
    return {field: stamp for stamp, fields in packed.items() for field in fields.split(" ")}


class FieldClocks(TypeDecorator[dict[str, str]]):
    """{field: timestamp}, stored packed."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, str] | None, dialect: Dialect) -> str:
        return to_json(pack_clocks(value or {}))

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, str]:
        return unpack_clocks(json.loads(value or "{}"))


class Record(SQLModel, table=True):
    """Sync metadata of one record, living or deleted; what sealed records are made from and merged into.

    A field without a clock was never changed from its default (Settings), or is older than all clocks; it
    loses to any field with a clock. A deleted record has neither fields nor field clocks (see `deleted`). A
    field clock newer than `gone` restores the record; `gone` is kept because merging needs it.
    """

    id: str = Field(primary_key=True)
    kind: str
    clocks: dict[str, str] = Field(default_factory=dict, sa_type=FieldClocks)
    gone: str | None = None  # timestamp of the last deletion, kept when the record is restored
    dirty: bool = True  # changed locally since the server last accepted it
    rev: int = 0  # the server revision this is based on; 0 if the server does not have it
    # {field: [value, clock]} written by a newer app: fields this version does not know, and values of known
    # fields that it cannot use (the row then holds a substitute). Stored and pushed back unchanged.
    extra: dict[str, list[Any]] = Field(default_factory=dict, sa_type=JSON)
    key_epoch: int = 0  # epoch of the sync key that sealed this record on the server


class SyncState(SQLModel, table=True):
    """This device's sync state with its server; no row while sync is off. Never in a backup."""

    __tablename__ = "sync_state"

    id: int = Field(default=1, primary_key=True)
    server: str  # the server's address; empty: the app's own origin
    device: str  # this device's id on the server
    cursor: int = 0  # all changes up to this revision have been applied
    synced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sealed_epoch: int = 0  # nothing on the server is sealed with a key of an earlier epoch
    noted_epoch: int = 0  # epoch of the key that was last shown to the user on this device
    # Whether applied changes still have pending effects on other records, until all have arrived.
    unsettled: bool = False
    # The server's last receipt for devices and key, to be sent back if it is restored from a backup.
    receipt: str = ""


class LostFields(SQLModel, table=True):
    """Fields that deletions removed from arriving records since the last settlement. Never in a backup."""

    __tablename__ = "lost_fields"

    id: str = Field(primary_key=True)
    fields: dict[str, list[Any]] = Field(default_factory=dict, sa_type=JSON)  # {field: [value, clock]}


class SeenDevice(SQLModel, table=True):
    """What this device alone records about the account's devices. Never synced, never in a backup."""

    __tablename__ = "seen_device"

    id: str = Field(primary_key=True)
    public_key: str = ""  # as first seen, base64url; a different one later is not trusted
    acknowledged: bool = False  # the user has confirmed this device
    revoked: bool = False


class Meta(SQLModel, table=True):
    """Local metadata, never synced: the clock's node and last timestamp."""

    key: str = Field(primary_key=True)
    value: str


class KeptDraft(SQLModel, table=True):
    """Unsaved form input. Never synced, never in a backup."""

    __tablename__ = "draft"

    name: str = Field(primary_key=True)  # names the form and its record
    kept_at: datetime = Field(sa_type=UtcDateTime)
    value: Any = Field(sa_type=JSON)


def deleted() -> ColumnElement[bool]:
    """Select the deleted records: those with a deletion timestamp and no fields."""
    rows = table(Record).c
    return and_(rows.gone.is_not(None), rows.clocks == {}, rows.extra == {})


def table_of(kind: str) -> Table:
    """The table of a kind. Raises KeyError for a kind this version does not know."""
    return table(KINDS[kind])


@cache
def table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


@cache
def instant_fields(kind: str) -> frozenset[str]:
    """The names of a kind's fields that are instants."""
    return frozenset(column.name for column in table_of(kind).c if isinstance(column.type, UtcDateTime))


@cache
def _json_fields(kind: str) -> frozenset[str]:
    return frozenset(column.name for column in table_of(kind).c if isinstance(column.type, JSON))


def encode(entity: Entity) -> Fields:
    """An entity's fields as plain values, deep-copied. Raises ValueError for a naive instant."""
    return encode_values(kind_of(entity), fields_of(entity))


def defaults(kind: str) -> Fields:
    """The field values of a newly created record of a kind."""
    return encode(KINDS[kind]())


def encode_values(kind: str, values: Mapping[str, Any]) -> Fields:
    instants, nested = instant_fields(kind), _json_fields(kind)
    fields: Fields = {}
    for name, value in values.items():
        if value is None:
            fields[name] = None
        elif name in instants:
            if value.tzinfo is None:
                raise ValueError(f"{kind}.{name}: instants carry a time zone")
            fields[name] = value.astimezone(UTC).isoformat()
        elif name in nested:
            fields[name] = json.loads(json.dumps(value))
        else:
            fields[name] = str(value) if isinstance(value, str) else value
    return fields


def decode_values(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Convert plain values to column values, without the fields this version does not know."""
    instants, columns = instant_fields(kind), table_of(kind).c
    return {
        name: datetime.fromisoformat(value) if value is not None and name in instants else value
        for name, value in fields.items()
        if name in columns
    }


def unknown_fields(kind: str, fields: Iterable[str]) -> list[str]:
    """The fields that this version does not know, so a newer app must have written them."""
    columns = table_of(kind).c
    return [name for name in fields if name not in columns]
