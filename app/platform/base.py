"""The one interface through which the app sees its device."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, Protocol

Event = Literal["update-ready"]
Theme = Literal["system", "light", "dark"]


class Platform(Protocol):
    """A device that Kaeru runs on."""

    @property
    def database_path(self) -> Path:
        """Where the SQLite file belongs; its folder exists."""

    @property
    def languages(self) -> list[str]:
        """The person's languages as BCP 47 tags, the best first; may be empty."""

    @property
    def time_zone(self) -> str:
        """The device's time zone by its IANA name; "UTC" where the device does not tell."""

    def subscribe(self, handler: Callable[[Event], None]) -> None:
        """Call `handler` when something happens to the app itself.

        "update-ready": a newer version has been downloaded and runs once `apply_update` is called, or after
        the app has been closed.
        """

    async def keeps_storage(self) -> bool:
        """Whether data stays until the person deletes it; else a browser short of space may clear it."""

    def apply_update(self) -> None:
        """Start again with the version that waits. Does nothing where none does."""

    def restart(self) -> None:
        """Start the app again, with its database closed and opened anew."""

    def ask_before_leaving(self, unsaved: bool) -> None:
        """Say whether something typed would be lost, so that the person is asked before the app is closed."""

    def set_look(self, language: str, theme: Theme) -> None:
        """Let what is shown before the app runs, and what a screen reader assumes, match the settings."""

    def leave_glance(self, glance: Mapping[str, object] | None) -> None:
        """Keep what the next start shows before the app runs (JSON, see app/ui/glance.py); None for nothing.

        It stays on the device.
        """
