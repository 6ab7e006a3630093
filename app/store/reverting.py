"""Reverts a change of one value but keeps later changes to it: a three-way merge."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

ABSENT = object()
"""Stands for the value of a key that is missing from a mapping."""


class Reverted(NamedTuple):
    value: Any
    whole: bool
    """Whether the change was fully reverted; False if a newer value was kept."""


def revert_value(before: Any, after: Any, now: Any) -> Reverted:
    """`now` without the change from `before` to `after`, all three plain JSON values.

    Lists and mappings are merged entry by entry. List entries are matched by `id`, or by value if they have
    none. Any other value that has changed since is kept.
    """
    if before in (after, now):
        return Reverted(now, True)
    if now == after:
        return Reverted(before, True)
    if all(isinstance(value, dict) for value in (before, after, now)):
        return _revert_mapping(before, after, now)
    if all(isinstance(value, list) for value in (before, after, now)):
        entries = [_entries(value) for value in (before, after, now)]
        if all(len(found) == len(value) for found, value in zip(entries, (before, after, now), strict=True)):
            found = _revert_mapping(*entries)
            return Reverted(_in_order(found.value, entries[2], entries[0]), found.whole)
    return Reverted(now, False)


def _revert_mapping(before: Mapping[str, Any], after: Mapping[str, Any], now: Mapping[str, Any]) -> Reverted:
    merged, whole = dict(now), True
    for name in [*now, *(name for name in before if name not in now)]:
        found = revert_value(before.get(name, ABSENT), after.get(name, ABSENT), now.get(name, ABSENT))
        whole = whole and found.whole
        if found.value is ABSENT:
            merged.pop(name, None)
        else:
            merged[name] = found.value
    return Reverted(merged, whole)


def _entries(values: Sequence[Any]) -> dict[str, Any]:
    """A list's entries by their identity; fewer than the list has if some are identical."""
    return {
        str(value["id"]) if isinstance(value, dict) and "id" in value else json.dumps(value): value
        for value in values
    }


def _in_order(merged: Mapping[str, Any], now: Mapping[str, Any], before: Mapping[str, Any]) -> list[Any]:
    """The entries in their current order; each restored one follows its former predecessor."""
    names = [name for name in merged if name in now]
    previous = ""
    for name in before:
        if name in merged and name not in now:
            names.insert(names.index(previous) + 1 if previous in names else 0, name)
        previous = name if name in names else previous
    return [merged[name] for name in names]
