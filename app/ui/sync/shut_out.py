"""Revoking a device: stop its sync, or rotate the key so that it cannot read new records."""

from collections.abc import Callable

import flet as ft

from app.i18n import _, n_
from app.sync.status import SyncDevice
from app.ui.components.fields import radio_row
from app.ui.components.layout import card, heading, screen
from app.ui.components.sync_devices import device_name
from app.ui.components.sync_parts import Errand, errand_button, notice_card, use_errand, working
from app.ui.state import AppState, use_app
from app.ui.sync.key import NewKey
from app.viewmodels import sync as model
from app.viewmodels.sync_notices import Notice

STOP, FOR_GOOD = "stop", "for-good"


@ft.component
def ShutOutScreen() -> ft.View:
    """The screen for one device of the account, by its id."""
    app = use_app()
    wanted = ft.use_route_params()["key"]
    new_key, set_new_key = ft.use_state("")
    body = new_key_parts(app, new_key) if new_key else [ShutOut(wanted, set_new_key)]
    return screen(app, _("Your new sync key") if new_key else _("Shut out a device"), body)


@ft.component
def ShutOut(wanted: str, on_new_key: Callable[[str], None]) -> ft.Control:
    """The two options, the consequences of the second, and the result."""
    app = use_app()
    errand = use_errand(app)
    nobody: list[SyncDevice] | None = None
    devices, set_devices = ft.use_state(nobody)
    choice, set_choice = ft.use_state(STOP)

    async def load() -> None:
        set_devices(await app.sync.devices.fetch())

    async def shut_out() -> None:
        if choice == FOR_GOOD:
            on_new_key(await app.sync.change_key([wanted]))
            return
        await app.sync.devices.revoke(wanted)
        app.back()
        app.say(_("The device was shut out."))

    ft.use_effect(lambda: errand.run(load), [])
    known = None if devices is None else (*devices, *(each for each in app.new_devices if not each.listed))
    device = next((each for each in known or () if each.id == wanted and not each.this), None)
    parts: list[ft.Control] = []
    if device is not None:
        parts += _choices(device, choice, set_choice)
        if choice == FOR_GOOD:
            parts += _consequences(app, [each for each in devices or () if each.id != wanted])
    if devices is not None and device is None and errand.notice is None:
        parts.append(notice_card(app, Notice(_("That device is no longer there."))))
    parts += _notices(app, errand)
    if device is not None:
        parts.append(errand_button(errand, shut_out, _("Shut out"), ft.Icons.BLOCK, sure=True))
    elif devices is None and errand.notice is None:
        parts.append(working(_("Asking the server…")))
    return ft.Column(parts, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


@ft.component
def NewKeySection() -> ft.View:
    """From Settings: the key was rotated, here or on another device, and must be saved again."""
    app = use_app()
    return screen(app, _("Your new sync key"), new_key_parts(app, ""))


def new_key_parts(app: AppState, text: str) -> list[ft.Control]:
    """The given key, else the one stored on the device, until the user confirms that it is saved."""

    def saved() -> None:
        app.sync.note_key()
        app.back()

    changed = _(
        "Your sync key was changed. The old one opens nothing any more: "
        "replace it wherever you keep it, on paper or in a password manager."
    )
    return [card(ft.Text(changed)), NewKey(text, saved)]


def _notices(app: AppState, errand: Errand) -> list[ft.Control]:
    parts = [notice_card(app, errand.notice)] if errand.notice else []
    if app.sync.key_change_waits:
        parts.append(notice_card(app, Notice(model.waiting_line())))
    return parts


def _choices(device: SyncDevice, choice: str, on_choose: Callable[[str], None]) -> list[ft.Control]:
    return [
        ft.Text(
            _("How do you want to shut out {device}?").format(device=device_name(device)),
            theme_style=ft.TextThemeStyle.TITLE_MEDIUM,
        ),
        ft.RadioGroup(
            content=ft.Column(
                [
                    radio_row(
                        STOP,
                        _("Stop its sync"),
                        _(
                            "It gets nothing new from now on. The key stays on it. "
                            "Choose this for a device that is still yours."
                        ),
                    ),
                    radio_row(
                        FOR_GOOD,
                        _("Shut it out for good"),
                        _(
                            "The sync key is changed too. "
                            "Choose this for a device that was lost or stolen, or that you do not know."
                        ),
                    ),
                ],
                spacing=0,
                tight=True,
            ),
            value=choice,
            on_change=lambda event: on_choose(event.control.value or STOP),
        ),
    ]


def _consequences(app: AppState, staying: list[SyncDevice]) -> list[ft.Control]:
    """What happens on a key rotation, and which devices need an action."""
    parts: list[ft.Control] = [
        heading(_("What happens")),
        ft.Text(
            _(
                "Your other devices take over the new key by themselves. Everything is sealed anew in the "
                "background. What the device already has stays on it."
            )
        ),
        ft.Text(_("The key that you have saved opens nothing any more. Kaeru shows you the new one.")),
    ]
    left = [device_name(each) for each in staying if not each.follows]
    if left:
        parts.append(
            card(
                ft.Text(
                    n_(
                        "This device cannot take over the new key by itself: {devices}. "
                        "Add it again afterwards. What is on it stays and is merged.",
                        "These devices cannot take over the new key by themselves: {devices}. "
                        "Add them again afterwards. What is on them stays and is merged.",
                        len(left),
                        devices=app.format.listed(left),
                    )
                )
            )
        )
    return parts
