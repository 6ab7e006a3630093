"""A small bar chart, drawn with plain controls: it uses the theme's colours and grows with the text."""

import flet as ft

from app.i18n import _
from app.viewmodels.trust import Metric

HEIGHT = 44


def chart(metric: Metric, ends: tuple[str, str]) -> ft.Control:
    """The bars from the first to the last day in `ends`.

    The latest bar is highlighted; a period without data is a dot on the base line.
    """
    last = len(metric.points) - 1
    columns: list[ft.Control] = [
        ft.Container(
            ft.Container(
                height=3 if point.share is None else max(3, HEIGHT * point.share),
                border_radius=3,
                bgcolor=_color(point.share, number == last),
            ),
            height=HEIGHT,
            expand=True,
            alignment=ft.Alignment.BOTTOM_CENTER,
        )
        for number, point in enumerate(metric.points)
    ]
    known = [point.said for point in metric.points if point.said]
    first, latest = ends
    label = _("{title}, from {first} to {last}: {values}").format(
        title=metric.title, first=first, last=latest, values=" · ".join(known)
    )
    drawn = ft.Column([ft.Row(columns, spacing=4), _days(ends)], spacing=4, tight=True)
    return ft.Semantics(content=drawn, label=label, exclude_semantics=True)


def _days(ends: tuple[str, str]) -> ft.Control:
    """The first and last day, below the bars."""
    style, color = ft.TextThemeStyle.LABEL_SMALL, ft.Colors.ON_SURFACE_VARIANT
    return ft.Row(
        [ft.Text(day, theme_style=style, color=color) for day in ends],
        wrap=True,
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        width=float("inf"),
        run_spacing=0,
    )


def _color(share: float | None, latest: bool) -> ft.Colors:
    if share is None:
        return ft.Colors.OUTLINE_VARIANT
    return ft.Colors.PRIMARY if latest else ft.Colors.OUTLINE
