"""Computes the effects of synced records on their children and on records that link to them."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Select, delete, select

from app.store.changes import RecordState
from app.store.clock import parse
from app.store.records import Key, LostFields, Record, deleted, table, table_of
from app.store.rules import LINKS, PARENTS
from app.store.sync.remote_changes import RemoteChanges
from app.store.sync.revival import revived

OWNERS = ("job", "client")
"""Parent kinds. Jobs come before clients: a record that restores its job may restore the client too."""


class Settlement(RemoteChanges):
    """A transaction that settles deletions once a sync session has received everything.

    It checks all deleted records, so the result does not depend on the number and order of pages, nor on
    whether the app was closed in between.
    """

    def settle(self) -> None:
        """Delete the children of deleted records, or restore the parent; clear dead links.

        Descendants older than the deletion are deleted too. If one is newer, its client or job is restored
        with the fields that this device had. The result depends on timestamps only, so it is the same on
        every device.
        """
        for kind in OWNERS:
            for parent, gone in self._dead_parents(kind):
                self._keep_dirty(self._changed_family(parent, gone))
        self._empty_dead_links()
        self._connection.execute(delete(table(LostFields)))

    def _dead_parents(self, kind: str) -> list[tuple[Key, str]]:
        """The deleted records of a kind that have living children, with their deletion timestamps."""
        named: set[str] = set()
        for child in (child for child, owner in PARENTS.items() if owner == kind):
            owner_id = table_of(child).c[f"{kind}_id"]
            query = select(owner_id).distinct().where(owner_id.in_(_deleted_ids(kind)))
            named.update(self._connection.execute(query).scalars())
        return [(Key(kind, id_), record["gone"]) for id_, record in self._records(sorted(named)).items()]

    def _changed_family(self, parent: Key, gone: str) -> list[RecordState]:
        """The restored parent, or all its descendants as deleted."""
        below = self.with_children(self._children([parent]))
        family = self.states(self._records([key.id for key in below]))
        newest = max(state.newest for state in family.values())
        if newest > gone:
            lost = self._lost_fields([parent.id]).get(parent.id, {})
            return [revived(parent, gone, lost, _instant_of(newest))]
        return [RecordState(id_, state.kind, gone=gone) for id_, state in family.items()]

    def _empty_dead_links(self) -> None:
        """Cleared fields keep their clock, so that a newer link set on another device wins."""
        dead: dict[str, set[str]] = {}
        for kind, field, target in LINKS:
            rows = table_of(kind)
            query = select(rows.c.id).where(rows.c[field].in_(_deleted_ids(target)))
            for id_ in self._connection.execute(query).scalars():
                dead.setdefault(id_, set()).add(field)
        changed = []
        for id_, state in self.states(self._records(list(dead))).items():
            emptied = {name: [None, state.fields[name][1]] for name in dead[id_]}
            changed.append(replace(state, fields=state.fields | emptied))
        self._keep_dirty(changed)


def _deleted_ids(kind: str) -> Select[tuple[str]]:
    rows = table(Record)
    return select(rows.c.id).where(rows.c.kind == kind, deleted())


def _instant_of(stamp: str) -> str:
    return datetime.fromtimestamp(parse(stamp).milliseconds / 1000, UTC).isoformat()
