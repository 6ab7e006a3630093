"""Merging: the newer clock wins per field; a deletion removes older fields and is kept."""

import json
import random
import re
import struct
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store.changes import RecordState
from app.store.clock import following, parse
from app.sync.canonical import canonical_json
from app.sync.merge import merge
from app.sync.sealing import read_record

PROTOCOL = (Path(__file__).resolve().parents[3] / "docs" / "protocol.md").read_text()
(WRITTEN,) = re.findall(r"## Test vectors.*?```json\n(.*?)```", PROTOCOL, re.DOTALL)
VECTORS: dict[str, Any] = json.loads(WRITTEN)


def stamp(number: int) -> str:
    return f"{number:013d}-0000-node"


def state(gone: int | None = None, **fields: tuple[Any, int]) -> RecordState:
    pairs = {name: [value, stamp(clock)] for name, (value, clock) in fields.items()}
    return RecordState("r", "client", pairs, None if gone is None else stamp(gone))


def content(state: RecordState | None) -> str:
    """A version as text that distinguishes `1`, `1.0` and `true`."""
    assert state is not None
    return json.dumps([state.kind, state.gone, state.fields], sort_keys=True)


def written(version: dict[str, Any]) -> RecordState | None:
    return read_record("r", json.dumps(version | {"v": 1}).encode())


values = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, 2**53 + 1, 2**53 + 2, "", "é", "z", "\n"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=3,
)
versions = st.builds(
    lambda kind, fields, gone: RecordState(
        "r", kind, {name: pair for name, pair in fields.items() if pair[1] > (gone or "")}, gone
    ),
    st.sampled_from(["client", "client", "client", "client", "job"]),
    st.dictionaries(
        st.sampled_from("abc"),
        st.tuples(values, st.integers(0, 5)).map(lambda pair: [pair[0], stamp(pair[1])]),
    ),
    st.none() | st.integers(0, 5).map(stamp),
)


def test_edits_of_different_fields_are_both_kept() -> None:
    base = {"title": ("Page", 1), "notes": ("", 1)}
    one, other = state(**base | {"title": ("Site", 2)}), state(**base | {"notes": ("red", 3)})
    assert merge(one, other) == state(title=("Site", 2), notes=("red", 3))


def test_a_deletion_removes_older_fields_only_and_is_kept() -> None:
    kept = state(name=("Ana", 1), notes=("old", 2))
    assert merge(kept, state(gone=5)) == state(gone=5)
    edited = state(name=("Ana", 1), notes=("new", 6))
    assert merge(edited, state(gone=5)) == state(gone=5, notes=("new", 6))
    assert merge(edited, state(gone=7)) == state(gone=7)


def test_three_versions_merge_the_same_in_every_order() -> None:
    named, deleted, noted = state(name=("Ana", 1), phone=("1", 1)), state(gone=5), state(note=("x", 6))
    together = state(gone=5, note=("x", 6))
    assert merge(merge(named, deleted), noted) == merge(merge(named, noted), deleted) == together
    assert merge(merge(deleted, noted), named) == together


def test_unknown_fields_and_kinds_are_merged() -> None:
    one = RecordState("r", "invention", {"spin": [{"left": 1}, stamp(1)]})
    other = RecordState("r", "invention", {"spin": [{"left": 2}, stamp(2)], "colour": ["red", stamp(1)]})
    assert merge(one, other) == other


@given(st.lists(versions, min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_merging_is_associative_commutative_and_idempotent(
    given_versions: list[RecordState], chance: random.Random
) -> None:
    expected = reduce(merge, given_versions)
    pile = [*given_versions, *chance.choices(given_versions, k=3)]
    while len(pile) > 1:
        chance.shuffle(pile)
        pile.append(merge(pile.pop(), pile.pop()))
    assert content(pile[0]) == content(expected)
    assert all(content(merge(expected, each)) == content(expected) for each in given_versions)


@given(versions, versions)
def test_every_field_of_a_merge_is_newer_than_its_deletion(one: RecordState, other: RecordState) -> None:
    merged = merge(one, other)
    assert all(clock > (merged.gone or "") for _, clock in merged.fields.values())
    if one.kind == other.kind:
        assert merged.newest == max(one.newest, other.newest)


@pytest.mark.parametrize("case", VECTORS["merges"], ids=lambda case: str(case["about"]))
def test_merges_match_the_published_vectors(case: dict[str, Any]) -> None:
    one, other, result = map(written, (case["one"], case["other"], case["result"]))
    assert one is not None
    assert other is not None
    assert content(merge(one, other)) == content(merge(other, one)) == content(result)


@pytest.mark.parametrize(("value", "text"), VECTORS["canonical"])
def test_canonical_forms_match_the_published_vectors(value: Any, text: str) -> None:
    assert canonical_json(value) == text.encode()


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        # RFC 8785, appendix B
        ("0000000000000000", "0"), ("8000000000000000", "0"), ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"), ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"), ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"), ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"), ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef50", "1e+21"), ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"), ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555557", "333333333.33333343"), ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)  # fmt: skip
def test_numbers_match_the_examples_of_rfc_8785(bits: str, text: str) -> None:
    assert canonical_json(struct.unpack(">d", bytes.fromhex(bits))[0]) == text.encode()


@pytest.mark.parametrize(("clock", "successor"), VECTORS["successors"])
def test_successors_match_the_published_vectors(clock: str, successor: str) -> None:
    assert following(clock) == successor


@given(
    st.from_regex(r"[0-9]{13}-[0-9a-f]{4}-[0-9a-z]{1,31}", fullmatch=True),
    st.text("0123456789abcz", max_size=9),
)
def test_no_timestamp_is_between_one_and_its_successor(clock: str, more: str) -> None:
    later = following(clock)
    assert str(parse(later)) == later > clock
    assert not clock < clock + more < later or not more
