"""The countdown ring, which empties as a window runs out and shows the urgency at a glance."""

import re
from datetime import timedelta

import flet as ft

from app.domain.reply import WindowState
from app.i18n import Formatter
from app.ui.phrases import WORD_JOINER
from app.ui.theme import STATE_COLORS


def in_two(duration: str) -> str:
    """Allow a line break only between number and unit: at large text, "11時間" is wider than the ring.

    A line ends at a space, or between a digit and a kanji.
    """
    kept = re.sub(r"(?<=[^\W\d])(?=[^\W\d])", WORD_JOINER, duration)
    return kept.replace("\u00a0", " ").replace("\u202f", " ")


def time_ring(
    left: timedelta, share_left: float, state: WindowState, formatter: Formatter, size: float = 48
) -> ft.Control:
    """The ring. Decorative: the row says the same in words, so screen readers skip it."""
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
                        in_two(("−" if overdue else "") + formatter.short_duration(left)),
                        style=ft.TextStyle(
                            size=size / 4.4, height=1, weight=ft.FontWeight.W_600, color=color
                        ),
                        max_lines=2,
                        overflow=ft.TextOverflow.VISIBLE,
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
