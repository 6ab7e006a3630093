"""PostgreSQL behind a pooler, and with frozen processes."""

import getpass
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict


def bouncer_program() -> str:
    """Find PgBouncer; Debian installs it in a directory on root's PATH only."""
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    assert found, "pgbouncer is not installed"
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@contextmanager
def bouncer(url: str, folder: Path) -> Iterator[int]:
    """Run PgBouncer in transaction mode with two server connections; yields its port on 127.0.0.1."""
    target = conninfo_to_dict(url)
    port = free_port()
    # It refuses to run as root, and needs access to PostgreSQL's socket directory.
    user = pwd.getpwuid(Path(str(target["host"])).stat().st_uid).pw_name
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(f"""
[databases]
* = host={target["host"]} user={target["user"]}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 100
""")
    configuration.chmod(0o644)
    command = [bouncer_program(), *(["-u", user] if getpass.getuser() == "root" else []), "-q"]
    with (folder / "pgbouncer.log").open("w") as log:
        process = subprocess.Popen([*command, str(configuration)], stdout=log, stderr=log)
    try:
        wait_for_port(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + 20
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            assert time.monotonic() < patience
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"pgbouncer ended with {process.returncode}")


@contextmanager
def frozen(url: str) -> Iterator[None]:
    """Stop every process of a PostgreSQL (SIGSTOP): connections stay open, nothing responds."""
    folder = Path(str(conninfo_to_dict(url)["host"]))
    postmaster = int((folder / "postmaster.pid").read_text().splitlines()[0])
    # The postmaster first, so that it starts no more processes.
    os.kill(postmaster, signal.SIGSTOP)
    stopped = [postmaster, *children_of(postmaster)]
    for process in stopped[1:]:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in reversed(stopped):
            os.kill(process, signal.SIGCONT)


def children_of(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in tasks.read_text().split()]
