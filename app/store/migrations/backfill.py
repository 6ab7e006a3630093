"""Moves fields that a newer app wrote, stored in `record.extra`, into columns that now exist."""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection

from app.store import search_index
from app.store.records import Key, pack_clocks, unpack_clocks

ColumnEncoding = Literal["plain", "instant", "json"]
"""How a field's plain value is stored in its column."""


def backfill_fields(
    connection: Connection,
    kind: str,
    forms: Mapping[str, ColumnEncoding],
    usable: Callable[[Any], bool] = lambda _value: True,
) -> None:
    """Fill columns of a kind from `record.extra`. Unreadable or unusable values stay there."""
    for id_, clocks, extra in _kept(connection, kind):
        values = {}
        for name, form in forms.items():
            if name in extra and extra[name][0] is not None:
                if not usable(extra[name][0]):
                    continue
                try:
                    values[name] = _column_value(form, extra[name][0])
                except (TypeError, ValueError):
                    continue
        if values:
            listed = ", ".join(f'"{name}" = ?' for name in values)
            connection.exec_driver_sql(
                f'UPDATE "{kind}" SET {listed} WHERE id = ?',  # noqa: S608 - names are ours
                (*values.values(), id_),
            )
        known = {name for name in forms if name in values or extra.get(name, [""])[0] is None}
        _move(connection, id_, clocks, extra, known)


def backfill_kind(connection: Connection, kind: str, forms: Mapping[str, ColumnEncoding]) -> None:
    """Create rows for the records of a newly known kind. Incomplete records stay in `record.extra`."""
    for id_, clocks, extra in _kept(connection, kind):
        if not forms.keys() <= extra.keys():
            continue
        fields = {name: extra[name][0] for name in forms}
        try:
            values = {
                name: None if fields[name] is None else _column_value(form, fields[name])
                for name, form in forms.items()
            }
        except (TypeError, ValueError):
            continue
        listed = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" for _ in values)
        connection.exec_driver_sql(
            f'INSERT INTO "{kind}" (id, {listed}) VALUES (?, {marks})',  # noqa: S608 - names are ours
            (id_, *values.values()),
        )
        search_index.index(connection, [(Key(kind, id_), fields)])
        _move(connection, id_, clocks, extra, forms.keys())


def _kept(connection: Connection, kind: str) -> list[tuple[str, dict[str, str], dict[str, list[Any]]]]:
    """The records of a kind with non-empty `extra`, all of them living: (id, clocks, extra)."""
    query = "SELECT id, clocks, extra FROM record WHERE kind = ? AND extra != '{}'"
    rows = connection.exec_driver_sql(query, (kind,)).all()
    return [(id_, unpack_clocks(json.loads(clocks)), json.loads(extra)) for id_, clocks, extra in rows]


def _move(
    connection: Connection,
    id_: str,
    clocks: dict[str, str],
    extra: dict[str, list[Any]],
    known: Collection[str],
) -> None:
    """Remove the known fields from `extra`, and add their clocks to the record's clocks."""
    clocks = clocks | {name: extra[name][1] for name in known if name in extra}
    left = {name: pair for name, pair in extra.items() if name not in known}
    connection.exec_driver_sql(
        "UPDATE record SET clocks = ?, extra = ? WHERE id = ?",
        (json.dumps(pack_clocks(clocks), separators=(",", ":")), json.dumps(left), id_),
    )


def _column_value(form: ColumnEncoding, value: Any) -> Any:
    if form == "instant":
        return datetime.fromisoformat(value).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return json.dumps(value) if form == "json" else value
