"""Questions about clients."""

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
    """By the reading of the name, else by the name, whatever its case, accents, width or kana."""
    query = select(Client)
    if status is not None:
        query = query.where(col(Client.status) == status)
    with store.session() as session:
        found = session.scalars(query).all()
    return sorted(found, key=lambda client: (normalise(client.reading or client.name), client.id))


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


_LAST_CHANNEL = text("""
    SELECT used.channel FROM (
        SELECT * FROM (
            SELECT channel, at FROM message WHERE client_id = :id ORDER BY at DESC LIMIT 1)
        UNION ALL SELECT * FROM (
            SELECT channel, at FROM "update" WHERE client_id = :id ORDER BY at DESC LIMIT 1)
    ) AS used ORDER BY used.at DESC LIMIT 1""")


def last_channel(store: Store, client_id: str) -> str | None:
    """The channel of the latest message from or to a client, or update to them; None before the first."""
    with store.session() as session:
        found: str | None = session.scalar(_LAST_CHANNEL, {"id": client_id})
    return found


@dataclass(frozen=True)
class UnscheduledCalls:
    """A client's, of this week."""

    taken: int
    missed: int
    voicemails: int
    allowance: int  # how many to take

    @property
    def rung(self) -> int:
        """Taken or not."""
        return self.taken + self.missed + self.voicemails


def unscheduled_calls(store: Store, client: Client, now: datetime) -> UnscheduledCalls:
    """How many there were this week, beside how many there may be."""
    settings = store.settings()
    calls = calls_for(store, client.id, now - timedelta(days=8))
    rang = unscheduled_this_week(calls, client.id, now, work_calendar(settings))
    return unscheduled_counts(rang, call_allowance(client, settings))


def unscheduled_counts(calls: Iterable[Call], allowance: int) -> UnscheduledCalls:
    """Of calls that nobody agreed on, by what became of them."""
    counts = count_calls(calls)
    return UnscheduledCalls(counts.taken, counts.missed, counts.voicemail, allowance)


def updates_for(store: Store, client_id: str, since: datetime | None = None) -> list[StatusUpdate]:
    """Newest first."""
    return _dealings(store, StatusUpdate, client_id, since)


def calls_for(store: Store, client_id: str, since: datetime | None = None) -> list[Call]:
    """Newest first."""
    return _dealings(store, Call, client_id, since)


def calls_since(store: Store, since: datetime) -> list[Call]:
    """Every client's, newest first."""
    with store.session() as session:
        return list(session.scalars(select(Call).where(col(Call.at) >= since).order_by(col(Call.at).desc())))


Dealing = TypeVar("Dealing", Call, StatusUpdate)


def _dealings(store: Store, kind: type[Dealing], client_id: str, since: datetime | None) -> list[Dealing]:
    query = select(kind).where(col(kind.client_id) == client_id).order_by(col(kind.at).desc())
    if since is not None:
        query = query.where(col(kind.at) >= since)
    with store.session() as session:
        return list(session.scalars(query))
