"""Narrow rows of long histories: the rules read thousands of them but need few columns."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, false, func, or_, select, true, union_all
from sqlalchemy.orm import Session
from sqlmodel import col

from app.domain.codes import Direction, MessageKind
from app.domain.entities import Call, Job, Message, Part, StatusUpdate
from app.domain.proactive import HABIT, LOOK_BACK


class CallFactsRow(NamedTuple):
    """The columns of `CallFacts`."""

    id: str
    client_id: str
    at: datetime
    minutes: int
    scheduled: bool
    outcome: str
    said_why: bool | None
    answered_by_update_id: str | None
    deferred_to: datetime | None
    answered_at: datetime | None


class MessageFactsRow(NamedTuple):
    """The columns of `MessageFacts`."""

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


class UpdateFactsRow(NamedTuple):
    """The columns of `UpdateFacts`."""

    client_id: str
    at: datetime


class JobFactsRow(NamedTuple):
    """The columns of `JobFacts`."""

    id: str
    client_id: str
    title: str
    status: str
    started_at: datetime
    deadline: datetime | None
    fee: int | None
    currency: str
    basis: str
    unit_price: int | None
    quantity: int | None
    platform_fee: int | None
    withholding: bool
    spent_minutes: int
    delivered_at: datetime | None
    paid_at: datetime | None
    rating: int | None
    rating_comment: str
    continued_from_id: str | None


class PartFactsRow(NamedTuple):
    """The columns of `PartFacts`."""

    job_id: str
    amount: int | None
    due_at: datetime | None
    delivered_at: datetime | None
    paid_at: datetime | None


Condition = ColumnElement[bool]


def call_rows(session: Session, *where: Condition) -> list[CallFactsRow]:
    query: Any = select(*(getattr(Call, name) for name in CallFactsRow._fields)).where(*where)
    return list(map(CallFactsRow._make, session.execute(query)))


def first_call(session: Session) -> datetime | None:
    """When the first recorded call was."""
    found: datetime | None = session.scalar(select(func.min(col(Call.at))))
    return found


def message_rows(session: Session, *where: Condition) -> list[MessageFactsRow]:
    query: Any = select(*(getattr(Message, name) for name in MessageFactsRow._fields)).where(*where)
    return list(map(MessageFactsRow._make, session.execute(query)))


def update_rows(session: Session, *where: Condition) -> list[UpdateFactsRow]:
    query: Any = select(*(getattr(StatusUpdate, name) for name in UpdateFactsRow._fields)).where(*where)
    return list(map(UpdateFactsRow._make, session.execute(query)))


Contacts = tuple[list[MessageFactsRow], list[CallFactsRow], list[UpdateFactsRow]]


def contacts_in(session: Session, client_ids: Collection[str], now: datetime) -> Contacts:
    """The input of `suggest_updates`, for those of these clients who check in often enough."""
    since = now - LOOK_BACK
    checked_in = union_all(
        select(col(Message.client_id)).where(
            col(Message.client_id).in_(client_ids),
            col(Message.at) >= since,
            col(Message.kind) == MessageKind.CHECK_IN.value,
        ),
        select(col(Call.client_id)).where(
            col(Call.client_id).in_(client_ids), col(Call.at) >= since, col(Call.scheduled) == false()
        ),
    ).subquery()
    of_client = checked_in.c.client_id
    often = select(of_client).group_by(of_client).having(func.count() >= HABIT)
    habitual = session.scalars(often).all()
    if not habitual:
        return [], [], []
    before = since - LOOK_BACK  # the user's last message may be older than the first question
    return (
        message_rows(session, col(Message.client_id).in_(habitual), col(Message.at) >= before),
        call_rows(session, col(Call.client_id).in_(habitual), col(Call.at) >= since),
        update_rows(session, col(StatusUpdate.client_id).in_(habitual), col(StatusUpdate.at) >= before),
    )


def answers_since(session: Session, since: datetime, *where: Condition) -> list[MessageFactsRow]:
    """Clients' messages answered since then, and unanswered ones."""
    replied = col(Message.replied_at)
    asked = (col(Message.direction) == Direction.IN.value, col(Message.needs_reply) == true())
    return message_rows(session, *asked, or_(replied.is_(None), replied >= since), *where)


def past_jobs(
    session: Session, since: datetime, *where: Condition
) -> list[tuple[JobFactsRow, list[PartFactsRow]]]:
    """Jobs started, delivered or paid (wholly or in part) since then, with their parts."""
    moved = or_(col(Part.delivered_at) >= since, col(Part.paid_at) >= since)
    parts_moved = select(col(Part.job_id)).where(moved)
    instants = (col(Job.started_at), col(Job.delivered_at), col(Job.paid_at))
    recent = or_(*(at >= since for at in instants), col(Job.id).in_(parts_moved))
    jobs: Any = select(*(getattr(Job, name) for name in JobFactsRow._fields)).where(recent, *where)
    of_jobs: Any = select(*(getattr(Part, name) for name in PartFactsRow._fields)).where(
        col(Part.job_id).in_(select(col(Job.id)).where(recent, *where))
    )
    parts: dict[str, list[PartFactsRow]] = {}
    for part in map(PartFactsRow._make, session.execute(of_jobs)):
        parts.setdefault(part.job_id, []).append(part)
    return [(job, parts.get(job.id, [])) for job in map(JobFactsRow._make, session.execute(jobs))]
