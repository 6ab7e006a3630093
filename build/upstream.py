"""The changes to other projects' files that make the app start sooner or load less; each can be left out.

UPSTREAM.md describes them, and those that cannot be left out. `make pwa PLAIN=1` leaves all of these out,
`PLAIN=icons,snapshot` some.
"""

from __future__ import annotations

import sys

CALLS = "calls"  # indirect_calls.py
BYTE_CODE = "byte-code"  # bytecode.py, compiler.py
LIBRARY = "library"  # web_client.py: modules of the standard library
PACKAGES = "packages"  # wheels.py: files of the packages
ICONS = "icons"  # icon_fonts.py
SNAPSHOT = "snapshot"  # assets/web/page/snapshot.js
CHANGES = frozenset({CALLS, BYTE_CODE, LIBRARY, PACKAGES, ICONS, SNAPSHOT})

Changes = frozenset[str]


def made(plain: str) -> Changes:
    """The changes to make where `plain` says which to leave out: empty, "1" (all) or names with commas."""
    if plain in {"", "0"}:
        return CHANGES
    if plain == "1":
        return frozenset()
    left_out = {name.strip() for name in plain.split(",")}
    if unknown := left_out - CHANGES:
        sys.exit(f"kaeru: PLAIN knows {', '.join(sorted(CHANGES))} and 1, not {', '.join(sorted(unknown))}.")
    return CHANGES - left_out
