"""Cuts the icons down to those that can be drawn: what the app names, and what Flutter's controls show.

Flet's client has all of them in a list, for Python may name any; nothing else in it refers to most.
"""

from __future__ import annotations

import importlib.util
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from fontTools import subset

# A constant of main.dart.js, on a line of its own: name, code point (59000 is written 59e3), font.
CONSTANT = re.compile(
    r'\nB\.([\w$]+)=new A\.\w+\((\d+(?:e\d)?),"(MaterialIcons|CupertinoIcons)",[^\n]*\)(?=\n)'
)
# Flet's lists of all icons.
LIST = re.compile(r"=A\.d\(\[((?:B\.[\w$]+,){1000,}B\.[\w$]+)\]")
CONSTANT_NAME = re.compile(r"\bB\.([\w$]+)")
MATERIAL = "MaterialIcons"
# Python names an icon by its place in a list, from here on.
FIRST_PLACE = 0x10000
NAMED = re.compile(rb"\bIcons\.([A-Z0-9_]+)\b")


class Icons(NamedTuple):
    """A client that knows only the icons that can be drawn, and their code points by font."""

    script: str
    drawn: dict[str, set[int]]


def keep_drawn(script: str, sources: Iterable[bytes]) -> Icons:
    """main.dart.js without the icons that neither the app's `sources` name nor Flutter shows by itself."""
    constants = {name: (font, int(float(code))) for name, code, font in CONSTANT.findall(script)}
    lists = [CONSTANT_NAME.findall(found) for found in LIST.findall(script)]
    used = named(
        sources, next((names for names in lists if constants.get(names[0], ("",))[0] == MATERIAL), [])
    )
    listed = Counter(name for names in lists for name in names)
    mentioned = Counter(CONSTANT_NAME.findall(script))
    # Once where it is made, and in the lists: anywhere else is a control of Flutter's.
    used |= {name for name in constants if mentioned[name] > 1 + listed[name]}
    stand_in = min(used)

    def kept(found: re.Match[str]) -> str:
        return found[0] if found[1] in used or found[1] not in constants else f"B.{stand_in}"

    script = LIST.sub(lambda found: CONSTANT_NAME.sub(kept, found[0]), script)
    script = CONSTANT.sub(lambda found: found[0] if found[1] in used else "", script)
    drawn: dict[str, set[int]] = {}
    for font, code in (constants[name] for name in used):
        drawn.setdefault(font, set()).add(code)
    return Icons(script, drawn)


def named(sources: Iterable[bytes], listed: list[str]) -> set[str]:
    """The constants of the icons that Python names, of those `listed`."""
    package = importlib.util.find_spec("flet")
    folder = Path(str(package and package.origin)).parent
    numbers = json.loads((folder / "controls" / "material" / "icons.json").read_text(encoding="utf-8"))
    if len(numbers) != len(listed):
        sys.exit("kaeru: main.dart.js no longer lists its icons; look at build/icon_fonts.py")
    names = {name.decode() for source in sources for name in NAMED.findall(source)}
    if unknown := names - numbers.keys():
        sys.exit(f"kaeru: Flet has no icon {', '.join(sorted(unknown))}")
    return {listed[numbers[name] - FIRST_PLACE] for name in names}


def cut_font(font: bytes, codes: set[int]) -> bytes:
    """A font with these characters alone, as WOFF2."""
    options = subset.Options(flavor="woff2", hinting=False, desubroutinize=True, recalc_timestamp=False)
    options.notdef_outline = True
    loaded = subset.load_font(io.BytesIO(font), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(loaded)
    result = io.BytesIO()
    subset.save_font(loaded, result, options)
    return result.getvalue()
