"""What sync needs to know of every row, and the one form (plain JSON values) in which fields leave a row."""

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
"""Field name → plain JSON value (instants as ISO 8601 text in UTC), the id left out."""


DEVICE = "device"
"""The kind of a record that tells of one of the account's devices (see device_records.py)."""


class Key(NamedTuple):
    """Which record: ids are unique across kinds."""

    kind: str
    id: str


def to_json(value: Any) -> str:
    """As the columns keep it. Most lists and mappings are empty, and an encoder takes its time to say so."""
    if value == []:
        return "[]"
    return "{}" if value == {} else _compact(value)


def from_json(text: str) -> Any:
    """What a column keeps; the decoder takes its time, too."""
    if text == "[]":
        return []
    return {} if text == "{}" else json.loads(text)


_compact = json.JSONEncoder(separators=(",", ":")).encode


def pack_clocks(clocks: Mapping[str, str]) -> dict[str, str]:
    """Field clocks by stamp ({stamp: "field field …"}): most of them are equal."""
    fields: dict[str, list[str]] = {}
    for field in sorted(clocks):
        fields.setdefault(clocks[field], []).append(field)
    return {stamp: " ".join(named) for stamp, named in fields.items()}


def unpack_clocks(packed: Mapping[str, str]) -> dict[str, str]:
    return {field: stamp for stamp, fields in packed.items() for field in fields.split(" ")}


class FieldClocks(TypeDecorator[dict[str, str]]):
    """{field: stamp}, kept packed."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, str] | None, dialect: Dialect) -> str:
        return to_json(pack_clocks(value or {}))

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, str]:
        return unpack_clocks(json.loads(value or "{}"))


class Record(SQLModel, table=True):
    """One row a thing, living or deleted: what a sealed record is made from and merged into.

    A field without a clock was never changed from its default (Settings), or is older than all clocks; it
    loses to any that has one. A deleted record keeps neither fields nor field clocks (see `deleted`); a field
    clock newer than `gone` brings it back, and then `gone` stays: merging needs it.
    """

    id: str = Field(primary_key=True)
    kind: str
    clocks: dict[str, str] = Field(default_factory=dict, sa_type=FieldClocks)
    gone: str | None = None  # stamp of the last deletion, also in a record that came back
    dirty: bool = True  # changed here since the server last took it
    rev: int = 0  # the server's revision this one is based on; 0: it knows none
    # {field: [value, clock]} that a newer app wrote: fields this version does not know, and values of known
    # fields that it cannot use (the row then holds a stand-in); kept and pushed back unharmed
    extra: dict[str, list[Any]] = Field(default_factory=dict, sa_type=JSON)
    key_epoch: int = 0  # of the sync key that the server's box of this record is sealed with


class SyncState(SQLModel, table=True):
    """Where this device stands with its server; no row while it does not sync. Never in a backup."""

    __tablename__ = "sync_state"

    id: int = Field(default=1, primary_key=True)
    server: str  # the server's address; empty: the app's own origin
    device: str  # this device's id there
    cursor: int = 0  # everything up to this revision has arrived
    synced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sealed_epoch: int = 0  # nothing on the server is sealed with the key of an earlier epoch
    noted_epoch: int = 0  # of the key that the person was last shown here
    # Records arrived whose effects on others are still to be worked out: more are to come (see `Settlement`).
    unsettled: bool = False
    # What the server stated last of devices and key: for the day on which it is restored from a backup.
    receipt: str = ""


class LostFields(SQLModel, table=True):
    """What deletions took of records that arrived since everything was settled last. Never in a backup."""

    __tablename__ = "lost_fields"

    id: str = Field(primary_key=True)
    fields: dict[str, list[Any]] = Field(default_factory=dict, sa_type=JSON)  # {field: [value, clock]}


class SeenDevice(SQLModel, table=True):
    """What this device alone remembers of the account's devices. Never synced, never in a backup."""

    __tablename__ = "seen_device"

    id: str = Field(primary_key=True)
    public_key: str = ""  # as it was first seen, base64url; a later one is not trusted
    acknowledged: bool = False  # the person knows this device
    revoked: bool = False


class Meta(SQLModel, table=True):
    """What the device remembers about itself, never synced: its clock's node and stamps."""

    key: str = Field(primary_key=True)
    value: str


class KeptDraft(SQLModel, table=True):
    """What is typed into a form and not saved yet. Never synced, never in a backup."""

    __tablename__ = "draft"

    name: str = Field(primary_key=True)  # of the form and its record
    kept_at: datetime = Field(sa_type=UtcDateTime)
    value: Any = Field(sa_type=JSON)


def deleted() -> ColumnElement[bool]:
    """Selects the deleted records: those with a deletion and no field. All others are living."""
    rows = table(Record).c
    return and_(rows.gone.is_not(None), rows.clocks == {}, rows.extra == {})


def table_of(kind: str) -> Table:
    """The table a kind is kept in. KeyError for a kind this version does not know."""
    return table(KINDS[kind])


@cache
def table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


@cache
def instant_fields(kind: str) -> frozenset[str]:
    """The fields of a kind that are instants."""
    return frozenset(column.name for column in table_of(kind).c if isinstance(column.type, UtcDateTime))


@cache
def _json_fields(kind: str) -> frozenset[str]:
    return frozenset(column.name for column in table_of(kind).c if isinstance(column.type, JSON))


def encode(entity: Entity) -> Fields:
    """The entity's fields as plain values, sharing nothing with it; ValueError for a naive instant."""
    return encode_values(kind_of(entity), fields_of(entity))


def defaults(kind: str) -> Fields:
    """The fields of a thing of which nothing is known yet, made just now."""
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
    """Plain values as the columns take them; fields this version does not know are left out."""
    instants, columns = instant_fields(kind), table_of(kind).c
    return {
        name: datetime.fromisoformat(value) if value is not None and name in instants else value
        for name, value in fields.items()
        if name in columns
    }


def unknown_fields(kind: str, fields: Iterable[str]) -> list[str]:
    """Those a newer app must have written."""
    columns = table_of(kind).c
    return [name for name in fields if name not in columns]
