"""The canonical form of a JSON value, RFC 8785 (JCS), used to order two values with the same clock.

Implemented here because this is its only use, and a package would have to be shipped to every browser.
"""

import json
import sys
from decimal import Decimal
from typing import Any

_text = json.JSONEncoder(ensure_ascii=False).encode  # escapes exactly as RFC 8785


def canonical_json(value: Any) -> bytes:
    """Compact UTF-8 with members sorted by the UTF-16 code units of their names. Comparable bytewise.

    Numbers are IEEE 754 doubles in ECMAScript notation.
    """
    return _canonical(value).encode(errors="surrogatepass")


def _canonical(value: Any) -> str:
    match value:
        case dict():
            names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
            return "{" + ",".join(f"{_text(name)}:{_canonical(value[name])}" for name in names) + "}"
        case list():
            return "[" + ",".join(map(_canonical, value)) + "]"
        case str():
            return _text(value)
        case bool() | None:
            return json.dumps(value)
        case _:
            return _number(value)


def _number(value: float) -> str:
    """ECMAScript's Number::toString: the shortest digits that parse to the same double."""
    if value == 0:
        return "0"
    largest = sys.float_info.max
    sign, digits, exponent = Decimal(repr(float(max(-largest, min(value, largest))))).as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    point = len(digits) + int(exponent)  # the value is 0.<text> × 10^point
    if len(text) <= point <= 21:
        body = text + "0" * (point - len(text))
    elif 0 < point <= 21:
        body = f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        body = f"0.{'0' * -point}{text}"
    else:
        mantissa = text[0] + (f".{text[1:]}" if len(text) > 1 else "")
        body = f"{mantissa}e{point - 1:+d}"
    return ("-" if sign else "") + body
