"""Everyday search queries find a fitting text among the first three results."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.entities import Client, Message, Script
from app.store import content
from app.ui.routes import SCREENS
from app.ui.settings_screen import SECTIONS
from app.ui.state import AppState
from app.viewmodels import record
from app.viewmodels import search as everything
from app.viewmodels.scripts import texts as model
from app.viewmodels.search_places import places

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
LANGUAGES = ("en", "fr", "ja")
CASES = [
    (path.stem, query, frozenset(texts.split()))
    for path in sorted((Path(__file__).parent / "searches").glob("*.txt"))
    for query, texts in (line.split(" = ") for line in path.read_text(encoding="utf-8").splitlines())
]


def shown(app: AppState, query: str, language: str) -> list[str]:
    return [script.base for section in model.sections(app, language, query) for script in section.scripts]


@pytest.mark.parametrize(("language", "query", "texts"), CASES)
def test_an_everyday_query_finds_a_fitting_text_among_the_first_three(
    app: AppState, language: str, query: str, texts: frozenset[str]
) -> None:
    first = shown(app, query, language)[:3]
    assert texts & set(first), first


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_sixty_queries_that_name_existing_texts(language: str) -> None:
    known = {script.id for script in content.builtin_scripts(language)}
    cases = [(query, texts) for spoken, query, texts in CASES if spoken == language]
    assert len({query for query, _texts in cases}) >= 60
    assert all(texts and texts <= known for _query, texts in cases)


# --- the global search -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "query", "text"),
    [
        ("ja", "体調不良", "raise-delay-early"),
        ("fr", "impayé", "payment-reminder"),
        ("en", "ill", "raise-delay-early"),
    ],
)
def test_the_global_search_finds_built_in_texts(app: AppState, language: str, query: str, text: str) -> None:
    app.settings.language = language
    found = everything.find(app, query, 40)
    assert text in [row.key for row in found if row.kind_of_screen == "script"][:3]


@pytest.mark.parametrize(
    ("language", "query", "place"),
    [
        ("ja", "源泉徴収", ("new", "job")),
        ("ja", "手数料", ("new", "job")),
        ("ja", "支払サイト", ("settings", "replies")),
        ("ja", "通貨", ("settings", "you")),
        ("fr", "délai de paiement", ("settings", "replies")),
        ("fr", "commission", ("new", "job")),
        ("fr", "sauvegarde", ("settings", "data")),
        ("en", "withholding", ("new", "job")),
        ("en", "payment terms", ("settings", "replies")),
        ("en", "dark mode", ("settings", "appearance")),
    ],
)
def test_a_setting_is_found_by_its_everyday_name(
    app: AppState, language: str, query: str, place: tuple[str, str]
) -> None:
    app.settings.language = language
    assert place in [(row.kind_of_screen, row.key) for row in everything.find(app, query, 40)][:3]


def test_every_setting_in_the_search_opens_an_existing_screen() -> None:
    assert all(each.kind in SCREENS for each in places())
    assert {each.key for each in places() if each.kind == "settings"} <= SECTIONS.keys()
    assert {each.key for each in places() if each.kind == "new"} <= set(record.WHAT)


def test_the_users_records_come_before_built_in_texts(app: AppState) -> None:
    app.store.save(Client(id="c", name="Invoice Ltd"), Message(id="m", client_id="c", summary="An invoice"))
    found = everything.find(app, "invoice", 40)
    assert [row.key for row in found[:2]] == ["c", "m"]
    assert 0 < len(found) - 2 <= everything.BUILT_IN
    assert [row.key for row in everything.find(app, "invoice", 1)] == ["c"]


def test_an_edited_text_is_found_once_and_opens(app: AppState) -> None:
    view = content.script(app.store, "en", "late-reply")
    assert view is not None
    content.save_copy(app.store, view, "Belated answer, zebra", "Dear {client}, a late zebra")
    for query in ("zebra", "belated"):
        found = everything.find(app, query, 40)
        assert [row.key for row in found].count("late-reply") == 1
        assert all(
            content.script(app.store, "en", row.key) for row in found if row.kind_of_screen == "script"
        )


def test_checklists_are_found_by_their_purpose(app: AppState) -> None:
    assert [each.id for each in model.checklists(app, "en", "contract scam")][:1] == ["before-taking-job"]
    assert [each.id for each in model.checklists(app, "ja", "納品")][:1] == ["before-delivery"]
    assert [each.id for each in model.checklists(app, "fr", "bilan de la semaine")][:1] == ["weekly-review"]
    assert len(model.checklists(app, "en", "")) == 5
    assert model.checklists(app, "en", "zebra") == []


@pytest.mark.parametrize(
    "query", ["", "   ", "…", "?!", "the", "の", "x" * 5000, "\ud800", "😀", "0", "が" * 300]
)
def test_unusual_queries_raise_no_error(app: AppState, query: str) -> None:
    assert model.sections(app, "en", query) is not None


def test_the_users_own_text_is_found_by_part_of_a_word(app: AppState) -> None:
    app.store.save(Script(id="mine", language="ja", title="送料の説明", body="切手代について"))
    assert shown(app, "切手", "ja") == [""]
    assert [s.id for s in model.ranked_scripts(app, "ja", "切手代")] == ["mine"]
