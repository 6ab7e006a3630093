"""Pre-compresses what the server hands out, so that no request waits for a compressor.

Compressing the engine takes half a minute; results are kept by content and reused by the next build, for some
days: several builds may run at a time, of different versions.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import brotli

# Quality 10 is 10-12 % smaller than 9 on WebAssembly; 11 saves 2-4 % more and takes twice as long. With 10, a
# browser that needs the other renderer would download more than 15 MB.
QUALITY = 11
QUICK = 5  # for packages that nobody is to wait for: those with upstream's files as they are
INCOMPRESSIBLE = {".woff2", ".png"}
LARGE = 4_000_000
KEPT_SECONDS = 7 * 24 * 3600


def compress_brotli(content: bytes, quality: int) -> bytes:
    return bytes(brotli.compress(content, quality=quality))


def compress_gzip(content: bytes, _quality: int) -> bytes:
    return gzip.compress(content, 6, mtime=0)


COMPRESSORS: dict[str, Callable[[bytes, int], bytes]] = {".br": compress_brotli, ".gz": compress_gzip}


def is_compressible(path: str) -> bool:
    return Path(path).suffix not in INCOMPRESSIBLE


def companions(path: str, content: bytes, quality: int = QUALITY) -> dict[str, bytes]:
    """The compressed forms of one file, by path with their .br or .gz."""
    return {path + suffix: compressor(content, quality) for suffix, compressor in COMPRESSORS.items()}


def compress_all(
    files: dict[str, bytes], cache: Path, report: Callable[[str], None], quality: int = QUALITY
) -> dict[str, bytes]:
    """The same for all of `files`, kept in the folder `cache`; `report` is told what is being done."""
    cache.mkdir(parents=True, exist_ok=True)
    wanted = {
        path + suffix: cache / f"{hashlib.sha256(content).hexdigest()}-{quality}{suffix}"
        for path, content in files.items()
        if is_compressible(path)
        for suffix in COMPRESSORS
    }
    # By their place in the cache: two files of the same content are compressed once.
    todo = {kept: target for target, kept in wanted.items() if not kept.exists()}
    if todo:
        report(f"Compressing {len(todo)} files …")

    def compress_one(kept: Path, target: str) -> None:
        path, suffix = target[:-3], target[-3:]
        unfinished = kept.with_name(f"{kept.name}.{os.getpid()}")
        unfinished.write_bytes(COMPRESSORS[suffix](files[path], quality))
        unfinished.replace(kept)
        if len(files[path]) > LARGE:
            report(f"  {target}: {len(files[path]) / 1e6:.1f} → {kept.stat().st_size / 1e6:.1f} MB")

    with ThreadPoolExecutor() as pool:
        # The largest first: every core is then busy until the end.
        largest_first = sorted(todo.items(), key=lambda item: len(files[item[1][:-3]]), reverse=True)
        list(pool.map(compress_one, *zip(*largest_first, strict=True)) if largest_first else ())
    for kept in wanted.values():
        kept.touch()
    for present in cache.iterdir():
        with suppress(FileNotFoundError):  # another build's, finished or forgotten meanwhile
            if present.stat().st_mtime < time.time() - KEPT_SECONDS:
                present.unlink()
    return {target: kept.read_bytes() for target, kept in wanted.items()}
