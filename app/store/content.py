"""Scripts and checklists: the built-in texts and the user's edits.

A user's copy of a built-in text has a deterministic id, so devices that edit the same text share one copy.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select
from sqlmodel import col

from app import locales
from app.domain.column_types import ChecklistItem
from app.domain.entities import Checklist, Script
from app.domain.languages import LANGUAGES
from app.domain.normalisation import normalise
from app.store.changes import Change
from app.store.store import Store
from app.store.unit_of_work import UnitOfWork

FRONT = ("title", "moment", "tone", "order", "channel", "when")

CHAT, SPOKEN = "chat", "spoken"
"""Values of `channel` for variants of a text: short for a chat, or worded to be said aloud."""

OWN_ORDER = 100_000
"""Sort order of the user's own texts: after all built-in ones."""


@dataclass(frozen=True)
class ScriptView:
    """A script as the user sees it.

    `id` is the built-in text's id, whether edited or not, so links stay valid; for own texts the record's id.
    """

    id: str
    builtin_id: str  # empty for the user's own
    language: str
    title: str
    moment: str
    tone: str
    body: str
    when: str = ""  # when to use it, in a sentence
    channel: str = "any"
    order: int = OWN_ORDER
    own: bool = False  # written by the user
    edited: bool = False  # a built-in text the user has changed
    claims: tuple[str, ...] = ()  # what a built-in text states beyond its placeholders
    variant_of: str = ""  # id of the built-in text that this is the chat or spoken form of

    @property
    def base(self) -> str:
        """The id by which rules refer to the text, regardless of its form."""
        return self.variant_of or self.builtin_id


@dataclass(frozen=True)
class ChecklistView:
    """A checklist as the user sees it. `id` as in ScriptView."""

    id: str
    builtin_id: str
    language: str
    title: str
    moment: str
    items: tuple[ChecklistItem, ...]
    order: int = OWN_ORDER
    own: bool = False
    edited: bool = False


ContentView = TypeVar("ContentView", ScriptView, ChecklistView)
Copy = TypeVar("Copy", Script, Checklist)

# --- built-in texts ---------------------------------------------------------------------------------------


@cache
def builtin_scripts(language: str) -> tuple[ScriptView, ...]:
    """The built-in scripts, sorted. Raises ValueError naming the file if one is malformed."""
    found = []
    for path in _files(language, "scripts"):
        front, body = _parse(path, FRONT, ("claims", "variant"))
        found.append(
            ScriptView(
                id=path.stem,
                builtin_id=path.stem,
                language=language,
                title=front["title"],
                moment=front["moment"],
                tone=front["tone"],
                body=body,
                when=front["when"],
                channel=front["channel"],
                order=_number(path, front["order"]),
                claims=tuple(front.get("claims", "").split()),
                variant_of=front.get("variant", ""),
            )
        )
    return tuple(sorted(found, key=_place))


@cache
def synonyms() -> dict[str, str]:
    """Search synonyms of all languages, by moment and by text id."""
    found: dict[str, str] = {}
    for language in sorted(LANGUAGES):
        for key, words in locales.own_table(language, "synonyms.json").items():
            found[key] = f"{found.get(key, '')} {words}"
    return found


@cache
def stop_words() -> frozenset[str]:
    """Words to ignore in searches, in all languages, spelled as `normalise` does."""
    found: set[str] = set()
    for language in sorted(LANGUAGES):
        if words := locales.own_table(language, "stop_words.json"):
            found.update(normalise(words).split())
    return frozenset(found)


@cache
def builtin_checklists(language: str) -> tuple[ChecklistView, ...]:
    """The built-in checklists, sorted. Raises ValueError naming the file if one is malformed."""
    found = []
    for path in _files(language, "checklists"):
        front, body = _parse(path, ("title", "moment", "order"))
        found.append(
            ChecklistView(
                id=path.stem,
                builtin_id=path.stem,
                language=language,
                title=front["title"],
                moment=front["moment"],
                items=_items(path, body),
                order=_number(path, front["order"]),
            )
        )
    return tuple(sorted(found, key=_place))


def _files(language: str, folder: str) -> list[Path]:
    """English ones for a language that has none yet; none for one that only a newer version has."""
    own = locales.LOCALES / language / folder
    return sorted((locales.place(language, folder) if language in LANGUAGES else own).glob("*.md"))


def _parse(path: Path, keys: Sequence[str], optional: Sequence[str] = ()) -> tuple[dict[str, str], str]:
    """Split a file into front matter (`key: value` lines between two `---`) and body."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0] != "---" or "---" not in lines[1:]:
        raise ValueError(f"{path}: no front matter between two lines of ---")
    end = lines.index("---", 1)
    front: dict[str, str] = {}
    for number, line in enumerate(lines[1:end], start=2):
        key, colon, value = line.partition(":")
        if not colon or key not in (*keys, *optional) or key in front:
            raise ValueError(f"{path}:{number}: not one `key: value` of {', '.join(keys)}")
        front[key] = value.strip()
    if missing := [key for key in keys if not front.get(key)]:
        raise ValueError(f"{path}: no {', '.join(missing)}")
    body = "\n".join(lines[end + 1 :]).strip()
    if not body:
        raise ValueError(f"{path}: nothing after the front matter")
    return front, body


def _items(path: Path, body: str) -> tuple[ChecklistItem, ...]:
    items: list[ChecklistItem] = []
    for line in filter(None, body.splitlines()):
        id_, colon, text = line.removeprefix("- ").partition(": ")
        known = any(item["id"] == id_ for item in items)
        if not line.startswith("- ") or not colon or not text.strip() or known:
            raise ValueError(f"{path}: not `- item-id: text` with an id of its own: {line!r}")
        items.append(ChecklistItem(id=id_, text=text.strip()))
    return tuple(items)


def _number(path: Path, text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"{path}: order is not a number: {text!r}")
    return int(text)


def _place(view: ScriptView | ChecklistView) -> tuple[int, str, str]:
    return view.order, view.title.casefold(), view.id


# --- scripts ---------------------------------------------------------------------------------------------


def scripts(store: Store, language: str, moment: str | None = None) -> list[ScriptView]:
    """The scripts of a language, optionally for one moment, sorted: built-in ones first."""
    with store.session() as session:
        rows = session.scalars(select(Script).where(col(Script.language) == language)).all()
    views = _overlay(builtin_scripts(language), map(_script_view, rows), _edited_script)
    return [view for view in views if moment in {None, view.moment}]


def script(store: Store, language: str, id_: str) -> ScriptView | None:
    return next((view for view in scripts(store, language) if view.id == id_), None)


def forms(store: Store, view: ScriptView) -> list[ScriptView]:
    """All forms of a text, the default form first; only the text itself if it has no others."""
    if not view.builtin_id:
        return [view]
    same = [each for each in scripts(store, view.language) if each.builtin_id and each.base == view.base]
    return sorted(same, key=lambda each: (bool(each.variant_of), each.order))


def save_copy(store: Store, view: ScriptView, title: str, body: str) -> Change:
    """Save the user's wording of a text. `reset` restores a built-in one."""
    return _save_copy(
        store,
        Script(
            id=_row_id(view),
            builtin_id=view.builtin_id,
            language=view.language,
            title=view.title,
            body=view.body,
            moment=view.moment,
            tone=view.tone,
        ),
        {"title": title, "body": body},
    )


# --- checklists ------------------------------------------------------------------------------------------


def checklists(store: Store, language: str, moment: str | None = None) -> list[ChecklistView]:
    """The checklists of a language, optionally for one moment, sorted: built-in ones first."""
    with store.session() as session:
        rows = session.scalars(select(Checklist).where(col(Checklist.language) == language)).all()
    views = _overlay(builtin_checklists(language), map(_checklist_view, rows), _edited_checklist)
    return [view for view in views if moment in {None, view.moment}]


def checklist(store: Store, language: str, id_: str) -> ChecklistView | None:
    return next((view for view in checklists(store, language) if view.id == id_), None)


def save_checklist_copy(
    store: Store, view: ChecklistView, title: str, items: Iterable[ChecklistItem]
) -> Change:
    """Save the user's version of a checklist. Items keep their ids, so ticked items stay ticked."""
    return _save_copy(
        store,
        Checklist(
            id=_row_id(view),
            builtin_id=view.builtin_id,
            language=view.language,
            title=view.title,
            items=list(view.items),
            moment=view.moment,
        ),
        {"title": title, "items": list(items)},
    )


# --- both ------------------------------------------------------------------------------------------------


def _save_copy(store: Store, shown: Copy, typed: Mapping[str, Any]) -> Change:
    """Save the edits in the user's copy of `shown`, creating the copy if necessary."""
    edited = type(shown)(**{**shown.model_dump(), **typed})

    def change(unit: UnitOfWork) -> None:
        if unit.find(type(shown), shown.id) is None:
            unit.add(edited)
        else:
            unit.merge(shown, edited)

    return store.transact(change)


def reset(store: Store, view: ScriptView | ChecklistView) -> Change:
    """Discard the user's edits of a built-in text, or delete an own text. Undoable."""
    row = store.get(Script if isinstance(view, ScriptView) else Checklist, _row_id(view))
    return store.delete(row) if row is not None else Change()


def _overlay(
    builtin: Sequence[ContentView],
    rows: Iterable[ContentView],
    edit: Callable[[ContentView, ContentView], ContentView],
) -> list[ContentView]:
    """Built-in texts with the user's edits applied, then the user's own texts.

    A copy of a built-in text that has been removed from the app counts as the user's own.
    """
    found = {view.id: view for view in builtin}
    own: list[ContentView] = []
    for row in rows:
        if row.builtin_id in found:
            found[row.builtin_id] = edit(found[row.builtin_id], row)
        else:
            own.append(row)
    return sorted(found.values(), key=_place) + sorted(own, key=_place)


def _edited_script(base: ScriptView, row: ScriptView) -> ScriptView:
    return replace(base, title=row.title, body=row.body, edited=True, claims=())


def _edited_checklist(base: ChecklistView, row: ChecklistView) -> ChecklistView:
    return replace(base, title=row.title, items=row.items, edited=True)


def _row_id(view: ScriptView | ChecklistView) -> str:
    kind = "script" if isinstance(view, ScriptView) else "checklist"
    return view.id if view.own else f"{kind}-{view.language}-{view.builtin_id}"


def _script_view(row: Script) -> ScriptView:
    return ScriptView(
        row.id, row.builtin_id, row.language, row.title, row.moment, row.tone, row.body, own=True
    )


def _checklist_view(row: Checklist) -> ChecklistView:
    return ChecklistView(
        row.id, row.builtin_id, row.language, row.title, row.moment, tuple(row.items), own=True
    )
