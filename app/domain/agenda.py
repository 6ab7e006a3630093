"""Today: everything that needs the user now, in one list, in order of what is due first."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from .calls import next_standing_call
from .codes import ClientStatus, Direction
from .deadlines import DeadlinePhase, DeadlineView, job_deadlines
from .entities import Client, Job, Message, Part, Settings
from .hours import DAY, MINUTE, WorkCalendar, work_calendar
from .reply import HOUR, WindowState, reply_window, share_left
from .silence import SilenceStep, silence

HORIZON_DAYS = 14


class AgendaKind(StrEnum):
    REPLY = "reply"
    PROMISE = "promise"
    INTERNAL_DEADLINE = "internal_deadline"
    DEADLINE = "deadline"
    FOLLOW_UP = "follow_up"
    SILENT = "silent"
    STANDING_CALL = "standing_call"


@dataclass(frozen=True)
class AgendaItem:
    """One thing to do. A follow-up, a silence and a call under way are due in the past, yet not overdue."""

    kind: AgendaKind
    due: datetime
    state: WindowState
    share_left: float
    client_id: str
    message: Message | None = None
    job: Job | None = None
    part: Part | None = None
    snoozed_until: datetime | None = None  # set in `Agenda.snoozed` only

    @property
    def key(self) -> str:
        """The same for the same thing, whatever becomes of its state."""
        thing = self.message or self.part or self.job
        return f"{type(thing).__name__.lower()}:{thing.id}" if thing else f"call:{self.client_id}"


@dataclass(frozen=True)
class Agenda:
    """`next_change` is the next instant at which any state, place in the list or membership changes."""

    items: list[AgendaItem]
    snoozed: list[AgendaItem]
    next_change: datetime | None


@dataclass(frozen=True)
class Stage:
    """How one thing stands from an instant on, until its next stage; None while it is not in the list."""

    since: datetime
    item: AgendaItem | None


class _Entry(NamedTuple):
    """A thing as it stands now (or None: not in the list yet), and when that changes by itself."""

    item: AgendaItem | None
    next_change: datetime | None


class _Thing(NamedTuple):
    """What may be in the list, as it stands at any instant."""

    entry: Callable[[datetime], _Entry]
    snoozed_until: datetime | None = None

    def at(self, now: datetime) -> _Entry:
        """The entry, among the snoozed for as long as that lasts; its state goes on changing there."""
        entry, until = self.entry(now), self.snoozed_until
        if until is None or until <= now or entry.item is None:
            return entry
        return _Entry(replace(entry.item, snoozed_until=until), min(until, entry.next_change or until))


def build_agenda(
    now: datetime,
    settings: Settings,
    clients: Mapping[str, Client],
    messages: Iterable[Message],
    jobs: Iterable[Job],
    parts: Mapping[str, Sequence[Part]],
    horizon_days: int = HORIZON_DAYS,
) -> Agenda:
    """Today at `now`. `messages` are the unanswered ones of both directions; `parts` are by job id.

    Replies are always in, whoever they are for; deadlines from `horizon_days` before; follow-ups when they
    are due, unless work for the client has ended; the standing calls with active clients a day before.
    """
    now = now.astimezone(UTC)
    things = _things(settings, clients, messages, jobs, parts, timedelta(days=horizon_days))
    return _in_order([thing.at(now) for thing in things], clients)


def build_outlook(
    now: datetime,
    until: datetime,
    limit: int,
    settings: Settings,
    clients: Mapping[str, Client],
    messages: Iterable[Message],
    jobs: Iterable[Job],
    parts: Mapping[str, Sequence[Part]],
) -> list[list[Stage]]:
    """Today as it will be from `now` until `until` if nothing is done: the stages of each thing, in order.

    Of at most `limit` things: those in the list, by what is due first, then those that will be.
    """
    now, until = now.astimezone(UTC), until.astimezone(UTC)
    found: list[tuple[bool, datetime, _Thing]] = []
    for thing in _things(settings, clients, messages, jobs, parts, timedelta(days=HORIZON_DAYS)):
        item, next_change = thing.at(now)
        first = item.due if item else next_change
        if first is not None and (item or first < until):
            found.append((item is None, first, thing))
    found.sort(key=lambda each: each[:2])
    return [list(_stages(thing, now, until)) for _, _, thing in found[:limit]]


def _stages(thing: _Thing, now: datetime, until: datetime) -> Iterator[Stage]:
    at: datetime | None = now
    while at is not None and at < until:
        item, next_change = thing.at(at)
        yield Stage(at, item)
        at = next_change


def due_count(agenda: Agenda, now: datetime) -> int:
    """What is overdue or due within the hour: the number on the badge. A silent client is not counted."""
    return sum(item.due <= now + HOUR for item in agenda.items if item.kind != AgendaKind.SILENT)


def _things(
    settings: Settings,
    clients: Mapping[str, Client],
    messages: Iterable[Message],
    jobs: Iterable[Job],
    parts: Mapping[str, Sequence[Part]],
    horizon: timedelta,
) -> Iterator[_Thing]:
    calendar = work_calendar(settings)
    for message in messages:
        client = clients.get(message.client_id)
        yield _Thing(partial(_message_entry, message, client, settings, calendar), message.snoozed_until)
    for job in jobs:
        for part, view in job_deadlines(job, parts.get(job.id, ()), settings, calendar):
            yield _Thing(partial(_deadline_entry, job, part, view, horizon), job.snoozed_until)
    for client in clients.values():
        if client.standing_call_rule and client.status == ClientStatus.ACTIVE:
            yield _Thing(partial(_standing_call_entry, client, calendar))


def _message_entry(
    message: Message, client: Client | None, settings: Settings, calendar: WorkCalendar, now: datetime
) -> _Entry:
    if message.direction == Direction.OUT:
        return _follow_up_entry(message, client, settings, calendar, now)
    window = reply_window(message, client, settings, calendar)
    if window is None:
        return _Entry(None, None)
    kind = AgendaKind.PROMISE if window.promise else AgendaKind.REPLY
    item = AgendaItem(
        kind, window.due, window.state(now), window.share_left(now), message.client_id, message=message
    )
    return _Entry(item, window.next_change(now))


def _follow_up_entry(
    message: Message, client: Client | None, settings: Settings, calendar: WorkCalendar, now: datetime
) -> _Entry:
    if client is not None and client.status == ClientStatus.ENDED:
        return _Entry(None, None)
    waiting = silence(message, settings, calendar, now)
    if waiting is None:
        return _Entry(None, None)
    step, due = waiting
    if step == SilenceStep.WAITING:
        return _Entry(None, due)
    kind = AgendaKind.SILENT if step == SilenceStep.SILENT else AgendaKind.FOLLOW_UP
    return _Entry(AgendaItem(kind, due, WindowState.HALF, 0.0, message.client_id, message=message), None)


def _deadline_entry(
    job: Job, part: Part | None, view: DeadlineView, horizon: timedelta, now: datetime
) -> _Entry:
    due = view.current_due(now)
    if due > now + horizon:
        return _Entry(None, due - horizon)
    internal = view.phase(now) == DeadlinePhase.INTERNAL
    item = AgendaItem(
        AgendaKind.INTERNAL_DEADLINE if internal else AgendaKind.DEADLINE,
        due,
        view.state(now),
        view.share_left(now),
        job.client_id,
        job=job,
        part=part,
    )
    return _Entry(item, view.next_change(now))


def _standing_call_entry(client: Client, calendar: WorkCalendar, now: datetime) -> _Entry:
    length = max(client.standing_call_minutes, 1) * MINUTE
    at = next_standing_call(client, now - length, calendar)
    if at is None:
        return _Entry(None, None)
    if at > now + DAY:
        return _Entry(None, at - DAY)
    soon = now >= at - HOUR
    state = WindowState.HOUR if soon else WindowState.CALM
    left = share_left(at - DAY, at, now)
    item = AgendaItem(AgendaKind.STANDING_CALL, at, state, left, client.id)
    return _Entry(item, at + length if soon else at - HOUR)


def _in_order(entries: Iterable[_Entry], clients: Mapping[str, Client]) -> Agenda:
    names = {client_id: client.name.casefold() for client_id, client in clients.items()}

    def order(item: AgendaItem) -> tuple[datetime, int, str, str]:
        return item.due, -item.state.severity, names.get(item.client_id, ""), item.key

    found = sorted((entry.item for entry in entries if entry.item is not None), key=order)
    return Agenda(
        items=[item for item in found if item.snoozed_until is None],
        snoozed=[item for item in found if item.snoozed_until is not None],
        next_change=min((entry.next_change for entry in entries if entry.next_change), default=None),
    )
