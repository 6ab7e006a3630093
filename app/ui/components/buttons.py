"""Icon-only buttons, whose label is also the tooltip and the screen reader's text, and tappable content."""

from collections.abc import Callable, Sequence

import flet as ft

from app.ui.components.keys import menu_closed, menu_opened
from app.ui.theme import FONT, INNER_FOCUS_RING

# The style of plain text: Material's body medium.
PLAIN_TEXT = ft.TextStyle(
    font_family=FONT, size=14, height=20 / 14, weight=ft.FontWeight.W_400, letter_spacing=0.25
)


def icon_button(
    icon: ft.IconData,
    label: str,
    act: Callable[[], object],
    color: ft.ColorValue | None = None,
    shortcut: str = "",
) -> ft.IconButton:
    return ft.IconButton(
        ft.Icon(icon, semantics_label=label, color=color),
        tooltip=f"{label} ({shortcut})" if shortcut else label,
        on_click=lambda _event: act(),
    )


def menu_button(
    label: str, items: Sequence[ft.PopupMenuItem], icon: ft.IconData = ft.Icons.MORE_VERT
) -> ft.PopupMenuButton:
    return ft.PopupMenuButton(
        items=list(items),
        icon=ft.Icon(icon, semantics_label=label),
        tooltip=label,
        padding=12,
        style=ft.ButtonStyle(side=INNER_FOCUS_RING),
        on_open=lambda event: menu_opened(event.page),
        on_cancel=lambda event: menu_closed(event.page),
        on_select=lambda event: menu_closed(event.page),
    )


def menu_item(icon: ft.IconData, label: str, act: Callable[[], object]) -> ft.PopupMenuItem:
    return ft.PopupMenuItem(content=label, icon=icon, on_click=lambda _event: act())


def tappable(
    content: ft.Control, label: str, act: Callable[[], object], padding: ft.PaddingValue = 4
) -> ft.Container:
    """Make any content tappable; a screen reader reads only `label`.

    It is a text button, so that it is one semantics node and shows focus and hover.
    """
    button = ft.TextButton(
        ft.Semantics(content=content, label=label, exclude_semantics=True),
        on_click=lambda _event: act(),
        style=ft.ButtonStyle(
            padding=padding,
            color=ft.Colors.ON_SURFACE,
            icon_color=ft.Colors.ON_SURFACE,
            icon_size=24,  # the usual size; a button's default is 18
            shape=ft.RoundedRectangleBorder(radius=12),
            text_style=PLAIN_TEXT,
            alignment=ft.Alignment.CENTER_LEFT,
            side=INNER_FOCUS_RING,
        ),
    )
    # Merged: the label would otherwise be a button inside a button.
    return ft.Container(ft.MergeSemantics(content=button))
