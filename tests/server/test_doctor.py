"""`kaeru doctor`, and the same findings in a server's log on startup."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import insert

from app.server.database import migrations
from app.server.database.engine import open_engine
from app.server.database.tables import AccountRow
from app.server.ops import doctor
from app.server.settings import ServerSettings
from tests.server.conftest import serving
from tests.server.devices import Device
from tests.server.processes import run, start

CONTACT = {"KAERU_PUSH_CONTACT": "mailto:me@example.org"}


def data_folder(around: Path) -> Path:
    folder = around / "data"
    folder.mkdir(mode=0o700)
    return folder


def found(data: Path, **settings: Any) -> str:
    chosen = ServerSettings(**{"data": data, "push_contact": "mailto:me@example.org", **settings})
    engine = open_engine(chosen.database, 1)
    try:
        return "\n".join(doctor.findings(chosen, engine))
    finally:
        engine.dispose()


def test_a_local_server_has_no_findings(tmp_path: Path) -> None:
    folder = data_folder(tmp_path)
    code, said, errors = run("doctor", KAERU_DATA=str(folder))
    assert (code, said, errors) == (0, "Nothing to put right.\n", "")
    assert not list(folder.iterdir())  # the check creates no database


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        ({"trusted_proxies": "127.0.0.1", "accounts": 0}, "KAERU_ACCOUNTS"),
        ({"host": "0.0.0.0"}, "KAERU_TRUSTED_PROXIES"),
        ({"host": "192.0.2.1"}, "KAERU_TRUSTED_PROXIES"),
        ({"trusted_proxies": "0.0.0.0/0"}, "KAERU_TRUSTED_PROXIES=0.0.0.0/0"),
        (
            {"trusted_proxies": "127.0.0.1", "push_contact": "mailto:unset@kaeru.invalid"},
            "KAERU_PUSH_CONTACT",
        ),
        ({"push_testing": True}, "KAERU_PUSH_TESTING"),
    ],
)
def test_an_unsafe_or_missing_setting_is_reported(
    tmp_path: Path, settings: dict[str, Any], variable: str
) -> None:
    assert variable in found(data_folder(tmp_path), **settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"trusted_proxies": "127.0.0.1"},
        {"trusted_proxies": "127.0.0.1", "accounts": 0, "new_accounts": False},
        {"host": "0.0.0.0", "trusted_proxies": "10.0.0.0/8"},
        {"trusted_proxies": "::1", "push_contact": "mailto:unset@kaeru.invalid", "push_services": "none"},
    ],
)
def test_safe_settings_have_no_findings(tmp_path: Path, settings: dict[str, Any]) -> None:
    assert found(data_folder(tmp_path), **settings) == ""


def test_a_data_folder_readable_by_others_is_reported_with_a_remedy(tmp_path: Path) -> None:
    folder = data_folder(tmp_path)
    folder.chmod(0o750)
    assert f"chmod 700 {folder}" in found(folder)


def test_an_almost_full_disk_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        total: int
        free: int

    folder = data_folder(tmp_path)
    usage = Usage(100_000_000_000, 999_000_000)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: usage)
    assert "999 MB are left" in found(folder)
    usage = Usage(100_000_000_000, 2_000_000_000)
    assert found(folder) == ""


def test_an_unencrypted_remote_database_is_reported_without_its_password(tmp_path: Path) -> None:
    # Nothing listens there, so the connection error is a second finding.
    url = "postgresql://kaeru:confidential@192.0.2.1/kaeru?connect_timeout=1"
    said = found(data_folder(tmp_path), database_url=url)
    assert "sslmode=verify-full" in said
    assert "cannot be used" in said
    assert "confidential" not in said
    assert "sslmode" not in found(tmp_path / "data", database_url=f"{url}&sslmode=verify-full")


def test_a_full_server_is_reported(web: Path, tmp_path: Path) -> None:
    folder = data_folder(tmp_path)
    with serving(web, data=folder, accounts=1) as running:
        assert found(folder, accounts=1) == ""
        Device.of_new_account(running.client)
        assert "KAERU_ACCOUNTS" in found(folder, accounts=1)


def test_a_database_of_another_version_is_reported(database: dict[str, Any], tmp_path: Path) -> None:
    settings = {**database, "data": data_folder(tmp_path)}
    engine = open_engine(ServerSettings(**settings).database, 1)
    migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    assert "newer version of Kaeru" in found(**settings)


def test_findings_are_logged_on_startup_and_doctor_exits_with_1(web: Path, tmp_path: Path) -> None:
    folder = data_folder(tmp_path)
    variables = {"KAERU_WEB": str(web), "KAERU_DATA": str(folder), "PORT": "0", "KAERU_LOG_LEVEL": "warning"}
    variables |= {**CONTACT, "KAERU_TRUSTED_PROXIES": "0.0.0.0/0"}
    code, _said, errors = run("doctor", **variables)
    assert (code, "believes everybody" in errors) == (1, True)
    process = start("serve", **variables)
    assert process.stdout is not None
    assert "http://" in process.stdout.readline()
    process.terminate()
    _said, logged = process.communicate(timeout=30)
    assert "believes everybody" in logged


def test_an_unconfigured_proxy_is_warned_about_once(
    web: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def warnings() -> int:
        return sum("KAERU_TRUSTED_PROXIES" in record.getMessage() for record in caplog.records)

    with serving(web, data=tmp_path) as running:
        running.client.get("/healthz")
        assert warnings() == 0
        for _ in range(2):
            running.client.get("/healthz", headers={"x-forwarded-for": "203.0.113.77"})
        assert warnings() == 1
    assert "203.0.113.77" not in caplog.text


def test_a_restored_database_is_reported_until_the_guard_is_lifted(tmp_path: Path) -> None:
    folder = data_folder(tmp_path)
    assert run("db", "upgrade", KAERU_DATA=str(folder))[0] == 0
    engine = open_engine(ServerSettings(data=folder).database, 1)
    with engine.begin() as connection:
        known = {"secret_hash": b"", "created_at": datetime.now(UTC), "seen_at": datetime.now(UTC)}
        counts = {"rev": 0, "oldest_cursor": 0, "records": 0, "box_bytes": 0, "plan_rev": 0, "key_epoch": 0}
        connection.execute(insert(AccountRow), {"id": bytes(16), "proven_epoch": 0, **known, **counts})
    engine.dispose()
    assert run("db", "restored", KAERU_DATA=str(folder))[0] == 0
    until = datetime.now(UTC) + timedelta(days=14)
    assert f"until {until:%Y-%m-%d} no device can shut out another one" in found(folder)
    assert run("db", "restored", "--lift", KAERU_DATA=str(folder))[0] == 0
    assert found(folder) == ""


@pytest.mark.parametrize("days", ["-1", "366", "soon"])
def test_an_invalid_guard_period_is_refused(tmp_path: Path, days: str) -> None:
    with pytest.raises(SystemExit) as caught:
        run("db", "restored", f"--days={days}", KAERU_DATA=str(data_folder(tmp_path)))
    assert caught.value.code == 2
