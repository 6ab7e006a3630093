"""Protection of unsaved changes: leaving a form asks first, whichever way the user leaves it."""

from collections.abc import Callable
from typing import Any

import flet as ft

from app.i18n import _
from app.ui.components.dialogs import confirm
from app.ui.state import AppState
from app.viewmodels import paths


def ask_to_discard(app: AppState, leave: Callable[[], None]) -> None:
    confirm(
        app,
        _("Discard your changes?"),
        _("What you changed here is not saved yet."),
        _("Discard"),
        leave,
        cancel=_("Keep editing"),
        destructive=True,
    )


class LeavingGuard:
    """Intercepts the router's events while a form has unsaved changes, to hold up the browser's "back".

    A reload or a closed tab is handled by the platform. The app's own ways out have already saved or asked.
    """

    def __init__(self, app: AppState, form: str) -> None:
        self.discard: Callable[[], None] = _nothing  # drops the typed values
        self.abandon: Callable[[], None] = _nothing  # drops the record the form was opened for
        self._app = app
        self._form = form  # the form's address
        self._page = app.page
        self._router: Callable[..., Any] | None = None

    def install(self) -> None:
        if self._router is not None:
            return
        self._router = self._page.on_route_change
        self._page.on_route_change = self._on_route_change
        self._app.platform.ask_before_leaving(unsaved=True)

    def uninstall(self) -> None:
        if self._router is not None:
            self._page.on_route_change, self._router = self._router, None
            self._app.platform.ask_before_leaving(unsaved=False)

    def _on_route_change(self, event: ft.RouteChangeEvent) -> None:
        if self._router is None:
            return
        if self._app.is_going_to(event.route) or paths.is_within(event.route, self._form):
            self._router(event)
            return
        # The address has already changed: restore the form's until the user has decided.
        self._page.navigate(self._form)
        self.ask(lambda: self._app.go(event.route))

    def ask(self, leave: Callable[[], None]) -> None:
        """Ask whether to drop the typed values; then leave."""

        def agreed() -> None:
            self.discard()
            leave()
            self.abandon()

        ask_to_discard(self._app, agreed)


def _nothing() -> None:
    pass


def guard(
    app: AppState,
    unsaved: bool,
    discard: Callable[[], None] = _nothing,
    abandon: Callable[[], None] = _nothing,
) -> Callable[[], None]:
    """Hook for a form's screen: return the close button's action, which asks if there are unsaved changes.

    `discard` drops the typed values once the user has agreed. `abandon` is called after it, and when the form
    is closed by the button without unsaved changes.
    """
    form = ft.use_view_path()
    guarding = ft.use_memo(lambda: LeavingGuard(app, form), [form])
    guarding.discard, guarding.abandon = discard, abandon
    ft.use_effect(
        guarding.install if unsaved else guarding.uninstall, [unsaved, form], cleanup=guarding.uninstall
    )

    def close() -> None:
        app.back()
        abandon()

    return (lambda: guarding.ask(app.back)) if unsaved else close


async def keep_and_ask(event: ft.Event[ft.View], leave: Callable[[], None]) -> None:
    """Handle the phone's "back": stay on the screen and ask."""
    await event.control.confirm_pop(False)
    leave()
