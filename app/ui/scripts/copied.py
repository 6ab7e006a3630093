"""What stands below a text that was copied: copying is not sending, and each thing to note is a button."""

from collections.abc import Sequence

import flet as ft

from app.i18n import _
from app.ui.scripts.sent import Note


def once_sent(notes: Sequence[Note]) -> list[ft.Control]:
    """The text is out of the app: what there is to note once it is sent."""
    buttons = (
        ft.OutlinedButton(
            note.label,
            icon=note.icon,
            width=float("inf"),
            style=ft.ButtonStyle(padding=ft.Padding(left=16, right=16, top=12, bottom=12)),
            on_click=lambda _event, note=note: note.act(),
        )
        for note in notes
    )
    return [told(_("Copied. Once it is sent, note it:") if notes else _("Copied")), *buttons]


def told(text: str) -> ft.Control:
    """A word above the buttons, read out when it changes."""
    small = ft.TextThemeStyle.BODY_SMALL
    return ft.Semantics(
        content=ft.Text(text, theme_style=small, color=ft.Colors.ON_SURFACE_VARIANT), live_region=True
    )
