"""The merge of the app's first edition, and how that edition reads a box."""

import json
from typing import Any

from app.store.changes import RecordState


def merge(one: RecordState, other: RecordState) -> RecordState:
    gone = max(one.gone or "", other.gone or "")
    fields = dict(one.fields)
    for name, pair in other.fields.items():
        fields[name] = _newer(fields[name], pair) if name in fields else pair
    if gone and all(clock <= gone for _, clock in fields.values()):
        return RecordState(one.id, one.kind, gone=gone)
    return RecordState(one.id, one.kind, fields)


def _newer(one: list[Any], other: list[Any]) -> list[Any]:
    if one[1] != other[1]:
        return max(one, other, key=lambda pair: str(pair[1]))
    return max(one, other, key=lambda pair: json.dumps(pair[0], sort_keys=True))


def as_read(state: RecordState) -> RecordState:
    """A record as read by the first edition: a living one without its deletion."""
    if state.gone is not None and all(clock <= state.gone for _, clock in state.fields.values()):
        return RecordState(state.id, state.kind, gone=state.gone)
    return RecordState(state.id, state.kind, state.fields)
