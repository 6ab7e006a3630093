"""The engine against the protocol's server in memory: quick enough for many histories."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.domain.entities import Client
from tests.unit.store.support import Clock
from tests.unit.sync.convergence import Convergence
from tests.unit.sync.support import KEY, SERVER, FakeServer

ANSWER_LOST = 34
"""A seed of a network of loss 0.8 that loses the answer to the second request."""


def machine() -> Convergence:
    clock = Clock()
    return Convergence(FakeServer(clock, page=3), KEY, SERVER, clock)


def test_devices_converge_and_lose_nothing_whatever_happens_to_them() -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=40,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking whole histories takes minutes
        ),
    )


def test_a_text_overwritten_before_it_was_sent_yields_to_the_later_one_whatever_their_stamps() -> None:
    """A device six hours ahead, then six hours behind: the repaired stamp may be older than an unsent one."""
    history = machine()
    history.enter()
    history.save(1, "client", "2", None)
    history.set_clock(1, 6)
    history.edit(1, "client", "2", 0)
    history.set_clock(1, -6)
    history.live_years_ahead(1, "2", seed=0, loss=2.0)
    history.check()
    assert {device.store.get(Client, "c2").name for device in history.devices} == {f"text {history.counter}"}
    history.teardown()


def test_a_text_repaired_after_another_was_sent_is_the_later_one() -> None:
    """The answer to the repaired text is lost; the clock goes back and is years ahead once more."""
    history = machine()
    history.enter()
    history.save(1, "client", "2", None)
    history.sync_once(1, seed=0, loss=0.0)
    history.network.boxes.clear()
    history.set_clock(1, 6)
    history.live_years_ahead(1, "2", seed=ANSWER_LOST, loss=0.8)
    assert history.network.boxes["c2"]
    history.set_clock(1, -6)
    history.live_years_ahead(1, "2", seed=0, loss=2.0)
    history.check()
    assert {device.store.get(Client, "c2").name for device in history.devices} == {f"text {history.counter}"}
    history.teardown()
