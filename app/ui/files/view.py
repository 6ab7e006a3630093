"""Settings → Calendar and files: export and import."""

import flet as ft

from app.i18n import _
from app.ui.components.layout import heading, screen
from app.ui.components.settings_section import why
from app.ui.state import use_app
from app.viewmodels import file_export as take_out
from app.viewmodels.file_export import FileKind
from app.viewmodels.file_import import Source


@ft.component
def FilesSection() -> ft.View:
    app = use_app()
    return screen(
        app,
        _("Calendar and files"),
        [
            heading(_("Into your calendar")),
            why(
                _(
                    "Deadlines, your own and your clients', and standing calls, as an .ics file. "
                    "Open a newer one, and your calendar changes its entries instead of doubling them."
                )
            ),
            SaveButton(FileKind.CALENDAR, _("Save the calendar…"), ft.Icons.EVENT),
            heading(_("Into your spreadsheet")),
            why(_("Tables as CSV files. They are not encrypted: keep them where nobody else reads them.")),
            SaveButton(FileKind.JOBS, _("Save the jobs…"), ft.Icons.WORK_OUTLINE),
            SaveButton(FileKind.PAYMENTS, _("Save the payments…"), ft.Icons.PAID_OUTLINED),
            SaveButton(FileKind.MESSAGES, _("Save the messages…"), ft.Icons.MAIL_OUTLINE),
            SaveButton(FileKind.CALLS, _("Save the calls…"), ft.Icons.CALL_OUTLINED),
            SaveButton(FileKind.TOPICS, _("Save the topics…"), ft.Icons.FORUM_OUTLINED),
            heading(_("Into Kaeru")),
            why(_("You see what was understood, and what was not, before anything is added.")),
            ft.FilledTonalButton(
                _("Jobs from a spreadsheet…"),
                icon=ft.Icons.TABLE_ROWS_OUTLINED,
                on_click=lambda _event: app.open("import", Source.JOBS),
            ),
            ft.FilledTonalButton(
                _("Deadlines from a calendar…"),
                icon=ft.Icons.CALENDAR_MONTH,
                on_click=lambda _event: app.open("import", Source.DEADLINES),
            ),
        ],
    )


@ft.component
def SaveButton(kind: FileKind, label: str, icon: ft.IconData) -> ft.Control:
    app = use_app()
    picker = ft.use_memo(ft.FilePicker, [])

    async def save() -> None:
        data = take_out.content(app, kind)
        if data is None:
            return
        name = take_out.file_name(app, kind)
        saved = await picker.save_file(file_name=name, src_bytes=data)
        # As for a backup: browsers download the file without returning a path.
        if saved or app.page.web:
            app.say(_("Saved as {name}").format(name=name))

    return ft.OutlinedButton(label, icon=icon, on_click=lambda _event: app.page.run_task(save))
