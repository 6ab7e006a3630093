"""The parts of a job on its screen, each with its own due date, delivery and payment."""

from dataclasses import replace
from typing import Any

import flet as ft

from app.domain.entities import Job, Part
from app.domain.reply import WindowState
from app.i18n import _, n_
from app.ui.components import delivering
from app.ui.components.buttons import icon_button, menu_button, menu_item
from app.ui.components.drafts import left_note, use_draft
from app.ui.components.fields import moment_field, text_field
from app.ui.components.layout import card, heading
from app.ui.state import AppState, use_app
from app.ui.theme import STATE_COLORS
from app.viewmodels import job as model
from app.viewmodels.amounts import read_amount
from app.viewmodels.draft_codecs import Changes
from app.viewmodels.job_draft import PartDraft
from app.wording import agenda as agenda_words
from app.wording import words


def parts_section(app: AppState, page: model.JobPage) -> list[ft.Control]:
    done = sum(part.delivered_at is not None for part in page.parts)
    progress = (
        ft.Text(
            n_("{done} of {n} part", "{done} of {n} parts", len(page.parts), done=done),
            color=ft.Colors.ON_SURFACE_VARIANT,
        )
        if page.parts
        else None
    )
    return [
        heading(_("Parts"), progress),
        *(_part_row(app, page, part, number) for number, part in enumerate(page.parts, start=1)),
        AddPart(page.job, page.money.currency),
    ]


def _part_row(app: AppState, page: model.JobPage, part: Part, number: int) -> ft.Control:
    name = words.part_title(part, number)
    amount = app.format.money(part.amount, page.money.currency) if part.amount is not None else ""
    title: list[ft.Control] = [ft.Text(name, weight=ft.FontWeight.W_600, expand=True)]
    if amount:
        title.append(ft.Text(amount, weight=ft.FontWeight.W_600))
    title.append(
        menu_button(
            _("More for {name}").format(name=name),
            [
                menu_item(
                    ft.Icons.EDIT_OUTLINED,
                    _("Edit"),
                    lambda: app.open("edit-job", page.job.id, at=part.id),
                ),
                menu_item(ft.Icons.DELETE_OUTLINE, _("Delete"), lambda: model.delete_part(app, part)),
            ],
        )
    )
    return ft.Container(
        card(
            ft.Column(
                [
                    ft.Row(title, vertical_alignment=ft.CrossAxisAlignment.CENTER),
                    *_due_lines(app, page, part),
                    ft.Row(
                        [_delivered(app, page.job, part, name), _paid(app, part, name)],
                        wrap=True,
                        spacing=8,
                    ),
                ],
                spacing=4,
                tight=True,
            ),
            padding=ft.Padding(left=16, right=4, top=4, bottom=8),
        ),
        key=part.id,
    )


def _due_lines(app: AppState, page: model.JobPage, part: Part) -> list[ft.Control]:
    view = page.due.get(part.id)
    if view is None:
        known = part.delivered_at or part.invoiced_at or part.paid_at or part.due_at
        return [_quiet(done_line(app, part))] if known else []
    due, state = view.current_due(app.now), view.state(app.now)
    urgent = state in (WindowState.HOUR, WindowState.OVERDUE)
    lines: list[ft.Control] = [
        ft.Text(
            agenda_words.deadline_by(view, app.now, app.format),
            color=STATE_COLORS[state] if urgent else None,
            weight=ft.FontWeight.W_600 if urgent else None,
        )
    ]
    if due != view.deadline:
        theirs = app.format.when(view.deadline, app.now)
        lines.append(_quiet(_("Client's deadline: {when}").format(when=theirs)))
    if part.invoiced_at or part.paid_at:
        lines.append(_quiet(done_line(app, part)))
    return lines


def done_line(app: AppState, part: Part) -> str:
    """The dates of delivery, invoice and payment, as far as set; else the due date."""
    times = (
        (_("Delivered {when}"), part.delivered_at),
        (_("Invoiced {when}"), part.invoiced_at),
        (_("Paid {when}"), part.paid_at),
    )
    done = [text.format(when=app.format.when(at, app.now)) for text, at in times if at]
    return " · ".join(done) or _("Due {when}").format(when=app.format.when(part.due_at or app.now, app.now))


def _quiet(text: str) -> ft.Text:
    return ft.Text(text, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT)


def _delivered(app: AppState, job: Job, part: Part, name: str) -> ft.Control:
    done = part.delivered_at is not None
    return ft.Chip(
        label=ft.Text(_("Delivered"), semantics_label=_("{name}: delivered").format(name=name)),
        selected=done,
        on_select=lambda _event: (
            model.take_back_delivery(app, part) if done else delivering.deliver_part(app, job, part)
        ),
    )


def _paid(app: AppState, part: Part, name: str) -> ft.Control:
    done = part.paid_at is not None
    return ft.Chip(
        label=ft.Text(_("Paid"), semantics_label=_("{name}: paid").format(name=name)),
        selected=done,
        on_select=lambda _event: model.pay_part(app, part, not done),
    )


NO_PART = PartDraft("")


@ft.component
def AddPart(job: Job, currency: str) -> ft.Control:
    """A form to add a part: only the title is required; amount and date appear once it is typed."""
    app = use_app()
    draft = use_draft(app, f"part-of/{job.id}", NO_PART, Changes(NO_PART))
    title, amount, due = draft.value.title, draft.value.amount, draft.value.due_at
    error, set_error = ft.use_state("")

    def change(**fields: Any) -> None:
        draft.set(lambda before: replace(before, **fields))

    def add() -> None:
        minor, problem = read_amount(amount, currency)
        set_error(problem)
        if title.strip() and not problem and model.add_part(app, job, title.strip(), minor, due):
            draft.start_over()

    rows: list[ft.Control] = [
        *left_note(draft),
        ft.Row(
            [
                ft.Container(
                    text_field(_("Add a part"), title, lambda text: change(title=text), on_submit=add),
                    expand=True,
                ),
                icon_button(ft.Icons.ADD, _("Add part"), add),
            ]
        ),
    ]
    if title.strip():
        rows += [
            text_field(
                _("Amount ({currency})").format(currency=app.format.unit(currency)),
                amount,
                lambda text: change(amount=text),
                error=error,
                on_submit=add,
            ),
            moment_field(
                app, _("Due"), due, lambda at: change(due_at=at), default=job.deadline or app.usual_deadline()
            ),
        ]
    return ft.Column(rows, spacing=8, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
