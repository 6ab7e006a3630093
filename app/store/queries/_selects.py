"""The SELECTs that several questions share."""

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
"""Evidence of the ladder is looked for in a month, but its first week is counted whole."""


def settings_in(session: Session) -> Settings:
    """The user's preferences; the defaults until they are first saved."""
    return session.get(Settings, SETTINGS_ID) or Settings()


def open_messages_in(session: Session, *among: ColumnElement[bool]) -> list[Message]:
    return list(session.scalars(select(Message).where(*unanswered(), *among).order_by(col(Message.at))))


def owes_answer_in(session: Session, client_id: str) -> bool:
    """Whether a message of the client waits for the user's answer."""
    return any(map(awaits_user, open_messages_in(session, col(Message.client_id) == client_id)))


def asks_still() -> ColumnElement[bool]:
    """Of a message: a question in it was asked and is not answered, though the message itself may be."""
    questions = col(Message.questions)
    each = func.json_each(questions).table_valued("value")
    return (questions != literal_column("'[]'")) & exists().select_from(each).where(
        func.json_extract(each.c.value, "$.asked_at").is_not(None),
        func.json_extract(each.c.value, "$.answered_at").is_(None),
    )


def has_open_question() -> ColumnElement[bool]:
    """Of a message: a question in it is not answered. As in the index `message_questions`, to the letter."""
    questions = col(Message.questions)
    each = func.json_each(questions).table_valued("value")
    return (questions != literal_column("'[]'")) & exists().select_from(each).where(
        func.json_extract(each.c.value, "$.answered_at").is_(None)
    )


def settled() -> ColumnElement[bool]:
    """Of a message: nobody waits for an answer."""
    return or_(col(Message.replied_at).is_not(None), col(Message.needs_reply) == false())


def unanswered() -> tuple[ColumnElement[bool], ...]:
    """As in the index `message_open`, to the letter: SQLite uses it for nothing else."""
    return col(Message.replied_at).is_(None), col(Message.needs_reply) == true()


def open_jobs_in(session: Session) -> list[Job]:
    return list(session.scalars(select(Job).where(is_open()).order_by(col(Job.started_at))))


def under_way_in(session: Session, client_id: str | None = None) -> list[tuple[Job, list[Part]]]:
    """The jobs on which work is still to be done, one client's or everybody's, with their parts,
    oldest first.
    """
    wanted = [col(Job.status) == JobStatus.IN_PROGRESS.value]
    if client_id is not None:
        wanted.append(col(Job.client_id) == client_id)
    jobs = session.scalars(select(Job).where(*wanted).order_by(col(Job.started_at), col(Job.id))).all()
    parts = parts_in(session, [job.id for job in jobs])
    rows = [(job, parts.get(job.id, [])) for job in jobs]
    return [row for row in rows if is_under_way(*row)]


def owing_jobs_in(session: Session, client_id: str | None = None) -> list[tuple[Job, list[Part]]]:
    """The jobs something may be owed for, one client's or everybody's, with their parts, oldest first."""
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
    """As in the index `part_unpaid`, to the letter."""
    return col(Part.delivered_at).is_not(None), col(Part.paid_at).is_(None)


def conversations_of(client_id: str | None) -> Select[Conversation]:
    """Newest first; None: with everybody."""
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
