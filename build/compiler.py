"""Compiles Python source to byte code, without what no browser reads. It runs in Pyodide; see bytecode.py."""

from __future__ import annotations

import ast
import io
import marshal
import warnings
import zipfile
from importlib.util import MAGIC_NUMBER
from types import CodeType

# Not empty: dataclasses would work a text out for each of Flet's classes, at every start.
DOCSTRING = "."
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# Where a statement keeps the statements in it.
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
# PEP 552: no source is there that it would have to agree with.
UNCHECKED = (1).to_bytes(4, "little") + bytes(8)


def compile_archive(sources: bytes, folder: str) -> bytes:
    """The modules of a zip archive, .py, as another one, .pyc; they will lie in `folder`."""
    compiled = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sources)) as source, zipfile.ZipFile(compiled, "w") as target:
        for name in source.namelist():
            target.writestr(f"{name}c", compile_module(source.read(name), f"{folder}/{name}"))
    return compiled.getvalue()


def compile_module(source: bytes, path: str) -> bytes:
    """The content of a .pyc."""
    return MAGIC_NUMBER + UNCHECKED + marshal.dumps(compile_tree(source, path))


def compile_tree(source: bytes, path: str) -> CodeType:
    """The code of a module; tracebacks name the file at `path` and its lines."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        tree = ast.parse(source, path)
        slim(tree)
        return compile(tree, path, "exec", dont_inherit=True, optimize=0)


def slim(node: ast.AST) -> None:
    """Take the text out of docstrings, and the annotations off functions.

    At run time those of classes are read, and of functions by their decorators (functools.singledispatch).
    """
    if isinstance(node, DOCUMENTED):
        match node.body:
            case [ast.Expr(value=ast.Constant(value=str()) as docstring), *_]:
                docstring.value = DOCSTRING
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.decorator_list:
        node.returns = None
        given = node.args
        for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
            if argument:
                argument.annotation = None
    for block in BLOCKS:
        for inner in getattr(node, block, ()):
            slim(inner)
