"""The parts in a job's form: rows to edit, add and remove."""

from collections.abc import Callable
from typing import Any

import flet as ft

from app.i18n import _, p_
from app.ui.components.buttons import icon_button
from app.ui.components.fields import moment_field, text_field
from app.ui.components.layout import card, heading
from app.ui.job.fee import setter
from app.ui.state import AppState
from app.viewmodels.job_draft import JobDraft, PartDraft

Edit = Callable[[Callable[[JobDraft], JobDraft]], None]
"""Called with a function that turns the current draft into the new one."""


def parts_editor(app: AppState, draft: JobDraft, errors: dict[str, str], edit: Edit) -> list[ft.Control]:
    return [
        heading(_("Parts")),
        ft.Text(
            _("Deliveries that are due or paid one by one: articles, chapters, months."),
            color=ft.Colors.ON_SURFACE_VARIANT,
        ),
        *(
            _row(app, draft, part, _("Part {number}").format(number=number), errors, edit)
            for number, part in enumerate(draft.parts, start=1)
        ),
        ft.OutlinedButton(
            _("Add a part"), icon=ft.Icons.ADD, on_click=lambda _event: edit(JobDraft.with_new_part)
        ),
    ]


def _row(
    app: AppState, draft: JobDraft, part: PartDraft, name: str, errors: dict[str, str], edit: Edit
) -> ft.Control:
    def change(**fields: Any) -> None:
        edit(lambda before: before.with_part(part.id, **fields))

    settled = {
        "delivered_at": p_("job", "Delivered"),
        "invoiced_at": p_("job", "Invoiced"),
        "paid_at": p_("job", "Paid"),
    }
    remove = icon_button(
        ft.Icons.DELETE_OUTLINE,
        _("Remove {name}").format(name=name),
        lambda: edit(lambda before: before.without_part(part.id)),
    )
    return ft.Container(
        card(
            ft.Column(
                [
                    ft.Row([ft.Text(name, theme_style=ft.TextThemeStyle.LABEL_LARGE, expand=True), remove]),
                    text_field(
                        _("What it is"),
                        part.title,
                        lambda text: change(title=text),
                        error=errors.get(f"{part.id}.title", ""),
                    ),
                    text_field(
                        _("Amount"),
                        part.amount,
                        lambda text: change(amount=text),
                        error=errors.get(f"{part.id}.amount", ""),
                        suffix=app.format.unit(draft.currency),
                    ),
                    moment_field(
                        app,
                        _("Due"),
                        part.due_at,
                        lambda at: change(due_at=at),
                        default=draft.deadline or app.usual_deadline(),
                        error=errors.get(f"{part.id}.due_at", ""),
                    ),
                    *(
                        moment_field(
                            app,
                            label,
                            getattr(part, name),
                            setter(change, name),
                            past=True,
                            error=errors.get(f"{part.id}.{name}", ""),
                        )
                        for name, label in settled.items()
                    ),
                ],
                spacing=10,
                tight=True,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            ),
            padding=ft.Padding(left=16, right=16, top=4, bottom=16),
        ),
        key=part.id,
    )
