"""The scripts and checklists: what comes with the app, and what the user made of it.

A user's copy of a built-in text has an id made from its name: two devices that edit it share one copy.
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
"""Forms of a text, as its `channel` says: short, for a chat; and for what is best said aloud."""

OWN_ORDER = 100_000
"""Where the user's own texts stand: after the built-in ones."""


@dataclass(frozen=True)
class ScriptView:
    """A text to say, as the user sees it.

    `id` is the built-in's id, edited or not, so that links to it last; for the user's own text the record's.
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
    claims: tuple[str, ...] = ()  # what a built-in text states beyond its blanks
    variant_of: str = ""  # the built-in text this one says in another form: short for chat, or aloud

    @property
    def base(self) -> str:
        """The id the rules know the text by, in whichever form it is."""
        return self.variant_of or self.builtin_id


@dataclass(frozen=True)
class ChecklistView:
    """Things to go through, as the user sees them. `id` as in ScriptView."""

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

# --- what comes with the app -----------------------------------------------------------------------------


@cache
def builtin_scripts(language: str) -> tuple[ScriptView, ...]:
    """In their order. ValueError naming the file that is malformed."""
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
    """Other words people look for a text by, in all languages, by moment and by the text's id."""
    found: dict[str, str] = {}
    for language in sorted(LANGUAGES):
        for key, words in locales.own_table(language, "synonyms.json").items():
            found[key] = f"{found.get(key, '')} {words}"
    return found


@cache
def stop_words() -> frozenset[str]:
    """Words of any language that say nothing of what a text is about, spelled as `normalise` does."""
    found: set[str] = set()
    for language in sorted(LANGUAGES):
        if words := locales.own_table(language, "stop_words.json"):
            found.update(normalise(words).split())
    return frozenset(found)


@cache
def builtin_checklists(language: str) -> tuple[ChecklistView, ...]:
    """In their order. ValueError naming the file that is malformed."""
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
    """Front matter (`key: value` lines between two `---`) and the body after it."""
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
    """All of one language, or those for a moment, in their order: the built-in ones first."""
    with store.session() as session:
        rows = session.scalars(select(Script).where(col(Script.language) == language)).all()
    views = _overlay(builtin_scripts(language), map(_script_view, rows), _edited_script)
    return [view for view in views if moment in {None, view.moment}]


def script(store: Store, language: str, id_: str) -> ScriptView | None:
    return next((view for view in scripts(store, language) if view.id == id_), None)


def forms(store: Store, view: ScriptView) -> list[ScriptView]:
    """A text in all its forms, the usual one first; only itself if it has no other."""
    if not view.builtin_id:
        return [view]
    same = [each for each in scripts(store, view.language) if each.builtin_id and each.base == view.base]
    return sorted(same, key=lambda each: (bool(each.variant_of), each.order))


def save_copy(store: Store, view: ScriptView, title: str, body: str) -> Change:
    """Keep the user's wording of a text; a built-in one can be had back with `reset`."""
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
    """All of one language, or those for a moment, in their order: the built-in ones first."""
    with store.session() as session:
        rows = session.scalars(select(Checklist).where(col(Checklist.language) == language)).all()
    views = _overlay(builtin_checklists(language), map(_checklist_view, rows), _edited_checklist)
    return [view for view in views if moment in {None, view.moment}]


def checklist(store: Store, language: str, id_: str) -> ChecklistView | None:
    return next((view for view in checklists(store, language) if view.id == id_), None)


def save_checklist_copy(
    store: Store, view: ChecklistView, title: str, items: Iterable[ChecklistItem]
) -> Change:
    """Keep the user's version of a checklist. Items keep their ids, so that what is ticked stays ticked."""
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
    """Keep what was typed in the user's copy of `shown`, which is made if there is none."""
    edited = type(shown)(**{**shown.model_dump(), **typed})

    def change(unit: UnitOfWork) -> None:
        if unit.find(type(shown), shown.id) is None:
            unit.add(edited)
        else:
            unit.merge(shown, edited)

    return store.transact(change)


def reset(store: Store, view: ScriptView | ChecklistView) -> Change:
    """Forget what the user made of it: a built-in text is as it came, one of their own is gone. Undoable."""
    row = store.get(Script if isinstance(view, ScriptView) else Checklist, _row_id(view))
    return store.delete(row) if row is not None else Change()


def _overlay(
    builtin: Sequence[ContentView],
    rows: Iterable[ContentView],
    edit: Callable[[ContentView, ContentView], ContentView],
) -> list[ContentView]:
    """The built-in ones as the user edited them, then the user's own.

    A copy of a built-in text that no longer comes with the app is the user's own by now.
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
