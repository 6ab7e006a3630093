"""Which version of each package the phone app is made of: the locked one, which the tests ran with, but where
Flet publishes another for phones.

Packages with native code come from Flet's index, which holds few versions of each. Left to itself pip walks
back to whatever release fits them, and says nothing.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

LOCK = Path(__file__).resolve().parent / "requirements" / "run.txt"

FOR_PHONES = {
    "cffi": "2.0.0",
    "cryptography": "48.0.0",
    "msgpack": "1.1.2",
    "pydantic-core": "2.46.4",
    "pydantic": "2.13.4",  # pure, but each release takes one pydantic-core and no other
}
"""By flet-dev/mobile-forge, August 2026: the recipes' versions for Python 3.14, and of pydantic-core what its
page says the index holds (2.46.4; and 2.47.0, which only a pre-release of pydantic takes)."""


def constraints(lock: str) -> str:
    """A constraints file for pip, made from a lock file."""
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", lock, re.MULTILINE))
    return "".join(f"{name}=={version}\n" for name, version in sorted((locked | FOR_PHONES).items()))


def arguments(wanted: list[str], folder: Path) -> list[str]:
    """What pip is to install: `wanted`, in these versions, which are written to a file in `folder`.

    Its name says what is in it, for flet-cli installs anew only when what it is asked for has changed.
    """
    text = constraints(LOCK.read_text(encoding="utf-8"))
    file = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:12]}.txt"
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return [*wanted, f"--constraint={file}"]
