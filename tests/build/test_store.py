"""The stores' texts and pictures: whole in each language, and within the stores' limits."""

from pathlib import Path

import pytest
from PIL import Image

STORE = Path(__file__).parents[2] / "build" / "store"
LIMITS = {"title.txt": 30, "short.txt": 80, "description.txt": 4000}
SIZES = {"feature.jpg": (1024, 500), "play/*.jpg": (1080, 1920), "app-store/*.jpg": (1320, 2868)}
PICTURES = {"feature.jpg": 1, "play/*.jpg": 4, "app-store/*.jpg": 4}


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


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
@pytest.mark.parametrize("files", SIZES)
def test_each_picture_is_there_in_the_form_that_its_store_takes(language: str, files: str) -> None:
    pictures = sorted((STORE / language).glob(files))
    assert len(pictures) == PICTURES[files]
    assert len({picture.read_bytes() for picture in pictures}) == len(pictures)
    for path in pictures:
        with Image.open(path) as picture:
            assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", SIZES[files]), path.name


def test_each_language_shows_the_same_screens() -> None:
    names = [
        sorted(path.relative_to(STORE / language).as_posix() for path in (STORE / language).rglob("*.jpg"))
        for language in ("en", "fr", "ja")
    ]
    assert names[0] == names[1] == names[2]
