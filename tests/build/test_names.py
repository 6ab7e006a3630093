"""The check that refuses a class or type alias that is defined twice."""

from pathlib import Path

from names import definitions, duplicates


def test_classes_and_type_aliases_are_counted_but_constants_and_private_names_are_not() -> None:
    source = "class Draft: ...\nclass _Own: ...\nRow = tuple[int, str]\nLIMIT = 3\nT: type = int\nsmall = 1\n"
    assert list(definitions(source)) == ["Draft", "Row"]


def test_a_name_defined_in_two_files_is_named_with_both(tmp_path: Path) -> None:
    app = tmp_path / "app"
    (app / "ui").mkdir(parents=True)
    (app / "one.py").write_text("class Draft: ...\n")
    (app / "ui" / "two.py").write_text("Draft = tuple[int, str]\n")
    (app / "ui" / "three.py").write_text("class Other: ...\n")
    assert duplicates(app) == {"Draft": ["app/one.py", "app/ui/two.py"]}
