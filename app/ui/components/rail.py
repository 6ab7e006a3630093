"""The navigation rail of a wide window, with the five main destinations."""

from collections.abc import Callable

import flet as ft

from app.i18n import _
from app.ui.components.buttons import PLAIN_TEXT
from app.ui.components.destinations import Destination, destinations
from app.ui.components.scrolled import tab_group
from app.ui.theme import INNER_FOCUS_RING

WIDTH = 96


def navigation_rail(tab: str, go: Callable[[str], None]) -> ft.Control:
    """A column of links; each grows with its text, and shows focus and hover."""
    links = [_link(each, each.address == tab, go) for each in destinations()]
    return ft.Container(
        tab_group(
            ft.Semantics(
                content=ft.Column(links, spacing=8, scroll=ft.ScrollMode.AUTO),
                identifier="navigation",
                label=_("Main navigation"),
                container=True,
            )
        ),
        width=WIDTH,
        bgcolor=ft.Colors.SURFACE_CONTAINER,
        padding=ft.Padding(left=4, right=4, top=12, bottom=12),
    )


def _link(each: Destination, chosen: bool, go: Callable[[str], None]) -> ft.Control:
    color = ft.Colors.ON_SECONDARY_CONTAINER if chosen else ft.Colors.ON_SURFACE_VARIANT
    content = ft.Column(
        [
            ft.Container(
                ft.Icon(each.chosen_icon if chosen else each.icon, color=color),
                bgcolor=ft.Colors.SECONDARY_CONTAINER if chosen else None,
                border_radius=16,
                width=56,
                height=32,
                alignment=ft.Alignment.CENTER,
            ),
            ft.Text(
                each.label,
                size=12,
                weight=ft.FontWeight.W_600 if chosen else ft.FontWeight.W_500,
                color=ft.Colors.ON_SURFACE if chosen else ft.Colors.ON_SURFACE_VARIANT,
                text_align=ft.TextAlign.CENTER,
            ),
        ],
        spacing=4,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
    )
    return ft.MergeSemantics(
        content=ft.TextButton(
            ft.Semantics(content=content, label=each.label, exclude_semantics=True, selected=chosen),
            width=WIDTH - 8,
            style=ft.ButtonStyle(
                padding=ft.Padding(left=2, right=2, top=8, bottom=8),
                shape=ft.RoundedRectangleBorder(radius=16),
                text_style=PLAIN_TEXT,
                side=INNER_FOCUS_RING,
            ),
            on_click=lambda _event: go(each.address),
        )
    )
