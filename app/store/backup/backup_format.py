"""The backup file format: writing records, and validating a file before it is trusted.

JSON: `{"format", "version", "exported_at", "sha256", "records": [{"id", "kind", "fields", "clocks", "gone",
"extra"}]}`. `clocks` are packed as in `pack_clocks`; empty members are omitted; `sha256` is the hash of the
records. In version 1 a record with `gone` is deleted; since version 2 a living record may have it too, older
than all its fields.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NoReturn

from pydantic import ValidationError

from app.domain.entities import KINDS, SETTINGS_ID
from app.steps import Progress, Steps
from app.store.backup.json_reader import JsonReader, TooLongError
from app.store.changes import StoredRecord
from app.store.clock import parse_followable
from app.store.records import (
    Fields,
    Key,
    decode_values,
    defaults,
    instant_fields,
    pack_clocks,
    table_of,
    unpack_clocks,
)
from app.store.rules import LARGEST, LINKS, PARENTS, unusable

FORMAT = "kaeru-backup"
VERSION = 2

LARGEST_FILE = 256 * 2**20  # bytes
MOST_RECORDS = 500_000

BackupErrorCode = Literal["not_json", "not_kaeru", "newer", "damaged", "too_large"]


class BackupError(Exception):
    """This file cannot be restored.

    `code`: "not_json" (not JSON, or truncated), "not_kaeru" (another program's file), "newer" (written by a
    newer version of the app), "damaged" (`detail` tells developers where), "too_large" (more than
    `LARGEST_FILE` or `MOST_RECORDS`). `record`: 1-based number of the damaged record in the file, or None if
    unknown.
    """

    record: int | None = None

    def __init__(self, code: BackupErrorCode, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code: BackupErrorCode = code
        self.detail = detail


@dataclass(frozen=True)
class BackupSummary:
    """The contents of a valid backup."""

    counts: dict[str, int]  # by kind, without deleted records
    exported_at: datetime
    version: int


@dataclass(frozen=True)
class CheckedBackup:
    """A validated backup file. Only `check` creates these."""

    data: bytes
    summary: BackupSummary
    size: int  # including deleted records


def pack(records: Iterable[StoredRecord], now: datetime) -> dict[str, Any]:
    packed = [_packed(record) for record in records]
    return {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": now.astimezone(UTC).isoformat(),
        "sha256": _digest(packed),
        "records": packed,
    }


def to_bytes(backup: Mapping[str, Any]) -> bytes:
    """Serialize a backup, one record per line."""
    head = {name: value for name, value in backup.items() if name != "records"}
    lines = ",\n".join(map(_canonical, backup["records"]))
    return f'{_canonical(head)[:-1]},"records":[\n{lines}\n]}}\n'.encode()


def to_file(backup: Mapping[str, Any]) -> bytes:
    """Like `to_bytes`, but raises BackupError("too_large") if `check` would reject the size."""
    if (count := len(backup["records"])) > MOST_RECORDS:
        raise BackupError("too_large", f"{count} records")
    data = to_bytes(backup)
    if len(data) > LARGEST_FILE:
        raise BackupError("too_large", f"{len(data)} bytes")
    return data


def check(data: bytes) -> Steps[CheckedBackup]:
    """Validate a whole backup file. Raises BackupError if any part of it is unusable.

    A record's parent may be missing: it may not have been synced yet when the backup was made.
    """
    size = len(data)
    if size > LARGEST_FILE:
        raise BackupError("too_large", f"{size} bytes")
    (exported_at, version), count = yield from _check_file(data)
    living: Counter[str] = Counter()
    ids: set[str] = set()
    for record, read in _records(data):
        if record.key.id in ids:
            _damaged(record.key.id, "two records of one id")
        ids.add(record.key.id)
        if not record.deleted:
            living[record.key.kind] += 1
        yield Progress(size + CHECK_WEIGHT * read, (1 + CHECK_WEIGHT) * size)
    return CheckedBackup(data, BackupSummary(dict(living), exported_at, version), count)


def records(backup: CheckedBackup) -> Iterator[StoredRecord]:
    """Iterate over the records of a checked backup. A list would take ten times the file's size."""
    for record, _read in _records(backup.data, checked=True):
        yield record


def problem_with(record: StoredRecord) -> str | None:
    """Why a living record of a known kind is unusable, as `field: reason`; None if it is usable."""
    model = KINDS[record.key.kind]
    if (record.key.kind == "settings") != (record.key.id == SETTINGS_ID):
        return f"id: {record.key.id!r} is not that of a {record.key.kind}"
    try:
        values = decode_values(record.key.kind, record.fields)
        entity = model.model_validate({"id": record.key.id, **values}, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except (TypeError, ValueError) as error:
        return f"instants: {error}"
    if strays := [name for name, value in values.items() if type(value) is int and abs(value) > LARGEST]:
        return f"{strays[0]}: range"
    return unusable(entity)


# --- writing ---------------------------------------------------------------------------------------------


def _packed(record: StoredRecord) -> dict[str, Any]:
    parts = {
        "fields": record.fields,
        "clocks": pack_clocks(record.clocks),
        "gone": record.gone,
        "extra": record.extra,
    }
    return {"id": record.key.id, "kind": record.key.kind} | {
        name: part for name, part in parts.items() if part
    }


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _digest(records: list[dict[str, Any]]) -> str:
    digest = hashlib.sha256()
    for record in records:
        digest.update(_digested(record))
    return digest.hexdigest()


def _digested(record: Any) -> bytes:
    return _canonical(record).encode() + b"\n"


# --- reading ---------------------------------------------------------------------------------------------


def _damaged(where: str, what: str) -> NoReturn:
    raise BackupError("damaged", f"{where}: {what}")


CHECK_WEIGHT = 4  # validating the records takes this many times as long as parsing the file
_RECORD = object()  # stands for the list of records, and for the name of each


def _check_file(data: bytes) -> Steps[tuple[tuple[datetime, int], int]]:
    """Parse the whole file and check its header and hash. Returns (exported_at, version) and the record
    count.

    Does not validate the records.
    """
    reader = JsonReader(data)
    head: dict[str, Any] = {}
    digest = hashlib.sha256()
    unusable_text = ""  # text or numbers that the database cannot store
    count = 0
    try:
        for name, value in _members(reader):
            if name is not _RECORD:
                head[name] = value
                continue
            count += 1
            if count > MOST_RECORDS:
                raise BackupError("too_large", f"more than {MOST_RECORDS} records")
            try:
                digest.update(_digested(value))
            except ValueError as error:
                unusable_text = unusable_text or str(error)
            yield Progress(reader.read, (1 + CHECK_WEIGHT) * len(data))
    except TooLongError as error:
        if head.get("format") == FORMAT:
            _damaged("records", str(error))
        raise BackupError("not_kaeru") from error
    except (ValueError, RecursionError) as error:
        raise BackupError("not_json", str(error)) from error
    return _checked_head(head, digest.hexdigest(), unusable_text), count


def _checked_head(head: dict[str, Any], digest: str, unusable_text: str) -> tuple[datetime, int]:
    if head.get("format") != FORMAT:
        raise BackupError("not_kaeru")
    version = head.get("version")
    if type(version) is not int or version < 1:
        _damaged("version", f"{version!r}")
    if version > VERSION:
        raise BackupError("newer", f"version {version}, this app reads {VERSION}")
    exported_at = _instant("exported_at", head.get("exported_at"))
    if head.get("records") is not _RECORD:
        _damaged("records", "not a list")
    if unusable_text:
        _damaged("records", unusable_text)
    if head.get("sha256") != digest:
        _damaged("records", "not what was written: the checksum differs")
    return exported_at, version


def _records(data: bytes, *, checked: bool = False) -> Iterator[tuple[StoredRecord, int]]:
    """Each record with the number of bytes read so far. Raises BackupError for an unusable record."""
    reader = JsonReader(data)
    items = (value for name, value in _members(reader) if name is _RECORD)
    for number, item in enumerate(items):
        try:
            record = _record(f"records[{number}]", item, checked=checked)
        except BackupError as error:
            error.record = number + 1
            raise
        yield record, reader.read


def _members(reader: JsonReader) -> Iterator[tuple[Any, Any]]:
    """A file's members as (name, value); each item of its record list as (`_RECORD`, record).

    Raises ValueError for invalid JSON. Yields nothing if the JSON is not an object.
    """
    if reader.peek() != "{":
        reader.value()
    else:
        reader.take("{")
        more = reader.peek() != "}"
        while more:
            if reader.peek() != '"':
                raise ValueError("a name is no text")
            name = reader.value()
            reader.take(":")
            if name == "records" and reader.peek() == "[":
                yield name, _RECORD
                yield from ((_RECORD, item) for item in _items(reader))
            else:
                yield name, reader.value()
            more = reader.peek() == ","
            if more:
                reader.take(",")
        reader.take("}")
    if reader.peek():
        raise ValueError("something follows")


def _items(reader: JsonReader) -> Iterator[Any]:
    reader.take("[")
    more = reader.peek() != "]"
    while more:
        yield reader.value()
        more = reader.peek() == ","
        if more:
            reader.take(",")
    reader.take("]")


def _record(where: str, item: Any, *, checked: bool) -> StoredRecord:
    if not isinstance(item, dict) or item.keys() - {"id", "kind", "fields", "clocks", "gone", "extra"}:
        _damaged(where, "not a record")
    id_, kind, gone = item.get("id"), item.get("kind"), item.get("gone")
    if not isinstance(id_, str) or not isinstance(kind, str) or not id_ or not kind:
        _damaged(where, "no id and kind")
    where = f"{where} ({kind} {id_})"
    if gone is not None:
        _stamp(where, gone)
    fields, extra = _mapping(where, item, "fields"), _mapping(where, item, "extra")
    clocks = _clocks(where, _mapping(where, item, "clocks"))
    for name, pair in extra.items():
        if not isinstance(pair, list) or len(pair) != 2:
            _damaged(where, f"extra {name} is not [value, clock]")
        _stamp(where, pair[1])
    stamps = [*clocks.values(), *(pair[1] for pair in extra.values())]
    if gone is not None and (fields or stamps) and (not stamps or min(stamps) <= gone):
        _damaged(where, "deleted, and yet it has fields")
    if kind not in KINDS:
        if fields or clocks:
            _damaged(where, "an unknown kind keeps its fields in extra")
    elif gone is None or stamps:
        fields = _whole(where, Key(kind, id_), fields, clocks, extra, checked=checked)
    return StoredRecord(Key(kind, id_), fields, clocks, gone, extra)


def _whole(
    where: str,
    key: Key,
    given: Fields,
    clocks: dict[str, str],
    extra: dict[str, list[Any]],
    *,
    checked: bool,
) -> Fields:
    """Check the fields, and add the defaults of fields that did not exist when the backup was made.

    Moves fields that only a newer version knows to `extra`.
    """
    columns = table_of(key.kind).c
    for name in [name for name in extra if name in columns and name not in given]:
        given[name], clocks[name] = extra.pop(name)  # an older version stored it there, not knowing the field
    for name in [name for name in given if name not in columns or name == "id"]:
        if name not in clocks:
            _damaged(where, f"{name} has no clock")
        extra[name] = [given[name], clocks.pop(name)]
    known = {name: value for name, value in given.items() if name not in extra}
    if strays := [name for name in clocks if name not in columns]:
        _damaged(where, f"a clock of no field: {strays[0]}")
    for name in instant_fields(key.kind) & known.keys():
        if known[name] is not None:
            known[name] = _instant(f"{where} {name}", known[name]).isoformat()
    problem = None if checked else problem_with(StoredRecord(key, known, clocks, None, extra))
    if problem is not None:
        _damaged(where, problem)
    return known if len(known) == len(columns) - 1 else defaults(key.kind) | known


def _clocks(where: str, packed: dict[str, Any]) -> dict[str, str]:
    for stamp, names in packed.items():
        _stamp(where, stamp)
        if not isinstance(names, str) or not names:
            _damaged(where, "clocks")
    return unpack_clocks(packed)


def _mapping(where: str, item: dict[str, Any], name: str) -> dict[str, Any]:
    value = item.get(name, {})
    if not isinstance(value, dict):
        _damaged(where, f"{name} is not a mapping")
    return value


def _stamp(where: str, value: Any) -> None:
    try:
        parse_followable(value)
    except (TypeError, ValueError):
        _damaged(where, f"not a clock stamp: {value!r}")


def _instant(where: str, value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    _damaged(where, f"not an instant: {value!r}")


def references(kind: str) -> list[tuple[str, str]]:
    """(field, referenced kind) of all references of a kind."""
    parents = [(f"{PARENTS[kind]}_id", PARENTS[kind])] if kind in PARENTS else []
    return parents + [(field, target) for source, field, target in LINKS if source == kind]
