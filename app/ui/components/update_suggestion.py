"""A row that suggests an update to a client before they ask for one."""

import flet as ft

from app.domain.entities import Client
from app.domain.proactive import UpdateSuggestion
from app.i18n import _
from app.ui.components.buttons import icon_button, tappable
from app.ui.components.layout import card
from app.ui.state import AppState
from app.viewmodels import paths
from app.viewmodels.scripts.keys import say
from app.viewmodels.update_suggestion import SCRIPT, lines
from app.wording import words


def suggestion_row(app: AppState, suggestion: UpdateSuggestion, client: Client | None) -> ft.Control:
    """A row that opens the script on a tap; its button records that the update was sent."""
    job = suggestion.job
    title, why = lines(suggestion, client, app.format)
    mark = ft.CircleAvatar(
        ft.Icon(ft.Icons.OUTBOX_OUTLINED, color=ft.Colors.ON_SECONDARY_CONTAINER),
        bgcolor=ft.Colors.SECONDARY_CONTAINER,
        radius=24,
    )
    text = ft.Column(
        [
            ft.Text(title, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS),
            ft.Text(why, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT),
        ],
        spacing=2,
        expand=True,
    )
    main = tappable(
        ft.Row([mark, text], spacing=12),
        _("{name}. {what}").format(name=title, what=why),
        lambda: say(app, SCRIPT, "job", job.id),
    )
    main.expand = True

    def note() -> None:
        app.go(paths.stacked(paths.stacked(app.page.route, "job", job.id), "update", "new"))

    sent = icon_button(
        ft.Icons.CHECK_CIRCLE_OUTLINE,
        _("I sent an update: {name}").format(name=words.client_name(client)),
        note,
        ft.Colors.PRIMARY,
    )
    return card(ft.Row([main, sent], spacing=0), padding=12)
