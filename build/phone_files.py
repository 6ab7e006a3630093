"""Lays the phone app out in a folder of its own: what flet-cli packages, and nothing beside it.

flet-cli keeps its work in `build/` beside the app and may empty it, so it never runs where our own build/ is.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pwa
import release

# What flet-cli makes from the app, kept between builds: it takes minutes the first time.
KEPT = "build"


def files(app_root: Path = pwa.ROOT) -> dict[str, bytes]:
    """Every file by its path in the folder: the client, its catalogues, the icon, how it is packaged."""
    found = {name: path.read_bytes() for name, path in pwa.app_files(app_root)}
    found |= dict(release.compiled_catalogues())
    found["assets/icon.png"] = (pwa.ASSETS / "phone" / "icon.png").read_bytes()
    found["pyproject.toml"] = (app_root / "pyproject.toml").read_bytes()
    return found


def lay_out(folder: Path) -> None:
    """Make the folder hold exactly these files."""
    for present in folder.iterdir() if folder.exists() else ():
        if present.name != KEPT:
            shutil.rmtree(present) if present.is_dir() else present.unlink()
    for name, content in files().items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
