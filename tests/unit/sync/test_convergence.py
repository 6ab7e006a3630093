"""The engine with the fake server: fast enough for many histories."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.domain.entities import Client
from tests.unit.store.support import Clock
from tests.unit.sync.convergence import Convergence
from tests.unit.sync.support import KEY, SERVER, FakeServer

ANSWER_LOST = 34
"""A seed for a network with loss 0.8 that loses the response to the second request."""


def machine() -> Convergence:
    clock = Clock()
    return Convergence(FakeServer(clock, page=3), KEY, SERVER, clock)


def test_devices_converge_without_losing_writes() -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=40,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking whole histories takes minutes
        ),
    )


def test_an_unsent_overwritten_text_loses_to_the_later_one() -> None:
    """A device 6 hours ahead, then 6 hours behind: the repaired timestamp may be older than an unsent one."""
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


def test_a_text_repaired_after_another_was_sent_wins() -> None:
    """The response to the repaired text is lost; the clock goes back and is years ahead again."""
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
