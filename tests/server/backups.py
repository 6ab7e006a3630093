"""Takes and restores backups of a server's database as docs/self-hosting.md describes."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from tests.server.processes import run


def program(url: str, name: str) -> Path:
    """Path of a program installed with the PostgreSQL server at this URL."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchone()
    assert row is not None
    return Path(row[0]) / name


def call(command: list[Any]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def variables(database: dict[str, Any]) -> dict[str, str]:
    """The environment of a `kaeru db` command."""
    found = {"KAERU_DATA": str(database["data"])}
    if "database_url" in database:
        found["KAERU_DATABASE_URL"] = database["database_url"]
    return found


def back_up(database: dict[str, Any], file: Path) -> None:
    if "database_url" not in database:
        code, _said, errors = run("db", "backup", str(file), **variables(database))
        assert code == 0, errors
        return
    url = database["database_url"]
    call([program(url, "pg_dump"), "--format=custom", f"--file={file}", url])


def restore(database: dict[str, Any], file: Path) -> None:
    """Replace a stopped server's database with the backup, and nothing else."""
    if "database_url" not in database:
        data = Path(database["data"])
        for name in ("kaeru.db", "kaeru.db-wal", "kaeru.db-shm"):
            (data / name).unlink(missing_ok=True)
        shutil.copy(file, data / "kaeru.db")
        return
    url = database["database_url"]
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as connection:
        name = url.partition("?")[0].rpartition("/")[2]
        connection.execute(f"DROP DATABASE {name}".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
    call([program(url, "pg_restore"), f"--dbname={url}", file])
