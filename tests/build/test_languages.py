"""Adding a language takes an entry in LANGUAGES and a folder of locales/: page, builds and lints follow."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path

import catalogues
import content
import phone
import phone_project
import pytest
import wheels
import words
from babel.messages.catalog import Catalog

from tests import pseudo_locale
from tests.pseudo_locale import CODE, pseudo

WEB = catalogues.ROOT / "assets" / "web"
TAGLINE = "Reply in time. Go home on time."


@pytest.fixture(scope="module")
def template() -> Catalog:
    return catalogues.extract()


@pytest.fixture
def project(template: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The build scripts work on a project that has the pseudo-locale too."""
    pseudo_locale.write_project(tmp_path)
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
def test_the_catalogues_are_checked_and_compiled(template: Catalog) -> None:
    assert catalogues.translations() == [CODE, "fr", "ja"]
    assert list(catalogues.faults_in(catalogues.read(CODE), template)) == []


@pytest.mark.usefixtures("project")
def test_the_page_has_its_words_before_python_runs() -> None:
    table = json.loads(words.collect(WEB))
    assert table[CODE].keys() == table["fr"].keys()
    assert table[CODE][TAGLINE] == pseudo(TAGLINE)
    manifest = json.loads(words.manifests(WEB)[f"manifest.{CODE}.webmanifest"])
    assert (manifest["lang"], manifest["description"]) == (CODE, pseudo(TAGLINE))
    page = words.page((WEB / "index.html").read_bytes()).decode()
    assert f'<span lang="{CODE}">{pseudo("Kaeru needs JavaScript.")}</span>' in page


@pytest.fixture
def wheels_of_project(project: Path) -> Iterator[None]:
    importlib.reload(wheels)
    yield
    catalogues.ROOT = Path(catalogues.__file__).resolve().parent.parent
    importlib.reload(wheels)


@pytest.mark.usefixtures("wheels_of_project")
def test_the_browser_and_the_phone_keep_its_dates_and_numbers() -> None:
    assert wheels.is_used(f"babel/locale-data/{CODE}.dat")
    assert not wheels.is_used("babel/locale-data/de.dat")
    assert f"babel/locale-data/{CODE[0]}[!{CODE[1]}]*" in phone.unused_files()


@pytest.mark.usefixtures("project")
def test_ios_asks_in_it() -> None:
    assert phone_project.translations().keys() == {CODE, "fr", "ja"}


def test_a_whole_folder_passes_the_lint(tmp_path: Path) -> None:
    with pseudo_locale.added(tmp_path / "locales"):
        assert content.faults() == []


def test_the_lint_names_what_a_folder_lacks(tmp_path: Path) -> None:
    with pseudo_locale.added(tmp_path / "locales", whole=False):
        faults = content.faults()
    tables = ("csv.json", "times.json", "stop_words.json", "defaults.json")
    for name in ("scripts", "checklists", "sample.json", "synonyms.json", *tables):
        assert f"{CODE}: {name} is missing" in faults


def test_the_lint_names_a_column_without_a_word(tmp_path: Path) -> None:
    with pseudo_locale.added(tmp_path / "locales"):
        path = tmp_path / "locales" / CODE / "csv.json"
        table = json.loads(path.read_text(encoding="utf-8"))
        del table["columns"]["fee"]
        path.write_text(json.dumps(table), encoding="utf-8")
        assert content.faults() == [f"{CODE}: csv.json, columns: fee has no word"]
