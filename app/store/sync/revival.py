"""Restores fields removed by a deletion when the record is living again.

A deletion removes every field that is not newer. If one newer field restores the record, the other fields
would be lost although some device still has them. That device writes them again with timestamps derived from
the deletion only, so all devices write the same ones, and every edit made after the deletion is newer.

Removed fields are kept until a sync session has received everything (`Lost`), and are merged like fields. So
the result does not depend on the order in which the versions of a record arrive.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.store.changes import Merge, RecordState
from app.store.clock import following
from app.store.records import Key
from app.store.sync.record_states import ZERO_TIMESTAMP

TITLES = {"client": "name", "job": "title"}
"""Parent kinds, and their title field."""

Lost = dict[str, list[Any]]
"""{field: [value, clock]}, none newer than the record's deletion."""


def merge_versions(
    mine: RecordState, theirs: RecordState, lost: Lost, merge: Merge
) -> tuple[RecordState, Lost]:
    """Merge two versions of a record. Returns the result and all fields that its deletion has removed.

    `lost` is what was removed from `mine` before. If the record is living, these fields are restored.
    """
    own = _without_restored(mine, lost)
    merged = merge(own, theirs)
    versions = [each for each in (own, theirs) if each.kind == merged.kind]
    if merged.kind == mine.kind:
        versions.append(replace(mine, fields=lost))
    every: Lost = {}
    for each in versions:
        every = merge(RecordState(each.id, each.kind, every), replace(each, gone=None)).fields
    taken = {name: pair for name, pair in every.items() if name not in merged.fields}
    if merged.gone is None or merged.deleted or not taken:
        return merged, taken
    return replace(merged, fields=_restamped(taken, merged.gone) | merged.fields), taken


def revived(key: Key, gone: str, lost: Lost, created_at: str) -> RecordState:
    """A client or job deleted at `gone` that a newer record belongs to, with the fields it had locally.

    If this device has no fields, returns a placeholder: `created_at`, and a title that loses to the one
    restored by another device.
    """
    fields = lost
    if not fields:
        title = [f"? {key.id[:4]}", ZERO_TIMESTAMP]
        fields = {TITLES[key.kind]: title, "created_at": [created_at, ZERO_TIMESTAMP]}
    return RecordState(key.id, key.kind, _restamped(fields, gone), gone)


def _without_restored(state: RecordState, lost: Lost) -> RecordState:
    """The state without restored fields, because they are derived from `lost`."""
    if state.gone is None or not lost:
        return state
    restored = _restamped(lost, state.gone)
    fields = {name: pair for name, pair in state.fields.items() if restored.get(name) != pair}
    return replace(state, fields=fields)


def _restamped(fields: Mapping[str, list[Any]], gone: str) -> dict[str, list[Any]]:
    """Give fields clocks newer than the deletion but older than any later edit; those without one, the
    oldest.
    """
    weak = following(gone)
    strong = following(weak)
    return {name: [value, weak if at == ZERO_TIMESTAMP else strong] for name, (value, at) in fields.items()}
