"""The scrolling part of a screen, and focus groups for the Tab key."""

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
    """A full-width column of controls that scrolls when they do not fit.

    A column, not a `ListView`: when something beside a ListView changes, Flutter removes its rows from the
    semantics tree and adds them again. With a screen reader on, the row or field in use then loses the focus,
    and the text being typed into it is lost.
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
    """Give each row a unique key: its kind and, for a field, its label.

    Without keys, Flet turns the row at each position into the new row there. An inserted row then renames all
    rows below it, and Flutter can miss some of these changes for screen readers, which still find the old
    fields.
    """
    seen = Counter[str]()
    for row in controls:
        if row.key is None and not hasattr(row, "_frozen"):  # Flet keeps memoised controls by itself
            kind = f"{type(row).__name__} {_label(row)}"
            seen[kind] += 1
            row.key = f"{kind} {seen[kind]}"


def _label(row: ft.Control) -> object:
    """The label of the field that a row consists of; empty for other rows."""
    inside: ft.Control | None = row
    while isinstance(inside, (ft.Container, ft.Semantics)):
        inside = inside.content if isinstance(inside.content, ft.Control) else None
    return inside.label if isinstance(inside, ft.TextField) else ""


def tab_group(content: ft.Control) -> ft.Control:
    """A group of controls that the Tab key visits before it moves on to what is beside or below.

    By default the Tab key moves from left to right through everything at the same height, across panes. The
    only control in Flet that groups the Tab order is a RadioGroup, used here without radio buttons.
    assets/web/page/semantics.js removes its role, by the identifier. On phones, without that page, there is
    no group: a screen reader would announce radio buttons.
    """
    if not ft.context.page.pyodide:
        return content
    return ft.RadioGroup(content=ft.Semantics(content=content, identifier="tab-group"))
