"""Queries for the numbers of Trust."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from app.domain import trust as rules
from app.domain.entities import Call, Client, Job, Message
from app.domain.first_use import calls_known_since
from app.domain.hours import work_calendar
from app.domain.trust import TrustReport
from app.store.queries._rows import answers_since, call_rows, first_call, past_jobs
from app.store.queries._selects import settings_in
from app.store.store import Store


def trust(store: Store, days: int, now: datetime, client_id: str | None = None) -> TrustReport:
    """The numbers for the last 30, 90 or 365 days, of one client or of all."""
    since = now - timedelta(days=2 * days)  # including the previous span, for comparison
    one = client_id is not None
    with store.session() as session:
        settings = settings_in(session)
        clients = {client.id: client for client in session.scalars(select(Client))}
        messages = answers_since(session, since, *([col(Message.client_id) == client_id] if one else []))
        about = [col(Call.client_id) == client_id] if one else []
        calls = call_rows(session, col(Call.at) >= since, *about)
        known = first_call(session)
        if client_id is not None and client_id in clients:
            known = calls_known_since(clients[client_id], (call.at for call in calls), known)
        jobs = past_jobs(session, since, *([col(Job.client_id) == client_id] if one else []))
    return rules.trust(days, clients, messages, calls, jobs, settings, work_calendar(settings), now, known)
