"""Preview of a script's text with its values filled in, on its own screen and on others."""

import flet as ft

from app.domain.conversations import NO_TERMS
from app.domain.scripts import split_subject
from app.i18n import _
from app.store.content import SPOKEN
from app.ui.components.contact import send_button
from app.ui.components.layout import NARROW, card
from app.ui.state import AppState
from app.viewmodels.contact import channel_of
from app.viewmodels.scripts import claims, facts, labels
from app.viewmodels.scripts.filling import Filling, ScriptPage, filling
from app.viewmodels.scripts.keys import key_of


def preview(page: ScriptPage, now: Filling) -> ft.Control:
    """The text, with filled-in values and missing ones highlighted.

    It can be selected only when complete, so that a text with gaps does not leave the app.
    """
    fmt, currency = page.situation.format, page.situation.currency
    spans = []
    for text, name, known in facts.pieces(split_subject(now.template)[1], now.values):
        if not name:
            spans.append(ft.TextSpan(text))
        elif known:
            spans.append(ft.TextSpan(text, style=ft.TextStyle(color=ft.Colors.PRIMARY)))
        else:
            spans.append(
                ft.TextSpan(
                    f"[{labels.blank(name, fmt, currency).label}]",
                    style=ft.TextStyle(
                        color=ft.Colors.ON_TERTIARY_CONTAINER, bgcolor=ft.Colors.TERTIARY_CONTAINER
                    ),
                )
            )
    shown = ft.Text(spans=spans, style=ft.TextStyle(height=1.5, size=15))
    # `selectable` would make it a text box for screen readers, with nothing to read in it.
    return card(ft.SelectionArea(content=shown) if now.complete else shown)


def subject_row(app: AppState, now: Filling) -> list[ft.Control]:
    """The e-mail subject, copied separately: mail programs have a field for it."""
    if not now.subject or not now.complete:
        return []
    return [
        ft.Row(
            [
                ft.SelectionArea(
                    content=ft.Text(_("Subject: {subject}").format(subject=now.subject)), expand=True
                ),
                ft.IconButton(
                    ft.Icons.CONTENT_COPY,
                    tooltip=_("Copy the subject"),
                    action=ft.CopyToClipboard(now.subject),
                    on_click=lambda _event: app.say(_("Copied")),
                ),
            ],
            spacing=8,
        )
    ]


def unfounded(app: AppState, page: ScriptPage) -> list[ft.Control]:
    """A warning about claims in the text that no record supports; the user may know better."""
    if page.situation.client is None or not page.unfounded:
        return []
    what = app.format.listed(claims.in_words(claim) for claim in page.unfounded)
    text = _("Check before you send. The text says that {what}. Kaeru has nothing noted of it.").format(
        what=what
    )
    color = ft.Colors.ON_TERTIARY_CONTAINER
    return [
        ft.Container(
            ft.Row(
                [ft.Icon(ft.Icons.FACT_CHECK_OUTLINED, color=color), ft.Text(text, color=color, expand=True)],
                spacing=12,
                vertical_alignment=ft.CrossAxisAlignment.START,
            ),
            bgcolor=ft.Colors.TERTIARY_CONTAINER,
            border_radius=12,
            padding=12,
        )
    ]


def ready_text(app: AppState, page: ScriptPage) -> list[ft.Control]:
    """The script's text under its title: Copy if it is complete, else a button to fill it in."""
    client = page.situation.client
    script, now = page.script, filling(page, {}, {}, app.proposal(client.id) if client else NO_TERMS)

    def open_it() -> None:
        app.open("script", key_of(app, script.id, script.language))

    if now.complete:
        buttons: list[ft.Control] = [
            ft.FilledTonalButton(
                _("Copy"),
                icon=ft.Icons.CONTENT_COPY,
                style=NARROW,
                expand=True,
                # Browsers allow writing to the clipboard only during the tap, so Flet's client does it.
                action=ft.CopyToClipboard(now.body),
                on_click=lambda _event: app.say(_("Copied")),
            ),
            ft.OutlinedButton(
                _("Edit or share…"),
                icon=ft.Icons.EDIT_NOTE,
                style=NARROW,
                expand=True,
                on_click=lambda _event: open_it(),
            ),
        ]
    else:
        buttons = [
            ft.FilledTonalButton(
                _("Fill in and send…"),
                icon=ft.Icons.EDIT_NOTE,
                style=NARROW,
                expand=True,
                on_click=lambda _event: open_it(),
            )
        ]
    return [
        ft.Text(script.title, weight=ft.FontWeight.W_600),
        *unfounded(app, page),
        *subject_row(app, now),
        preview(page, now),
        ft.Row(buttons, spacing=8),
        *_opened(app, page, now),
    ]


def _opened(app: AppState, page: ScriptPage, now: Filling) -> list[ft.Control]:
    """A button that opens the conversation with the client with the complete text in it."""
    client = page.situation.client
    if client is None or not now.complete or page.script.channel == SPOKEN:
        return []
    message = page.situation.message
    channel = channel_of(app, client, message.channel if message else "")
    button = send_button(channel, now.body, now.subject, lambda: app.say(_("Copied")))
    return [ft.Row([button])] if button else []
