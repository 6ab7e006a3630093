"""Today: what needs you now, in order, with the answer one tap away."""

from collections.abc import Callable

import flet as ft

from app.domain.agenda import AgendaItem, AgendaKind
from app.domain.entities import Client, Message
from app.domain.reply import WindowState, suggested_promises, suggested_snoozes
from app.domain.workload import Overload
from app.ui import words
from app.ui.components.buttons import icon_button, menu_button, menu_item, tappable
from app.ui.components.dialogs import choose_time
from app.ui.components.layout import card, empty_state, heading
from app.ui.components.ring import time_ring
from app.ui.components.sample_banner import sample_banner
from app.ui.components.tabs import tab_screen
from app.ui.i18n import _, n_
from app.ui.job import model as job_commands
from app.ui.message import model as message_commands
from app.ui.state import AppState, use_app
from app.ui.theme import STATE_COLORS
from app.ui.today import model
from app.ui.update.suggestion import suggestion_row
from app.ui.workload.model import task_title

PAGE = 60  # rows built at once
NAMED = 3  # jobs named in a line
NARROW = 360  # pixels: below, a row's buttons stand one above the other


@ft.component
def TodayScreen() -> ft.View:
    app = use_app()
    today = ft.use_memo(lambda: model.load(app), [app.revision, app.now])
    show_snoozed, set_show_snoozed = ft.use_state(False)
    limit, set_limit = ft.use_state(PAGE)
    controls: list[ft.Control] = [_no_longer_fits(app, today.late)] if today.late else []
    updates = _updates(app, today)
    left = limit
    for section in today.sections:
        shown = section.items[:left]
        left -= len(shown)
        if section.later and updates:
            controls += updates
            updates = []
        if shown:
            controls.append(heading(section.title))
            controls += [agenda_row(app, item, today.clients.get(item.client_id)) for item in shown]
    controls += updates
    if sum(len(section.items) for section in today.sections) > limit:
        controls.append(
            ft.TextButton(
                _("Show more"), icon=ft.Icons.EXPAND_MORE, on_click=lambda _event: set_limit(limit + PAGE)
            )
        )
    if today.snoozed:
        controls.append(
            ft.TextButton(
                n_("{n} snoozed", "{n} snoozed", len(today.snoozed)),
                icon=ft.Icons.EXPAND_LESS if show_snoozed else ft.Icons.SNOOZE,
                on_click=lambda _event: set_show_snoozed(not show_snoozed),
            )
        )
        if show_snoozed:
            snoozed = today.snoozed[:PAGE]
            controls += [agenda_row(app, item, today.clients.get(item.client_id)) for item in snoozed]
    if not controls:
        controls.append(_nothing(app, bool(today.clients)))
    if today.clients:
        controls.append(_ways_on(app))
    banner = sample_banner(app)
    if banner:
        controls.insert(0, banner)
    return tab_screen(app, "/", _title(app), controls)


def _updates(app: AppState, today: model.Today) -> list[ft.Control]:
    """To send today, after what is owed: before anybody asks."""
    rows = [suggestion_row(app, each, today.clients.get(each.client_id)) for each in today.updates[:PAGE]]
    return [heading(_("Before they ask")), *rows] if rows else []


def _no_longer_fits(app: AppState, late: list[Overload]) -> ft.Control:
    title = n_("{n} thing no longer fits", "{n} things no longer fit", len(late))
    named = ", ".join(dict.fromkeys(task_title(each.task) for each in late[:NAMED]))
    text = _("Say so today: {jobs}").format(jobs=named)
    row = ft.Row(
        [
            ft.Icon(ft.Icons.EVENT_BUSY, color=ft.Colors.ON_TERTIARY_CONTAINER),
            ft.Column(
                [
                    ft.Text(title, weight=ft.FontWeight.W_600, color=ft.Colors.ON_TERTIARY_CONTAINER),
                    ft.Text(text, color=ft.Colors.ON_TERTIARY_CONTAINER),
                ],
                spacing=2,
                expand=True,
            ),
            ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_TERTIARY_CONTAINER),
        ],
        spacing=12,
    )
    label = _("{name}. {what}").format(name=title, what=text)
    return ft.Container(
        tappable(row, label, lambda: app.open("workload", "week"), padding=12),
        bgcolor=ft.Colors.TERTIARY_CONTAINER,
        border_radius=16,
    )


def _ways_on(app: AppState) -> ft.Control:
    """To what lies beyond today."""
    return ft.Row(
        [
            ft.TextButton(
                _("The weeks ahead"),
                icon=ft.Icons.CALENDAR_VIEW_WEEK,
                on_click=lambda _event: app.open("workload", "week"),
            ),
            ft.TextButton(
                _("Waiting for them"),
                icon=ft.Icons.HOURGLASS_EMPTY,
                on_click=lambda _event: app.open("waiting", "all"),
            ),
        ],
        alignment=ft.MainAxisAlignment.CENTER,
        wrap=True,
    )


def _title(app: AppState) -> str:
    return app.format.weekday_date(app.now)


def _nothing(app: AppState, has_clients: bool) -> ft.Control:
    title, text = model.nothing(has_clients)
    if has_clients:
        return empty_state(ft.Icons.SPA_OUTLINED, title, text)
    return empty_state(
        ft.Icons.INBOX_OUTLINED,
        title,
        text,
        _("Note the first message"),
        lambda: app.open("new", "message"),
    )


def agenda_row(app: AppState, item: AgendaItem, client: Client | None) -> ft.Control:
    """One thing that falls due: urgency, who, what, by when; its commonest answer one tap away."""
    name = words.client_name(client)
    what = words.agenda_matter(item)
    due = words.due_line(item, app.now, app.format)
    strong = item.state in (WindowState.HOUR, WindowState.OVERDUE)
    text = ft.Column(
        [
            ft.Text(name, weight=ft.FontWeight.W_600, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
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
            lambda: message_commands.mark_replied(app, message),
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
    message, job = item.message, item.job
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
        entries.append(menu_item(ft.Icons.OPEN_IN_NEW, _("Open"), lambda: open_item(app, item)))
    elif job:
        entries.append(menu_item(ft.Icons.OPEN_IN_NEW, _("Open"), lambda: open_item(app, item)))
    if client and item.kind is not AgendaKind.STANDING_CALL:
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
