"""Operation of a server: readiness, metrics, rate limits, proxies, migrations, backups."""

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from app.server.database import migrations
from app.server.database.engine import DatabaseWriter, open_engine
from app.server.database.tables import ServerTable
from app.server.settings import ServerSettings
from app.server.web.limits import RateLimit, network_of
from app.server.web.problems import HttpProblem
from tests.server.conftest import serving
from tests.server.devices import PROTOCOL, Device, change, new_id, problem
from tests.server.processes import run

INSERT_ACCOUNT = (
    "INSERT INTO account (id, secret_hash, created_at, rev, oldest_cursor, records, box_bytes, plan_rev)"
    " VALUES (:id, '', '2026-01-01 00:00:00', 0, 0, 0, 0, 0)"
)
TOKEN = "metrics-token-of-a-test"


def test_readyz_requires_a_database_of_this_version(database: dict[str, Any], web: Path) -> None:
    with serving(web, **database) as running:
        assert running.client.get("/readyz").json() == {"status": "ready"}
        change_version(database, "9999")
        refused = running.client.get("/readyz")
        assert (refused.status_code, refused.json()) == (503, {"status": "unavailable"})
        assert running.client.get("/healthz").status_code == 200


def change_version(database: dict[str, Any], version: str) -> None:
    engine = open_engine(ServerSettings(**database).database, 1)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    engine.dispose()


def test_the_migrations_produce_the_tables_of_the_code(database: dict[str, Any]) -> None:
    engine = open_engine(ServerSettings(**database).database, 1)
    for _again in range(2):
        migrations.upgrade(engine)
    with engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), ServerTable.metadata) == []
    engine.dispose()


def test_postgresql_is_upgraded_only_on_demand(postgresql_settings: dict[str, Any], web: Path) -> None:
    variables = {
        "KAERU_DATABASE_URL": postgresql_settings["database_url"],
        "KAERU_WEB": str(web),
        "PORT": "0",
    }
    variables["KAERU_DATA"] = str(postgresql_settings["data"])
    code, _said, errors = run("serve", **variables)
    assert (code, errors) == (1, "The database is not of this version. Run: kaeru db upgrade\n")
    assert run("db", "upgrade", **variables)[0] == 0
    change_version(postgresql_settings, "9999")
    for command in (["serve"], ["db", "upgrade"]):
        code, _said, errors = run(*command, **variables)
        assert (code, "newer version" in errors) == (1, True)


def test_an_unreachable_database_is_reported_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://kaeru:confidential@127.0.0.1:1/kaeru"
    code, _said, errors = run("db", "upgrade", KAERU_DATABASE_URL=url, KAERU_DATA=str(tmp_path))
    assert code == 1
    assert "cannot use its database" in errors
    assert "confidential" not in errors
    code, _said, errors = run("serve", KAERU_DATABASE_URL="mysql://kaeru:confidential@host/kaeru")
    assert code == 1
    assert "KAERU_DATABASE_URL: " in errors
    assert "confidential" not in errors


def test_a_backup_taken_while_serving_is_a_complete_database(web: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy" / "kaeru.db"
    copy.parent.mkdir()
    with serving(web, data=tmp_path) as running:
        device = Device.of_new_account(running.client)
        device.sync(change("kept"))
        assert run("db", "backup", str(copy), KAERU_DATA=str(tmp_path))[0] == 0
        device.sync(change("lost"))
        code, _said, errors = run("db", "backup", str(copy), KAERU_DATA=str(tmp_path))
    assert (code, "is there already" in errors) == (1, True)
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert run("db", "restored", KAERU_DATA=str(copy.parent))[0] == 0
    with serving(web, data=copy.parent) as running:
        device.api = running.client
        assert problem(device.send()) == (409, "cursor")
        device.cursor = 0
        assert list(device.pull_all()) == ["kept"]


def test_metrics_require_the_token(web: Path, tmp_path: Path) -> None:
    with serving(web, data=tmp_path, metrics_token=TOKEN) as running:
        device = Device.of_new_account(running.client)
        device.sync(change(new_id()), change(new_id()))
        device.send(change(new_id(), 9))
        running.client.get("/today")
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Bearer é".encode()}):
            assert running.client.get("/metrics", headers=headers).status_code == 401
        metrics = running.client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).text
    assert 'kaeru_requests_total{method="POST",route="/api/v1/sync",status="200"} 1.0' in metrics
    assert 'kaeru_requests_total{method="GET",route="app",status="200"} 1.0' in metrics
    assert 'kaeru_records_total{outcome="accepted"} 2.0' in metrics
    assert 'kaeru_problems_total{code="cursor"} 1.0' in metrics
    assert 'kaeru_request_seconds_count{route="/api/v1/sync"} 2.0' in metrics


def test_metrics_are_not_found_without_a_configured_token(web: Path, tmp_path: Path) -> None:
    with serving(web, data=tmp_path) as running:
        assert running.client.get("/metrics").status_code == 404


def test_an_address_over_its_rate_is_refused(web: Path, tmp_path: Path) -> None:
    with serving(web, data=tmp_path, address_rate=3) as running:
        answers = [running.client.get("/api/v1/info") for _ in range(4)]
        assert [answer.status_code for answer in answers[:3]] == [200] * 3
        assert problem(answers[3]) == (429, "rate_limited")
        assert 1 <= int(answers[3].headers["retry-after"]) <= 20
        # The limit applies to the API, not to the app's files.
        assert running.client.get("/").status_code == 200


def test_only_the_account_over_its_rate_is_refused(web: Path, tmp_path: Path) -> None:
    with serving(web, data=tmp_path, account_rate=3) as running:
        busy, calm = (Device.of_new_account(running.client) for _ in range(2))
        other = busy.another()
        sent = [busy.send(), other.send(), busy.send(change("a")), other.send()]
        assert [answer.status_code for answer in sent] == [200, 200, 200, 429]
        assert problem(sent[3]) == (429, "rate_limited")
        assert calm.send().status_code == 200


def test_registrations_have_a_separate_rate(web: Path, tmp_path: Path) -> None:
    with serving(web, data=tmp_path, registration_rate=2) as running:
        answers = [Device(running.client).register(create=True).status_code for _ in range(3)]
    assert answers == [201, 201, 429]


@pytest.mark.parametrize(
    ("trusted", "forwarded", "codes"),
    [
        ("", ["203.0.113.1", "203.0.113.2"], [200, 429]),
        ("127.0.0.1", ["203.0.113.1", "203.0.113.2"], [200, 200]),
        ("127.0.0.0/8", ["203.0.113.1", "203.0.113.1"], [200, 429]),
        ("192.0.2.1", ["203.0.113.1", "203.0.113.2"], [200, 429]),
        # A forged address stands left of the one added by the proxy, and is ignored.
        ("127.0.0.1", ["198.51.100.1, 203.0.113.1", "198.51.100.2, 203.0.113.1"], [200, 429]),
        ("127.0.0.1", ["2001:db8::1", "2001:db8::2"], [200, 429]),
    ],
)
def test_forwarded_addresses_are_used_only_from_a_trusted_proxy(
    web: Path, tmp_path: Path, trusted: str, forwarded: list[str], codes: list[int]
) -> None:
    with serving(web, data=tmp_path, trusted_proxies=trusted, address_rate=1) as running:
        answers = [
            running.client.get("/api/v1/info", headers={**PROTOCOL, "x-forwarded-for": address})
            for address in forwarded
        ]
    assert [answer.status_code for answer in answers] == codes


def test_a_trusted_proxy_must_be_an_address() -> None:
    code, _said, errors = run("serve", KAERU_TRUSTED_PROXIES="proxy.example")
    assert (code, "KAERU_TRUSTED_PROXIES=proxy.example: " in errors) == (1, True)


def test_a_rate_allows_bursts_and_recovers_over_time() -> None:
    now = 0.0
    rate = RateLimit(3, 60, clock=lambda: now)
    assert [rate.wait("a") for _ in range(3)] == [0, 0, 0]
    assert rate.wait("a") == pytest.approx(20)
    assert rate.wait("b") == 0
    now = 19.9
    assert rate.wait("a") == pytest.approx(0.1)
    now = 20.0
    assert rate.wait("a") == 0
    assert rate.wait("a") == pytest.approx(20)


def test_idle_keys_of_a_rate_limit_are_removed() -> None:
    now = 0.0
    rate = RateLimit(1, 1, clock=lambda: now)
    for number in range(RateLimit.SWEEP - 1):
        rate.wait(number)
    now = 2.0
    rate.wait("last")
    assert list(rate._due) == ["last"]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.1", "203.0.113.1"),
        ("2001:db8:0:1::2", "2001:db8:0:1::/64"),
        ("::ffff:203.0.113.1", "203.0.113.1"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_network_counts_as_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


INSERT_ACCOUNT = """INSERT INTO account
    (id, secret_hash, created_at, rev, oldest_cursor, records, box_bytes, plan_rev)
    VALUES (:id, '', '2026-01-01 00:00:00', 0, 0, 0, 0, 0)"""


def test_submitted_work_is_done_before_the_writer_stops(tmp_path: Path) -> None:
    engine = open_engine(ServerSettings(data=tmp_path).database, 1)
    migrations.upgrade(engine)
    writer = DatabaseWriter(engine)
    statement = text(INSERT_ACCOUNT)
    futures = [
        writer.submit(partial(Connection.execute, statement=statement, parameters={"id": bytes([number])}))
        for number in range(50)
    ]
    writer.close()
    assert all(future.done() and not future.exception() for future in futures)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM account")).scalar_one() == 50
    engine.dispose()


def test_failing_work_does_not_undo_other_work_of_the_same_commit(tmp_path: Path) -> None:
    engine = open_engine(ServerSettings(data=tmp_path).database, 1)
    migrations.upgrade(engine)
    writer = DatabaseWriter(engine)
    statement = text(INSERT_ACCOUNT)

    def fail(connection: Connection) -> None:
        connection.execute(statement, {"id": b"half"})
        raise HttpProblem("quota")

    def add(connection: Connection) -> None:
        connection.execute(statement, {"id": b"whole"})

    failing, adding = writer.submit(fail), writer.submit(add)
    writer.close()
    assert isinstance(failing.exception(), HttpProblem)
    assert adding.exception() is None
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id FROM account")).scalars().all() == [b"whole"]
    engine.dispose()


def test_openapi_describes_every_endpoint_with_examples(api: httpx.Client) -> None:
    described = api.get("/api/v1/openapi.json").json()
    pushing = {"/push/subscription", "/push/test", "/reminders", "/reminders/groups/{group}"}
    account = {"/account", "/account/key", "/account/receipt"}
    others = {"/info", "/devices", "/devices/{device}", "/sync"} | account
    steps = ("", "progress", "reveal", "answer", "cancel", "claim", "request", "watch", "end")
    pairing = {f"/pairing/{step}".rstrip("/") for step in steps}
    assert set(described["paths"]) == pushing | pairing | others
    claim = described["paths"]["/pairing/claim"]["post"]
    assert "security" not in claim
    assert set(claim["responses"]) == {"200", "404", "409", "413", "422", "426", "429", "503"}
    sync = described["paths"]["/sync"]["post"]["responses"]
    assert set(sync) == {"200", "401", "409", "413", "422", "426", "429", "503", "507"}
    assert sync["507"]["content"]["application/problem+json"]["examples"]["quota"]["value"]["code"] == "quota"
    assert api.get("/api/v1/docs").status_code == 404  # its pages would load scripts from other origins
