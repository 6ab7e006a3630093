"""Finds words in everything the user wrote: trigrams for longer words, a scan for short ones."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, column, func, select, table
from sqlalchemy.orm import Session
from sqlmodel import col

from app.domain.entities import KINDS, Entity, Job, Part
from app.store.records import Fields, Key, encode

if TYPE_CHECKING:
    from app.store.store import Store

MAX_QUERY = 200
"""Characters of a query that are looked at; more is a paste by mistake."""

TRIGRAM = 3
"""Words shorter than this have no trigram and are looked for one text after the other."""

SNIPPET_LEAD, SNIPPET_LENGTH = 20, 100

_doc = table("search_doc", *map(column, ("number", "id", "kind", "at", "title_size", "text")))
_index = table("search_index", column("rowid"), column("text"))

_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
_LETTERS = {ord("œ"): "oe", ord("æ"): "ae", ord("ø"): "o", ord("ł"): "l", 0: None} | _KATAKANA_TO_HIRAGANA
_ACCENTS = dict.fromkeys(range(0x300, 0x370))  # the Japanese voicing marks lie elsewhere and stay


@dataclass(frozen=True)
class Hit:
    kind: str
    id: str
    title: str
    snippet: str  # the text around the first word found, on one line
    client_id: str  # empty for what belongs to no client


def normalise(text: str) -> str:
    """One spelling for what a reader takes for the same.

    Width, case, accents on Latin letters, katakana or hiragana and the number of spaces make no difference.
    """
    if text.isascii():
        text = text.lower().replace("\0", "")
    else:
        text = text.encode(errors="ignore").decode()  # a lone surrogate cannot be stored or looked for
        text = unicodedata.normalize("NFKC", text).casefold()
        text = unicodedata.normalize("NFD", text).translate(_ACCENTS)
        text = unicodedata.normalize("NFC", text).translate(_LETTERS)
    return " ".join(text.split())


def texts_of(kind: str, fields: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is searched of a thing: its title, and the rest. None: this kind is not searched."""
    texts: tuple[str, str] | None = None
    match kind:
        case "client":
            handles = [channel["handle"] for channel in fields["channels"]]
            texts = (
                fields["name"],
                _lines(fields["organisation"], fields["reading"], *handles, fields["notes"]),
            )
        case "message":
            texts = fields["summary"], _lines(fields["body"], *_questions(fields))
        case "job":
            about = (fields["platform"], fields["notes"], fields["rating_comment"])
            texts = fields["title"], _lines(*about, *_questions(fields))
        case "part":
            texts = fields["title"], ""
        case "call" | "conversation":
            texts = fields["note"], ""
        case "update" | "topic":
            texts = fields["text"], ""
        case "script":
            texts = fields["title"], fields["body"]
        case "checklist":
            texts = fields["title"], _lines(*(item["text"] for item in fields["items"]))
    return texts


def _lines(*texts: str) -> str:
    return "\n".join(filter(None, texts))


def _questions(fields: Mapping[str, Any]) -> list[str]:
    return [question["text"] for question in fields["questions"]]


# --- kept in step by the writer, in its transaction ----------------------------------------------------

_UPSERT = """
    INSERT INTO search_doc (id, kind, at, title_size, text) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET at = excluded.at, title_size = excluded.title_size, text = excluded.text
    WHERE excluded.text != text OR excluded.at != at OR excluded.title_size != title_size"""


def index(connection: Connection, rows: Iterable[tuple[Key, Fields]]) -> None:
    """Take note of new or changed things, given whole."""
    docs: list[tuple[str, str, str, int, str]] = []
    for (kind, id_), fields in rows:
        texts = texts_of(kind, fields)
        if texts is not None:
            title, rest = map(normalise, texts)
            at = fields.get("at") or fields.get("started_at") or fields["created_at"]
            docs.append((id_, kind, at, len(title), f"{title}\n{rest}"))
    if docs:
        connection.exec_driver_sql(_UPSERT, docs)


def forget(connection: Connection, ids: Iterable[str]) -> None:
    connection.exec_driver_sql("DELETE FROM search_doc WHERE id = ?", [(id_,) for id_ in ids])


def forget_some(connection: Connection, count: int) -> bool:
    """Forget so many things, whichever they are; False once nothing is left."""
    some = "DELETE FROM search_doc WHERE number IN (SELECT number FROM search_doc LIMIT ?)"
    return connection.exec_driver_sql(some, (count,)).rowcount > 0


# --- asking --------------------------------------------------------------------------------------------


def words_of(query: str) -> list[str]:
    return normalise(query[:MAX_QUERY]).split()


def matching(query: str, kind: str) -> Select[Any] | None:
    """Selects the ids of one kind's things that hold every word of the query; None if it has no word."""
    words = words_of(query)
    return select(_doc.c.id).where(_doc.c.kind == kind, _holds(words)) if words else None


def search(store: "Store", query: str, kinds: Sequence[str] | None = None, limit: int = 50) -> list[Hit]:
    """What holds every word of the query: clients by name, then by title, then the rest, newest first."""
    words = words_of(query)
    if not words:
        return []
    in_title = func.instr(_doc.c.text, words[0]).between(1, _doc.c.title_size)
    found = (
        select(_doc.c.kind, _doc.c.id)
        .where(_holds(words))
        .order_by(case((and_(in_title, _doc.c.kind == "client"), 0), (in_title, 1), else_=2))
        .order_by(_doc.c.at.desc(), _doc.c.number.desc())
        .limit(limit)
    )
    if kinds is not None:
        found = found.where(_doc.c.kind.in_(kinds))
    with store.session() as session:
        keys = [Key(kind, id_) for kind, id_ in session.execute(found)]
        entities = _load(session, keys)
        job_ids = {part.job_id for part in entities.values() if isinstance(part, Part)}
        owners: dict[str, str] = {}
        if job_ids:
            jobs = select(col(Job.id), col(Job.client_id)).where(col(Job.id).in_(job_ids))
            owners = dict(session.execute(jobs).all())
    return [_hit(key, entities[key], words, owners) for key in keys if key in entities]


def _holds(words: Sequence[str]) -> ColumnElement[bool]:
    long = [word for word in words if len(word) >= TRIGRAM]
    conditions = [func.instr(_doc.c.text, word) > 0 for word in words if len(word) < TRIGRAM]
    if long:
        phrases = " ".join('"' + word.replace('"', '""') + '"' for word in long)
        conditions.append(_doc.c.number.in_(select(_index.c.rowid).where(_index.c.text.op("MATCH")(phrases))))
    return and_(*conditions)


def _load(session: Session, keys: Iterable[Key]) -> dict[Key, Entity]:
    by_kind: dict[str, list[str]] = {}
    for kind, id_ in keys:
        by_kind.setdefault(kind, []).append(id_)
    entities: dict[Key, Entity] = {}
    for kind, ids in by_kind.items():
        model = KINDS[kind]
        for entity in session.scalars(select(model).where(col(model.id).in_(ids))):
            entities[Key(kind, entity.id)] = entity
    return entities


def _hit(key: Key, entity: Entity, words: Sequence[str], owners: Mapping[str, str]) -> Hit:
    title, rest = texts_of(key.kind, encode(entity)) or ("", "")
    if isinstance(entity, Part):
        client_id = owners.get(entity.job_id, "")
    else:
        client_id = key.id if key.kind == "client" else getattr(entity, "client_id", "")
    return Hit(key.kind, key.id, " ".join(title.split()), snippet(rest, words), client_id)


def snippet(text: str, words: Sequence[str]) -> str:
    """The part of a text where the first of the (normalised) words is found, or its beginning."""
    text = " ".join(text.split())
    spelled: list[str] = []
    origin: list[int] = []  # position in `spelled` → position in `text`
    for position, character in enumerate(text):
        plain = normalise(character) or character
        spelled.append(plain)
        origin.extend([position] * len(plain))
    folded = "".join(spelled)
    starts = [at for at in (folded.find(word) for word in words) if at >= 0]
    start = max(0, origin[min(starts)] - SNIPPET_LEAD) if starts else 0
    end = start + SNIPPET_LENGTH
    return ("…" if start else "") + text[start:end].strip() + ("…" if end < len(text) else "")
