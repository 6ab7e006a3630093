"""The hybrid logical clock: timestamps only increase, and sort as text."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.store.clock import LATEST_MS, MAX_COUNTER, ClockDriftError, HybridClock, Stamp, parse
from tests.unit.store.support import NOON, Clock

stamps = st.builds(
    Stamp,
    st.integers(0, 10**13 - 1),
    st.integers(0, MAX_COUNTER),
    st.text("0123456789abcdef", min_size=8, max_size=8),
)


@given(st.lists(st.integers(-(10**9), 10**9), max_size=60))
def test_timestamps_increase_even_if_the_wall_clock_jumps(jumps: list[int]) -> None:
    wall = Clock()
    clock = HybridClock(wall, "aaaaaaaa")
    made = [clock.tick()]
    for jump in jumps:
        wall.now = NOON + timedelta(milliseconds=jump)
        made.append(clock.tick())
    assert made == sorted(set(made))


@given(stamps, stamps)
def test_timestamps_sort_the_same_as_text(one: Stamp, other: Stamp) -> None:
    assert (str(one) < str(other)) == (one < other)
    assert parse(str(one)) == one


@given(stamps.filter(lambda stamp: stamp.milliseconds <= LATEST_MS))
@example(Stamp(LATEST_MS, MAX_COUNTER, "ffffffff"))
def test_a_timestamp_is_newer_than_observed_ones(seen: Stamp) -> None:
    clock = HybridClock(Clock(), "aaaaaaaa")
    clock.resume(str(seen))
    assert parse(clock.tick()) > seen


def test_resuming_from_the_last_possible_timestamp_is_rejected() -> None:
    clock = HybridClock(Clock(), "aaaaaaaa")
    with pytest.raises(ValueError, match="follow"):
        clock.resume(str(Stamp(10**13 - 1, MAX_COUNTER, "aaaaaaaa")))
    assert parse(clock.tick()).milliseconds == int(NOON.timestamp() * 1000)


def test_a_wall_clock_after_the_latest_time_gives_valid_increasing_timestamps() -> None:
    clock = HybridClock(Clock(datetime(2400, 1, 1, tzinfo=UTC)), "aaaaaaaa")
    made = [clock.tick() for _ in range(3)]
    assert made == sorted(set(made))
    assert [str(parse(stamp)) for stamp in made] == made
    assert parse(clock.latest_accepted()) > parse(made[-1])


def test_two_devices_never_produce_the_same_timestamp() -> None:
    wall = Clock()
    one, other = HybridClock(wall, "aaaaaaaa"), HybridClock(wall, "bbbbbbbb")
    made = [clock.tick() for clock in (one, other) for _ in range(100)]
    assert len(set(made)) == 200


def test_a_slow_clock_advances_past_another_devices_timestamp() -> None:
    fast, slow = HybridClock(Clock(NOON + timedelta(hours=1)), "aaaaaaaa"), HybridClock(Clock(), "bbbbbbbb")
    theirs = fast.tick()
    slow.observe(theirs)
    assert slow.tick() > theirs


def test_a_timestamp_days_ahead_is_rejected_and_the_clock_is_unchanged() -> None:
    clock = HybridClock(Clock(), "aaaaaaaa")
    clock.tick()
    last = clock.last
    with pytest.raises(ClockDriftError):
        clock.observe(HybridClock(Clock(NOON + timedelta(days=2)), "bbbbbbbb").tick())
    assert clock.last == last


def test_the_counter_overflows_into_the_next_millisecond() -> None:
    clock = HybridClock(Clock(), "aaaaaaaa")
    full = str(Stamp(int(NOON.timestamp() * 1000), MAX_COUNTER, "aaaaaaaa"))
    clock.resume(full)
    assert clock.tick() > full
    assert parse(clock.tick()).milliseconds == int(NOON.timestamp() * 1000) + 1


@pytest.mark.parametrize(
    "text",
    ["", "1-0000-a", "0000000000000-0000-", "0000000000000-000g-a", "x" * 30, "0000000000000-0000-A\n"],
)
def test_malformed_timestamps_are_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="stamp"):
        parse(text)


def test_a_timestamp_contains_the_wall_clock_time() -> None:
    made = parse(HybridClock(Clock(), "aaaaaaaa").tick())
    assert datetime.fromtimestamp(made.milliseconds / 1000, UTC) == NOON
