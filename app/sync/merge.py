"""How two devices' versions of one record become one: field by field, the newer clock wins."""

import json
from typing import Any

from app.store.changes import RecordState


def merge(one: RecordState, other: RecordState) -> RecordState:
    """What both know together. It makes no difference which is given first, or how often.

    A deletion takes with it what is older; a field that is newer brings the record back. What came back needs
    its deletion no more: every later merge holds that newer field too. It knows no kind and no field by name,
    so what a newer app wrote is merged as well as the rest.
    """
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
    # One stamp, two values: a link that was emptied (app/store/arrivals.py). Null comes last in this order.
    return max(one, other, key=lambda pair: json.dumps(pair[0], sort_keys=True))
