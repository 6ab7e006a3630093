"""The dispatcher in real processes: in `kaeru serve`, alone, and three on one PostgreSQL."""

import signal
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, func, select, update

from app.server.database.engine import open_engine
from app.server.database.tables import DeliveryRow
from app.server.push.dispatcher import IN_FLIGHT
from app.server.settings import ServerSettings
from tests.server.conftest import serving
from tests.server.devices import Device, reminder
from tests.server.processes import Serving, environment, run, serving_process, wait_until
from tests.server.ringing import PUSH
from tests.server.sink import Answer, Sink

REMINDERS = 600


def ringing_environment(database: dict[str, Any], web: Path, sink: Sink) -> dict[str, str]:
    return {
        **environment(database, web),
        "KAERU_PUSH_SERVICES": PUSH["push_services"],
        "KAERU_PUSH_TESTING": "true",
        "SSL_CERT_FILE": str(sink.certificate),
        "KAERU_METRICS_TOKEN": "metrics-token-of-a-test",
    }


def plan(client: httpx.Client, sink: Sink, count: int, at: datetime) -> tuple[list[Device], set[str]]:
    """Create accounts with one device and due reminders each. Returns the expected topics."""
    devices, topics = [], set()
    for _ in range(-(-count // 200)):
        device = Device.of_new_account(client)
        device.subscribe(sink.browser("/held", scheme="https", host="localhost").subscription())
        planned = [reminder(at) for _ in range(min(200, count))]
        device.put(*planned)
        topics |= {each["group"] for each in planned}
        devices.append(device)
    return devices, topics


def test_three_dispatchers_share_the_work_and_a_killed_one_loses_no_push(
    postgresql_settings: dict[str, Any], web: Path, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        sink = stack.enter_context(Sink(tmp_path).running())
        variables = ringing_environment(postgresql_settings, web, sink)
        client = stack.enter_context(serving(web, **postgresql_settings, **PUSH)).client
        # The service holds its responses, so each dispatcher reaches its maximum in flight.
        sink.will("/held", *[Answer(hold=True)] * REMINDERS)
        first, *others = [
            stack.enter_context(serving_process(tmp_path / "log", "dispatch", **variables)) for _ in range(3)
        ]
        # The others are stopped until the first one has its share.
        for each in others:
            each.process.send_signal(signal.SIGSTOP)
        _devices, topics = plan(client, sink, REMINDERS, datetime.now(UTC))
        sink.wait_for(IN_FLIGHT)
        for each in others:
            each.process.send_signal(signal.SIGCONT)
        sink.wait_for(REMINDERS)
        first.process.kill()
        first.process.wait()
        sink.release()
        # The killed one's claims remain; their lease expires and the others claim them.
        engine = open_engine(ServerSettings(**postgresql_settings).database, 1)
        stack.callback(engine.dispose)
        wait_until(lambda: waiting(engine) <= IN_FLIGHT)
        with engine.begin() as connection:
            connection.execute(update(DeliveryRow).values(next_at=datetime.now(UTC)))
        sink.wait_for(REMINDERS + IN_FLIGHT)
        wait_until(lambda: waiting(engine) == 0)
        # Every push arrived; those of the killed one twice, with the same topic, which makes it harmless.
        assert {push.headers["topic"] for push in sink.received} == topics
        # Each surviving dispatcher has had a share.
        sent = [figure(each, "kaeru_pushes_sent_total") for each in others]
        # On a busy machine a lease may expire during a push, which is then sent again.
        assert (all(sent), sum(sent) >= REMINDERS) == (True, True)
        assert [each.stop() for each in others] == [0, 0]


def waiting(engine: Engine) -> int:
    with engine.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(DeliveryRow)).scalar_one())


def figure(serving: Serving, name: str) -> float:
    headers = {"authorization": "Bearer metrics-token-of-a-test"}
    text = httpx.get(f"{serving.url}/metrics", headers=headers).text
    return float(text.partition(f"\n{name} ")[2].partition("\n")[0])


@pytest.mark.parametrize(
    ("database", "alone"),
    [("postgresql", False), ("sqlite", True)],
    ids=["serve", "dispatch"],
    indirect=["database"],
)
def test_a_reminder_rings_from_serve_and_from_dispatch_without_identifying_logs(
    database: dict[str, Any], web: Path, tmp_path: Path, alone: bool
) -> None:
    with ExitStack() as stack:
        sink = stack.enter_context(Sink(tmp_path).running())
        variables = {**ringing_environment(database, web, sink), "KAERU_LOG_LEVEL": "debug"}
        api = stack.enter_context(serving(web, **database, **PUSH))
        command, inside = ("dispatch", {}) if alone else ("serve", {"KAERU_DISPATCHER": "true"})
        process = stack.enter_context(serving_process(tmp_path / "log", command, **{**variables, **inside}))
        client = api.client if alone else stack.enter_context(httpx.Client(base_url=process.url, timeout=20))
        device = Device.of_new_account(client)
        browsers = [
            sink.browser(f"/secret-{scheme}-endpoint", scheme=scheme, host="localhost")
            for scheme in ("http", "https")
        ]
        others = [device, device.another()]
        for each, browser in zip(others, browsers, strict=True):
            assert each.subscribe(browser.subscription()).status_code == 204
        sink.will(browsers[0].path, Answer(403))
        planned = reminder(datetime.now(UTC))
        device.put(planned)
        device.request("POST", "/push/test", json={"box": planned["box"]})
        sink.wait_for(3)
        if alone:
            # It serves health and metrics, and nothing else.
            assert httpx.get(f"{process.url}/readyz").json() == {"status": "ready"}
            assert httpx.get(f"{process.url}/api/v1/info").status_code == 404
        assert process.stop() == 0
    log = (tmp_path / "log").read_text()
    assert '"message": "push refused"' in log
    hidden = [device.token, device.account, device.id, planned["id"], planned["group"], planned["box"]]
    hidden += ["secret-", *(browser.subscription()["keys"]["auth"] for browser in browsers)]
    hidden += [sink.received[0].headers["authorization"].split("t=")[1].split(",")[0]]
    for each in hidden:
        assert each not in log


def test_stopping_waits_for_pushes_in_flight(web: Path, tmp_path: Path) -> None:
    with Sink(tmp_path).running() as sink:
        variables = {**ringing_environment({"data": tmp_path}, web, sink), "KAERU_DISPATCHER": "true"}
        with (
            serving_process(tmp_path / "log", **variables) as serving,
            httpx.Client(base_url=serving.url, timeout=20) as client,
        ):
            sink.will("/held", Answer(hold=True))
            plan(client, sink, 1, datetime.now(UTC))
            sink.wait_for(1)
            serving.process.send_signal(signal.SIGTERM)
            sink.release()
            assert serving.process.wait(timeout=30) == 0
        engine = open_engine(ServerSettings(data=tmp_path).database, 1)
        assert waiting(engine) == 0
        engine.dispose()


def test_the_private_key_can_be_configured_and_is_never_shown(web: Path, tmp_path: Path) -> None:
    key = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
    with serving(web, data=tmp_path, vapid_key=key) as first:
        shown = first.client.get("/api/v1/info").json()["push"]["key"]
    with serving(web, data=tmp_path) as second:
        made = second.client.get("/api/v1/info").json()["push"]["key"]
    with serving(web, data=tmp_path) as third:
        assert third.client.get("/api/v1/info").json()["push"]["key"] == made != shown
    code, _said, errors = run("dispatch", KAERU_VAPID_KEY=f"{key}x", KAERU_DATA=str(tmp_path))
    assert (code, "KAERU_VAPID_KEY: " in errors, key in errors) == (1, True, False)
