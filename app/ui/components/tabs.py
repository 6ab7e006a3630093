"""The frame of the five main destinations: bar, navigation at the thumb, and the "+" that records."""

from collections.abc import Sequence

import flet as ft

from app.i18n import _
from app.ui.components.buttons import icon_button
from app.ui.components.destinations import TABS, destinations
from app.ui.components.layout import READABLE_WIDTH, name_window, side_padding, title_text
from app.ui.state import AppState

SHORT_TITLE = 32
"""Characters of a title that fit beside no icon; each icon takes the room of four."""


def _title(app: AppState, text: str, icons: int) -> ft.Control:
    """A day that is written long takes two lines of smaller letters."""
    fits = len(text) <= SHORT_TITLE - 4 * icons or app.width > READABLE_WIDTH
    return title_text(text, lines=1 if fits else 2)


def tab_screen(
    app: AppState,
    tab: str,
    title: str,
    controls: Sequence[ft.Control],
    *,
    header: ft.Control | None = None,
    actions: Sequence[ft.Control] = (),
    add_label: str = "",
    add_route: str = "",
) -> ft.View:
    """A main destination; `header` stays in view above the scrolling list.

    All tabs share one navigator key, so switching between them does not slide like going deeper does.
    """
    side = side_padding(app)
    name_window(app, title)
    body: list[ft.Control] = []
    if app.update_ready and not app.is_wide:
        body.append(update_banner(app))
    if header is not None:
        body.append(ft.Container(header, padding=ft.Padding(left=side, right=side, top=0, bottom=8)))
    body.append(
        ft.ListView(
            controls=list(controls),
            expand=True,
            spacing=8,
            padding=ft.Padding(left=side, right=side, top=4, bottom=96),  # the last row clears the "+"
        )
    )
    return ft.View(
        route="/",
        appbar=ft.AppBar(
            title=_title(app, title, len(actions) + 1),
            center_title=False,
            automatically_imply_leading=False,
            actions=[
                *actions,
                settings_button(app),
            ],
            # In line with what is below; an icon has 12 px around it.
            title_spacing=side,
            actions_padding=ft.Padding(right=side - 12),
        ),
        navigation_bar=ft.NavigationBar(
            selected_index=TABS.index(tab),
            on_change=lambda event: app.go(TABS[int(event.control.selected_index)]),
            destinations=[
                ft.NavigationBarDestination(each.icon, each.label, each.chosen_icon)
                for each in destinations()
            ],
        )
        if not app.is_wide
        else None,
        floating_action_button=ft.FloatingActionButton(
            icon=ft.Icon(ft.Icons.ADD, semantics_label=add_label or _("Record")),
            tooltip=add_label or _("Record"),
            on_click=lambda _event: app.go(add_route) if add_route else app.open("new", "message"),
        ),
        controls=[
            ft.SafeArea(
                ft.Column(body, expand=True, spacing=0),
                expand=True,
                avoid_intrusions_top=False,
                avoid_intrusions_bottom=False,
            )
        ],
        padding=0,
    )


def settings_button(app: AppState) -> ft.Control:
    """With a dot on it when sync cannot go on by itself."""
    needed = app.sync_status.state == "error"
    button = icon_button(
        ft.Icons.SETTINGS_OUTLINED,
        _("Settings: sync needs you") if needed else _("Settings"),
        lambda: app.open("settings", "main"),
    )
    if needed:
        button.badge = ft.Badge(bgcolor=ft.Colors.TERTIARY, small_size=10)
    return button


def update_banner(app: AppState) -> ft.Control:
    """A new version is offered, never forced in mid-work."""

    def later(_event: ft.Event[ft.TextButton]) -> None:
        app.update_ready = False

    buttons: list[ft.Control] = [
        ft.TextButton(_("Later"), on_click=later),
        ft.FilledButton(_("Update now"), on_click=lambda _event: app.platform.apply_update()),
    ]
    # Below the sentence where a phone's text is large.
    return ft.Container(
        ft.Row(
            [ft.Text(_("A new version of Kaeru is ready.")), ft.Row(buttons, wrap=True, run_spacing=0)],
            wrap=True,
            run_spacing=0,
            alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
            width=float("inf"),
        ),
        bgcolor=ft.Colors.SECONDARY_CONTAINER,
        padding=ft.Padding(left=16, right=12, top=8, bottom=8),
    )
