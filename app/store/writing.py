"""Writes rows together with their field clocks, dirty flags and search index entries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from app.domain.entities import KINDS, Settings
from app.store import search_index
from app.store.changes import Change, RecordDiff, StoredRecord
from app.store.clock import HybridClock
from app.store.records import (
    DEVICE,
    Fields,
    Key,
    LostFields,
    Meta,
    Record,
    SeenDevice,
    decode_values,
    encode,
    encode_values,
    table,
    table_of,
    unknown_fields,
)
from app.store.reverting import revert_value
from app.store.rules import LINKS, PARENTS

CHUNK = 500  # ids per statement
INSERTED = 100  # records per step


class RecordWriter:
    """One transaction's changes. All of them get the same timestamp."""

    def __init__(self, connection: Connection, clock: HybridClock) -> None:
        self._connection = connection
        self._clock = clock
        self._stamp = ""
        self._before: dict[Key, Fields | None] = {}
        self._after: dict[Key, Fields | None] = {}
        self._kept: list[Key] = []  # set by an undo: records in which something newer was kept

    def change(self) -> Change:
        """Return all changes so far. Also stores the clock's last timestamp."""
        images = (RecordDiff(key, before, self._after[key]) for key, before in self._before.items())
        if self._stamp:
            self._remember_clock()
        return Change(tuple(image for image in images if image.before != image.after), frozenset(self._kept))

    def put(self, wanted: Mapping[Key, Fields]) -> None:
        """Insert or change records. Fields that are missing or equal keep their value and clock."""
        records = self._records([key.id for key in wanted])
        current = self._rows(wanted, records)
        changed: dict[Key, Fields] = {}
        for key, fields in wanted.items():
            record = records.get(key.id)
            if record is not None and record["kind"] != key.kind:
                raise ValueError(f"{key.id} is the id of a {record['kind']}, not of a {key.kind}")
            known = current.get(key) or _defaults(key, fields)
            changed[key] = _differing(fields, known)
            if changed[key]:
                self._note(key, before=known or None, after={**known, **fields})
        changed = {key: fields for key, fields in changed.items() if fields}
        self._write_rows(changed, existing=current.keys())
        self._write_records(changed, records)
        search_index.index(self._connection, ((key, self._after[key] or {}) for key in changed))

    def remove(self, keys: Iterable[Key]) -> None:
        """Delete records with their children, clear links to them, and leave tombstones."""
        doomed = self.with_children(keys)
        if any(key.kind == "settings" for key in doomed):
            raise ValueError("the settings cannot be deleted")
        records = self._records([key.id for key in doomed])
        for key, fields in self._rows(doomed, records).items():
            self._note(key, before=fields, after=None)
        for kind, ids in chunks(doomed):
            rows = table_of(kind)
            self._connection.execute(delete(rows).where(rows.c.id.in_(ids)))
        if doomed:
            self._upsert_records([_row(key, gone=self._now()) for key in doomed])
            search_index.forget(self._connection, [key.id for key in doomed])
            self._empty_links(doomed)

    def revert(self, change: Change) -> None:
        """Revert a change, keeping everything changed since.

        An inserted record is kept if it or one of its children was changed since. A record that was deleted
        since, or whose parent was, stays deleted. `change().kept` names the records in which something newer
        was kept.
        """
        keys = [image.key for image in change.images]
        current = self._rows(keys, self._records([key.id for key in keys]))
        inserted: list[RecordDiff] = []
        wanted: dict[Key, Fields] = {}
        for image in change.images:
            now = current.get(image.key)
            if image.before is None:
                inserted.append(image)
            elif image.after is None and now is None:
                wanted[image.key] = image.before
            elif image.after is None or now is None:
                self._kept.append(image.key)
            else:
                wanted[image.key] = self._reverted(image.key, image.before, image.after, now)
        orphans = self.orphans({key: fields for key, fields in wanted.items() if key not in current})
        self._kept += orphans
        self.put({key: fields for key, fields in wanted.items() if key not in orphans})
        self.remove(self._unchanged(inserted, current))

    def _reverted(self, key: Key, before: Fields, after: Fields, now: Fields) -> Fields:
        """The fields that the change touched, with their reverted values."""
        fields: Fields = {}
        for name, value in _differing(before, after).items():
            found = revert_value(value, after.get(name), now.get(name))
            fields[name] = found.value
            if not found.whole:
                self._kept.append(key)
        return fields

    def orphans(self, new: Mapping[Key, Fields]) -> set[Key]:
        """The new records whose parent neither exists nor is among them."""
        parents = {key: _parent(key, fields) for key, fields in new.items()}
        missing = {parent for parent in parents.values() if parent and parent not in new}
        missing = {parent for parent in missing if not self.exists(parent)}
        return {key for key, parent in parents.items() if parent in missing}

    def _unchanged(self, inserted: Sequence[RecordDiff], current: Mapping[Key, Fields]) -> list[Key]:
        """The inserted records that are unchanged and have no other children by now."""
        after = {image.key: image.after for image in inserted}
        living = [key for key in after if key in current]
        later = [key for key in self.with_children(living) if key not in after]
        rows = {**current, **self._rows(later, self._records([key.id for key in later]))}
        kept = {*later, *(key for key in living if current[key] != after[key])}
        stay = list(kept)
        while stay:  # and their ancestors
            parent = _parent(key := stay.pop(), rows.get(key, {}))
            if parent in after and parent not in kept:
                kept.add(parent)
                stay.append(parent)
        self._kept += [key for key in living if key in kept]
        return [key for key in living if key not in kept]

    def replace_all(self, records: Iterable[StoredRecord]) -> Iterator[int]:
        """Replace all records; all are marked as not yet pushed. Yields the number written so far.

        Device records are kept, whatever a backup contains.
        """
        for _step in self._clear_all_but_devices():
            yield 0
        done = 0
        remaining = iter(records)
        while chunk := list(islice(remaining, INSERTED)):
            self._insert(chunk)
            done += len(chunk)
            yield done
        self._remember_clock()

    def clear(self) -> Iterator[None]:
        """Delete everything but the clock, in steps."""
        yield from self._clear_all_but_devices()
        self._connection.execute(delete(table(Record)))
        self._connection.execute(delete(table(SeenDevice)))
        self._remember_clock()

    def _clear_all_but_devices(self) -> Iterator[None]:
        for kind in KINDS:
            self._connection.execute(delete(table_of(kind)))
        self._connection.execute(delete(table(LostFields)))
        rows = table(Record)
        self._connection.execute(delete(rows).where(rows.c.kind != DEVICE))
        while search_index.forget_some(self._connection, CHUNK):
            yield
        self._connection.exec_driver_sql("INSERT INTO search_index (search_index) VALUES ('rebuild')")

    def _insert(self, records: Sequence[StoredRecord]) -> None:
        """Insert records that do not exist yet."""
        living: dict[str, list[tuple[Key, Fields]]] = {}
        kept: list[dict[str, Any]] = []
        for record in records:
            if record.key.kind == DEVICE:
                continue
            for stamp in (*record.clocks.values(), *(pair[1] for pair in record.extra.values()), record.gone):
                if stamp:
                    self._clock.resume(stamp)
            if not record.deleted and record.key.kind in KINDS:
                living.setdefault(record.key.kind, []).append((record.key, record.fields))
            kept.append(_row(record.key, record.clocks, record.gone, record.extra))
        for kind, entries in living.items():
            rows = [{"id": key.id, **decode_values(kind, fields)} for key, fields in entries]
            self._connection.execute(insert(table_of(kind)), rows)
            search_index.index(self._connection, entries)
        if kept:
            self._connection.execute(insert(table(Record)), kept)

    # --- reading -------------------------------------------------------------------------------------------

    def _records(self, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        rows = table(Record)
        found: dict[str, Mapping[str, Any]] = {}
        for start in range(0, len(ids), CHUNK):
            query = select(rows).where(rows.c.id.in_(ids[start : start + CHUNK]))
            found |= {row["id"]: row for row in self._connection.execute(query).mappings()}
        return found

    def _rows(self, keys: Iterable[Key], records: Mapping[str, Mapping[str, Any]]) -> dict[Key, Fields]:
        """The fields of the living records, including those that only a newer app knows."""
        found: dict[Key, Fields] = {}
        for kind, ids in chunks(keys):
            rows = table_of(kind)
            for row in self._connection.execute(select(rows).where(rows.c.id.in_(ids))).mappings():
                values = dict(row)
                key = Key(kind, values.pop("id"))
                extra = records[key.id]["extra"] if key.id in records else {}
                foreign = {name: extra[name][0] for name in unknown_fields(kind, extra)}
                found[key] = encode_values(kind, values) | foreign
        return found

    def exists(self, key: Key) -> bool:
        rows = table_of(key.kind)
        return self._connection.execute(select(rows.c.id).where(rows.c.id == key.id)).first() is not None

    def with_children(self, keys: Iterable[Key]) -> list[Key]:
        found: dict[Key, None] = {}
        new = [key for key in dict.fromkeys(keys) if self.exists(key)]
        while new:
            found |= dict.fromkeys(new)
            new = [key for key in self._children(new) if key not in found]
        return list(found)

    def _children(self, keys: Iterable[Key]) -> list[Key]:
        """The direct children of these records, whether the records exist or not."""
        children: list[Key] = []
        for parent, ids in chunks(keys):
            for kind in (kind for kind, owner in PARENTS.items() if owner == parent):
                rows = table_of(kind)
                query = select(rows.c.id).where(rows.c[f"{parent}_id"].in_(ids))
                children += [Key(kind, id_) for id_ in self._connection.execute(query).scalars()]
        return children

    def _linking(self, keys: Iterable[Key]) -> Iterator[tuple[Key, str]]:
        """(record, field) of all links to these records."""
        for linked, ids in chunks(keys):
            for kind, field, target in LINKS:
                if target == linked:
                    rows = table_of(kind)
                    query = select(rows.c.id).where(rows.c[field].in_(ids))
                    for id_ in self._connection.execute(query).scalars():
                        yield Key(kind, id_), field

    # --- writing ---------------------------------------------------------------------------------------

    def _write_rows(self, changed: Mapping[Key, Fields], existing: Iterable[Key]) -> None:
        existing = set(existing)
        new: dict[str, list[dict[str, Any]]] = {}
        for key, fields in changed.items():
            if key not in existing:
                whole = decode_values(key.kind, self._after[key] or {})
                new.setdefault(key.kind, []).append({"id": key.id, **whole})
            elif values := decode_values(key.kind, fields):
                rows = table_of(key.kind)
                self._connection.execute(update(rows).where(rows.c.id == key.id).values(values))
        for kind, inserts in new.items():
            self._connection.execute(insert(table_of(kind)), inserts)

    def _write_records(self, changed: Mapping[Key, Fields], records: Mapping[str, Mapping[str, Any]]) -> None:
        written = []
        for key, fields in changed.items():
            record = records.get(key.id, {"clocks": {}, "extra": {}, "gone": None})
            foreign = unknown_fields(key.kind, fields)
            clocks = record["clocks"] | dict.fromkeys(fields.keys() - foreign, self._now())
            kept = {name: pair for name, pair in record["extra"].items() if name not in fields}
            extra = kept | {name: [fields[name], self._now()] for name in foreign}
            written.append(_row(key, clocks=clocks, gone=record["gone"], extra=extra))
        self._upsert_records(written)

    def _upsert_records(self, written: list[dict[str, Any]]) -> None:
        if not written:
            return
        statement = insert(table(Record))
        kept = {name: statement.excluded[name] for name in ("clocks", "gone", "dirty", "extra")}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=kept), written)

    def _empty_links(self, removed: Sequence[Key]) -> None:
        emptied: dict[Key, Fields] = {}
        for key, field in self._linking(removed):
            emptied.setdefault(key, {})[field] = None
        self.put(emptied)

    def _note(self, key: Key, before: Fields | None, after: Fields | None) -> None:
        self._before.setdefault(key, before)
        self._after[key] = after

    def _now(self) -> str:
        self._stamp = self._stamp or self._clock.tick()
        return self._stamp

    def _remember_clock(self) -> None:
        self._overwrite_meta({"node": self._clock.node, "clock": self._clock.last})

    def _overwrite_meta(self, known: Mapping[str, str]) -> None:
        statement = insert(table(Meta))
        newer = {"value": statement.excluded.value}
        statement = statement.on_conflict_do_update(index_elements=["key"], set_=newer)
        self._connection.execute(statement, [{"key": key, "value": value} for key, value in known.items()])


def _row(
    key: Key,
    clocks: Mapping[str, str] | None = None,
    gone: str | None = None,
    extra: Mapping[str, list[Any]] | None = None,
) -> dict[str, Any]:
    """A changed record's metadata, as `_upsert_records` takes it; that keeps an existing `rev`."""
    row = {"id": key.id, "kind": key.kind, "clocks": clocks or {}, "gone": gone, "extra": extra or {}}
    return row | {"dirty": True, "rev": 0}


def _parent(key: Key, fields: Fields) -> Key | None:
    """A record's parent; None for a record without one."""
    kind = PARENTS.get(key.kind)
    id_ = fields.get(f"{kind}_id")
    return Key(kind, id_) if kind and id_ else None


def _differing(fields: Fields, known: Fields) -> Fields:
    return {name: value for name, value in fields.items() if name not in known or known[name] != value}


def _defaults(key: Key, fields: Fields) -> Fields:
    """The values that a new record is compared with.

    Settings that were never saved equal the defaults, so that fields the user left unchanged do not win a
    merge with another device. Other kinds have no values yet.
    """
    if key.kind != "settings":
        return {}
    return encode(Settings()) | {"created_at": fields.get("created_at")}


def chunks(keys: Iterable[Key]) -> Iterator[tuple[str, list[str]]]:
    by_kind: dict[str, list[str]] = {}
    for kind, id_ in keys:
        by_kind.setdefault(kind, []).append(id_)
    for kind, ids in by_kind.items():
        for start in range(0, len(ids), CHUNK):
            yield kind, ids[start : start + CHUNK]
