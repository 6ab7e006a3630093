"""SELECTs and conditions shared by several queries."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, exists, false, func, literal_column, or_, select, true
from sqlalchemy.orm import Session
from sqlmodel import col

from app.domain.codes import JobStatus
from app.domain.entities import SETTINGS_ID, Conversation, Job, Message, Part, Settings
from app.domain.jobs import OPEN_STATUSES, is_under_way
from app.domain.ladder import QUIET
from app.domain.reply import awaits_user

EVIDENCE = QUIET + timedelta(days=7)
"""The ladder looks for evidence in a month, extended to include its first week entirely."""


def settings_in(session: Session) -> Settings:
    """The user's preferences, or the defaults if they were never saved."""
    return session.get(Settings, SETTINGS_ID) or Settings()


def open_messages_in(session: Session, *among: ColumnElement[bool]) -> list[Message]:
    return list(session.scalars(select(Message).where(*unanswered(), *among).order_by(col(Message.at))))


def owes_answer_in(session: Session, client_id: str) -> bool:
    """Whether the user owes the client an answer to a message."""
    return any(map(awaits_user, open_messages_in(session, col(Message.client_id) == client_id)))


def asks_still() -> ColumnElement[bool]:
    """Messages with a question that was asked but not answered, even if the message itself was."""
    questions = col(Message.questions)
    each = func.json_each(questions).table_valued("value")
    return (questions != literal_column("'[]'")) & exists().select_from(each).where(
        func.json_extract(each.c.value, "$.asked_at").is_not(None),
        func.json_extract(each.c.value, "$.answered_at").is_(None),
    )


def has_open_question() -> ColumnElement[bool]:
    """Messages with an unanswered question. Must match the index `message_questions` exactly."""
    questions = col(Message.questions)
    each = func.json_each(questions).table_valued("value")
    return (questions != literal_column("'[]'")) & exists().select_from(each).where(
        func.json_extract(each.c.value, "$.answered_at").is_(None)
    )


def settled() -> ColumnElement[bool]:
    """Messages that need no answer, or have one."""
    return or_(col(Message.replied_at).is_not(None), col(Message.needs_reply) == false())


def unanswered() -> tuple[ColumnElement[bool], ...]:
    """Must match the index `message_open` exactly, or SQLite does not use it."""
    return col(Message.replied_at).is_(None), col(Message.needs_reply) == true()


def open_jobs_in(session: Session) -> list[Job]:
    return list(session.scalars(select(Job).where(is_open()).order_by(col(Job.started_at))))


def under_way_in(session: Session, client_id: str | None = None) -> list[tuple[Job, list[Part]]]:
    """The jobs with work left, of one client or of all, with their parts, oldest first."""
    wanted = [col(Job.status) == JobStatus.IN_PROGRESS.value]
    if client_id is not None:
        wanted.append(col(Job.client_id) == client_id)
    jobs = session.scalars(select(Job).where(*wanted).order_by(col(Job.started_at), col(Job.id))).all()
    parts = parts_in(session, [job.id for job in jobs])
    rows = [(job, parts.get(job.id, [])) for job in jobs]
    return [row for row in rows if is_under_way(*row)]


def owing_jobs_in(session: Session, client_id: str | None = None) -> list[tuple[Job, list[Part]]]:
    """The jobs that may have unpaid amounts, of one client or of all, with their parts, oldest first."""
    delivered = (JobStatus.DELIVERED.value, JobStatus.ACCEPTED.value)
    unpaid = select(col(Part.job_id)).where(*unpaid_parts())
    wanted = [
        or_(col(Job.status).in_(delivered), col(Job.id).in_(unpaid)),
        col(Job.status) != JobStatus.CLOSED.value,
        *(() if client_id is None else (col(Job.client_id) == client_id,)),
    ]
    jobs = session.scalars(select(Job).where(*wanted).order_by(col(Job.started_at), col(Job.id))).all()
    parts = parts_in(session, [job.id for job in jobs])
    return [(job, parts.get(job.id, [])) for job in jobs]


def unpaid_parts() -> tuple[ColumnElement[bool], ...]:
    """Must match the index `part_unpaid` exactly."""
    return col(Part.delivered_at).is_not(None), col(Part.paid_at).is_(None)


def conversations_of(client_id: str | None) -> Select[Conversation]:
    """Conversations with a client, or with all (None), newest first."""
    query = select(Conversation).order_by(col(Conversation.at).desc(), col(Conversation.step).desc())
    return query if client_id is None else query.where(col(Conversation.client_id) == client_id)


def parts_in(session: Session, job_ids: Collection[str] | Select[str]) -> dict[str, list[Part]]:
    order = (col(Part.job_id), col(Part.position), col(Part.created_at), col(Part.id))
    found: dict[str, list[Part]] = {}
    for part in session.scalars(select(Part).where(col(Part.job_id).in_(job_ids)).order_by(*order)):
        found.setdefault(part.job_id, []).append(part)
    return found


def is_open() -> ColumnElement[bool]:
    return col(Job.status).in_(sorted(OPEN_STATUSES))
