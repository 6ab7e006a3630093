"""Nothing typed is lost by leaving: a form with unsaved changes asks first, whichever way one leaves it."""

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
    """Stands before the router while a form has unsaved changes, and holds up the browser's own "back".

    A reload or a closed tab is the platform's to hold up.

    The app's own ways out have either saved or asked.
    """

    def __init__(self, app: AppState, form: str) -> None:
        self.discard: Callable[[], None] = _nothing  # drops what was typed
        self.abandon: Callable[[], None] = _nothing  # drops what the form is about
        self._app = app
        self._form = form  # the form's address
        self._page = app.page
        self._router: Callable[..., Any] | None = None

    def stand(self) -> None:
        if self._router is not None:
            return
        self._router = self._page.on_route_change
        self._page.on_route_change = self._meet
        self._app.platform.ask_before_leaving(unsaved=True)

    def step_aside(self) -> None:
        if self._router is not None:
            self._page.on_route_change, self._router = self._router, None
            self._app.platform.ask_before_leaving(unsaved=False)

    def _meet(self, event: ft.RouteChangeEvent) -> None:
        if self._router is None:
            return
        if self._app.is_going_to(event.route) or paths.is_within(event.route, self._form):
            self._router(event)
            return
        # The address has changed already: it goes back to the form's until the person has decided.
        self._page.navigate(self._form)
        self.ask(lambda: self._app.go(event.route))

    def ask(self, leave: Callable[[], None]) -> None:
        """Whether what was typed may be dropped; then leave."""

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
    """A hook for a form's screen: the way out by its own button, asking when there is something to lose.

    `discard` drops what was typed, once the person has agreed to that. `abandon` follows it, and a way out by
    the button with nothing to lose.
    """
    form = ft.use_view_path()
    guarding = ft.use_memo(lambda: LeavingGuard(app, form), [form])
    guarding.discard, guarding.abandon = discard, abandon
    ft.use_effect(
        guarding.stand if unsaved else guarding.step_aside, [unsaved, form], cleanup=guarding.step_aside
    )

    def close() -> None:
        app.back()
        abandon()

    return (lambda: guarding.ask(app.back)) if unsaved else close


async def keep_and_ask(event: ft.Event[ft.View], leave: Callable[[], None]) -> None:
    """The phone's own "back": the screen stays, and asks."""
    await event.control.confirm_pop(False)
    leave()
