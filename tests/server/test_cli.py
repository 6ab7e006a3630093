"""The `kaeru` command as run by a person or a service manager."""

import re
import signal
import socket
from pathlib import Path

import httpx
import pytest

from app import __version__
from app.server.cli import main
from app.server.settings import ServerSettings, variables
from tests.server.processes import run, start


def start_failure(**environment: str) -> str:
    """Run `kaeru serve`, expecting a failure. Returns its message: one sentence, no traceback."""
    code, said, errors = run("serve", **environment)
    assert (code, said) == (1, "")
    assert "Traceback" not in errors
    return errors


def listen_failure(**environment: str) -> str:
    """The same in a separate process, because the command doesn't clean up after a late failure."""
    process = start("serve", **environment)
    said, errors = process.communicate(timeout=30)
    assert (process.returncode, said) == (1, "")
    assert "Traceback" not in errors
    return errors


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serve_prints_its_url_and_exits_with_0_on_a_signal(
    web: Path, tmp_path: Path, stop: signal.Signals
) -> None:
    data = tmp_path / "deep" / "data"
    process = start("serve", PORT="0", KAERU_WEB=str(web), KAERU_DATA=str(data), KAERU_LOG_LEVEL="warning")
    assert process.stdout is not None
    line = process.stdout.readline()
    address = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert address, line
    assert httpx.get(f"{address[0]}/healthz").json()["status"] == "ok"
    assert data.stat().st_mode & 0o777 == 0o700
    process.send_signal(stop)
    said, errors = process.communicate(timeout=30)
    assert (process.returncode, said, errors) == (0, "", "")


def test_a_port_in_use_is_reported_with_a_remedy(web: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = listen_failure(PORT=str(port), KAERU_WEB=str(web), KAERU_DATA=str(tmp_path / "data"))
    assert f"port {port} is taken" in said
    assert f"PORT={port + 1}" in said


def test_an_address_of_another_machine_is_reported(web: Path, tmp_path: Path) -> None:
    # 192.0.2.0/24 is reserved for documentation (RFC 5737).
    said = listen_failure(HOST="192.0.2.1", PORT="0", KAERU_WEB=str(web), KAERU_DATA=str(tmp_path / "data"))
    assert "192.0.2.1 is not an address of this machine" in said


def test_a_missing_packaged_app_is_reported_with_a_remedy(tmp_path: Path) -> None:
    said = start_failure(PORT="0", KAERU_WEB=str(tmp_path / "none"), KAERU_DATA=str(tmp_path / "data"))
    assert str(tmp_path / "none") in said
    assert "make pwa" in said


def test_an_unusable_data_folder_is_reported(web: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = start_failure(PORT="0", KAERU_WEB=str(web), KAERU_DATA=str(tmp_path / "file"))
    assert str(tmp_path / "file") in said
    assert "KAERU_DATA" in said


@pytest.mark.parametrize(
    ("variable", "value"), [("PORT", "eight"), ("PORT", "70000"), ("KAERU_LOG_LEVEL", "loud")]
)
def test_an_invalid_setting_is_reported_by_name(variable: str, value: str) -> None:
    assert f"{variable}={value}: " in start_failure(**{variable: value})


@pytest.mark.parametrize("asked", ["--help", "--version"])
def test_help_and_version_go_to_standard_output(asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([asked])
    assert not ended.value.code
    said = capsys.readouterr().out
    if asked == "--version":
        assert said == f"kaeru {__version__}\n"
        return
    for name, field in ServerSettings.model_fields.items():
        assert all(variable in said for variable in variables(name))
        assert f"(default: {field.default})" in said


def test_the_prefixed_variable_takes_precedence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "0.0.0.0")
    monkeypatch.setenv("KAERU_HOST", "127.0.0.2")
    assert ServerSettings().host == "127.0.0.2"
