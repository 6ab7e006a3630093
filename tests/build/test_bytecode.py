"""The browser's Python: byte code, made by its own interpreter, that is the program that was written."""

import json
import re
import sys
import types
import zipfile
from pathlib import Path
from typing import Any

import bytecode
import compiler
import pytest
import release
import wheels

from tests.e2e.browser import ROOT, package

ARCHIVES = ("app.zip", "packages.zip", "pyodide/python_stdlib.zip")
RUNTIME = (ROOT / "assets" / "web" / "worker" / "runtime.js").read_text()
# PEP 552: a hash-based .pyc that is not compared with a source.
UNCHECKED = (1).to_bytes(4, "little")

PROGRAM = '''"""A module
of two lines."""
import functools
from dataclasses import dataclass

@dataclass
class Circle:
    """Where: it is."""
    radius: float

    def area(self, pi: "Never looked at" = 3) -> "A number":
        """The area.

        In the unit's square.
        """
        return pi * self.radius**2

@functools.singledispatch
def name(thing):
    return "thing"

@name.register
def number(thing: int):
    "One line."; return "number"

text = """not a docstring"""
'''


@pytest.fixture(scope="module")
def web() -> Path:
    return package()


@pytest.fixture(scope="module")
def archives(web: Path) -> dict[str, dict[str, bytes]]:
    found = {}
    for name in ARCHIVES:
        with zipfile.ZipFile(web / name) as archive:
            found[name] = {path: archive.read(path) for path in archive.namelist()}
    return found


@pytest.fixture(scope="module")
def compiled(web: Path) -> dict[str, bytes]:
    """Some of the app, compiled once more and by itself, in another order."""
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in ROOT.glob("app/domain/*.py")}
    backwards = dict(sorted(files.items(), reverse=True))
    library = (web / "pyodide" / "python_stdlib.zip").read_bytes()
    return bytecode.compile_modules(backwards, release.FOLDER, web / "pyodide", library)


def run(source: str) -> dict[str, Any]:
    """What a module holds after this Python has compiled it as Pyodide does, and run it."""
    module = types.ModuleType("program")
    sys.modules[module.__name__] = module
    exec(compiler.compile_tree(source.encode(), "/app/program.py"), vars(module))
    return vars(module)


def test_the_program_is_the_one_that_was_written() -> None:
    program = run(PROGRAM)
    assert program["Circle"](2).area() == 12
    assert (program["name"](1), program["name"]("")) == ("number", "thing")
    assert program["text"] == "not a docstring"


def test_a_traceback_names_the_file_and_the_line_it_was_written_in() -> None:
    code = run(PROGRAM)["Circle"].area.__code__
    assert (code.co_filename, code.co_firstlineno) == ("/app/program.py", 11)
    assert 16 in {line for _, _, line in code.co_lines()}


def test_what_nobody_reads_is_gone() -> None:
    program = run(PROGRAM)
    area = program["Circle"].area
    assert area.__annotations__ == {}
    assert "unit" not in area.__doc__
    # dataclasses would work one out, at a cost, for each class that has none.
    assert program["Circle"].__doc__ == "."


def test_every_module_is_byte_code_of_the_browsers_python(
    archives: dict[str, dict[str, bytes]], compiled: dict[str, bytes]
) -> None:
    magic = next(iter(compiled.values()))[:4]
    for name, files in archives.items():
        assert {path for path in files if path.endswith(".py")} == (
            {"main.py"} if name == "app.zip" else set()
        )
        modules = [content for path, content in files.items() if path.endswith(".pyc")]
        assert len(modules) > 200
        assert {content[:8] for content in modules} == {magic + UNCHECKED}


def test_the_same_source_becomes_the_same_bytes(
    archives: dict[str, dict[str, bytes]], compiled: dict[str, bytes]
) -> None:
    assert len(compiled) > 20
    assert {path: archives["app.zip"][path] for path in compiled} == compiled


def test_source_that_cannot_be_compiled_ends_the_build(web: Path, capfd: pytest.CaptureFixture[str]) -> None:
    library = (web / "pyodide" / "python_stdlib.zip").read_bytes()
    with pytest.raises(SystemExit, match="could not be compiled"):
        bytecode.compile_modules({"app/bad.py": b"def"}, "/app", web / "pyodide", library)
    assert 'File "/app/app/bad.py", line 1' in capfd.readouterr().err


def test_the_worker_knows_every_native_module_and_where_all_is_put(web: Path) -> None:
    native = (web / "native").rglob("*.wasm")
    known = re.search(r"NATIVE_MODULES = (\[.*?\]);", RUNTIME)
    assert known is not None
    assert set(json.loads(known[1])) == {
        path.relative_to(web / "native").with_suffix("").as_posix() for path in native
    }
    assert f'ARCHIVES = {{ "{wheels.FOLDER}": "/packages.zip", "{release.FOLDER}": "/app.zip" }}' in RUNTIME
