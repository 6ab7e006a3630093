"""Scripts and checklists: the built-in ones of each language, and the user's copies."""

from pathlib import Path

import pytest

from app import locales
from app.domain.codes import Stance
from app.domain.decision import Circumstances, ways_out
from app.domain.entities import Checklist, Script
from app.domain.exposure import PAYMENT_SCRIPTS
from app.domain.ladder import CONFIRMATION, KEEP_TO_AGREEMENT, STEP_SCRIPTS
from app.domain.languages import LANGUAGES
from app.store import content
from app.store.store import Store


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_scripts_and_checklists(store: Store, language: str) -> None:
    scripts, checklists = content.scripts(store, language), content.checklists(store, language)
    assert len(scripts) >= 14
    assert len(checklists) >= 3
    assert {view.id for view in scripts} == {view.id for view in content.scripts(store, "en")}
    assert [(view.id, view.moment) for view in scripts] == [
        (view.id, view.moment) for view in content.scripts(store, "en")
    ]
    assert {view.id: [item["id"] for item in view.items] for view in checklists} == {
        view.id: [item["id"] for item in view.items] for view in content.checklists(store, "en")
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_script_that_rules_refer_to_exists(language: str) -> None:
    named = {*STEP_SCRIPTS.values(), KEEP_TO_AGREEMENT, CONFIRMATION, *PAYMENT_SCRIPTS.values()}
    named |= {way.script for way in ways_out(Stance.COULD_LOSE, Circumstances({}, {}, 0, 0, 2, {}, {}))} - {
        ""
    }
    named |= {"already-sent", "deferred-request", "direct-conversation", "voicemail-next-call"}
    assert named <= {view.id for view in content.builtin_scripts(language)}


def test_a_language_without_content_has_none(store: Store) -> None:
    assert content.scripts(store, "xx") == []
    assert content.script(store, "xx", "push-back") is None


def test_an_edited_script_keeps_its_position_and_id_and_can_be_reset(store: Store) -> None:
    before = content.scripts(store, "ja")
    view = content.script(store, "ja", "push-back")
    content.save_copy(store, view, "私の文", "本文")
    edited = content.script(store, "ja", "push-back")
    assert (edited.title, edited.body, edited.edited, edited.own) == ("私の文", "本文", True, False)
    assert (edited.when, edited.channel, edited.order, edited.moment) == (
        view.when,
        view.channel,
        view.order,
        view.moment,
    )
    assert [one.id for one in content.scripts(store, "ja")] == [one.id for one in before]
    assert content.script(store, "fr", "push-back").edited is False

    content.save_copy(store, edited, "私の文", "別の本文")
    change = content.reset(store, edited)
    assert content.scripts(store, "ja") == before
    assert not content.reset(store, view)
    store.undo(change)
    assert content.script(store, "ja", "push-back").body == "別の本文"


def test_two_devices_that_edit_the_same_script_edit_the_same_record(store: Store) -> None:
    view = content.script(store, "en", "push-back")
    content.save_copy(store, view, "One", "one")
    content.save_copy(store, view, "Two", "two")  # from a screen opened before the first save
    with store.session() as session:
        assert len(session.query(Script).all()) == 1


def test_an_own_script_comes_last_and_can_be_changed_and_removed(store: Store) -> None:
    row = Script(language="fr", title="À moi", body="Bonjour {client}", moment="update", tone="warm")
    store.save(row)
    own = content.scripts(store, "fr")[-1]
    assert (own.id, own.title, own.body) == (row.id, "À moi", "Bonjour {client}")
    assert own in content.scripts(store, "fr", moment="update")
    assert all(view.moment == "update" for view in content.scripts(store, "fr", moment="update"))
    content.save_copy(store, own, "À moi", "Bonsoir {client}")
    changed = content.script(store, "fr", own.id)
    assert (changed.body, changed.own, changed.moment, changed.tone) == (
        "Bonsoir {client}",
        True,
        "update",
        "warm",
    )
    content.reset(store, changed)
    assert content.script(store, "fr", own.id) is None


def test_a_copy_of_a_removed_built_in_script_becomes_an_own_script(store: Store) -> None:
    store.save(
        Script(id="old", builtin_id="no-longer", language="en", title="Old", body="text", moment="update")
    )
    view = content.script(store, "en", "old")
    assert view.own
    content.save_copy(store, view, "Old", "new text")
    assert content.script(store, "en", "old").body == "new text"


def test_an_edited_checklist_can_be_reset(store: Store) -> None:
    view = content.checklists(store, "en", "reply")[0]
    content.save_checklist_copy(store, view, "Mine", [*view.items[:1], {"id": "x", "text": "Is it short?"}])
    edited = content.checklist(store, "en", view.id)
    assert [item["id"] for item in edited.items] == [view.items[0]["id"], "x"]
    assert (edited.edited, edited.order) == (True, view.order)
    content.reset(store, edited)
    assert content.checklist(store, "en", view.id) == view


def test_an_own_checklist_can_be_changed_and_removed(store: Store) -> None:
    items = [{"id": "a", "text": "Tickets"}, {"id": "b", "text": "Out of office"}]
    store.save(Checklist(language="en", title="Before a trip", moment="week", items=items))
    own = content.checklists(store, "en")[-1]
    assert (own.title, [item["text"] for item in own.items]) == (
        "Before a trip",
        ["Tickets", "Out of office"],
    )
    content.save_checklist_copy(store, own, "Before a trip", own.items[:1])
    assert len(store.get(Checklist, own.id).items) == 1
    content.reset(store, own)
    assert content.checklist(store, "en", own.id) is None


FRONT = "---\ntitle: T\nmoment: m\ntone: warm\norder: 1\nchannel: any\nwhen: w: always\n---\n"
SOUND = f"{FRONT}\nHello\n---\nthere\n"


@pytest.fixture
def locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a fictional language."""
    monkeypatch.setattr(locales, "LOCALES", tmp_path)
    content.builtin_scripts.cache_clear()
    content.builtin_checklists.cache_clear()
    for folder in ("scripts", "checklists"):
        (tmp_path / "xx" / folder).mkdir(parents=True)
    yield tmp_path / "xx"
    content.builtin_scripts.cache_clear()
    content.builtin_checklists.cache_clear()


def test_front_matter_ends_at_the_second_delimiter_and_values_may_contain_colons(
    store: Store, locale: Path
) -> None:
    (locale / "scripts" / "t.md").write_text(SOUND)
    view = content.script(store, "xx", "t")
    assert (view.title, view.when, view.order, view.body) == ("T", "w: always", 1, "Hello\n---\nthere")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "title: T",
        SOUND.replace("---\n\n", "\n"),
        SOUND.replace("title: T\n", ""),
        SOUND.replace("title: T", "title:"),
        SOUND.replace("title: T", "title: T\ntitle: U"),
        SOUND.replace("title: T", "tilte: T"),
        SOUND.replace("order: 1", "order: first"),
        FRONT,
        SOUND.replace("tone: warm", "tone warm"),
    ],
)
def test_an_error_names_the_malformed_script(store: Store, locale: Path, text: str) -> None:
    (locale / "scripts" / "broken-one.md").write_text(text.replace("\nHello\n---\nthere\n", "\nHello\n"))
    with pytest.raises(ValueError, match=r"broken-one\.md"):
        content.scripts(store, "xx")


@pytest.mark.parametrize("body", ["", "text", "- no colon", "- a: one\n- a: two", "- a:"])
def test_an_error_names_the_malformed_checklist(store: Store, locale: Path, body: str) -> None:
    (locale / "checklists" / "broken-one.md").write_text(f"---\ntitle: T\nmoment: m\norder: 1\n---\n{body}\n")
    with pytest.raises(ValueError, match=r"broken-one\.md"):
        content.checklists(store, "xx")
