"""The form of an update: text, time and channel."""

from typing import Any

import flet as ft

from app.domain.entities import StatusUpdate, edited
from app.domain.validation import check
from app.i18n import _
from app.ui.components.buttons import icon_button
from app.ui.components.channels import channel_choice
from app.ui.components.dialogs import ask_if_ahead
from app.ui.components.drafts import use_draft
from app.ui.components.fields import dropdown, moment_field, save_bar, text_field
from app.ui.components.layout import empty_state, screen
from app.ui.state import use_app
from app.viewmodels import update as model
from app.viewmodels.contact import usual_kinds
from app.viewmodels.draft_codecs import Changes
from app.wording import words


@ft.component
def UpdateForm() -> ft.View:
    app = use_app()
    key, path = ft.use_route_params()["key"], ft.use_view_path()
    stored = ft.use_memo(lambda: model.load(app, key, path), [key, path])
    client = ft.use_memo(lambda: model.client_of(app, stored) if stored else None, [stored, app.revision])
    jobs = ft.use_memo(lambda: model.jobs_for(app, stored) if stored else [], [stored, app.revision])
    kinds = ft.use_memo(lambda: usual_kinds(app), [])
    about = f"{stored.client_id}/{stored.job_id or ''}" if stored and key == model.NEW else key
    form = use_draft(app, f"update/{about}", stored, Changes(stored))
    draft, set_draft = form.value, form.set
    errors, set_errors = ft.use_state(dict[str, str]())
    if stored is None or draft is None:
        gone = empty_state(ft.Icons.OUTBOX_OUTLINED, _("This update is gone"), _("It was deleted."))
        return screen(app, _("Update"), [gone], close=True)

    def change(field: str, new: Any) -> None:
        set_draft(lambda before: edited(before, **{field: new}) if before else None)
        set_errors(lambda before: {name: text for name, text in before.items() if name != field})

    def save() -> None:
        problems = _problems(draft)
        set_errors(problems)
        if problems:
            form.refused()
        else:
            ask_if_ahead(app, draft.at, keep)

    def keep() -> None:
        is_new = key == model.NEW
        if form.save(lambda: model.add(app, draft) if is_new else model.save(app, stored, draft)):
            app.back()

    def delete() -> None:
        if model.delete(app, stored):
            form.discard()
            app.leave(stored.id)

    options = {"": _("No job"), **{job.id: words.job_title(job) for job in jobs}}
    return screen(
        app,
        _("Update for {name}").format(name=words.client_name(client)),
        [
            ft.Text(
                _("What you told them before they asked. When they call to check, Kaeru reminds you of it."),
                color=ft.Colors.ON_SURFACE_VARIANT,
            ),
            text_field(
                _("What you told them"),
                draft.text,
                lambda text: change("text", text),
                error=errors.get("text", ""),
                multiline=True,
                autofocus=key == model.NEW,
            ),
            ft.Row([channel_choice(kinds, client, draft.channel, lambda kind: change("channel", kind))]),
            moment_field(app, _("Sent"), draft.at, lambda at: change("at", at), clearable=False, past=True),
            *(
                [
                    ft.Row(
                        [
                            dropdown(
                                _("Job"),
                                options,
                                draft.job_id or "",
                                lambda job_id: change("job_id", job_id or None),
                            )
                        ]
                    )
                ]
                if jobs
                else []
            ),
        ],
        actions=[]
        if key == model.NEW
        else [icon_button(ft.Icons.DELETE_OUTLINE, _("Delete update"), delete)],
        bottom=save_bar(save),
        close=True,
        unsaved=draft != stored,
        form=form,
    )


def _problems(draft: StatusUpdate) -> dict[str, str]:
    problems = {found.field: words.problem(found) for found in check(draft)}
    if not draft.text.strip():
        problems["text"] = _("Write what you told them, in a line or two.")
    return problems
