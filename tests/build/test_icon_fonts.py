"""The icons that can be drawn are there, and no others; checked on Flet's own client."""

import io
from pathlib import Path

import icon_fonts
import pytest
from fontTools.ttLib import TTFont

# As Material Icons numbers them.
ADD, INBOX, CHEVRON_RIGHT, MENU_OPEN = 0xE047, 0xE33A, 0xE15F, 0xE3DE


@pytest.fixture(scope="module")
def icons(client: Path) -> icon_fonts.Icons:
    source = b"button(ft.Icons.ADD, selected=Icons.INBOX)"
    return icon_fonts.keep_drawn((client / "main.dart.js").read_text(encoding="utf-8"), [source])


def test_what_the_app_names_and_what_flutter_shows_by_itself_is_kept(icons: icon_fonts.Icons) -> None:
    drawn = icons.drawn["MaterialIcons"]
    assert {ADD, INBOX} <= drawn
    assert CHEVRON_RIGHT in drawn, "a date picker's"
    assert MENU_OPEN not in drawn
    assert len(drawn) < 100


def test_every_icon_keeps_its_place_in_the_list(client: Path, icons: icon_fonts.Icons) -> None:
    """Python names an icon by it."""
    before, after = (
        [found.split(",") for found in icon_fonts.LIST.findall(script)]
        for script in ((client / "main.dart.js").read_text(encoding="utf-8"), icons.script)
    )
    assert [len(names) for names in before] == [len(names) for names in after]
    made = {f"B.{name}" for name, _, _ in icon_fonts.CONSTANT.findall(icons.script)}
    assert all(name in made for names in after for name in names)
    kept = [(one, other) for one, other in zip(before[0], after[0], strict=True) if one in made]
    assert all(one == other for one, other in kept)


def test_a_font_holds_these_characters_alone(client: Path) -> None:
    font = (client / "assets" / "fonts" / "MaterialIcons-Regular.otf").read_bytes()
    cut = icon_fonts.cut_font(font, {ADD, INBOX})
    assert set(TTFont(io.BytesIO(cut)).getBestCmap()) == {ADD, INBOX}
    assert cut == icon_fonts.cut_font(font, {ADD, INBOX})


def test_an_icon_that_does_not_exist_ends_the_build() -> None:
    with pytest.raises(SystemExit, match="no icon NOSUCH"):
        icon_fonts.named([b"ft.Icons.NOSUCH"], [""] * 8825)
