"""The `kaeru` command."""

import argparse
import errno
import logging
import resource
import signal
import socket
import sqlite3
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

from fastapi import FastAPI
from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from app import __version__
from app.server.app import create_app, create_dispatcher
from app.server.database import data_folder, migrations, restore
from app.server.database.address import DatabaseAddress
from app.server.database.engine import open_engine
from app.server.ops import doctor
from app.server.settings import ServerSettings, variables
from app.server.web import logs
from app.server.web.connections import LimitedServer
from app.server.web.limits import GUARDED_DAYS
from app.server.web.pwa import WebFolderMissingError

logger = logging.getLogger("kaeru")

SPARE_FILES = 256  # open files beside connections: the database, pushes, what is served

RESTORED = """\
Accounts: {accounts}. Devices that may sync: {devices}.
Every device will compare all it has with this database the next time it syncs.

The backup does not know what happened after it was made:
- A device that was shut out since then can sync again, until another device of that account has synced, which
  shows the server a receipt of that. Ask the people who use this server to open Kaeru on a device they have
  and let it sync.
- An account whose sync key was changed since then takes the earlier key again, until a device that has the
  new one has synced: it changes the key again by itself.
- An account that was deleted since then is back. Its owner can delete it again from a device that still has
  its sync key."""
GUARDED = """
Until {until} no device can shut out another one or change a sync key, except as the server itself confirmed
before it was lost: otherwise a device that was shut out could shut out its owner. If you know that nobody was
shut out since the backup, end that time with: kaeru db restored --lift"""
UNGUARDED = """
A device that was shut out since then can change its account's key and shut the others out."""


class StartError(Exception):
    """The server cannot start; the message says why and what helps."""


class AnnouncingServer(LimitedServer):
    """A server that says where it is once it answers there."""

    what = "Kaeru is"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            host, port = listening.getsockname()[:2]
            host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - shown, not bound
            host = f"[{host}]" if ":" in host else host
            print(f"{self.what} at http://{host}:{port} (Ctrl+C stops it)", flush=True)  # noqa: T201


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket. Raises `StartError` where that cannot be had."""
    try:
        family, _kind, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except socket.gaierror as error:
        raise StartError(f"Kaeru cannot listen on {host}: there is no such address. Set HOST.") from error
    except OSError as error:
        reasons = {
            errno.EADDRINUSE: f"port {port} is taken by another program. Choose another: PORT={port + 1}",
            errno.EACCES: f"port {port} needs more rights than you have. Choose one above 1023: PORT=8000",
            errno.EADDRNOTAVAIL: f"{host} is not an address of this machine. Set HOST.",
        }
        reason = reasons.get(error.errno or 0, str(error))
        raise StartError(f"Kaeru cannot listen on {host}: {reason}") from error


def allow_open_files(count: int) -> None:
    """Raise this process's soft limit of open files, which often is 1,024, as far as it may be raised."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft not in {resource.RLIM_INFINITY, hard} and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def prepare_data(folder: Path) -> None:
    """Make the server's data folder, readable by its user alone. Raises `StartError` where that fails."""
    try:
        data_folder.prepare(folder)
    except OSError as error:
        raise StartError(f"Kaeru cannot write to {folder} ({error.strerror}). Set KAERU_DATA.") from error


def read_settings() -> ServerSettings:
    """Read the environment. Raises `StartError` that names each variable whose value does not fit."""
    try:
        return ServerSettings()
    except ValidationError as error:
        raise StartError("\n".join(map(in_words, error.errors()))) from None


def in_words(fault: ErrorDetails) -> str:
    """Which variable does not fit, with its value unless that is a secret, and why."""
    fields = ServerSettings.model_fields.items()
    secret = [variables(name) for name, field in fields if SecretStr in get_args(field.annotation)]
    variable = str(fault["loc"][0])
    said = variable if [variable] in secret else f"{variable}={fault['input']}"
    return f"{said}: {fault['msg']}"


def prepare_file(address: DatabaseAddress) -> None:
    """Make SQLite's file, for its user alone. Raises `StartError` where that fails."""
    if address.file is None:
        return
    try:
        data_folder.make_private(address.file)
    except OSError as error:
        raise StartError(f"Kaeru cannot use {address.file} ({error.strerror}). Set KAERU_DATA.") from error


@contextmanager
def database(settings: ServerSettings) -> Iterator[Engine]:
    """The database, for the time before anything is served. Raises `StartError` where it cannot be used."""
    engine = open_engine(settings.database, 1)
    try:
        yield engine
    except DBAPIError as error:
        said = settings.database.without_password(str(error.orig))
        raise StartError(f"Kaeru cannot use its database: {said}") from None
    except migrations.DatabaseVersionError as error:
        raise StartError(str(error)) from error
    finally:
        engine.dispose()


def prepare_database(settings: ServerSettings) -> None:
    """Bring SQLite up to date; PostgreSQL, which other processes may be using, must be so already."""
    prepare_file(settings.database)
    with database(settings) as engine:
        if engine.dialect.name == "sqlite":
            migrations.upgrade(engine)
        else:
            with engine.begin() as connection:
                migrations.check(connection)


def serve() -> None:
    """Serve until stopped by SIGINT or SIGTERM; requests under way are let finish."""
    settings = read_settings()
    logs.configure(settings.log_level)
    prepare_data(settings.data)
    prepare_database(settings)
    warn(settings)
    try:
        app = create_app(settings)
    except WebFolderMissingError as error:
        raise StartError(str(error)) from error
    answer(app, settings)


def dispatch() -> None:
    """Send the reminders that fall due until stopped; pushes under way are let finish."""
    settings = read_settings()
    logs.configure(settings.log_level)
    prepare_data(settings.data)
    prepare_database(settings)
    warn(settings)
    answer(create_dispatcher(settings), settings, "Kaeru rings; its health and figures are")


def warn(settings: ServerSettings) -> None:
    """Log what a server that starts had better have otherwise."""
    with database(settings) as engine:
        for finding in doctor.findings(settings, engine):
            logger.warning(finding)


def examine() -> None:
    """Print what `doctor` finds. Raises `StartError` if there is anything."""
    settings = read_settings()
    with database(settings) as engine:
        found = doctor.findings(settings, engine)
    if found:
        raise StartError("\n".join(found))
    print("Nothing to put right.")  # noqa: T201


def answer(app: FastAPI, settings: ServerSettings, what: str = AnnouncingServer.what) -> None:
    """Run an application until SIGINT or SIGTERM."""
    allow_open_files(settings.connections + SPARE_FILES)
    with listen(settings.host, settings.port) as listening:
        # uvicorn raises the signal that stopped it once more at the end; being asked to stop is no failure.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: None)
        server = AnnouncingServer(app, settings)
        server.what = what
        server.run(sockets=[listening])


def upgrade_database() -> None:
    """Bring the database up to date; nothing happens where it is."""
    settings = read_settings()
    prepare_data(settings.data)
    prepare_file(settings.database)
    with database(settings) as engine:
        migrations.upgrade(engine)


def forget_cursors(days: int) -> None:
    """Make every device compare all it has with this database, which a backup has replaced.

    For so many days the database's own knowledge of who was shut out is not relied on.
    """
    settings = read_settings()
    check_is_there(settings.database)
    prepare_file(settings.database)
    with database(settings) as engine, engine.begin() as connection:
        migrations.check(connection)
        restored = restore.forget_cursors(connection, restore.new_jump())
        until = datetime.now(UTC) + timedelta(days=days)
        restore.guard(connection, until)
    said = RESTORED.format(accounts=restored.accounts, devices=restored.devices)
    print(said + (GUARDED.format(until=f"{until:%Y-%m-%d}") if days else UNGUARDED))  # noqa: T201


def lift_guard() -> None:
    """Let devices shut others out and change keys again, before the days after a restore are over."""
    settings = read_settings()
    check_is_there(settings.database)
    with database(settings) as engine, engine.begin() as connection:
        migrations.check(connection)
        restore.lift_guard(connection)
    print("Devices can shut others out and change the sync key again.")  # noqa: T201


def back_up(target: Path) -> None:
    """Copy SQLite's database, as of one moment, while the server runs. Raises `StartError`."""
    address = read_settings().database
    if address.file is None:
        raise StartError("PostgreSQL is backed up with its own pg_dump.")
    check_is_there(address)
    try:
        data_folder.copy_database(address.file, target)
    except FileExistsError as error:
        raise StartError(f"{target} is there already. Name a new file.") from error
    except (OSError, sqlite3.Error) as error:
        raise StartError(f"Kaeru cannot copy {address.file} to {target}: {error}") from error


def check_is_there(address: DatabaseAddress) -> None:
    """Raise `StartError` where SQLite would make an empty database in the place of the one that is meant."""
    if address.file and not address.file.is_file():
        raise StartError(f"There is no database at {address.file}. Set KAERU_DATA.")


def settings_help() -> str:
    """Describe every setting for `--help`."""
    lines = ["settings (environment variables):"]
    for name, field in ServerSettings.model_fields.items():
        lines.append(f"  {' or '.join(variables(name))}  (default: {field.default})")
        lines.append(textwrap.indent(textwrap.fill(field.description or "", 90), "      "))
    return "\n".join(lines)


def days(text: str) -> int:
    """A number of days on the command line. Raises ValueError."""
    if not 0 <= int(text) <= 365:
        raise ValueError(text)
    return int(text)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="kaeru",
        description="Reply in time, go home on time: the server of Kaeru.",
        epilog=settings_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"kaeru {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    serving = commands.add_parser("serve", help="serve the app and its API")
    serving.set_defaults(run=lambda _arguments: serve())
    dispatching = commands.add_parser("dispatch", help="send reminders, in a process of its own")
    dispatching.set_defaults(run=lambda _arguments: dispatch())
    examining = commands.add_parser("doctor", help="look for settings that are unsafe or incomplete")
    examining.set_defaults(run=lambda _arguments: examine())
    databases = commands.add_parser("db", help="look after the database")
    actions = databases.add_subparsers(dest="action", required=True, metavar="action")
    upgrading = actions.add_parser("upgrade", help="bring it up to date (on SQLite, serve does so itself)")
    upgrading.set_defaults(run=lambda _arguments: upgrade_database())
    copying = actions.add_parser("backup", help="copy SQLite's to a new file, also while the server runs")
    copying.add_argument("file", type=Path)
    copying.set_defaults(run=lambda arguments: back_up(arguments.file))
    restored = actions.add_parser(
        "restored", help="after restoring a backup: let devices compare all they have"
    )
    choice = restored.add_mutually_exclusive_group()
    choice.add_argument(
        "--days",
        type=days,
        default=GUARDED_DAYS,
        help=f"how long nobody can be shut out who was not before (default: {GUARDED_DAYS}; 0: not at all)",
    )
    choice.add_argument(
        "--lift", action="store_true", help="end that time now; may be given while the server runs"
    )
    restored.set_defaults(
        run=lambda arguments: lift_guard() if arguments.lift else forget_cursors(arguments.days)
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Returns the process's exit code: 0, or 1 where the server could not start."""
    parsed = parse(arguments)
    try:
        parsed.run(parsed)
    except StartError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
