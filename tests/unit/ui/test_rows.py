"""The rows of a screen keep their identity while others come and go."""

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


def test_a_field_that_appears_changes_the_keys_of_no_other_row() -> None:
    before, after = keys(rows("Price", "Notes")), keys(rows("Price", "Quantity", "Notes"))
    assert [key for key in after if key in before] == before
    assert len(after) == len(before) + 1


def test_a_field_with_another_label_is_another_field() -> None:
    assert keys(rows("Fee for the whole job"))[1] != keys(rows("Price of one"))[1]


def test_rows_of_one_kind_have_different_keys() -> None:
    found = keys([*rows("Amount", "Amount"), ft.Row(), ft.Row()])
    assert len(set(found)) == len(found)


def test_a_key_that_a_row_has_already_is_kept() -> None:
    row = ft.Row(key="part-1")
    assert keys([row]) == ["part-1"]
