"""A script as a list row, and the key of its screen."""

from collections.abc import Callable

import flet as ft

from app.store.content import ContentView, ScriptView
from app.ui.state import AppState
from app.viewmodels.scripts.keys import key_of, origin


def script_tile(app: AppState, script: ScriptView) -> ft.Control:
    """A row with the script's title and use; it opens the script, filled in for the record on screen."""
    return text_tile(app, "script", script, script.when)


def text_tile(
    app: AppState,
    kind: str,
    view: ContentView,
    note: str,
    on_open: Callable[[ContentView], None] | None = None,
) -> ft.Control:
    mark = origin(view)
    trailing: list[ft.Control] = [ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_SURFACE_VARIANT)]
    if mark:
        trailing.insert(0, badge(mark))
    return ft.ListTile(
        title=view.title,
        subtitle=ft.Text(note, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS) if note else None,
        trailing=ft.Row(trailing, spacing=4, tight=True),
        on_click=lambda _event: (
            on_open(view) if on_open else app.open(kind, key_of(app, view.id, view.language))
        ),
        content_padding=ft.Padding(left=12, right=8),
    )


def badge(text: str) -> ft.Control:
    """A short label beside a title."""
    return ft.Container(
        ft.Text(text, theme_style=ft.TextThemeStyle.LABEL_SMALL, color=ft.Colors.ON_SECONDARY_CONTAINER),
        bgcolor=ft.Colors.SECONDARY_CONTAINER,
        border_radius=8,
        padding=ft.Padding(left=8, right=8, top=2, bottom=2),
    )
