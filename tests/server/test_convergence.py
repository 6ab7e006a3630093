"""Convergence of the client's engine over HTTP with a real server, on each database."""

import secrets
from datetime import UTC, datetime

import httpx
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.server.network import Network
from tests.unit.store.support import Clock
from tests.unit.sync.convergence import Convergence


def test_devices_converge_over_a_real_server(api: httpx.Client) -> None:
    def machine() -> Convergence:
        address = str(api.base_url).rstrip("/")
        return Convergence(Network(), secrets.token_bytes(32), address, Clock(datetime.now(UTC)))

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=4,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
