"""Full-text search over all records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.domain.entities import KINDS, Entity, Job, Part
from app.domain.normalisation import normalise
from app.store.records import Key, encode
from app.store.search_index import DOCUMENTS, holds, texts_of, words_of
from app.store.store import Store

SNIPPET_LEAD, SNIPPET_LENGTH = 20, 100


@dataclass(frozen=True)
class Hit:
    kind: str
    id: str
    title: str
    snippet: str  # text around the first match, on one line
    client_id: str  # empty if the record belongs to no client


def search(store: Store, query: str, kinds: Sequence[str] | None = None, limit: int = 50) -> list[Hit]:
    """Records that contain every word of the query: clients by name, then other titles, then the rest; newest
    first within each group.
    """
    words = words_of(query)
    if not words:
        return []
    in_title = func.instr(DOCUMENTS.c.text, words[0]).between(1, DOCUMENTS.c.title_size)
    found = (
        select(DOCUMENTS.c.kind, DOCUMENTS.c.id)
        .where(holds(words))
        .order_by(case((and_(in_title, DOCUMENTS.c.kind == "client"), 0), (in_title, 1), else_=2))
        .order_by(DOCUMENTS.c.at.desc(), DOCUMENTS.c.number.desc())
        .limit(limit)
    )
    if kinds is not None:
        found = found.where(DOCUMENTS.c.kind.in_(kinds))
    with store.session() as session:
        keys = [Key(kind, id_) for kind, id_ in session.execute(found)]
        entities = _load(session, keys)
        job_ids = {part.job_id for part in entities.values() if isinstance(part, Part)}
        owners: dict[str, str] = {}
        if job_ids:
            jobs = select(col(Job.id), col(Job.client_id)).where(col(Job.id).in_(job_ids))
            owners = dict(session.execute(jobs).all())
    return [_hit(key, entities[key], words, owners) for key in keys if key in entities]


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
    """The part of a text around the first match of the (normalised) words, or its beginning."""
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
