"""The sync key as a person keeps it: text in groups, to copy, and as a QR code for the next device."""

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.ui.components.fields import check_row
from app.ui.components.layout import card, screen
from app.ui.i18n import _
from app.ui.settings.section import why
from app.ui.state import AppState, use_app
from app.ui.sync.parts import notice_card, use_errand, working
from app.ui.sync.qr import Code, qr_code


@dataclass(frozen=True)
class Shown:
    text: str
    code: Code  # of the pairing link


@ft.component
def NewKey(text: str, on_saved: Callable[[], None]) -> ft.Control:
    """Shown once by itself, and gone on from only when the person says that it is kept."""
    saved, set_saved = ft.use_state(False)
    return ft.Column(
        [
            ft.Text(
                _(
                    "This key opens everything you sync. Keep it like a house key, in a password manager "
                    "or on paper: if all your devices are lost, nobody else can give it back to you."
                )
            ),
            KeyFace(text),
            check_row(_("I have saved it"), saved, set_saved),
            ft.FilledButton(_("Go on"), disabled=not saved, on_click=lambda _event: on_saved()),
        ],
        spacing=12,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@ft.component
def KeySection() -> ft.View:
    """The key again, for one more device."""
    app = use_app()
    return screen(
        app,
        _("Your sync key"),
        [
            why(_("Enter this key there, or scan its code. Whoever has it can read and change everything.")),
            KeyFace(),
        ],
    )


@ft.component
def KeyFace(text: str = "") -> ft.Control:
    """The key, given or as the device keeps it."""
    app = use_app()
    errand = use_errand(app)
    nothing: Shown | None = None
    shown, set_shown = ft.use_state(nothing)

    async def read() -> None:
        key = text or await app.sync.key_text()
        set_shown(Shown(key, qr_code(await app.sync.pairing_link())))

    ft.use_effect(lambda: errand.run(read), [])
    if shown is None:
        return notice_card(app, errand.notice) if errand.notice else working(_("Asking the device…"))
    return ft.Column(
        [_letters(shown.text), _copy(app, shown.text), _code(shown.code)],
        spacing=12,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _letters(text: str) -> ft.Control:
    """Two groups apart enough to be found again when one looks up from writing."""
    groups = [
        ft.Text(group, theme_style=ft.TextThemeStyle.TITLE_MEDIUM, style=ft.TextStyle(letter_spacing=2))
        for group in text.split("-")
    ]
    rows = ft.Row(list(groups), wrap=True, spacing=20, run_spacing=10, alignment=ft.MainAxisAlignment.CENTER)
    return card(ft.Semantics(content=rows, label=text, exclude_semantics=True))


def _copy(app: AppState, text: str) -> ft.Control:
    said = _("Copied. It is a secret: whoever has it can read everything.")
    return ft.OutlinedButton(
        _("Copy the key"),
        icon=ft.Icons.CONTENT_COPY,
        action=ft.CopyToClipboard(text),
        on_click=lambda _event: app.say(said),
    )


def _code(code: Code) -> ft.Control:
    image = ft.Image(
        src=code.png,
        width=code.size,
        height=code.size,
        fit=ft.BoxFit.FILL,
        filter_quality=ft.FilterQuality.NONE,
        semantics_label=_("QR code for another device's camera"),
    )
    return ft.Container(
        ft.Container(image, border_radius=16, clip_behavior=ft.ClipBehavior.ANTI_ALIAS),
        alignment=ft.Alignment.CENTER,
    )
