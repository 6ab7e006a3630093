"""Packages the PWA: Flet's web client, Pyodide, our page and workers, the app's Python, all ready to serve.

`python build/pwa.py [--out FOLDER] [--app-root FOLDER] [--plain WHAT]`. It ends at once if nothing changed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import upstream

if TYPE_CHECKING:
    from release import Release

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"
CACHE = ROOT / "build" / "out" / "cache"

# What a person downloads, for the table at the end: the first part with a prefix that fits counts a file.
PARTS = {
    "Fonts and icons": ("/assets/fonts/", "/assets/packages/", "/fonts/", "/icons/"),
    "Flutter client": ("/main.dart.", "/flutter.js", "/assets/"),
    "Flutter renderer": ("/canvaskit/",),
    "Pyodide": ("/pyodide/",),
    "Python packages": ("/packages.zip", "/native/"),
    "Kaeru itself": ("/",),
}
RENDERERS = ("skwasm", "canvaskit")


def say(text: str) -> None:
    print(text if text.startswith(" ") else f"· {text}", flush=True)


def app_files(app_root: Path) -> Iterator[tuple[str, Path]]:
    """The app's Python and content by their path in the PWA's archive: all but the server."""
    for pattern in ("main.py", "app/**/*.py", "locales/**/*.md", "locales/**/*.json"):
        for path in app_root.glob(pattern):
            name = path.relative_to(app_root).as_posix()
            if not name.startswith("app/server/"):
                yield name, path


def sources(app_root: Path) -> Iterator[Path]:
    """Every file of ours that ends up in the PWA or decides what does."""
    yield from (path for path in (ROOT / "build").glob("*.*") if path.is_file())
    yield ROOT / "build" / "requirements" / "pwa.txt"
    yield from (path for path in ASSETS.rglob("*") if path.is_file())
    yield from (ROOT / "locales").rglob("*.po")
    yield from (path for _, path in app_files(app_root))


def fingerprint(app_root: Path, changes: upstream.Changes) -> str:
    """A digest of everything the PWA is made from."""
    versions = f"{importlib.metadata.version('flet-web')} {sys.version} {sorted(changes)}"
    digest = hashlib.sha256(versions.encode())
    for path in sorted(sources(app_root)):
        digest.update(f"{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def publish(files: dict[str, bytes], out: Path) -> None:
    """Make the folder hold exactly these files, writing only what differs.

    A server may be reading them: the list comes last, for it tells the server that there is a new release.
    """
    for present in out.rglob("*"):
        if present.is_file() and present.relative_to(out).as_posix() not in files:
            present.unlink()
    for path, content in sorted(files.items(), key=lambda file: file[0] == "precache.json"):
        target = out / path
        if target.is_file() and target.stat().st_size == len(content) and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f"{target.name}.part")
        unfinished.write_bytes(content)
        unfinished.replace(target)


def transfer_by_part(release: Release, renderer: str) -> dict[str, int]:
    """Bytes that a browser with this renderer downloads on its first visit (brotli), by part."""
    parts = dict.fromkeys(PARTS, 0)
    for file in release["files"]:
        if file.get("renderer", renderer) == renderer:
            part = next(name for name, prefixes in PARTS.items() if file["url"].startswith(prefixes))
            parts[part] += file["transfer"]
    return parts


def main() -> None:
    parser = argparse.ArgumentParser(description="Package the PWA.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "out" / "web", help="where to put it")
    parser.add_argument(
        "--app-root", type=Path, default=ROOT, help="the folder of main.py, app/ and locales/"
    )
    parser.add_argument(
        "--plain", default=os.environ.get("PLAIN", ""), help="changes to upstream to leave out, 1 for all"
    )
    options = parser.parse_args()
    changes = upstream.made(options.plain)
    out, app_root = options.out.resolve(), options.app_root.resolve()
    if not (app_root / "main.py").is_file():
        sys.exit(f"kaeru: there is no main.py in {app_root}")

    started = time.monotonic()
    stamp = CACHE / f"built-{hashlib.sha256(str(out).encode()).hexdigest()[:16]}"
    made_from = fingerprint(app_root, changes)
    if stamp.is_file() and stamp.read_text() == made_from and (out / "precache.json").is_file():
        return
    say("Packaging the PWA …")
    import compress
    from release import collect, complete

    quality = compress.QUALITY if changes == upstream.CHANGES else compress.QUICK
    files, release = complete(collect(ASSETS, app_files(app_root), CACHE, changes, say), CACHE, say, quality)
    stamp.unlink(missing_ok=True)
    publish(files, out)
    stamp.write_text(made_from)
    for part, size in transfer_by_part(release, RENDERERS[0]).items():
        say(f"  {part:<18}{size / 1e6:6.2f} MB")
    chromium, other = (sum(transfer_by_part(release, renderer).values()) / 1e6 for renderer in RENDERERS)
    say(f"First visit: {chromium:.1f} MB in Chromium, {other:.1f} MB in other browsers (brotli)")
    say(f"PWA {release['build']} packaged in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
