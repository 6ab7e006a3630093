"""The browser's own modules, as Pyodide hands them to Python."""

import importlib
from typing import Any


def browser_module(name: str) -> Any:
    """A module that exists only in Pyodide, so nothing can say what is in it."""
    return importlib.import_module(name)
