"""A message's page: how long is left, what to check, what to say."""

import flet as ft

from app.domain.checklists import checklist_progress, reply_checklist_green
from app.domain.entities import Direction, Message, Question
from app.domain.reply import is_snoozed, open_questions, response_minutes
from app.domain.silence import SilenceStep
from app.store.content import ChecklistView
from app.ui import words
from app.ui.components.fields import text_field
from app.ui.components.layout import card, empty_state, fact, heading, screen
from app.ui.components.ring import time_ring
from app.ui.components.scripts import script_tile
from app.ui.i18n import _
from app.ui.message import model
from app.ui.state import AppState, use_app
from app.ui.theme import STATE_COLORS
from app.ui.today.view import ask_promise, ask_snooze


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
            app.back()

    return screen(
        app,
        words.client_name(page.client),
        [
            _header(app, page),
            *_answering(app, page),
            *([ft.Container(ft.Text(message.body, selectable=True), padding=8)] if message.body else []),
            heading(_("Open questions")),
            Questions(message),
            *(
                [_checklist(app, message, page.checklist)]
                if page.checklist and message.direction == Direction.IN
                else []
            ),
            *([heading(_("What to say"))] if page.scripts else []),
            *(script_tile(app, script) for script in page.scripts[:6]),
        ],
        actions=[
            ft.IconButton(
                ft.Icons.EDIT_OUTLINED,
                tooltip=_("Edit"),
                on_click=lambda _event: app.open("edit-message", message_id),
            ),
            ft.IconButton(
                ft.Icons.DELETE_OUTLINE, tooltip=_("Delete message"), on_click=lambda _event: delete()
            ),
        ],
        bottom=_bottom(app, message),
    )


def _header(app: AppState, page: model.MessagePage) -> ft.Control:
    message = page.message
    title = ft.Text(
        words.message_title(message.summary, message.kind),
        theme_style=ft.TextThemeStyle.TITLE_LARGE,
        selectable=True,
    )
    about = ft.Row(
        [
            ft.Icon(words.channel_icon(message.channel), size=18, color=ft.Colors.ON_SURFACE_VARIANT),
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
                job.title or _("Untitled job"),
                icon=ft.Icons.WORK_OUTLINE,
                on_click=lambda _event: app.open("job", job.id),
            )
        )
    return card(ft.Column(parts, spacing=8, tight=True))


def _state_lines(app: AppState, page: model.MessagePage) -> list[ft.Control]:
    """Where the message stands: its window, its silence, or its answer."""
    message = page.message
    lines: list[ft.Control] = []
    if page.window:
        window, state = page.window, page.window.state(app.now)
        left = window.left(app.now)
        says = _("You promised an answer by {when}") if window.promise else _("Reply by {when}")
        lines.append(
            ft.Row(
                [
                    time_ring(left, window.share_left(app.now), state, app.format, size=64),
                    ft.Column(
                        [
                            ft.Text(says.format(when=app.format.when(window.due, app.now))),
                            ft.Text(
                                words.time_left(left, app.format),
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
    elif page.waiting:
        step, due = page.waiting
        lines.append(ft.Text(_silence_line(step).format(when=app.format.when(due, app.now))))
    elif message.replied_at:
        minutes = response_minutes(message)
        if minutes is not None:
            lines.append(fact(_("Answered in"), app.format.duration(message.replied_at - message.at)))
        else:
            lines.append(fact(_("Answered"), app.format.when(message.replied_at, app.now)))
    else:
        lines.append(ft.Text(_("No reply needed"), color=ft.Colors.ON_SURFACE_VARIANT))
    if is_snoozed(message, app.now) and message.snoozed_until:
        lines.append(fact(_("Snoozed until"), app.format.when(message.snoozed_until, app.now)))
    return lines


def _silence_line(step: SilenceStep) -> str:
    return {
        SilenceStep.WAITING: _("Waiting for an answer; follow up on {when}"),
        SilenceStep.FOLLOW_UP_1: _("No answer: a first follow-up is due since {when}"),
        SilenceStep.FOLLOW_UP_2: _("Still no answer: a second follow-up is due since {when}"),
        SilenceStep.SILENT: _("The client is silent since {when}"),
    }[step]


def _answering(app: AppState, page: model.MessagePage) -> list[ft.Control]:
    """A check-in about something already sent is answered with what was sent."""
    if page.answered_by is None:
        return []
    update = page.answered_by
    return [
        card(
            ft.Column(
                [
                    ft.Text(
                        _("You already sent this on {when}:").format(
                            when=app.format.when(update.at, app.now)
                        ),
                        weight=ft.FontWeight.W_600,
                    ),
                    ft.Text(update.text, selectable=True),
                ],
                spacing=4,
                tight=True,
            )
        )
    ]


def _bottom(app: AppState, message: Message) -> ft.Control | None:
    if message.replied_at:
        return ft.OutlinedButton(
            _("Wait for a reply again"),
            icon=ft.Icons.UNDO,
            height=48,
            width=float("inf"),
            on_click=lambda _event: model.reopen(app, message),
        )
    if not message.needs_reply:
        return None
    if message.direction == Direction.OUT:
        return ft.Row(
            [
                _wide(
                    ft.FilledButton,
                    _("They answered"),
                    ft.Icons.MARK_CHAT_READ,
                    lambda: model.mark_replied(app, message),
                ),
                _wide(
                    ft.OutlinedButton,
                    _("I followed up"),
                    ft.Icons.FORWARD_TO_INBOX,
                    lambda: model.followed_up(app, message),
                ),
            ]
        )
    return ft.Row(
        [
            _wide(ft.FilledButton, _("Replied"), ft.Icons.CHECK, lambda: model.mark_replied(app, message)),
            *(
                []
                if message.acknowledged_at
                else [
                    _wide(
                        ft.FilledTonalButton,
                        _("Acknowledge…"),
                        ft.Icons.THUMB_UP_OUTLINED,
                        lambda: ask_promise(app, message),
                    )
                ]
            ),
            ft.IconButton(
                ft.Icons.SNOOZE, tooltip=_("Snooze…"), on_click=lambda _event: ask_snooze(app, message)
            ),
        ]
    )


def _wide(button, label: str, icon: ft.IconData, act) -> ft.Control:  # type: ignore[no-untyped-def]
    return button(label, icon=icon, height=48, expand=True, on_click=lambda _event: act())


@ft.component
def Questions(message: Message) -> ft.Control:
    """What must be asked before a good answer is possible: ask, don't guess."""
    app = use_app()
    text, set_text = ft.use_state("")

    def add() -> None:
        if text.strip():
            model.add_question(app, message, text.strip())
            set_text("")

    return ft.Column(
        [
            *(_question_row(app, message, question) for question in message.questions),
            ft.Row(
                [
                    ft.Container(
                        text_field(_("Something to ask instead of guessing"), text, set_text, on_submit=add),
                        expand=True,
                    ),
                    ft.IconButton(ft.Icons.ADD, tooltip=_("Add question"), on_click=lambda _event: add()),
                ]
            ),
        ],
        spacing=4,
        tight=True,
    )


def _question_row(app: AppState, message: Message, question: Question) -> ft.Control:
    key = question["id"]
    done = question["answered_at"] is not None
    state = (
        _("Answered") if done else _("Asked, no answer yet") if question["asked_at"] else _("Not asked yet")
    )
    menu = [
        ft.PopupMenuItem(
            content=_("Remove"),
            icon=ft.Icons.DELETE_OUTLINE,
            on_click=lambda _event: model.remove_question(app, message, key),
        )
    ]
    if not done:
        menu.insert(
            0,
            ft.PopupMenuItem(
                content=_("Answered"),
                icon=ft.Icons.CHECK,
                on_click=lambda _event: model.mark_answered(app, message, key),
            ),
        )
        if not question["asked_at"]:
            menu.insert(
                0,
                ft.PopupMenuItem(
                    content=_("Asked"),
                    icon=ft.Icons.SEND_OUTLINED,
                    on_click=lambda _event: model.mark_asked(app, message, key),
                ),
            )
            menu.insert(
                0,
                ft.PopupMenuItem(
                    content=_("What to say"),
                    icon=ft.Icons.EDIT_NOTE,
                    on_click=lambda _event: app.open("script", "ask-not-guess"),
                ),
            )
    return ft.ListTile(
        leading=ft.Icons.CHECK_CIRCLE if done else ft.Icons.HELP_OUTLINE,
        title=question["text"],
        subtitle=state,
        icon_color=ft.Colors.PRIMARY if done else ft.Colors.TERTIARY,
        trailing=ft.PopupMenuButton(items=menu, tooltip=_("More for this question")),
        content_padding=ft.Padding(left=8, right=0),
    )


def _checklist(app: AppState, message: Message, checklist: ChecklistView) -> ft.Control:
    ticked = message.checklists.get(checklist.id, [])
    done, total = checklist_progress(ticked, checklist.items)
    green = reply_checklist_green(message, checklist.items, ticked)
    if green:
        state = _("All clear: ready to send.")
    elif open_questions(message) and done == total:
        state = _("A question is still open: ask before you answer.")
    else:
        state = _("{done} of {total}").format(done=done, total=total)
    return ft.Column(
        [
            heading(
                checklist.title,
                ft.Text(state, color=ft.Colors.PRIMARY if green else ft.Colors.ON_SURFACE_VARIANT),
            ),
            ft.ProgressBar(
                value=done / total if total else 1, color=ft.Colors.PRIMARY if green else ft.Colors.OUTLINE
            ),
            *(
                ft.Checkbox(
                    label=item["text"],
                    value=item["id"] in ticked,
                    on_change=lambda event, key=item["id"]: model.tick_item(
                        app, message, checklist.id, key, bool(event.control.value)
                    ),
                )
                for item in checklist.items
            ),
        ],
        spacing=4,
        tight=True,
    )
