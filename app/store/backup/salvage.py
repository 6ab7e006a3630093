"""Recovers readable rows of a damaged database into a backup."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Boolean, Column

from app.domain.entities import KINDS, Client, Job, utc_now
from app.store.backup.backup_format import pack, problem_with, references, to_bytes
from app.store.changes import StoredRecord
from app.store.clock import parse_followable
from app.store.records import (
    DEVICE,
    Fields,
    Key,
    Record,
    defaults,
    encode,
    instant_fields,
    table,
    table_of,
    unpack_clocks,
)
from app.store.rules import PARENTS
from app.store.transactions import reading

SMALLEST_ROW = 32  # bytes; gives the maximum number of rows in a file
MOST_ROWS = 2_000_000

SalvagedRow = dict[str, Any]


def salvage(path: Path) -> bytes:
    """Write a valid backup of every readable row, with defaults for unreadable fields.

    Missing clients and jobs that other records belong to are replaced by placeholders named "? …". Close the
    store first. Raises StorageError("corrupt") if not even the list of tables is readable.
    """
    rows: dict[Key, SalvagedRow] = {}
    kept: dict[str, SalvagedRow] = {}
    with reading(), closing(sqlite3.connect(path, timeout=2)) as connection:
        connection.text_factory = bytes
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # as in the browser, without shared memory
        connection.execute("PRAGMA writable_schema = ON")  # reads even a truncated file
        connection.execute("SELECT name FROM sqlite_schema").fetchall()
        for kind in KINDS:
            rows |= {Key(kind, row["id"]): row for row in _rows(connection, kind, path)}
        kept = {row["id"]: row for row in _rows(connection, "record", path)}
    empty = {kind: defaults(kind) for kind in KINDS}
    living = (_living(key, row, kept.get(key.id), empty[key.kind]) for key, row in rows.items())
    records = [record for record in living if record is not None]
    known = {record.key.id for record in records}
    records += [record for row in kept.values() if row["id"] not in known and (record := _other(row))]
    return to_bytes(pack(_with_references(records), utc_now()))


# --- rows ------------------------------------------------------------------------------------------------


def _rows(connection: sqlite3.Connection, name: str, path: Path) -> Iterator[SalvagedRow]:
    """Each readable row with an id; its columns are text, numbers or None."""
    columns = (table(Record) if name == "record" else table_of(name)).c.keys()
    try:
        there = {row[1].decode() for row in connection.execute(f'PRAGMA table_info("{name}")')}
    except (sqlite3.Error, UnicodeDecodeError):
        return
    wanted = [column for column in columns if column in there]
    listed = ", ".join(f'"{column}"' for column in wanted)
    query = f'SELECT {listed} FROM "{name}" NOT INDEXED WHERE rowid = ?'  # noqa: S608 - names are ours
    for number in _numbers(connection, name, path):
        try:
            values = connection.execute(query, (number,)).fetchone()
        except sqlite3.Error:
            continue
        row = dict(zip(wanted, map(_text, values or ()), strict=False))
        if isinstance(row.get("id"), str) and row["id"]:
            yield row


def _numbers(connection: sqlite3.Connection, name: str, path: Path) -> Iterator[int]:
    """The row ids of a table; after an unreadable page, all ids that may exist."""
    last = 0
    try:
        for (number,) in connection.execute(f'SELECT rowid FROM "{name}" NOT INDEXED ORDER BY rowid'):  # noqa: S608
            last = number
            yield number
    except sqlite3.Error:
        try:
            newest = connection.execute(f'SELECT max(rowid) FROM "{name}" NOT INDEXED').fetchone()[0]  # noqa: S608
        except sqlite3.Error:
            newest = min(path.stat().st_size // SMALLEST_ROW, MOST_ROWS)
        yield from range(last + 1, newest + 1)


def _text(value: Any) -> Any:
    """Decode bytes; None if they are not valid UTF-8."""
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


# --- records ---------------------------------------------------------------------------------------------


def _living(key: Key, row: SalvagedRow, kept: SalvagedRow | None, fields: Fields) -> StoredRecord | None:
    """Convert a row to a record, keeping `fields` for unusable columns. None if its id is unusable."""
    clocks = {name: stamp for name, stamp in _clocks(kept).items() if name in fields}
    record = StoredRecord(key, fields, clocks, None, _extra(kept))
    record = replace(record, gone=_outlived(record, kept))
    read: Fields = {}
    for column in table_of(key.kind).c:
        if column.name in row and column.name != "id":
            with suppress(TypeError, ValueError, OverflowError):
                read[column.name] = _value(key.kind, column, row)
    whole = replace(record, fields=fields | read)
    if problem_with(whole) is None:
        return whole
    if problem_with(record) is not None:
        return None
    for name, value in read.items():
        better = replace(record, fields=record.fields | {name: value})
        if problem_with(better) is None:
            record = better
    return record


def _value(kind: str, column: Column[Any], row: SalvagedRow) -> Any:
    """Convert a column's raw value to the plain value of the field."""
    value = row[column.name]
    if value is None:
        return None
    if column.name in instant_fields(kind):
        return datetime.fromisoformat(value).replace(tzinfo=UTC).isoformat()
    if isinstance(column.type, JSON):
        return json.loads(value)
    if isinstance(column.type, Boolean):
        return bool(value)
    return value


def _other(row: SalvagedRow) -> StoredRecord | None:
    """Convert a record without a row: a tombstone, or a kind that only a newer app knows."""
    if not isinstance(row.get("kind"), str) or row["kind"] in {"", DEVICE}:
        return None
    key = Key(row["kind"], row["id"])
    if _is_stamp(row.get("gone")) and row.get("clocks") == row.get("extra") == "{}":
        return StoredRecord(key, {}, {}, row["gone"], {})
    if key.kind in KINDS:
        return None
    record = StoredRecord(key, {}, {}, None, _extra(row))
    return replace(record, gone=_outlived(record, row))


def _outlived(record: StoredRecord, kept: SalvagedRow | None) -> str | None:
    """The deletion timestamp of a living record; None unless all its readable clocks are newer."""
    gone = kept.get("gone") if kept else None
    stamps = [*record.clocks.values(), *(pair[1] for pair in record.extra.values())]
    return gone if _is_stamp(gone) and stamps and min(stamps) > gone else None


def _clocks(kept: SalvagedRow | None) -> dict[str, str]:
    try:
        clocks = unpack_clocks(json.loads(kept["clocks"])) if kept else {}
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}
    return {field: stamp for field, stamp in clocks.items() if _is_stamp(stamp)}


def _extra(kept: SalvagedRow | None) -> dict[str, list[Any]]:
    try:
        extra = dict(json.loads(kept["extra"])) if kept else {}
    except (KeyError, TypeError, ValueError):
        return {}
    return {
        name: pair
        for name, pair in extra.items()
        if isinstance(pair, list) and len(pair) == 2 and _is_stamp(pair[1])
    }


def _is_stamp(value: Any) -> bool:
    try:
        parse_followable(value)
    except (TypeError, ValueError):
        return False
    return True


# --- references to lost records --------------------------------------------------------------------------


def _with_references(records: list[StoredRecord]) -> list[StoredRecord]:
    kinds = {record.key.id: record.key.kind for record in records}
    found: list[StoredRecord] = []
    for record in records:
        fields: Fields = dict(record.fields)
        for field, target in references(record.key.kind):
            other = fields.get(field)
            if not other or kinds.get(other) == target:
                continue
            if PARENTS.get(record.key.kind) == target and other not in kinds:
                kinds[other] = target
                found.append(_stand_in(Key(target, other)))
            else:
                fields[field] = "" if PARENTS.get(record.key.kind) == target else None
        found.append(replace(record, fields=fields))
    return found


def _stand_in(key: Key) -> StoredRecord:
    name = f"? {key.id[:4]}"
    lost = Client(id=key.id, name=name) if key.kind == "client" else Job(id=key.id, title=name)
    return StoredRecord(key, encode(lost), {}, None, {})
