"""Settings → Sync: while off, an explanation and setup; while on, status, devices and leaving."""

from collections.abc import Callable

import flet as ft

from app.i18n import _
from app.sync.status import Status
from app.ui.components.announced_devices import announcements
from app.ui.components.layout import card, fact, heading, screen
from app.ui.components.settings_section import why
from app.ui.components.sync_devices import Devices
from app.ui.components.sync_parts import notice_card, server_field, use_errand, use_status, working
from app.ui.state import AppState, use_app
from app.ui.sync.key import NewKey
from app.viewmodels import sync as model
from app.viewmodels.sync_notices import Notice, notice_of

ICONS = {
    "idle": (ft.Icons.CLOUD_DONE_OUTLINED, ft.Colors.PRIMARY),
    "syncing": (ft.Icons.SYNC, ft.Colors.PRIMARY),
    "offline": (ft.Icons.CLOUD_OFF_OUTLINED, ft.Colors.ON_SURFACE_VARIANT),
    "error": (ft.Icons.SYNC_PROBLEM, ft.Colors.TERTIARY),
}


@ft.component
def SyncSection() -> ft.View:
    app = use_app()
    new_key, set_new_key = ft.use_state("")  # just created, and not confirmed as saved yet
    if new_key:
        body: list[ft.Control] = [NewKey(new_key, lambda: set_new_key(""))]
    elif app.sync_status.state == "off":
        # Whether the device syncs is unknown until its vault has answered.
        body = [working(_("Asking the device…"))] if app.sync.is_member else [Off(set_new_key)]
    else:
        body = [On()]
    return screen(app, _("Your sync key") if new_key else _("Sync"), body)


@ft.component
def Off(on_started: Callable[[str], None]) -> ft.Control:
    app = use_app()
    errand = use_errand(app)
    server, set_server = ft.use_state("")
    problem, set_problem = ft.use_state("")

    def change_server(typed: str) -> None:
        set_server(typed)
        set_problem("")

    async def start() -> None:
        on_started(await app.sync.start(server))

    def submit() -> None:
        found = model.server_problem(app, server)
        set_problem(found)
        if not found:
            errand.run(start)

    parts: list[ft.Control] = [
        card(
            ft.Column(
                [
                    _point(
                        ft.Icons.DEVICES_OUTLINED,
                        _("Your devices show the same, and each goes on working without a network."),
                    ),
                    _point(
                        ft.Icons.LOCK_OUTLINED,
                        _("What you write is encrypted before it leaves. The server cannot read it."),
                    ),
                ],
                spacing=16,
                tight=True,
            )
        ),
        *server_field(app, server, change_server, problem),
    ]
    if errand.notice:
        parts.append(notice_card(app, errand.notice))
    parts += [
        working(_("Asking the server…"))
        if errand.busy
        else ft.FilledButton(_("Start syncing"), icon=ft.Icons.SYNC, on_click=lambda _event: submit()),
        ft.OutlinedButton(
            _("I sync on another device…"),
            icon=ft.Icons.DEVICES_OUTLINED,
            on_click=lambda _event: app.open("settings", "sync-join"),
        ),
    ]
    return ft.Column(parts, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _point(icon: ft.IconData, text: str) -> ft.Control:
    return ft.Row([ft.Icon(icon, color=ft.Colors.PRIMARY), ft.Text(text, expand=True)], spacing=16)


@ft.component
def On() -> ft.Control:
    app = use_app()
    status = use_status(app)
    notice = notice_of(status, app.format)
    parts: list[ft.Control] = [*announcements(app), state_card(app, status)]
    if account := app.sync.fingerprint():
        parts.append(fact(_("Account"), account))
    if app.sync.key_change_waits and status.state != "syncing":
        parts.append(notice_card(app, Notice(model.waiting_line())))
    if notice:
        parts.append(notice_card(app, notice))
    else:
        parts.append(
            ft.FilledTonalButton(
                _("Sync now"),
                icon=ft.Icons.SYNC,
                disabled=status.state == "syncing",
                on_click=lambda _event: app.sync.sync_now(),
            )
        )
    if status.code not in model.HAS_TO_LEAVE:
        parts += [
            Devices(),
            _entry(app, "sync-add", ft.Icons.ADD, _("Add a device…")),
            heading(_("If all your devices are lost")),
            why(_("The sync key brings everything back then. Keep it in a safe place.")),
            _entry(app, "sync-key", ft.Icons.KEY_OUTLINED, _("Show the sync key…")),
        ]
    parts += [
        heading(_("The way out")),
        _entry(app, "sync-leave", ft.Icons.LOGOUT, _("Stop syncing here…")),
    ]
    if status.code not in model.HAS_TO_LEAVE:
        parts.append(
            _entry(app, "sync-delete", ft.Icons.DELETE_FOREVER_OUTLINED, _("Delete all from the server…"))
        )
    return ft.Column(parts, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def state_card(app: AppState, status: Status) -> ft.Control:
    """The sync status: a headline with details."""
    icon, color = ICONS.get(status.state, ICONS["offline"])
    column: list[ft.Control] = [
        ft.Text(model.headline(status), theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
        *(ft.Text(line, color=ft.Colors.ON_SURFACE_VARIANT) for line in model.lines(app, status)),
    ]
    if status.state == "syncing":
        column.append(progress_bar(status))
    return card(
        ft.Row(
            [ft.Icon(icon, color=color, size=32), ft.Column(column, spacing=4, tight=True, expand=True)],
            spacing=16,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
    )


def progress_bar(status: Status) -> ft.Control:
    """The progress; indeterminate while the total is unknown."""
    share = min(1.0, status.done / status.total) if status.total else None
    return ft.Container(ft.ProgressBar(value=share, border_radius=4), padding=ft.Padding(top=8))


def _entry(app: AppState, key: str, icon: ft.IconData, title: str) -> ft.Control:
    return ft.ListTile(
        leading=icon,
        title=title,
        trailing=ft.Icons.CHEVRON_RIGHT,
        on_click=lambda _event: app.open("settings", key),
        content_padding=ft.Padding(left=8, right=8),
    )
