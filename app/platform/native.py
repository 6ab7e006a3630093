"""CPython: development in a terminal, and the app on a phone, where Flet names the folder for its data."""

import locale
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from app.platform.base import Event, Theme


class NativePlatform:
    """A process with files. A new version comes by the system's own ways, so no event ever happens here."""

    @property
    def database_path(self) -> Path:
        folder = data_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / "kaeru.db"

    @property
    def languages(self) -> list[str]:
        names = [*os.environ.get("LANGUAGE", "").split(":"), locale.getlocale()[0] or ""]
        tags = (name.split(".")[0].replace("_", "-") for name in names)
        return [tag for tag in tags if tag not in {"", "C", "POSIX"}]

    @property
    def time_zone(self) -> str:
        return os.environ.get("TZ", "").removeprefix(":") or zone_of_clock(Path("/etc/localtime"))

    def subscribe(self, handler: Callable[[Event], None]) -> None:
        pass

    async def keeps_storage(self) -> bool:
        return True

    def apply_update(self) -> None:
        pass

    def restart(self) -> None:
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - the very command this process began with

    def ask_before_leaving(self, unsaved: bool) -> None:
        pass  # a phone keeps the app and its form in memory; a window that is closed is meant to be

    def set_look(self, language: str, theme: Theme) -> None:
        pass

    def leave_glance(self, glance: Mapping[str, object] | None) -> None:
        pass


def data_folder() -> Path:
    """KAERU_DATA, else the folder Flet gives a packaged app, else the user's own by the system's custom."""
    for variable in ("KAERU_DATA", "FLET_APP_STORAGE_DATA"):
        if os.environ.get(variable):
            return Path(os.environ[variable]).absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Kaeru"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Kaeru"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "kaeru"


def zone_of_clock(link: Path) -> str:
    """The IANA name that the system's clock file points to, else UTC."""
    _before, found, name = os.path.realpath(link).partition("zoneinfo/")
    return name if found else "UTC"
