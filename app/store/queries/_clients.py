"""Queries about clients."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import select, text
from sqlmodel import col

from app.domain.call_weeks import count_calls
from app.domain.calls import call_allowance, unscheduled_this_week
from app.domain.codes import ClientStatus
from app.domain.entities import Call, Client, StatusUpdate
from app.domain.hours import work_calendar
from app.domain.normalisation import normalise
from app.store.store import Store


def clients(store: Store, status: str | None = None) -> list[Client]:
    """Clients sorted by reading, or by name if they have none, ignoring case, accents, width and kana."""
    query = select(Client)
    if status is not None:
        query = query.where(col(Client.status) == status)
    with store.session() as session:
        found = session.scalars(query).all()
    return sorted(found, key=lambda client: (normalise(client.reading or client.name), client.id))


def clients_by_id(store: Store, ids: Iterable[str] | None = None) -> dict[str, Client]:
    """All clients, or those with the given ids; unknown ids are omitted."""
    query = select(Client)
    if ids is not None:
        query = query.where(col(Client.id).in_(set(ids)))
    with store.session() as session:
        return {client.id: client for client in session.scalars(query)}


RECENT = 200  # rows of each kind: enough to find the clients of recent work

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
    """Active clients, most recent activity first, then newest; for suggestions when recording something."""
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


_LAST_CHANNEL = text("""
    SELECT used.channel FROM (
        SELECT * FROM (
            SELECT channel, at FROM message WHERE client_id = :id ORDER BY at DESC LIMIT 1)
        UNION ALL SELECT * FROM (
            SELECT channel, at FROM "update" WHERE client_id = :id ORDER BY at DESC LIMIT 1)
    ) AS used ORDER BY used.at DESC LIMIT 1""")


def last_channel(store: Store, client_id: str) -> str | None:
    """The channel of the latest message or update exchanged with a client; None if there is none."""
    with store.session() as session:
        found: str | None = session.scalar(_LAST_CHANNEL, {"id": client_id})
    return found


_CHANNELS_BY_USE = text("""
    SELECT channel FROM (SELECT channel FROM message UNION ALL SELECT channel FROM "update")
    WHERE channel <> '' GROUP BY channel ORDER BY count(*) DESC, channel""")


def channels_by_use(store: Store) -> list[str]:
    """The channels of all messages and updates, the most used first."""
    with store.session() as session:
        return list(session.scalars(_CHANNELS_BY_USE))


@dataclass(frozen=True)
class UnscheduledCalls:
    """A client's unscheduled calls in the current week."""

    taken: int
    missed: int
    voicemails: int
    allowance: int  # as many a week are fine, answered or not

    @property
    def rung(self) -> int:
        """All calls, taken or not."""
        return self.taken + self.missed + self.voicemails

    @property
    def over(self) -> bool:
        """Whether there were more than the allowance."""
        return self.rung > self.allowance


def unscheduled_calls(store: Store, client: Client, now: datetime) -> UnscheduledCalls:
    """The number of unscheduled calls this week, and the allowance."""
    settings = store.settings()
    calls = calls_for(store, client.id, now - timedelta(days=8))
    rang = unscheduled_this_week(calls, client.id, now, work_calendar(settings))
    return unscheduled_counts(rang, call_allowance(client, settings))


def unscheduled_counts(calls: Iterable[Call], allowance: int) -> UnscheduledCalls:
    """Count unscheduled calls by outcome."""
    counts = count_calls(calls)
    return UnscheduledCalls(counts.taken, counts.missed, counts.voicemail, allowance)


def updates_for(store: Store, client_id: str, since: datetime | None = None) -> list[StatusUpdate]:
    """Updates to a client, newest first."""
    return _dealings(store, StatusUpdate, client_id, since)


def calls_for(store: Store, client_id: str, since: datetime | None = None) -> list[Call]:
    """Calls of a client, newest first."""
    return _dealings(store, Call, client_id, since)


def calls_since(store: Store, since: datetime) -> list[Call]:
    """Calls of all clients, newest first."""
    with store.session() as session:
        return list(session.scalars(select(Call).where(col(Call.at) >= since).order_by(col(Call.at).desc())))


Dealing = TypeVar("Dealing", Call, StatusUpdate)


def _dealings(store: Store, kind: type[Dealing], client_id: str, since: datetime | None) -> list[Dealing]:
    query = select(kind).where(col(kind.client_id) == client_id).order_by(col(kind.at).desc())
    if since is not None:
        query = query.where(col(kind.at) >= since)
    with store.session() as session:
        return list(session.scalars(query))
