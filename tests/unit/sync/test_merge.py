"""Merging: the newer clock wins each field, a deletion takes what is older."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.store.changes import RecordState
from app.sync.merge import merge


def stamp(number: int) -> str:
    return f"{number:013d}-0000-node"


def state(gone: int | None = None, **fields: tuple[Any, int]) -> RecordState:
    pairs = {name: [value, stamp(clock)] for name, (value, clock) in fields.items()}
    return RecordState("r", "client", pairs, None if gone is None else stamp(gone))


fields = st.dictionaries(
    st.sampled_from("abc"),
    st.tuples(st.integers(0, 3), st.integers(0, 9)).map(lambda pair: [pair[0], stamp(pair[1])]),
)
states = st.builds(lambda fields: RecordState("r", "client", fields), fields) | st.builds(
    lambda number: RecordState("r", "client", gone=stamp(number)), st.integers(0, 9)
)


def test_two_peoples_edits_of_different_fields_both_stay() -> None:
    base = {"title": ("Page", 1), "notes": ("", 1)}
    one, other = state(**base | {"title": ("Site", 2)}), state(**base | {"notes": ("red", 3)})
    assert merge(one, other) == state(title=("Site", 2), notes=("red", 3))


def test_a_deletion_takes_what_is_older_and_yields_to_what_is_newer() -> None:
    kept = state(name=("Ana", 1), notes=("old", 2))
    assert merge(kept, state(gone=5)) == state(gone=5)
    edited = state(name=("Ana", 1), notes=("new", 6))
    assert merge(edited, state(gone=5)) == edited
    assert merge(edited, state(gone=7)) == state(gone=7)


def test_what_nobody_here_knows_is_merged_like_the_rest() -> None:
    one = RecordState("r", "invention", {"spin": [{"left": 1}, stamp(1)]})
    other = RecordState("r", "invention", {"spin": [{"left": 2}, stamp(2)], "colour": ["red", stamp(1)]})
    assert merge(one, other) == other


@given(states, states)
def test_it_makes_no_difference_which_comes_first_or_how_often(one: RecordState, other: RecordState) -> None:
    merged = merge(one, other)
    assert merged == merge(other, one)
    assert merge(merged, one) == merge(merged, other) == merge(merged, merged) == merged


@given(states, states)
def test_a_merge_never_goes_back(one: RecordState, other: RecordState) -> None:
    merged = merge(one, other)
    assert merged.newest == max(one.newest, other.newest)
    for name, (_, clock) in merged.fields.items():
        assert clock >= max(each.fields.get(name, [0, ""])[1] for each in (one, other))
