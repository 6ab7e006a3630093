"""Complete histories, for exported files."""

from sqlalchemy import select
from sqlmodel import col

from app.domain.entities import Call, Job, Message, Part
from app.store.queries._selects import parts_in
from app.store.store import Store


def all_jobs(store: Store) -> list[tuple[Job, list[Part]]]:
    """All jobs with their parts, oldest first."""
    with store.session() as session:
        jobs = session.scalars(select(Job).order_by(col(Job.started_at), col(Job.id))).all()
        parts = parts_in(session, select(col(Job.id)))
    return [(job, parts.get(job.id, [])) for job in jobs]


def all_messages(store: Store) -> list[Message]:
    """All messages, oldest first."""
    with store.session() as session:
        return list(session.scalars(select(Message).order_by(col(Message.at), col(Message.id))))


def all_calls(store: Store) -> list[Call]:
    """All calls, oldest first."""
    with store.session() as session:
        return list(session.scalars(select(Call).order_by(col(Call.at), col(Call.id))))
