"""Rows as record states and back: what sync sends, and how what it brings becomes rows."""

import types
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from app.domain.entities import KINDS, SETTINGS_ID
from app.domain.validation import check_value
from app.store.changes import RecordState
from app.store.records import Fields, defaults, instant_fields, table_of
from app.store.rules import LARGEST, UNFINISHED

BEFORE_ALL = "0000000000000-0000-0"
"""The clock of a value of which none is known: older than every other."""


@cache
def blank(kind: str) -> Fields:
    """The fields of a thing of which nothing is known. Shared: copy before changing."""
    return defaults(kind)


def state_of(id_: str, kind: str, fields: Fields | None, record: Mapping[str, Any]) -> RecordState:
    """A stored record; `fields` is its row's (None: it has no row), `record` what is kept about it.

    What never was anything but the default is left out: every device has that by itself.
    """
    if record["gone"] is not None:
        return RecordState(id_, kind, gone=record["gone"])
    pairs: dict[str, list[Any]] = {}
    clocks = record["clocks"]
    for name, value in (fields or {}).items():
        if name in clocks:
            pairs[name] = [value, clocks[name]]
        elif kind != "settings" and value != blank(kind)[name]:
            pairs[name] = [value, BEFORE_ALL]
    return RecordState(id_, kind, pairs | record["extra"])


def split(state: RecordState) -> tuple[Fields, dict[str, str], dict[str, list[Any]]]:
    """A living record of a known kind as its row's fields, their clocks, and what this version cannot use."""
    columns = table_of(state.kind).c
    fields = dict(blank(state.kind))
    clocks: dict[str, str] = {}
    extra: dict[str, list[Any]] = {}
    for name, pair in state.fields.items():
        value, clock = pair
        if name not in columns or name == "id":
            extra[name] = pair
        elif name in instant_fields(state.kind) and value is not None:
            if (at := _instant(value)) is None or not usable(state.kind, name, at):
                extra[name] = pair
            else:
                fields[name], clocks[name] = value, clock
        elif usable(state.kind, name, value):
            fields[name], clocks[name] = value, clock
        else:
            extra[name] = pair
    return fields, clocks, extra


def fits(state: RecordState) -> bool:
    """Whether the id can be one of this kind: there is one record of settings, and its id is its alone."""
    return (state.kind == "settings") == (state.id == SETTINGS_ID)


def usable(kind: str, name: str, value: Any) -> bool:
    """Whether a row can hold a value (an instant as such) and the rules can work with it.

    For each field by itself what `rules.unusable` asks of the whole entity, and quick: a first sync asks it
    of every field of every record.
    """
    plain, whole = _types(kind, name)
    if type(value) not in plain:
        if not isinstance(value, list | dict):
            return False
        try:
            whole.validate_python(value, strict=True)
        except ValidationError:
            return False
    elif type(value) is str and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return False
    elif type(value) is int and abs(value) > LARGEST:
        return False
    return all(problem.code in UNFINISHED for problem in check_value(KINDS[kind], name, value))


@cache
def _types(kind: str, name: str) -> tuple[frozenset[type], TypeAdapter[Any]]:
    """The plain types a field may have, and what checks a list or a mapping."""
    annotation: Any = KINDS[kind].model_fields[name].annotation
    options = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    plain = frozenset(option for option in options if option in (str, int, bool, datetime, type(None)))
    return plain, TypeAdapter(annotation)


def _instant(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo is not None else None
