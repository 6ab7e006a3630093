"""The app's fonts have what the app says: else Flutter asks for two more at every start, and draws a box."""

import ast
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[2]
DRAWN_BY_ANY = range(0xA0)  # Flutter never looks elsewhere for these


def said() -> set[str]:
    """Every character of the catalogues, the scripts, the samples and the code's own words."""
    texts = [
        path.read_text(encoding="utf-8")
        for path in (ROOT / "locales").rglob("*")
        if path.suffix in {".po", ".md", ".json"}
    ]
    for path in (ROOT / "app" / "ui").rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        texts += [
            node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
    return set("".join(texts))


@pytest.mark.parametrize("weight", ["Regular", "SemiBold"])
def test_every_character_of_the_apps_own_words_is_in_its_font(weight: str) -> None:
    known = TTFont(ROOT / "assets" / "fonts" / f"NotoSansJP-{weight}.woff2").getBestCmap()
    assert {char for char in said() if ord(char) not in DRAWN_BY_ANY and ord(char) not in known} == set()
