"""Buttons that show an icon alone: their label is what a screen reader says and what hovering shows."""

from collections.abc import Callable, Sequence

import flet as ft


def icon_button(
    icon: ft.IconData, label: str, act: Callable[[], object], color: ft.ColorValue | None = None
) -> ft.IconButton:
    return ft.IconButton(
        ft.Icon(icon, semantics_label=label, color=color), tooltip=label, on_click=lambda _event: act()
    )


def menu_button(
    label: str, items: Sequence[ft.PopupMenuItem], icon: ft.IconData = ft.Icons.MORE_VERT
) -> ft.PopupMenuButton:
    return ft.PopupMenuButton(
        items=list(items), icon=ft.Icon(icon, semantics_label=label), tooltip=label, padding=12
    )


def menu_item(icon: ft.IconData, label: str, act: Callable[[], object]) -> ft.PopupMenuItem:
    return ft.PopupMenuItem(content=label, icon=icon, on_click=lambda _event: act())


def tappable(
    content: ft.Control, label: str, act: Callable[[], object], padding: ft.PaddingValue = 4
) -> ft.Container:
    """Anything that opens on a tap, said in one sentence: `label` stands for all that is inside."""
    inner = ft.Container(
        ft.Semantics(content=content, label=label, exclude_semantics=True),
        on_click=lambda _event: act(),
        ink=True,
        border_radius=12,
        padding=padding,
    )
    # A node of its own: in a list, a row's only tap would otherwise be taken for the whole row's.
    return ft.Container(ft.Semantics(content=inner, container=True, button=True), border_radius=12)
