"""Converts rows to record states, which sync sends, and received states back to rows."""

import types
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from app.domain.entities import KINDS, SETTINGS_ID
from app.domain.validation import check_value
from app.store.changes import RecordState
from app.store.records import Fields, decode_values, defaults, instant_fields, table_of
from app.store.rules import LARGEST, UNFINISHED

ZERO_TIMESTAMP = "0000000000000-0000-0"
"""The clock of a value whose clock is unknown: older than all others."""


class FieldSpec(NamedTuple):
    """The type of a field, for validation."""

    plain: frozenset[type]  # the plain types allowed
    validator: TypeAdapter[Any] | None  # validates lists and mappings; None if the field has none
    is_instant: bool


class DecodedRecord(NamedTuple):
    """A record's state, split by where it is stored."""

    fields: Fields  # of the row, as plain values
    row: dict[str, Any]  # the same as column values
    clocks: dict[str, str]
    extra: dict[str, list[Any]]  # values this version cannot use


@cache
def blank(kind: str) -> Fields:
    """The default fields of a new record. Shared: copy before changing."""
    return defaults(kind)


def state_of(id_: str, kind: str, fields: Fields | None, record: Mapping[str, Any]) -> RecordState:
    """The state of a stored record. `fields` is its row's (None without a row), `record` its metadata.

    Fields that have always had their default are omitted, because every device has the same default.
    """
    pairs: dict[str, list[Any]] = {}
    clocks, gone = record["clocks"], record["gone"]
    for name, value in (fields or {}).items():
        if name in clocks:
            pairs[name] = [value, clocks[name]]
        elif gone is None and kind != "settings" and value != blank(kind)[name]:
            pairs[name] = [value, ZERO_TIMESTAMP]
    return RecordState(id_, kind, pairs | record["extra"], gone)


def decode(state: RecordState) -> DecodedRecord:
    """Split the state of a living record of a known kind for storage.

    A first sync calls this for every record, so it is optimised: default values are not validated.
    """
    kind, specs, default = state.kind, _specs(state.kind), blank(state.kind)
    parts = DecodedRecord(dict(default), dict(_blank_row(kind)), {}, {})
    for name, pair in state.fields.items():
        value, clock = pair
        spec = specs.get(name)
        if spec is None:
            parts.extra[name] = pair
        elif value == default[name] and type(value) is type(default[name]):
            parts.clocks[name] = clock
        else:
            held = _instant(value) if spec.is_instant else value
            if _usable(kind, name, spec, held):
                parts.fields[name], parts.row[name], parts.clocks[name] = value, held, clock
            else:
                parts.extra[name] = pair
    return parts


def has_valid_id(state: RecordState) -> bool:
    """Whether the id is valid for the kind: only the settings record has the settings id."""
    return (state.kind == "settings") == (state.id == SETTINGS_ID)


def _usable(kind: str, name: str, spec: FieldSpec, value: Any) -> bool:
    """Whether a row can store the value (an instant as datetime) and the rules can handle it.

    Checks a single field as `rules.unusable` checks an entity.
    """
    if type(value) not in spec.plain:
        if spec.validator is None or not isinstance(value, list | dict):
            return False
        try:
            spec.validator.validate_python(value, strict=True)
        except ValidationError:
            return False
    elif type(value) is str and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return False
    elif type(value) is int and abs(value) > LARGEST:
        return False
    problems = check_value(KINDS[kind], name, value)
    return not problems or all(problem.code in UNFINISHED for problem in problems)


@cache
def _specs(kind: str) -> dict[str, FieldSpec]:
    """The fields of a kind by name, without the id."""
    names = (column.name for column in table_of(kind).c if column.name != "id")
    return {name: _spec(kind, name) for name in names}


def _spec(kind: str, name: str) -> FieldSpec:
    annotation: Any = KINDS[kind].model_fields[name].annotation
    options = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    plain = frozenset(option for option in options if option in (str, int, bool, datetime, type(None)))
    validator = None if plain.issuperset(options) else TypeAdapter(annotation)
    return FieldSpec(plain, validator, name in instant_fields(kind))


@cache
def _blank_row(kind: str) -> dict[str, Any]:
    """`blank` as column values. Shared as well."""
    return decode_values(kind, blank(kind))


def _instant(value: Any) -> Any:
    """Parse an instant; return anything else unchanged."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    return value if at.tzinfo is None else at
