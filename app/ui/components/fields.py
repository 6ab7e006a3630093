"""Form fields with a label, a value and an error text; each calls back with a typed value."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import flet as ft

from app.i18n import _
from app.ui.components import keys
from app.ui.components.buttons import icon_button, tappable
from app.ui.components.dialogs import choose
from app.ui.components.times import pick_moment
from app.ui.state import AppState

ERROR = "error"  # marks error texts


def text_field(  # noqa: PLR0913 - keyword-only options
    label: str,
    value: str,
    on_change: Callable[[str], None],
    *,
    error: str = "",
    helper: str = "",
    multiline: bool = False,
    lines: tuple[int, int] = (3, 12),
    autofocus: bool = False,
    max_length: int | None = None,
    keyboard: ft.KeyboardType = ft.KeyboardType.TEXT,
    suffix: str = "",
    on_submit: Callable[[], None] | None = None,
    adds_to_list: bool = False,
    on_leave: Callable[[], None] | None = None,
    on_caret: Callable[[int], None] | None = None,
) -> ft.Control:
    """A text field; with `multiline`, `lines` is its minimum and maximum height in lines.

    With `adds_to_list`, Enter adds the text to a list and keeps the caret in the field, for the next entry.
    Padding above makes room for the label, which rises onto the field's edge and exceeds the usual gap at
    large text. The field is a semantics node of its own: Flutter would otherwise merge it into the
    surrounding node and make a new, empty node when something appears beside it, and text typed with a screen
    reader would be lost.
    """
    submit, leave, caret = on_submit, on_leave, on_caret
    # Enter, or the "Done" key of a phone's keyboard, runs `on_submit` or else saves the form. On a screen
    # with nothing to save it only closes the phone's keyboard.
    enter = submit or (lambda: keys.submit(ft.context.page))

    def submitted(event: ft.Event[ft.TextField]) -> None:
        enter()
        if adds_to_list:
            event.page.run_task(event.control.focus)

    field = ft.TextField(
        label=label,
        value=value,
        on_change=lambda event: on_change(event.control.value),
        on_submit=None if multiline else submitted,
        error=error or None,
        helper=helper or None,
        helper_max_lines=3,
        error_max_lines=3,
        multiline=multiline,
        min_lines=lines[0] if multiline else None,
        max_lines=lines[1] if multiline else 1,
        autofocus=autofocus,
        max_length=max_length,
        keyboard_type=ft.KeyboardType.MULTILINE if multiline else keyboard,
        suffix=suffix or None,
        border=ft.OutlineInputBorder(border_radius=12),
        on_blur=(lambda _event: leave()) if leave else None,
        on_selection_change=(lambda event: caret(event.selection.extent_offset)) if caret else None,
    )
    return ft.Container(ft.Semantics(content=field, container=True), padding=ft.Padding(top=6))


def search_field(
    label: str, value: str, on_change: Callable[[str], None], autofocus: bool = False
) -> ft.Control:
    """A search field that filters a list while the user types."""
    field = ft.TextField(
        label=label,  # a hint would leave the field without a name once it has text
        value=value,
        on_change=lambda event: on_change(event.control.value),
        prefix_icon=ft.Icons.SEARCH,
        suffix_icon=icon_button(ft.Icons.CLOSE, _("Clear search"), lambda: on_change("")) if value else None,
        border=ft.OutlineInputBorder(border_radius=28),
        autofocus=autofocus,
        dense=True,
    )
    # Room for the label, which rises while the field is in use; a node of its own as in `text_field`.
    return ft.Container(ft.Semantics(content=field, container=True), padding=ft.Padding(top=8))


@ft.component
def WithCaret(field: ft.Control) -> ft.Control:
    """A field that is added to an open screen and takes the focus at once.

    `autofocus` alone is not enough on a desktop: beside another pane, the pressed control keeps the focus.
    """
    found = first_caret([field])

    async def take_focus() -> None:
        if found is not None:
            await found.focus()  # type: ignore[no-untyped-call]

    ft.use_effect(take_focus, [])
    return field


def labelled(label: str, content: ft.Control, error: str = "") -> ft.Control:
    """A group of choices under a label."""
    parts: list[ft.Control] = [
        ft.Text(label, theme_style=ft.TextThemeStyle.LABEL_LARGE, color=ft.Colors.ON_SURFACE_VARIANT),
        content,
    ]
    if error:
        parts.append(error_text(error))
    return ft.Column(parts, spacing=4, tight=True)


def error_text(error: str) -> ft.Control:
    return ft.Semantics(
        content=ft.Text(error, color=ft.Colors.ERROR, theme_style=ft.TextThemeStyle.BODY_SMALL),
        live_region=True,
        data=ERROR,
    )


FIRST_ERROR = ft.ScrollKey("first-error")  # type: ignore[call-arg]


def first_error(controls: Sequence[ft.Control]) -> ft.Control | None:
    """The first field with an error, or else the first error text, which gets a key to scroll to."""
    for control in _descendants(controls):
        if isinstance(control, ft.TextField) and control.error:
            return control
        if isinstance(control, ft.Semantics) and control.data == ERROR:
            control.key = FIRST_ERROR
            return control
    return None


def first_caret(controls: Sequence[ft.Control]) -> ft.TextField | None:
    """The first field with `autofocus`."""
    return next(
        (each for each in _descendants(controls) if isinstance(each, ft.TextField) and each.autofocus), None
    )


def _descendants(controls: Sequence[ft.Control]) -> Iterator[ft.Control]:
    """All controls and their descendants, from top to bottom."""
    for control in controls:
        yield control
        inside = [getattr(control, "content", None), *(getattr(control, "controls", None) or [])]
        yield from _descendants([each for each in inside if isinstance(each, ft.Control)])


def segments(options: Mapping[str, str], selected: str, on_select: Callable[[str], None]) -> ft.Control:
    """A choice of two or three, side by side. Text only: with icons, words would break on a narrow phone."""
    return ft.SegmentedButton(
        segments=[
            ft.Segment(key, label=ft.Text(label, text_align=ft.TextAlign.CENTER))
            for key, label in options.items()
        ],
        selected=[selected],
        show_selected_icon=False,
        on_change=lambda event: on_select(event.control.selected[0]),
        style=ft.ButtonStyle(padding=ft.Padding(left=6, right=6, top=14, bottom=14)),
        width=float("inf"),
    )


def choice_chips(
    options: Mapping[str, str],
    selected: str,
    on_select: Callable[[str], None],
    icons: Mapping[str, ft.IconData] | None = None,
    alignment: ft.MainAxisAlignment = ft.MainAxisAlignment.START,
) -> ft.Control:
    """A choice of a few options, all visible; tapping the selected one leaves it selected."""
    return ChoiceChips(options, selected, on_select, icons, alignment)


@ft.component
def ChoiceChips(
    options: Mapping[str, str],
    selected: str,
    on_select: Callable[[str], None],
    icons: Mapping[str, ft.IconData] | None,
    alignment: ft.MainAxisAlignment,
) -> ft.Control:
    _drawn, draw_again = ft.use_state(0)

    def choose(key: str) -> None:
        if key == selected:
            draw_again(lambda drawn: drawn + 1)  # the client has already deselected the chip on its side
        on_select(key)

    return one_of(
        [
            ft.Chip(
                label=chip_label(label),
                leading=ft.Icon(icons[key]) if icons and key in icons and key != selected else None,
                selected=key == selected,
                on_select=lambda _event, key=key: choose(key),
            )
            for key, label in options.items()
        ],
        alignment,
    )


def one_of(
    chips: Sequence[ft.Chip], alignment: ft.MainAxisAlignment = ft.MainAxisAlignment.START
) -> ft.Control:
    """Chips of which one is selected, announced by screen readers as a group of radio buttons.

    Flutter announces each chip as a checkbox, and Flet offers no other role. assets/web/page/semantics.js
    changes the role by the group's identifier.
    """
    row = ft.Row(list(chips), alignment=alignment, wrap=True, spacing=8, run_spacing=4)
    return ft.Semantics(content=row, identifier="radiogroup", container=True)


def toggle_chips(
    options: Mapping[str, str], selected: Sequence[str], on_toggle: Callable[[str], None]
) -> ft.Control:
    """A choice of any number of a few options, all visible."""
    return ft.Row(
        [
            ft.Chip(
                label=chip_label(label),
                selected=key in selected,
                on_select=lambda _event, key=key: on_toggle(key),
            )
            for key, label in options.items()
        ],
        wrap=True,
        spacing=8,
        run_spacing=4,
    )


def chip_label(text: str) -> ft.Control:
    """A chip's label that wraps; by default a chip fades out long text."""
    return ft.Text(text, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS)


def check_row(label: str, value: bool, on_change: Callable[[bool], object]) -> ft.Control:
    """A checkbox with a text of any length, which can also be tapped."""
    box = ft.Checkbox(value=value, on_change=lambda event: on_change(bool(event.control.value)))
    return ft.MergeSemantics(
        content=ft.ListTile(
            leading=box, title=ft.Text(label), toggle_inputs=True, content_padding=0, horizontal_spacing=4
        )
    )


def switch_row(label: str, value: bool, on_change: Callable[[bool], None], note: str = "") -> ft.Control:
    """A switch with a text of any length, which can also be tapped."""
    # Merged: a screen reader would otherwise find an unnamed switch inside a button.
    return ft.MergeSemantics(
        content=ft.ListTile(
            title=ft.Text(label),
            subtitle=ft.Text(note, color=ft.Colors.ON_SURFACE_VARIANT) if note else None,
            trailing=ft.Switch(value=value, on_change=lambda event: on_change(bool(event.control.value))),
            toggle_inputs=True,
            content_padding=ft.Padding(left=8, right=8),
        )
    )


def radio_row(value: str, label: str, note: str = "") -> ft.Control:
    """One option of a RadioGroup, with an optional note below; the whole row can be tapped."""
    # Merged: a screen reader would otherwise find an unnamed radio button inside a button.
    return ft.MergeSemantics(
        content=ft.ListTile(
            leading=ft.Radio(value=value),
            title=ft.Text(label),
            subtitle=ft.Text(note, color=ft.Colors.ON_SURFACE_VARIANT) if note else None,
            toggle_inputs=True,
            content_padding=ft.Padding(left=0, right=8),
            horizontal_spacing=8,
        )
    )


def dropdown(
    label: str, options: Mapping[str, str], value: str, on_select: Callable[[str], None]
) -> ft.Control:
    """A choice of many, from a sheet: Flutter's own dropdown has no name for screen readers."""
    shown = options.get(value, "")
    face = ft.Row(
        [
            ft.Column(
                [
                    ft.Text(
                        label, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT
                    ),
                    ft.Text(shown or _("Not set"), theme_style=ft.TextThemeStyle.BODY_LARGE),
                ],
                spacing=0,
                expand=True,
            ),
            ft.Icon(ft.Icons.ARROW_DROP_DOWN),
        ]
    )
    field = tappable(
        face,
        _("{label}: {value}").format(label=label, value=shown or _("Not set")),
        lambda: choose(label, options, value, on_select),
        padding=ft.Padding(left=16, right=12, top=7, bottom=7),
    )
    field.border = ft.Border.all(1, ft.Colors.OUTLINE)
    field.border_radius = 12
    field.expand = True
    return field


def moment_field(  # noqa: PLR0913 - all but the first four are options
    app: AppState,
    label: str,
    value: datetime | None,
    on_change: Callable[[datetime | None], None],
    *,
    default: datetime | None = None,
    clearable: bool = True,
    error: str = "",
    past: bool | None = False,
    usual: datetime | None = None,
) -> ft.Control:
    """A date and time; a tap opens the dialog to type it.

    `past`: the event has already happened; None: it may be past or future. `usual` applies while no value is
    set; the button shows it, and the dialog proposes it.
    """
    shown = app.format.when(value, app.now) if value else _("Not set")
    if usual and not value:
        shown = _("{when} (your usual time)").format(when=app.format.when(usual, app.now))
    row: list[ft.Control] = [
        ft.OutlinedButton(
            _("{label}: {value}").format(label=label, value=shown),
            icon=ft.Icons.EVENT,
            on_click=lambda _event: pick_moment(
                app,
                value or default or usual or app.now,
                on_change,
                title=label,
                past=past,
                kept=value is not None and past is False,
            ),
            expand=True,
        )
    ]
    if clearable and value:
        row.append(
            icon_button(ft.Icons.CLOSE, _("Clear {label}").format(label=label), lambda: on_change(None))
        )
    parts: list[ft.Control] = [ft.Row(row)]
    if error:
        parts.append(error_text(error))
    return ft.Column(parts, spacing=4, tight=True)


def save_bar(on_save: Callable[[], None], label: str = "") -> ft.Control:
    """The form's main button at the bottom; Enter in a one-line field triggers it too."""
    keys.on_enter(on_save)
    return ft.FilledButton(
        label or _("Save"),
        icon=ft.Icons.CHECK,
        width=float("inf"),
        on_click=lambda _event: on_save(),
    )
