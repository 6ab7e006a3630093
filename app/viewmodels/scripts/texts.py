"""The library of scripts and checklists: its contents, search and commands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.domain.column_types import ChecklistItem
from app.domain.entities import Checklist, Client, Entity, Script
from app.domain.languages import LANGUAGES
from app.domain.normalisation import normalise
from app.domain.validation import check
from app.i18n import _
from app.store import content, queries
from app.store.content import ChecklistView, ScriptView
from app.store.store import Change
from app.store.text_ranking import RankedText, rank, ranked_text
from app.viewmodels import items
from app.viewmodels.scripts import labels
from app.viewmodels.scripts.keys import key_of
from app.viewmodels.services import AppServices
from app.wording import words

ScriptsView = TypeVar("ScriptsView", ScriptView, ChecklistView)
E = TypeVar("E", Script, Checklist)


@dataclass(frozen=True)
class ScriptSection:
    """Scripts of one group of moments; `title` names the group."""

    title: str
    scripts: list[ScriptView]


def languages(app: AppServices) -> list[str]:
    """The languages the user writes in: the app's first, then the clients'."""
    usual = [app.settings.language, *(client.language for client in queries.clients(app.store))]
    return [language for language in dict.fromkeys(usual) if language in LANGUAGES]


def sections(app: AppServices, language: str, query: str, channel: str = "") -> list[ScriptSection]:
    """The scripts of a language by moment; with a query, those that match it, best first.

    Each script appears once, in its form for the channel. The search includes its other forms and synonyms.
    """
    if normalise(query):
        ranked = ranked_scripts(app, language, query, channel)
        return [ScriptSection(_("Best matches first"), ranked)] if ranked else []
    found = items.in_form(content.scripts(app.store, language), channel)
    grouped = labels.groups()
    placed = {moment for moments in grouped.values() for moment in moments}
    by_group = [
        ScriptSection(title, [script for script in found if script.moment in moments])
        for title, moments in grouped.items()
    ]
    others = ScriptSection(_("For any moment"), [script for script in found if script.moment not in placed])
    return [section for section in [*by_group, others] if section.scripts]


def ranked_scripts(app: AppServices, language: str, query: str, channel: str = "") -> list[ScriptView]:
    """The scripts of a language that match the query, best first."""
    every = content.scripts(app.store, language)
    forms: dict[str, list[ScriptView]] = {}
    for script in every:
        forms.setdefault(script.base or script.id, []).append(script)
    shown = items.in_form(every, channel)
    texts = [_searched(script, forms[script.base or script.id]) for script in shown]
    return [shown[place] for place in rank(texts, query, content.stop_words())]


def _searched(script: ScriptView, forms: Sequence[ScriptView]) -> RankedText:
    """The searched fields of a script and their weights: synonyms, all its forms, and its moment's name."""
    synonyms = content.synonyms()
    return ranked_text(
        ([synonyms.get(script.base, "")], 4.0),
        ([synonyms.get(script.moment, "")], 3.0),
        ([form.title for form in forms], 3.0),
        ([labels.moments().get(script.moment, "")], 2.0),
        ([form.when for form in forms], 1.0),
        ([form.body for form in forms], 0.5),
    )


def checklists(app: AppServices, language: str, query: str) -> list[ChecklistView]:
    """The checklists of a language that match the query, best first; all of them without a query."""
    every, synonyms = content.checklists(app.store, language), content.synonyms()
    texts = [
        ranked_text(
            ([synonyms.get(checklist.builtin_id, "")], 4.0),
            ([checklist.title, labels.checklist_moments().get(checklist.moment, "")], 3.0),
            ([item["text"] for item in checklist.items], 1.0),
        )
        for checklist in every
    ]
    return [every[place] for place in rank(texts, query, content.stop_words())]


# --- scripts ---------------------------------------------------------------------------------------------


def find_script(app: AppServices, id_: str, language: str) -> ScriptView | None:
    """A script in a language; the user's own scripts are found in any language."""
    return _find(lambda each: content.script(app.store, each, id_), language)


def save_script(
    app: AppServices, stored: ScriptView | None, initial: Script, draft: Script
) -> tuple[str, dict[str, str]]:
    """Save the draft as a new script, as changes to the user's own one, or as a copy of a built-in one.

    `initial` is the form's initial state. Returns the script's key ("" if it was not saved) and error
    messages by field.
    """
    problems = _problems(draft)
    if problems:
        return "", problems

    def change() -> Change:
        if stored and not stored.own:
            return content.save_copy(app.store, stored, draft.title, draft.body)
        return _keep(app, initial if stored else None, draft)

    kept = app.write(change, _("Saved"))
    return key_of(app, stored.id if stored else draft.id, draft.language) if kept else "", {}


def script_draft(app: AppServices, stored: ScriptView | None, language: str) -> Script:
    """The initial values of the form."""
    if stored is None:
        return Script(language=language, tone="warm", created_at=app.now)
    if stored.own:
        row = app.store.get(Script, stored.id)
        if row is not None:
            return row
    return Script(
        language=stored.language,
        title=stored.title,
        moment=stored.moment,
        tone=stored.tone,
        body=stored.body,
    )


# --- checklists ------------------------------------------------------------------------------------------


def find_checklist(app: AppServices, id_: str, language: str) -> ChecklistView | None:
    """A checklist in a language; the user's own checklists are found in any language."""
    return _find(lambda each: content.checklist(app.store, each, id_), language)


def checklist_draft(app: AppServices, stored: ChecklistView | None, language: str) -> Checklist:
    """The initial values of the form."""
    if stored is None:
        return Checklist(language=language, created_at=app.now)
    if stored.own:
        row = app.store.get(Checklist, stored.id)
        if row is not None:
            return row
    return Checklist(
        language=stored.language, title=stored.title, moment=stored.moment, items=list(stored.items)
    )


def save_checklist(
    app: AppServices, stored: ChecklistView | None, initial: Checklist, draft: Checklist
) -> tuple[str, dict[str, str]]:
    """Like `save_script`; empty lines are dropped, and at least one line must remain."""
    draft.items = [ChecklistItem(id=item["id"], text=item["text"].strip()) for item in draft.items]
    draft.items = [item for item in draft.items if item["text"]]
    problems = _problems(draft)
    if not draft.items:
        problems["items"] = _("Add at least one thing to check.")
    if problems:
        return "", problems

    def change() -> Change:
        if stored and not stored.own:
            return content.save_checklist_copy(app.store, stored, draft.title, draft.items)
        return _keep(app, initial if stored else None, draft)

    kept = app.write(change, _("Saved"))
    return key_of(app, stored.id if stored else draft.id, draft.language) if kept else "", {}


def moved(items: Sequence[ChecklistItem], index: int, by: int) -> list[ChecklistItem]:
    """Move one item up (-1) or down (1); unchanged at either end."""
    to = index + by
    if not 0 <= to < len(items):
        return list(items)
    rest = [item for place, item in enumerate(items) if place != index]
    return [*rest[:to], items[index], *rest[to:]]


# --- both ------------------------------------------------------------------------------------------------


def _keep(app: AppServices, initial: E | None, draft: E) -> Change:
    """Store a new script or checklist (`initial` is None), or merge the changes into the stored one."""
    if initial is None:
        return app.store.add(draft)
    return app.store.transact(lambda unit: unit.merge(initial, draft))


def reset(app: AppServices, view: ScriptView | ChecklistView) -> bool:
    """Restore a built-in text, or delete the user's own one. Undoable."""
    confirmation = _("Deleted") if view.own else _("Reset to the built-in text")
    return app.write(lambda: content.reset(app.store, view), confirmation)


def _find(load: Callable[[str], ScriptsView | None], language: str) -> ScriptsView | None:
    ordered = [language, *(other for other in LANGUAGES if other != language)]
    return next((view for view in map(load, ordered) if view is not None), None)


def _problems(draft: Entity) -> dict[str, str]:
    return {found.field: words.problem(found) for found in check(draft)}


def sections_for(app: AppServices, client: Client, query: str) -> list[ScriptSection]:
    """The sections in a client's language, with the forms for the channel last used with them."""
    channel = queries.last_channel(app.store, client.id) or ""
    return sections(app, client.language, query, channel)


def forms(app: AppServices, script: ScriptView) -> list[ScriptView]:
    """The forms of a script: e-mail, chat, spoken."""
    return content.forms(app.store, script)
