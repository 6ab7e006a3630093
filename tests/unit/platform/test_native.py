"""The data folder, languages, and time zone on CPython."""

import sys
from pathlib import Path

import pytest

from app.platform import current
from app.platform.native import NativePlatform, data_folder, zone_of_clock


def test_the_current_platform_on_cpython_is_native() -> None:
    assert isinstance(current(), NativePlatform)


def test_the_database_is_in_the_folder_of_kaeru_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAERU_DATA", str(tmp_path / "new" / "folder"))
    path = NativePlatform().database_path
    assert path == tmp_path / "new" / "folder" / "kaeru.db"
    assert path.parent.is_dir()


@pytest.mark.parametrize(
    ("system", "environment", "folder"),
    [
        ("linux", {"XDG_DATA_HOME": "/home/mei/data"}, "/home/mei/data/kaeru"),
        ("linux", {}, "/home/mei/.local/share/kaeru"),
        ("darwin", {}, "/home/mei/Library/Application Support/Kaeru"),
        ("android", {"FLET_APP_STORAGE_DATA": "/data/app"}, "/data/app"),
    ],
)
def test_each_system_has_its_own_default_data_folder(
    system: str, environment: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KAERU_DATA", "FLET_APP_STORAGE_DATA", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/mei", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", system)
    assert data_folder() == Path(folder)


def test_languages_come_from_the_environment_best_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "ja_JP.UTF-8:fr:C")
    assert NativePlatform().languages[:2] == ["ja-JP", "fr"]


def test_the_time_zone_is_that_of_tz_or_of_the_system_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", ":Asia/Tokyo")
    assert NativePlatform().time_zone == "Asia/Tokyo"
    zones = tmp_path / "zoneinfo" / "Europe"
    zones.mkdir(parents=True)
    (zones / "Paris").touch()
    (tmp_path / "localtime").symlink_to(zones / "Paris")
    assert zone_of_clock(tmp_path / "localtime") == "Europe/Paris"
    assert zone_of_clock(tmp_path / "nothing") == "UTC"
