"""Every screen in the pseudo-locale: a text without its letters is not translated.

The pseudo-locale puts accents on half the alphabet, so a word without any has not passed through gettext.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

from app.domain.entities import Settings
from app.domain.holidays import holidays_of
from app.store import sample
from app.store.database import open_database
from app.store.store import Store
from app.ui import app as app_root
from app.ui.routes import SCREENS
from app.ui.settings.about import PARTS
from app.ui.settings_screen import SECTIONS
from tests import pseudo_locale
from tests.unit.platform.screen import Screen

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)  # a Wednesday
TABLET, WIDE = 800, 1280

# Properties whose value a person reads, by the name under which they are sent.
READ = frozenset(
    {"value", "content", "label", "tooltip", "semantics_label", "text", "title", "subtitle", "hint_text",
     "helper", "helper_text", "error", "error_text", "prefix", "suffix", "counter", "message"}
)  # fmt: skip

KEYS = {
    "new": ("any", "message", "call", "client", "job"),
    "message": ("sample-message-0", "sample-message-5"),
    "edit-message": ("sample-message-0",),
    "acknowledge": ("sample-message-0",),
    "call": ("sample-call-0",),
    "standing-call": ("sample-client-ana", "sample-client-marcus"),
    "job": ("sample-job-landing", "sample-job-brochures", "sample-job-leaflet"),
    "edit-job": ("sample-job-brochures", "new"),
    "client": ("sample-client-ana", "sample-client-marcus"),
    "edit-client": ("sample-client-marcus", "new"),
    "exposure": ("all", "sample-client-tom"),
    "ladder": ("sample-client-marcus",),
    "agreement": ("agreement",),
    "update": ("new", "sample-update-0"),
    "script": ("acknowledge-only", "already-sent", "ask-not-guess"),
    "say": ("sample-client-marcus",),
    "edit-script": ("already-sent", "new.cy"),
    "checklist": ("before-delivery",),
    "edit-checklist": ("before-delivery", "new"),
    "workload": ("week",),
    "waiting": ("all",),
    "trust-share": ("90",),
    "import": ("jobs", "deadlines"),
    "search": ("all",),
    "settings": tuple(SECTIONS),
    "shut-out": ("nobody",),
}
TABS = ("/", "/jobs", "/clients", "/scripts", "/trust")
STACKED = tuple(f"/scripts/{kind}/{key}" for kind, keys in KEYS.items() for key in keys)
ROUTES = (*TABS, "/nothing/here", *STACKED)


def test_every_kind_of_screen_is_covered() -> None:
    assert KEYS.keys() == SCREENS.keys()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder with the sample data and settings in the pseudo-locale."""
    folder = tmp_path_factory.mktemp("pseudo")
    with pseudo_locale.added(folder / "locales"):
        store = Store(open_database(folder / "kaeru.db"), lambda: NOW)
        store.save(
            Settings(
                introduced=True, language=pseudo_locale.CODE, time_zone="Europe/Paris", name="[Îšýđöö]",
                currency="EUR", holiday_country="FR",
            )
        )  # fmt: skip
        sample.load_sample(store, pseudo_locale.CODE, NOW)
        store.close()
        yield folder


def controls(data: Path, route: str, width: int, monkeypatch: pytest.MonkeyPatch) -> Iterable[dict[str, Any]]:
    """The properties of every control on the screen."""
    monkeypatch.setenv("KAERU_DATA", str(data))
    monkeypatch.setenv("LANGUAGE", pseudo_locale.CODE)
    monkeypatch.setenv("TZ", "Europe/Paris")
    monkeypatch.setattr(app_root, "utc_now", lambda: NOW)

    async def show() -> Screen:
        screen = Screen()
        screen.page.route, screen.page.width = route, width
        await app_root.main(screen.page)
        for _turn in range(20):  # effects render parts of the screen again
            await asyncio.sleep(0)
        return screen

    return asyncio.run(show()).properties.values()


def shown(data: Path, route: str, width: int, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The texts on a screen: (control type and property, text)."""
    return [
        (f"{properties['_c']}.{name}", text)
        for properties in controls(data, route, width, monkeypatch)
        for name, text in properties.items()
        if isinstance(text, str) and (name in READ or "[" in text)
    ]


@pytest.mark.parametrize(("width", "day"), [(390, "Mer, 25 Tach"), (TABLET, "Dydd Mercher, 25 Tachwedd")])
def test_the_date_in_the_title_is_short_on_a_phone_and_long_on_a_tablet(
    data: Path, width: int, day: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles = [text for place, text in shown(data, "/", width, monkeypatch) if place == "Text.semantics_label"]
    assert titles.count(day) == 1


# --- allowed exceptions ------------------------------------------------------------------------------------

ACCENTED = re.compile("[acdegiosuyzACDEGINOSUYZ]")  # letters that the pseudo-locale always replaces
WORD = re.compile(r"[^\W\d_]{2,}")
ADDRESS = re.compile(r"\S*@\S+|\{\w+\}")  # addresses of sample clients; blanks of a script
NAMES = {
    "Kaeru": "the app",
    "Slack": "a product",
    "EUR USD": "codes of currencies",
    "English Français": "each language calls itself by its own name",
    "Paris": "a city",
    "Ctrl": "a key of the keyboard",
}
CODES = {"Segment.value", "Radio.value", "RadioGroup.value"}  # values of choices, not read


def cldr_words() -> set[str]:
    """The pseudo-locale takes dates, units, and currencies from a real language of CLDR."""
    parts = (
        "months",
        "days",
        "unit_patterns",
        "list_patterns",
        "currency_names",
        "currency_symbols",
        "time_zones",
    )
    return set(
        WORD.findall(" ".join(strings(Locale.parse(pseudo_locale.CODE)._data[part] for part in parts)))
    )


def strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif hasattr(node, "values"):
        for key in node:
            yield from strings(node[key])
    elif not isinstance(node, int) and node is not None:
        for each in node:
            yield from strings(each)


def holidays() -> set[str]:
    """A holiday without a name in the language keeps its English one."""
    return {each.key for country in ("FR", "US") for each in holidays_of(country)}


LEFT_ALONE = {word for names in (*NAMES, pseudo_locale.NAME) for word in WORD.findall(names)} | cldr_words()
LICENCES = {line for name, *rest in PARTS for line in (name, " · ".join(filter(None, rest)))} | {"MIT"}
TITLES = LICENCES | holidays()


def untranslated(text: str) -> list[str]:
    if text.replace("’", "'") in TITLES:
        return []
    words = WORD.findall(ADDRESS.sub(" ", text))
    return [word for word in words if ACCENTED.search(word) and word not in LEFT_ALONE]


def is_read(place: str) -> bool:
    """Whether a person reads this property: it is no code and no row key."""
    return place not in CODES and not place.endswith(".key")


@pytest.mark.parametrize(
    ("route", "width"), [*((route, 390) for route in ROUTES), *((tab, WIDE) for tab in TABS)]
)
def test_each_text_of_a_screen_is_translated(
    data: Path, route: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [(place, text) for place, text in shown(data, route, width, monkeypatch) if is_read(place)]
    assert any("[" in text for _place, text in texts)
    assert {text: (place, words) for place, text in texts if (words := untranslated(text))} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Reply now", ["Reply", "now"]),
        ("[Rééplýý býý] now", ["now"]),
        ("[Rééplýý býý Thursday]", ["Thursday"]),
        ("[Rééplýý býý [Gwen, 27 Tach ååt 18:00]]", []),
    ],
)
def test_untranslated_words_are_detected(text: str, found: list[str]) -> None:
    assert untranslated(text) == found
