"""The total of late payments, with the same wording and sum wherever it is shown."""

from functools import partial

import flet as ft

from app.domain.exposure import LatePayments
from app.ui.components.buttons import tappable
from app.ui.components.layout import card
from app.ui.state import AppState
from app.viewmodels.exposure import ALL, late_line


def late_row(app: AppState, late: LatePayments) -> list[ft.Control]:
    """A row with the total of late payments, which opens their list; nothing if none is late."""
    if not late.count:
        return []
    line = late_line(late, app.format)
    row = ft.Row(
        [
            ft.Icon(ft.Icons.PAYMENTS_OUTLINED, color=ft.Colors.ON_SURFACE_VARIANT),
            ft.Text(line, weight=ft.FontWeight.W_600, color=ft.Colors.TERTIARY, expand=True),
            ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_SURFACE_VARIANT),
        ],
        spacing=12,
    )
    return [card(tappable(row, line, partial(app.open, "exposure", ALL), padding=12), padding=4)]
