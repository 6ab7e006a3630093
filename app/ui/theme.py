"""Colours and typography: Material 3 from one green seed; amber and red only for what is late."""

import flet as ft

from app.domain.codes import Theme
from app.domain.languages import LANGUAGES
from app.domain.reply import WindowState

SEED = "#2E7D32"
FONT = "Noto Sans JP"
FONT_FILES = {FONT: "fonts/NotoSansJP-Regular.woff2"}

# Material 3 derives these from the seed (tonal spot), except tertiary, which is amber. They are written out
# so
# that tests/unit/ui/test_theme.py can measure their contrast. assets/web/glance.css uses the same colours.
LIGHT_COLORS = ft.ColorScheme(
    primary="#3C6939",
    on_primary="#FFFFFF",
    primary_container="#BCF0B4",
    on_primary_container="#245024",
    secondary="#52634F",
    on_secondary="#FFFFFF",
    secondary_container="#D6E8CE",
    on_secondary_container="#3B4B38",
    tertiary="#8A5100",
    on_tertiary="#FFFFFF",
    tertiary_container="#FFDDB8",
    on_tertiary_container="#2C1600",
    error="#BA1A1A",
    on_error="#FFFFFF",
    error_container="#FFDAD6",
    on_error_container="#93000A",
    surface="#F7FBF1",
    on_surface="#191D17",
    on_surface_variant="#424940",
    outline="#72796F",
    outline_variant="#C2C9BD",
    inverse_surface="#2D322C",
    on_inverse_surface="#EFF2E9",
    inverse_primary="#A1D39A",
    surface_tint="#3C6939",
    surface_bright="#F7FBF1",
    surface_container="#ECEFE6",
    surface_container_high="#E6E9E0",
    surface_container_highest="#E0E4DB",
    surface_container_low="#F1F5EB",
    surface_container_lowest="#FFFFFF",
    surface_dim="#D8DBD2",
)
DARK_COLORS = ft.ColorScheme(
    primary="#A1D39A",
    on_primary="#0A390F",
    primary_container="#245024",
    on_primary_container="#BCF0B4",
    secondary="#BACCB3",
    on_secondary="#253423",
    secondary_container="#3B4B38",
    on_secondary_container="#D6E8CE",
    tertiary="#FFB95C",
    on_tertiary="#4A2800",
    tertiary_container="#693C00",
    on_tertiary_container="#FFDDB8",
    error="#FFB4AB",
    on_error="#690005",
    error_container="#93000A",
    on_error_container="#FFDAD6",
    surface="#10140F",
    on_surface="#E5E9E0",
    on_surface_variant="#C2C9BD",
    outline="#8C9388",
    outline_variant="#424940",
    inverse_surface="#E0E4DB",
    on_inverse_surface="#2D322C",
    inverse_primary="#3C6939",
    surface_tint="#A1D39A",
    surface_bright="#363A34",
    surface_container="#1D211B",
    surface_container_high="#272B25",
    surface_container_highest="#323630",
    surface_container_low="#191D17",
    surface_container_lowest="#0B0F0A",
    surface_dim="#10140F",
)

# Background of the focused control: contrast of 3:1 with its surroundings and 4.5:1 with its text.
LIGHT_FOCUS = "#749070"
DARK_FOCUS = "#546E51"

# Padding makes a button at least 48 px tall, so that it grows with its text. The radius is fixed: with
# several
# lines of text, fully round ends would cut into them.
_ROUND = ft.RoundedRectangleBorder(radius=24)
# Drawn at a small distance from the focused button, so that it is visible on any button colour.
FOCUS_RING = {
    ft.ControlState.FOCUSED: ft.BorderSide(width=3, color=ft.Colors.ON_SURFACE, stroke_align=2),
}
# Drawn inside the edge, where the outer ring would be cut off: in a card, a bar, at the window's edge.
INNER_FOCUS_RING = {ft.ControlState.FOCUSED: ft.BorderSide(width=3, color=ft.Colors.ON_SURFACE)}
_ROOMY = ft.ButtonStyle(
    padding=ft.Padding(left=20, right=20, top=14, bottom=14), shape=_ROUND, side=FOCUS_RING
)
_ROOMY_TEXT = ft.ButtonStyle(
    padding=ft.Padding(left=12, right=12, top=14, bottom=14), shape=_ROUND, side=FOCUS_RING
)
_OUTLINED = ft.ButtonStyle(
    padding=ft.Padding(left=20, right=20, top=14, bottom=14),
    shape=_ROUND,
    side={**FOCUS_RING, ft.ControlState.DEFAULT: ft.BorderSide(width=1, color=ft.Colors.OUTLINE)},
)
# Flutter makes icon buttons and chips this large on phones only, not where it expects a mouse.
_ROOMY_ICON = ft.ButtonStyle(padding=12, side=INNER_FOCUS_RING)
_ROOMY_CHIP = ft.Padding(left=8, right=8, top=13, bottom=13)
# Destructive buttons use the error colour, not the primary green.
DESTRUCTIVE = ft.ButtonStyle(bgcolor=ft.Colors.ERROR, color=ft.Colors.ON_ERROR)


def theme(scheme: ft.ColorScheme, focus: str) -> ft.Theme:
    return ft.Theme(
        color_scheme_seed=SEED,
        color_scheme=scheme,
        font_family=FONT,
        visual_density=ft.VisualDensity.STANDARD,
        focus_color=focus,
        filled_button_theme=ft.FilledButtonTheme(style=_ROOMY),
        outlined_button_theme=ft.OutlinedButtonTheme(style=_OUTLINED),
        text_button_theme=ft.TextButtonTheme(style=_ROOMY_TEXT),
        icon_button_theme=ft.IconButtonTheme(style=_ROOMY_ICON),
        segmented_button_theme=ft.SegmentedButtonTheme(
            style=ft.ButtonStyle(
                color=ft.Colors.ON_SURFACE, overlay_color={ft.ControlState.FOCUSED: focus}, shape=_ROUND
            )
        ),
        chip_theme=ft.ChipTheme(
            padding=_ROOMY_CHIP,
            border_side=ft.BorderSide(width=1, color=ft.Colors.OUTLINE),
            label_text_style=ft.TextStyle(
                font_family=FONT,
                size=14,
                height=20 / 14,  # with less, descenders are cut off
                weight=ft.FontWeight.W_500,
                letter_spacing=0.1,
                color=ft.Colors.ON_SURFACE,
            ),
            color={
                ft.ControlState.FOCUSED: focus,
                ft.ControlState.SELECTED: ft.Colors.SECONDARY_CONTAINER,
                ft.ControlState.DEFAULT: ft.Colors.TRANSPARENT,
            },
        ),
        list_tile_theme=ft.ListTileTheme(
            text_color=ft.Colors.ON_SURFACE,
            icon_color=ft.Colors.ON_SURFACE,
            selected_color=ft.Colors.ON_SURFACE,
        ),
        # The default letter spacing makes five labels overlap on a narrow phone.
        navigation_bar_theme=ft.NavigationBarTheme(
            label_text_style=ft.TextStyle(
                font_family=FONT, size=11, letter_spacing=0, weight=ft.FontWeight.W_500
            ),
            label_padding=ft.Padding(top=4),
        ),
        # The button's label says the same; a tooltip's semantics would also be applied to the surrounding
        # controls.
        tooltip_theme=ft.TooltipTheme(exclude_from_semantics=True),
    )


LIGHT = theme(LIGHT_COLORS, LIGHT_FOCUS)
DARK = theme(DARK_COLORS, DARK_FOCUS)

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
    """The language of Flutter's own texts, such as date pickers, time pickers and text menus."""
    return ft.LocaleConfiguration(
        supported_locales=[ft.Locale(code) for code in LANGUAGES], current_locale=ft.Locale(language)
    )
