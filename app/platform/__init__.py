"""Differences between devices: database location, languages, time zone, notifications, updates."""

import sys
from collections.abc import Awaitable, Callable
from functools import cache
from typing import TYPE_CHECKING, Protocol

from app.platform.base import Platform

if TYPE_CHECKING:
    import flet as ft


class AttachablePlatform(Platform, Protocol):
    """A device with its connection to a Flet page, which only the start of the app needs."""

    async def attach(
        self, page: "ft.Page", start: Callable[[], Awaitable[None]], stop: Callable[[], None]
    ) -> None:
        """Fetch what only the page knows. Call before anything else, once per page.

        `start` runs the app on this page (again), `stop` ends it: for devices that cannot restart the
        process, and whose process outlives a page.
        """


@cache
def current() -> AttachablePlatform:
    """The platform of this process."""
    if sys.platform == "emscripten":
        from app.platform.web import WebPlatform

        return WebPlatform()
    if sys.platform in {"android", "ios"}:
        from app.platform.phone import PhonePlatform

        return PhonePlatform()
    from app.platform.native import NativePlatform

    return NativePlatform()
