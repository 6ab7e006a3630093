"""The banner shown while there is sample data, with a button that removes it."""

import flet as ft

from app.i18n import _
from app.ui.state import AppState
from app.viewmodels.sample import has_sample, remove_sample


def sample_banner(app: AppState) -> ft.Control | None:
    """The banner for the top of Today; None if there is no sample data."""
    if not has_sample(app):
        return None
    return ft.Container(
        ft.TextButton(
            _("Remove sample data"),
            icon=ft.Icons.SCIENCE_OUTLINED,
            on_click=lambda _event: remove_sample(app),
        ),
        bgcolor=ft.Colors.SECONDARY_CONTAINER,
        border_radius=16,
        alignment=ft.Alignment.CENTER,
    )
