"""The form of a message; only the client is required."""

from typing import Any

import flet as ft

from app.domain.codes import Direction, MessageKind
from app.domain.entities import Message, edited
from app.domain.validation import check
from app.i18n import _
from app.ui.components.channels import channel_choice
from app.ui.components.client_choice import ClientChoice
from app.ui.components.dialogs import ask_if_ahead
from app.ui.components.drafts import use_draft
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
from app.ui.state import AppState, use_app
from app.viewmodels import message as model
from app.viewmodels.contact import usual_kinds
from app.viewmodels.draft_codecs import Changes
from app.viewmodels.record import delete_unsaved
from app.wording import words


def _problems(app: AppState, draft: Message, stored: Message) -> dict[str, str]:
    """The errors of an edited message, by field."""
    problems = {found.field: words.problem(found) for found in check(draft)}
    if draft.replied_at and draft.replied_at > app.now and draft.replied_at != stored.replied_at:
        problems.setdefault("replied_at", words.refusal("ahead"))
    return problems


@ft.component
def MessageForm() -> ft.View:
    app = use_app()
    message_id = ft.use_route_params()["key"]
    stored = ft.use_memo(lambda: model.find(app, message_id), [message_id])
    is_stored = ft.use_memo(lambda: model.find(app, message_id) is not None, [message_id, app.revision])
    form = use_draft(app, f"edit-message/{message_id}", stored, Changes(stored))
    draft, set_draft = form.value, form.set
    errors, set_errors = ft.use_state(dict[str, str]())
    kinds = ft.use_memo(lambda: usual_kinds(app), [])
    ft.use_effect(lambda: None, [], lambda: app.just_made.discard(message_id))
    client_id = draft.client_id if draft else ""
    choices = ft.use_memo(lambda: model.choices(app, client_id), [client_id, app.revision])
    if stored is None or draft is None or not is_stored:
        return screen(app, _("Message"), [_gone()], close=True)

    def change(field: str, new: Any) -> None:
        set_draft(lambda before: edited(before, **{field: new}) if before else None)

    def save() -> None:
        problems = _problems(app, draft, stored)
        set_errors(problems)
        if problems:
            form.refused()
        else:
            ask_if_ahead(app, draft.at, keep)

    def keep() -> None:
        if form.save(lambda: model.save(app, stored, draft)):
            app.replace("message", message_id)

    def delete() -> None:
        if model.delete(app, stored):
            form.discard()
            app.leave(message_id)

    incoming = draft.direction == Direction.IN
    usual = model.usual_due(app, choices.client, draft.at)
    return screen(
        app,
        _("Message from a client") if incoming else _("Message you sent"),
        [
            segments(
                {Direction.IN: _("They wrote"), Direction.OUT: _("I wrote")},
                draft.direction,
                lambda key: change("direction", key),
            ),
            ClientChoice(
                _("Client"), client_id, lambda key: change("client_id", key), errors.get("client_id", "")
            ),
            text_field(
                _("What is it about?"),
                draft.summary,
                lambda text: change("summary", text),
                error=errors.get("summary", ""),
                autofocus=not stored.summary,
                on_submit=save,
            ),
            labelled(
                _("Kind"),
                choice_chips(
                    {kind.value: words.message_kind(kind) for kind in MessageKind},
                    draft.kind,
                    lambda key: change("kind", key),
                ),
            ),
            ft.Row(
                [channel_choice(kinds, choices.client, draft.channel, lambda key: change("channel", key))]
            ),
            moment_field(
                app,
                _("Received") if incoming else _("Sent"),
                draft.at,
                lambda at: change("at", at),
                clearable=False,
                past=True,
                error=errors.get("at", ""),
            ),
            switch_row(
                _("Needs a reply from me") if incoming else _("I wait for an answer"),
                draft.needs_reply,
                lambda on: change("needs_reply", on),
            ),
            *(
                [
                    moment_field(
                        app,
                        _("Reply by"),
                        draft.due_at,
                        lambda at: change("due_at", at),
                        error=errors.get("due_at", ""),
                        usual=usual,
                    )
                ]
                if incoming and draft.needs_reply
                else []
            ),
            *(
                [
                    moment_field(
                        app,
                        _("Answered"),
                        draft.replied_at,
                        lambda at: change("replied_at", at),
                        clearable=False,
                        past=True,
                        error=errors.get("replied_at", ""),
                    )
                ]
                if draft.replied_at
                else []
            ),
            *(
                [
                    ft.Row(
                        [
                            dropdown(
                                _("Job"),
                                choices.jobs,
                                draft.job_id or "",
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
                draft.body,
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
        unsaved=draft != stored,
        form=form,
        on_abandon=lambda: delete_unsaved(app, stored),
    )


def _gone() -> ft.Control:
    return empty_state(ft.Icons.MAIL_OUTLINE, _("This message is gone"), _("It was deleted."))
