"""Settings → Appearance: light, dark, or as on the device."""

import flet as ft

from app.domain.codes import Theme
from app.i18n import _, p_
from app.ui.components.settings_section import section, use_keeper, why
from app.ui.state import theme_of, use_app

ICONS = {
    Theme.SYSTEM: ft.Icons.BRIGHTNESS_AUTO_OUTLINED,
    Theme.LIGHT: ft.Icons.LIGHT_MODE_OUTLINED,
    Theme.DARK: ft.Icons.DARK_MODE_OUTLINED,
}


def theme_name(value: str) -> str:
    return {
        Theme.SYSTEM: p_("theme", "As the device"),
        Theme.LIGHT: p_("theme", "Light"),
        Theme.DARK: p_("theme", "Dark"),
    }[theme_of(value)]


@ft.component
def AppearanceSection() -> ft.View:
    app = use_app()
    keeper = use_keeper(app)
    chosen = theme_of(app.settings.theme)
    return section(
        app,
        _("Appearance"),
        [
            ft.RadioGroup(
                content=ft.Column(
                    [
                        # Merged: a screen reader would otherwise find an unnamed radio button inside a
                        # button.
                        ft.MergeSemantics(
                            content=ft.ListTile(
                                leading=ICONS[option],
                                title=theme_name(option),
                                trailing=ft.Radio(value=option.value),
                                toggle_inputs=True,
                                content_padding=ft.Padding(left=8, right=8),
                            )
                        )
                        for option in Theme
                    ],
                    spacing=0,
                    tight=True,
                ),
                value=chosen.value,
                on_change=lambda event: keeper.keep({"theme": event.control.value}),
            ),
            why(_("Text follows the size set on your device.")),
        ],
        keeper,
    )
