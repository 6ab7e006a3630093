"""What the screens ask for: each question a few SELECTs over an index, each answer detached."""

from app.store.queries._ahead import (
    WorkloadView,
    can_take,
    exposures,
    over_limit,
    payments,
    update_suggestion,
    waiting_for,
    workload,
)
from app.store.queries._clients import (
    UnscheduledCalls,
    calls_for,
    calls_since,
    clients,
    clients_by_id,
    likely_clients,
    unscheduled_calls,
    updates_for,
)
from app.store.queries._coach import (
    ClientGlance,
    availability,
    call_advice,
    circumstances,
    client_glance,
    client_ladder,
    conversations_for,
    ladders,
)
from app.store.queries._counts import counts
from app.store.queries._files import all_calls, all_jobs, all_messages
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
from app.store.queries._today import TodayView, open_messages, outlook, reminders, today, waiting
from app.store.queries._trust import trust

__all__ = [
    "ClientGlance",
    "TimelineEntry",
    "TodayView",
    "UnscheduledCalls",
    "WorkloadView",
    "all_calls",
    "all_jobs",
    "all_messages",
    "availability",
    "call_advice",
    "calls_for",
    "calls_since",
    "can_take",
    "circumstances",
    "client_glance",
    "client_ladder",
    "clients",
    "clients_by_id",
    "conversations_for",
    "counts",
    "exposures",
    "job_counts",
    "jobs",
    "jobs_of",
    "ladders",
    "likely_clients",
    "messages_for_job",
    "open_jobs",
    "open_messages",
    "outlook",
    "over_limit",
    "parts_of",
    "payments",
    "recent_platforms",
    "reminders",
    "timeline",
    "today",
    "trust",
    "unscheduled_calls",
    "update_suggestion",
    "updates_for",
    "waiting",
    "waiting_for",
    "workload",
]
