"""What Today is built from."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import col

from app.domain.agenda import Agenda, Stage, build_agenda, build_outlook
from app.domain.codes import Direction
from app.domain.entities import Client, Job, Message, Part, Settings
from app.domain.occasions import Occasion
from app.domain.reminders import LIMIT, Reminder, Wording, plan
from app.store.queries._selects import (
    is_open,
    open_jobs_in,
    open_messages_in,
    parts_in,
    settings_in,
    unanswered,
)
from app.store.store import Store


def agenda(store: Store, now: datetime) -> Agenda:
    """Today: everything that needs the user, in order of what is due first."""
    return build_agenda(now, *_material(store))


def outlook(store: Store, now: datetime, until: datetime, limit: int) -> list[list[Stage]]:
    """Today as it will change by itself until then; see `build_outlook`."""
    return build_outlook(now, until, limit, *_material(store))


def reminders(
    store: Store, now: datetime, word: Callable[[Occasion, Client | None], Wording], limit: int = LIMIT
) -> list[Reminder]:
    """The reminder plan; see `plan`. `word` is told the client, too."""
    material = _material(store)
    clients = material[1]
    return plan(now, *material, lambda each: word(each, clients.get(each.client_id)), limit)


def _material(
    store: Store,
) -> tuple[Settings, dict[str, Client], list[Message], list[Job], dict[str, list[Part]]]:
    with store.session() as session:
        settings = settings_in(session)
        messages = open_messages_in(session)
        jobs = open_jobs_in(session)
        parts = parts_in(session, select(col(Job.id)).where(is_open()))
        clients = session.scalars(
            select(Client).where(
                or_(
                    col(Client.id).in_(select(col(Message.client_id)).where(*unanswered())),
                    col(Client.id).in_(select(col(Job.client_id)).where(is_open())),
                    col(Client.standing_call_rule) != "",
                )
            )
        ).all()
    return settings, {client.id: client for client in clients}, messages, jobs, parts


def open_messages(store: Store) -> list[Message]:
    """The unanswered ones: clients' that the user owes an answer, and the user's own that wait for one."""
    with store.session() as session:
        return open_messages_in(session)


def waiting(store: Store) -> list[Message]:
    """The user's own messages that wait for an answer, oldest first."""
    return [message for message in open_messages(store) if message.direction == Direction.OUT]
