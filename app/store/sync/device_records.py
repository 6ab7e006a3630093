"""Records that describe the account's devices: synced like all others, but not user data.

They have no table, are not in backups, and belong to the account: a device that leaves drops them.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, select

from app.store.changes import RecordState
from app.store.records import DEVICE, Record, deleted, table
from app.store.sync.remote_changes import PendingRecord, RemoteChanges

PREFIX = f"{DEVICE}-"
PREFIX_END = f"{DEVICE}."
"""Upper bound of all ids with the prefix."""


class DeviceRecords(RemoteChanges):
    """A transaction that reads or writes device records."""

    def all(self) -> dict[str, dict[str, Any]]:
        """Device id → {field: value}, without deleted records."""
        rows = table(Record)
        query = select(rows).where(*is_device_record(), ~deleted())
        found = self.states({row["id"]: dict(row) for row in self._connection.execute(query).mappings()})
        return {
            id_.removeprefix(PREFIX): {name: pair[0] for name, pair in state.fields.items()}
            for id_, state in found.items()
        }

    def write(self, device: str, values: Mapping[str, Any]) -> None:
        """Write the values that differ, with a new timestamp; keep the other fields."""
        id_ = f"{PREFIX}{device}"
        records = self._records([id_])
        known = self.states(records)
        fields = known[id_].fields if id_ in known else {}
        changed = {
            name: [value, self._now()]
            for name, value in values.items()
            if name not in fields or fields[name][0] != value
        }
        if changed:
            rev = records[id_]["rev"] if id_ in records else 0
            self._keep([PendingRecord(RecordState(id_, DEVICE, fields | changed), rev, dirty=True)], known)
            self._remember_clock()


def is_device_record() -> list[ColumnElement[bool]]:
    """Conditions that select device records. They use the range of ids, because kinds are not indexed."""
    rows = table(Record)
    return [rows.c.id >= PREFIX, rows.c.id < PREFIX_END, rows.c.kind == DEVICE]
