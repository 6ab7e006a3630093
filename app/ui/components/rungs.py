"""A client's step on the boundary ladder, as a bar and in words."""

from collections.abc import Mapping

import flet as ft

from app.domain.codes import BoundaryStep
from app.domain.ladder import Ladder
from app.i18n import _, p_
from app.wording import ladder as labels


def rungs(step: int) -> ft.Control:
    """The five steps as a bar. Decorative: the text beside it says the same."""
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


def ladder_list(ladder: Ladder, taken: Mapping[int, str]) -> list[ft.Control]:
    """The five steps in order: those taken with their results, the next one, and the later ones.

    `taken` maps a step to a text with the time and result of its last use.
    """
    return [_step_row(BoundaryStep(number), ladder, taken.get(number, "")) for number in _STEPS]


_STEPS = range(1, labels.LAST + 1)


def _step_row(rung: BoundaryStep, ladder: Ladder, taken: str) -> ft.Control:
    step, upcoming = ladder.step, ladder.next
    settled = rung is BoundaryStep.PROPOSE and ladder.standing_call
    here, after = rung == step, rung > step and not settled
    if rung == upcoming:
        icon, color, mark = ft.Icons.ARROW_CIRCLE_RIGHT_OUTLINED, ft.Colors.TERTIARY, p_("step", "Next")
    elif not after:
        icon, color, mark = ft.Icons.CHECK_CIRCLE, ft.Colors.PRIMARY, _("You are here") if here else ""
    else:
        icon, color, mark = ft.Icons.CIRCLE_OUTLINED, ft.Colors.OUTLINE, ""
    notes = [text for text in (mark, taken) if text]
    about = " · ".join(notes) or labels.in_short(rung)
    strong = here or rung == upcoming
    return ft.Row(
        [
            ft.Icon(icon, color=color),
            ft.Column(
                [
                    ft.Text(
                        _("{n}. {step}").format(
                            n=int(rung),
                            step=labels.next_step(ladder) if rung == upcoming else labels.step(rung),
                        ),
                        weight=ft.FontWeight.W_600 if strong else None,
                        color=None if strong or not after else ft.Colors.ON_SURFACE_VARIANT,
                    ),
                    ft.Text(
                        about, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT
                    ),
                ],
                spacing=2,
                tight=True,
                expand=True,
            ),
        ],
        spacing=12,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def standing(ladder: Ladder) -> str:
    """The current step, in words."""
    step = ladder.step
    if step is BoundaryStep.FINE:
        return _("A standing call is agreed") if ladder.standing_call else _("No step taken")
    return _("Step {n} of {last}: {step}").format(n=int(step), last=labels.LAST, step=labels.step(step))
