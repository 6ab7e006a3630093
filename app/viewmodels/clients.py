"""The list of clients: a summary of each, and its filters."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from app.domain.calls import call_allowance, unscheduled_this_week, week_of
from app.domain.codes import ClientStatus, Direction
from app.domain.entities import Call, Client
from app.domain.ladder import Ladder
from app.domain.normalisation import normalise
from app.store import queries
from app.store.queries import UnscheduledCalls
from app.viewmodels.services import AppServices


@dataclass(frozen=True)
class ClientListRow:
    """A client's summary in the list."""

    client: Client
    owed: int  # messages that need the user's reply
    jobs: int  # with work left
    calls: UnscheduledCalls  # this week's
    ladder: Ladder | None


@dataclass(frozen=True)
class ClientList:
    """All clients by name, and their number by status."""

    rows: list[ClientListRow]
    counts: dict[str, int]
    unpaid: dict[str, int]  # delivered and unpaid, of all clients: minor units by currency

    def shown(self, query: str, status: str) -> list[ClientListRow]:
        """Clients matching every word of `query` by name, handle or notes; without one, those of `status`."""
        words = normalise(query).split()
        if not words:
            return [row for row in self.rows if row.client.status == status]
        return [row for row in self.rows if _matches(row.client, words)]


def load(app: AppServices) -> ClientList:
    clients = queries.clients(app.store)
    owed = Counter(
        message.client_id for message in queries.open_messages(app.store) if message.direction == Direction.IN
    )
    jobs = queries.under_way(app.store)
    calls: defaultdict[str, list[Call]] = defaultdict(list)
    for call in queries.calls_since(app.store, week_of(app.now, app.calendar)[0]):
        calls[call.client_id].append(call)
    ladders = queries.ladders(app.store, app.now)
    rows = []
    for client in clients:
        unscheduled = unscheduled_this_week(calls[client.id], client.id, app.now, app.calendar)
        rows.append(
            ClientListRow(
                client,
                owed[client.id],
                jobs[client.id],
                queries.unscheduled_counts(unscheduled, call_allowance(client, app.settings)),
                ladders.get(client.id),
            )
        )
    counts = Counter(client.status for client in clients)
    by_status = {status.value: counts[status] for status in ClientStatus}
    return ClientList(rows, by_status, queries.exposures(app.store).total)


def _matches(client: Client, words: list[str]) -> bool:
    handles = " ".join(channel["handle"] for channel in client.channels)
    text = normalise(f"{client.name} {client.organisation} {client.reading} {handles} {client.notes}")
    return all(word in text for word in words)
