"""The form of a message: everything but the client may stay empty."""

from dataclasses import dataclass
from typing import Any

import flet as ft

from app.domain.codes import Direction, MessageKind
from app.domain.entities import Client, Message
from app.domain.validation import check
from app.i18n import _
from app.store import queries
from app.ui.components.channels import channel_choice, usual_kinds
from app.ui.components.client_choice import ClientChoice
from app.ui.components.dialogs import ask_if_ahead
from app.ui.components.drafts import ChangedFields, use_draft
from app.ui.components.fields import (
    choice_chips,
    dropdown,
    labelled,
    moment_field,
    save_bar,
    segments,
    switch_row,
    text_field,
)
from app.ui.components.layout import empty_state, screen
from app.ui.components.unsaved import differs
from app.ui.message import model
from app.ui.record.model import unmake
from app.ui.state import AppState, use_app
from app.wording import words


@dataclass(frozen=True)
class Choices:
    """What the form offers for the client chosen in it."""

    client: Client | None
    jobs: dict[str, str]


def _choices(app: AppState, client_id: str) -> Choices:
    jobs = {"": _("No job")}
    for job in queries.jobs_of(app.store, client_id):
        jobs[job.id] = words.job_title(job)
    return Choices(app.store.get(Client, client_id), jobs)


def _problems(app: AppState, edited: Message, stored: Message) -> dict[str, str]:
    """What is wrong with an edited message, by field."""
    problems = {found.field: words.problem(found) for found in check(edited)}
    if edited.replied_at and edited.replied_at > app.now and edited.replied_at != stored.replied_at:
        problems.setdefault("replied_at", words.refusal("ahead"))
    return problems


@ft.component
def MessageForm() -> ft.View:
    app = use_app()
    message_id = ft.use_route_params()["key"]
    stored = ft.use_memo(lambda: app.store.get(Message, message_id), [message_id, app.revision])
    form = use_draft(app, f"edit-message/{message_id}", dict[str, Any](), ChangedFields(Message, stored))
    draft, set_draft = form.value, form.set
    errors, set_errors = ft.use_state(dict[str, str]())
    kinds = ft.use_memo(lambda: usual_kinds(app), [])
    ft.use_effect(lambda: None, [], lambda: app.just_made.discard(message_id))
    client_id = draft.get("client_id", stored.client_id if stored else "")
    choices = ft.use_memo(lambda: _choices(app, client_id), [client_id, app.revision])
    if stored is None:
        return screen(app, _("Message"), [_gone()], close=True)

    def value(field: str) -> Any:
        return draft.get(field, getattr(stored, field))

    def change(field: str, new: Any) -> None:
        set_draft(lambda before: {**before, field: new})

    def save() -> None:
        edited = Message(**{**stored.model_dump(), **draft})
        problems = _problems(app, edited, stored)
        set_errors(problems)
        if problems:
            form.refused()
        else:
            ask_if_ahead(app, edited.at, lambda: keep(edited))

    def keep(edited: Message) -> None:
        if form.save(lambda: model.save(app, stored, edited)):
            app.replace("message", message_id)

    def delete() -> None:
        if model.delete(app, stored):
            form.discard()
            app.leave(message_id)

    incoming = value("direction") == Direction.IN
    usual = model.usual_due(app, choices.client, value("at"))
    return screen(
        app,
        _("Message from a client") if incoming else _("Message you sent"),
        [
            segments(
                {Direction.IN: _("They wrote"), Direction.OUT: _("I wrote")},
                value("direction"),
                lambda key: change("direction", key),
            ),
            ClientChoice(
                _("Client"), client_id, lambda key: change("client_id", key), errors.get("client_id", "")
            ),
            text_field(
                _("What is it about?"),
                value("summary"),
                lambda text: change("summary", text),
                error=errors.get("summary", ""),
                autofocus=not stored.summary,
                on_submit=save,
            ),
            labelled(
                _("Kind"),
                choice_chips(
                    {kind.value: words.message_kind(kind) for kind in MessageKind},
                    value("kind"),
                    lambda key: change("kind", key),
                ),
            ),
            ft.Row(
                [channel_choice(kinds, choices.client, value("channel"), lambda key: change("channel", key))]
            ),
            moment_field(
                app,
                _("Received") if incoming else _("Sent"),
                value("at"),
                lambda at: change("at", at),
                clearable=False,
                past=True,
                error=errors.get("at", ""),
            ),
            switch_row(
                _("Needs a reply from me") if incoming else _("I wait for an answer"),
                value("needs_reply"),
                lambda on: change("needs_reply", on),
            ),
            *(
                [
                    moment_field(
                        app,
                        _("Reply by"),
                        value("due_at"),
                        lambda at: change("due_at", at),
                        error=errors.get("due_at", ""),
                        usual=usual,
                    )
                ]
                if incoming and value("needs_reply")
                else []
            ),
            *(
                [
                    moment_field(
                        app,
                        _("Answered"),
                        value("replied_at"),
                        lambda at: change("replied_at", at),
                        clearable=False,
                        past=True,
                        error=errors.get("replied_at", ""),
                    )
                ]
                if value("replied_at")
                else []
            ),
            *(
                [
                    ft.Row(
                        [
                            dropdown(
                                _("Job"),
                                choices.jobs,
                                value("job_id") or "",
                                lambda key: change("job_id", key or None),
                            )
                        ]
                    )
                ]
                if len(choices.jobs) > 1
                else []
            ),
            text_field(
                _("Text or notes"),
                value("body"),
                lambda text: change("body", text),
                multiline=True,
                error=errors.get("body", ""),
            ),
            ft.TextButton(
                _("Delete message"),
                icon=ft.Icons.DELETE_OUTLINE,
                style=ft.ButtonStyle(color=ft.Colors.ERROR),
                on_click=lambda _event: delete(),
            ),
        ],
        bottom=save_bar(save),
        close=True,
        unsaved=differs(draft, stored),
        form=form,
        on_abandon=lambda: unmake(app, stored),
    )


def _gone() -> ft.Control:
    return empty_state(ft.Icons.MAIL_OUTLINE, _("This message is gone"), _("It was deleted."))
