"""A row of Today: what falls due, with its commonest answer one tap away and the others in its menu."""

from collections.abc import Callable

import flet as ft

from app.domain.agenda import AgendaItem, AgendaKind
from app.domain.entities import Client, Message
from app.domain.reply import WindowState, suggested_promises, suggested_snoozes
from app.ui import agenda_words, words
from app.ui.components.buttons import icon_button, menu_button, menu_item, tappable
from app.ui.components.dialogs import choose_time
from app.ui.components.layout import card
from app.ui.components.ring import time_ring
from app.ui.i18n import _
from app.ui.job import model as job_commands
from app.ui.message import model as message_commands
from app.ui.message.replied import mark_replied
from app.ui.state import AppState
from app.ui.theme import STATE_COLORS

NARROW = 480  # pixels: below, a row's buttons stand one above the other, and leave the words their room


def agenda_row(app: AppState, item: AgendaItem, client: Client | None) -> ft.Control:
    """One thing that falls due: urgency, who, what, by when; its commonest answer one tap away."""
    name = words.client_name(client)
    what = agenda_words.agenda_matter(item)
    due = agenda_words.due_line(item, app.now, app.format)
    strong = item.state in (WindowState.HOUR, WindowState.OVERDUE)
    text = ft.Column(
        [
            ft.Text(name, weight=ft.FontWeight.W_600, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS),
            ft.Text(what, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS),
            ft.Text(
                due,
                theme_style=ft.TextThemeStyle.BODY_SMALL,
                color=STATE_COLORS[item.state] if strong else ft.Colors.ON_SURFACE_VARIANT,
                weight=ft.FontWeight.W_600 if strong else None,
            ),
        ],
        spacing=2,
        expand=True,
    )
    main = tappable(
        ft.Row([_mark(app, item), text], spacing=12),
        _("{name}. {what}. {due}").format(name=name, what=what, due=due),
        lambda: open_item(app, item),
    )
    main.expand = True
    actions: list[ft.Control] = []
    quick = _quick_action(app, item, name)
    if quick:
        actions.append(quick)
    menu = _menu(app, item, client)
    if menu:
        actions.append(menu_button(_("More for {name}").format(name=name), menu))
    if 0 < app.width < NARROW:
        actions = [ft.Column(actions, spacing=0, tight=True)]
    return ft.Container(
        card(ft.Row([main, *actions], spacing=0), padding=12),
        key=item.key,
    )


def _mark(app: AppState, item: AgendaItem) -> ft.Control:
    """The ring of what runs out; a plain icon for what only waits."""
    icons = {
        AgendaKind.FOLLOW_UP: ft.Icons.FORWARD_TO_INBOX,
        AgendaKind.SILENT: ft.Icons.VOICE_OVER_OFF_OUTLINED,
        AgendaKind.STANDING_CALL: ft.Icons.CALL_OUTLINED,
    }
    if item.kind in icons:
        return ft.CircleAvatar(
            ft.Icon(icons[item.kind], color=ft.Colors.ON_SECONDARY_CONTAINER),
            bgcolor=ft.Colors.SECONDARY_CONTAINER,
            radius=24,
        )
    return time_ring(item.due - app.now, item.share_left, item.state, app.format)


def open_item(app: AppState, item: AgendaItem) -> None:
    if item.message:
        app.open("message", item.message.id)
    elif item.job:
        app.open("job", item.job.id)
    else:
        app.open("client", item.client_id)


def _quick_action(app: AppState, item: AgendaItem, name: str) -> ft.Control | None:
    """The one tap that usually ends a row."""
    if item.message and item.kind in (AgendaKind.REPLY, AgendaKind.PROMISE):
        message = item.message
        return _done(
            ft.Icons.CHECK_CIRCLE_OUTLINE,
            _("Replied: {name}").format(name=name),
            lambda: mark_replied(app, message),
        )
    if item.message and item.kind in (AgendaKind.FOLLOW_UP, AgendaKind.SILENT):
        message = item.message
        return _done(
            ft.Icons.MARK_CHAT_READ_OUTLINED,
            _("They answered: {name}").format(name=name),
            lambda: message_commands.mark_replied(app, message),
        )
    if item.job and item.part:
        job, part = item.job, item.part
        return _done(
            ft.Icons.CHECK_CIRCLE_OUTLINE,
            _("Delivered: {name}").format(name=name),
            lambda: job_commands.deliver_part(app, job, part),
        )
    if item.job:
        job = item.job
        return _done(
            ft.Icons.CHECK_CIRCLE_OUTLINE,
            _("Delivered: {name}").format(name=name),
            lambda: job_commands.deliver(app, job),
        )
    return None


def _done(icon: ft.IconData, label: str, act: Callable[[], None]) -> ft.Control:
    return icon_button(icon, label, act, ft.Colors.PRIMARY)


def _menu(app: AppState, item: AgendaItem, client: Client | None) -> list[ft.PopupMenuItem]:
    """What else can be done. The row itself opens, so nothing that only opens has a menu."""
    message = item.message
    entries: list[ft.PopupMenuItem] = []
    if message:
        if item.kind is AgendaKind.REPLY:
            entries.append(
                menu_item(ft.Icons.THUMB_UP_OUTLINED, _("Acknowledge…"), lambda: ask_promise(app, message))
            )
        if item.kind in (AgendaKind.FOLLOW_UP, AgendaKind.SILENT):
            entries.append(
                menu_item(
                    ft.Icons.FORWARD_TO_INBOX,
                    _("I followed up"),
                    lambda: message_commands.followed_up(app, message),
                )
            )
        if item.snoozed_until:
            entries.append(
                menu_item(
                    ft.Icons.ALARM_ON, _("Stop snoozing"), lambda: message_commands.unsnooze(app, message)
                )
            )
        else:
            entries.append(menu_item(ft.Icons.SNOOZE, _("Snooze…"), lambda: ask_snooze(app, message)))
        if client:
            entries.append(
                menu_item(ft.Icons.PERSON_OUTLINE, _("Open client"), lambda: app.open("client", client.id))
            )
    return entries


def ask_promise(app: AppState, message: Message) -> None:
    """Acknowledge now, promise the answer for a time the user chooses."""
    choose_time(
        app,
        _("By when will you answer?"),
        suggested_promises(app.now, app.calendar),
        lambda at: message_commands.acknowledge(app, message, at),
    )


def ask_snooze(app: AppState, message: Message) -> None:
    choose_time(
        app,
        _("Remind me again"),
        suggested_snoozes(app.now, app.calendar),
        lambda at: message_commands.snooze(app, message, at),
    )
