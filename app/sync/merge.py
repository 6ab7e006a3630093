"""Merges two versions of a record: a join, so the order and the number of merges make no difference.

docs/protocol.md, "Merging", describes it for independent clients, with test vectors.
"""

import json
from typing import Any

from app.store.changes import RecordState
from app.sync.canonical import canonical_json


def merge(one: RecordState, other: RecordState) -> RecordState:
    """The least version that contains both.

    The later deletion wins; per field the newer value wins; fields that are not newer than the deletion fall
    away. The deletion is kept in a living record, because a later merge may bring older fields. No kind and
    no field is known by name, so records of a newer app merge alike.
    """
    if one.kind != other.kind:  # ids are unique; two kinds under one id come from a broken client
        return one if one.kind > other.kind else other
    gone = max(one.gone or "", other.gone or "")
    fields = dict(one.fields)
    for name, pair in other.fields.items():
        mine = fields.get(name)
        if mine is None or _is_newer(pair, mine):
            fields[name] = pair
    if gone:
        fields = {name: pair for name, pair in fields.items() if pair[1] > gone}
    return RecordState(one.id, one.kind, fields, gone or None)


def _is_newer(pair: list[Any], than: list[Any]) -> bool:
    if pair[1] != than[1]:
        return bool(pair[1] > than[1])
    value, other = pair[0], than[0]
    if type(value) is type(other) and value == other and not (value and isinstance(value, list | dict)):
        return False  # most fields of most merges: nothing to write out
    # Two values share a stamp where a device wrote for another: an emptied link, a revived field.
    return _order(value) > _order(other)


def _order(value: Any) -> tuple[bytes, str]:
    """The second part keeps apart what is the same double: 1 and 1.0, whole numbers beyond 2^53."""
    return canonical_json(value), json.dumps(value, sort_keys=True)
