"""What the browser makes of the app before and outside it: in each language, from the catalogues."""

import json
from pathlib import Path
from typing import Any

import catalogues
import pytest
import words

WEB = catalogues.ROOT / "assets" / "web"


def manifest(language: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(words.manifests(WEB)[f"manifest.{language}.webmanifest"])
    return made


@pytest.mark.parametrize(
    ("language", "description", "shortcuts"),
    [
        ("fr", "Rép", ["Message", "Appel"]),
        ("ja", "早めに返す。定時に帰る。", ["メッセージ", "電話"]),
    ],
)
def test_the_launcher_shows_the_app_in_the_users_language(
    language: str, description: str, shortcuts: list[str]
) -> None:
    made = manifest(language)
    assert made["lang"] == language
    assert made["description"].startswith(description)
    assert [each["name"] for each in made["shortcuts"]] == shortcuts


def test_every_manifest_is_of_the_same_app() -> None:
    english = json.loads((WEB / "manifest.webmanifest").read_text())
    for language in catalogues.translations():
        made = manifest(language)
        assert made.keys() == english.keys()
        for name in english.keys() - {"lang", "description", "shortcuts"}:
            assert made[name] == english[name]
        assert [each["url"] for each in made["shortcuts"]] == [each["url"] for each in english["shortcuts"]]


def test_a_manifest_without_its_translation_ends_the_build(tmp_path: Path) -> None:
    (tmp_path / "manifest.webmanifest").write_text('{"description": "Not said anywhere", "shortcuts": []}')
    with pytest.raises(SystemExit, match="Not said anywhere"):
        words.manifests(tmp_path)
