"""The account's devices: list, rename, revoke."""

from collections.abc import Callable
from functools import partial

import flet as ft

from app.i18n import _
from app.sync.status import SyncDevice
from app.ui.components.buttons import menu_button, menu_item
from app.ui.components.dialogs import ask_text
from app.ui.components.layout import heading
from app.ui.components.sync_parts import notice_card, use_errand, working
from app.ui.state import AppState, use_app
from app.viewmodels import sync as model


@ft.component
def Devices() -> ft.Control:
    app = use_app()
    errand = use_errand(app)
    nobody: list[SyncDevice] | None = None
    devices, set_devices = ft.use_state(nobody)

    async def load() -> None:
        set_devices(await app.sync.devices.fetch())

    async def rename(device: SyncDevice, name: str) -> None:
        await app.sync.devices.rename(device.id, name)
        await load()

    def follow() -> None:
        if app.sync_status.state != "syncing":  # asked again after the sync session
            errand.run(load)

    def row(device: SyncDevice) -> ft.Control:
        return _row(
            app,
            device,
            lambda: _ask_name(app, device, lambda name: errand.run(partial(rename, device, name))),
            lambda: app.open("shut-out", device.id),
        )

    ft.use_effect(follow, [app.sync_status.state, app.page.route])
    parts: list[ft.Control] = [heading(_("Devices"))]
    if devices is None and errand.notice is None:
        parts.append(working(_("Asking the server…")))
    parts += [row(device) for device in devices or ()]
    if errand.notice and app.sync_status.state not in {"offline", "error"}:
        parts.append(notice_card(app, errand.notice))
    elif devices is None and errand.notice:
        parts.append(ft.Text(_("The list comes with the server."), color=ft.Colors.ON_SURFACE_VARIANT))
    return ft.Column(parts, spacing=4, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _ask_name(app: AppState, device: SyncDevice, on_name: Callable[[str], None]) -> None:
    ask_text(app, _("Rename this device"), _("Name"), device.name, _("Save"), on_name)


def _row(
    app: AppState, device: SyncDevice, rename: Callable[[], None], revoke: Callable[[], None]
) -> ft.Control:
    items = [menu_item(ft.Icons.EDIT_OUTLINED, _("Rename…"), rename)]
    if not device.this:
        items.append(menu_item(ft.Icons.BLOCK, _("Shut out…"), revoke))
    name = device_name(device)
    return ft.ListTile(
        leading=ft.Icons.PHONELINK_OUTLINED if device.this else ft.Icons.DEVICES_OUTLINED,
        title=name,
        subtitle=ft.Text(
            model.seen_line(device, app.now, app.format),
            color=ft.Colors.PRIMARY if device.this else ft.Colors.ON_SURFACE_VARIANT,
        ),
        trailing=menu_button(_("More for {name}").format(name=name), items),
        content_padding=ft.Padding(left=8, right=0),
    )


def device_name(device: SyncDevice) -> str:
    return device.name or _("A device without a name")
