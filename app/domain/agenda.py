"""Today: one list of everything that needs the user, ordered by due time."""

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from .agenda_clients import (
    call_changed_entry,
    call_to_note_entry,
    calls_entry,
    ladder_entry,
    raised_entry,
    standing_call_entry,
)
from .agenda_entries import (
    application_entry,
    asked_entry,
    deadline_entry,
    message_entry,
    offer_entry,
    payment_entry,
    to_ask_entry,
)
from .agenda_items import NO_OTHER_WORK, AgendaEntry, AgendaItem, AgendaKind, OtherWork
from .answers_owed import AnswersOwed
from .calls import call_allowance
from .codes import ClientStatus, Direction, JobStatus
from .deadlines import job_deadlines
from .entities import Client, Conversation, Job, Message, Part, Settings, Topic
from .exposure import payments
from .facts import CallFacts
from .hours import WorkCalendar, work_calendar
from .reply import HOUR, awaits_user, open_questions
from .topics import in_order

__all__ = [
    "NO_OTHER_WORK",
    "Agenda",
    "AgendaItem",
    "AgendaKind",
    "OtherWork",
    "Stage",
    "build_agenda",
    "build_outlook",
    "due_count",
]

HORIZON_DAYS = 14
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Agenda:
    items: list[AgendaItem]
    snoozed: list[AgendaItem]
    entries: Sequence[AgendaEntry] = ()

    @property
    def next_change(self) -> datetime | None:
        """The next instant at which an item changes state or position, appears or disappears."""
        changes = (entry.change() for entry in self.entries)
        return min((at for at in changes if at), default=None)


@dataclass(frozen=True)
class Stage:
    """The state of one item from an instant until its next stage; `item` is None while it is not listed."""

    since: datetime
    item: AgendaItem | None


class _Candidate(NamedTuple):
    """A candidate for the list, evaluated at any instant."""

    entry: Callable[[datetime], AgendaEntry]
    snoozed_until: datetime | None = None

    def at(self, now: datetime) -> AgendaEntry:
        """Return the entry at `now`. While snoozed, it carries `snoozed_until`; its state still changes."""
        entry, until = self.entry(now), self.snoozed_until
        if until is None or until <= now or entry.item is None:
            return entry
        return AgendaEntry(
            replace(entry.item, snoozed_until=until), lambda: min(until, entry.change() or until)
        )


def build_agenda(
    now: datetime,
    settings: Settings,
    clients: Mapping[str, Client],
    messages: Iterable[Message],
    jobs: Iterable[Job],
    parts: Mapping[str, Sequence[Part]],
    horizon_days: int = HORIZON_DAYS,
    others: OtherWork = NO_OTHER_WORK,
) -> Agenda:
    """Build Today at `now`. `messages` are the unanswered ones in both directions; `parts` are by job id.

    Replies, calls to answer and payment reminders are always listed, for any client. Deadlines are listed
    from `horizon_days` ahead. Follow-ups, offers, questions and the next boundary step are listed when due,
    unless the client's status is ended. Standing calls are listed for active clients from one day before. A
    client who waits for an answer about a job is not chased about the same job. Its late payment is listed
    with the message to answer first.
    """
    now = now.astimezone(UTC)
    candidates = _candidates(settings, clients, messages, jobs, parts, timedelta(days=horizon_days), others)
    return _sorted_agenda([candidate.at(now) for candidate in candidates], clients)


def build_outlook(  # noqa: PLR0913, PLR0917 - all inputs of Today
    now: datetime,
    until: datetime,
    limit: int,
    settings: Settings,
    clients: Mapping[str, Client],
    messages: Iterable[Message],
    jobs: Iterable[Job],
    parts: Mapping[str, Sequence[Part]],
    others: OtherWork = NO_OTHER_WORK,
) -> list[list[Stage]]:
    """Return how Today develops from `now` to `until` if the user does nothing: the stages of each item.

    Returns at most `limit` items: those listed now by due time, then those that appear later.
    """
    now, until = now.astimezone(UTC), until.astimezone(UTC)
    found: list[tuple[bool, datetime, _Candidate]] = []
    for candidate in _candidates(
        settings, clients, messages, jobs, parts, timedelta(days=HORIZON_DAYS), others
    ):
        item, change = candidate.at(now)
        first = item.due if item else change()
        if first is not None and (item or first < until):
            found.append((item is None, first, candidate))
    found.sort(key=lambda each: each[:2])
    return [list(_stages(candidate, now, until)) for _, _, candidate in found[:limit]]


def _stages(candidate: _Candidate, now: datetime, until: datetime) -> Iterator[Stage]:
    at: datetime | None = now
    while at is not None and at < until:
        item, change = candidate.at(at)
        yield Stage(at, item)
        at = change()


def due_count(agenda: Agenda, now: datetime) -> int:
    """Return the badge count: items overdue or due within the hour, without those that can wait."""
    return sum(item.due <= now + HOUR for item in agenda.items if item.counts)


def _candidates(
    settings: Settings,
    clients: Mapping[str, Client],
    messages: Iterable[Message],
    jobs: Iterable[Job],
    parts: Mapping[str, Sequence[Part]],
    horizon: timedelta,
    others: OtherWork,
) -> Iterator[_Candidate]:
    calendar = work_calendar(settings)
    ended = {client.id for client in clients.values() if client.status == ClientStatus.ENDED}
    messages = list(messages)
    owed = AnswersOwed(messages)
    yield from _open_messages(messages, clients, ended, settings, calendar, owed)
    for message in (each for each in others.answered if each.client_id not in ended):
        yield from _questions(message, settings, calendar, owed, to_ask=True)
    for job in jobs:
        for part, view in job_deadlines(job, parts.get(job.id, ()), settings, calendar):
            yield _Candidate(partial(deadline_entry, job, part, view, horizon), job.snoozed_until)
        if job.client_id not in ended:
            yield from _unanswered_offers(job, settings, calendar, owed)
            yield from _questions(job, settings, calendar, owed, to_ask=True)
    for payment in payments(others.owing, clients, settings, calendar, FAR):
        yield _Candidate(partial(payment_entry, payment, owed.first_about(payment.job), calendar))
    awaiting = {message.client_id for message in messages if awaits_user(message)}
    yield from _calls(settings, clients, others, awaiting, calendar)


def _calls(
    settings: Settings,
    clients: Mapping[str, Client],
    others: OtherWork,
    owed: Container[str],
    calendar: WorkCalendar,
) -> Iterator[_Candidate]:
    """Yield the standing calls with their topics, the calls to answer and the boundary ladders.

    `owed` holds the ids of clients who wait for the user's answer.
    """
    calls: dict[str, list[CallFacts]] = defaultdict(list)
    for call in others.calls:
        calls[call.client_id].append(call)
    topics: dict[str, list[Topic]] = defaultdict(list)
    for topic in in_order(others.topics):
        topics[topic.client_id].append(topic)
    yield from _standing_calls(clients, calls, topics, calendar)
    for client_id, theirs in calls.items():
        client, kept = clients.get(client_id), topics.get(client_id, ())
        yield _Candidate(partial(calls_entry, client_id, theirs, kept, client, settings, calendar))
    yield from _ladders(settings, clients, calls, others.conversations, owed, calendar)


def _open_messages(
    messages: Iterable[Message],
    clients: Mapping[str, Client],
    ended: Collection[str],
    settings: Settings,
    calendar: WorkCalendar,
    owed: AnswersOwed,
) -> Iterator[_Candidate]:
    for message in messages:
        if message.direction == Direction.OUT and owed.before_follow_up(message):
            continue
        client = clients.get(message.client_id)
        yield _Candidate(partial(message_entry, message, client, settings, calendar), message.snoozed_until)
        if message.questions and message.direction == Direction.IN and message.client_id not in ended:
            yield from _questions(message, settings, calendar, owed, to_ask=False)


def _unanswered_offers(
    job: Job, settings: Settings, calendar: WorkCalendar, owed: AnswersOwed
) -> Iterator[_Candidate]:
    """Yield applications and offers that the other side has not answered."""
    if job.status == JobStatus.APPLIED and not owed.any_about(job):
        yield _Candidate(partial(application_entry, job, settings, calendar), job.snoozed_until)
    elif job.status == JobStatus.OFFERED:
        yield _Candidate(partial(offer_entry, job), job.snoozed_until)


def _questions(
    item: Message | Job, settings: Settings, calendar: WorkCalendar, owed: AnswersOwed, *, to_ask: bool
) -> Iterator[_Candidate]:
    """Yield the open questions that were asked and, with `to_ask`, those still to be asked.

    Callers omit the latter for a message that awaits a reply: the reply asks them.
    """
    for question in open_questions(item):
        if question["asked_at"]:
            if owed.any_about(item, datetime.fromisoformat(question["asked_at"])):
                continue
            yield _Candidate(
                partial(asked_entry, item, question["id"], settings, calendar), item.snoozed_until
            )
        elif to_ask:
            yield _Candidate(partial(to_ask_entry, item, question), item.snoozed_until)


def _standing_calls(
    clients: Mapping[str, Client],
    calls: Mapping[str, Sequence[CallFacts]],
    topics: Mapping[str, Sequence[Topic]],
    calendar: WorkCalendar,
) -> Iterator[_Candidate]:
    for client in clients.values():
        theirs = tuple(topics.get(client.id, ()))
        if client.standing_call_told and client.status != ClientStatus.ENDED:
            yield _Candidate(partial(call_changed_entry, client, calendar))
        if client.standing_call_rule and client.status == ClientStatus.ACTIVE:
            noted = [call.at for call in calls.get(client.id, ()) if call.scheduled]
            yield _Candidate(partial(standing_call_entry, client, theirs, noted, calendar))
            yield _Candidate(partial(call_to_note_entry, client, theirs, noted, calendar))
        elif theirs and client.status != ClientStatus.ENDED:
            yield _Candidate(partial(raised_entry, client, theirs))


def _ladders(
    settings: Settings,
    clients: Mapping[str, Client],
    calls: Mapping[str, Sequence[CallFacts]],
    conversations: Iterable[Conversation],
    owed: Container[str],
    calendar: WorkCalendar,
) -> Iterator[_Candidate]:
    """Yield ladder steps for clients who exceeded their allowance or already had a boundary conversation."""
    talks: dict[str, list[Conversation]] = defaultdict(list)
    for talk in conversations:
        talks[talk.client_id].append(talk)
    for client_id in {**calls, **talks}:
        client, theirs = clients.get(client_id), calls.get(client_id, ())
        if client is None or client.status == ClientStatus.ENDED:
            continue
        if client_id in talks or len(theirs) > call_allowance(client, settings):
            owes = client_id in owed
            entry = partial(ladder_entry, client, theirs, talks[client_id], owes, settings, calendar)
            yield _Candidate(entry, client.ladder_snoozed_until)


def _sorted_agenda(entries: Iterable[AgendaEntry], clients: Mapping[str, Client]) -> Agenda:
    names = {client_id: client.name.casefold() for client_id, client in clients.items()}

    def order(item: AgendaItem) -> tuple[datetime, int, str, str]:
        return item.due, -item.state.severity, names.get(item.client_id, ""), item.key

    entries = list(entries)
    found = sorted((entry.item for entry in entries if entry.item is not None), key=order)
    return Agenda(
        items=[item for item in found if item.snoozed_until is None],
        snoozed=[item for item in found if item.snoozed_until is not None],
        entries=entries,
    )
