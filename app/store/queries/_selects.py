"""The SELECTs that several questions share."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import Session
from sqlmodel import col

from app.domain.entities import Job, Message, Part
from app.domain.jobs import OPEN_STATUSES


def open_messages_in(session: Session) -> list[Message]:
    return list(session.scalars(select(Message).where(*unanswered()).order_by(col(Message.at))))


def unanswered() -> tuple[ColumnElement[bool], ...]:
    """As in the index `message_open`, to the letter: SQLite uses it for nothing else."""
    return col(Message.replied_at).is_(None), col(Message.needs_reply) == true()


def open_jobs_in(session: Session) -> list[Job]:
    return list(session.scalars(select(Job).where(is_open()).order_by(col(Job.started_at))))


def parts_in(session: Session, job_ids: Collection[str] | Select[str]) -> dict[str, list[Part]]:
    order = (col(Part.job_id), col(Part.position), col(Part.created_at), col(Part.id))
    found: dict[str, list[Part]] = {}
    for part in session.scalars(select(Part).where(col(Part.job_id).in_(job_ids)).order_by(*order)):
        found.setdefault(part.job_id, []).append(part)
    return found


def is_open() -> ColumnElement[bool]:
    return col(Job.status).in_(sorted(OPEN_STATUSES))
