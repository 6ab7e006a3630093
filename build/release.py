"""Puts a release together: its files, their compressed forms and the list that a browser keeps them by."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypedDict

import browser_python
import bytecode
import catalogues
import compress
import upstream
import web_client
import wheels
import words
from babel.messages.mofile import write_mo

# No visit needs these: the service worker is the browser's own affair, the list names the others, and only
# bookmark managers and feed readers ask for the icon by this name.
UNLISTED = {"sw.js", "precache.json", "favicon.ico"}
# Served, and not kept on the device: what the system asks for when it installs the app, and the licences of
# Flutter's packages, which no screen shows.
ON_REQUEST = {
    *("icons/icon-512.png", "icons/maskable-512.png", "icons/maskable-192.png", "icons/apple-touch-icon.png"),
    "assets/NOTICES",
}
# Where the browser's Python finds the app; see assets/web/worker/runtime.js.
FOLDER = "/app"
RELEASE_LINE = 'const release = { build: "", files: [] };'
# Python, its packages, the app, and what puts them together.
PYTHON = ("pyodide/", "native/", "packages.zip", "app.zip", "worker/")
# What only one of Flutter's two clients needs, see assets/web/page/renderer.js; all the rest goes to all.
RENDERERS = {
    "canvaskit/skwasm.": "skwasm",
    "main.dart.mjs": "skwasm",
    "main.dart.wasm": "skwasm",
    "canvaskit/canvaskit.": "canvaskit",
    "main.dart.js": "canvaskit",
}


class ListedFile(TypedDict, total=False):
    """One file of a release: address, bytes, bytes on the wire, SHA-256, and the renderer it is for."""

    url: str
    size: int
    transfer: int
    hash: str
    renderer: str


class Release(TypedDict):
    build: str
    files: list[ListedFile]


def collect(
    assets: Path,
    app: Iterable[tuple[str, Path]],
    cache: Path,
    changes: upstream.Changes,
    report: Callable[[str], None],
) -> dict[str, bytes]:
    """Every file of the PWA, by path, before compression; `app` is the app's own files by path."""
    # Found, not imported: flet_web is a package of a web server, and only its folder is wanted.
    package = importlib.util.find_spec("flet_web")
    if package is None or package.origin is None:
        sys.exit("kaeru: flet-web is not installed; see pyproject.toml, extra “pwa”.")
    report("Packing Python and its packages …")
    ours = {name: path.read_bytes() for name, path in app}
    client, archives = Path(package.origin).parent / "web", cache / "archives"
    with ThreadPoolExecutor() as pool:
        # Each keeps a core busy the first time.
        packages = pool.submit(wheels.package, archives, client / "pyodide", changes)
        files = web_client.collect(client, ours.values(), archives, changes)
        files["packages.zip"] = packages.result()
    files |= wheels.native_modules(archives)
    library = files["pyodide/python_stdlib.zip"]
    if upstream.BYTE_CODE in changes:
        files["app.zip"] = pack_app(ours, archives, client / "pyodide", library)
    else:
        files["app.zip"] = wheels.pack(ours | dict(compiled_catalogues()))
    files["words.json"] = words.collect(assets / "web")
    for folder, target in (("web", ""), ("icons", "icons/"), ("fonts", "assets/fonts/")):
        for path in (assets / folder).rglob("*"):
            if path.is_file():
                files[target + path.relative_to(assets / folder).as_posix()] = path.read_bytes()
    files["index.html"] = words.page(files["index.html"])
    files |= words.manifests(assets / "web")
    files["favicon.ico"] = files.pop("icons/favicon.ico")
    files["worker/release.js"] = python_release(files, makes_snapshots=upstream.SNAPSHOT in changes)
    return files


def pack_app(files: dict[str, bytes], cache: Path, runtime: Path, library: bytes) -> bytes:
    """The app in byte code, with its content; main.py stays as it is, for it is run and not imported."""
    modules = {name: content for name, content in files.items() if name.startswith("app/")}
    made_from = hashlib.sha256(repr(sorted(modules.items())).encode()).digest() + library

    def make() -> bytes:
        return wheels.pack(bytecode.compile_modules(modules, FOLDER, runtime, library))

    with zipfile.ZipFile(io.BytesIO(wheels.remember(cache, "app", made_from, make))) as archive:
        compiled = {name: archive.read(name) for name in archive.namelist()}
    rest = {name: content for name, content in files.items() if name not in modules}
    return wheels.pack(rest | compiled | dict(compiled_catalogues()))


def python_release(files: dict[str, bytes], *, makes_snapshots: bool) -> bytes:
    """A module that says what the release's Python is; a snapshot of its memory fits no other."""
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        if path.startswith(PYTHON):
            digest.update(f"{path}\0".encode() + hashlib.sha256(content).digest())
    return (
        f'export const PYTHON = "{digest.hexdigest()[:16]}";\n'
        f"export const SNAPSHOTS = {json.dumps(makes_snapshots)};\n"
        f"export const STANDARD_LIBRARY = {json.dumps(browser_python.STANDARD_LIBRARY)};\n"
        f"export const NATIVE_SUFFIX = {json.dumps(browser_python.NATIVE)};\n"
    ).encode()


def compiled_catalogues() -> Iterator[tuple[str, bytes]]:
    for language in catalogues.translations():
        compiled = io.BytesIO()
        write_mo(compiled, catalogues.read(language))
        path = catalogues.catalogue_path(language).with_suffix(".mo")
        yield path.relative_to(catalogues.ROOT).as_posix(), compiled.getvalue()


def list_files(files: dict[str, bytes], compressed: dict[str, bytes], worker: str) -> Release:
    """The release: what a browser must have before it can do without the server.

    Its build id follows from everything in it, the source of the service worker too.
    """
    listed: list[ListedFile] = []
    for path, content in sorted(files.items()):
        entry = ListedFile(
            url=f"/{path}",
            size=len(content),
            transfer=len(compressed.get(f"{path}.br", content)),
            hash=hashlib.sha256(content).hexdigest(),
        )
        renderer = next((name for prefix, name in RENDERERS.items() if path.startswith(prefix)), None)
        if renderer:
            entry["renderer"] = renderer
        listed.append(entry)
    build = hashlib.sha256(json.dumps([listed, worker]).encode()).hexdigest()[:16]
    return {"build": build, "files": listed}


def complete(
    files: dict[str, bytes], cache: Path, report: Callable[[str], None], quality: int
) -> tuple[dict[str, bytes], Release]:
    """`files` with their compressed companions, the list, and the service worker that carries the list."""
    listed = {path: content for path, content in files.items() if path not in UNLISTED | ON_REQUEST}
    compressed = compress.compress_all(listed, cache / "compressed", report, quality)
    worker = files["sw.js"].decode()
    if worker.count(RELEASE_LINE) != 1:
        sys.exit(f"kaeru: assets/web/sw.js must have the line {RELEASE_LINE!r} once.")
    release = list_files(listed, compressed, worker)
    unlisted = {
        "favicon.ico": files["favicon.ico"],
        "precache.json": json.dumps(release, indent=0).encode(),
        "sw.js": worker.replace(RELEASE_LINE, f"const release = {json.dumps(release)};").encode(),
    }
    unlisted |= {path: files[path] for path in ON_REQUEST}
    for path, content in unlisted.items():
        if compress.is_compressible(path):
            compressed |= compress.companions(path, content, quality)
    return listed | unlisted | compressed, release
