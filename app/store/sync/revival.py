"""Fields that a deletion took, written anew because the record is living again.

A deletion takes every field that is not newer. If one newer field brings the record back, the others would be
lost, although a device still has them. That device writes them anew with stamps that follow from the deletion
alone: all devices write the same, and every edit made since the deletion is newer.

What deletions took is kept until a sync session has brought everything (`Lost`), and is merged as fields are.
So a record ends the same whichever of its versions arrives first.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.store.changes import Merge, RecordState
from app.store.clock import following
from app.store.records import Key
from app.store.sync.record_states import ZERO_TIMESTAMP

TITLES = {"client": "name", "job": "title"}
"""Kinds that others belong to, and the field of their title."""

Lost = dict[str, list[Any]]
"""{field: [value, clock]}, none newer than the record's deletion."""


def joined(mine: RecordState, theirs: RecordState, lost: Lost, merge: Merge) -> tuple[RecordState, Lost]:
    """What two versions of a record make together, and all that its deletion has taken.

    `lost` is what had been taken of `mine` before. A living record has it anew.
    """
    own = _as_merged(mine, lost)
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
    return replace(merged, fields=_stamped_anew(taken, merged.gone) | merged.fields), taken


def revived(key: Key, gone: str, lost: Lost, created_at: str) -> RecordState:
    """A client or job, deleted at `gone`, that something newer belongs to, with the fields it had here.

    Where this device knew none, a stand-in: `created_at`, and a title that yields to the one another device
    revives.
    """
    fields = lost
    if not fields:
        title = [f"? {key.id[:4]}", ZERO_TIMESTAMP]
        fields = {TITLES[key.kind]: title, "created_at": [created_at, ZERO_TIMESTAMP]}
    return RecordState(key.id, key.kind, _stamped_anew(fields, gone), gone)


def _as_merged(state: RecordState, lost: Lost) -> RecordState:
    """The state without the fields that were written anew: they follow from `lost`."""
    if state.gone is None or not lost:
        return state
    anew = _stamped_anew(lost, state.gone)
    fields = {name: pair for name, pair in state.fields.items() if anew.get(name) != pair}
    return replace(state, fields=fields)


def _stamped_anew(fields: Mapping[str, list[Any]], gone: str) -> dict[str, list[Any]]:
    """Newer than the deletion and older than every edit after it; values without a clock stay the oldest."""
    weak = following(gone)
    strong = following(weak)
    return {name: [value, weak if at == ZERO_TIMESTAMP else strong] for name, (value, at) in fields.items()}
