"""The step a client is at, as a bar and in words: on the ladder's own page and on the client's."""

import flet as ft

from app.domain.codes import BoundaryStep
from app.ui.i18n import _
from app.ui.ladder import labels


def rungs(step: int) -> ft.Control:
    """The five steps as a bar. Decorative: the words beside it say the same."""
    return ft.Semantics(
        content=ft.Row(
            [
                ft.Container(
                    height=8,
                    border_radius=4,
                    expand=True,
                    bgcolor=ft.Colors.PRIMARY if number <= step else ft.Colors.SURFACE_CONTAINER_HIGHEST,
                )
                for number in range(1, labels.LAST + 1)
            ],
            spacing=4,
        ),
        exclude_semantics=True,
    )


def standing(step: BoundaryStep) -> str:
    """The step reached, in words."""
    if step is BoundaryStep.FINE:
        return _("No step taken")
    return _("Step {n} of {last}: {step}").format(n=int(step), last=labels.LAST, step=labels.step(step))
