"""Today: everything that needs the user now, in order, each with its most common action."""

import flet as ft

from app.domain.workload import Overload
from app.i18n import _, n_
from app.ui.components.announced_devices import announcements
from app.ui.components.buttons import icon_button, tappable
from app.ui.components.keys import search_shortcut
from app.ui.components.late_payments import late_row
from app.ui.components.layout import READABLE_WIDTH, empty_state, heading
from app.ui.components.sample_banner import sample_banner
from app.ui.components.tabs import tab_screen
from app.ui.components.update_suggestion import suggestion_row
from app.ui.state import AppState, use_app
from app.ui.today.row import agenda_row
from app.viewmodels import today as model


@ft.component
def TodayScreen() -> ft.View:
    app = use_app()
    today = ft.use_memo(lambda: model.load(app), [app.revision, app.now])
    show_snoozed, set_show_snoozed = ft.use_state(False)
    limit, set_limit = ft.use_state(model.PAGE)
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
                _("Show more"),
                icon=ft.Icons.EXPAND_MORE,
                on_click=lambda _event: set_limit(limit + model.PAGE),
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
            snoozed = today.snoozed[: model.PAGE]
            controls += [agenda_row(app, item, today.clients.get(item.client_id)) for item in snoozed]
    if not controls:
        controls.append(_nothing(app, today.has_clients))
    controls += late_row(app, today.late_payments)
    if today.has_clients:
        controls.append(_further_links(app))
    banner = sample_banner(app)
    if banner:
        controls.insert(0, banner)
    controls[:0] = announcements(app)
    search = icon_button(
        ft.Icons.SEARCH,
        _("Search"),
        lambda: app.open("search", "all"),
        shortcut=search_shortcut(app.page) if app.is_wide else "",
    )
    return tab_screen(app, "/", _title(app), controls, actions=[search])


def _updates(app: AppState, today: model.Today) -> list[ft.Control]:
    """Suggested updates for today, listed below what is due."""
    rows = [
        suggestion_row(app, each, today.clients.get(each.client_id)) for each in today.updates[: model.PAGE]
    ]
    return [heading(_("Before they ask")), *rows] if rows else []


def _no_longer_fits(app: AppState, late: list[Overload]) -> ft.Control:
    title, text = model.late_lines(late, app.format)
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


def _further_links(app: AppState) -> ft.Control:
    """Links to screens beyond today."""
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
    """The date, in short form where large text would be cut off by the icons."""
    formatter = app.format
    if app.width < READABLE_WIDTH:
        return formatter.short_weekday_date(app.now)
    return formatter.begun(formatter.weekday_date(app.now))


def _nothing(app: AppState, has_clients: bool) -> ft.Control:
    title, text = model.nothing(has_clients)
    if has_clients:
        wish = model.wish(app.calendar, app.now)
        return empty_state(ft.Icons.SPA_OUTLINED, title, "\n".join(filter(None, (text, wish))))
    return empty_state(
        ft.Icons.INBOX_OUTLINED,
        title,
        text,
        _("Note the first message"),
        lambda: app.open("new", "message"),
    )
