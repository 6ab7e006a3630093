"""Browser modules provided by Pyodide."""

import importlib
from typing import Any


def browser_module(name: str) -> Any:
    """Import a module that exists only in Pyodide and has no type information."""
    return importlib.import_module(name)
