"""What a client's page shows, and the commands for a client."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from app.domain.calls import weekly_rhythm
from app.domain.codes import ClientStatus
from app.domain.conversations import Terms, agreed_in
from app.domain.entities import Client
from app.domain.hours import WorkCalendar, parse_weekly, zone_of
from app.domain.proactive import UpdateSuggestion
from app.domain.timeline import TimelineEntry
from app.i18n import Formatter, _, n_
from app.store import queries
from app.store.queries import ClientGlance, UnscheduledCalls
from app.store.store import Change
from app.viewmodels import record as record_commands
from app.viewmodels import update_suggestion as suggestion
from app.viewmodels.services import AppServices


@dataclass(frozen=True)
class Day:
    """The timeline entries of one day; `title` names the day."""

    title: str
    entries: list[TimelineEntry]


@dataclass(frozen=True)
class ClientPage:
    """A client and the data shown on their page."""

    client: Client
    agreed: Terms  # terms about calls and the rate that they agreed to and that still hold
    calls: UnscheduledCalls
    glance: ClientGlance
    suggested: UpdateSuggestion | None  # due today, before they ask
    topics: int  # open ones, for the next call
    days: list[Day]
    more: bool


def is_about_calls(page: ClientPage) -> bool:
    """Whether the client called recently, or anything was said or agreed about calls."""
    total, ladder = page.glance.calls.total, page.glance.ladder
    rang = total.unscheduled or total.scheduled or page.glance.next_call or page.client.standing_call_rule
    return bool(rang or ladder.last or ladder.next or ladder.agreed)


def load(app: AppServices, client_id: str, limit: int) -> ClientPage | None:
    """Load the page with up to `limit` timeline entries; None if there is no such client."""
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


def is_at_work(client: Client, app: AppServices) -> bool | None:
    """Whether it is within the client's working hours; None if those are unknown."""
    hours = parse_weekly(client.working_hours)
    if not hours:
        return None
    return WorkCalendar(zone_of(client.time_zone, app.calendar.zone), hours).is_working_time(app.now)


def record(app: AppServices, client: Client, what: str) -> None:
    """Record a message, call or job of this client and open it above their page."""
    record_commands.record(app, what, client, show=app.open)


def set_status(app: AppServices, client: Client, status: ClientStatus) -> None:
    confirmation = {
        ClientStatus.ACTIVE: _("{name} is active again"),
        ClientStatus.PAUSED: _("{name} is paused"),
        ClientStatus.ENDED: _("Work with {name} has ended"),
    }[status]

    def change(current: Client) -> None:
        current.status = status

    app.write(lambda: app.store.update(Client, client.id, change), confirmation.format(name=client.name))


def add(app: AppServices, client: Client) -> bool:
    return app.write(lambda: app.store.add(client), _("Saved"))


def save(app: AppServices, initial: Client, edited: Client) -> bool:
    """Save the fields changed in the form."""
    return app.write(lambda: app.store.transact(lambda unit: unit.merge(initial, edited)), _("Saved"))


def delete(app: AppServices, client: Client) -> bool:
    """Delete the client and all their records; the confirmation counts them."""
    return app.write(lambda: app.store.delete(client), lambda change: _deleted(app, client, change))


def _deleted(app: AppServices, client: Client, change: Change) -> str:
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


def rhythm(app: AppServices, client: Client) -> str:
    """The standing call in words, in the client's time zone: "Every Friday at 10:00, 30 minutes"."""
    agreed = weekly_rhythm(client.standing_call_rule)
    length = app.format.duration(timedelta(minutes=client.standing_call_minutes))
    if agreed is None or client.standing_call_start is None:
        return _("Agreed, {duration}").format(duration=length)
    weeks, days = agreed
    theirs = Formatter(app.settings.language, zone_of(client.time_zone, app.calendar.zone))
    names = theirs.listed(theirs.weekday(day) for day in days)
    time = theirs.time(client.standing_call_start)
    if weeks == 1:
        return _("Every {days} at {time}, {duration}").format(days=names, time=time, duration=length)
    every = n_("Every week", "Every {n} weeks", weeks)
    return _("{every_n_weeks}: {days} at {time}, {duration}").format(
        every_n_weeks=every, days=names, time=time, duration=length
    )


def agreed_terms(app: AppServices, page: ClientPage) -> list[tuple[str, str]]:
    """(label, value) pairs of the terms agreed with the client that still hold."""
    client, agreed = page.client, page.agreed
    lines = []
    if client.standing_call_rule:
        lines.append((_("Standing call"), rhythm(app, client)))
    if agreed.call_allowance is not None:
        lines.append((_("Unscheduled calls a week"), str(agreed.call_allowance)))
    if agreed.rate is not None:
        currency = client.currency or app.settings.currency
        lines.append(
            (_("Rate"), _("{amount} an hour").format(amount=app.format.money(agreed.rate, currency)))
        )
    return lines
