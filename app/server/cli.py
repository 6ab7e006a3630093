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

SPARE_FILES = 256  # open files besides connections: the database, pushes, served files

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
    """The server cannot start. The message states the reason and a remedy."""


class AnnouncingServer(LimitedServer):
    """A server that prints its URL once it accepts connections."""

    what = "Kaeru is"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            host, port = listening.getsockname()[:2]
            host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - shown, not bound
            host = f"[{host}]" if ":" in host else host
            print(f"{self.what} at http://{host}:{port} (Ctrl+C stops it)", flush=True)  # noqa: T201


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket. Raises `StartError` if that fails."""
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
    """Raise the soft limit on open files (often 1,024) to `count`, or to the hard limit if that is lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft not in {resource.RLIM_INFINITY, hard} and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def prepare_data(folder: Path) -> None:
    """Create the data folder, readable only by the server's user. Raises `StartError` if that fails."""
    try:
        data_folder.prepare(folder)
    except OSError as error:
        raise StartError(f"Kaeru cannot write to {folder} ({error.strerror}). Set KAERU_DATA.") from error


def read_settings() -> ServerSettings:
    """Read the environment. Raises `StartError` naming every variable with an invalid value."""
    try:
        return ServerSettings()
    except ValidationError as error:
        raise StartError("\n".join(map(describe_fault, error.errors()))) from None


def describe_fault(fault: ErrorDetails) -> str:
    """Describe an invalid variable: its name, its value unless secret, and the reason."""
    fields = ServerSettings.model_fields.items()
    secret = [variables(name) for name, field in fields if SecretStr in get_args(field.annotation)]
    variable = str(fault["loc"][0])
    shown = variable if [variable] in secret else f"{variable}={fault['input']}"
    return f"{shown}: {fault['msg']}"


def prepare_file(address: DatabaseAddress) -> None:
    """Create the SQLite file, readable only by its user. Raises `StartError` if that fails."""
    if address.file is None:
        return
    try:
        data_folder.make_private(address.file)
    except OSError as error:
        raise StartError(f"Kaeru cannot use {address.file} ({error.strerror}). Set KAERU_DATA.") from error


@contextmanager
def database(settings: ServerSettings) -> Iterator[Engine]:
    """Open the database for a command or for startup checks. Raises `StartError` if it is unusable."""
    engine = open_engine(settings.database, 1)
    try:
        yield engine
    except DBAPIError as error:
        shown = settings.database.without_password(str(error.orig))
        raise StartError(f"Kaeru cannot use its database: {shown}") from None
    except migrations.DatabaseVersionError as error:
        raise StartError(str(error)) from error
    finally:
        engine.dispose()


def prepare_database(settings: ServerSettings) -> None:
    """Migrate SQLite. PostgreSQL must be up to date already: other processes may be using it."""
    prepare_file(settings.database)
    with database(settings) as engine:
        if engine.dialect.name == "sqlite":
            migrations.upgrade(engine)
        else:
            with engine.begin() as connection:
                migrations.check(connection)


def serve() -> None:
    """Serve until SIGINT or SIGTERM, then finish the requests in progress."""
    settings = read_settings()
    logs.configure(settings.log_level)
    prepare_data(settings.data)
    prepare_database(settings)
    log_findings(settings)
    try:
        app = create_app(settings)
    except WebFolderMissingError as error:
        raise StartError(str(error)) from error
    run_server(app, settings)


def dispatch() -> None:
    """Send due reminders until SIGINT or SIGTERM, then finish the pushes in progress."""
    settings = read_settings()
    logs.configure(settings.log_level)
    prepare_data(settings.data)
    prepare_database(settings)
    log_findings(settings)
    run_server(create_dispatcher(settings), settings, "Kaeru rings; its health and figures are")


def log_findings(settings: ServerSettings) -> None:
    """Log a warning for each finding of `doctor`."""
    with database(settings) as engine:
        for finding in doctor.findings(settings, engine):
            logger.warning(finding)


def run_doctor() -> None:
    """Run the `doctor` checks. Raises `StartError` listing the findings, if any."""
    settings = read_settings()
    with database(settings) as engine:
        found = doctor.findings(settings, engine)
    if found:
        raise StartError("\n".join(found))
    print("Nothing to put right.")  # noqa: T201


def run_server(app: FastAPI, settings: ServerSettings, what: str = AnnouncingServer.what) -> None:
    """Run an application until SIGINT or SIGTERM."""
    allow_open_files(settings.connections + SPARE_FILES)
    with listen(settings.host, settings.port) as listening:
        # uvicorn re-raises the signal that stopped it; a requested stop must still exit with 0.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: None)
        server = AnnouncingServer(app, settings)
        server.what = what
        server.run(sockets=[listening])


def upgrade_database() -> None:
    """Migrate the database; does nothing if it is up to date."""
    settings = read_settings()
    prepare_data(settings.data)
    prepare_file(settings.database)
    with database(settings) as engine:
        migrations.upgrade(engine)


def forget_cursors(days: int) -> None:
    """Invalidate all cursors after a restore, so that every device compares all its records.

    For `days` days the server doesn't trust the database on which devices were revoked.
    """
    settings = read_settings()
    check_database_exists(settings.database)
    prepare_file(settings.database)
    with database(settings) as engine, engine.begin() as connection:
        migrations.check(connection)
        restored = restore.forget_cursors(connection, restore.new_jump())
        until = datetime.now(UTC) + timedelta(days=days)
        restore.start_guard(connection, until)
    shown = RESTORED.format(accounts=restored.accounts, devices=restored.devices)
    print(shown + (GUARDED.format(until=f"{until:%Y-%m-%d}") if days else UNGUARDED))  # noqa: T201


def lift_guard() -> None:
    """End the guard period after a restore early: devices may revoke others and change keys again."""
    settings = read_settings()
    check_database_exists(settings.database)
    with database(settings) as engine, engine.begin() as connection:
        migrations.check(connection)
        restore.lift_guard(connection)
    print("Devices can shut others out and change the sync key again.")  # noqa: T201


def back_up(target: Path) -> None:
    """Write a consistent copy of the SQLite database, also while the server runs. Raises `StartError`."""
    address = read_settings().database
    if address.file is None:
        raise StartError("PostgreSQL is backed up with its own pg_dump.")
    check_database_exists(address)
    try:
        data_folder.copy_database(address.file, target)
    except FileExistsError as error:
        raise StartError(f"{target} is there already. Name a new file.") from error
    except (OSError, sqlite3.Error) as error:
        raise StartError(f"Kaeru cannot copy {address.file} to {target}: {error}") from error


def check_database_exists(address: DatabaseAddress) -> None:
    """Raise `StartError` if the SQLite file is missing: opening it would create an empty database."""
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
    """Parse a number of days, 0 to 365. Raises ValueError."""
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
    examining.set_defaults(run=lambda _arguments: run_doctor())
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
    """Run the command. Returns the process's exit code: 0, or 1 after a `StartError`."""
    parsed = parse(arguments)
    try:
        parsed.run(parsed)
    except StartError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
