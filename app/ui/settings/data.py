"""Settings → Your data: backup, restore, sample data, storage state, and deleting everything."""

from collections.abc import Callable
from typing import cast

import flet as ft

from app.i18n import _
from app.ui.components.layout import card, heading, screen
from app.ui.components.restore import RestoreButton
from app.ui.components.settings_section import why
from app.ui.state import AppState, use_app
from app.viewmodels import data as data_model
from app.viewmodels.sample import add_sample, has_sample, remove_sample


@ft.component
def DataSection() -> ft.View:
    app = use_app()
    shows_sample = ft.use_memo(lambda: has_sample(app), [app.revision])
    return screen(
        app,
        _("Your data"),
        [
            heading(_("Backup")),
            why(
                _(
                    "Everything in Kaeru as one file. It is not encrypted: "
                    "keep it where nobody else reads your clients' messages."
                )
            ),
            BackupButton(),
            RestoreButton(_("Restore a backup…")),
            heading(_("Calendar and files")),
            why(_("Deadlines for your calendar, tables for your spreadsheet, and jobs from either.")),
            ft.OutlinedButton(
                _("Calendar and files…"),
                icon=ft.Icons.IMPORT_EXPORT,
                on_click=lambda _event: app.open("settings", "files"),
            ),
            heading(_("Sample data")),
            *_sample(app, shows_sample),
            heading(_("On this device")),
            StorageState(),
            _action(
                _("Check the database"), ft.Icons.HEALTH_AND_SAFETY_OUTLINED, data_model.check_database, app
            ),
            heading(_("Delete")),
            ft.OutlinedButton(
                _("Delete everything…"),
                icon=ft.Icons.DELETE_FOREVER_OUTLINED,
                style=ft.ButtonStyle(color=ft.Colors.ERROR, icon_color=ft.Colors.ERROR),
                on_click=lambda _event: app.open("settings", "delete"),
            ),
        ],
    )


@ft.component
def BackupButton() -> ft.Control:
    app = use_app()
    picker = ft.use_memo(ft.FilePicker, [])

    async def save() -> None:
        data = data_model.make_backup(app)
        if data is None:
            return
        name = data_model.file_name(app.now, app.format)
        saved = await picker.save_file(file_name=name, src_bytes=data)
        # Browsers download the file without returning a path; elsewhere, no path means the user has
        # cancelled.
        if saved or app.page.web:
            app.say(_("Backup saved as {name}").format(name=name))

    return ft.FilledTonalButton(
        _("Save a backup…"),
        icon=ft.Icons.SAVE_ALT,
        on_click=lambda _event: app.page.run_task(save),
    )


def _sample(app: AppState, present: bool) -> list[ft.Control]:
    if present:
        return [
            why(_("The sample's clients, and what you recorded for them, go in one tap.")),
            _action(_("Remove sample data"), ft.Icons.SCIENCE_OUTLINED, remove_sample, app),
        ]
    return [
        why(_("A few made-up clients to try things with, beside your own data.")),
        _action(_("Add sample data"), ft.Icons.SCIENCE_OUTLINED, add_sample, app),
    ]


def _action(label: str, icon: ft.IconData, act: Callable[[AppState], None], app: AppState) -> ft.Control:
    return ft.OutlinedButton(label, icon=icon, on_click=lambda _event: act(app))


@ft.component
def StorageState() -> ft.Control:
    """Whether the browser may delete the data when it runs out of space."""
    app = use_app()
    kept, set_kept = ft.use_state(cast("bool | None", None))

    async def ask() -> None:
        set_kept(await app.platform.keeps_storage())

    ft.use_effect(ask, [])
    if kept is None:
        return ft.Text(_("Asking the device…"), color=ft.Colors.ON_SURFACE_VARIANT)
    text = (
        _("Your data is kept on this device until you delete it.")
        if kept
        else _("The browser may clear your data when space runs out. Install Kaeru, or save backups often.")
    )
    return card(
        ft.Row(
            [
                ft.Icon(
                    ft.Icons.VERIFIED_USER_OUTLINED if kept else ft.Icons.WARNING_AMBER,
                    color=ft.Colors.PRIMARY if kept else ft.Colors.TERTIARY,
                ),
                ft.Text(text, expand=True),
            ],
            spacing=12,
        )
    )
