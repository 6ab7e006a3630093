"""A device comes into the account of a key: typed, pasted or brought along by a pairing link."""

from collections.abc import Callable

import flet as ft

from app.sync.addresses import pairing_server
from app.sync.status import Status
from app.ui.components.buttons import icon_button
from app.ui.components.fields import text_field
from app.ui.components.layout import card, screen, side_padding
from app.ui.i18n import _
from app.ui.settings.section import why
from app.ui.state import AppState, use_app
from app.ui.sync import model
from app.ui.sync.notices import Notice, notice_of
from app.ui.sync.parts import notice_card, server_field, use_errand, use_status, working
from app.ui.sync.view import state_card


@ft.component
def JoinSection() -> ft.View:
    """From Settings."""
    app = use_app()
    return screen(app, _("Join with a key"), [Join("", app.back)])


@ft.component
def PairingScreen() -> ft.View:
    """Before anything else is shown: a pairing link was opened, or the first run is skipped by a key."""
    app = use_app()
    side = side_padding(app)

    def close() -> None:
        app.pairing_text = None

    body = ft.ListView(
        controls=[Join(app.pairing_text or "", close)],
        expand=True,
        padding=ft.Padding(left=side, right=side, top=8, bottom=32),
        build_controls_on_demand=False,
    )
    return ft.View(
        route="/",
        appbar=ft.AppBar(
            title=ft.Text(_("Join with a key")), leading=icon_button(ft.Icons.CLOSE, _("Close"), close)
        ),
        controls=[ft.SafeArea(body, expand=True, avoid_intrusions_top=False)],
        padding=0,
    )


@ft.component
def Join(brought: str, on_done: Callable[[], None]) -> ft.Control:
    """The form, then how everything arrives; `brought` is the key of a pairing link."""
    app = use_app()
    status = use_status(app)
    joined, set_joined = ft.use_state(False)
    if joined:
        parts = _arriving(app, status, on_done)
    elif app.sync_status.state != "off" and status.code not in model.JOINS_AGAIN:
        parts = [
            ft.Text(_("This device already syncs. To join with another key, stop syncing here first.")),
            ft.FilledButton(_("Go on"), on_click=lambda _event: on_done()),
        ]
    else:
        parts = [JoinForm(brought, lambda: set_joined(True))]
    return ft.Column(parts, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


@ft.component
def JoinForm(brought: str, on_joined: Callable[[], None]) -> ft.Control:
    app = use_app()
    errand = use_errand(app)
    problem, set_problem = ft.use_state("")
    key, set_key = ft.use_state(brought)
    server, set_server = ft.use_state(pairing_server(brought))
    server_problem, set_server_problem = ft.use_state("")
    merging = ft.use_memo(lambda: model.merging_line(app), [app.revision])

    def change_key(text: str) -> None:
        set_key(text)
        set_problem("")
        if address := pairing_server(text):
            change_server(address)

    def change_server(typed: str) -> None:
        set_server(typed)
        set_server_problem("")

    async def join() -> None:
        await app.sync.join(model.plain_key(key), server)
        on_joined()

    def submit() -> None:
        wrong_key, wrong_server = model.key_problem(key), model.server_problem(app, server)
        set_problem(wrong_key)
        set_server_problem(wrong_server)
        if not wrong_key and not wrong_server:
            errand.run(join)

    parts: list[ft.Control] = []
    if not brought:
        parts.append(why(_("On a device that syncs already: Settings, Sync, Show the sync key.")))
        parts.append(
            text_field(
                _("Sync key"),
                key,
                change_key,
                error=problem,
                helper=_("Dashes, spaces and small letters make no difference."),
                multiline=True,
                lines=(2, 6),
            )
        )
    parts += server_field(app, server, change_server, server_problem)
    parts.append(card(ft.Text(merging)))
    if errand.notice:
        parts.append(notice_card(app, errand.notice))
    if brought and problem:
        parts.append(notice_card(app, Notice(problem)))
    parts.append(
        working(_("Asking the server…"))
        if errand.busy
        else ft.FilledButton(_("Join"), icon=ft.Icons.SYNC, on_click=lambda _event: submit())
    )
    return ft.Column(parts, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _arriving(app: AppState, status: Status, on_done: Callable[[], None]) -> list[ft.Control]:
    """While everything arrives one may wait, or go on at once."""
    parts: list[ft.Control] = [state_card(app, status)]
    notice = notice_of(status, app.format)
    if notice:
        parts.append(notice_card(app, notice))
    if status.state == "syncing":
        parts.append(why(_("Everything arrives by itself; you may go on meanwhile.")))
    parts.append(ft.FilledButton(_("Go on"), on_click=lambda _event: on_done()))
    return parts
