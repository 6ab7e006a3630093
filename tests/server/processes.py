"""The server as a process of its own, the way it is run: to be stopped, killed and listened to."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
GENEROUS = {
    "KAERU_ADDRESS_RATE": "10000000",
    "KAERU_ACCOUNT_RATE": "10000000",
    "KAERU_REGISTRATION_RATE": "10000000",
    # No test is to ring anybody but who it means to.
    "KAERU_DISPATCHER": "false",
}


def start(*arguments: str, stderr: Any = subprocess.PIPE, **environment: str) -> subprocess.Popen[str]:
    inherited = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "app.server.cli", *arguments],
        env={**inherited, **environment},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def run(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run a command to its end: its exit code, what it said, what it complained of."""
    process = start(*arguments, **environment)
    said, errors = process.communicate(timeout=60)
    return process.returncode, said, errors


def environment(database: dict[str, Any], web: Path) -> dict[str, str]:
    """The variables that serve a folder from a database, with rates that no test meets."""
    variables = {"PORT": "0", "KAERU_WEB": str(web), "KAERU_DATA": str(database["data"]), **GENEROUS}
    if "database_url" in database:
        variables["KAERU_DATABASE_URL"] = database["database_url"]
    return variables


@dataclass
class Serving:
    """A server or dispatcher process that answers at `url`."""

    process: subprocess.Popen[str]
    url: str

    @classmethod
    def start(cls, log: Path, command: str = "serve", **variables: str) -> "Serving":
        with log.open("a") as file:
            process = start(command, stderr=file, **variables)
        assert process.stdout is not None
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert address, log.read_text()
        return cls(process, address[0])

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=30)


@contextmanager
def serving_process(log: Path, command: str = "serve", **variables: str) -> Iterator[Serving]:
    """A server or dispatcher process until the block ends; what it logs is in the file."""
    serving = Serving.start(log, command, **variables)
    try:
        yield serving
    finally:
        serving.process.kill()
        serving.process.communicate()
