"""What is built from."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def client() -> Path:
    """The folder of Flet's web client, as it comes."""
    package = importlib.util.find_spec("flet_web")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "web"
