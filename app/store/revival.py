"""Fields that a deletion took, written anew because the record is living again.

A deletion takes every field that is not newer. If one newer field brings the record back, the others would be
lost, although a device still has them. That device writes them anew with stamps that follow from the deletion
alone: all devices write the same, and every edit made since the deletion is newer.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.store.changes import Merge, RecordState
from app.store.clock import following
from app.store.records import Key
from app.store.states import BEFORE_ALL

TITLES = {"client": "name", "job": "title"}
"""Kinds that others belong to, and the field of their title."""


def with_lost_fields(merged: RecordState, one: RecordState, other: RecordState, merge: Merge) -> RecordState:
    """`merged`, made of `one` and `other`, with the fields that it lost to its deletion."""
    if merged.gone is None or merged.deleted or one.kind != other.kind:
        return merged
    every = merge(replace(one, gone=None), replace(other, gone=None)).fields
    lost = {name: pair for name, pair in every.items() if name not in merged.fields}
    return replace(merged, fields=_stamped_anew(lost, merged.gone) | merged.fields) if lost else merged


def revived(key: Key, gone: str, known: RecordState | None, created_at: str) -> RecordState:
    """A client or job, deleted at `gone`, that something newer belongs to, with the fields this device knew.

    Where it knew none, a stand-in: `created_at`, and a title that yields to the one another device revives.
    """
    fields: Mapping[str, list[Any]] = known.fields if known is not None else {}
    if not fields:
        title = [f"? {key.id[:4]}", BEFORE_ALL]
        fields = {TITLES[key.kind]: title, "created_at": [created_at, BEFORE_ALL]}
    return RecordState(key.id, key.kind, _stamped_anew(fields, gone), gone)


def _stamped_anew(fields: Mapping[str, list[Any]], gone: str) -> dict[str, list[Any]]:
    """Newer than the deletion and older than every edit after it; values without a clock stay the oldest."""
    weak = following(gone)
    strong = following(weak)
    return {name: [value, weak if at == BEFORE_ALL else strong] for name, (value, at) in fields.items()}
