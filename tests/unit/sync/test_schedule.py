"""When to sync."""

from itertools import pairwise

import pytest

from app.sync.addresses import server_address
from app.sync.schedule import DEBOUNCE, LONGEST_RETRY, MAX_DELAY, POLL_INTERVAL, Schedule


@pytest.fixture
def schedule() -> Schedule:
    return Schedule(lambda: 0.5)


def test_changes_are_debounced_with_a_maximum_delay(schedule: Schedule) -> None:
    for second in range(30):
        schedule.changed(100.0 + second)
    assert schedule.due == 100 + MAX_DELAY
    schedule.started()
    schedule.changed(200.0)
    assert schedule.due == 200 + DEBOUNCE


def test_polling_happens_only_in_the_foreground(schedule: Schedule) -> None:
    schedule.succeeded(100.0)
    assert schedule.due == 100 + POLL_INTERVAL
    schedule.started()
    schedule.foreground_changed(100.0, foreground=False)
    schedule.succeeded(100.0)
    assert schedule.due is None
    schedule.foreground_changed(500.0, foreground=True)
    assert schedule.due == 500


def test_failures_back_off_and_changes_do_not_shorten_the_wait(schedule: Schedule) -> None:
    waits, now = [], 0.0
    for _ in range(12):
        schedule.started()
        schedule.failed(now)
        schedule.changed(now)
        waits.append(schedule.due - now)
        now = schedule.due
    assert all(before <= after for before, after in pairwise(waits))
    assert waits[0] < 3
    assert waits[-1] <= LONGEST_RETRY
    schedule.requested(now)
    assert schedule.due == now


def test_retries_have_jitter() -> None:
    one, other = Schedule(lambda: 0.1), Schedule(lambda: 0.9)
    for schedule in (one, other):
        schedule.failed(100.0)
    assert one.due != other.due


def test_retry_after_is_respected_on_request(schedule: Schedule) -> None:
    schedule.failed(100.0, retry_after=40)
    assert schedule.due == 140
    schedule.started()
    schedule.requested(110.0)
    assert schedule.due == 140


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("kaeru.example", "https://kaeru.example"),
        (" https://kaeru.example/ ", "https://kaeru.example"),
        ("https://home.example:8443/kaeru/", "https://home.example:8443/kaeru"),
        ("http://192.168.1.5:8000", "http://192.168.1.5:8000"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("ｋａｅｒｕ．example", "https://kaeru.example"),
    ],
)
def test_typed_addresses_are_normalised(typed: str, address: str) -> None:
    assert server_address(typed, "") == address
    assert server_address(typed, "https://own.example") == "https://own.example"


def test_the_return_of_the_network_resets_the_back_off(schedule: Schedule) -> None:
    now = fail_until(schedule, 1000.0)
    assert schedule.due > now + 100
    schedule.network_returned(now + 1)
    assert schedule.due == now + 1
    schedule.started()
    schedule.failed(now + 2)  # the network is back, but DNS is not
    assert schedule.due <= now + 4


def test_the_return_of_the_network_during_a_session_applies_after_it(schedule: Schedule) -> None:
    now = fail_until(schedule, 1000.0)
    schedule.started()
    schedule.network_returned(now)
    schedule.failed(now + 0.5)
    assert schedule.due == now + 0.5


@pytest.mark.parametrize("behind", [0.5, 2.5, 6.5])
def test_two_devices_sync_within_ten_seconds_after_the_network_returns(behind: float) -> None:
    """One sends `behind` seconds after the other's first session; each session takes half a second."""
    now = 1000.0
    schedule = Schedule(lambda: 1.0)
    fail_until(schedule, now)
    schedule.network_returned(now)
    looks = []
    while schedule.due is not None and schedule.due < now + 10:
        looks.append(schedule.due)
        schedule.started()
        schedule.succeeded(looks[-1] + 0.5)
    assert any(now + behind <= look <= now + 10 for look in looks)
    assert len(looks) == 3


def test_retry_after_is_respected_when_the_network_returns(schedule: Schedule) -> None:
    schedule.failed(100.0, retry_after=40)
    schedule.started()
    schedule.network_returned(110.0)
    assert schedule.due == 140


def test_a_request_during_a_session_is_scheduled_after_it(schedule: Schedule) -> None:
    schedule.started()
    schedule.requested(100.0)
    schedule.failed(130.0)
    assert schedule.due == 130


def test_coming_to_the_foreground_resets_the_back_off(schedule: Schedule) -> None:
    now = fail_until(schedule, 1000.0)
    schedule.foreground_changed(now, foreground=False)
    schedule.foreground_changed(now + 5, foreground=True)
    schedule.started()
    schedule.failed(now + 5)
    assert schedule.due <= now + 7


def fail_until(schedule: Schedule, now: float) -> float:
    """Simulate an outage of an hour that ends at `now`."""
    for _ in range(10):
        schedule.started()
        schedule.failed(now)
    return now
