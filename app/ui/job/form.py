"""The form of a job: terms, dates and parts; only the client is required."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import flet as ft

from app.domain.codes import JobStatus
from app.domain.normalisation import normalise
from app.i18n import _, p_
from app.ui.components.client_choice import ClientChoice
from app.ui.components.drafts import use_draft
from app.ui.components.fields import (
    dropdown,
    moment_field,
    save_bar,
    text_field,
)
from app.ui.components.layout import heading, screen
from app.ui.job.fee import fee_fields
from app.ui.job.part_rows import parts_editor
from app.ui.job.view import job_gone
from app.ui.state import AppState, use_app
from app.viewmodels import job as model
from app.viewmodels.job_draft import JobChanges, JobDraft, JobFormStart, load_form, read
from app.viewmodels.record import delete_unsaved
from app.wording import words

JobFormChange = Callable[..., None]
"""Called with fields of the draft, by name."""


@ft.component
def JobForm() -> ft.View:
    app = use_app()
    job_id = ft.use_route_params()["key"]
    opened = ft.use_memo(lambda: load_form(app, job_id), [job_id])
    is_stored = ft.use_memo(lambda: model.exists(app, job_id), [job_id, app.revision])
    untouched: JobDraft | None = None
    form = use_draft(app, f"edit-job/{job_id}", untouched, JobChanges(opened.draft if opened else None))
    changed, set_changed = form.value, form.set
    errors, set_errors = ft.use_state(dict[str, str]())
    is_new = ft.use_memo(lambda: job_id in app.just_made, [job_id])
    ft.use_effect(lambda: None, [], lambda: app.just_made.discard(job_id))
    if opened is None or not is_stored:
        return screen(app, _("Job"), [job_gone()], close=True)
    draft = changed or opened.draft

    def edit(update: Callable[[JobDraft], JobDraft]) -> None:
        set_changed(lambda before: update(before or opened.draft))

    def change(**fields: Any) -> None:
        edit(lambda before: replace(before, **fields))

    def save() -> None:
        result = read(draft, opened.job, opened.parts, app.now)
        set_errors(result.errors)
        if result.errors:
            form.refused()
        elif form.save(
            lambda: model.save(
                app,
                model.JobWithParts(opened.job, opened.parts),
                model.JobWithParts(result.job, result.parts),
            )
        ):
            app.replace("job", job_id)

    def delete() -> None:
        if model.delete(app, opened.job):
            form.discard()
            app.leave(job_id)

    return screen(
        app,
        _("New job") if is_new else _("Edit job"),
        [
            *_about(draft, opened, errors, change, save),
            *_dates(app, draft, errors, change),
            *fee_fields(app, draft, errors, change, opened.platform_fees),
            *parts_editor(app, draft, errors, edit),
            *_time(draft, errors, change, save),
            text_field(
                _("Notes for yourself"),
                draft.notes,
                lambda text: change(notes=text),
                multiline=True,
                error=errors.get("notes", ""),
            ),
            ft.TextButton(
                _("Delete job"),
                icon=ft.Icons.DELETE_OUTLINE,
                style=ft.ButtonStyle(color=ft.Colors.ERROR),
                on_click=lambda _event: delete(),
            ),
        ],
        bottom=save_bar(save),
        close=True,
        unsaved=draft != opened.draft,
        form=form,
        on_abandon=lambda: delete_unsaved(app, opened.job),
    )


def _about(
    draft: JobDraft,
    loaded: JobFormStart,
    errors: dict[str, str],
    change: JobFormChange,
    save: Callable[[], None],
) -> list[ft.Control]:
    return [
        ClientChoice(
            _("Client"), draft.client_id, lambda key: change(client_id=key), errors.get("client_id", "")
        ),
        text_field(
            _("Title"),
            draft.title,
            lambda text: change(title=text),
            error=errors.get("title", ""),
            helper=_("What you would call it when you talk about it."),
            autofocus=not loaded.job.title,
            on_submit=save,
        ),
        text_field(
            _("Platform"),
            draft.platform,
            lambda text: change(platform=text),
            error=errors.get("platform", ""),
            helper=_("Where the job comes from. Leave it empty if the client came to you directly."),
            on_submit=save,
        ),
        *_platform_suggestions(draft, loaded.platforms, change),
        ft.Row(
            [
                dropdown(
                    _("Status"),
                    {status.value: words.job_status(status) for status in JobStatus},
                    draft.status,
                    lambda status: change(status=status),
                )
            ]
        ),
    ]


def _platform_suggestions(draft: JobDraft, platforms: list[str], change: JobFormChange) -> list[ft.Control]:
    """Platforms of recent jobs that match the typed text."""
    typed = normalise(draft.platform)
    fitting = [name for name in platforms if typed in normalise(name) and name != draft.platform]
    if not fitting:
        return []
    return [
        ft.Row(
            [
                ft.OutlinedButton(name, on_click=lambda _event, name=name: change(platform=name))
                for name in fitting
            ],
            wrap=True,
            spacing=8,
            run_spacing=4,
        )
    ]


def _dates(app: AppState, draft: JobDraft, errors: dict[str, str], change: JobFormChange) -> list[ft.Control]:
    return [
        heading(_("Dates")),
        moment_field(
            app,
            _("Client's deadline"),
            draft.deadline,
            lambda at: change(deadline=at),
            default=app.usual_deadline(),
            error=errors.get("deadline", ""),
        ),
        moment_field(
            app,
            p_("job", "Start"),
            draft.started_at,
            lambda at: change(started_at=at),
            clearable=False,
            past=None,
            error=errors.get("started_at", ""),
        ),
    ]


def _time(
    draft: JobDraft, errors: dict[str, str], change: JobFormChange, save: Callable[[], None]
) -> list[ft.Control]:
    return [
        heading(_("Time")),
        text_field(
            _("Estimate in hours"),
            draft.estimate_minutes,
            lambda text: change(estimate_minutes=text),
            error=errors.get("estimate_minutes", ""),
            on_submit=save,
        ),
        text_field(
            _("Time spent in hours"),
            draft.spent_minutes,
            lambda text: change(spent_minutes=text),
            error=errors.get("spent_minutes", ""),
            on_submit=save,
        ),
    ]
