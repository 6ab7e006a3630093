"""What a start on CPython imports before the first view: each module is paid for on every phone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# All of a start, from main.py to the first view; the screen answers as a phone's does.
STARTED = """
import asyncio, sys, flet
flet.run = lambda main: None
import main
from tests.unit.platform.screen import Screen

async def show():
    screen = Screen()
    await main.main(screen.page)
    print(screen.page.views, file=sys.stderr)
    print(*sys.modules, sep="\\n")

asyncio.run(show())
"""
# Each with when it is wanted first.
LATER = {
    "cryptography": "when something is sealed",
    "dateutil.rrule": "when a call or a holiday repeats",
    "httpx": "when a server is met",
    "icalendar": "when a calendar is exported or read",
    "segno": "when a code is shown",
    "babel.messages": "never: it makes catalogues",
    "flet.auth": "never: nobody logs in",
    "flet.fastapi": "by Flet, for a browser as the screen",
    "flet_web": "by Flet, for a browser as the screen",
    "flet_notifications": "when reminders are set on a phone",
    "flet_secure_storage": "on a phone",
    "app.platform.web": "in a browser",
    "app.ui.warm": "in a browser, for its snapshot",
    "app.sync.api_client": "when a server is met",
    "app.sync.engine": "when a server is met",
    "unittest": "never: it tests",
    "pytest": "never: it tests",
}
SERVER = {
    "app.server",
    "fastapi",
    "starlette",
    "uvicorn",
    "alembic",
    "psycopg",
    "aiohttp",
    "http_ece",
    "prometheus_client",
    "py_vapid",
    "pydantic_settings",
    "pywebpush",
    "servestatic",
}
# What a start may import, the standard library's modules too: 921 in November 2026, by Python 3.11.
BUDGET = 940


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    environment = os.environ | {"KAERU_DATA": str(tmp_path_factory.mktemp("start"))}
    command = [sys.executable, "-c", STARTED]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_app_is_there(imported: set[str]) -> None:
    assert {"app.ui.app", "app.ui.today.view", "app.store.store", "app.platform.native"} <= imported


def test_a_start_stays_within_its_budget(imported: set[str]) -> None:
    ours = {name for name in imported if name.partition(".")[0] != "tests"}
    assert len(ours) <= BUDGET


@pytest.mark.parametrize("name", sorted(SERVER))
def test_nothing_of_the_server_is_imported(imported: set[str], name: str) -> None:
    assert not {module for module in imported if f"{module}.".startswith(f"{name}.")}


@pytest.mark.parametrize("name", sorted(LATER))
def test_what_is_wanted_later_is_imported_later(imported: set[str], name: str) -> None:
    assert not {module for module in imported if f"{module}.".startswith(f"{name}.")}, LATER[name]
