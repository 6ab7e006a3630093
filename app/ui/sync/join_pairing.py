"""An invitation on the new device: the account, the code to compare, and how it ended."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import flet as ft

from app.i18n import _
from app.sync.errors import SyncError
from app.ui.components.layout import card, fact
from app.ui.components.settings_section import why
from app.ui.components.sync_parts import digits, notice_card, use_side, working
from app.ui.state import AppState, use_app
from app.viewmodels import sync as model
from app.viewmodels.sync_notices import Notice, explain

if TYPE_CHECKING:
    from app.sync.joiner import Joiner
    from app.sync.pairing_messages import Offer


@ft.component
def JoinByInvitation(
    secret: bytes, server: str, on_joined: Callable[[], None], on_again: Callable[[], None]
) -> ft.Control:
    """From the claim to the end; leaving the screen declines the invitation."""
    app = use_app()
    joiner, problem = ft.use_memo(lambda: _open(app, secret, server), [])
    use_side(joiner)

    async def follow() -> None:
        if joiner is not None:
            await joiner.follow()
            if joiner.state == "done":
                on_joined()

    def begin() -> None:
        app.page.run_task(follow)

    def leave() -> None:
        if joiner is not None:
            app.page.run_task(joiner.decline)

    ft.use_effect(begin, [], leave)
    if joiner is None:
        parts: list[ft.Control] = [
            notice_card(app, problem or Notice("")),
            ft.OutlinedButton(_("Enter another invitation"), on_click=lambda _event: on_again()),
        ]
    else:
        parts = _parts(app, joiner, on_again)
    return ft.Column(parts, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _open(app: AppState, secret: bytes, server: str) -> "tuple[Joiner | None, Notice | None]":
    try:
        return app.sync.pairing.join(secret, server), None
    except SyncError as error:
        return None, explain(error, app.format)


def _parts(app: AppState, joiner: "Joiner", on_again: Callable[[], None]) -> list[ft.Control]:
    if joiner.has_ended and joiner.state != "done":
        return [
            notice_card(app, _end_notice(app, joiner)),
            ft.OutlinedButton(_("Enter another invitation"), on_click=lambda _event: on_again()),
        ]
    parts: list[ft.Control] = []
    if joiner.offer is not None:
        parts.append(account_card(app, joiner.server, joiner.offer))
        if joiner.state == "comparing":
            parts += _comparing(app, joiner)
        elif joiner.state == "agreed":
            parts += [
                card(digits(joiner.code)),
                ft.Text(
                    _("Now confirm on {device} too, where the same code is shown.").format(
                        device=_member(joiner.offer)
                    )
                ),
            ]
    if joiner.trouble is not None:
        parts.append(notice_card(app, Notice(explain(joiner.trouble, app.format).text)))
    if joiner.state != "comparing":
        parts.append(working(_progress_text(joiner)))
    if joiner.state not in {"comparing", "joining", "done"}:
        parts.append(
            ft.OutlinedButton(_("Cancel"), on_click=lambda _event: app.page.run_task(joiner.decline))
        )
    return parts


def _comparing(app: AppState, joiner: "Joiner") -> list[ft.Control]:
    return [
        card(ft.Text(model.joining_line(app))),
        card(digits(joiner.code)),
        ft.Semantics(
            content=ft.Text(
                _(
                    "Only go on if the device that showed you the invitation is yours "
                    "and shows the same code."
                ),
                weight=ft.FontWeight.W_600,
            ),
            live_region=True,
        ),
        ft.FilledButton(
            _("It is my device and the same code: join"),
            icon=ft.Icons.CHECK,
            on_click=lambda _event: app.page.run_task(joiner.agree),
        ),
        ft.OutlinedButton(
            _("Not my device, or another code: do not join"),
            icon=ft.Icons.CLOSE,
            on_click=lambda _event: app.page.run_task(joiner.decline),
        ),
        why(model.lifetime_line(joiner.expires_at, app.now)),
    ]


def account_card(app: AppState, server: str, offer: "Offer") -> ft.Control:
    """The account to join: server, fingerprint and all its devices."""
    rows: list[ft.Control] = [
        ft.Text(_("Join this account?"), theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
        fact(_("Server"), server),
        fact(_("Account"), offer.account),
        fact(_("Invited by"), _member(offer)),
    ]
    if offer.others:
        rows.append(fact(_("Its other devices"), model.devices_line(offer, app.format)))
    if offer.server != server:
        rows.append(why(_("The other device knows this server as {server}.").format(server=offer.server)))
    return card(ft.Column(rows, spacing=8, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH))


def _progress_text(joiner: "Joiner") -> str:
    if joiner.state == "claiming" or joiner.offer is None:
        return _("Asking the server…")
    if joiner.state == "waiting":
        return _("Waiting for {device}. Keep “Add a device” open there.").format(device=_member(joiner.offer))
    if joiner.state == "agreed":
        return _("Waiting for {device}…").format(device=_member(joiner.offer))
    return _("Joining…")


def _end_notice(app: AppState, joiner: "Joiner") -> Notice:
    if joiner.state == "failed" and joiner.error is not None:
        return Notice(explain(joiner.error, app.format).text)
    return Notice(end_line(joiner))


def end_line(joiner: "Joiner") -> str:
    """How the invitation ended, if this device has not joined."""
    return {
        "declined": _("You have not joined. None of your records have left this device."),
        "refused": _("The other device refused or cancelled. None of your records have left this device."),
        "used": _(
            "Another device has used this invitation already. If that was not you, choose “They differ” "
            "on the device that made it. Then make a new invitation there."
        ),
        "expired": _("This invitation has expired. Make a new one on the other device."),
        "replaced": _("This invitation is no longer valid. Make a new one on the other device."),
        "broken": _(
            "Someone may have tampered with this invitation: what arrived is not what the other device "
            "sends. None of your records have left this device. Make a new invitation there."
        ),
    }.get(joiner.state, "")


def _member(offer: "Offer") -> str:
    return offer.name or _("A device without a name")
