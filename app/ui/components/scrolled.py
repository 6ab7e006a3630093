"""The scrolling part of a screen, and what the Tab key visits as one group."""

from collections import Counter
from collections.abc import Sequence

import flet as ft


def scrolled(
    controls: Sequence[ft.Control],
    padding: ft.Padding,
    spacing: float = 12,
    ref: ft.Ref[ft.Column] | None = None,
    key: str | None = None,
) -> ft.Control:
    """Controls one below the other, as wide as there is room, scrolling where they do not fit.

    A column, not a `ListView`: when something beside a ListView changes, Flutter takes its rows out of the
    page's tree and puts them back. With a screen reader on, the row or field in use then loses the focus, and
    what is being typed into it is lost.
    """
    identify(controls)
    rows = ft.Column(list(controls), spacing=spacing, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    column = ft.Column(
        [ft.Container(rows, padding=padding)],
        ref=ref,
        expand=True,
        scroll=ft.ScrollMode.AUTO,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    return ft.Container(tab_group(column), expand=True, key=key)


def identify(controls: Sequence[ft.Control]) -> None:
    """Give each row a key of its own: its kind and, if it is a field, its label.

    Without keys, Flet turns the row at each position into the new one there. A row that appears then renames
    all below it at once, and Flutter can miss some of that for screen readers: they find the old fields.
    """
    seen = Counter[str]()
    for row in controls:
        if row.key is None and not hasattr(
            row, "_frozen"
        ):  # one that is drawn as it was, Flet keeps by itself
            kind = f"{type(row).__name__} {_label(row)}"
            seen[kind] += 1
            row.key = f"{kind} {seen[kind]}"


def _label(row: ft.Control) -> object:
    """The label of the field that a row consists of."""
    inside: ft.Control | None = row
    while isinstance(inside, (ft.Container, ft.Semantics)):
        inside = inside.content if isinstance(inside.content, ft.Control) else None
    return inside.label if isinstance(inside, ft.TextField) else ""


def tab_group(content: ft.Control) -> ft.Control:
    """What the Tab key goes through before it goes on to what is beside or below.

    By itself it goes from left to right through all that is at one height, from one pane to the next. The
    only control of Flet that keeps it together is a group of radio buttons, which this is without having any.
    assets/web/page/semantics.js takes the role away again, by the identifier. Where that page is not, on
    phones, there is no group: a screen reader would speak of radio buttons.
    """
    if not ft.context.page.pyodide:
        return content
    return ft.RadioGroup(content=ft.Semantics(content=content, identifier="tab-group"))
