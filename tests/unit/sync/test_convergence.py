"""The engine against the protocol's server in memory: quick enough for many histories."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.unit.store.support import Clock
from tests.unit.sync.convergence import Convergence
from tests.unit.sync.support import KEY, SERVER, FakeServer


def test_devices_converge_and_lose_nothing_whatever_happens_to_them() -> None:
    def machine() -> Convergence:
        clock = Clock()
        return Convergence(FakeServer(clock, page=3), KEY, SERVER, clock)

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=40,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking whole histories takes minutes
        ),
    )
