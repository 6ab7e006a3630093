"""Puts what sync brings into rows, in one transaction with everything else that is kept of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects.sqlite import Insert, insert

from app.domain.entities import KINDS
from app.store import search
from app.store.changes import Incoming, Merge, Outgoing, RecordState
from app.store.clock import ClockDriftError, parse
from app.store.events import EVENT, outcome
from app.store.records import Fields, Key, Meta, Record, deleted, table, table_of
from app.store.revival import revived, with_lost_fields
from app.store.rules import LINKS, PARENTS
from app.store.states import BEFORE_ALL, fits, split, state_of
from app.store.writing import Writer, chunks

UNOPENED = "unopened box "
"""Before the record's id: the name in Meta of the revision that did not open, and when it was first met."""
UNOPENED_DAYS = 30
DAY_MS = 24 * 60 * 60 * 1000


class RevisionsWentBackError(Exception):
    """The server hands out older revisions than it did: it was set back to an earlier state."""


class Kept(NamedTuple):
    """What is to be kept of a record from now on."""

    state: RecordState
    rev: int
    dirty: bool


class Arrivals(Writer):
    """A transaction that merges other devices' changes with this device's own."""

    def take(self, incoming: Sequence[Incoming], merge: Merge) -> set[str]:
        """Merge the server's records into the stored ones.

        A record is dirty afterwards if it differs from the server's. A box without a record in it is replaced
        by what this device has. One that does not open is left, unless `_is_replaced`: it may be sealed with
        a key that this device has yet to get. Gives the ids of changed records that wait for such a box.

        Raises RevisionsWentBackError.
        """
        records = self._records([each.id for each in incoming])
        known = self.states(records)
        kept: list[Kept] = []
        waiting: set[str] = set()
        for each in incoming:
            mine = known.get(each.id)
            if mine is not None:
                _check_order(each.id, each.rev, records[each.id]["rev"])
            if mine is not None and not each.opened and not self._is_replaced(each, records[each.id]):
                waiting |= {each.id} if records[each.id]["dirty"] else set()
                continue
            theirs = each.state and self._believed(each.state)
            if theirs is None or not fits(theirs):
                if mine is not None:
                    kept.append(Kept(mine, each.rev, dirty=True))
                continue
            state = theirs
            if mine is not None:
                state = with_lost_fields(merge(mine, theirs), mine, theirs, merge)
            kept.append(Kept(state, each.rev, dirty=state != each.state))
        self._keep(kept, known)
        self._settle([state for state, _, _ in kept], known)
        self._remember_clock()
        return waiting

    def _is_replaced(self, each: Incoming, record: Mapping[str, Any]) -> bool:
        """Whether a box that does not open is replaced by what this device has of the record.

        At once if this device has read or written that very revision: all that was in it is here. Else only
        after `UNOPENED_DAYS`, and only for changes that wait: by then no device has come that could read it.
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
        """Note the revisions of what the server took; what changed here since it was sent stays dirty.

        Raises RevisionsWentBackError.
        """
        records = self._records(list(accepted))
        now = self.states(records)
        taken = [each.state for each in sent if each.state.id in accepted and each.state.id in now]
        for state in taken:
            _check_order(state.id, accepted[state.id], records[state.id]["rev"])
        self._mark(Kept(state, accepted[state.id], dirty=now[state.id] != state) for state in taken)

    def carry_out(self, given: Iterable[RecordState], merge: Merge) -> bool:
        """Do what event records say, those that have arrived and those `given`; whether there were any.

        Deleted records stay deleted. An event that was carried out is deleted; one of a newer app is not.
        """
        rows = table(Record)
        query = select(rows).where(rows.c.kind == EVENT, ~deleted())
        arrived = {row["id"]: dict(row) for row in self._connection.execute(query).mappings()}
        events = [*self.states(arrived).values(), *map(self._believed, given)]
        done = [(event, result) for event in events if (result := outcome(event)) is not None]
        for _, result in done:
            records = self._records([result.id])
            mine = self.states(records).get(result.id)
            if mine is not None and mine.kind == result.kind and not mine.deleted:
                state = with_lost_fields(merge(mine, result), mine, result, merge)
                dirty = records[result.id]["dirty"] or state != mine
                self._keep([Kept(state, records[result.id]["rev"], dirty)], {mine.id: mine})
        ended = [RecordState(event.id, EVENT, gone=self._now()) for event, _ in done if event.id in arrived]
        self._keep_dirty(ended)
        self._remember_clock()
        return bool(done)

    def states(self, records: Mapping[str, Mapping[str, Any]]) -> dict[str, RecordState]:
        """Stored records as other devices must see them."""
        keys = [Key(record["kind"], id_) for id_, record in records.items() if record["kind"] in KINDS]
        rows = self._rows(keys, {})
        return {
            id_: state_of(id_, record["kind"], rows.get(Key(record["kind"], id_)), record)
            for id_, record in records.items()
        }

    def _believed(self, state: RecordState) -> RecordState:
        """The state; stamps from more than a day ahead are as of now, or nobody could change those fields.

        This device's clock follows the others, so that what is written here next is newer.
        """
        try:
            self._clock.observe(state.newest or BEFORE_ALL)
        except ClockDriftError:
            instead: dict[str, str] = {}
            for stamp in {pair[1] for pair in state.fields.values()} | {state.gone or BEFORE_ALL}:
                try:
                    self._clock.observe(stamp)
                except ClockDriftError:
                    instead[stamp] = self._now()
            gone = state.gone and instead.get(state.gone, state.gone)
            if not state.deleted and state.gone in instead:
                gone = None  # fields and deletion would get one stamp, and the record would be lost
            fields = {name: [value, instead.get(at, at)] for name, (value, at) in state.fields.items()}
            return RecordState(state.id, state.kind, fields, gone)
        return state

    # --- rows ------------------------------------------------------------------------------------------

    def _keep(self, kept: Iterable[Kept], known: Mapping[str, RecordState]) -> None:
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
            parts = split(state)
            rows.setdefault(state.kind, []).append(parts.row | {"id": state.id})
            searched.append((Key(state.kind, state.id), parts.fields))
            records.append(_record(state, rev, dirty, parts.clocks, parts.extra))
        for kind, values in rows.items():
            self._overwrite(table_of(kind), values)
        search.index(self._connection, searched)
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
            search.forget(self._connection, [key.id for key in keys])

    def _mark(self, kept: Iterable[Kept]) -> None:
        marks = [(rev, dirty, state.id) for state, rev, dirty in kept]
        if marks:
            self._connection.exec_driver_sql("UPDATE record SET rev = ?, dirty = ? WHERE id = ?", marks)

    # --- what belongs to something, or links to it -----------------------------------------------------

    def _settle(self, touched: Sequence[RecordState], known: Mapping[str, RecordState]) -> None:
        """Delete what belongs to a deleted record, or bring that record back.

        Descendants older than the deletion are deleted too. If one is newer, its client or job comes back
        with the fields that this device knew (`known`). Links to deleted records are emptied. All of this
        follows from the stamps alone, so every device ends with the same.
        """
        self._empty_dead_links(touched)
        while touched:
            parents = [Key(state.kind, state.id) for state in touched if state.deleted]
            living = [state for state in touched if not state.deleted]
            parents += [key for state in living if (key := _parent(state))]
            changed: list[RecordState] = []
            for parent, gone in self._deleted(parents).items():
                family = self.states(self._records([key.id for key in self._descendants(parent)]))
                if not family:
                    continue
                youngest = max(family.values(), key=lambda state: state.newest)
                if youngest.newest > gone:
                    since = _instant_of(youngest.newest)
                    changed.append(revived(parent, gone, known.get(parent.id), since))
                else:
                    changed += [RecordState(id_, state.kind, gone=gone) for id_, state in family.items()]
            self._keep_dirty(changed)
            touched = changed

    def _empty_dead_links(self, touched: Sequence[RecordState]) -> None:
        """The emptied field keeps its clock: whoever linked to something else since has a newer one."""
        dead = [Key(state.kind, state.id) for state in touched if state.deleted]
        emptied: dict[str, set[str]] = {}
        for key, field in self._linking(dead):
            emptied.setdefault(key.id, set()).add(field)
        links = [
            (state.id, field, Key(target, state.fields[field][0]))
            for state in touched
            for kind, field, target in LINKS
            if state.kind == kind and state.fields.get(field, [None])[0]
        ]
        lost = self._deleted(key for _, _, key in links)
        for id_, field, target in links:
            if target in lost:
                emptied.setdefault(id_, set()).add(field)
        changed = []
        for id_, state in self.states(self._records(list(emptied))).items():
            nothing = {
                name: [None, pair[1]]
                for name, pair in state.fields.items()
                if name in emptied[id_] and pair[0]
            }
            if nothing:
                changed.append(replace(state, fields=state.fields | nothing))
        self._keep_dirty(changed)

    def _keep_dirty(self, changed: Sequence[RecordState]) -> None:
        records = self._records([state.id for state in changed])
        kept = [Kept(state, records[state.id]["rev"], dirty=True) for state in changed]
        self._keep(kept, self.states(records))

    def _deleted(self, keys: Iterable[Key]) -> dict[Key, str]:
        """Those that are deleted, with the stamp of that."""
        rows, found = table(Record), dict[Key, str]()
        for kind, ids in chunks(dict.fromkeys(keys)):
            query = select(rows.c.id, rows.c.gone).where(rows.c.id.in_(ids), deleted())
            found |= {Key(kind, id_): gone for id_, gone in self._connection.execute(query)}
        return found

    def _descendants(self, parent: Key) -> list[Key]:
        children = self._children([parent])
        return self.with_children(children) if children else []


@cache
def _upsert(rows: Table) -> Insert:
    """Writes whole rows, over those with the same ids."""
    statement = insert(rows)
    newer = {column.name: statement.excluded[column.name] for column in rows.c if column.name != "id"}
    return statement.on_conflict_do_update(index_elements=["id"], set_=newer)


def _record(
    state: RecordState, rev: int, dirty: bool, clocks: dict[str, str], extra: dict[str, list[Any]]
) -> dict[str, Any]:
    known = {"id": state.id, "kind": state.kind, "gone": state.gone, "rev": rev, "dirty": dirty}
    return known | {"clocks": clocks, "extra": extra}


def _parent(state: RecordState) -> Key | None:
    owner = PARENTS.get(state.kind)
    id_ = state.fields.get(f"{owner}_id", [None])[0] if owner else None
    return Key(owner, id_) if owner and isinstance(id_, str) else None


def _instant_of(stamp: str) -> str:
    return datetime.fromtimestamp(parse(stamp).milliseconds / 1000, UTC).isoformat()


def _check_order(id_: str, rev: int, known: int) -> None:
    if rev < known:
        raise RevisionsWentBackError(f"{id_} is of revision {rev}, it was of {known}")
