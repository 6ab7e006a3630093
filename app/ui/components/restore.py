"""Restoring a backup: choose a file, see its content, confirm. Used in Settings and in the first run."""

from functools import partial

import flet as ft

from app.i18n import _
from app.store.backup import backup
from app.store.backup.backup import BackupError, CheckedBackup
from app.ui.components.dialogs import confirm
from app.ui.components.fields import error_text
from app.ui.components.layout import card
from app.ui.components.progress import WorkProgress
from app.ui.components.screen_work import use_work
from app.ui.state import use_app
from app.viewmodels import data as data_model


@ft.component
def RestoreButton(label: str) -> ft.Control:
    """A button that restores a backup, after the whole file was checked and the user has confirmed."""
    app = use_app()
    checking, shown = use_work(app)
    problem, set_problem = ft.use_state("")

    def restore(checked: CheckedBackup) -> None:
        app.page.run_task(data_model.restore, app, checked)

    def ask(checked: CheckedBackup) -> None:
        confirm(
            app,
            _("Restore this backup?"),
            _("{summary}. It replaces everything that is in Kaeru on this device now.").format(
                summary=data_model.summary_line(checked.summary, app.format)
            ),
            _("Restore"),
            partial(restore, checked),
            destructive=True,
        )

    def refuse(error: Exception) -> None:
        set_problem(data_model.backup_problem(error, app.format) if isinstance(error, BackupError) else "")

    def chosen(event: ft.FilePickerResultEvent) -> None:
        if event.files:
            set_problem("")
            checking.start(_("Checking the backup…"), backup.check(event.files[0].bytes or b""), ask, refuse)

    picker = ft.use_memo(lambda: ft.FilePicker(on_result=chosen), [])
    if shown is not None:
        return card(WorkProgress(shown))
    parts: list[ft.Control] = [
        ft.OutlinedButton(
            label,
            icon=ft.Icons.SETTINGS_BACKUP_RESTORE,
            # Browsers open a file dialog only during the tap itself; otherwise iOS does not open it at all.
            action=ft.PickFiles(
                picker,
                file_type=ft.FilePickerFileType.CUSTOM,
                allowed_extensions=["json"],
                with_data=True,
            ),
        )
    ]
    if problem:
        parts.append(error_text(problem))
    return ft.Column(parts, spacing=8, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
