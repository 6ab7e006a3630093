"""Acknowledging a message: the time of the answer, and a text that announces it, ready to send."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

import flet as ft

from app.domain.column_types import Channel
from app.domain.entities import Message
from app.domain.reply import suggested_promises
from app.i18n import _
from app.ui.components import script_preview as preview
from app.ui.components.contact import send_button
from app.ui.components.copied import once_sent
from app.ui.components.fields import choice_chips, labelled
from app.ui.components.layout import empty_state, heading, screen
from app.ui.components.times import pick_moment
from app.ui.state import AppState, use_app
from app.viewmodels import acknowledging, sent
from app.viewmodels import message as model
from app.viewmodels.contact import channel_of
from app.viewmodels.record import client as client_of
from app.viewmodels.scripts import filling, labels
from app.viewmodels.scripts.filling import Filling, ScriptPage, find
from app.viewmodels.scripts.keys import key_of
from app.viewmodels.sent import NoteKind
from app.wording import words

OTHER = "other"


@ft.component
def AcknowledgeScreen() -> ft.View:
    app = use_app()
    message_id = ft.use_route_params()["key"]
    chosen, set_chosen = ft.use_state(cast("datetime | None", None))
    form, set_form = ft.use_state("")
    copied, set_copied = ft.use_state(cast("datetime | None", None))  # the time named in the copied text
    message = ft.use_memo(lambda: model.find(app, message_id), [message_id, app.revision])
    if message is None or message.replied_at:
        return screen(app, _("Acknowledge"), [_nothing_to_acknowledge(message)], close=True)
    client = client_of(app, message.client_id)
    promises = suggested_promises(app.now, app.calendar)
    promised = chosen or next(iter(promises), None)
    forms = acknowledging.forms_for(app, client, message)
    script = next((each for each in forms if each.channel == form), forms[0] if forms else None)
    page = find(app, script.id, f"/message/{message_id}", script.language) if script else None
    now = filling.filling(page, {}, {"due": promised} if promised else {}) if page else None

    def note() -> None:
        if promised and model.acknowledge(app, message, promised):
            app.back()

    def keep_copied() -> None:
        """Keep the time named in the copied text, while the offered times move with the clock."""
        if promised:
            set_chosen(promised)
        set_copied(promised)

    return screen(
        app,
        _("Acknowledge"),
        [
            ft.Column(
                [
                    ft.Text(words.client_name(client), theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
                    ft.Text(words.message_title(message.summary, message.kind)),
                ],
                spacing=2,
                tight=True,
            ),
            _when(app, promises, promised, set_chosen),
            *_late_notice(app, message, promised),
            heading(_("The text")),
            *(
                [choice_chips({each.channel: labels.form(each) for each in forms}, script.channel, set_form)]
                if script and len(forms) > 1
                else []
            ),
            *([preview.preview(page, now)] if page and now else []),
        ],
        bottom=ways_out(
            app,
            channel_of(app, client, message.channel) if client else None,
            page,
            now,
            promised if copied == promised else None,
            keep_copied,
            note,
        ),
        close=True,
    )


def _when(
    app: AppState,
    promises: list[datetime],
    promised: datetime | None,
    on_choose: Callable[[datetime], None],
) -> ft.Control:
    """A choice of likely times, or any other."""
    offered = promises if promised is None or promised in promises else [promised, *promises]
    options = {at.isoformat(): app.format.when(at, app.now) for at in offered} | {OTHER: _("Another time…")}

    def choose(key: str) -> None:
        if key == OTHER:
            pick_moment(app, promised or app.now, on_choose, kept=promised is not None)
        else:
            on_choose(datetime.fromisoformat(key))

    passed = promised is not None and promised <= app.now
    return labelled(
        _("By when will you answer?"),
        choice_chips(options, promised.isoformat() if promised else "", choose),
        _("This time has passed: choose a later one.") if passed else "",
    )


def _late_notice(app: AppState, message: Message, promised: datetime | None) -> list[ft.Control]:
    """A notice that the chosen time is late, announced by screen readers."""
    if promised is None or not (said := model.later_than_told(app, message, promised)):
        return []
    row = ft.Row(
        [
            ft.Icon(ft.Icons.INFO_OUTLINE, size=20, color=ft.Colors.TERTIARY),
            ft.Text(said, color=ft.Colors.TERTIARY, expand=True),
        ],
        spacing=8,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    return [ft.Semantics(content=row, live_region=True)]


def ways_out(
    app: AppState,
    channel: Channel | None,
    page: ScriptPage | None,
    now: Filling | None,
    promised: datetime | None,
    on_copy: Callable[[], None],
    note: Callable[[], None],
) -> ft.Control:
    """Buttons to copy the text or open the conversation, and to record it once the user has sent it.

    `promised` is the time named in the copied text; None before copying.
    """
    rows: list[ft.Control] = []
    if promised:
        when = app.format.when(promised, app.now)
        label = _("Acknowledged: answer by {when}").format(when=when)
        rows += once_sent(app, [sent.Note(label, NoteKind.ACKNOWLEDGED, note)])
    if page and now and now.complete:
        body = now.body
        buttons: list[ft.Control] = [
            ft.FilledButton(
                _("Copy"),
                icon=ft.Icons.CONTENT_COPY,
                expand=True,
                action=ft.CopyToClipboard(body),
                on_click=lambda _event: on_copy(),
            )
        ]
        if opens := send_button(channel, body, sent.subject(page, now), on_copy):
            buttons.append(opens)
        rows.append(ft.Row(buttons, spacing=8))
    elif page:
        script = page.script
        rows.append(
            ft.FilledTonalButton(
                _("Fill in and send…"),
                icon=ft.Icons.EDIT_NOTE,
                on_click=lambda _event: app.open("script", key_of(app, script.id, script.language)),
            )
        )
    if not promised:
        rows.append(
            ft.TextButton(_("Note it without a text"), on_click=lambda _event: note(), width=float("inf"))
        )
    return ft.Column(rows, spacing=4, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _nothing_to_acknowledge(message: Message | None) -> ft.Control:
    if message is None:
        return empty_state(ft.Icons.MAIL_OUTLINE, _("This message is gone"), _("It was deleted."))
    return empty_state(
        ft.Icons.MARK_EMAIL_READ_OUTLINED,
        _("This is answered already"),
        _("There is nothing left to acknowledge."),
    )
