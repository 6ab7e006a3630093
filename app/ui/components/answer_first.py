"""The link to the message that needs an answer before the client is asked for anything."""

import flet as ft

from app.domain.entities import Message
from app.i18n import _
from app.ui.state import AppState
from app.wording import words


def answer_first(app: AppState, owed: Message) -> ft.Control:
    title = words.message_title(owed.summary, owed.kind)
    return ft.Row(
        [
            ft.FilledTonalButton(
                _("Answer “{title}”").format(title=title),
                icon=ft.Icons.REPLY,
                expand=True,
                on_click=lambda _event: app.open("message", owed.id),
            )
        ]
    )
