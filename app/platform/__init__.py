"""Differences between devices: database location, languages, time zone, notifications, updates."""

import sys
from functools import cache

from app.platform.base import Platform


@cache
def current() -> Platform:
    """The platform of this process."""
    if sys.platform == "emscripten":
        from app.platform.web import WebPlatform

        return WebPlatform()
    if sys.platform in {"android", "ios"}:
        from app.platform.phone import PhonePlatform

        return PhonePlatform()
    from app.platform.native import NativePlatform

    return NativePlatform()
