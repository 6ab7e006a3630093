"""Merges two versions of a record: commutative, associative and idempotent.

docs/protocol.md, "Merging", specifies it for independent clients, with test vectors.
"""

import json
from typing import Any

from app.store.changes import RecordState
from app.sync.canonical import canonical_json


def merge(one: RecordState, other: RecordState) -> RecordState:
    """The smallest version that contains both.

    The later deletion wins; per field the newer value wins; fields that are not newer than the deletion are
    removed. A living record keeps the deletion, because a later merge may bring older fields. The merge does
    not depend on kinds or field names, so it works for records of newer apps.
    """
    if one.kind != other.kind:  # ids are unique across kinds; only a broken client reuses one
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
        return False  # the most frequent case: skips the serialisation
    # Values share a timestamp if a device wrote for another one: a cleared link, a restored field.
    return _order(value) > _order(other)


def _order(value: Any) -> tuple[bytes, str]:
    """The second part distinguishes values that are the same double: 1 and 1.0, integers beyond 2^53."""
    return canonical_json(value), json.dumps(value, sort_keys=True)
