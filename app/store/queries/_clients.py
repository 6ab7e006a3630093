"""Questions about clients."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import func, or_, select, text
from sqlmodel import col

from app.domain.calls import allowance_left, call_allowance, unscheduled_this_week
from app.domain.codes import ClientStatus
from app.domain.entities import Call, Client, Job, Message, Update
from app.domain.hours import work_calendar
from app.domain.jobs import OPEN_STATUSES, exposure
from app.store.queries._selects import has_unpaid_part, is_open, parts_in, unanswered
from app.store.search import normalise
from app.store.store import Store


def clients(store: Store, status: str | None = None) -> list[Client]:
    """By name, whatever its case, accents or kana."""
    query = select(Client)
    if status is not None:
        query = query.where(col(Client.status) == status)
    with store.session() as session:
        found = session.scalars(query).all()
    return sorted(found, key=lambda client: (normalise(client.name), client.id))


def clients_by_id(store: Store, ids: Iterable[str] | None = None) -> dict[str, Client]:
    """All of them, or those asked for; an unknown id has no entry."""
    query = select(Client)
    if ids is not None:
        query = query.where(col(Client.id).in_(set(ids)))
    with store.session() as session:
        return {client.id: client for client in session.scalars(query)}


RECENT = 200  # of each kind: enough to know whom the user is dealing with these days

_LIKELY = text("""
    SELECT recent.client_id FROM (
        SELECT * FROM (SELECT client_id, at FROM message ORDER BY at DESC LIMIT :recent)
        UNION ALL SELECT * FROM (SELECT client_id, at FROM call ORDER BY at DESC LIMIT :recent)
        UNION ALL SELECT * FROM (SELECT client_id, at FROM "update" ORDER BY at DESC LIMIT :recent)
        UNION ALL SELECT * FROM (
            SELECT client_id, started_at AS at FROM job ORDER BY started_at DESC LIMIT :recent)
    ) AS recent JOIN client ON client.id = recent.client_id WHERE client.status = :active
    GROUP BY recent.client_id ORDER BY max(recent.at) DESC LIMIT :limit""")


def likely_clients(store: Store, limit: int = 6) -> list[Client]:
    """The active clients something is most likely recorded for: most recent activity first, then newest."""
    active = ClientStatus.ACTIVE.value
    query = select(Client).where(col(Client.status) == active)
    with store.session() as session:
        ids = list(session.scalars(_LIKELY, {"recent": RECENT, "active": active, "limit": limit}))
        recent = session.scalars(query.where(col(Client.id).in_(ids))).all()
        found = sorted(recent, key=lambda client: ids.index(client.id))
        if len(found) < limit:
            others = query.where(col(Client.id).not_in(ids)).order_by(col(Client.created_at).desc())
            found += session.scalars(others.limit(limit - len(found))).all()
    return found


@dataclass(frozen=True)
class ClientSummary:
    """A client at a glance."""

    open_messages: int  # unanswered, both directions
    active_jobs: int
    unscheduled_calls: int  # this week, taken or not
    allowance: int  # unscheduled calls a week
    allowance_left: int
    exposure: dict[str, int]  # delivered and unpaid, minor units by currency


def client_summary(store: Store, client_id: str, now: datetime) -> ClientSummary:
    settings = store.settings()
    calendar = work_calendar(settings)
    calls = calls_for(store, client_id, now - timedelta(days=8))
    with store.session() as session:
        client = session.get(Client, client_id) or Client(id=client_id)
        owed = select(func.count()).where(col(Message.client_id) == client_id, *unanswered())
        jobs = session.scalars(
            select(Job).where(col(Job.client_id) == client_id, or_(is_open(), has_unpaid_part()))
        ).all()
        parts = parts_in(session, [job.id for job in jobs])
        messages = session.scalar(owed) or 0
    return ClientSummary(
        open_messages=messages,
        active_jobs=sum(job.status in OPEN_STATUSES for job in jobs),
        unscheduled_calls=len(unscheduled_this_week(calls, client_id, now, calendar)),
        allowance=call_allowance(client, settings),
        allowance_left=allowance_left(client, settings, calls, now, calendar),
        exposure=exposure([(job, parts.get(job.id, [])) for job in jobs], settings.currency),
    )


def updates_for(store: Store, client_id: str, since: datetime | None = None) -> list[Update]:
    """Newest first."""
    return _dealings(store, Update, client_id, since)


def calls_for(store: Store, client_id: str, since: datetime | None = None) -> list[Call]:
    """Newest first."""
    return _dealings(store, Call, client_id, since)


def calls_since(store: Store, since: datetime) -> list[Call]:
    """Every client's, newest first."""
    with store.session() as session:
        return list(session.scalars(select(Call).where(col(Call.at) >= since).order_by(col(Call.at).desc())))


Dealing = TypeVar("Dealing", Call, Update)


def _dealings(store: Store, kind: type[Dealing], client_id: str, since: datetime | None) -> list[Dealing]:
    query = select(kind).where(col(kind.client_id) == client_id).order_by(col(kind.at).desc())
    if since is not None:
        query = query.where(col(kind.at) >= since)
    with store.session() as session:
        return list(session.scalars(query))
