"""The layout of the five main destinations: app bar, navigation bar and the Record button."""

from collections.abc import Sequence

import flet as ft

from app.i18n import _
from app.ui.components.buttons import icon_button
from app.ui.components.destinations import TABS, destinations
from app.ui.components.layout import BAR_WIDTH, name_window, side_padding, title_text
from app.ui.components.scrolled import scrolled
from app.ui.state import AppState


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
    """A main destination; `header` stays visible above the scrolling list.

    All tabs share one navigator key, so that switching between them has no slide animation.
    """
    side = side_padding(app)
    name_window(app, title)
    body: list[ft.Control] = []
    if app.update_ready and not app.is_wide:
        body.append(update_banner(app))
    if header is not None:
        body.append(ft.Container(header, padding=ft.Padding(left=side, right=side, top=0, bottom=8)))
    body.append(
        scrolled(controls, ft.Padding(left=side, right=side, top=4, bottom=16), spacing=8),
    )
    # Below the list, not floating over it, where it would cover the menu of some row.
    path, edge = ft.use_view_path(), max(side, (app.width - BAR_WIDTH) / 2)
    body.append(
        ft.Container(
            ft.FilledButton(
                add_label or _("Record"),
                icon=ft.Icons.ADD,
                width=float("inf"),
                on_click=lambda _event: app.go(add_route) if add_route else app.open("new", "message"),
            ),
            padding=ft.Padding(left=edge, right=edge, top=8, bottom=8),
            on_size_change=lambda event: app.keep_clear(path, event.height),
        )
    )
    return ft.View(
        route="/",
        appbar=ft.AppBar(
            title=title_text(title),
            center_title=False,
            automatically_imply_leading=False,
            actions=[
                *actions,
                settings_button(app),
            ],
            # Aligned with the content below; an icon has 12 px of padding.
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
    """The Settings button, with a dot while sync needs the user."""
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
    """The banner that offers a new version; updates are never forced."""

    def later(_event: ft.Event[ft.TextButton]) -> None:
        app.update_ready = False

    buttons: list[ft.Control] = [
        ft.TextButton(_("Later"), on_click=later),
        ft.FilledButton(_("Update now"), on_click=lambda _event: app.platform.apply_update()),
    ]
    # The buttons wrap below the sentence if a phone's text is large.
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
