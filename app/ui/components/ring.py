"""The ring that empties as a window runs out: how urgent a thing is, seen before it is read."""

from datetime import timedelta

import flet as ft

from app.domain.reply import WindowState
from app.i18n import Formatter
from app.ui.theme import STATE_COLORS


def time_ring(
    left: timedelta, share_left: float, state: WindowState, formatter: Formatter, size: float = 48
) -> ft.Control:
    """Decorative: the row it stands in says the same in words, so a screen reader passes over it."""
    color = STATE_COLORS[state]
    overdue = state is WindowState.OVERDUE
    return ft.Semantics(
        content=ft.Stack(
            [
                ft.ProgressRing(
                    value=1 if overdue else max(0.02, share_left),
                    width=size,
                    height=size,
                    stroke_width=4,
                    color=color,
                    bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
                    stroke_cap=ft.StrokeCap.ROUND,
                ),
                ft.Container(
                    ft.Text(
                        ("−" if overdue else "") + formatter.short_duration(left),
                        size=size / 4.4,
                        weight=ft.FontWeight.W_600,
                        color=color,
                        no_wrap=True,
                        overflow=ft.TextOverflow.VISIBLE,  # at large text, "35min" is wider than the ring
                        text_align=ft.TextAlign.CENTER,
                    ),
                    width=size,
                    height=size,
                    alignment=ft.Alignment.CENTER,
                ),
            ],
            width=size,
            height=size,
        ),
        exclude_semantics=True,
    )
