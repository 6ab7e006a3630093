"""Queries about jobs and their parts."""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import col

from app.domain.codes import JobStatus
from app.domain.deadlines import job_next_due
from app.domain.entities import Client, Job, Message, Part
from app.domain.hours import work_calendar
from app.domain.jobs import OPEN_STATUSES
from app.store.queries._selects import is_open, open_jobs_in, parts_in, settings_in, under_way_in
from app.store.search_index import matching
from app.store.store import Store


def open_jobs(store: Store) -> list[Job]:
    """The jobs in an open status, oldest first."""
    with store.session() as session:
        return open_jobs_in(session)


def under_way(store: Store) -> Counter[str]:
    """Number of jobs under way by client id; see `is_under_way`."""
    with store.session() as session:
        return Counter(job.client_id for job, _parts in under_way_in(session))


def jobs_of(store: Store, client_id: str) -> list[Job]:
    """A client's jobs: open ones first, newest first within each group."""
    query = select(Job).where(col(Job.client_id) == client_id).order_by(col(Job.started_at).desc())
    with store.session() as session:
        return sorted(session.scalars(query), key=lambda job: job.status not in OPEN_STATUSES)


def parts_of(store: Store, job_ids: Collection[str]) -> dict[str, list[Part]]:
    """The parts of the given jobs, in order."""
    with store.session() as session:
        found = parts_in(session, job_ids)
    return {id_: found.get(id_, []) for id_ in job_ids}


ListedJob = tuple[Job, Client | None, list[Part]]


def jobs(
    store: Store,
    statuses: Collection[str] | None = None,
    query: str = "",
    limit: int = 50,
    offset: int = 0,
) -> list[ListedJob]:
    """Jobs with client and parts: open ones by next due date, then the others, newest first.

    `query` matches words in a job, in its parts, or in its client.
    """
    wanted = [*_with_status(statuses), *_with_words(query)]
    newest = (col(Job.started_at).desc(), col(Job.id))
    with store.session() as session:
        settings = settings_in(session)
        running = session.scalars(select(Job).where(is_open(), *wanted).order_by(*newest)).all()
        parts = parts_in(session, [job.id for job in running])
        calendar, now = work_calendar(settings), store.now()
        due = {job.id: job_next_due(job, parts.get(job.id, []), settings, calendar, now) for job in running}
        in_order = sorted(running, key=lambda job: (due[job.id] is None, due[job.id] or now))
        page = in_order[offset : offset + limit]
        rest = limit - len(page)
        if rest > 0:
            done = select(Job).where(~is_open(), *wanted).order_by(*newest)
            page += session.scalars(done.limit(rest).offset(max(0, offset - len(running)))).all()
            parts |= parts_in(session, [job.id for job in page if job.id not in due])
        owners = session.scalars(select(Client).where(col(Client.id).in_({job.client_id for job in page})))
        by_id = {client.id: client for client in owners}
    return [(job, by_id.get(job.client_id), parts.get(job.id, [])) for job in page]


def job_counts(store: Store) -> dict[str, int]:
    """Number of jobs by status, including statuses without jobs."""
    query = select(col(Job.status), func.count()).group_by(col(Job.status))
    with store.session() as session:
        counts = dict(session.execute(query).all())
    return {status: counts.get(status, 0) for status in JobStatus}


def messages_for_job(store: Store, job_id: str) -> list[Message]:
    """Messages about a job, newest first."""
    query = select(Message).where(col(Message.job_id) == job_id).order_by(col(Message.at).desc())
    with store.session() as session:
        return list(session.scalars(query))


def recent_platforms(store: Store, limit: int = 8) -> list[str]:
    """The platforms of jobs, most recent first."""
    last = func.max(col(Job.started_at))
    query = select(col(Job.platform)).where(col(Job.platform) != "").group_by(col(Job.platform))
    with store.session() as session:
        return list(session.scalars(query.order_by(last.desc()).limit(limit)))


def last_platform(store: Store, client_id: str) -> str:
    """The platform of the client's latest job; empty if they came directly, or without a job."""
    query = (
        select(col(Job.platform))
        .where(col(Job.client_id) == client_id)
        .order_by(col(Job.started_at).desc(), col(Job.id))
    )
    with store.session() as session:
        return session.scalar(query.limit(1)) or ""


def _with_status(statuses: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if statuses is None else [col(Job.status).in_(statuses)]


def _with_words(query: str) -> list[ColumnElement[bool]]:
    in_job, in_part, of_client = (matching(query, kind) for kind in ("job", "part", "client"))
    if in_job is None or in_part is None or of_client is None:
        return []
    with_part = select(col(Part.job_id)).where(col(Part.id).in_(in_part))
    return [or_(col(Job.id).in_(in_job), col(Job.id).in_(with_part), col(Job.client_id).in_(of_client))]


def platform_fees(store: Store) -> dict[str, int]:
    """The latest fee by platform name (case-folded), in hundredths of a percent."""
    query = (
        select(col(Job.platform), col(Job.platform_fee))
        .where(col(Job.platform) != "", col(Job.platform_fee).is_not(None))
        .order_by(col(Job.started_at))
    )
    with store.session() as session:
        return {name.strip().casefold(): fee for name, fee in session.execute(query) if fee is not None}
