"""Dialogs and sheets: confirmations, short text input, choices."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import flet as ft

from app.domain.validation import MISTAKEN
from app.i18n import _
from app.ui.phrases import keep_phrases
from app.ui.state import AppState
from app.ui.theme import DESTRUCTIVE


def confirm(
    app: AppState,
    title: str,
    text: str,
    action: str,
    on_confirm: Callable[[], None],
    *,
    cancel: str = "",
    destructive: bool = False,
) -> None:
    """Ask for confirmation. With `destructive`, Enter cancels."""
    agreed = False

    def confirmed(_event: ft.Event[ft.Button]) -> None:
        nonlocal agreed
        agreed = True
        app.page.pop_dialog()

    def dismissed(_event: ft.Event[ft.DialogControl]) -> None:
        # Only after the dialog has closed: if the screens change while it closes, it is never removed.
        if agreed:
            on_confirm()

    app.page.show_dialog(
        ft.AlertDialog(
            title=ft.Text(keep_phrases(title), semantics_label=title),
            content=ft.Text(text),
            scrollable=True,
            actions=[
                ft.TextButton(
                    cancel or _("Cancel"),
                    autofocus=destructive,
                    on_click=lambda _event: app.page.pop_dialog(),
                ),
                ft.FilledButton(
                    action,
                    style=DESTRUCTIVE if destructive else None,
                    autofocus=not destructive,
                    on_click=confirmed,
                ),
            ],
            on_dismiss=dismissed,
        )
    )


def ask_if_ahead(app: AppState, at: datetime, go_on: Callable[[], None]) -> None:
    """Call `go_on` at once, or after confirmation if the time of a past event lies in the future."""
    if at <= app.now + MISTAKEN:
        go_on()
        return
    confirm(
        app,
        _("This lies in the future"),
        _("{when} is still to come. Is the date right?").format(when=app.format.when(at, app.now)),
        _("Keep this date"),
        go_on,
        cancel=_("Change it"),
    )


def ask_text(
    app: AppState,
    title: str,
    label: str,
    value: str,
    action: str,
    on_answer: Callable[[str], object],
    *,
    max_length: int | None = 100,
) -> None:
    """Ask for a short text, such as a name; an empty answer is ignored."""
    answer, agreed = value, False

    def changed(event: ft.Event[ft.TextField]) -> None:
        nonlocal answer
        answer = event.control.value

    def confirmed() -> None:
        nonlocal agreed
        agreed = True
        app.page.pop_dialog()

    def dismissed(_event: ft.Event[ft.DialogControl]) -> None:
        if agreed and answer.strip():
            on_answer(answer.strip())

    field = ft.TextField(
        label=label,
        value=value,
        autofocus=True,
        max_length=max_length,
        on_change=changed,
        on_submit=lambda _event: confirmed(),
    )
    app.page.show_dialog(
        ft.AlertDialog(
            title=ft.Text(title),
            content=ft.Semantics(content=field, container=True),
            scrollable=True,
            actions=[
                ft.TextButton(_("Cancel"), on_click=lambda _event: app.page.pop_dialog()),
                ft.FilledButton(action, on_click=lambda _event: confirmed()),
            ],
            on_dismiss=dismissed,
        )
    )


def sheet(app: AppState, title: str, controls: Sequence[ft.Control]) -> None:
    """Show a list of choices at the bottom of the screen."""
    app.page.show_dialog(_bottom_sheet(app.page, title, controls))


ROW = 60  # pixels: approximate height of a choice


def _bottom_sheet(page: ft.Page, title: str, controls: Sequence[ft.Control]) -> ft.BottomSheet:
    """A sheet as tall as its choices; if they do not fit, it takes the full height and scrolls."""
    name = ft.Text(keep_phrases(title), semantics_label=title, theme_style=ft.TextThemeStyle.TITLE_MEDIUM)
    height = page.height or 0
    wanted = (len(controls) + 2) * ROW
    fits = wanted <= 0.7 * height
    return ft.BottomSheet(
        ft.Semantics(
            content=ft.Container(
                ft.Column(
                    [ft.Semantics(content=name, header=True, heading_level=2, container=True), *controls],
                    tight=True,
                    spacing=4,
                    scroll=None if fits else ft.ScrollMode.AUTO,
                ),
                padding=ft.Padding(left=24, right=24, top=0, bottom=24),
            ),
            identifier="dialog",
            container=True,
        ),
        show_drag_handle=True,
        draggable=True,
        scrollable=True,
        size_constraints=None if fits else ft.BoxConstraints(max_height=min(0.9 * height, wanted)),
    )


def choose(title: str, options: Mapping[str, str], selected: str, on_select: Callable[[str], None]) -> None:
    """Choose one of many options from a sheet that marks the current one."""
    page = ft.context.page

    def chosen(key: str) -> None:
        page.pop_dialog()
        on_select(key)

    rows = [
        ft.ListTile(
            title=label,
            selected=key == selected,
            trailing=ft.Icons.CHECK if key == selected else None,
            on_click=lambda _event, key=key: chosen(key),
            content_padding=ft.Padding(left=0, right=0),
        )
        for key, label in options.items()
    ]
    page.show_dialog(_bottom_sheet(page, title, rows))


def option(
    app: AppState, icon: ft.IconData, label: str, on_choose: Callable[[], object], note: str = ""
) -> ft.Control:
    """One choice of a sheet; choosing it closes the sheet."""

    def chosen(_event: ft.Event[ft.ListTile]) -> None:
        app.page.pop_dialog()
        on_choose()

    return ft.ListTile(
        leading=icon,
        title=label,
        subtitle=note or None,
        on_click=chosen,
        content_padding=ft.Padding(left=0, right=0),
    )
