"""Settings → You: name, language, currency and time zone."""

import flet as ft

from app.domain.languages import LANGUAGES
from app.i18n import _
from app.ui.components.autosave import AutosaveText
from app.ui.components.fields import choice_chips, error_text, labelled
from app.ui.components.money import currency_field
from app.ui.components.settings_section import section, use_keeper, why
from app.ui.components.zone_field import ZoneField, zone_label
from app.ui.state import use_app


@ft.component
def YouSection() -> ft.View:
    app = use_app()
    keeper = use_keeper(app)
    settings = app.settings
    device_zone = app.platform.time_zone
    controls: list[ft.Control] = [
        AutosaveText(
            _("Your name"),
            settings.name,
            lambda text: keeper.keep({"name": text.strip()}),
            helper=_("It signs your messages."),
            error=keeper.errors.get("name", ""),
        ),
        labelled(
            _("Language"),
            choice_chips(LANGUAGES, settings.language, lambda key: keeper.keep({"language": key})),
            keeper.errors.get("language", ""),
        ),
        why(_("For the app itself. Each client's texts are in the client's own language.")),
        ft.Container(
            currency_field(app.format, settings.currency, lambda code: keeper.keep({"currency": code})),
            padding=ft.Padding(top=12),
        ),
        ft.Container(
            ZoneField(
                _("Time zone"),
                settings.time_zone,
                lambda name: keeper.keep({"time_zone": name}),
                error=keeper.errors.get("time_zone", ""),
            ),
            padding=ft.Padding(top=4),
        ),
    ]
    if "currency" in keeper.errors:
        controls.append(error_text(keeper.errors["currency"]))
    if device_zone != settings.time_zone:
        controls.append(
            ft.TextButton(
                _("Use this device's: {zone}").format(zone=zone_label(device_zone, settings.language)),
                icon=ft.Icons.MY_LOCATION,
                on_click=lambda _event: keeper.keep({"time_zone": device_zone}),
            )
        )
    return section(app, _("You"), controls, keeper)
