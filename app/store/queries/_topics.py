"""Queries about the topics of standing calls."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.domain.entities import Call, Message, Topic
from app.domain.topics import LEGACY, in_order, topic_of_call
from app.store.store import Store


def open_topics(store: Store, client_id: str, now: datetime) -> list[Topic]:
    """Topics for the client's next standing call, in order."""
    with store.session() as session:
        return in_order(open_topics_in(session, now, client_id))


def done_topics(store: Store, client_id: str, limit: int = 20) -> list[Topic]:
    """Topics ticked off, latest first."""
    query = select(Topic).where(col(Topic.client_id) == client_id, col(Topic.done_at).is_not(None))
    with store.session() as session:
        return list(session.scalars(query.order_by(col(Topic.done_at).desc(), col(Topic.id)).limit(limit)))


def topic_from(store: Store, source: Message | Call, now: datetime) -> Topic | None:
    """The topic created from a message or a call, or None."""
    made_of = col(Topic.message_id) if isinstance(source, Message) else col(Topic.call_id)
    with store.session() as session:
        found = session.scalars(select(Topic).where(made_of == source.id).limit(1)).first()
        if found is None and isinstance(source, Call):
            found = next(iter(_let_wait(session, now, col(Call.id) == source.id)), None)
    return found


def all_topics(store: Store) -> list[Topic]:
    """All topics, oldest first."""
    with store.session() as session:
        return in_order(session.scalars(select(Topic)))


def open_topics_in(session: Session, now: datetime, client_id: str | None = None) -> list[Topic]:
    """Open topics of one client, or of all."""
    wanted: list[ColumnElement[bool]] = [col(Topic.done_at).is_(None)]
    of_call: list[ColumnElement[bool]] = []
    if client_id is not None:
        wanted.append(col(Topic.client_id) == client_id)
        of_call.append(col(Call.client_id) == client_id)
    return [*session.scalars(select(Topic).where(*wanted)), *_let_wait(session, now, *of_call)]


def _let_wait(session: Session, now: datetime, *wanted: ColumnElement[bool]) -> Sequence[Topic]:
    """Calls that versions without topics deferred to a standing call, as topics that are not stored yet."""
    of_calls = select(col(Topic.call_id)).where(col(Topic.call_id).is_not(None))
    query = select(Call).where(
        col(Call.deferred_to).is_not(None),
        col(Call.deferred_to) >= now - LEGACY,
        col(Call.id).not_in(of_calls),
        *wanted,
    )
    return [topic_of_call(call, call.note, call.at) for call in session.scalars(query)]
