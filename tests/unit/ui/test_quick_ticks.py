"""A second box ticked before the screen has shown the first tick: both ticks are kept."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import flet as ft

from app.domain.column_types import ChecklistItem
from app.domain.entities import Checklist, Entity, Settings
from app.platform.native import NativePlatform
from app.store.database import open_database
from app.store.store import Store
from app.ui.app import App
from app.ui.state import AppState
from tests.unit.platform.screen import Screen

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
JOBS = b"Title,Client\nLogo,Ana\nFlyer,Marc\nPoster,Ana\n"


class Shown:
    """The app on a fake screen, opened at an address."""

    def __init__(self, address: str, *known: Entity) -> None:
        self.store = Store(open_database(":memory:"), lambda: NOW)
        self.store.save(Settings(time_zone="UTC", language="en", introduced=True), *known)
        self.screen = Screen()
        self.screen.page.route = address
        app = AppState(self.screen.page, self.store, NativePlatform(), lambda: NOW)
        self.screen.page.render_views(App, app)

    def all(self, kind: type[Any]) -> list[Any]:
        """The controls of a type, in order of creation."""
        there = {each._i: each for each in self.screen.session.index.values() if isinstance(each, kind)}
        return [there[number] for number in sorted(there)]

    def tick(self, box: Any, on: bool) -> None:
        event: Any = SimpleNamespace(control=SimpleNamespace(value=on))
        box.on_change(event)

    def ticked(self) -> list[bool]:
        return [box.value for box in self.all(ft.Checkbox)]

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not done():  # noqa: ASYNC110 - Flet sends no event after rendering
                await asyncio.sleep(0.005)


def test_quick_ticks_in_a_checklist_are_both_kept() -> None:
    items = [ChecklistItem(id=each, text=each) for each in ("dates", "names", "figures")]

    async def run() -> None:
        shown = Shown(
            "/scripts/checklist/own", Checklist(id="own", language="en", title="Before", items=items)
        )
        await shown.until(lambda: shown.ticked() == [False] * 3)
        first, second, _third = shown.all(ft.Checkbox)
        shown.tick(first, True)
        shown.tick(second, True)
        await shown.until(lambda: any(shown.ticked()))
        assert shown.ticked() == [True, True, False]
        shown.store.close()

    asyncio.run(run())


def test_quick_ticks_in_an_import_are_both_kept() -> None:
    async def run() -> None:
        shown = Shown("/jobs/import/jobs")
        await shown.until(lambda: bool(shown.all(ft.FilePicker)))
        shown.all(ft.FilePicker)[0].on_result(SimpleNamespace(files=[SimpleNamespace(bytes=JOBS)]))
        await shown.until(lambda: len(shown.ticked()) == 3)
        first, second, _third = shown.all(ft.Checkbox)
        shown.tick(first, False)
        shown.tick(second, False)
        await shown.until(lambda: not all(shown.ticked()))
        assert shown.ticked() == [False, False, True]
        shown.store.close()

    asyncio.run(run())
