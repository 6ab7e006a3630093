"""The full-text index of all user-written text: trigrams for longer words, a scan for short ones."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, column, func, select, table

from app.domain.normalisation import normalise
from app.store.records import Fields, Key

MAX_QUERY = 200
"""Characters of a query that are used; longer queries are accidental pastes."""

TRIGRAM = 3
"""Shorter words have no trigram and are searched by scanning all texts."""

DOCUMENTS = table("search_doc", *map(column, ("number", "id", "kind", "at", "title_size", "text")))
_index = table("search_index", column("rowid"), column("text"))


def texts_of(kind: str, fields: Mapping[str, Any]) -> tuple[str, str] | None:
    """The searchable text of a record, as (title, rest). None if the kind is not searchable."""
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


# --- index updates, in the writer's transaction ----------------------------------------------------------

_UPSERT = """
    INSERT INTO search_doc (id, kind, at, title_size, text) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET at = excluded.at, title_size = excluded.title_size, text = excluded.text
    WHERE excluded.text != text OR excluded.at != at OR excluded.title_size != title_size"""


def index(connection: Connection, rows: Iterable[tuple[Key, Fields]]) -> None:
    """Index new or changed records. `rows` must contain all their fields."""
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
    """Remove up to `count` arbitrary records from the index. Returns False once it is empty."""
    some = "DELETE FROM search_doc WHERE number IN (SELECT number FROM search_doc LIMIT ?)"
    return connection.exec_driver_sql(some, (count,)).rowcount > 0


# --- queries -------------------------------------------------------------------------------------------


def words_of(query: str) -> list[str]:
    return normalise(query[:MAX_QUERY]).split()


def matching(query: str, kind: str) -> Select[Any] | None:
    """Select the ids of a kind's records that contain every word of the query; None for an empty query."""
    words = words_of(query)
    return select(DOCUMENTS.c.id).where(DOCUMENTS.c.kind == kind, holds(words)) if words else None


def holds(words: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a document contains all of the (normalised) words."""
    long = [word for word in words if len(word) >= TRIGRAM]
    conditions = [func.instr(DOCUMENTS.c.text, word) > 0 for word in words if len(word) < TRIGRAM]
    if long:
        phrases = " ".join('"' + word.replace('"', '""') + '"' for word in long)
        conditions.append(
            DOCUMENTS.c.number.in_(select(_index.c.rowid).where(_index.c.text.op("MATCH")(phrases)))
        )
    return and_(*conditions)
