"""The browser: Python runs in a worker and asks the page for what only a page can do."""

import importlib
import json
from collections.abc import Callable, Mapping
from contextvars import copy_context
from pathlib import Path
from typing import Any

from app.platform.base import Event, Theme

# Where assets/web/worker/opfs.js puts the browser's own files.
DATABASE = Path("/data/kaeru.db")


class WebPlatform:
    """A tab of a browser. `kaeru_page` is the worker's own module; see assets/web/worker/python-worker.js."""

    def __init__(self) -> None:
        self._js = browser_module("js")
        self._page = browser_module("kaeru_page")
        self._handlers: list[Callable[[Event], None]] = []
        self._page.on_event = browser_module("pyodide.ffi").create_proxy(self._on_event)

    @property
    def database_path(self) -> Path:
        return DATABASE

    @property
    def languages(self) -> list[str]:
        return [str(tag) for tag in self._js.navigator.languages]

    @property
    def time_zone(self) -> str:
        return str(self._js.Intl.DateTimeFormat().resolvedOptions().timeZone or "UTC")

    def subscribe(self, handler: Callable[[Event], None]) -> None:
        # The browser calls from nowhere; Flet knows its page by the context of the one who subscribes.
        context = copy_context()
        self._handlers.append(lambda event: context.run(handler, event))

    async def keeps_storage(self) -> bool:
        return bool(await self._js.navigator.storage.persisted())

    def apply_update(self) -> None:
        self._tell("apply-update")

    def restart(self) -> None:
        self._tell("restart")

    def ask_before_leaving(self, unsaved: bool) -> None:
        self._tell("ask-before-leaving", unsaved=unsaved)

    def set_look(self, language: str, theme: Theme) -> None:
        self._tell("wear", language=language, theme=theme)

    def leave_glance(self, glance: Mapping[str, object] | None) -> None:
        self._tell("glance", glance=glance)

    def _tell(self, kind: str, **details: object) -> None:
        self._page.tell(kind, json.dumps(details))

    def _on_event(self, event: Event) -> None:
        for handler in self._handlers:
            handler(event)


def browser_module(name: str) -> Any:
    """A module that exists only in Pyodide, so nothing can say what is in it."""
    return importlib.import_module(name)
