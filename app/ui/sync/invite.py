"""Adding a device: an invitation as QR code, link and letters, then the comparison of codes."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

import flet as ft

from app.i18n import _
from app.sync.errors import SyncError
from app.ui.components.fields import segments
from app.ui.components.layout import card, screen
from app.ui.components.qr import qr_code
from app.ui.components.settings_section import why
from app.ui.components.sync_parts import (
    copy_button,
    digits,
    letters,
    notice_card,
    qr_image,
    use_side,
    working,
)
from app.ui.state import AppState, use_app
from app.viewmodels import sync as model
from app.viewmodels.sync_notices import Notice, explain, notice

if TYPE_CHECKING:
    from app.sync.inviter import Inviter

BROWSER, APP = "browser", "app"


@ft.component
def InviteSection() -> ft.View:
    app = use_app()
    turn, set_turn = ft.use_state(0)
    if app.sync.fingerprint():
        body: ft.Control = ft.Container(Invitation(lambda: set_turn(turn + 1)), key=f"invitation-{turn}")
    elif app.sync.is_member and app.sync_status.code not in model.HAS_TO_LEAVE:
        body = working(_("Asking the device…"))
    else:
        body = notice_card(app, notice(app.sync_status.code or "off", {}, app.format))
    return screen(app, _("Add a device"), [body])


@ft.component
def Invitation(on_again: Callable[[], None]) -> ft.Control:
    """One invitation, from its creation to its end. It stays open while the screen is closed."""
    app = use_app()
    inviter = ft.use_memo(lambda: _invite(app), [])
    use_side(inviter)
    following: list[Future[None]] = ft.use_memo(list, [])

    def follow() -> None:
        if inviter is not None:
            following.append(app.page.run_task(inviter.follow))

    def stop() -> None:
        for task in following:
            task.cancel()

    ft.use_effect(follow, [], stop)
    if inviter is None:
        return notice_card(app, notice("off", {}, app.format))
    parts = _parts(app, inviter, on_again)
    return ft.Column(parts, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _invite(app: AppState) -> "Inviter | None":
    try:
        return app.sync.pairing.invite()
    except SyncError:
        return None  # this device has left the account in the meantime


def _parts(app: AppState, inviter: "Inviter", on_again: Callable[[], None]) -> list[ft.Control]:
    if inviter.has_ended:
        return _ended(app, inviter, on_again)
    parts: list[ft.Control] = []
    if inviter.state == "making" and inviter.trouble is None:
        parts.append(working(_("Asking the server…")))
    elif inviter.state == "offered":
        parts.append(Offered(inviter))
    elif inviter.state == "claimed":
        parts.append(working(_("A device has opened the invitation. It answers in a moment…")))
    elif inviter.state == "comparing":
        parts.append(Comparing(inviter))
    elif inviter.state == "giving":
        parts += [
            ft.Text(
                _("Now confirm on {device} too, where the same code is shown.").format(device=_guest(inviter))
            ),
            card(digits(inviter.code)),
            working(_("Waiting for {device}…").format(device=_guest(inviter))),
        ]
    if inviter.trouble is not None:
        parts.append(notice_card(app, Notice(explain(inviter.trouble, app.format).text)))
    if inviter.state != "comparing":
        parts.append(
            ft.OutlinedButton(_("Cancel the invitation"), on_click=lambda _event: _cancel(app, inviter))
        )
    return parts


def _cancel(app: AppState, inviter: "Inviter") -> None:
    app.page.run_task(inviter.cancel)


@ft.component
def Offered(inviter: "Inviter") -> ft.Control:
    """The invitation as QR code, link and letters."""
    app = use_app()
    where, set_where = ft.use_state(BROWSER)
    link = inviter.link if where == BROWSER else inviter.app_link
    code = ft.use_memo(lambda: qr_code(link), [link])
    return ft.Column(
        [
            ft.Text(_("Where do you want to use Kaeru on the new device?")),
            segments({BROWSER: _("In a browser"), APP: _("In the phone app")}, where, set_where),
            ft.Text(_("Scan this with its camera, or send it the link.")),
            qr_image(code),
            ft.Row(
                [
                    copy_button(app, _("Copy the link"), link, _("Copied. The link works once.")),
                    ft.OutlinedButton(
                        _("Share the link"), icon=ft.Icons.SHARE_OUTLINED, action=ft.ShareText(link)
                    ),
                ],
                wrap=True,
                spacing=8,
                run_spacing=8,
                alignment=ft.MainAxisAlignment.CENTER,
            ),
            ft.Text(
                _("Or choose there “I sync on another device…” and type this:"),
            ),
            letters(inviter.secret.text),
            why(
                _("Keep this screen open until the other device shows a code. {lifetime}").format(
                    lifetime=model.lifetime_line(inviter.expires_at, app.now)
                )
            ),
        ],
        spacing=12,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@ft.component
def Comparing(inviter: "Inviter") -> ft.Control:
    """The code to compare: only the user can see whether both devices show the same."""
    app = use_app()
    busy, set_busy = ft.use_state(False)

    async def agree() -> None:
        set_busy(True)
        await inviter.agree()
        set_busy(False)

    buttons: list[ft.Control] = (
        [working(_("Asking the server…"))]
        if busy
        else [
            ft.FilledButton(
                _("The codes are the same: add it"),
                icon=ft.Icons.CHECK,
                on_click=lambda _event: app.page.run_task(agree),
            ),
            ft.OutlinedButton(
                _("They differ: do not add it"),
                icon=ft.Icons.CLOSE,
                on_click=lambda _event: _cancel(app, inviter),
            ),
        ]
    )
    return ft.Column(
        [
            ft.Semantics(
                content=ft.Text(
                    _("{device} wants to be added.").format(device=_guest(inviter)),
                    theme_style=ft.TextThemeStyle.TITLE_MEDIUM,
                ),
                live_region=True,
            ),
            card(digits(inviter.code)),
            ft.Text(
                _(
                    "Add it only if it is yours and shows the same code. "
                    "It will be able to read and change everything you sync."
                )
            ),
            *buttons,
        ],
        spacing=12,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _ended(app: AppState, inviter: "Inviter", on_again: Callable[[], None]) -> list[ft.Control]:
    again = ft.OutlinedButton(
        _("Add another device") if inviter.state == "done" else _("Make a new invitation"),
        icon=ft.Icons.ADD if inviter.state == "done" else ft.Icons.REFRESH,
        on_click=lambda _event: on_again(),
    )
    back = ft.FilledButton(_("Go on"), on_click=lambda _event: app.back())
    if inviter.state == "stopped" and inviter.error is not None:
        return [notice_card(app, explain(inviter.error, app.format)), again]
    if inviter.state == "done":
        added = ft.Row(
            [
                ft.Icon(ft.Icons.CHECK_CIRCLE_OUTLINE, color=ft.Colors.PRIMARY, size=32),
                ft.Semantics(
                    content=ft.Text(_("{device} was added.").format(device=_guest(inviter))),
                    live_region=True,
                    expand=True,
                ),
            ],
            spacing=16,
        )
        return [card(added), back, again]
    return [notice_card(app, Notice(end_line(inviter))), again]


def end_line(inviter: "Inviter") -> str:
    """How the invitation ended, if no device was added."""
    device = _guest(inviter)
    if inviter.given and inviter.state != "declined":
        return _(
            "The key had been given to {device} already. Check the list of devices to see whether it was "
            "added, and shut it out there if you do not want it."
        ).format(device=device)
    return {
        "cancelled": _("The invitation is cancelled. Nothing was given to any device."),
        "declined": _("{device} declined. It was not added.").format(device=device),
        "failed": _("{device} could not join. Its screen says why.").format(device=device),
        "expired": _("The invitation has expired. No device was added."),
        "replaced": _("This invitation is no longer valid: a newer one was made. No device was added."),
        "broken": _(
            "What arrived is not what a device of this invitation sends. Nothing was given to any device."
        ),
    }.get(inviter.state, "")


def _guest(inviter: "Inviter") -> str:
    return inviter.guest or _("The other device")
