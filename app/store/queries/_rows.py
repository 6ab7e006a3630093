"""Narrow rows of long histories: the rules read thousands of them, and want little of each."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session, load_only
from sqlmodel import col

from app.domain.codes import Direction
from app.domain.entities import Call, Job, Message, Part, Update


class CallRow(NamedTuple):
    """What `CallFacts` asks for."""

    id: str
    client_id: str
    at: datetime
    minutes: int
    scheduled: bool
    outcome: str
    said_why: bool | None
    answered_by_update_id: str | None


class MessageRow(NamedTuple):
    """What `MessageFacts` asks for."""

    client_id: str
    job_id: str | None
    direction: str
    at: datetime
    kind: str
    needs_reply: bool
    due_at: datetime | None
    acknowledged_at: datetime | None
    promised_at: datetime | None
    replied_at: datetime | None


class UpdateRow(NamedTuple):
    """What `UpdateFacts` asks for."""

    client_id: str
    at: datetime


Condition = ColumnElement[bool]


def call_rows(session: Session, *where: Condition) -> list[CallRow]:
    query: Any = select(*(getattr(Call, name) for name in CallRow._fields)).where(*where)
    return list(map(CallRow._make, session.execute(query)))


def message_rows(session: Session, *where: Condition) -> list[MessageRow]:
    query: Any = select(*(getattr(Message, name) for name in MessageRow._fields)).where(*where)
    return list(map(MessageRow._make, session.execute(query)))


def update_rows(session: Session, *where: Condition) -> list[UpdateRow]:
    query: Any = select(*(getattr(Update, name) for name in UpdateRow._fields)).where(*where)
    return list(map(UpdateRow._make, session.execute(query)))


def answers_since(session: Session, since: datetime, *where: Condition) -> list[MessageRow]:
    """Clients' messages answered since, and those that never were."""
    replied = col(Message.replied_at)
    asked = (col(Message.direction) == Direction.IN.value, col(Message.needs_reply) == true())
    return message_rows(session, *asked, or_(replied.is_(None), replied >= since), *where)


_JOB_FIELDS = (
    *("client_id", "title", "status", "started_at", "deadline", "fee", "currency", "basis", "spent_minutes"),
    *("delivered_at", "invoiced_at", "paid_at", "rating", "rating_comment", "continued_from_id"),
)
_PART_FIELDS = ("job_id", "amount", "due_at", "delivered_at", "invoiced_at", "paid_at")


def past_jobs(session: Session, since: datetime, *where: Condition) -> list[tuple[Job, list[Part]]]:
    """Jobs started, delivered or paid since, in whole or in part, with their parts.

    For rules only: not every field is there, and none of them may be saved.
    """
    moved = or_(col(Part.delivered_at) >= since, col(Part.paid_at) >= since)
    parts_moved = select(col(Part.job_id)).where(moved)
    instants = (col(Job.started_at), col(Job.delivered_at), col(Job.paid_at))
    recent = or_(*(at >= since for at in instants), col(Job.id).in_(parts_moved))
    jobs = session.scalars(select(Job).where(recent, *where).options(_only(Job, _JOB_FIELDS))).all()
    wanted = select(col(Job.id)).where(recent, *where)
    parts: dict[str, list[Part]] = {}
    for part in session.scalars(
        select(Part).where(col(Part.job_id).in_(wanted)).options(_only(Part, _PART_FIELDS))
    ):
        parts.setdefault(part.job_id, []).append(part)
    return [(job, parts.get(job.id, [])) for job in jobs]


def _only(model: type[Job] | type[Part], fields: Iterable[str]) -> Any:
    return load_only(*(getattr(model, field) for field in fields), raiseload=True)
