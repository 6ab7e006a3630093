"""Rows of a screen keep their keys while other rows come and go."""

import flet as ft

from app.ui.components.fields import text_field
from app.ui.components.layout import heading
from app.ui.components.scrolled import identify


def rows(*labels: str) -> list[ft.Control]:
    return [
        heading("Fee"),
        *(text_field(label, "", lambda _text: None) for label in labels),
        heading("Notes"),
    ]


def keys(controls: list[ft.Control]) -> list[object]:
    identify(controls)
    return [control.key for control in controls]


def test_a_new_field_changes_no_other_row_s_key() -> None:
    before, after = keys(rows("Price", "Notes")), keys(rows("Price", "Quantity", "Notes"))
    assert [key for key in after if key in before] == before
    assert len(after) == len(before) + 1


def test_fields_with_different_labels_have_different_keys() -> None:
    assert keys(rows("Fee for the whole job"))[1] != keys(rows("Price of one"))[1]


def test_rows_of_the_same_kind_have_different_keys() -> None:
    found = keys([*rows("Amount", "Amount"), ft.Row(), ft.Row()])
    assert len(set(found)) == len(found)


def test_an_explicit_key_is_kept() -> None:
    row = ft.Row(key="part-1")
    assert keys([row]) == ["part-1"]
