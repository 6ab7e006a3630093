"""Servers with a wrong clock, briefly or for long: no reminder is lost."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.server.ops.steady_clock import CONFIRM_SECONDS, SteadyClock
from tests.server.devices import problem, reminder
from tests.server.processes import environment, serving_process
from tests.server.ringing import Clock, Ringing, ringing
from tests.server.sink import Answer
from tests.server.test_dispatch import figure

TWO_DAYS = timedelta(days=2)
WARNINGS = ["the system's clock jumped; going on without it"]


@dataclass
class Machine:
    """A machine's system and monotonic clocks, and the steady clock of a server on it."""

    system: Clock = field(default_factory=Clock)
    seconds: float = 0

    def __post_init__(self) -> None:
        self.steady = SteadyClock(self.system, lambda: self.seconds)

    @property
    def now(self) -> datetime:
        return self.steady()

    def __call__(self) -> datetime:
        return self.steady()

    def pass_by(self, **time: float) -> None:
        self.seconds += timedelta(**time).total_seconds()
        self.system.pass_by(**time)

    def jump(self, by: timedelta) -> None:
        self.system.now += by


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def rings(machine: Machine, web: Path, database: dict[str, Any]) -> Iterator[Ringing]:
    with ringing(web, machine, **database) as found:
        yield found


@pytest.mark.parametrize("by", [TWO_DAYS, -TWO_DAYS], ids=["ahead", "back"])
def test_a_short_jump_is_ignored(machine: Machine, by: timedelta, caplog: pytest.LogCaptureFixture) -> None:
    before = machine()
    machine.jump(by)
    for _ in range(6):
        machine.pass_by(seconds=0.5)
        machine()
    assert machine() == before + timedelta(seconds=3)
    assert machine.steady.offset == by.total_seconds()
    machine.jump(-by)
    assert machine() == before + timedelta(seconds=3)
    assert machine.steady.offset == 0
    assert [record.message for record in caplog.records] == [*WARNINGS, "the system's clock is back"]


def test_a_lasting_jump_is_followed_after_a_while(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    machine.jump(TWO_DAYS)
    before = machine()
    machine.pass_by(seconds=CONFIRM_SECONDS - 1)
    assert machine() == before + timedelta(seconds=CONFIRM_SECONDS - 1)
    machine.pass_by(seconds=1)
    assert machine() == machine.system.now
    assert len(caplog.records) == 2
    # Another jump restarts the period.
    machine.jump(-TWO_DAYS)
    machine.pass_by(seconds=1)
    assert machine() == machine.system.now + TWO_DAYS


def test_a_clock_that_keeps_jumping_is_not_followed(machine: Machine) -> None:
    before = machine()
    for _ in range(10):
        machine.jump(timedelta(hours=1))
        machine.pass_by(seconds=CONFIRM_SECONDS / 2)
        machine()
    assert machine() == before + timedelta(seconds=5 * CONFIRM_SECONDS)


def test_small_corrections_are_followed_at_once(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(100):
        machine.jump(timedelta(seconds=59))
        machine.pass_by(seconds=1)
        assert machine() == machine.system.now
    assert caplog.records == []


def test_a_clock_two_days_ahead_for_three_seconds_costs_no_reminder(rings: Ringing, machine: Machine) -> None:
    device, browser = rings.device()
    soon, later = (reminder(machine.now + timedelta(minutes=each)) for each in (1, 60))
    rev = device.put(soon, later)
    rings.round()
    machine.jump(TWO_DAYS)
    for _ in range(3):
        machine.pass_by(seconds=1)
        rings.round()
        # A device that changes its plan now gets times from the same clock.
        assert device.put() == rev
    machine.jump(-TWO_DAYS)
    machine.pass_by(seconds=56)
    rings.round()
    assert rings.sink.pushes(browser) == []
    machine.pass_by(seconds=1)
    rings.round()
    machine.pass_by(hours=1)
    rings.round()
    assert [browser.read(push)["id"] for push in rings.sink.pushes(browser)] == [soon["id"], later["id"]]


def test_reminders_expired_by_a_wrong_clock_are_scheduled_again(rings: Ringing, machine: Machine) -> None:
    device, browser = rings.device()
    other = device.another()
    planned = [reminder(machine.now + timedelta(minutes=number)) for number in range(1, 502)][:500]
    device.put(*planned[:250])
    device.put(*planned[250:])
    other.plan = device.plan
    machine.jump(TWO_DAYS)
    rings.round()
    machine.pass_by(seconds=CONFIRM_SECONDS)
    machine()
    missed = rings.figure("reminders_missed_total")
    rings.round()  # the jump is followed by now
    assert rings.sink.pushes(browser) == []
    assert rings.figure("reminders_missed_total") == missed + 500
    machine.jump(-TWO_DAYS)
    rings.round()
    machine.pass_by(seconds=CONFIRM_SECONDS)
    machine()
    for each in (device, other):
        refused = each.change_plan()
        assert problem(refused) == (409, "plan")
        assert refused.json()["ids"] == []
    device.plan = refused.json()["rev"]
    device.put(*[each for each in planned if each["fire_at"] > f"{machine.now:%Y-%m-%dT%H:%M:%SZ}"][:3])
    machine.pass_by(minutes=30)
    rings.round()
    assert len(rings.sink.pushes(browser)) == 3


def test_a_plan_change_before_the_sweep_reveals_reminders_that_expired_unheard(
    rings: Ringing, machine: Machine
) -> None:
    device, _browser = rings.device()
    device.put(reminder(machine.now + timedelta(minutes=1)))
    machine.pass_by(hours=3)  # without a dispatcher round
    added = reminder(machine.now + timedelta(hours=1))
    device.put(added)
    refused = device.change_plan(reminder(machine.now + timedelta(hours=1)))
    assert (problem(refused), refused.json()["ids"]) == ((409, "plan"), [added["id"]])
    device.plan = refused.json()["rev"]
    rev = device.put(reminder(machine.now + timedelta(hours=1)))
    # Expiry of rung reminders doesn't change the revision.
    machine.pass_by(hours=1)
    rings.round()
    machine.pass_by(hours=3)
    rings.round()
    assert device.change_plan().json() == {"rev": rev}


def test_a_vapid_token_from_the_future_is_not_used_once_the_clock_is_back(
    rings: Ringing, machine: Machine
) -> None:
    device, browser = rings.device()

    def expiry() -> datetime:
        device.put(reminder(machine.now))
        rings.round()
        token = rings.sink.pushes(browser)[-1].headers["authorization"].split(".")[1]
        return datetime.fromtimestamp(json.loads(base64.urlsafe_b64decode(token + "=="))["exp"], UTC)

    for by in (TWO_DAYS, -TWO_DAYS):
        machine.jump(by)
        machine()
        machine.pass_by(seconds=CONFIRM_SECONDS)
        left = expiry() - machine.system.now
        assert timedelta(hours=6) <= left <= timedelta(hours=12)


def test_a_delivery_postponed_into_the_future_is_retried_once_the_clock_is_back(
    rings: Ringing, machine: Machine
) -> None:
    device, browser = rings.device()
    machine.jump(TWO_DAYS)
    machine()
    machine.pass_by(seconds=CONFIRM_SECONDS)
    machine()
    rings.sink.will(browser.path, Answer(503))
    device.put(reminder(machine.now, lasts=timedelta(days=3)))
    rings.round()
    machine.jump(-TWO_DAYS)
    machine()
    machine.pass_by(seconds=CONFIRM_SECONDS)
    for _ in range(2):
        rings.round()
    assert len(rings.sink.pushes(browser)) == 2


@pytest.mark.parametrize("command", ["serve", "dispatch"])
def test_metrics_show_the_clock_offset(web: Path, tmp_path: Path, command: str) -> None:
    variables = environment({"data": tmp_path}, web) | {"KAERU_METRICS_TOKEN": "metrics-token-of-a-test"}
    with serving_process(tmp_path / "log", command, **variables) as process:
        assert figure(process, "kaeru_clock_offset_seconds") == 0
        assert figure(process, "kaeru_reminders_missed_total") == 0
