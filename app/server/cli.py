"""The `kaeru` command."""

import argparse
import errno
import signal
import socket
import sys
import textwrap
from pathlib import Path

import uvicorn
from pydantic import ValidationError

from app import __version__
from app.server import logs
from app.server.app import create_app
from app.server.pwa import WebFolderMissingError
from app.server.settings import Settings, variables


class StartError(Exception):
    """The server cannot start; the message says why and what helps."""


class AnnouncingServer(uvicorn.Server):
    """A server that says where it is once it answers there."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            host, port = listening.getsockname()[:2]
            host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - shown, not bound
            host = f"[{host}]" if ":" in host else host
            print(f"Kaeru is at http://{host}:{port} (Ctrl+C stops it)", flush=True)  # noqa: T201


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


def prepare_data(folder: Path) -> None:
    """Make the server's data folder, readable by its user alone. Raises `StartError` where that fails."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StartError(f"Kaeru cannot write to {folder} ({error.strerror}). Set KAERU_DATA.") from error


def read_settings() -> Settings:
    """Read the environment. Raises `StartError` that names each variable whose value does not fit."""
    try:
        return Settings()
    except ValidationError as error:
        faults = [f"{fault['loc'][0]}={fault['input']}: {fault['msg']}" for fault in error.errors()]
        raise StartError("\n".join(faults)) from error


def serve() -> None:
    """Serve until stopped by SIGINT or SIGTERM; requests under way are let finish."""
    settings = read_settings()
    logs.configure(settings.log_level)
    prepare_data(settings.data)
    try:
        app = create_app(settings)
    except WebFolderMissingError as error:
        raise StartError(str(error)) from error
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    with listen(settings.host, settings.port) as listening:
        # uvicorn raises the signal that stopped it once more at the end; being asked to stop is no failure.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: None)
        AnnouncingServer(config).run(sockets=[listening])


def settings_help() -> str:
    """Describe every setting for `--help`."""
    lines = ["settings (environment variables):"]
    for name, field in Settings.model_fields.items():
        lines.append(f"  {' or '.join(variables(name))}  (default: {field.default})")
        lines.append(textwrap.indent(textwrap.fill(field.description or "", 90), "      "))
    return "\n".join(lines)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="kaeru",
        description="Reply in time, go home on time: the server of Kaeru.",
        epilog=settings_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"kaeru {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser("serve", help="serve the app to browsers")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Returns the process's exit code: 0, or 1 where the server could not start."""
    parse(arguments)
    try:
        serve()
    except StartError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
