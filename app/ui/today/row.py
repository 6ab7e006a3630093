"""A row of Today, with its most common action as a button and others in a menu."""

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.domain.agenda import AgendaItem, AgendaKind
from app.domain.contact import ContactLink, reply_link
from app.domain.entities import Client
from app.domain.reply import WindowState
from app.i18n import _
from app.ui.components import delivering
from app.ui.components.answer_first import answer_first
from app.ui.components.buttons import icon_button, menu_button, menu_item, tappable
from app.ui.components.contact import action_label, opening
from app.ui.components.icons import channel_icon
from app.ui.components.layout import card
from app.ui.components.message_times import ask_promise, ask_snooze
from app.ui.components.replied import mark_replied
from app.ui.components.ring import time_ring
from app.ui.state import AppState
from app.ui.theme import STATE_COLORS
from app.ui.today import others
from app.viewmodels import message as message_commands
from app.viewmodels.contact import channel_of
from app.wording import agenda as agenda_words
from app.wording import words

NARROW = 480  # pixels: on narrower screens a row's buttons are stacked, to leave room for the text


def agenda_row(app: AppState, item: AgendaItem, client: Client | None) -> ft.Control:
    """A row for an item: urgency, client, matter and due time, with its most common action."""
    name = words.client_name(client)
    what = agenda_words.agenda_matter(item, app.format)
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
    quick = _quick_action(app, item, client, name)
    if quick:
        actions.append(quick)
    menu = _menu(app, item, client)
    if menu:
        actions.append(menu_button(_("More for {name}").format(name=name), menu))
    if 0 < app.width < NARROW:
        actions = [ft.Column(actions, spacing=0, tight=True)]
    row: ft.Control = ft.Row([main, *actions], spacing=0)
    if conversation := way_back(app, item, client):
        # Aligned with the text beside the icon.
        row = ft.Column([row, ft.Container(conversation, padding=ft.Padding(left=48))], spacing=0, tight=True)
    if item.owed:
        row = ft.Column([row, answer_first(app, item.owed)], spacing=8, tight=True)
    return ft.Container(card(row, padding=12), key=item.key)


@dataclass(frozen=True)
class WayBack:
    """The channel of a row's conversation: kind, label and the link that opens it, if any."""

    kind: str
    label: str
    link: ContactLink | None


def conversation_of(app: AppState, item: AgendaItem, client: Client | None) -> WayBack | None:
    kind = item.message.channel if item.message else ""
    channel = channel_of(app, client, kind) if client else None
    if channel is None:
        return None
    link = reply_link(channel)
    label = action_label(channel) if link else words.channel(channel["kind"])
    return WayBack(channel["kind"], label, link)


def way_back(app: AppState, item: AgendaItem, client: Client | None) -> ft.Control | None:
    """The channel of the conversation; a tap opens it, if it has a link."""
    found = conversation_of(app, item, client)
    if found is None:
        return None
    icon = channel_icon(found.kind)
    if found.link is None:
        muted = ft.Colors.ON_SURFACE_VARIANT
        label = ft.Text(found.label, theme_style=ft.TextThemeStyle.BODY_SMALL, color=muted)
        shown = ft.Row([ft.Icon(icon, size=18, color=muted), label], spacing=8)
        return ft.Container(shown, padding=ft.Padding(left=12, top=4, bottom=8))
    return ft.TextButton(found.label, icon=icon, action=opening(found.link))


def _mark(app: AppState, item: AgendaItem) -> ft.Control:
    """A countdown ring, or an icon for items without one."""
    icons = {
        AgendaKind.FOLLOW_UP: ft.Icons.FORWARD_TO_INBOX,
        AgendaKind.SILENT: ft.Icons.VOICE_OVER_OFF_OUTLINED,
        **others.ICONS,
    }
    if item.kind in icons:
        return ft.CircleAvatar(
            ft.Icon(icons[item.kind], color=ft.Colors.ON_SECONDARY_CONTAINER),
            bgcolor=ft.Colors.SECONDARY_CONTAINER,
            radius=24,
        )
    return time_ring(app.format.until(item.due, app.now), item.share_left, item.state, app.format)


def open_item(app: AppState, item: AgendaItem) -> None:
    app.open(*others.place(item), at=others.target(item))


def _quick_action(app: AppState, item: AgendaItem, client: Client | None, name: str) -> ft.Control | None:
    """The row's main action, which usually completes it."""
    if item.kind in others.KINDS:
        found = others.quick(app, item, client, name)
        return _done(found.icon, found.label, found.act) if found else None
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
            lambda: delivering.deliver_part(app, job, part),
        )
    if item.job:
        job = item.job
        return _done(
            ft.Icons.CHECK_CIRCLE_OUTLINE,
            _("Delivered: {name}").format(name=name),
            lambda: delivering.deliver(app, job),
        )
    return None


def _done(icon: ft.IconData, label: str, act: Callable[[], object]) -> ft.Control:
    return icon_button(icon, label, act, ft.Colors.PRIMARY)


def _menu(app: AppState, item: AgendaItem, client: Client | None) -> list[ft.PopupMenuItem]:
    """The row's other actions. Tapping the row opens it, so rows without other actions have no menu."""
    message = item.message
    entries: list[ft.PopupMenuItem] = []
    if item.kind in others.KINDS:
        entries += others.menu(app, item, client)
    elif message:
        if item.kind is AgendaKind.REPLY:
            entries.append(
                menu_item(ft.Icons.THUMB_UP_OUTLINED, _("Acknowledge…"), lambda: ask_promise(app, message))
            )
        entries += others.keep(app, message, client)
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
    if entries and client:
        entries.append(
            menu_item(ft.Icons.PERSON_OUTLINE, _("Open client"), lambda: app.open("client", client.id))
        )
    return entries
