"""The storage folder of a packaged app."""

from pathlib import Path

import pytest

from app.platform.phone import STORAGE


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("KAERU_DATA", raising=False)
    monkeypatch.setenv(STORAGE, str(tmp_path))
    return tmp_path
