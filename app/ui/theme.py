"""Colours and type: Material 3 from one green seed; amber and red only for what is truly late."""

import flet as ft

from app.domain.codes import Theme
from app.domain.reply import WindowState
from app.ui import i18n

SEED = "#2E7D32"
FONT = "Noto Sans JP"
FONT_FILES = {FONT: "fonts/NotoSansJP-Regular.woff2"}

_AMBER_LIGHT = ft.ColorScheme(
    tertiary="#8A5100", on_tertiary="#FFFFFF", tertiary_container="#FFDDB8", on_tertiary_container="#2C1600"
)
_AMBER_DARK = ft.ColorScheme(
    tertiary="#FFB95C", on_tertiary="#4A2800", tertiary_container="#693C00", on_tertiary_container="#FFDDB8"
)


# A button is at least 48 px tall by its padding, so that it grows with the text in it, and its ends are round
# at that height: several lines between half circles would run into them.
_ROUND = ft.RoundedRectangleBorder(radius=24)
_ROOMY = ft.ButtonStyle(padding=ft.Padding(left=20, right=20, top=14, bottom=14), shape=_ROUND)
_ROOMY_TEXT = ft.ButtonStyle(padding=ft.Padding(left=12, right=12, top=14, bottom=14), shape=_ROUND)
# Icons and chips too: by themselves they are that large on phones only, not where a mouse is expected.
_ROOMY_ICON = ft.ButtonStyle(padding=12)
_ROOMY_CHIP = ft.Padding(left=8, right=8, top=13, bottom=13)


def theme(scheme: ft.ColorScheme) -> ft.Theme:
    return ft.Theme(
        color_scheme_seed=SEED,
        color_scheme=scheme,
        font_family=FONT,
        visual_density=ft.VisualDensity.STANDARD,
        filled_button_theme=ft.FilledButtonTheme(style=_ROOMY),
        outlined_button_theme=ft.OutlinedButtonTheme(style=_ROOMY),
        text_button_theme=ft.TextButtonTheme(style=_ROOMY_TEXT),
        icon_button_theme=ft.IconButtonTheme(style=_ROOMY_ICON),
        chip_theme=ft.ChipTheme(padding=_ROOMY_CHIP),
    )


LIGHT = theme(_AMBER_LIGHT)
DARK = theme(_AMBER_DARK)

THEME_MODES = {
    Theme.SYSTEM: ft.ThemeMode.SYSTEM,
    Theme.LIGHT: ft.ThemeMode.LIGHT,
    Theme.DARK: ft.ThemeMode.DARK,
}

STATE_COLORS = {
    WindowState.CALM: ft.Colors.PRIMARY,
    WindowState.HALF: ft.Colors.PRIMARY,
    WindowState.HOUR: ft.Colors.TERTIARY,
    WindowState.OVERDUE: ft.Colors.ERROR,
}


def locales(language: str) -> ft.LocaleConfiguration:
    """The language of Flutter's own words: the date and time pickers', the text menu's."""
    return ft.LocaleConfiguration(
        supported_locales=[ft.Locale(code) for code in i18n.LANGUAGES], current_locale=ft.Locale(language)
    )
