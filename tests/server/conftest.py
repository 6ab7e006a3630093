"""A real server on a free port, over a small packaged app made for the test."""

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import brotli
import httpx
import pytest
import uvicorn

from app.server.app import create_app
from app.server.settings import Settings

SCRIPT = b"console.log('Kaeru');\n" * 200


def write_web(around: Path) -> Path:
    """Write a folder laid out as the PWA's build lays it out; beside it lies a file that is no part of it."""
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
    """A server that answers, its address, and a client of it."""

    host: str
    port: int
    client: httpx.Client


@contextmanager
def serving(web: Path) -> Iterator[Running]:
    """Serve a folder until the block ends."""
    app = create_app(Settings(web=web))
    instance = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, server_header=False))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()
        thread = threading.Thread(target=instance.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        # The socket listens already: a request made before the server is up waits for it.
        with httpx.Client(base_url=f"http://{host}:{port}", timeout=20) as client:
            yield Running(host, port, client)
        instance.should_exit = True
        thread.join(timeout=20)


@pytest.fixture
def web(tmp_path: Path) -> Path:
    return write_web(tmp_path)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server for every test that changes nothing in its folder."""
    with serving(write_web(tmp_path_factory.mktemp("server"))) as running:
        yield running
