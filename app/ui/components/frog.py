"""The frog from the app icon."""

import flet as ft


def frog(size: float) -> ft.Control:
    """A decorative image. Development, the PWA and packaged apps all serve the icons at this address."""
    return ft.Image(
        src="/icons/icon-192.png",
        width=size,
        height=size,
        border_radius=size / 4,
        exclude_from_semantics=True,
        error_content=ft.Icon(ft.Icons.REPLY, size=size * 0.7, color=ft.Colors.PRIMARY),
    )
