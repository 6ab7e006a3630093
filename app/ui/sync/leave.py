"""Leaving sync: with this device only, or by deleting the account from the server."""

import flet as ft

from app.i18n import _
from app.ui.components.fields import check_row, radio_row
from app.ui.components.layout import card, screen
from app.ui.components.sync_parts import errand_button, notice_card, use_errand
from app.ui.state import use_app
from app.viewmodels.data import forget_reminders

KEEP, WIPE = "keep", "wipe"


@ft.component
def LeaveSection() -> ft.View:
    """This device leaves; the others continue to sync."""
    app = use_app()
    errand = use_errand(app)
    choice, set_choice = ft.use_state(KEEP)
    sure, set_sure = ft.use_state(False)
    wipe = choice == WIPE

    async def leave() -> None:
        server_informed = await app.sync.leave(wipe=wipe)
        if wipe:
            await forget_reminders(app)
            app.go("/")
        else:
            app.back()
        app.say(
            _("This device no longer syncs.")
            if server_informed
            else _("This device no longer syncs. The server could not be told: shut it out from another one.")
        )

    controls: list[ft.Control] = [
        ft.Text(_("Your other devices go on. What is to become of the data on this one?")),
        ft.RadioGroup(
            content=ft.Column(
                [
                    radio_row(KEEP, _("Keep it"), _("This device goes on by itself.")),
                    radio_row(
                        WIPE, _("Delete it here"), _("It stays on the server and on your other devices.")
                    ),
                ],
                spacing=0,
                tight=True,
            ),
            value=choice,
            on_change=lambda event: set_choice(event.control.value or KEEP),
        ),
    ]
    if wipe:
        controls.append(check_row(_("Yes, delete everything in Kaeru on this device."), sure, set_sure))
    if errand.notice:
        controls.append(notice_card(app, errand.notice))
    controls.append(
        errand_button(errand, leave, _("Stop syncing here"), ft.Icons.LOGOUT, sure=sure if wipe else None)
    )
    return screen(app, _("Stop syncing here"), controls)


@ft.component
def DeleteAccountSection() -> ft.View:
    """Deletes everything on the server, for every device."""
    app = use_app()
    errand = use_errand(app)
    sure, set_sure = ft.use_state(False)

    async def delete() -> None:
        await app.sync.delete_account()
        app.back()
        app.say(_("The server has deleted everything it kept for you."))

    controls: list[ft.Control] = [
        card(
            ft.Text(
                _(
                    "All that the server keeps for you will be deleted, with its list of devices, "
                    "and no device syncs any more. What is on your devices stays there. It cannot be undone; "
                    "you can start anew with another key."
                )
            )
        ),
        check_row(_("Yes, delete everything from the server."), sure, set_sure),
    ]
    if errand.notice:
        controls.append(notice_card(app, errand.notice))
    controls.append(
        errand_button(errand, delete, _("Delete all from the server"), ft.Icons.DELETE_FOREVER, sure=sure)
    )
    return screen(app, _("Delete all from the server"), controls)
