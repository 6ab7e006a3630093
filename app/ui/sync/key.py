"""The sync key, shown in groups of letters and as text to copy."""

from collections.abc import Callable

import flet as ft

from app.i18n import _
from app.ui.components.fields import check_row
from app.ui.components.layout import screen
from app.ui.components.settings_section import why
from app.ui.components.sync_parts import copy_button, letters, notice_card, use_errand, working
from app.ui.state import use_app


@ft.component
def NewKey(text: str, on_saved: Callable[[], None]) -> ft.Control:
    """A new key; the user confirms that it is saved before going on."""
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
    """Settings → Your sync key: shows the key again."""
    app = use_app()
    return screen(
        app,
        _("Your sync key"),
        [
            why(
                _(
                    "Keep it for the day when no device of yours is at hand. "
                    "Whoever has it can read and change everything. To add a device, you do not need it."
                )
            ),
            KeyFace(),
        ],
    )


@ft.component
def KeyFace(text: str = "") -> ft.Control:
    """The given key, else the one stored on the device."""
    app = use_app()
    errand = use_errand(app)
    shown, set_shown = ft.use_state(text)

    async def read() -> None:
        set_shown(await app.sync.key_text())

    ft.use_effect(lambda: None if text else errand.run(read), [])
    if not shown:
        return notice_card(app, errand.notice) if errand.notice else working(_("Asking the device…"))
    said = _("Copied. It is a secret: whoever has it can read everything.")
    return ft.Column(
        [letters(shown), copy_button(app, _("Copy the key"), shown, said)],
        spacing=12,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
