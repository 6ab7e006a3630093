"""What the screens ask for: each question a few SELECTs over an index, each answer detached."""

from app.store.queries._clients import (
    ClientSummary,
    calls_for,
    calls_since,
    client_summary,
    clients,
    clients_by_id,
    likely_clients,
    updates_for,
)
from app.store.queries._counts import counts
from app.store.queries._jobs import (
    job_counts,
    jobs,
    jobs_of,
    messages_for_job,
    open_jobs,
    parts_of,
    recent_platforms,
)
from app.store.queries._timeline import TimelineEntry, timeline
from app.store.queries._today import agenda, open_messages, outlook, waiting

__all__ = [
    "ClientSummary",
    "TimelineEntry",
    "agenda",
    "calls_for",
    "calls_since",
    "client_summary",
    "clients",
    "clients_by_id",
    "counts",
    "job_counts",
    "jobs",
    "jobs_of",
    "likely_clients",
    "messages_for_job",
    "open_jobs",
    "open_messages",
    "outlook",
    "parts_of",
    "recent_platforms",
    "timeline",
    "updates_for",
    "waiting",
]
