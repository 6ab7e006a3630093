"""The Python packages of the browser: fetches their wheels, drops what never runs there, makes one archive.

`python build/wheels.py lock` takes the newest wheels that requirements/pwa.in allows into pwa.txt.
"""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

import docstrings

REQUIREMENTS = Path(__file__).resolve().parent / "requirements"
LOCKED = REQUIREMENTS / "pwa.txt"
# Pyodide 314: CPython 3.14 on Emscripten. Native wheels for it are published under this platform tag.
FOR_PYODIDE = (
    "--only-binary=:all:", "--implementation", "cp", "--python-version", "3.14",
    "--abi", "cp314", "--abi", "abi3", "--abi", "none", "--platform", "pyemscripten_2026_0_wasm32",
)  # fmt: skip

# How Pyodide's Python names native modules; assets/web/worker/runtime.js lists them.
NATIVE = ".cpython-314-wasm32-emscripten.so"

# What the app never imports in the browser, by path in site-packages.
UNUSED = (
    re.compile(r"\.(pyi|pyx|pxd|c|h|cmd|exe|typed)$"),
    re.compile(r"(^|/)(tests?|testing|docs)/"),
    re.compile(r"^[^/]+\.dist-info/(RECORD|WHEEL|REQUESTED|INSTALLER|top_level\.txt)$"),
    re.compile(r"^bin/"),
    re.compile(r"^sqlalchemy/dialects/(mysql|oracle|mssql|postgresql)/"),
    re.compile(r"^babel/locale-data/(?!(root|en|fr|ja)\.dat$)"),
    re.compile(r"^babel/messages/"),
    re.compile(r"^oauthlib[/-]"),  # flet.auth alone imports it
    re.compile(r"^(anyio|certifi|h11|httpcore)[/-]"),  # httpx's way to a socket; a browser has none
    re.compile(r"^pydantic/(v1/|mypy\.py)"),
    re.compile(r"^flet/testing/"),
)


def fetch(cache: Path) -> list[Path]:
    """The locked wheels, downloaded once and checked against their hashes."""
    locked = LOCKED.read_text()
    folder = cache / hashlib.sha256(locked.encode()).hexdigest()[:16]
    whole = folder / "complete"
    if not whole.exists():
        pip("download", "--no-deps", "--require-hashes", *FOR_PYODIDE, "-r", str(LOCKED), "-d", str(folder))
        whole.touch()
    return sorted(folder.glob("*.whl"))


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"kaeru: the browser's Python packages could not be fetched:\n{done.stdout}{done.stderr}")


def is_used(name: str) -> bool:
    return not any(pattern.search(name) for pattern in UNUSED)


def contents(wheel: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a wheel that the browser needs, as they lie in site-packages."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            path = PurePosixPath(name)
            if path.parts[0].endswith(".data"):
                if path.parts[1] not in {"purelib", "platlib"}:
                    continue
                path = PurePosixPath(*path.parts[2:])
            if not name.endswith("/") and is_used(str(path)):
                yield str(path), slim(name, archive.read(name))


def slim(name: str, content: bytes) -> bytes:
    if name.endswith(NATIVE):
        return b""  # Python must find the file; its content comes by an address of its own
    return docstrings.strip(content) if name.endswith(".py") else content


def pack(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A reproducible archive, stored and not deflated: brotli on the whole then does far better."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def package(cache: Path) -> bytes:
    """Every package of the browser in one archive."""
    return remember(
        cache, LOCKED.read_bytes(), lambda: pack(item for wheel in fetch(cache) for item in contents(wheel))
    )


def native_modules(cache: Path) -> dict[str, bytes]:
    """The packages' native modules by address: apart from the rest, a browser compiles them as they come."""
    found = {}
    for wheel in fetch(cache):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.endswith(NATIVE):
                    found[f"native/{name.removesuffix(NATIVE)}.wasm"] = archive.read(name)
    return found


def remember(cache: Path, made_from: bytes, make: Callable[[], bytes]) -> bytes:
    """What `make` makes, kept in the folder `cache` until its source or the way it is made changes."""
    ways = b"".join(Path(file).read_bytes() for file in (__file__, docstrings.__file__))
    kept = cache / f"{hashlib.sha256(made_from + ways).hexdigest()}.zip"
    if not kept.exists():
        made = make()
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(made)
    return kept.read_bytes()


def lock() -> None:
    """Write pwa.txt: what pwa.in needs for the browser, each pinned with the hash of its wheel."""
    with tempfile.TemporaryDirectory() as folder:
        pip("download", *FOR_PYODIDE, "-r", str(REQUIREMENTS / "pwa.in"), "-d", folder)
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
