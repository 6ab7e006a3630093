"""The question whether a client's message or call answers open matters, each closed with one tap."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import flet as ft

from app.domain.answers import Matter, MatterKind
from app.domain.codes import JobStatus
from app.i18n import _
from app.ui.components.layout import card
from app.ui.state import AppState
from app.viewmodels import answers as model

SHOWN = 5


def answers(app: AppState, matters: list[Matter], at: datetime) -> list[ft.Control]:
    """Return a card listing the open matters; nothing if there are none."""
    if not matters:
        return []
    heading = ft.Semantics(
        content=ft.Text(_("Is this the answer to…?"), weight=ft.FontWeight.W_600), header=True
    )
    rows = [_row(app, matter, at) for matter in matters[:SHOWN]]
    note = ft.Text(
        _("What they have answered leaves Today, and its reminders end."),
        theme_style=ft.TextThemeStyle.BODY_SMALL,
        color=ft.Colors.ON_SURFACE_VARIANT,
    )
    return [card(ft.Column([heading, *rows, note], spacing=8, tight=True))]


def _row(app: AppState, matter: Matter, at: datetime) -> ft.Control:
    title = model.title(app, matter)
    since = _("since {when}").format(when=app.format.when(matter.since, app.now))
    return ft.Column(
        [
            ft.Text(title, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS),
            ft.Text(since, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT),
            ft.Row(
                [_button(label, title, act) for label, act in _choices(app, matter, at)],
                wrap=True,
                spacing=8,
                run_spacing=4,
            ),
        ],
        key=matter.key,
        spacing=2,
        tight=True,
    )


def _choices(app: AppState, matter: Matter, at: datetime) -> list[tuple[str, Callable[[], object]]]:
    if matter.kind is MatterKind.APPLICATION:
        return [
            (_("They offer me the job"), partial(model.close, app, matter, at, JobStatus.OFFERED)),
            (_("I was not chosen"), partial(model.close, app, matter, at, JobStatus.LOST)),
        ]
    label = {MatterKind.PAYMENT: _("It is paid"), MatterKind.CALLS: _("Yes, this is what they called about")}
    return [(label.get(matter.kind, _("Yes, this is the answer")), partial(model.close, app, matter, at))]


def _button(label: str, title: str, act: Callable[[], object]) -> ft.Control:
    """A row's button; its semantics label names the row, as several rows have the same button."""
    return ft.FilledTonalButton(
        ft.Text(label, semantics_label=_("{label}: {value}").format(label=label, value=title)),
        on_click=lambda _event: act(),
    )
