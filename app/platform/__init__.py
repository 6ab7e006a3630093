"""What differs by device: where the database lies, the person's languages and time zone, new versions."""

import sys
from functools import cache

from app.platform.base import Platform


@cache
def current() -> Platform:
    """The device this process runs on."""
    if sys.platform == "emscripten":
        from app.platform.web import WebPlatform

        return WebPlatform()
    if sys.platform in {"android", "ios"}:
        from app.platform.phone import PhonePlatform

        return PhonePlatform()
    from app.platform.native import NativePlatform

    return NativePlatform()
