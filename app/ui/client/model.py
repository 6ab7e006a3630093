"""What a client's page shows, and what can be done with a client: no controls here."""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby

from app.domain.codes import ClientStatus
from app.domain.conversations import Terms, agreed_in
from app.domain.entities import Client
from app.domain.hours import WorkCalendar, parse_weekly, zone_of
from app.domain.proactive import UpdateSuggestion
from app.i18n import _, n_
from app.store import queries
from app.store.queries import ClientGlance, TimelineEntry, UnscheduledCalls
from app.store.store import Change
from app.ui.record import model as record_commands
from app.ui.state import AppState
from app.ui.update import suggestion


@dataclass(frozen=True)
class Day:
    """The entries of one day, under its name."""

    title: str
    entries: list[TimelineEntry]


@dataclass(frozen=True)
class ClientPage:
    """A client with what their page shows around them."""

    client: Client
    agreed: Terms  # what they agreed to about calls and the rate, as far as it holds still
    calls: UnscheduledCalls
    glance: ClientGlance
    suggested: UpdateSuggestion | None  # to send today, before they ask
    topics: int  # that wait for the next call
    days: list[Day]
    more: bool


def is_about_calls(page: ClientPage) -> bool:
    """Whether a call came lately, or anything was said or agreed about calls."""
    total, ladder = page.glance.calls.total, page.glance.ladder
    rang = total.unscheduled or total.scheduled or page.glance.next_call or page.client.standing_call_rule
    return bool(rang or ladder.last or ladder.next or ladder.agreed)


def load(app: AppState, client_id: str, limit: int) -> ClientPage | None:
    """With at least `limit` entries of the timeline; None when there is no such client (any more)."""
    client = app.store.get(Client, client_id)
    glance = queries.client_glance(app.store, client_id, app.now)
    if client is None or glance is None:
        return None
    entries = queries.timeline(app.store, client_id, limit=limit + 1)
    update = queries.update_suggestion(app.store, client_id, app.now)
    return ClientPage(
        client,
        agreed_in(queries.conversations_for(app.store, client_id), client),
        queries.unscheduled_calls(app.store, client, app.now),
        glance,
        next(iter(suggestion.due(app, [update] if update else [])), None),
        len(queries.open_topics(app.store, client_id, app.now)),
        [
            Day(title, list(found))
            for title, found in groupby(entries[:limit], lambda entry: app.format.day(entry.at, app.now))
        ],
        len(entries) > limit,
    )


def is_at_work(client: Client, app: AppState) -> bool | None:
    """Whether the client works at this moment; None when their hours are not known."""
    hours = parse_weekly(client.working_hours)
    if not hours:
        return None
    return WorkCalendar(zone_of(client.time_zone, app.calendar.zone), hours).is_working_time(app.now)


def record(app: AppState, client: Client, what: str) -> None:
    """Note a message, a call or a job of this client, and show it over their page."""
    record_commands.record(app, what, client, show=app.open)


def set_status(app: AppState, client: Client, status: ClientStatus) -> None:
    said = {
        ClientStatus.ACTIVE: _("{name} is active again"),
        ClientStatus.PAUSED: _("{name} is paused"),
        ClientStatus.ENDED: _("Work with {name} has ended"),
    }[status]

    def change(current: Client) -> None:
        current.status = status

    app.write(lambda: app.store.update(Client, client.id, change), said.format(name=client.name))


def add(app: AppState, client: Client) -> bool:
    return app.write(lambda: app.store.add(client), _("Saved"))


def save(app: AppState, initial: Client, edited: Client) -> bool:
    """Keep what the form changed."""
    return app.write(lambda: app.store.transact(lambda unit: unit.merge(initial, edited)), _("Saved"))


def delete(app: AppState, client: Client) -> bool:
    """With everything that belongs to the client; the word afterwards says how much that was."""
    return app.write(lambda: app.store.delete(client), lambda change: _deleted(app, client, change))


def _deleted(app: AppState, client: Client, change: Change) -> str:
    gone = Counter(image.key.kind for image in change.images)
    counted = [
        words
        for kind, words in (
            ("message", n_("{n} message", "{n} messages", gone["message"])),
            ("call", n_("{n} call", "{n} calls", gone["call"])),
            ("topic", n_("{n} topic", "{n} topics", gone["topic"])),
            ("update", n_("{n} update", "{n} updates", gone["update"])),
            ("conversation", n_("{n} conversation", "{n} conversations", gone["conversation"])),
            ("job", n_("{n} job", "{n} jobs", gone["job"])),
        )
        if gone[kind]
    ]
    if not counted:
        return _("{name} deleted").format(name=client.name)
    things = app.format.listed(counted)
    return _("{name} deleted, with {things}").format(name=client.name, things=things)
