"""The app's fonts have what the app says: else Flutter asks for two more at every start, and draws a box."""

import ast
import gettext
from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[2]
DRAWN_BY_ANY = range(0xA0)  # Flutter never looks elsewhere for these


# A field's room for its label on a phone 390 wide: between the screen's and the field's own edges, and beside
# the magnifying glass. Letters are 16 high, twice that at large text.
ROOM = {"text_field": 314, "AutosaveText": 314, "search_field": 280, "form.text": 314}
LETTERS = 32


def labels() -> Iterator[tuple[str, str]]:
    """Fields by their kind, and their labels as the code has them."""
    for path in (ROOT / "app" / "ui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (kind := ast.unparse(node.func)) in ROOM:
                for call in ast.walk(node.args[0]):
                    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_":
                        yield kind, ast.literal_eval(call.args[0])


def said() -> set[str]:
    """Every character of the catalogues, the scripts, the samples and the code's own words."""
    texts = [
        path.read_text(encoding="utf-8")
        for path in (ROOT / "locales").rglob("*")
        if path.suffix in {".po", ".md", ".json"}
    ]
    for path in (*(ROOT / "app" / "ui").rglob("*.py"), *(ROOT / "app" / "viewmodels").rglob("*.py")):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        texts += [
            node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
    return set("".join(texts))


@pytest.mark.parametrize("weight", ["Regular", "SemiBold"])
def test_every_character_of_the_apps_own_words_is_in_its_font(weight: str) -> None:
    known = TTFont(ROOT / "assets" / "fonts" / f"NotoSansJP-{weight}.woff2").getBestCmap()
    assert {char for char in said() if ord(char) not in DRAWN_BY_ANY and ord(char) not in known} == set()


@pytest.mark.parametrize("weight", ["Regular", "SemiBold"])
def test_latin_words_need_no_japanese_font_before_the_app_is_there(weight: str) -> None:
    known = TTFont(ROOT / "assets" / "web" / "fonts" / f"NotoSansLatin-{weight}.woff2").getBestCmap()
    latin = {char for char in said() if 0x20 <= ord(char) < 0x3000}
    assert {char for char in latin if ord(char) not in known} == set()


@pytest.mark.parametrize(
    "sent", ["🎍🎎🎏🎐🎑🧧🎋", "🫶🫡🥹🫠🪄", "🇫🇷🇯🇵🇬🇧", "👩🏽‍💻", "1️⃣#️⃣", "🦑🦒🥘🧋🪴🛒🚕🏯"]
)
def test_every_emoji_of_a_clients_message_has_a_glyph(sent: str) -> None:
    known = TTFont(ROOT / "assets" / "fonts" / "NotoEmoji-Regular.woff2").getBestCmap()
    assert {char for char in sent if ord(char) not in known} == set()


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_a_fields_label_is_whole_at_twice_the_text_size(language: str) -> None:
    """Flutter ends it in dots where it has no room; the catalogues have the words as they are shown."""
    font = TTFont(ROOT / "assets" / "fonts" / "NotoSansJP-Regular.woff2")
    glyphs, widths, em = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    words = gettext.translation("kaeru", ROOT / "locales", [language], fallback=True)

    def width(label: str) -> float:
        shown = words.gettext(label).format(currency="EUR") if "{" in label else words.gettext(label)
        return sum(widths[glyphs[ord(char)]][0] for char in shown) * LETTERS / em

    assert len(set(labels())) > 20
    assert {label for kind, label in labels() if width(label) > ROOM[kind]} == set()
