"""A small chart of bars, drawn with plain controls: it takes the theme's colours and grows with the text."""

import flet as ft

from app.ui.i18n import _
from app.ui.trust.model import Metric

HEIGHT = 44


def bars(metric: Metric) -> ft.Control:
    """The latest bar stands out; a point of which nothing is known is a dot on the ground line."""
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
    label = _("{title}, from the oldest to the latest: {values}").format(
        title=metric.title, values=" · ".join(known)
    )
    return ft.Semantics(content=ft.Row(columns, spacing=4), label=label, exclude_semantics=True)


def _color(share: float | None, latest: bool) -> ft.Colors:
    if share is None:
        return ft.Colors.OUTLINE_VARIANT
    return ft.Colors.PRIMARY if latest else ft.Colors.OUTLINE
