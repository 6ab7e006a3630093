"""Progress of a long task: title, bar and a Cancel button."""

import flet as ft

from app.i18n import _
from app.ui.components.layout import EDGE, READABLE_WIDTH, card
from app.ui.state import use_app
from app.viewmodels.services import LongTask


@ft.component
def WorkProgress(work: LongTask) -> ft.Control:
    """A progress bar; it is indeterminate while the total is unknown."""
    app = use_app()
    percent = app.format.percent(work.share) if work.share is not None else ""
    return ft.Column(
        [
            ft.Semantics(
                content=ft.Row(
                    [
                        ft.Text(work.title, expand=True, theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
                        ft.Text(percent, color=ft.Colors.ON_SURFACE_VARIANT),
                    ],
                    spacing=12,
                    vertical_alignment=ft.CrossAxisAlignment.CENTER,
                ),
                container=True,
            ),
            ft.ProgressBar(value=work.share, border_radius=4, semantics_label=work.title),
            ft.OutlinedButton(
                _("Cancelling…") if work.cancelled else _("Cancel"),
                icon=ft.Icons.CLOSE,
                disabled=work.cancelled,
                on_click=lambda _event: work.cancel(),
            ),
        ],
        spacing=12,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@ft.component
def WorkScreen(work: LongTask) -> ft.View:
    """The screen shown instead of all others while nothing else can use the data."""
    app = use_app()
    side = max(EDGE, (app.width - READABLE_WIDTH) / 2)
    calm = _("Everything stays as it is until this is finished. You can cancel it at any time.")
    return ft.View(
        route="/",
        controls=[
            ft.SafeArea(
                ft.Container(
                    ft.Column(
                        [
                            card(WorkProgress(work), padding=20),
                            ft.Text(calm, color=ft.Colors.ON_SURFACE_VARIANT, text_align=ft.TextAlign.CENTER),
                        ],
                        spacing=16,
                        alignment=ft.MainAxisAlignment.CENTER,
                        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
                        scroll=ft.ScrollMode.AUTO,
                    ),
                    padding=ft.Padding(left=side, right=side),
                    alignment=ft.Alignment.CENTER,
                    expand=True,
                ),
                expand=True,
            )
        ],
        padding=0,
    )
