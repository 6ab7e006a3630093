"""Security notices about the account's devices: a new device, a changed sync key."""

import flet as ft

from app.i18n import _
from app.sync.status import SyncDevice
from app.ui.components.layout import card
from app.ui.components.sync_devices import device_name
from app.ui.state import AppState
from app.viewmodels import sync as model


def announcements(app: AppState) -> list[ft.Control]:
    """Return one card per notice, for the top of Today and of the sync screen."""
    cards = [_new_device(app, device) for device in app.new_devices]
    if app.key_is_new:
        cards.append(_new_key(app))
    return cards


def _new_device(app: AppState, device: SyncDevice) -> ft.Control:
    return _card(
        ft.Icons.PHONELINK_LOCK,
        _("New device: {name}").format(name=device_name(device)),
        model.added_line(device, app.now, app.format),
        [
            ft.FilledTonalButton(
                _("It was me"), on_click=lambda _event: app.sync.devices.acknowledge(device.id)
            ),
            ft.OutlinedButton(_("Shut out…"), on_click=lambda _event: app.open("shut-out", device.id)),
        ],
    )


def _new_key(app: AppState) -> ft.Control:
    return _card(
        ft.Icons.KEY_OUTLINED,
        _("Your sync key was changed"),
        _(
            "A device was shut out for good, so the key is a new one. "
            "The old key opens nothing any more. Save the new one."
        ),
        [
            ft.FilledTonalButton(
                _("Show the new key…"), on_click=lambda _event: app.open("settings", "sync-new-key")
            )
        ],
    )


def _card(icon: ft.IconData, title: str, text: str, ways: list[ft.Control]) -> ft.Control:
    words = ft.Column(
        [ft.Text(title, weight=ft.FontWeight.W_600), ft.Text(text, color=ft.Colors.ON_SURFACE_VARIANT)],
        spacing=2,
        tight=True,
    )
    head = ft.Row(
        [
            ft.Icon(icon, color=ft.Colors.TERTIARY),
            ft.Semantics(content=words, live_region=True, expand=True),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
        spacing=12,
    )
    return card(ft.Column([head, ft.Row(ways, wrap=True, spacing=8, run_spacing=8)], spacing=12, tight=True))
