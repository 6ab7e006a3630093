"""Queries about money and answers owed, waiting, and the workload of the coming weeks."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.domain import exposure as exposure_rules
from app.domain import waiting as waiting_rules
from app.domain import workload as workload_rules
from app.domain.answers_owed import AnswersOwed
from app.domain.codes import Direction, JobStatus
from app.domain.entities import Client, Message
from app.domain.exposure import Excess, Exposures, Payment
from app.domain.hours import work_calendar
from app.domain.jobs import exposure
from app.domain.proactive import UpdateSuggestion, suggest_updates
from app.domain.reply import open_questions
from app.domain.waiting import Waiting
from app.domain.workload import Acceptance, Backlog, DayPlan, Workload
from app.store.queries._rows import contacts_in
from app.store.queries._selects import (
    asks_still,
    open_jobs_in,
    open_messages_in,
    owing_jobs_in,
    settings_in,
    under_way_in,
)
from app.store.store import Store


def exposures(store: Store) -> Exposures:
    """Delivered but unpaid amounts, in total and by client."""
    with store.session() as session:
        settings = settings_in(session)
        owing = owing_jobs_in(session)
    return exposure_rules.exposures(owing, settings.currency)


def without_amount(store: Store, client_id: str | None = None) -> int:
    """Number of unpaid deliveries without an amount, of one client or of all."""
    with store.session() as session:
        return len(exposure_rules.without_amount(owing_jobs_in(session, client_id)))


def payments(store: Store, now: datetime, client_id: str | None = None) -> list[Payment]:
    """The expected payments of one client or of all, earliest due first."""
    with store.session() as session:
        settings = settings_in(session)
        owing = owing_jobs_in(session, client_id)
        clients = _clients(session, {job.client_id for job, _ in owing})
    return exposure_rules.payments(owing, clients, settings, work_calendar(settings), now)


def answers_owed(store: Store) -> AnswersOwed:
    """The clients who are owed an answer. Answer them before asking anything of them."""
    with store.session() as session:
        return AnswersOwed(open_messages_in(session, col(Message.direction) == Direction.IN.value))


def over_limit(store: Store, client_id: str, added: int, currency: str) -> Excess | None:
    """The excess over the client's unpaid limit if `added` minor units are delivered; None if within it."""
    with store.session() as session:
        settings = settings_in(session)
        client = session.get(Client, client_id)
        if client is None:
            return None
        owed = exposure(owing_jobs_in(session, client_id), settings.currency)
    return exposure_rules.over_limit(client, owed, added, currency, settings)


@dataclass(frozen=True)
class WorkloadView:
    """The backlog, the workload, and a plan of the days ahead."""

    backlog: Backlog
    load: Workload
    plan: list[DayPlan]
    clients: dict[str, Client]


def workload(store: Store, now: datetime, days: int = 7) -> WorkloadView:
    with store.session() as session:
        settings = settings_in(session)
        rows = under_way_in(session)
        clients = _clients(session, {job.client_id for job, _ in rows})
    calendar = work_calendar(settings)
    left = workload_rules.backlog(rows, settings, calendar, now)
    load = workload_rules.workload(left.tasks, settings, calendar, now)
    return WorkloadView(left, load, workload_rules.week_plan(load, calendar, now, days), clients)


def can_take(
    store: Store, minutes: int, deadline: datetime, now: datetime, job_id: str | None = None
) -> Acceptance:
    """Whether work of `minutes` fits. `job_id` excludes the job itself if it is already under way."""
    with store.session() as session:
        settings = settings_in(session)
        rows = [row for row in under_way_in(session) if row[0].id != job_id]
    calendar = work_calendar(settings)
    tasks = workload_rules.backlog(rows, settings, calendar, now).tasks
    return workload_rules.can_take(minutes, deadline, tasks, settings, calendar, now)


def waiting_for(store: Store, now: datetime) -> list[Waiting]:
    """Everything the user waits for, longest wait first."""
    with store.session() as session:
        settings = settings_in(session)
        # A question may stay open after the message was answered, or if it needed no answer.
        asking = session.scalars(select(Message).where(asks_still()))
        messages = {message.id: message for message in asking}
        messages |= {message.id: message for message in open_messages_in(session)}
        jobs = [
            job for job in open_jobs_in(session) if job.status == JobStatus.APPLIED or open_questions(job)
        ]
        owners = {message.client_id for message in messages.values()} | {job.client_id for job in jobs}
        clients = _clients(session, owners)
    return waiting_rules.waiting_for(messages.values(), jobs, clients, settings, work_calendar(settings), now)


def update_suggestion(store: Store, client_id: str, now: datetime) -> UpdateSuggestion | None:
    """The next proactive update for a client, even if it is not due yet."""
    with store.session() as session:
        settings = settings_in(session)
        jobs = [job for job, _parts in under_way_in(session, client_id)]
        clients = _clients(session, {client_id})
        contacts = contacts_in(session, {client_id} if jobs else (), now)
    found = suggest_updates(clients, jobs, *contacts, work_calendar(settings), now)
    return found[0] if found else None


def _clients(session: Session, ids: set[str]) -> dict[str, Client]:
    return {client.id: client for client in session.scalars(select(Client).where(col(Client.id).in_(ids)))}
