"""The ways to lay out the same app in which a start is measured, and the servers they come from."""

import hashlib
import io
import json
import shutil
import sys
import tarfile
import threading
import zipfile
from pathlib import Path
from typing import Any, NamedTuple, Self

import uvicorn
from flet.controls.types import WebRenderer
from flet_web import (
    get_package_web_dir,
    patch_font_manifest_json,
    patch_index_html,
    patch_manifest_json,
)
from servestatic import ServeStaticASGI

from app.server.app import create_app
from app.server.settings import ServerSettings
from app.server.web.pwa import TYPES, not_found
from tests.e2e.browser import ROOT, WEB

sys.path.append(str(ROOT / "build"))
import compress
import wheels
from pwa import ASSETS, CACHE, app_files
from release import compiled_catalogues

HERE = Path(__file__).parent
# Longer than the bench runs: from a static host a browser takes what it has without asking again.
MAX_AGE = 24 * 3600
PYTHON_WORKER = "worker/python-worker.js"
NOTHING_RECORDED = '{ start: [], tap: "", answer: [] }'


class Conversation(NamedTuple):
    """What Python sent to Flutter in a recorded start, in base64.

    `start` and `answer` hold, for one packet of Flutter's after another, the packets that came back: from the
    first on, and from the `tap` on the first control on.
    """

    start: list[list[str]]
    tap: str
    answer: list[list[str]]


class Site:
    """A layout on a port of its own. It counts the bytes of what it sends."""

    def __init__(self, app: Any) -> None:
        self.sent = 0
        self._app = app
        config = uvicorn.Config(self._count, port=0, log_level="error", interface="asgi3", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)

    async def _count(self, scope: Any, receive: Any, send: Any) -> None:
        async def count(message: Any) -> None:
            self.sent += len(message.get("body", b""))
            await send(message)

        await self._app(scope, receive, count)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"


def kaeru(folder: Path) -> Site:
    """The app as `make run` serves it."""
    shutil.copytree(WEB, folder)
    return Site(create_app(ServerSettings(web=folder)))


def floor(folder: Path, conversation: Conversation) -> Site:
    """The same, with a worker in the place of Python's that knows the answers beforehand."""
    shutil.copytree(WEB, folder)
    recorded = json.dumps(conversation._asdict())
    worker = (HERE / "replay-worker.js").read_text().replace(NOTHING_RECORDED, recorded).encode()
    companions = compress.companions(PYTHON_WORKER, worker)
    before = (folder / "precache.json").read_text()
    release = json.loads(before)
    entry = next(file for file in release["files"] if file["url"] == f"/{PYTHON_WORKER}")
    entry["size"], entry["transfer"] = len(worker), len(companions[f"{PYTHON_WORKER}.br"])
    entry["hash"] = hashlib.sha256(worker).hexdigest()
    script = (folder / "sw.js").read_text()
    script = script.replace(json.dumps(json.loads(before)), json.dumps(release))
    for path, content in {"precache.json": json.dumps(release), "sw.js": script}.items():
        companions |= {path: content.encode(), **compress.companions(path, content.encode())}
    for path, form in {PYTHON_WORKER: worker, **companions}.items():
        (folder / path).write_bytes(form)
    return Site(create_app(ServerSettings(web=folder)))


def stock(folder: Path, database: bytes) -> Site:
    """What `flet publish --no-cdn` makes of the same app, on a static host that compresses with gzip.

    Flet's own page, client and worker as the flet-web wheel carries them; the app and its packages, whole and
    not byte-compiled, in one archive (`flet publish` would have every visit install the packages from a
    registry). There is no page of ours: `kaeru_page.py` takes its place, and the database is in memory.
    """
    shutil.copytree(get_package_web_dir(), folder)
    for name in ("fonts", "icons"):
        shutil.copytree(ASSETS / name, folder / name, dirs_exist_ok=True)
    patch_index_html(
        str(folder / "index.html"),
        base_href="/",
        app_name="Kaeru",
        pyodide=True,
        pyodide_script_path="main.py",
        app_package_url="app.tar.gz",
        web_renderer=WebRenderer.CANVAS_KIT,  # the default of `flet publish`
        no_cdn=True,
    )
    patch_manifest_json(str(folder / "manifest.json"), app_name="Kaeru")
    patch_font_manifest_json(str(folder / "assets" / "FontManifest.json"))
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for name, content in files.items():
        if compress.is_compressible(name):
            (folder / f"{name}.gz").write_bytes(compress.compress_gzip(content))
    write_archive(folder / "app.tar.gz", database)
    site = ServeStaticASGI(not_found, root=folder, index_file=True, max_age=MAX_AGE, mimetypes=TYPES)
    return Site(site)


def write_archive(path: Path, database: bytes) -> None:
    with tarfile.open(path, "w:gz", format=tarfile.GNU_FORMAT) as archive:

        def add(name: str, content: bytes) -> None:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))

        def add_all(packed: Path, folder: str) -> None:
            with zipfile.ZipFile(packed) as files:
                for name in files.namelist():
                    if not name.endswith("/"):
                        add(folder + name, files.read(name))

        for name, file in app_files(ROOT):
            add(name, file.read_bytes())
        for name, content in compiled_catalogues():
            add(name, content)
        add("kaeru_page.py", (HERE / "kaeru_page.py").read_bytes())
        add("kaeru.db", database)
        for wheel in wheels.fetch(CACHE / "archives"):
            add_all(wheel, "__pypackages__/")
