"""A script in a list, and the key by which its screen finds it again."""

from collections.abc import Callable

import flet as ft

from app.domain.languages import LANGUAGES
from app.i18n import _
from app.store.content import ChecklistView, ContentView, ScriptView
from app.ui import paths
from app.ui.state import AppState


def key_of(app: AppState, id_: str, language: str) -> str:
    """A script's or checklist's key in an address: its id, with its language unless that is the app's."""
    return id_ if language == app.settings.language else f"{id_}.{language}"


def id_and_language(app: AppState, key: str) -> tuple[str, str]:
    """What `key_of` made a key of."""
    id_, _dot, language = key.partition(".")
    return id_, language if language in LANGUAGES else app.settings.language


def origin(view: ScriptView | ChecklistView) -> str:
    """Whose text it is; nothing for one as it came with the app."""
    return _("Yours") if view.own else _("Edited") if view.edited else ""


def say(app: AppState, script: str, kind: str = "", key: str = "") -> None:
    """Open a built-in text, filled in for what is on screen, or for a thing of that kind that it is about."""
    below = paths.stacked(app.page.route, kind, key) if kind else app.page.route
    app.go(paths.stacked(below, "script", script))


def script_tile(app: AppState, script: ScriptView) -> ft.Control:
    """Its title and when it helps; opening it fills it in for what is on screen below it."""
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
    """A word about a thing, set apart from its title."""
    return ft.Container(
        ft.Text(text, theme_style=ft.TextThemeStyle.LABEL_SMALL, color=ft.Colors.ON_SECONDARY_CONTAINER),
        bgcolor=ft.Colors.SECONDARY_CONTAINER,
        border_radius=8,
        padding=ft.Padding(left=8, right=8, top=2, bottom=2),
    )
