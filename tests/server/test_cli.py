"""The `kaeru` command as a person or a service manager runs it."""

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


def fail_to_start(**environment: str) -> str:
    """Run `kaeru serve` where it must fail, and give what it said: one sentence, no traceback."""
    code, said, errors = run("serve", **environment)
    assert (code, said) == (1, "")
    assert "Traceback" not in errors
    return errors


def fail_to_listen(**environment: str) -> str:
    """The same in a process of its own: it has begun more than it can take back."""
    process = start("serve", **environment)
    said, errors = process.communicate(timeout=30)
    assert (process.returncode, said) == (1, "")
    assert "Traceback" not in errors
    return errors


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_where_it_is_and_stops_when_asked(web: Path, tmp_path: Path, stop: signal.Signals) -> None:
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


def test_a_taken_port_is_named_with_what_to_do(web: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = fail_to_listen(PORT=str(port), KAERU_WEB=str(web), KAERU_DATA=str(tmp_path / "data"))
    assert f"port {port} is taken" in said
    assert f"PORT={port + 1}" in said


def test_an_address_of_another_machine_is_refused(web: Path, tmp_path: Path) -> None:
    # 192.0.2.0/24 is set aside for documentation (RFC 5737): no machine has it.
    said = fail_to_listen(HOST="192.0.2.1", PORT="0", KAERU_WEB=str(web), KAERU_DATA=str(tmp_path / "data"))
    assert "192.0.2.1 is not an address of this machine" in said


def test_a_missing_app_is_named_with_what_to_do(tmp_path: Path) -> None:
    said = fail_to_start(PORT="0", KAERU_WEB=str(tmp_path / "none"), KAERU_DATA=str(tmp_path / "data"))
    assert str(tmp_path / "none") in said
    assert "make pwa" in said


def test_a_data_folder_that_cannot_be_is_named(web: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = fail_to_start(PORT="0", KAERU_WEB=str(web), KAERU_DATA=str(tmp_path / "file"))
    assert str(tmp_path / "file") in said
    assert "KAERU_DATA" in said


@pytest.mark.parametrize(
    ("variable", "value"), [("PORT", "eight"), ("PORT", "70000"), ("KAERU_LOG_LEVEL", "loud")]
)
def test_a_setting_that_does_not_fit_is_named(variable: str, value: str) -> None:
    assert f"{variable}={value}: " in fail_to_start(**{variable: value})


@pytest.mark.parametrize("asked", ["--help", "--version"])
def test_what_is_asked_of_the_command_itself(asked: str, capsys: pytest.CaptureFixture[str]) -> None:
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


def test_the_prefixed_variable_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "0.0.0.0")
    monkeypatch.setenv("KAERU_HOST", "127.0.0.2")
    assert ServerSettings().host == "127.0.0.2"
