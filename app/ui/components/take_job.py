"""The answer to "Can I take this job?", shown on the job's screen before it is accepted."""

import flet as ft

from app.domain.entities import Job
from app.i18n import _
from app.ui.components.layout import card
from app.ui.state import AppState
from app.viewmodels import workload as model
from app.viewmodels.scripts.keys import say


def take_section(app: AppState, job: Job) -> list[ft.Control]:
    """The answer, and a script for a refusal; nothing once the job is decided on."""
    if job.status not in model.NOT_STARTED:
        return []
    found = model.can_take(app, job)
    if found is None:
        return [_not_known(app, job)]
    good = found.fits
    sure = good and found.certain
    parts: list[ft.Control] = [
        _headline(
            ft.Icons.EVENT_AVAILABLE if sure else ft.Icons.HELP_OUTLINE if good else ft.Icons.EVENT_BUSY,
            found.headline,
            ft.Colors.PRIMARY if sure else ft.Colors.TERTIARY,
        ),
        *(ft.Text(line) for line in found.lines),
    ]
    if not good:
        parts.append(
            ft.FilledTonalButton(
                _("Propose another date"),
                icon=ft.Icons.EDIT_NOTE,
                on_click=lambda _event: say(app, model.OTHER_TERMS),
            )
        )
    parts.append(
        ft.TextButton(
            _("See the weeks ahead"),
            icon=ft.Icons.CALENDAR_VIEW_WEEK,
            on_click=lambda _event: app.open("workload", "week"),
        )
    )
    return [card(ft.Column(parts, spacing=8, tight=True))]


def _not_known(app: AppState, job: Job) -> ft.Control:
    missing = app.format.listed(model.missing_to_tell(job))
    return card(
        ft.Column(
            [
                _headline(ft.Icons.EVENT_NOTE, _("Can I take this job?"), ft.Colors.ON_SURFACE_VARIANT),
                ft.Text(_("To tell whether it fits, Kaeru needs {missing}.").format(missing=missing)),
                ft.FilledTonalButton(
                    _("Fill in"),
                    icon=ft.Icons.EDIT_OUTLINED,
                    on_click=lambda _event: app.open("edit-job", job.id),
                ),
            ],
            spacing=8,
            tight=True,
        )
    )


def _headline(icon: ft.IconData, text: str, color: ft.Colors) -> ft.Control:
    return ft.Row(
        [
            ft.Icon(icon, color=color),
            ft.Text(text, theme_style=ft.TextThemeStyle.TITLE_MEDIUM, expand=True),
        ],
        spacing=10,
    )
