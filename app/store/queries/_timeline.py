"""Everything that happened with a client, newest first."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, union_all
from sqlmodel import col

from app.domain.entities import Call, Conversation, Job, Message, Part, StatusUpdate, Topic
from app.domain.timeline import TimelineEntry
from app.store.store import Store

_PARTS: Any = select(Part, Job).join(Job, col(Part.job_id) == col(Job.id))

# kind → (rows, column of the time, column of the client id)
_SOURCES: dict[str, tuple[Any, Any, Any]] = {
    "message": (select(Message), col(Message.at), col(Message.client_id)),
    "call": (select(Call), col(Call.at), col(Call.client_id)),
    "update": (select(StatusUpdate), col(StatusUpdate.at), col(StatusUpdate.client_id)),
    "conversation": (select(Conversation), col(Conversation.at), col(Conversation.client_id)),
    "topic_done": (select(Topic), col(Topic.done_at), col(Topic.client_id)),
    "job_started": (select(Job), col(Job.started_at), col(Job.client_id)),
    "part_delivered": (_PARTS, col(Part.delivered_at), col(Job.client_id)),
    "part_paid": (_PARTS, col(Part.paid_at), col(Job.client_id)),
}


def timeline(
    store: Store, client_id: str, before: datetime | None = None, limit: int = 50
) -> list[TimelineEntry]:
    """Entries earlier than `before`, newest first: at least `limit` if there are that many.

    Entries of the same instant are never split, so the next page before the last entry misses none.
    """
    found = {}
    for kind, (rows, at, owner) in _SOURCES.items():
        theirs = rows.where(owner == client_id, at.is_not(None))
        found[kind] = theirs if before is None else theirs.where(at < before), at
    instants = union_all(*(rows.with_only_columns(at.label("at")) for rows, at in found.values())).subquery()
    last = select(instants.c.at).order_by(instants.c.at.desc()).limit(1).offset(limit - 1)
    entries: list[TimelineEntry] = []
    with store.session() as session:
        since = session.scalar(last)
        for kind, (rows, at) in found.items():
            page = rows if since is None else rows.where(at >= since)
            for entity, *job in session.execute(page):
                entries.append(TimelineEntry(getattr(entity, at.key), kind, entity, *job))
    return sorted(entries, key=lambda entry: (entry.at, entry.kind, entry.entity.id), reverse=True)
