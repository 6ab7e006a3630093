"""Runs the `kaeru` command: servers in separate processes that can be stopped, killed and read from."""

import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from app.server.cli import main

ROOT = Path(__file__).resolve().parents[2]
GENEROUS = {
    "KAERU_ADDRESS_RATE": "10000000",
    "KAERU_ACCOUNT_RATE": "10000000",
    "KAERU_REGISTRATION_RATE": "10000000",
    # Pushes go only to the tests' push service.
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
    """Run a command to completion. Returns its exit code, stdout and stderr.

    It runs in this process: starting Python takes far longer than most commands.
    """
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    root.handlers = []
    try:
        with (
            patch.dict(os.environ, {"PATH": os.environ["PATH"], **environment}, clear=True),
            redirect_stdout(StringIO()) as said,
            redirect_stderr(StringIO()) as errors,
        ):
            code = main(list(arguments))
    finally:
        root.handlers = handlers
        root.setLevel(level)
    return code, said.getvalue(), errors.getvalue()


def environment(database: dict[str, Any], web: Path) -> dict[str, str]:
    """Environment to serve a folder with a database, without effective rate limits."""
    variables = {"PORT": "0", "KAERU_WEB": str(web), "KAERU_DATA": str(database["data"]), **GENEROUS}
    if "database_url" in database:
        variables["KAERU_DATABASE_URL"] = database["database_url"]
    return variables


@dataclass
class Serving:
    """A server or dispatcher process with its `url`."""

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
    """Run a server or dispatcher process until the block ends; its log goes to the file."""
    serving = Serving.start(log, command, **variables)
    try:
        yield serving
    finally:
        serving.process.kill()
        serving.process.communicate()


def wait_until(holds: Callable[[], bool]) -> None:
    """Poll until true: the condition depends on other processes."""
    patience = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < patience
        time.sleep(0.05)
