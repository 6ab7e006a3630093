"""Dialogs for the new time of a standing call."""

from collections.abc import Callable
from datetime import datetime

from app.domain.entities import Client
from app.i18n import _
from app.importexport.typed_vague import OPENING
from app.ui.components.dialogs import confirm
from app.ui.components.times import choose_time
from app.ui.state import AppState
from app.viewmodels import standing as model
from app.wording.calls import day_off_reason


def ask_move(app: AppState, client: Client, at: datetime) -> None:
    """Ask for the new time of a standing call; confirm if it falls on a day off."""

    def chosen(to: datetime) -> None:
        ask_if_day_off(app, to, lambda: model.move(app, client, at, to))

    choose_time(
        app, _("When do you talk instead?"), model.suggested_moves(app, client, at), chosen, usual=OPENING
    )


def ask_if_day_off(app: AppState, to: datetime, go_on: Callable[[], object]) -> None:
    """Call `go_on` at once, or after confirmation if the day is a public holiday or a day off."""

    def agreed() -> None:
        go_on()

    day = app.calendar.local(to).date()
    if not app.calendar.is_day_off(day):
        go_on()
        return
    confirm(
        app,
        _("Move it to a day off?"),
        _("{day} ({reason})").format(
            day=app.format.when(to, app.now), reason=day_off_reason(day, app.calendar, app.settings)
        ),
        _("Move it there"),
        agreed,
        cancel=_("Change it"),
    )
