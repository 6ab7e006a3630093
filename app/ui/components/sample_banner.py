"""Sample data: added to try the app with, said so while it is there, and gone again in one tap."""

import flet as ft

from app.i18n import _
from app.store import sample
from app.ui.state import AppState


def sample_banner(app: AppState) -> ft.Control | None:
    """For the top of Today; None where there is no sample data (any more)."""
    if not sample.has_sample(app.store):
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


def add_sample(app: AppState) -> None:
    app.write(lambda: sample.load_sample(app.store, app.settings.language, app.now), _("Sample data added"))


def remove_sample(app: AppState) -> None:
    """Undo brings it back, with what was recorded on it."""
    app.write(lambda: sample.remove_sample(app.store), _("Sample data removed"))
