"""Versions of records and their merge, as specified by docs/protocol.md under Boxes and Merging."""

import json
import math
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

ZERO = "0000000000000-0000-0"
CLOCK = re.compile(r"[0-9]{13}-[0-9a-f]{4}-[0-9a-z]{1,32}")
DEEPEST = 64

Pair = tuple[Any, str]


class NoRecordError(ValueError):
    """A box was opened, but its content is not a valid record."""


class NewerFormError(Exception):
    """A record is in the format of a later version."""


@dataclass
class Version:
    """A version of a record. A null clock is represented as `ZERO`, a missing `gone` as ""."""

    kind: str
    fields: dict[str, Pair] = field(default_factory=dict)
    gone: str = ""

    @property
    def living(self) -> bool:
        return bool(self.fields)

    @property
    def newest(self) -> str:
        return max([self.gone, *(clock for _, clock in self.fields.values())])

    def value(self, name: str) -> Any:
        return self.fields.get(name, (None, ZERO))[0]

    def copy(self) -> "Version":
        return Version(self.kind, dict(self.fields), self.gone)

    def same(self, other: "Version") -> bool:
        return (
            (self.kind, self.gone) == (other.kind, other.gone)
            and self.fields.keys() == other.fields.keys()
            and all(_equal(pair, other.fields[name]) for name, pair in self.fields.items())
        )


def write(version: Version) -> bytes:
    fields = {
        name: [value, None if clock == ZERO else clock] for name, (value, clock) in version.fields.items()
    }
    whole = {"kind": version.kind, "v": 1, "fields": fields, "gone": version.gone or None}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def read(plain: bytes) -> Version:
    """Parse a record. Raises NoRecordError and NewerFormError."""
    try:
        whole = json.loads(plain, parse_constant=_refuse)
        kind, form, fields, gone = (whole[name] for name in ("kind", "v", "fields", "gone"))
        if type(form) is int and form > 1:
            raise NewerFormError(form)
        if not (isinstance(kind, str) and kind and type(form) is int and form == 1):
            raise NoRecordError("kind or v")
        pairs = {name: (value, _clock(clock)) for name, (value, clock) in fields.items()}
        for value, _ in pairs.values():
            _check(value, DEEPEST)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NoRecordError(str(error)) from error
    deletion = "" if gone is None else _clock(gone)
    return Version(kind, _after(pairs, deletion), deletion)


def _refuse(constant: str) -> Any:
    raise NoRecordError(constant)


def _clock(clock: Any) -> str:
    if clock is None:
        return ZERO
    if not (isinstance(clock, str) and CLOCK.fullmatch(clock)):
        raise NoRecordError("clock")
    return clock


def _check(value: Any, depth: int) -> None:
    if isinstance(value, (int, float)):
        try:
            if not math.isfinite(float(value)):
                raise NoRecordError("number")
        except OverflowError as error:
            raise NoRecordError("number") from error
    elif isinstance(value, (list, dict)):
        if depth == 0:
            raise NoRecordError("too deep")
        for each in value.values() if isinstance(value, dict) else value:
            _check(each, depth - 1)


def canonical(value: Any) -> str:
    """Encode as canonical JSON (RFC 8785)."""
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, float)):
        return _number(float(value))
    if isinstance(value, list):
        return f"[{','.join(map(canonical, value))}]"
    members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be", "surrogatepass"))
    return f"{{{','.join(f'{canonical(name)}:{canonical(each)}' for name, each in members)}}}"


def _number(value: float) -> str:
    """Format a number as ECMAScript does."""
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text, point = "".join(map(str, digits)), len(digits) + exponent
    if 0 < point <= 21:
        whole = text[:point].ljust(point, "0") + (f".{text[point:]}" if point < len(text) else "")
    elif -6 < point <= 0:
        whole = f"0.{'0' * -point}{text}"
    else:
        whole = f"{text[0]}{f'.{text[1:]}' if text[1:] else ''}e{point - 1:+d}"
    return f"-{whole}" if sign else whole


def rank(pair: Pair) -> tuple[str, bytes]:
    """Sort key of a field's pairs: the greatest wins."""
    return pair[1], canonical(pair[0]).encode("utf-8", "surrogatepass")


def _equal(one: Pair, other: Pair) -> bool:
    return one is other or rank(one) == rank(other)


def newer(one: dict[str, Pair], other: dict[str, Pair]) -> dict[str, Pair]:
    """The winning pair of each field."""
    joined = dict(one)
    for name, pair in other.items():
        joined[name] = max(joined.get(name, pair), pair, key=rank)
    return joined


def merge(one: Version, other: Version) -> Version:
    if one.kind != other.kind:
        return max(one, other, key=lambda version: version.kind.encode()).copy()
    gone = max(one.gone, other.gone)
    return Version(one.kind, _after(newer(one.fields, other.fields), gone), gone)


def _after(fields: dict[str, Pair], gone: str) -> dict[str, Pair]:
    return {name: pair for name, pair in fields.items() if pair[1] > gone}


def delete(version: Version, gone: str) -> Version:
    return merge(version, Version(version.kind, {}, gone))


def successor(clock: str) -> str:
    milliseconds, counter, node = clock.split("-")
    if len(node) < 32:
        return f"{clock}0"
    if counter != "ffff":
        return f"{milliseconds}-{int(counter, 16) + 1:04x}-0"
    return f"{int(milliseconds) + 1:013d}-0000-0"


def restore_fields(version: Version, lost: dict[str, Pair]) -> Version:
    """Restore the fields that a record lost when it was deleted."""
    first = successor(version.gone)
    anew = {
        name: (value, first if clock == ZERO else successor(first))
        for name, (value, clock) in lost.items()
        if name not in version.fields
    }
    return Version(version.kind, version.fields | anew, version.gone)
