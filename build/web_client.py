"""The third-party half of the PWA: Flet's Flutter client and Pyodide as the flet-web wheel carries them.

Only what this app uses is taken, and every address of another origin in it is replaced by one of ours.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

import browser_python
import bytecode
import icon_fonts
import indirect_calls
import upstream
from wheels import pack, remember

# Files taken as they are: of either of Flutter's clients its renderer, see assets/web/page/renderer.js.
TAKEN = (
    "canvaskit/canvaskit.js",
    "canvaskit/canvaskit.wasm",
    "canvaskit/skwasm.js",
    "canvaskit/skwasm.wasm",
    "main.dart.mjs",
    "assets/AssetManifest.bin.json",
    "assets/NOTICES",
    "assets/fonts/roboto.woff2",
    "assets/shaders/ink_sparkle.frag",
    "assets/shaders/stretch_effect.frag",
    "pyodide/pyodide.mjs",
    "pyodide/pyodide.asm.mjs",
    "pyodide/pyodide.asm.wasm",
)
FOREIGN_ORIGINS = {
    # Rive, an animation plug-in Flet always starts: page/absent/ answers that it is not here.
    "https://cdn.jsdelivr.net/npm/@rive-app/flutter-native-wasm@44.0.0/": "/page/absent/",
    "https://fonts.gstatic.com/s/": "/fallback-fonts/",
}
# Of the boot screen that Flet's client shows before the first view.
STARTUP_MESSAGE = b"Working..."
# What flutter.js asks the GPU, which may not be up yet: page/renderer.js knows already.
GPU_QUESTION = re.compile(r"webGLVersion:\w+\(\)")
# Skwasm's thread. flutter.js starts it from a text it carries, which our policy forbids: it becomes a file.
THREAD = re.compile(
    r'\w+\.endsWith\("\.ww\.js"\)\?URL\.createObjectURL\(new Blob\(\[`([^`]*)`\],\{[^}]*\}\)\):'
)
# Icons by the family that Flutter's code names: the font in the wheel, and ours, cut down.
ICON_FONTS = {
    "MaterialIcons": ("assets/fonts/MaterialIcons-Regular.otf", "fonts/MaterialIcons.woff2"),
    "CupertinoIcons": (
        "assets/packages/cupertino_icons/assets/CupertinoIcons.ttf",
        "packages/cupertino_icons/assets/CupertinoIcons.woff2",
    ),
}
FONTS = [
    {"family": "MaterialIcons", "fonts": [{"asset": ICON_FONTS["MaterialIcons"][1]}]},
    {"family": "Roboto", "fonts": [{"asset": "fonts/roboto.woff2"}]},
    {
        "family": "Noto Sans JP",
        "fonts": [
            {"asset": "fonts/NotoSansJP-Regular.woff2", "weight": 400},
            {"asset": "fonts/NotoSansJP-SemiBold.woff2", "weight": 600},
        ],
    },
    {
        "family": "packages/cupertino_icons/CupertinoIcons",
        "fonts": [{"asset": ICON_FONTS["CupertinoIcons"][1]}],
    },
]
# Compiled again and again for the guesses that a browser makes about them.
SHARING_CALLS = ("pyodide/pyodide.asm.wasm", "canvaskit/skwasm.wasm")
# What of it needs a terminal, a process, a server of its own or a developer; and the encodings, but for
# Unicode, those of the files that app/importexport/jobs_in.py reads, and what the library itself asks for.
UNUSED_STDLIB = re.compile(
    r"(__phello__|_pyrepl|ctypes/macholib|ensurepip|idlelib|multiprocessing|pydoc_data|tomllib|turtledemo|unittest"
    r"|venv|wsgiref|xml/dom|xmlrpc)/"
    r"|(__hello__|_pydatetime|_pyio|antigravity|asyncio/(proactor_events|tools|windows_.*)|bdb|cProfile|cmd|code"
    r"|compileall|configparser|ctypes/(_aix|util)|doctest|filecmp|fileinput|ftplib|getpass|http/server|imaplib"
    r"|json/tool|logging/(config|handlers)|mailbox|modulefinder|nturl2path|optparse|pdb|pickletools|plistlib|poplib"
    r"|profile|pstats|pty|pyclbr|pydoc|runpy|sched|shelve|smtplib|socketserver|symtable|tabnanny|this|trace|tty"
    r"|turtle|wave|zipapp|(.*/)?__main__)\.py$"
    r"|encodings/(?!(__init__|_win_cp_codecs|aliases|ascii|cp1252|cp437|cp932|idna|latin_1|punycode|raw_unicode_escape"
    r"|shift_jis|unicode_escape|utf_.*)\.py$)"
)


def collect(source: Path, app: Iterable[bytes], cache: Path, changes: upstream.Changes) -> dict[str, bytes]:
    """The client's files by their path in the PWA; `source` is the wheel's web folder, `app` our Python."""
    files = {path: (source / path).read_bytes() for path in TAKEN}
    loader = (source / "flutter.js").read_text(encoding="utf-8")
    files["flutter.js"], files["canvaskit/skwasm.ww.js"] = adapt_loader(loader)
    module = keep_home((source / "main.dart.wasm").read_bytes(), same_length=True)
    files["main.dart.wasm"] = say_nothing(module)
    script = say_nothing(keep_home((source / "main.dart.js").read_bytes()))
    if upstream.ICONS in changes:
        icons = icon_fonts.keep_drawn(script.decode(), app)
        files["main.dart.js"] = icons.script.encode()
        for family, (whole, cut) in ICON_FONTS.items():
            files[f"assets/{cut}"] = icon_fonts.cut_font((source / whole).read_bytes(), icons.drawn[family])
    else:
        files["main.dart.js"] = script
        for whole, cut in ICON_FONTS.values():
            files[f"assets/{cut}"] = (source / whole).read_bytes()  # Flutter looks at its first bytes
    files["assets/FontManifest.json"] = json.dumps(FONTS).encode()
    if upstream.CALLS in changes:
        for path in SHARING_CALLS:
            files[path] = share_calls(files[path], cache, f"shared-{Path(path).stem}")
    files["pyodide/pyodide-lock.json"] = lock_without_packages(source / "pyodide" / "pyodide-lock.json")
    files["pyodide/python_stdlib.zip"] = repack_stdlib(source / "pyodide", cache, changes)
    return files


def keep_home(client: bytes, *, same_length: bool = False) -> bytes:
    """Point what Flutter would fetch from other origins at our own.

    WebAssembly says how long each text is before it: there, ours is made as long as the other.
    """
    for foreign, ours in FOREIGN_ORIGINS.items():
        if client.count(foreign.encode()) != 1:
            sys.exit(f"kaeru: Flet's client no longer names {foreign} once; look at build/web_client.py")
        path = lengthen(ours, len(foreign)) if same_length else ours
        client = client.replace(foreign.encode(), path.encode())
    return client


def say_nothing(client: bytes) -> bytes:
    """Blank what Flet's client shows in English while Python starts: the cover has the user's language."""
    if client.count(STARTUP_MESSAGE) != 1:
        sys.exit("kaeru: Flet's client no longer says “Working...” once; look at build/web_client.py")
    return client.replace(STARTUP_MESSAGE, b" " * len(STARTUP_MESSAGE))


def lengthen(path: str, length: int) -> str:
    """Another path of this many characters to the same folder."""
    if (length - len(path)) % 2:
        path += "-/../"
    return path + "./" * ((length - len(path)) // 2)


def adapt_loader(loader: str) -> tuple[bytes, bytes]:
    """flutter.js that starts Skwasm's thread from a file and takes our word for the GPU; and that file."""
    threads = THREAD.findall(loader)
    if len(threads) != 1 or len(GPU_QUESTION.findall(loader)) != 1:
        sys.exit("kaeru: flutter.js is not what it was; look at build/web_client.py")
    adapted = GPU_QUESTION.sub("webGLVersion:2", THREAD.sub("", loader))
    return adapted.encode(), threads[0].strip().encode() + b"\n"


def share_calls(module: bytes, cache: Path, name: str) -> bytes:
    made_from = module + Path(indirect_calls.__file__).read_bytes()
    return remember(cache, name, made_from, lambda: indirect_calls.share_indirect_calls(module))


def lock_without_packages(path: Path) -> bytes:
    """Pyodide's lock file without its package index: our packages come in an archive of their own."""
    lock = json.loads(path.read_text(encoding="utf-8"))
    return json.dumps({**lock, "packages": {}}).encode()


def repack_stdlib(pyodide: Path, cache: Path, changes: upstream.Changes) -> bytes:
    """The standard library in byte code, without what cannot run here."""
    original = (pyodide / "python_stdlib.zip").read_bytes()
    whole = upstream.LIBRARY not in changes

    def files() -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(original)) as archive:
            return {
                name: archive.read(name)
                for name in archive.namelist()
                if not name.endswith("/") and (whole or not UNUSED_STDLIB.match(name))
            }

    def repack() -> bytes:
        return pack(bytecode.compile_modules(files(), browser_python.STANDARD_LIBRARY, pyodide))

    if upstream.BYTE_CODE not in changes:
        return original if whole else pack(files())
    name = "whole-stdlib" if whole else "stdlib"
    return remember(cache, name, original + UNUSED_STDLIB.pattern.encode(), repack)
