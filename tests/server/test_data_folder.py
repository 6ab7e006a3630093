"""The server's files are private to its user, and backups are complete or absent."""

import os
import resource
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from app.server.database import data_folder
from tests.server.conftest import serving
from tests.server.devices import Device, change
from tests.server.processes import environment, run, serving_process, start


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.glob("kaeru.db*")}


def test_the_servers_files_are_readable_only_by_its_user(web: Path, tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    before = os.umask(0o000)  # the most permissive one
    try:
        with (
            serving_process(tmp_path / "log", **environment({"data": data}, web)) as process,
            httpx.Client(base_url=process.url, timeout=20) as client,
        ):
            Device.of_new_account(client)
            assert modes(data) == {"kaeru.db": 0o600, "kaeru.db-wal": 0o600, "kaeru.db-shm": 0o600}
            assert run("db", "backup", str(tmp_path / "copy.db"), KAERU_DATA=str(data))[0] == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("command", [["serve"], ["db", "upgrade"]], ids=["serve", "upgrade"])
def test_permissive_modes_left_by_an_older_version_are_restricted(
    web: Path, tmp_path: Path, command: list[str]
) -> None:
    data = tmp_path / "data"
    variables = environment({"data": data}, web)
    assert run("db", "upgrade", **variables)[0] == 0
    backup = data / "before-the-update.db"
    assert run("db", "backup", str(backup), **variables)[0] == 0
    data.chmod(0o755)
    for file in (data / "kaeru.db", backup):
        file.chmod(0o644)
    if command == ["serve"]:
        with serving_process(tmp_path / "log", **variables):
            pass
    else:
        assert run(*command, **variables)[0] == 0
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert [stat.S_IMODE(file.stat().st_mode) for file in (data / "kaeru.db", backup)] == [0o600, 0o600]


def test_a_mode_that_cannot_be_restricted_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The folder belongs to another user, or is on a file system without modes."""
    tmp_path.chmod(0o755)

    def refuse(_path: Path, _mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    data_folder.prepare(tmp_path)
    (record,) = caplog.records
    assert record.message == "other users may read this: change its owner or mode"
    assert record.__dict__["fields"] == {"path": str(tmp_path), "mode": "0755", "wanted": "0700"}


def test_a_folder_that_other_users_need_keeps_its_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "home").mkdir()
    tmp_path.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    data_folder.prepare(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert [record.message for record in caplog.records] == [
        "other users need this folder: choose one for Kaeru alone"
    ]


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_a_failed_backup_leaves_no_file_that_blocks_the_next_one(web: Path, tmp_path: Path) -> None:
    data, copies = tmp_path / "data", tmp_path / "copies"
    copies.mkdir()
    data.mkdir()
    code, _said, errors = run("db", "backup", str(copies / "a.db"), KAERU_DATA=str(data))
    assert (code, errors) == (1, f"There is no database at {data / 'kaeru.db'}. Set KAERU_DATA.\n")
    assert files(copies) == set()
    with serving(web, data=data) as running:
        device = Device.of_new_account(running.client)
        for first in range(0, 1000, 500):
            device.sync(*(change(f"r{number}") for number in range(first, first + 500)))
        # Limit the size of a file, which fails like a full disk.
        process = start("db", "backup", str(copies / "a.db"), KAERU_DATA=str(data))
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (40_000, 40_000))
        _said, errors = process.communicate(timeout=30)
        assert process.returncode == 1
        assert f"Kaeru cannot copy {data / 'kaeru.db'} to {copies / 'a.db'}: " in errors
        assert files(copies) == set()
        assert run("db", "backup", str(copies / "a.db"), KAERU_DATA=str(data))[0] == 0
    assert files(copies) == {"a.db"}
    with closing(sqlite3.connect(copies / "a.db")) as connection:
        assert connection.execute("SELECT count(*) FROM record").fetchone() == (1000,)


def test_a_backup_never_replaces_a_file_even_one_created_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "a # ? %41.db", tmp_path / "target.db"
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("CREATE TABLE kept (id)")
    sync = data_folder.fsync_path

    def create_target_first(path: Path) -> None:
        sync(path)
        target.write_text("another's")

    monkeypatch.setattr(data_folder, "fsync_path", create_target_first)
    with pytest.raises(FileExistsError):
        data_folder.copy_database(source, target)
    assert target.read_text() == "another's"
    assert files(tmp_path) == {source.name, target.name}


def test_a_backup_to_a_file_system_without_hard_links_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "source.db", tmp_path / "target.db"
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("CREATE TABLE kept (id)")

    def refuse(*_names: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    data_folder.copy_database(source, target)
    assert files(tmp_path) == {source.name, target.name}
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_db_restored_does_not_create_a_missing_database(tmp_path: Path) -> None:
    code, _said, errors = run("db", "restored", KAERU_DATA=str(tmp_path))
    assert (code, "There is no database" in errors) == (1, True)
    assert files(tmp_path) == set()
