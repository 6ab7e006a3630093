"""Settings → About: version, licences and credits."""

import flet as ft

from app import __version__
from app.i18n import _
from app.ui.components.frog import frog
from app.ui.components.layout import card, fact, heading, screen
from app.ui.state import use_app

# Name, licence and copyright as written by their authors; not translated.
PARTS = (
    ("Noto Sans JP, Noto Emoji", "SIL Open Font License 1.1", "© 2014–2021 Adobe, © 2013 Google LLC"),
    ("Material Icons", "Apache License 2.0", "© Google LLC"),
    ("Flutter", "BSD 3-Clause", "© The Flutter Authors"),
    ("Flet", "Apache License 2.0", "© Appveyor Systems Inc."),
    ("Pyodide", "Mozilla Public License 2.0", "© The Pyodide contributors"),
    ("Python", "PSF License 2.0", "© Python Software Foundation"),
    ("SQLite", "Public domain", ""),
    ("SQLAlchemy", "MIT", "© SQLAlchemy authors and contributors"),
    ("SQLModel", "MIT", "© Sebastián Ramírez"),
    ("Babel", "BSD 3-Clause", "© The Babel Team"),
)


@ft.component
def AboutSection() -> ft.View:
    app = use_app()
    controls: list[ft.Control] = [
        ft.Column(
            [
                frog(88),
                ft.Text("Kaeru", theme_style=ft.TextThemeStyle.HEADLINE_SMALL),
                ft.Text(
                    _("Reply in time. Go home on time."),
                    color=ft.Colors.ON_SURFACE_VARIANT,
                    text_align=ft.TextAlign.CENTER,
                ),
            ],
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            spacing=8,
        ),
        card(
            ft.Column(
                [
                    fact(_("Version"), __version__),
                    fact(_("Licence"), "MIT"),
                    ft.Text(
                        _("What you write stays on this device.")
                        if app.sync_status.state == "off"
                        else _(
                            "What leaves this device to sync is sealed, and only your devices can open it."
                        )
                    ),
                ],
                spacing=8,
                tight=True,
            )
        ),
    ]
    if app.update_ready:
        controls.append(
            ft.FilledTonalButton(
                _("Update now"),
                icon=ft.Icons.SYSTEM_UPDATE_ALT,
                on_click=lambda _event: app.platform.apply_update(),
            )
        )
    controls.append(heading(_("Made with")))
    controls += [
        ft.ListTile(
            title=name,
            subtitle=f"{licence} · {owner}" if owner else licence,
            dense=True,
            content_padding=ft.Padding(left=8, right=8),
        )
        for name, licence, owner in PARTS
    ]
    return screen(app, _("About Kaeru"), controls)
