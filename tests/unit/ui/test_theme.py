"""Contrast of the theme's colours, measured as in WCAG 2.2 (1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import flet as ft
import pytest

from app.ui import theme

STYLES = Path(__file__).resolve().parents[3] / "assets" / "web" / "glance.css"
LOOKS = {
    "light": (theme.LIGHT_COLORS, theme.LIGHT_FOCUS),
    "dark": (theme.DARK_COLORS, theme.DARK_FOCUS),
}
SURFACES = ("surface", "surface_container_low", "surface_container")
# Text colours and the surfaces they are used on.
TEXT = [
    *((text, surface) for surface in SURFACES for text in ("on_surface", "on_surface_variant")),
    *((text, surface) for surface in SURFACES for text in ("primary", "tertiary", "error")),
    ("on_primary", "primary"),
    ("on_error", "error"),
    ("on_surface", "secondary_container"),
    ("on_surface_variant", "secondary_container"),
    ("on_secondary_container", "secondary_container"),
    ("on_tertiary_container", "tertiary_container"),
    ("on_error_container", "error_container"),
    ("on_inverse_surface", "inverse_surface"),
    ("inverse_primary", "inverse_surface"),  # "Undo"
]
# Outlines of fields and chips, and the focus ring.
CONTROLS = [
    (line, surface) for surface in ("surface", "surface_container_low") for line in ("outline", "on_surface")
]


def luminance(color: str) -> float:
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_in_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("text", "surface"), TEXT)
def test_text_has_a_contrast_of_4_5(look: str, text: str, surface: str) -> None:
    scheme, _focus = LOOKS[look]
    assert contrast(getattr(scheme, text), getattr(scheme, surface)) >= 4.5


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("line", "surface"), CONTROLS)
def test_outlines_and_focus_rings_have_a_contrast_of_3(look: str, line: str, surface: str) -> None:
    scheme, _focus = LOOKS[look]
    assert contrast(getattr(scheme, line), getattr(scheme, surface)) >= 3


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("surface", ["surface", "surface_container_low"])
def test_a_focus_fill_is_visible_and_its_text_legible(look: str, surface: str) -> None:
    scheme, focus = LOOKS[look]
    assert contrast(focus, getattr(scheme, surface)) >= 3
    assert contrast(focus, str(scheme.on_surface)) >= 4.5


@pytest.mark.parametrize("made", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_every_focusable_control_shows_the_focus(made: ft.Theme) -> None:
    """Buttons show a ring around them, chips and rows a fill."""
    assert made.chip_theme is not None
    assert made.chip_theme.border_side is not None
    assert made.chip_theme.border_side.color == ft.Colors.OUTLINE
    assert isinstance(made.chip_theme.color, dict)
    assert made.chip_theme.color[ft.ControlState.FOCUSED] == made.focus_color
    for button in (
        made.filled_button_theme,
        made.outlined_button_theme,
        made.text_button_theme,
        made.icon_button_theme,
    ):
        assert button is not None
        assert button.style is not None
        assert isinstance(button.style.side, dict)
        ring = button.style.side[ft.ControlState.FOCUSED]
        assert (ring.width, ring.color) == (3, ft.Colors.ON_SURFACE)


@pytest.mark.parametrize("made", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_the_focus_ring_of_an_icon_button_is_inside_the_button(made: ft.Theme) -> None:
    """The app bar and the window edge would clip a ring outside the back button."""
    assert made.icon_button_theme is not None
    assert made.icon_button_theme.style is not None
    assert isinstance(made.icon_button_theme.style.side, dict)
    ring = made.icon_button_theme.style.side[ft.ControlState.FOCUSED]
    assert ring.stroke_align == ft.BorderSideStrokeAlign.INSIDE


@pytest.mark.parametrize("made", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_segmented_buttons_have_a_fixed_corner_radius(made: ft.Theme) -> None:
    """Half circles as high as two lines of large text would cut into the text."""
    assert made.segmented_button_theme is not None
    assert made.segmented_button_theme.style is not None
    assert made.segmented_button_theme.style.shape == ft.RoundedRectangleBorder(radius=24)


@pytest.mark.parametrize("look", LOOKS)
def test_the_glance_has_the_apps_colours(look: str) -> None:
    scheme, _focus = LOOKS[look]
    names = {
        "on-surface": "on_surface", "variant": "on_surface_variant", "accent": "primary", "amber": "tertiary",
        "red": "error", "card": "surface_container_low", "bar": "surface_container",
        "ring": "surface_container_highest", "secondary": "secondary_container",
        "on-secondary": "on_secondary_container",
    }  # fmt: skip
    styles = STYLES.read_text(encoding="utf-8")
    for name, role in names.items():
        found = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", styles)
        assert found is not None
        assert found[1 if look == "light" else 2] == str(getattr(scheme, role)).lower()
