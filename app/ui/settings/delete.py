"""Settings → Delete everything: cannot be undone, so it lists what is deleted and asks for confirmation."""

import flet as ft

from app.i18n import _
from app.ui.components.fields import check_row
from app.ui.components.layout import card, screen
from app.ui.settings.data import BackupButton
from app.ui.state import AppState, use_app
from app.viewmodels import data as data_model


@ft.component
def DeleteSection() -> ft.View:
    app = use_app()
    sure, set_sure = ft.use_state(False)
    counts = ft.use_memo(lambda: data_model.counts(app), [app.revision])
    return screen(
        app,
        _("Delete everything"),
        [
            card(
                ft.Column(
                    [
                        ft.Text(
                            _("On this device: {counts}.").format(
                                counts=data_model.counts_line(counts, app.format)
                            ),
                            weight=ft.FontWeight.W_600,
                        ),
                        ft.Text(
                            _(
                                "All of it will be deleted, with your settings and your own texts. "
                                "It cannot be undone. Save a backup first if in doubt."
                            )
                        ),
                        *_about_sync(app),
                        BackupButton(),
                    ],
                    spacing=12,
                    tight=True,
                )
            ),
            check_row(_("Yes, delete everything in Kaeru on this device."), sure, set_sure),
            ft.FilledButton(
                _("Delete everything"),
                icon=ft.Icons.DELETE_FOREVER,
                disabled=not sure,
                style=ft.ButtonStyle(bgcolor=ft.Colors.ERROR, color=ft.Colors.ON_ERROR) if sure else None,
                on_click=lambda _event: data_model.delete_everything(app),
            ),
        ],
    )


def _about_sync(app: AppState) -> list[ft.Control]:
    if not app.sync.is_member:
        return []
    return [
        ft.Text(_("Sync on this device ends too. What the server and your other devices have stays there."))
    ]
