"""Takes the docstrings out of Python source: nobody reads them in a browser, and they are a quarter of it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

# Not empty: dataclasses would work a text out for each of Flet's classes, at every start.
PLACEHOLDER = b'"."'
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def strip(source: bytes) -> bytes:
    """The same program without its docstrings; every line keeps its number, so tracebacks stay true.

    Source newer than the Python that runs this is returned as it is.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            docstrings = list(find(ast.parse(source)))
    except SyntaxError:
        return source
    lines = source.splitlines(keepends=True)
    for docstring in docstrings:
        first, last = docstring.lineno - 1, (docstring.end_lineno or docstring.lineno) - 1
        before, after = lines[first][: docstring.col_offset], lines[last][docstring.end_col_offset :]
        lines[first : last + 1] = [before + PLACEHOLDER + after] + [b"\n"] * (last - first)
    return b"".join(lines)


def find(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED):
            match node.body:
                case [ast.Expr(value=ast.Constant(value=str()) as docstring), *_]:
                    yield docstring
