"""Shared parts of the Settings sections: changes that save themselves, and fields with an explanation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import flet as ft

from app.i18n import _
from app.ui.components.fields import text_field
from app.ui.components.layout import screen
from app.ui.state import AppState
from app.viewmodels import settings as model


@dataclass(frozen=True)
class Keeper:
    """Saves each change at once; `errors` holds the messages of rejected changes, by field."""

    keep: Callable[[dict[str, Any]], None]
    errors: dict[str, str]
    saved: bool  # the last change was saved


def use_keeper(app: AppState) -> Keeper:
    """Hook: one keeper per section."""
    nothing: dict[str, str] = {}
    errors, set_errors = ft.use_state(nothing)
    saved, set_saved = ft.use_state(False)

    def keep(changes: dict[str, Any]) -> None:
        wrong = model.save(app, changes)
        set_errors(lambda before: {**{k: v for k, v in before.items() if k not in changes}, **wrong})
        set_saved(not wrong)

    return Keeper(keep, errors, saved)


def section(app: AppState, title: str, controls: Sequence[ft.Control], keeper: Keeper) -> ft.View:
    return screen(app, title, controls, actions=[saved_mark()] if keeper.saved else [])


def saved_mark() -> ft.Control:
    """The confirmation that a change was saved."""
    mark = ft.Row(
        [
            ft.Icon(ft.Icons.CHECK, size=18, color=ft.Colors.PRIMARY),
            ft.Text(_("Saved"), color=ft.Colors.PRIMARY, theme_style=ft.TextThemeStyle.LABEL_LARGE),
        ],
        spacing=4,
        tight=True,
    )
    return ft.Semantics(content=ft.Container(mark, padding=ft.Padding(right=12)), live_region=True)


def why(text: str) -> ft.Control:
    """A sentence that explains a setting."""
    return ft.Text(text, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT)


@ft.component
def NumberField(
    label: str, value: int, least: int, most: int, on_save: Callable[[int], None], reason: str = ""
) -> ft.Control:
    """A whole number; each keystroke that yields a valid number saves it, else the error is shown."""
    typed, set_typed = ft.use_state(cast("str | None", None))
    number = None if typed is None else model.whole_number(typed, least, most)
    impossible = typed is not None and number is None
    # Keep the typed text, unless the stored number has changed since (by an undo).
    shown = typed if typed is not None and (impossible or number == value) else str(value)

    def change(text: str) -> None:
        set_typed(text)
        read = model.whole_number(text, least, most)
        if read is not None and read != value:
            on_save(read)

    field = text_field(
        label,
        shown,
        change,
        error=_("Not saved: write a whole number from {least} to {most}.").format(least=least, most=most)
        if impossible
        else "",
        keyboard=ft.KeyboardType.NUMBER,
    )
    parts: list[ft.Control] = [field, why(reason)] if reason else [field]
    column = ft.Column(parts, spacing=6, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    return ft.Container(column, padding=ft.Padding(top=8, bottom=4))
