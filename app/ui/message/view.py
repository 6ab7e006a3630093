"""The screen of a message: time left, checklist and scripts."""

import flet as ft

from app.domain.codes import Direction
from app.domain.entities import Message
from app.domain.reply import is_snoozed, response_minutes
from app.domain.silence import FollowUpStep
from app.i18n import _
from app.ui.components.answers import answers
from app.ui.components.buttons import icon_button
from app.ui.components.checklist import Checklist
from app.ui.components.contact import back_to
from app.ui.components.fields import moment_field
from app.ui.components.icons import channel_icon
from app.ui.components.layout import button_bar, card, empty_state, fact, heading, screen
from app.ui.components.message_times import ask_promise, ask_snooze
from app.ui.components.questions import questions_of
from app.ui.components.replied import mark_replied
from app.ui.components.ring import time_ring
from app.ui.components.scripts import script_tile
from app.ui.state import AppState, use_app
from app.ui.theme import STATE_COLORS
from app.viewmodels import message as model
from app.viewmodels import standing
from app.viewmodels.contact import channel_of
from app.wording import agenda as agenda_words
from app.wording import words


@ft.component
def MessageScreen() -> ft.View:
    app = use_app()
    message_id = ft.use_route_params()["key"]
    page = ft.use_memo(lambda: model.load(app, message_id), [message_id, app.revision, app.now])
    if page is None:
        return screen(
            app,
            _("Message"),
            [empty_state(ft.Icons.MAIL_OUTLINE, _("This message is gone"), _("It was deleted."))],
        )
    message = page.message

    def delete() -> None:
        if model.delete(app, message):
            app.leave(message_id)

    return screen(
        app,
        words.client_name(page.client),
        [
            _header(app, page),
            *answers(app, page.matters, message.at),
            *_answering(app, page),
            *(
                [ft.Container(ft.SelectionArea(content=ft.Text(message.body)), padding=8)]
                if message.body
                else []
            ),
            *_offer_to_keep(app, page),
            questions_of(message),
            *(
                [Checklist(message, page.checklist, _("All clear: ready to send."))]
                if page.checklist and message.direction == Direction.IN
                else []
            ),
            *([heading(_("What to say"))] if page.scripts else []),
            *(script_tile(app, script) for script in page.scripts[:6]),
        ],
        actions=[
            icon_button(ft.Icons.EDIT_OUTLINED, _("Edit"), lambda: app.open("edit-message", message_id)),
            icon_button(ft.Icons.DELETE_OUTLINE, _("Delete message"), delete),
        ],
        bottom=_bottom(app, message),
    )


def _header(app: AppState, page: model.MessagePage) -> ft.Control:
    message = page.message
    title = ft.Text(
        words.message_title(message.summary, message.kind),
        theme_style=ft.TextThemeStyle.TITLE_LARGE,
    )
    about = ft.Row(
        [
            ft.Icon(channel_icon(message.channel), size=18, color=ft.Colors.ON_SURFACE_VARIANT),
            ft.Text(
                _("{channel} · {kind} · {when}").format(
                    channel=words.channel(message.channel),
                    kind=words.message_kind(message.kind),
                    when=app.format.when(message.at, app.now),
                ),
                color=ft.Colors.ON_SURFACE_VARIANT,
                expand=True,
            ),
        ],
        spacing=8,
    )
    parts: list[ft.Control] = [title, about, *_state_lines(app, page)]
    if page.client:
        parts += back_to(channel_of(app, page.client, message.channel), _reply_subject(message))
        client = page.client
        parts.append(
            ft.TextButton(
                words.client_name(client),
                icon=ft.Icons.PERSON_OUTLINE,
                on_click=lambda _event: app.open("client", client.id),
            )
        )
    if page.job:
        job = page.job
        parts.append(
            ft.TextButton(
                words.job_title(job),
                icon=ft.Icons.WORK_OUTLINE,
                on_click=lambda _event: app.open("job", job.id),
            )
        )
    return card(ft.Column(parts, spacing=8, tight=True))


def _reply_subject(message: Message) -> str:
    """The subject of an e-mail that replies to this message."""
    return f"Re: {message.summary}" if message.summary and message.direction == Direction.IN else ""


def _state_lines(app: AppState, page: model.MessagePage) -> list[ft.Control]:
    """The state of the message: its reply window, the client's silence, or the reply."""
    message = page.message
    lines: list[ft.Control] = []
    if page.window:
        window, state = page.window, page.window.state(app.now)
        left = app.format.until(window.due, app.now)
        says = _("You promised an answer by {when}") if window.promise else _("Reply by {when}")
        lines.append(
            ft.Row(
                [
                    time_ring(left, window.share_left(app.now), state, app.format, size=64),
                    ft.Column(
                        [
                            ft.Text(says.format(when=app.format.when(window.due, app.now))),
                            ft.Text(
                                agenda_words.time_left(window.due, app.now, app.format),
                                color=STATE_COLORS[state],
                                weight=ft.FontWeight.W_600,
                            ),
                        ],
                        spacing=2,
                        expand=True,
                    ),
                ],
                spacing=16,
            )
        )
    elif page.waiting and page.owed:
        owed = page.owed
        lines.append(
            ft.Text(
                _("They wait for you, too: answer “{title}” first, then ask again.").format(
                    title=words.message_title(owed.summary, owed.kind)
                )
            )
        )
        lines.append(
            ft.FilledTonalButton(
                _("Answer them first"),
                icon=ft.Icons.REPLY,
                on_click=lambda _event: app.open("message", owed.id),
            )
        )
    elif page.waiting:
        step, due = page.waiting
        since = message.at if step is FollowUpStep.SILENT else due
        lines.append(ft.Text(_silence_line(step).format(day=app.format.day_within(since, app.now))))
    elif message.replied_at:
        if response_minutes(message) is not None:
            lines.append(fact(_("Answered in"), app.format.elapsed(message.replied_at - message.at)))
        lines.append(
            moment_field(
                app,
                _("Answered"),
                message.replied_at,
                lambda at: model.set_replied_at(app, message, at) if at else None,
                clearable=False,
                past=True,
            )
        )
    else:
        lines.append(ft.Text(_("No reply needed"), color=ft.Colors.ON_SURFACE_VARIANT))
    if is_snoozed(message, app.now) and message.snoozed_until:
        lines.append(fact(_("Snoozed until"), app.format.when(message.snoozed_until, app.now)))
    return lines


def _silence_line(step: FollowUpStep) -> str:
    return {
        FollowUpStep.WAITING: _("Waiting for an answer. Time to follow up: {day}"),
        FollowUpStep.FOLLOW_UP_1: _("No answer: the first follow-up has been due since {day}"),
        FollowUpStep.FOLLOW_UP_2: _("Still no answer: the second follow-up has been due since {day}"),
        FollowUpStep.SILENT: _("The client has been silent since {day}"),
    }[step]


def _answering(app: AppState, page: model.MessagePage) -> list[ft.Control]:
    """The update that answers the message: a check-in on something already sent."""
    if page.answered_by is None:
        return []
    update = page.answered_by
    return [
        card(
            ft.Column(
                [
                    ft.Text(
                        _("You already sent this ({when}):").format(when=app.format.when(update.at, app.now)),
                        weight=ft.FontWeight.W_600,
                    ),
                    ft.SelectionArea(content=ft.Text(update.text)),
                ],
                spacing=4,
                tight=True,
            )
        )
    ]


def _offer_to_keep(app: AppState, page: model.MessagePage) -> list[ft.Control]:
    """The offer to keep the matter for the next standing call; the reply is still due."""
    message, topic = page.message, page.topic
    if message.direction != Direction.IN or page.client is None:
        return []
    client_id = page.client.id
    if topic is None:
        if not page.can_wait:
            return []
        return [
            ft.TextButton(
                _("Keep it for your next call"),
                icon=ft.Icons.EVENT_REPEAT,
                on_click=lambda _event: standing.keep_message(app, message),
            )
        ]
    kept = (
        _("Talked about {when}").format(when=app.format.when(topic.done_at, app.now))
        if topic.done_at
        else standing.kept_until(app, client_id)
    )
    return [
        ft.TextButton(
            kept,
            icon=ft.Icons.EVENT_AVAILABLE,
            on_click=lambda _event: app.open("standing-call", client_id),
        )
    ]


def _bottom(app: AppState, message: Message) -> ft.Control | None:
    if message.replied_at:
        return ft.OutlinedButton(
            _("Wait for a reply again"),
            icon=ft.Icons.UNDO,
            width=float("inf"),
            on_click=lambda _event: model.reopen(app, message),
        )
    if not message.needs_reply:
        return None
    if message.direction == Direction.OUT:
        return button_bar(
            ft.FilledButton(_("They answered"), on_click=lambda _event: model.mark_replied(app, message)),
            ft.OutlinedButton(_("I followed up"), on_click=lambda _event: model.followed_up(app, message)),
        )
    buttons: list[ft.LayoutControl] = [
        ft.FilledButton(_("Replied"), on_click=lambda _event: mark_replied(app, message))
    ]
    if not message.acknowledged_at:
        buttons.append(
            ft.FilledTonalButton(_("Acknowledge…"), on_click=lambda _event: ask_promise(app, message))
        )
    snooze = icon_button(ft.Icons.SNOOZE, _("Snooze…"), lambda: ask_snooze(app, message))
    return button_bar(*buttons, snooze)
