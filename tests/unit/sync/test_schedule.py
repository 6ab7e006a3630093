"""When to meet the server."""

from itertools import pairwise

import pytest

from app.sync.addresses import server_address
from app.sync.schedule import DEBOUNCE, LONGEST_RETRY, PATIENCE, POLL, Schedule


@pytest.fixture
def schedule() -> Schedule:
    return Schedule(lambda: 0.5)


def test_changes_are_gathered_but_not_for_ever(schedule: Schedule) -> None:
    for second in range(30):
        schedule.changed(100.0 + second)
    assert schedule.due == 100 + PATIENCE
    schedule.started()
    schedule.changed(200.0)
    assert schedule.due == 200 + DEBOUNCE


def test_in_the_foreground_it_looks_now_and_then_and_in_the_background_not(schedule: Schedule) -> None:
    schedule.succeeded(100.0)
    assert schedule.due == 100 + POLL
    schedule.started()
    schedule.look(100.0, foreground=False)
    schedule.succeeded(100.0)
    assert schedule.due is None
    schedule.look(500.0, foreground=True)
    assert schedule.due == 500


def test_failures_wait_longer_and_longer_and_changes_do_not_shorten_that(schedule: Schedule) -> None:
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
    schedule.asked(now)
    assert schedule.due == now


def test_two_devices_do_not_come_back_at_the_same_moment() -> None:
    one, other = Schedule(lambda: 0.1), Schedule(lambda: 0.9)
    for schedule in (one, other):
        schedule.failed(100.0)
    assert one.due != other.due


def test_what_the_server_asks_for_is_waited_for_whoever_asks(schedule: Schedule) -> None:
    schedule.failed(100.0, retry_after=40)
    assert schedule.due == 140
    schedule.started()
    schedule.asked(110.0)
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
def test_addresses_as_people_type_them(typed: str, address: str) -> None:
    assert server_address(typed, "") == address
    assert server_address(typed, "https://own.example") == "https://own.example"
