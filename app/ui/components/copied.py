"""Buttons below a copied text: copying is not sending, so each fact to record has a button."""

from collections.abc import Sequence

import flet as ft

from app.i18n import _
from app.ui.components.replied import mark_replied
from app.ui.state import AppState
from app.viewmodels.sent import Note, NoteKind

ICONS: dict[NoteKind, ft.IconData] = {
    NoteKind.ASKED: ft.Icons.HELP_OUTLINE,
    NoteKind.ACKNOWLEDGED: ft.Icons.THUMB_UP_OUTLINED,
    NoteKind.REPLIED: ft.Icons.CHECK,
    NoteKind.FOLLOWED_UP: ft.Icons.FORWARD_TO_INBOX,
    NoteKind.CALL_AGREED: ft.Icons.EVENT_AVAILABLE,
    NoteKind.ALREADY_TOLD: ft.Icons.MARK_EMAIL_READ_OUTLINED,
    NoteKind.DONE: ft.Icons.CHECK,
    NoteKind.WRITTEN: ft.Icons.FORWARD_TO_INBOX,
    NoteKind.SPOKEN: ft.Icons.RECORD_VOICE_OVER_OUTLINED,
    NoteKind.DEADLINE: ft.Icons.EDIT_CALENDAR,
    NoteKind.INVOICED: ft.Icons.RECEIPT_LONG_OUTLINED,
    NoteKind.UPDATE: ft.Icons.BOOKMARK_ADD_OUTLINED,
    NoteKind.WAITING: ft.Icons.HOURGLASS_EMPTY,
}


def once_sent(app: AppState, notes: Sequence[Note]) -> list[ft.Control]:
    """The buttons that record what follows once the text was sent."""
    buttons = (
        ft.OutlinedButton(
            note.label,
            icon=ICONS[note.kind],
            width=float("inf"),
            style=ft.ButtonStyle(padding=ft.Padding(left=16, right=16, top=12, bottom=12)),
            on_click=lambda _event, note=note: _record(app, note),
        )
        for note in notes
    )
    return [live_note(_("Copied. Once it is sent, note it:") if notes else _("Copied")), *buttons]


def _record(app: AppState, note: Note) -> None:
    if note.replies_to is not None:
        mark_replied(app, note.replies_to)
    else:
        note.act()


def live_note(text: str) -> ft.Control:
    """A short text above the buttons, read out when it changes."""
    small = ft.TextThemeStyle.BODY_SMALL
    return ft.Semantics(
        content=ft.Text(text, theme_style=small, color=ft.Colors.ON_SURFACE_VARIANT), live_region=True
    )
