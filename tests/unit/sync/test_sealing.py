"""Boxes: only holders of the key can open them, with the original contents."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platform.native import NativeSealer
from app.platform.web import pack, unpack
from app.store.changes import RecordState
from app.store.sync.record_states import ZERO_TIMESTAMP
from app.sync.sealing import (
    NewerBoxError,
    open_label,
    open_records,
    read_record,
    seal_label,
    seal_records,
)
from tests.unit.sync.support import run

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
STAMP, LATER = "1781092800000-0000-nodea", "1781092800001-0000-nodea"

sealer = NativeSealer(bytes.fromhex(VECTORS["sealing"]))


def in_box(content: object, id_: str = "c1") -> tuple[str, bytes]:
    plain = content if isinstance(content, bytes) else json.dumps(content).encode()
    return id_, run(sealer.seal([(f"record:{id_}".encode(), plain)]))[0]


def opened(*boxes: tuple[str, bytes]) -> Sequence[RecordState | None]:
    plain = run(open_records(sealer, boxes))
    return [read_record(id_, each) for (id_, _), each in zip(boxes, plain, strict=True)]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.text(min_size=1), values.map(lambda value: [value, STAMP])), st.text(min_size=1))
def test_any_record_survives_sealing_and_opening(fields: dict[str, list[object]], kind: str) -> None:
    state = RecordState("c1", kind, fields)
    box = run(seal_records(sealer, [state]))[0]
    assert opened(("c1", box)) == [state]


def test_boxes_match_the_published_vectors() -> None:
    items = [(each["associated"].encode(), bytes.fromhex(each["box"])) for each in VECTORS["boxes"]]
    assert run(sealer.open(items)) == [each["plain"].encode() for each in VECTORS["boxes"]]
    refused = [(each["associated"].encode(), bytes.fromhex(each["box"])) for each in VECTORS["unopened"]]
    assert run(sealer.open(refused)) == [None] * len(refused)


def test_a_box_cannot_be_opened_for_another_record_or_with_another_key() -> None:
    id_, box = in_box({"kind": "client", "v": 1, "fields": {}, "gone": None})
    assert opened((id_, box), ("c2", box))[1] is None
    stranger = NativeSealer(bytes(32))
    assert run(open_records(stranger, [(id_, box)])) == [None]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        {},
        {"kind": "", "v": 1, "fields": {}, "gone": None},
        {"kind": 1, "v": 1, "fields": {}, "gone": None},
        {"kind": "client", "v": 1, "fields": [], "gone": None},
        {"kind": "client", "v": 1, "fields": {"name": "Ana"}, "gone": None},
        {"kind": "client", "v": 1, "fields": {"name": ["Ana", "soon"]}, "gone": None},
        {"kind": "client", "v": 1, "fields": {}, "gone": "never"},
        b'{"kind": "client", "v": 1, "fields": {"rate": [NaN, null]}, "gone": null}',
        b'{"kind": "client", "v": 1, "fields": {"rate": [1e400, null]}, "gone": null}',
        b'{"kind": "client", "v": 1, "fields": {"rate": [%b, null]}, "gone": null}' % (b"[" * 65 + b"]" * 65),
    ],
)
def test_malformed_contents_are_unreadable(content: object) -> None:
    assert opened(in_box(content)) == [None]


def test_a_restored_record_is_read_with_its_deletion_and_newer_fields_only() -> None:
    fields = {"name": ["Ana", STAMP], "notes": ["new", LATER], "phone": ["1", None]}
    box = in_box({"kind": "client", "v": 1, "fields": fields, "gone": STAMP})
    assert opened(box) == [RecordState("c1", "client", {"notes": ["new", LATER]}, STAMP)]


def test_a_value_nested_64_deep_is_read() -> None:
    deep = b'{"kind": "client", "v": 1, "fields": {"rate": [%b, null]}, "gone": null}'
    assert opened(in_box(deep % (b"[" * 64 + b"]" * 64)))[0] is not None


def test_a_value_without_a_clock_gets_the_zero_timestamp() -> None:
    box = in_box({"kind": "client", "v": 1, "fields": {"name": ["Ana", None]}, "gone": None})
    assert opened(box)[0].fields == {"name": ["Ana", ZERO_TIMESTAMP]}


def test_a_box_of_a_newer_version_raises_an_error() -> None:
    with pytest.raises(NewerBoxError):
        opened(in_box({"v": 2, "whatever": True}))


def test_labels_are_sealed_for_one_device() -> None:
    label = run(seal_label(sealer, "d1", "電話"))
    assert "電話".encode() not in label
    assert run(open_label(sealer, "d1", label)) == "電話"
    assert run(open_label(sealer, "d2", label)) == ""


@given(st.lists(st.tuples(st.binary(max_size=50), st.binary(max_size=50))))
def test_packing_and_unpacking_are_inverse(items: list[tuple[bytes, bytes]]) -> None:
    assert unpack(pack(items)) == [part for item in items for part in item]
