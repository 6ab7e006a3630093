"""Queries for the coach: a client's contact pattern, boundary ladder, and grounds for decisions."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from app.domain import availability as availability_rules
from app.domain import missed_calls
from app.domain.availability import AvailabilitySum, worked_minutes
from app.domain.call_weeks import CallAdvice, CallGlance, advise_on_call, calls_at_a_glance
from app.domain.calls import call_allowance, next_standing_call, week_of
from app.domain.codes import ClientStatus
from app.domain.decision import Circumstances
from app.domain.entities import Call, Client, Conversation, Job, Message, StatusUpdate
from app.domain.exposure import Payment, exposures, income_shares, payments
from app.domain.first_use import calls_a_week, calls_known_since
from app.domain.hours import work_calendar
from app.domain.ladder import BEFORE, Ladder, ladder
from app.domain.missed_calls import UnansweredCalls
from app.domain.reply import awaits_user
from app.domain.silence import UPDATE_ANSWERS_FOR
from app.domain.trust import TrustNumbers, trust
from app.store.queries._rows import CallFactsRow, answers_since, call_rows, first_call, past_jobs
from app.store.queries._selects import (
    EVIDENCE,
    conversations_of,
    open_messages_in,
    owes_answer_in,
    owing_jobs_in,
    parts_in,
    settings_in,
    under_way_in,
)
from app.store.store import Store

RELATIONSHIP_DAYS = 90
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class ClientGlance:
    """Summary of the relationship with a client."""

    ladder: Ladder
    calls: CallGlance
    response: TrustNumbers  # the last 90 days, with this client
    exposure: dict[str, int]  # delivered and unpaid minor units by currency
    payments: list[Payment]
    next_call: datetime | None


def client_glance(store: Store, client_id: str, now: datetime, weeks: int = 8) -> ClientGlance | None:
    """The summary; None if there is no such client (any more)."""
    since = now - timedelta(days=2 * RELATIONSHIP_DAYS)
    with store.session() as session:
        settings = settings_in(session)
        client = session.get(Client, client_id)
        if client is None:
            return None
        conversations = session.scalars(conversations_of(client_id)).all()
        start = min(
            [since, now - timedelta(weeks=weeks + 1), *(each.at - EVIDENCE for each in conversations)]
        )
        calls = call_rows(session, col(Call.client_id) == client_id, col(Call.at) >= start)
        messages = answers_since(session, since, col(Message.client_id) == client_id)
        past = past_jobs(session, since, col(Job.client_id) == client_id)
        owing = owing_jobs_in(session, client_id)
        first = first_call(session)
        known = calls_known_since(client, (call.at for call in calls), first)
        owes = owes_answer_in(session, client_id)
    calendar = work_calendar(settings)
    by_id = {client_id: client}
    report = trust(RELATIONSHIP_DAYS, by_id, messages, calls, past, settings, calendar, now)
    return ClientGlance(
        ladder(client, calls, conversations, settings, calendar, now, owes_answer=owes, first_call=first),
        calls_at_a_glance(client, calls, settings, calendar, now, weeks, known),
        report.present,
        exposures(owing, settings.currency).total,
        payments(owing, by_id, settings, calendar, now),
        next_standing_call(client, now, calendar),
    )


def client_ladder(store: Store, client_id: str, now: datetime) -> Ladder | None:
    """A client's position on the ladder; None if there is no such client (any more)."""
    with store.session() as session:
        settings = settings_in(session)
        client = session.get(Client, client_id)
        if client is None:
            return None
        said = session.scalars(conversations_of(client_id)).all()
        since = min([now, *(each.at for each in said)]) - EVIDENCE
        calls = call_rows(session, col(Call.client_id) == client_id, col(Call.at) >= since)
        first = first_call(session)
        owes = owes_answer_in(session, client_id)
    calendar = work_calendar(settings)
    return ladder(client, calls, said, settings, calendar, now, owes_answer=owes, first_call=first)


def ladders(store: Store, now: datetime) -> dict[str, Ladder]:
    """Ladder positions by client id. Omits ended clients, and those without recent calls or conversations."""
    with store.session() as session:
        settings = settings_in(session)
        said = defaultdict(list)
        for each in session.scalars(conversations_of(None)):
            said[each.client_id].append(each)
        first = min((each.at for talks in said.values() for each in talks), default=now)
        calls = defaultdict(list)
        for row in call_rows(session, col(Call.at) >= min(first, now) - EVIDENCE):
            calls[row.client_id].append(row)
        wanted = (col(Client.id).in_({*said, *calls}), col(Client.status) != ClientStatus.ENDED.value)
        clients = session.scalars(select(Client).where(*wanted)).all()
        owed = {each.client_id for each in open_messages_in(session) if awaits_user(each)}
    calendar = work_calendar(settings)
    return {
        client.id: ladder(
            client,
            calls[client.id],
            said[client.id],
            settings,
            calendar,
            now,
            owes_answer=client.id in owed,
        )
        for client in clients
    }


def conversations_for(store: Store, client_id: str) -> list[Conversation]:
    """Conversations with a client, newest first."""
    with store.session() as session:
        return list(session.scalars(conversations_of(client_id)))


def calls_of(store: Store, client_id: str, since: datetime) -> list[CallFactsRow]:
    """The client's calls since then."""
    with store.session() as session:
        return call_rows(session, col(Call.client_id) == client_id, col(Call.at) >= since)


def unanswered_calls(store: Store, client_id: str, now: datetime) -> UnansweredCalls | None:
    """The client's calls that need an answer, or None."""
    with store.session() as session:
        settings = settings_in(session)
        client = session.get(Client, client_id)
        theirs = (col(Call.client_id) == client_id, col(Call.at) >= now - missed_calls.FORGOTTEN)
        calls = call_rows(session, *theirs)
    return missed_calls.unanswered_calls(client_id, calls, client, settings, work_calendar(settings), now)


def works_for_several(store: Store) -> bool:
    """Whether there is more than one client that has not ended."""
    with store.session() as session:
        going_on = col(Client.status) != ClientStatus.ENDED.value
        return (session.scalar(select(func.count()).select_from(Client).where(going_on)) or 0) > 1


def call_advice(store: Store, call: Call, now: datetime) -> CallAdvice | None:
    """Advice to show when a call is logged; None if its client does not exist (any more)."""
    with store.session() as session:
        settings = settings_in(session)
        client = session.get(Client, call.client_id)
        if client is None:
            return None
        calendar = work_calendar(settings)
        since = min(week_of(call.at, calendar)[0], now - missed_calls.FORGOTTEN)
        calls = call_rows(session, col(Call.client_id) == client.id, col(Call.at) >= since)
        updates = session.scalars(
            select(StatusUpdate).where(
                col(StatusUpdate.client_id) == client.id, col(StatusUpdate.at) >= call.at - UPDATE_ANSWERS_FOR
            )
        ).all()
    return advise_on_call(call, client, calls, updates, settings, calendar, now)


def availability(
    store: Store, client_id: str, now: datetime, paid_minutes: int | None = None
) -> AvailabilitySum | None:
    """The calculation behind a higher rate. `paid_minutes` is the user's own figure for four weeks of work.

    None without a rate or minutes, or if there is no such client (any more).
    """
    since = now - availability_rules.SPAN
    with store.session() as session:
        client = session.get(Client, client_id)
        if client is None:
            return None
        calls = call_rows(session, col(Call.client_id) == client_id, col(Call.at) >= since)
        jobs = session.scalars(select(Job).where(col(Job.client_id) == client_id)).all()
        parts = parts_in(session, [job.id for job in jobs])
        known = calls_known_since(client, (call.at for call in calls), first_call(session))
    worked = worked_minutes([(job, parts.get(job.id, [])) for job in jobs], since, now)
    return availability_rules.availability_sum(
        client, calls, worked if paid_minutes is None else paid_minutes, now, since=known
    )


def circumstances(store: Store, client_id: str, now: datetime) -> Circumstances | None:
    """The facts for the last step of the ladder; None if there is no such client (any more)."""
    since = now - YEAR
    with store.session() as session:
        settings = settings_in(session)
        clients = {client.id: client for client in session.scalars(select(Client))}
        client = clients.get(client_id)
        if client is None:
            return None
        rows = past_jobs(session, since)
        owing = owing_jobs_in(session, client_id)
        calls = call_rows(session, col(Call.at) >= since)
        open_jobs = len(under_way_in(session, client_id))
        first = first_call(session)
    calendar = work_calendar(settings)
    days = YEAR.days
    usual = trust(days, clients, (), calls, rows, settings, calendar, now).present
    their_calls = [call for call in calls if call.client_id == client_id]
    their_rows = [row for row in rows if row[0].client_id == client_id]
    with_them = trust(days, clients, (), their_calls, their_rows, settings, calendar, now).present
    known = calls_known_since(client, (call.at for call in their_calls), first)
    return Circumstances(
        income_share=income_shares(rows, since, settings.currency).get(client_id, {}),
        unpaid=exposures(owing, settings.currency).total,
        open_jobs=open_jobs,
        calls_a_week=calls_a_week(their_calls, now - BEFORE, now, known),
        allowance=call_allowance(client, settings),
        effective_rate=with_them.effective_rate,
        usual_rate=usual.effective_rate,
    )
