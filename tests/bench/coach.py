"""All rules of the coach at once, on everything there is: what a screen that shows it all would wait for."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from app.domain.call_weeks import calls_at_a_glance
from app.domain.entities import Client, Conversation
from app.domain.exposure import exposures, income_shares, payments
from app.domain.hours import work_calendar
from app.domain.ladder import ladder
from app.domain.proactive import suggest_updates
from app.domain.trust import trust
from app.domain.trust_advice import improvements
from app.domain.waiting import waiting_for
from app.domain.workload import backlog, week_plan, workload
from app.store.queries._rows import call_rows, message_rows, past_jobs, update_rows
from app.store.queries._selects import open_jobs_in, open_messages_in, owing_jobs_in, parts_in
from app.store.store import Store

YEAR = timedelta(days=365)


def all_rules(store: Store, now: datetime) -> Callable[[], object]:
    """Loads it all once; what is returned applies each rule to it, for every client."""
    settings = store.settings()
    calendar = work_calendar(settings)
    with store.session() as session:
        clients = {client.id: client for client in session.scalars(select(Client))}
        open_jobs, owing, past = open_jobs_in(session), owing_jobs_in(session), past_jobs(session, now - YEAR)
        open_messages = open_messages_in(session)
        messages, calls, updates = message_rows(session), call_rows(session), update_rows(session)
        parts = parts_in(session, [job.id for job in open_jobs])
    under_way = [(job, parts.get(job.id, [])) for job in open_jobs]
    # Half of the clients are somewhere on the ladder.
    said = {
        id_: [
            Conversation(client_id=id_, step=step, at=now - timedelta(days=40 - 9 * step))
            for step in (1, 2, 3)
        ]
        for id_ in list(clients)[::2]
    }

    def rules() -> None:
        by_client: dict[str, list[object]] = {}
        for call in calls:
            by_client.setdefault(call.client_id, []).append(call)
        for id_, client in clients.items():
            theirs = by_client.get(id_, [])
            ladder(client, theirs, said.get(id_, ()), settings, calendar, now)
            calls_at_a_glance(client, theirs, settings, calendar, now)
        exposures(owing, settings.currency)
        payments(owing, clients, settings, calendar, now)
        income_shares(past, now - YEAR, settings.currency)
        load = workload(backlog(under_way, settings, calendar, now).tasks, settings, calendar, now)
        week_plan(load, calendar, now)
        waiting_for(open_messages, open_jobs, clients, settings, calendar, now)
        suggest_updates(clients, open_jobs, messages, calls, updates, calendar, now)
        improvements(trust(90, clients, messages, calls, past, settings, calendar, now).present)

    return rules
