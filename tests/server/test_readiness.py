"""/readyz detects a server that cannot write, before a device does."""

import resource
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.server.ops import readiness
from tests.server.conftest import serving
from tests.server.devices import Device, change, problem
from tests.server.processes import environment, serving_process


@pytest.fixture(autouse=True)
def write_on_every_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "PROBE_SECONDS", 0)


def test_a_server_that_cannot_write_is_not_ready_until_it_can(web: Path, tmp_path: Path) -> None:
    """Writes fail and reads succeed, as with an exceeded quota or a failing disk."""
    data = tmp_path / "data"
    with (
        serving_process(tmp_path / "log", **environment({"data": data}, web)) as serving_one,
        httpx.Client(base_url=serving_one.url, timeout=20) as client,
    ):
        device = Device.of_new_account(client)
        device.sync(change("before"))
        pid, unlimited = serving_one.process.pid, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        assert problem(device.send(change("during"))) == (503, "unavailable")
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})
        assert device.send(cursor=0).status_code == 200  # reads still work
        resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
        assert client.get("/readyz").status_code == 200
        assert device.send(change("during")).status_code == 200


def test_a_server_with_an_almost_full_disk_is_not_ready_and_logs_why(
    web: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(web, data=tmp_path) as running:
        assert running.client.get("/readyz").status_code == 200
        monkeypatch.setattr(readiness, "free_bytes", lambda _folder: 31_999_999)
        assert [running.client.get("/readyz").status_code for _ in range(2)] == [503, 503]
        monkeypatch.setattr(readiness, "free_bytes", lambda _folder: 32_000_000)
        assert running.client.get("/readyz").status_code == 200
    said = [record for record in caplog.records if record.name == "kaeru.readiness"]
    assert [record.message for record in said] == ["not ready", "ready again"]
    assert said[0].__dict__["fields"] == {"reason": "only 31 MB of disk space left"}


def test_frequent_checks_cause_few_writes(
    web: Path, database: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "PROBE_SECONDS", 3600)
    writes: list[bytes] = []
    write = readiness.write_probe

    def counting(connection: Any, value: bytes) -> None:
        writes.append(value)
        write(connection, value)

    monkeypatch.setattr(readiness, "write_probe", counting)
    with serving(web, **database) as running:
        assert {running.client.get("/readyz").status_code for _ in range(50)} == {200}
    assert len(writes) == 1
