"""Today's items other than open messages and jobs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.domain.agenda import OtherWork
from app.domain.codes import Direction, JobStatus
from app.domain.entities import Call, Conversation, Job, Message, Part
from app.domain.jobs import OPEN_STATUSES
from app.store.queries._rows import CallFactsRow, call_rows
from app.store.queries._selects import EVIDENCE, has_open_question, parts_in, settled, unpaid_parts
from app.store.queries._topics import open_topics_in


def other_work_in(
    session: Session, jobs: Iterable[Job], parts: Mapping[str, Sequence[Part]], now: datetime
) -> OtherWork:
    """`jobs` are the open jobs, `parts` their parts."""
    calls, conversations = _calls(session, now)
    return OtherWork(
        answered=session.scalars(
            select(Message).where(
                has_open_question(), settled(), col(Message.direction) == Direction.IN.value
            )
        ).all(),
        owing=[*_owing(jobs, parts), *_owing_still(session)],
        calls=calls,
        conversations=conversations,
        topics=open_topics_in(session, now),
    )


def _calls(session: Session, now: datetime) -> tuple[list[CallFactsRow], list[Conversation]]:
    """Recent calls, related or recent conversations, and earlier calls that are evidence for these."""
    since = now - EVIDENCE
    calls = call_rows(session, col(Call.at) >= since)
    callers = {call.client_id for call in calls}
    lately = (col(Conversation.at) >= since, col(Conversation.answered_at) >= since)
    conversations = session.scalars(
        select(Conversation).where(or_(col(Conversation.client_id).in_(callers), *lately))
    ).all()
    first = min((each.at for each in conversations), default=now) - EVIDENCE
    if conversations and first < since:
        talked_to = {each.client_id for each in conversations}
        before = (col(Call.at) >= first, col(Call.at) < since)
        calls += call_rows(session, col(Call.client_id).in_(talked_to), *before)
    return calls, list(conversations)


def _owing(jobs: Iterable[Job], parts: Mapping[str, Sequence[Part]]) -> Iterable[tuple[Job, Sequence[Part]]]:
    for job in jobs:
        theirs = parts.get(job.id, ())
        if job.status in (JobStatus.DELIVERED, JobStatus.ACCEPTED) or any(
            part.delivered_at and part.paid_at is None for part in theirs
        ):
            yield job, theirs


def _owing_still(session: Session) -> list[tuple[Job, list[Part]]]:
    """Jobs that are neither open nor closed, with a delivered but unpaid part."""
    done = [*OPEN_STATUSES, JobStatus.CLOSED]
    wanted = (
        col(Job.id).in_(select(col(Part.job_id)).where(*unpaid_parts())),
        col(Job.status).not_in(sorted(done)),
    )
    jobs = session.scalars(select(Job).where(*wanted)).all()
    parts = parts_in(session, [job.id for job in jobs]) if jobs else {}
    return [(job, parts.get(job.id, [])) for job in jobs]
