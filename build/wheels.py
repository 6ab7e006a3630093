"""The Python packages of the browser: fetches their wheels, drops what never runs there, makes one archive.

`python build/wheels.py lock` takes the newest wheels that requirements/pwa.in allows into pwa.txt.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import os
import pickletools
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

import browser_python
import bytecode
import catalogues
import upstream

REQUIREMENTS = Path(__file__).resolve().parent / "requirements"
LOCKED = REQUIREMENTS / "pwa.txt"

# Where the browser's Python finds them; see assets/web/worker/runtime.js.
FOLDER = "/packages"

LANGUAGES = sorted(catalogues.languages())

# What the app never imports in the browser, by path in site-packages.
UNUSED = (
    re.compile(r"\.(pyi|pyx|pxd|c|h|cmd|exe|typed)$"),
    re.compile(r"(^|/)(tests?|testing|docs|\.agents)/"),
    re.compile(r"^[^/]+\.dist-info/(RECORD|WHEEL|REQUESTED|INSTALLER|top_level\.txt|sboms/.*)$"),
    re.compile(r"^bin/"),
    re.compile(r"^(annotated_types/test_cases|flet/pytest_plugin|[^/]+/cli)\.py$"),
    re.compile(r"^sqlalchemy/dialects/(mysql|oracle|mssql|postgresql)/"),
    re.compile(r"^sqlalchemy/(connectors/(aioodbc|pyodbc)|ext/(?!__init__\.py$))"),
    re.compile(r"^sqlmodel/ext/"),
    re.compile(
        rf"^babel/locale-data/(?!(root|{'|'.join(LANGUAGES)}|en_(001|150|AU|CA|GB|IE|IN|NZ|ZA))\.dat$)"
    ),
    re.compile(r"^babel/(messages/|support\.py)"),
    re.compile(r"^oauthlib[/-]"),
    re.compile(r"^(anyio|certifi|h11|httpcore)[/-]"),  # httpx's way to a socket; a browser has none
    re.compile(r"^httpx/_main\.py$"),
    re.compile(r"^msgpack/fallback\.py$"),  # its native module is there
    re.compile(r"^pydantic/(v1/|experimental/|mypy\.py)"),
    re.compile(r"^pydantic/(deprecated/|color\.py)"),
    re.compile(r"^flet/(testing/|security/|utils/griffe_|messaging/flet_(socket|dart_bridge)_server|auth/)"),
    re.compile(r"^idna/uts46data\.py$"),  # for names as browsers clean them; httpx takes them as they are
    re.compile(
        r"^tzdata/zoneinfo/(tzdata\.zi|zone1970\.tab|zonenow\.tab|zone\.tab|iso3166\.tab|leapseconds)$"
    ),
    re.compile(r"^sqlalchemy/(dialects/(sqlite/provision\.py|.*\.txt$)|util/tool_support\.py)"),
    re.compile(r"^segno/helpers\.py$"),
)


def fetch(cache: Path) -> list[Path]:
    """The locked wheels, downloaded once and checked against their hashes."""
    locked = LOCKED.read_text()
    folder = cache / hashlib.sha256(locked.encode()).hexdigest()[:16]
    whole = folder / "complete"
    if not whole.exists():
        pip(
            "download",
            "--no-deps",
            "--require-hashes",
            *browser_python.WHEELS,
            "-r",
            str(LOCKED),
            "-d",
            str(folder),
        )
        whole.touch()
    return sorted(folder.glob("*.whl"))


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"kaeru: the browser's Python packages could not be fetched:\n{done.stdout}{done.stderr}")


def is_used(name: str) -> bool:
    return not any(pattern.search(name) for pattern in UNUSED)


def contents(wheel: Path, *, whole: bool = False) -> Iterator[tuple[str, bytes]]:
    """The files of a wheel that the browser needs, or all, as they lie in site-packages."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            path = PurePosixPath(name)
            if path.parts[0].endswith(".data"):
                if path.parts[1] not in {"purelib", "platlib"}:
                    continue
                path = PurePosixPath(*path.parts[2:])
            if name.endswith("/") or not (whole or is_used(str(path))):
                continue
            # Python must find a native module's file; its content comes by an address of its own.
            native = name.endswith(browser_python.NATIVE)
            content = b"" if native else archive.read(name)
            yield str(path), content if whole else slim(name, content)


def slim(name: str, content: bytes) -> bytes:
    """A file without what is never read of it."""
    if name.endswith(".dist-info/METADATA"):
        return content.partition(b"\n\n")[0]  # the rest is a page to read
    if name.startswith("babel/") and name.endswith(".dat"):
        return pickletools.optimize(content)
    return content


def pack(files: dict[str, bytes]) -> bytes:
    """A reproducible archive, stored and not deflated: brotli on the whole then does far better."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def package(cache: Path, runtime: Path, changes: upstream.Changes) -> bytes:
    """Every package of the browser in one archive, compiled by the Pyodide in the folder `runtime`."""
    whole = upstream.PACKAGES not in changes

    def files() -> dict[str, bytes]:
        return dict(item for wheel in fetch(cache) for item in contents(wheel, whole=whole))

    def make() -> bytes:
        return pack(bytecode.compile_modules(files(), FOLDER, runtime))

    if upstream.BYTE_CODE not in changes:
        return pack(files())
    name = "whole-packages" if whole else "packages"
    return remember(cache, name, LOCKED.read_bytes() + repr(LANGUAGES).encode(), make)


def native_modules(cache: Path) -> dict[str, bytes]:
    """The packages' native modules by address: apart from the rest, a browser compiles them as they come."""
    found = {}
    for wheel in fetch(cache):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.endswith(browser_python.NATIVE):
                    found[f"native/{name.removesuffix(browser_python.NATIVE)}.wasm"] = archive.read(name)
    return found


def remember(cache: Path, name: str, made_from: bytes, make: Callable[[], bytes]) -> bytes:
    """What `make` makes, kept in the folder `cache` until its source or the way it is made changes."""
    ways = b"".join(path.read_bytes() for path in (Path(__file__), *bytecode.WAYS))
    pyodide = importlib.metadata.version("flet-web").encode()
    kept = cache / f"{name}-{hashlib.sha256(made_from + ways + pyodide).hexdigest()}.zip"
    with suppress(FileNotFoundError):  # not made yet, or another build has just made one of its own
        return kept.read_bytes()
    made = make()
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(made)
    for stale in cache.glob(f"{name}-*.zip"):
        stale.unlink(missing_ok=True)
    unfinished.replace(kept)
    return made


def lock() -> None:
    """Write pwa.txt: what pwa.in needs for the browser, each pinned with the hash of its wheel."""
    with tempfile.TemporaryDirectory() as folder:
        pip("download", *browser_python.WHEELS, "-r", str(REQUIREMENTS / "pwa.in"), "-d", folder)
        lines = []
        for wheel in sorted(Path(folder).glob("*.whl"), key=lambda wheel: wheel.name.lower()):
            name, version = wheel.name.split("-")[:2]
            digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
            lines.append(f"{name.replace('_', '-').lower()}=={version} \\\n    --hash=sha256:{digest}\n")
    LOCKED.write_text("".join(lines))
    print(f"{len(lines)} packages locked in {LOCKED.name}")


if __name__ == "__main__":
    if sys.argv[1:] != ["lock"]:
        sys.exit("usage: build/wheels.py lock")
    lock()
