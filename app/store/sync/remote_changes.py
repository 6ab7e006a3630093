"""Merges synced records into rows and their metadata, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects.sqlite import Insert, insert

from app.domain.entities import KINDS
from app.store import search_index
from app.store.changes import Incoming, Merge, Outgoing, RecordState
from app.store.clock import ClockDriftError
from app.store.records import Fields, Key, LostFields, Meta, Record, deleted, table, table_of
from app.store.sync.events import EVENT, outcome
from app.store.sync.record_states import ZERO_TIMESTAMP, decode, has_valid_id, state_of
from app.store.sync.revival import Lost, merge_versions
from app.store.writing import CHUNK, RecordWriter, chunks

UNOPENED = "unopened box "
"""Prefix of a Meta key, followed by a record id: the unreadable revision, and when it was first received."""
UNOPENED_DAYS = 30
DAY_MS = 24 * 60 * 60 * 1000


class RevisionsWentBackError(Exception):
    """The server returned an older revision than before: it was reset to an earlier state."""


class PendingRecord(NamedTuple):
    """The new state of a record, to be stored."""

    state: RecordState
    rev: int
    dirty: bool


class RemoteChanges(RecordWriter):
    """A transaction that merges other devices' changes with local ones."""

    def apply(self, incoming: Sequence[Incoming], merge: Merge) -> set[str]:
        """Merge the server's records into the stored ones.

        Effects on other records are computed once everything has arrived, see `Settlement`. A record is dirty
        afterwards if it differs from the server's. A malformed record is replaced by the local one. One that
        cannot be decrypted is left, unless `_is_replaced`: this device may not have its key yet. Returns the
        ids of records with local changes that wait for such a record to become readable.

        Raises RevisionsWentBackError.
        """
        records = self._records([each.id for each in incoming])
        known = self.states(records)
        lost = self._lost_fields(records)
        kept: list[PendingRecord] = []
        waiting: set[str] = set()
        for each in incoming:
            mine = known.get(each.id)
            if mine is not None:
                _check_order(each.id, each.rev, records[each.id]["rev"])
            if mine is not None and not each.opened and not self._is_replaced(each, records[each.id]):
                waiting |= {each.id} if records[each.id]["dirty"] else set()
                continue
            theirs = each.state and self._with_valid_clocks(each.state)
            if theirs is None or not has_valid_id(theirs):
                if mine is not None:
                    kept.append(PendingRecord(mine, each.rev, dirty=True))
                continue
            state = theirs
            if mine is not None:
                state, taken = merge_versions(mine, theirs, lost.get(each.id, {}), merge)
                if taken or each.id in lost:
                    lost[each.id] = taken
            kept.append(PendingRecord(state, each.rev, dirty=state != each.state))
        self._keep(kept, known)
        self._overwrite(table(LostFields), [{"id": id_, "fields": fields} for id_, fields in lost.items()])
        self._remember_clock()
        return waiting

    def _is_replaced(self, each: Incoming, record: Mapping[str, Any]) -> bool:
        """Whether the local record replaces one that cannot be decrypted.

        True if this device has already read or written that very revision, because then nothing is lost.
        Otherwise only after `UNOPENED_DAYS` and only if there are local changes: no device that could read it
        has come.
        """
        if each.rev == record["rev"]:
            return True
        if not record["dirty"]:
            return False
        name = f"{UNOPENED}{each.id}"
        rows = table(Meta)
        seen = self._connection.execute(select(rows.c.value).where(rows.c.key == name)).scalar()
        rev, since = map(int, seen.split()) if seen else (0, 0)
        if rev == each.rev and self._clock.wall - since >= UNOPENED_DAYS * DAY_MS:
            return True
        if rev != each.rev:
            self._overwrite_meta({name: f"{each.rev} {self._clock.wall}"})
        return False

    def acknowledge(self, sent: Iterable[Outgoing], accepted: Mapping[str, int]) -> None:
        """Store the revisions of accepted records. Records changed since they were sent stay dirty.

        Raises RevisionsWentBackError.
        """
        records = self._records(list(accepted))
        now = self.states(records)
        taken = [each.state for each in sent if each.state.id in accepted and each.state.id in now]
        for state in taken:
            _check_order(state.id, accepted[state.id], records[state.id]["rev"])
        self._mark(PendingRecord(state, accepted[state.id], dirty=now[state.id] != state) for state in taken)

    def apply_events(self, given: Iterable[RecordState], merge: Merge) -> bool:
        """Apply event records, both stored ones and those `given`. Returns whether there were any.

        Deleted messages and jobs stay deleted. Applied events are deleted; those of a newer app are kept.
        """
        rows = table(Record)
        query = select(rows).where(rows.c.kind == EVENT, ~deleted())
        arrived = {row["id"]: dict(row) for row in self._connection.execute(query).mappings()}
        events = [*self.states(arrived).values(), *map(self._with_valid_clocks, given)]
        done = [(event, result) for event in events if (result := outcome(event)) is not None]
        for _, result in done:
            records = self._records([result.id])
            mine = self.states(records).get(result.id)
            if mine is not None and mine.kind == result.kind and not mine.deleted:
                state, _ = merge_versions(mine, result, {}, merge)
                dirty = records[result.id]["dirty"] or state != mine
                self._keep([PendingRecord(state, records[result.id]["rev"], dirty)], {mine.id: mine})
        ended = [RecordState(event.id, EVENT, gone=self._now()) for event, _ in done if event.id in arrived]
        self._keep_dirty(ended)
        self._remember_clock()
        return bool(done)

    def states(self, records: Mapping[str, Mapping[str, Any]]) -> dict[str, RecordState]:
        """Stored records in the form sent to other devices."""
        keys = [Key(record["kind"], id_) for id_, record in records.items() if record["kind"] in KINDS]
        rows = self._rows(keys, {})
        return {
            id_: state_of(id_, record["kind"], rows.get(Key(record["kind"], id_)), record)
            for id_, record in records.items()
        }

    def _with_valid_clocks(self, state: RecordState) -> RecordState:
        """Replace timestamps more than a day ahead by the current one; otherwise those fields could not be
        edited.

        Also advances the local clock, so that later local writes are newer.
        """
        try:
            self._clock.observe(state.newest or ZERO_TIMESTAMP)
        except ClockDriftError:
            replacements: dict[str, str] = {}
            for stamp in {pair[1] for pair in state.fields.values()} | {state.gone or ZERO_TIMESTAMP}:
                try:
                    self._clock.observe(stamp)
                except ClockDriftError:
                    replacements[stamp] = self._now()
            gone = state.gone and replacements.get(state.gone, state.gone)
            if not state.deleted and state.gone in replacements:
                gone = None  # one timestamp for fields and deletion would lose the record
            fields = {name: [value, replacements.get(at, at)] for name, (value, at) in state.fields.items()}
            return RecordState(state.id, state.kind, fields, gone)
        return state

    # --- rows ------------------------------------------------------------------------------------------

    def _keep(self, kept: Iterable[PendingRecord], known: Mapping[str, RecordState]) -> None:
        """Overwrite the stored records; `known` is their current state."""
        changed = [each for each in kept if each.state != known.get(each.state.id)]
        self._mark([each for each in kept if each.state == known.get(each.state.id)])
        self._drop_rows(
            [
                Key(before.kind, before.id)
                for state, _, _ in changed
                if (before := known.get(state.id)) and (state.deleted or state.kind != before.kind)
            ]
        )
        living = [each for each in changed if not each.state.deleted and each.state.kind in KINDS]
        records: list[dict[str, Any]] = []
        rows: dict[str, list[dict[str, Any]]] = {}
        searched: list[tuple[Key, Fields]] = []
        for state, rev, dirty in living:
            parts = decode(state)
            rows.setdefault(state.kind, []).append(parts.row | {"id": state.id})
            searched.append((Key(state.kind, state.id), parts.fields))
            records.append(_record(state, rev, dirty, parts.clocks, parts.extra))
        for kind, values in rows.items():
            self._overwrite(table_of(kind), values)
        search_index.index(self._connection, searched)
        others = [each for each in changed if each.state.deleted or each.state.kind not in KINDS]
        records += [_record(state, rev, dirty, {}, state.fields) for state, rev, dirty in others]
        self._overwrite(table(Record), records)

    def _overwrite(self, rows: Table, values: list[dict[str, Any]]) -> None:
        if values:
            self._connection.execute(_upsert(rows), values)

    def _drop_rows(self, keys: Sequence[Key]) -> None:
        for kind, ids in chunks(key for key in keys if key.kind in KINDS):
            rows = table_of(kind)
            self._connection.execute(delete(rows).where(rows.c.id.in_(ids)))
        if keys:
            search_index.forget(self._connection, [key.id for key in keys])

    def _mark(self, kept: Iterable[PendingRecord]) -> None:
        marks = [(rev, dirty, state.id) for state, rev, dirty in kept]
        if marks:
            self._connection.exec_driver_sql("UPDATE record SET rev = ?, dirty = ? WHERE id = ?", marks)

    def _keep_dirty(self, changed: Sequence[RecordState]) -> None:
        records = self._records([state.id for state in changed])
        kept = [PendingRecord(state, records[state.id]["rev"], dirty=True) for state in changed]
        self._keep(kept, self.states(records))

    def _lost_fields(self, ids: Iterable[str]) -> dict[str, Lost]:
        """Fields that deletions removed from these records since the last settlement."""
        rows, wanted = table(LostFields), list(ids)
        found: dict[str, Lost] = {}
        for start in range(0, len(wanted), CHUNK):
            query = select(rows.c.id, rows.c.fields).where(rows.c.id.in_(wanted[start : start + CHUNK]))
            found |= {row.id: row.fields for row in self._connection.execute(query)}
        return found


@cache
def _upsert(rows: Table) -> Insert:
    """The statement that inserts or overwrites whole rows by id."""
    statement = insert(rows)
    newer = {column.name: statement.excluded[column.name] for column in rows.c if column.name != "id"}
    return statement.on_conflict_do_update(index_elements=["id"], set_=newer)


def _record(
    state: RecordState, rev: int, dirty: bool, clocks: dict[str, str], extra: dict[str, list[Any]]
) -> dict[str, Any]:
    known = {"id": state.id, "kind": state.kind, "gone": state.gone, "rev": rev, "dirty": dirty}
    return known | {"clocks": clocks, "extra": extra}


def _check_order(id_: str, rev: int, known: int) -> None:
    if rev < known:
        raise RevisionsWentBackError(f"{id_} is of revision {rev}, it was of {known}")
