"""Queries for Today."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import or_, select
from sqlmodel import col

from app.domain.agenda import Agenda, OtherWork, Stage, build_agenda, build_outlook
from app.domain.codes import Direction
from app.domain.entities import Client, Job, Message, Part, Settings
from app.domain.exposure import LatePayments, late_payments, payments
from app.domain.hours import work_calendar
from app.domain.jobs import is_under_way
from app.domain.proactive import UpdateSuggestion, suggest_updates
from app.domain.workload import Overload, backlog, workload
from app.store.queries._others import other_work_in
from app.store.queries._rows import Contacts, contacts_in
from app.store.queries._selects import (
    is_open,
    open_jobs_in,
    open_messages_in,
    parts_in,
    settings_in,
)
from app.store.store import Store


@dataclass(frozen=True)
class TodayView:
    """Everything on Today, and the proactive updates."""

    agenda: Agenda
    late: list[Overload]  # jobs that no longer fit
    updates: list[UpdateSuggestion]  # proactive updates, including those not due yet
    clients: dict[str, Client]  # those referenced by entries, and those with a standing call
    has_clients: bool  # whether any client exists
    late_payments: LatePayments


class OpenWork(NamedTuple):
    """All open work; the input of Today, the first paint, the reminders and the badge."""

    settings: Settings
    clients: dict[str, Client]
    messages: list[Message]
    jobs: list[Job]
    parts: dict[str, list[Part]]
    others: OtherWork
    under_way: list[Job]
    contacts: Contacts
    has_clients: bool


SHARED_FOR = timedelta(days=1)


@dataclass(frozen=True)
class _Loaded:
    revision: int  # of the store
    at: datetime
    work: OpenWork


_LOADED: WeakKeyDictionary[Store, _Loaded] = WeakKeyDictionary()


def today(store: Store, now: datetime) -> TodayView:
    """Today as of `now`."""
    return _view(open_work(store, now), now)


def outlook(store: Store, now: datetime, until: datetime, limit: int) -> tuple[TodayView, list[list[Stage]]]:
    """Today as of `now`, and its future stages until then; see `build_outlook`."""
    found = open_work(store, now)
    return _view(found, now), build_outlook(now, until, limit, *found[:6])


def _view(found: OpenWork, now: datetime) -> TodayView:
    settings, calendar = found.settings, work_calendar(found.settings)
    rows = [(job, found.parts.get(job.id, [])) for job in found.under_way]
    left = backlog(rows, settings, calendar, now)
    return TodayView(
        build_agenda(now, *found[:5], others=found.others),
        workload(left.tasks, settings, calendar, now).late,
        suggest_updates(found.clients, found.under_way, *found.contacts, calendar, now),
        found.clients,
        found.has_clients,
        late_payments(payments(found.others.owing, found.clients, settings, calendar, now), calendar, now),
    )


def open_work(store: Store, now: datetime) -> OpenWork:
    """The stored open work. It is cached per revision of the store and shared: do not change it.

    `now` limits how far back records are read. Times within a day of each other share the cached result.
    """
    loaded = _LOADED.get(store)
    if loaded and loaded.revision == store.revision and abs(loaded.at - now) <= SHARED_FOR:
        return loaded.work
    work = _load(store, now - SHARED_FOR)
    _LOADED[store] = _Loaded(store.revision, now, work)
    return work


def _load(store: Store, now: datetime) -> OpenWork:
    with store.session() as session:
        settings = settings_in(session)
        messages = open_messages_in(session)
        jobs = open_jobs_in(session)
        parts = parts_in(session, select(col(Job.id)).where(is_open()))
        others = other_work_in(session, jobs, parts, now)
        named = {each.client_id for each in (*messages, *jobs, *others.client_records())}
        wanted = or_(col(Client.id).in_(named), col(Client.standing_call_rule) != "")
        clients = session.scalars(select(Client).where(wanted)).all()
        under_way = [job for job in jobs if is_under_way(job, parts.get(job.id, ()))]
        contacts = contacts_in(session, {job.client_id for job in under_way}, now)
        has_clients = bool(clients) or session.scalar(select(col(Client.id)).limit(1)) is not None
    by_id = {client.id: client for client in clients}
    return OpenWork(settings, by_id, messages, jobs, parts, others, under_way, contacts, has_clients)


def open_messages(store: Store) -> list[Message]:
    """Unanswered messages: clients' messages that need an answer, and the user's that wait for one."""
    with store.session() as session:
        return open_messages_in(session)


def waiting(store: Store) -> list[Message]:
    """The user's own messages that wait for an answer, oldest first."""
    return [message for message in open_messages(store) if message.direction == Direction.OUT]
