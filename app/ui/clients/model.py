"""The list of clients: who they are, what is open with each, and which of them are shown."""

from collections import Counter
from dataclasses import dataclass

from app.domain.calls import unscheduled_this_week, week_of
from app.domain.entities import CallOutcome, Client, ClientStatus, Direction
from app.store import queries
from app.store.search import normalise
from app.ui.state import AppState


@dataclass(frozen=True)
class Row:
    """A client at a glance."""

    client: Client
    owed: int  # messages that wait for the user's reply
    jobs: int  # active ones
    calls: int  # unscheduled calls taken this week
    rung: int  # all unscheduled calls this week, taken or not
    allowance: int  # unscheduled calls a week


@dataclass(frozen=True)
class ClientList:
    rows: list[Row]
    counts: dict[str, int]  # clients by status, whatever was searched for


def load(app: AppState, query: str, status: str) -> ClientList:
    """The clients whose name, handle or notes hold every word of `query`; without one, those of a status."""
    everybody = queries.clients(app.store)
    words = normalise(query).split()
    if words:
        found = [client for client in everybody if _matches(client, words)]
    else:
        found = [client for client in everybody if client.status == status]
    owed = Counter(
        message.client_id for message in queries.open_messages(app.store) if message.direction == Direction.IN
    )
    jobs = Counter(job.client_id for job in queries.open_jobs(app.store))
    calls = queries.calls_since(app.store, week_of(app.now, app.calendar)[0])
    rung = {
        client_id: unscheduled_this_week(calls, client_id, app.now, app.calendar)
        for client_id in {call.client_id for call in calls}
    }
    rows = []
    for client in found:
        rang = rung.get(client.id, [])
        rows.append(
            Row(
                client,
                owed[client.id],
                jobs[client.id],
                sum(call.outcome == CallOutcome.TAKEN for call in rang),
                len(rang),
                app.settings.call_allowance if client.call_allowance is None else client.call_allowance,
            )
        )
    return ClientList(rows, {value: _count(everybody, value) for value in ClientStatus})


def _count(clients: list[Client], status: str) -> int:
    return sum(client.status == status for client in clients)


def _matches(client: Client, words: list[str]) -> bool:
    handles = " ".join(channel["handle"] for channel in client.channels)
    text = normalise(f"{client.name} {handles} {client.notes}")
    return all(word in text for word in words)
