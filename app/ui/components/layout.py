"""The layout of a screen: app bar, padding, headings, cards and empty states."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from unicodedata import east_asian_width

import flet as ft

from app.i18n import _
from app.ui.components import keys, returning
from app.ui.components.buttons import icon_button
from app.ui.components.drafts import KeptForm, left_note
from app.ui.components.fields import first_caret, first_error
from app.ui.components.scrolled import scrolled
from app.ui.components.unsaved import guard, keep_and_ask
from app.ui.phrases import keep_phrases
from app.ui.state import AppState
from app.viewmodels import paths

READABLE_WIDTH = 720  # pixels: longer lines are hard to read
BAR_WIDTH = 480  # pixels: maximum width of the buttons below a screen
EDGE = 16
# Letters that fit beside a back button, also at large text; each icon takes the room of four. Japanese
# letters count twice.
SHORT_TITLE = 20
# Seconds until a new screen is drawn, on a fast and on a slow device; scrolling does not work before.
SETTLING = (0.05, 0.3)
SMALL_TITLE = ft.TextStyle(size=16, height=1.2)
# Buttons side by side: less padding leaves more width for the label.
NARROW = ft.ButtonStyle(padding=ft.Padding(left=8, right=8, top=14, bottom=14))


def side_padding(app: AppState) -> float:
    return max(EDGE, (app.width - READABLE_WIDTH) / 2)


def screen(  # noqa: PLR0913 - keyword-only options
    app: AppState,
    title: str,
    controls: Sequence[ft.Control],
    *,
    actions: Sequence[ft.Control] = (),
    bottom: ft.Control | None = None,
    close: bool = False,
    unsaved: bool = False,
    form: KeptForm[Any] | None = None,
    on_abandon: Callable[[], None] | None = None,
) -> ft.View:
    """A stacked screen with a back button; `bottom` stays visible below the scrolling part.

    While `unsaved`, leaving asks first. If `form` holds a restored draft, a note about it comes first; its
    first error is scrolled to whenever saving is refused. `on_abandon` is called when the screen is closed
    unsaved. A field with `autofocus` takes the focus at once, also beside another pane; a screen without one
    moves the focus to its back button if it was opened by a key.
    """
    side = side_padding(app)
    leave = guard(app, unsaved, form.discard if form else _nothing, on_abandon or _nothing)
    listed = [*(left_note(form) if form else []), *controls]
    shown = ft.use_memo(ft.Ref[ft.Column], [])
    refusals = form.refusals if form else 0
    wrong = first_error(listed) if refusals else None

    async def show_error() -> None:
        if refusals and shown.current is not None:
            await reveal(shown.current, wrong)

    ft.use_effect(show_error, [refusals])
    way_back = (
        icon_button(ft.Icons.CLOSE, _("Close"), leave)
        if close
        else icon_button(ft.Icons.ARROW_BACK, _("Back"), leave)
    )
    session = ft.context.page.session

    async def take_focus() -> None:
        if paths.without_query(app.page.route) != paths.without_query(path):
            return  # covered by another screen
        field = first_caret(listed)
        if field is not None:
            await field.focus()  # type: ignore[no-untyped-call]
        elif returning.was_key(session):
            await way_back.focus()  # type: ignore[no-untyped-call]

    ft.use_effect(take_focus, [])
    path = ft.use_view_path()
    _show_target(app, path, listed, shown)
    returning.keep_way_back(session, path, way_back)
    if bottom is None:
        app.keep_clear(path, 0)
    keys.on_escape(leave)
    name_window(app, title)
    body: list[ft.Control] = [
        scrolled(listed, ft.Padding(left=side, right=side, top=8, bottom=32), ref=shown)
    ]
    if bottom is not None:
        edge = max(side, (app.width - BAR_WIDTH) / 2)
        body.append(
            ft.Container(
                bottom,
                padding=ft.Padding(left=edge, right=edge, top=8, bottom=12),
                on_size_change=lambda event: app.keep_clear(path, event.height),
            )
        )
    return ft.View(
        route=path,
        can_pop=not unsaved,
        on_confirm_pop=partial(keep_and_ask, leave=leave),
        appbar=ft.AppBar(
            title=_title(app, title, len(actions)),
            leading=way_back,
            actions=list(actions),
            actions_padding=ft.Padding(right=4),
        ),
        controls=[
            ft.SafeArea(ft.Column(body, expand=True, spacing=0), expand=True, avoid_intrusions_top=False)
        ],
        padding=0,
    )


def _nothing() -> None:
    """The default action: do nothing."""


def _show_target(app: AppState, path: str, listed: list[ft.Control], shown: ft.Ref[ft.Column]) -> None:
    """Hook: scroll to the record named in the address, once per address."""
    ft.use_route_location()  # re-renders when the address changes
    on_top = paths.without_query(app.page.route) == paths.without_query(path)
    target = paths.target(app.page.route) if on_top else ""
    found = find_target(listed, target) if target else None
    # The key must be unique: a screen below this one may show the same record.
    key = ft.ScrollKey(target)  # type: ignore[call-arg]
    if found is not None:
        found.key = key

    async def show() -> None:
        for pause in SETTLING if found is not None else ():
            await asyncio.sleep(pause)
            if shown.current is not None:
                await shown.current.scroll_to(scroll_key=key, duration=0)

    ft.use_effect(show, [target])


def find_target(controls: Sequence[ft.Control], target: str) -> ft.Control | None:
    """Return the control that shows a record: its key is the record's id, or its data lists the id."""
    for control in controls:
        if control.key == target or (isinstance(control.data, list) and target in control.data):
            return control
        inside = [getattr(control, "content", None), *(getattr(control, "controls", None) or [])]
        found = find_target([each for each in inside if isinstance(each, ft.Control)], target)
        if found is not None:
            return found
    return None


async def reveal(shown: ft.Column, wrong: ft.Control | None) -> None:
    """Scroll to a form's first error, and focus it if it is a text field.

    An error that is not found is drawn by a nested component; those are at the top.
    """
    if isinstance(wrong, ft.TextField):
        # Scroll to the top first: focusing a field that already has the focus does not scroll to it.
        await shown.scroll_to(offset=0, duration=0)
        await wrong.focus()  # type: ignore[no-untyped-call]
    elif wrong is not None and isinstance(wrong.key, ft.ScrollKey):
        await shown.scroll_to(scroll_key=wrong.key, duration=300)
    else:
        await shown.scroll_to(offset=0, duration=300)


def _title(app: AppState, text: str, icons: int) -> ft.Control:
    """The title; a long one takes two lines of smaller text, which is what the bar has room for."""
    width = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    if width <= SHORT_TITLE - 4 * icons or app.width > READABLE_WIDTH:
        return title_text(text)
    return title_text(text, lines=2)


def landmark(controls: Sequence[ft.Control]) -> ft.Control:
    """The content of a screen without an app bar; assets/web/page/semantics.js gives it the role `main`."""
    return ft.Semantics(
        content=ft.Column(list(controls), expand=True, spacing=0), identifier="main", container=True
    )


def title_text(text: str, lines: int = 1) -> ft.Control:
    """A screen's title, as a level 1 heading."""
    return ft.Semantics(
        content=ft.Text(
            keep_phrases(text),
            semantics_label=text,
            max_lines=lines,
            overflow=ft.TextOverflow.ELLIPSIS,
            style=SMALL_TITLE if lines > 1 else None,
        ),
        heading_level=1,
    )


def name_window(app: AppState, title: str) -> None:
    """Hook: show the screen's title in the browser tab while the screen is on top."""
    path, location = ft.use_view_path(), ft.use_route_location()

    def name() -> None:
        if paths.without_query(app.page.route) == paths.without_query(path):
            app.name_window(title)

    ft.use_effect(name, [title, path, location])


def button_bar(*buttons: ft.LayoutControl) -> ft.Control:
    """A screen's actions at the bottom; long labels wrap inside their button."""
    for button in buttons:
        if not isinstance(button, ft.IconButton):
            button.expand = True
            if isinstance(button, (ft.Button, ft.OutlinedButton)):
                button.style = NARROW
    return ft.Row(list(buttons), spacing=8)


def heading(text: str, trailing: ft.Control | None = None) -> ft.Control:
    """A heading inside a screen, announced as a level 2 heading."""
    label = ft.Semantics(
        content=ft.Text(
            keep_phrases(text),
            semantics_label=text,
            theme_style=ft.TextThemeStyle.TITLE_SMALL,
            color=ft.Colors.ON_SURFACE_VARIANT,
        ),
        header=True,
        heading_level=2,
        container=True,
    )
    row: list[ft.Control] = [ft.Container(label, expand=True)]
    if trailing is not None:
        row.append(trailing)
    return ft.Container(ft.Row(row), padding=ft.Padding(top=12, bottom=0))


def empty_state(
    icon: ft.IconData,
    title: str,
    text: str,
    action: str = "",
    on_action: Callable[[], None] | None = None,
) -> ft.Control:
    """The placeholder of an empty screen: its purpose and the first step."""
    parts: list[ft.Control] = [
        ft.Icon(icon, size=56, color=ft.Colors.PRIMARY),
        ft.Text(
            keep_phrases(title),
            semantics_label=title,
            theme_style=ft.TextThemeStyle.TITLE_MEDIUM,
            text_align=ft.TextAlign.CENTER,
        ),
        ft.Text(text, color=ft.Colors.ON_SURFACE_VARIANT, text_align=ft.TextAlign.CENTER),
    ]
    if action and on_action:
        act = on_action
        label = ft.Text(action, text_align=ft.TextAlign.CENTER)
        parts.append(ft.FilledTonalButton(label, on_click=lambda _event: act()))
    return ft.Container(
        ft.Column(parts, horizontal_alignment=ft.CrossAxisAlignment.CENTER, spacing=12, tight=True),
        padding=ft.Padding(left=24, right=24, top=48, bottom=24),
        alignment=ft.Alignment.TOP_CENTER,
    )


def card(
    content: ft.Control, on_click: Callable[[], None] | None = None, padding: ft.PaddingValue = 16
) -> ft.Control:
    """A surface that groups related content."""
    act = on_click
    return ft.Container(
        content,
        padding=padding,
        border_radius=16,
        bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
        ink=act is not None,
        on_click=(lambda _event: act()) if act else None,
    )


def fact(label: str, value: str, color: ft.Colors | None = None) -> ft.Control:
    """A label with its value on one line, or on two if one has no room for both."""
    return ft.Row(
        [
            ft.Text(label, color=ft.Colors.ON_SURFACE_VARIANT),
            ft.Text(value, color=color, weight=ft.FontWeight.W_600),
        ],
        wrap=True,
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        width=float("inf"),
        spacing=16,
        run_spacing=0,
    )


def tally(label: str, value: str, color: ft.Colors | None = None) -> ft.Control:
    """A label with a short value, such as a count; the label wraps and takes the remaining width."""
    return ft.Row(
        [
            ft.Text(label, color=ft.Colors.ON_SURFACE_VARIANT, expand=True),
            ft.Text(value, color=color, weight=ft.FontWeight.W_600),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
        spacing=16,
    )
