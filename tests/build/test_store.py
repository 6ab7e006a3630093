"""The stores' texts and pictures: whole in each language, and within the stores' limits."""

import re
import tomllib
from pathlib import Path

import phone_project
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


@pytest.mark.parametrize(
    ("language", "menus"),
    [
        ("en", ["Settings → Your data", "Settings → Sync"]),
        ("fr", ["Réglages → Vos données", "Réglages → Synchronisation"]),
        ("ja", ["「設定」の「データ」", "「設定」の「同期」"]),
    ],
)
def test_the_privacy_policy_is_there_and_names_the_places_in_the_app(language: str, menus: list[str]) -> None:
    text = (STORE / language / "privacy.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert text.count("\n## ") == 5
    for told in (*menus, "AES-256-GCM", "2026"):
        assert told in text


def test_the_declarations_say_what_the_app_is_packaged_with() -> None:
    text = (STORE / "declarations.md").read_text(encoding="utf-8")
    settings = tomllib.loads((STORE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "flet"
    ]
    assert settings["ios"]["info"]["ITSAppUsesNonExemptEncryption"] is True
    assert "`ITSAppUsesNonExemptEncryption` is true" in text
    assert "`SCHEDULE_EXACT_ALARM`" in text
    assert "android.permission.USE_EXACT_ALARM" not in settings["android"]["permission"]
    assert phone_project.PRIVACY["NSPrivacyCollectedDataTypes"] == []
    assert "Data Not Collected" in text


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_what_a_closed_phone_cannot_know_is_said(language: str) -> None:
    text = (STORE / language / "description.txt").read_text(encoding="utf-8")
    (line,) = (each for each in text.splitlines() if re.search("Reminders|rappels|リマインダー", each))
    assert re.search("opened Kaeru on this phone|ouvert Kaeru|Kaeruを開く", line)


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_the_numbers_in_it_are_true(language: str) -> None:
    locales = STORE.parents[1] / "locales" / language
    text = (STORE / language / "description.txt").read_text(encoding="utf-8")
    for folder in ("scripts", "checklists"):
        assert str(len(list((locales / folder).glob("*.md")))) in re.findall(r"\d+", text), folder


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
