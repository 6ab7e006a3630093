"""The gate that keeps a half-translated string from landing."""

import io
from pathlib import Path

import catalogues
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

HEADER = 'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'


def faults(po: str, *code: str | tuple[str, str]) -> list[str]:
    """What is wrong with a French catalogue where the code has these strings."""
    template = Catalog()
    for text in code:
        template.add(text)
    catalogue = read_po(io.BytesIO((HEADER + po).encode()), locale="fr")
    return list(catalogues.faults_in(catalogue, template))


@pytest.mark.parametrize(
    "po",
    [
        'msgid "Due {when}"\nmsgstr "Échéance {when}"',
        'msgid "Due {when}"\nmsgstr "{when} : l’échéance"',
    ],
)
def test_a_whole_translation_has_no_fault(po: str) -> None:
    assert faults(po, "Due {when}") == []


@pytest.mark.parametrize(
    ("po", "fault"),
    [
        ("", "is missing"),
        ('msgid "Due {when}"\nmsgstr ""', "is not translated"),
        ('#, fuzzy\nmsgid "Due {when}"\nmsgstr "Échéance {when}"', "is fuzzy"),
        ('msgid "Due {when}"\nmsgstr "Échéance {quand}"', "placeholders differ (quand, when)"),
        ('msgid "Due {when}"\nmsgstr "Échéance"', "placeholders differ (when)"),
    ],
)
def test_each_fault_of_a_translation_is_named(po: str, fault: str) -> None:
    (found,) = faults(po, "Due {when}")
    assert "“Due {when}”" in found
    assert fault in found


def test_every_plural_form_is_wanted_and_one_may_leave_the_number_out() -> None:
    source = 'msgid "{n} job"\nmsgid_plural "{n} jobs"\n'
    code = ("{n} job", "{n} jobs")
    assert faults(source + 'msgstr[0] "une mission"\nmsgstr[1] "{n} missions"', code) == []
    assert "is not translated" in faults(source + 'msgstr[0] "{n} mission"\nmsgstr[1] ""', code)[0]
    assert "placeholders differ" in faults(source + 'msgstr[0] "{n} mission"\nmsgstr[1] "missions"', code)[0]


def test_a_string_the_code_no_longer_has_is_named() -> None:
    assert "no longer used" in faults('msgid "Old"\nmsgstr "Ancien"')[0]
    assert "obsolete" in faults('#~ msgid "Older"\n#~ msgstr "Plus ancien"')[0]


def test_strings_of_python_and_of_the_page_are_both_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "babel.cfg").write_text((catalogues.ROOT / "babel.cfg").read_text())
    screen, page = tmp_path / "app" / "ui" / "today.py", tmp_path / "assets" / "web" / "main.mjs"
    for path in (screen, page):
        path.parent.mkdir(parents=True)
    screen.write_text('_("Due"); n_("{n} job", "{n} jobs", 2); p_("verb", "Open"); other("Not shown")')
    page.write_text('const shown = _("Loading…");')
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    found = {(message.context, message.id) for message in catalogues.messages(catalogues.extract())}
    assert found == {(None, "Due"), (None, ("{n} job", "{n} jobs")), ("verb", "Open"), (None, "Loading…")}


def write_code(root: Path) -> None:
    """A project that has one string, in the languages of the real one."""
    listed = root / catalogues.LIST
    listed.parent.mkdir(parents=True)
    listed.write_text((catalogues.ROOT / catalogues.LIST).read_text())
    (root / "app" / "words.py").write_text('_("Due")')


def test_a_language_that_is_new_in_the_list_gets_a_catalogue(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "babel.cfg").write_text((catalogues.ROOT / "babel.cfg").read_text())
    write_code(tmp_path)
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    catalogues.update()
    assert [message.id for message in catalogues.messages(catalogues.read("fr"))] == ["Due"]


def test_update_then_compile_carries_a_translation_to_the_app(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "babel.cfg").write_text((catalogues.ROOT / "babel.cfg").read_text())
    write_code(tmp_path)
    for language in catalogues.translations():
        folder = tmp_path / "locales" / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "kaeru.po").write_text(HEADER + 'msgid "Gone"\nmsgstr "x"\n')
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    catalogues.update()
    po = tmp_path / "locales" / "fr" / "LC_MESSAGES" / "kaeru.po"
    written = po.read_text()
    assert 'msgid "Due"\nmsgstr ""' in written
    assert "Gone" not in written
    po.write_text(written.replace('msgid "Due"\nmsgstr ""', 'msgid "Due"\nmsgstr "Échéance"'))
    catalogues.compile_all()
    with po.with_suffix(".mo").open("rb") as file:
        message = read_mo(file).get("Due")
    assert message is not None
    assert message.string == "Échéance"
