"""Records, labels and reminders as sealed boxes: their contents and their associated data.

A box is a nonce (12 bytes), the ciphertext and the tag (16) of AES-256-GCM over compact JSON:
`{"kind", "v", "fields": {name: [value, clock]}, "gone": clock or null}`. The record's id is the associated
data, so that no server can swap two boxes. The platform provides the cipher: WebCrypto, or `cryptography`.
"""

import json
import math
from collections.abc import Sequence
from typing import Any, NoReturn

from app.platform.base import Sealer
from app.store.changes import RecordState
from app.store.clock import parse
from app.store.sync.record_states import ZERO_TIMESTAMP
from app.sync.keyring import open_dated

VERSION = 1
DEEPEST = 64
"""Maximum nesting of lists and mappings, well below Python's recursion limit."""


class NewerBoxError(Exception):
    """Sealed by a newer version of the app, in an unknown format."""


async def seal_records(sealer: Sealer, states: Sequence[RecordState]) -> list[bytes]:
    """A box for each record, in order."""
    return await sealer.seal([(_record(state.id), _to_json(_content(state))) for state in states])


async def open_records(sealer: Sealer, boxes: Sequence[tuple[str, bytes]]) -> list[bytes | None]:
    """The contents of (id, box) pairs, for `read_record`; None for a box that cannot be opened."""
    return await sealer.open([(_record(id_), box) for id_, box in boxes])


async def open_dated_records(
    sealer: Sealer, boxes: Sequence[tuple[str, bytes]], oldest: int
) -> list[tuple[bytes | None, int]]:
    """Like `open_records`, with the epoch of each box's key. Keys before epoch `oldest` are not tried."""
    return await open_dated(sealer, [(_record(id_), box) for id_, box in boxes], oldest)


def read_record(id_: str, plain: bytes | None) -> RecordState | None:
    """Parse an opened box; None if it is malformed. Raises NewerBoxError."""
    content = _from_json(plain)
    if not isinstance(content, dict):
        return None
    if isinstance(content.get("v"), int) and content["v"] > VERSION:
        raise NewerBoxError(f"{id_} is sealed in version {content['v']}")
    kind, fields, gone = content.get("kind"), content.get("fields"), content.get("gone")
    if not isinstance(kind, str) or not kind or not isinstance(fields, dict):
        return None
    try:
        for pair in fields.values():
            _check_pair(pair)
        if gone is not None:
            parse(gone)
    except (TypeError, ValueError):
        return None
    if gone is not None:
        fields = {name: pair for name, pair in fields.items() if pair[1] > gone}
    return RecordState(id_, kind, fields, gone)


async def seal_label(sealer: Sealer, device: str, name: str) -> bytes:
    """The box of a device's name."""
    return (await sealer.seal([(_device(device), _to_json({"name": name, "v": VERSION}))]))[0]


async def open_label(sealer: Sealer, device: str, box: bytes) -> str:
    """The device's name; empty if the label cannot be opened."""
    plain = (await sealer.open([(_device(device), box)]))[0]
    content = _from_json(plain)
    name = content.get("name") if isinstance(content, dict) else None
    return name if isinstance(name, str) else ""


async def seal_reminders(sealer: Sealer, contents: Sequence[tuple[str, dict[str, Any]]]) -> list[bytes]:
    """The boxes of (id, notification) pairs, to be opened by service workers."""
    return await sealer.seal(
        [(f"reminder:{id_}".encode(), _to_json({"v": VERSION} | content)) for id_, content in contents]
    )


def _record(id_: str) -> bytes:
    return f"record:{id_}".encode()


def _device(id_: str) -> bytes:
    return f"device:{id_}".encode()


def _content(state: RecordState) -> dict[str, Any]:
    return {"kind": state.kind, "v": VERSION, "fields": state.fields, "gone": state.gone}


def _to_json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")


def _from_json(plain: bytes | None) -> Any:
    try:
        return _decode((plain or b"null").decode(errors="surrogatepass"))
    except (ValueError, RecursionError):
        return None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


_decode = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite).decode


def _is_shallow(value: Any, levels: int = DEEPEST) -> bool:
    if not isinstance(value, list | dict):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_shallow(each, levels - 1) for each in inner)


def _check_pair(pair: Any) -> None:
    """Raise ValueError or TypeError unless `pair` is [value, clock]; a null clock becomes the oldest."""
    if type(pair) is not list:
        raise TypeError("not a list")
    value, clock = pair
    if value and isinstance(value, list | dict) and not _is_shallow(value):
        raise ValueError("nested too deep")
    if clock is None:
        pair[1] = ZERO_TIMESTAMP
    else:
        parse(clock)
