"""The stores' texts: whole in each language, and within the stores' limits."""

from pathlib import Path

import pytest

STORE = Path(__file__).parents[2] / "build" / "store"
LIMITS = {"title.txt": 30, "short.txt": 80, "description.txt": 4000}


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
@pytest.mark.parametrize("file", LIMITS)
def test_each_text_is_there_and_short_enough(language: str, file: str) -> None:
    text = (STORE / language / file).read_text(encoding="utf-8").strip()
    assert 10 <= len(text) <= LIMITS[file]


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_the_numbers_in_it_are_true(language: str) -> None:
    locales = STORE.parents[1] / "locales" / language
    text = (STORE / language / "description.txt").read_text(encoding="utf-8")
    for folder in ("scripts", "checklists"):
        assert f"{len(list((locales / folder).glob('*.md')))} " in text, folder
