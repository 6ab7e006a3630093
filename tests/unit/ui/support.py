"""An AppState without a screen: a fake page records snack bars and the current route."""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from app.domain.entities import Settings
from app.platform.native import NativePlatform
from app.store.database import open_database
from app.store.store import Store
from app.ui.state import AppState


class Screen:
    """Stands in for Flet's page."""

    def __init__(self) -> None:
        self.said: list[Any] = []
        self.route = "/clients"
        self.width = 390

    def show_dialog(self, snack_bar: Any) -> None:
        self.said.append(snack_bar)

    def navigate(self, route: str) -> None:
        self.route = route

    def run_task(self, task: Callable[..., Coroutine[Any, Any, None]], *given: Any) -> None:
        """Run a coroutine that never suspends."""
        with suppress(StopIteration):
            task(*given).send(None)


def open_app(clock: Callable[[], datetime]) -> AppState:
    """For a user in Paris who allows two unscheduled calls a week."""
    store = Store(open_database(":memory:"), clock)
    store.save(
        Settings(name="Robin", time_zone="Europe/Paris", currency="EUR", call_allowance=2, introduced=True)
    )
    page: Any = Screen()
    return AppState(page, store, NativePlatform(), clock)


def said(app: AppState) -> SimpleNamespace:
    """The text of the last snack bar, its undo action, and the labels and action of its buttons."""
    bar = app.page.said[-1]  # type: ignore[attr-defined]
    words, *offered = getattr(bar.content, "controls", [bar.content])
    return SimpleNamespace(
        text=words.value,
        undo=lambda: bar.action.on_click(None),
        then=[button.content for button in offered],
        go_on=lambda: offered[0].on_click(None),
    )
