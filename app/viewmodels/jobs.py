"""The list of jobs: its filters, its order, and a summary of each job."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.codes import JobStatus
from app.domain.deadlines import DeadlineView, job_deadlines
from app.domain.entities import Client, Job, Part
from app.domain.jobs import exposure
from app.store import queries
from app.viewmodels.services import AppServices


class Shown(StrEnum):
    """The filters of the list."""

    OPEN = "open"
    DELIVERED = "delivered"
    DONE = "done"
    ALL = "all"


STATUSES: dict[Shown, tuple[JobStatus, ...]] = {
    Shown.OPEN: (JobStatus.APPLIED, JobStatus.OFFERED, JobStatus.IN_PROGRESS),
    Shown.DELIVERED: (JobStatus.DELIVERED, JobStatus.ACCEPTED),
    Shown.DONE: (JobStatus.PAID, JobStatus.CLOSED, JobStatus.DECLINED, JobStatus.LOST),
    Shown.ALL: tuple(JobStatus),
}


@dataclass(frozen=True)
class JobListRow:
    """A job's summary in the list."""

    job: Job
    client: Client | None
    due: DeadlineView | None  # the next deadline
    parts: int
    delivered: int
    unpaid: dict[str, int]  # delivered and unpaid: minor units by currency


@dataclass(frozen=True)
class JobList:
    rows: list[JobListRow]
    more: bool  # whether more jobs follow
    counts: dict[Shown, int]  # of all jobs, whatever the query


def load(app: AppServices, shown: Shown, query: str, limit: int) -> JobList:
    """The first `limit` jobs of a filter that contain every word of `query`, next due first."""
    found = queries.jobs(app.store, STATUSES[shown], query, limit=limit + 1)
    counts = queries.job_counts(app.store)
    return JobList(
        [_row(app, job, client, parts) for job, client, parts in found[:limit]],
        len(found) > limit,
        {each: sum(counts[status] for status in statuses) for each, statuses in STATUSES.items()},
    )


def _row(app: AppServices, job: Job, client: Client | None, parts: list[Part]) -> JobListRow:
    views = [view for _part, view in job_deadlines(job, parts, app.settings, app.calendar)]
    return JobListRow(
        job,
        client,
        min(views, key=lambda view: view.current_due(app.now), default=None),
        len(parts),
        sum(part.delivered_at is not None for part in parts),
        exposure([(job, parts)], app.settings.currency),
    )
