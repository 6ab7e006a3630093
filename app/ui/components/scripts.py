"""A script in a list: its title and when it helps; opening it fills it in for what is on screen below it."""

import flet as ft

from app.store.content import ScriptView
from app.ui.state import AppState


def script_tile(app: AppState, script: ScriptView) -> ft.Control:
    return ft.ListTile(
        leading=ft.Icons.EDIT_NOTE,
        title=script.title,
        subtitle=ft.Text(script.when, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS)
        if script.when
        else None,
        trailing=ft.Icons.CHEVRON_RIGHT,
        on_click=lambda _event: app.open("script", script.id),
        content_padding=ft.Padding(left=8, right=8),
    )
