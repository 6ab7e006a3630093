"""Today's entries for a client's standing calls, calls to answer and boundary ladder."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from .agenda_items import AgendaEntry, AgendaItem, AgendaKind, never
from .calls import next_standing_call
from .entities import Client, Conversation, Settings, Topic
from .facts import CallFacts
from .hours import DAY, WorkCalendar
from .ladder import Ladder, ladder, next_changes
from .missed_calls import FORGOTTEN, unanswered_calls
from .promised_calls import changed_calls
from .reply import HOUR, WindowState, share_left
from .standing_calls import TO_NOTE, length, to_note
from .topics import raised_by_client


def standing_call_entry(
    client: Client,
    topics: tuple[Topic, ...],
    noted: Sequence[datetime],
    calendar: WorkCalendar,
    now: datetime,
) -> AgendaEntry:
    """List the standing call from one day before; with topics from the client, once the last call is noted.

    `noted` holds the times of the client's recorded scheduled calls.
    """
    took = length(client)
    at = next_standing_call(client, now - took, calendar)
    if at is None:
        return raised_entry(client, topics, now)
    if at > now + DAY:
        before = to_note(client, noted, now, calendar)
        if not raised_by_client(topics):
            return AgendaEntry(None, lambda: at - DAY)
        if before is not None:
            return AgendaEntry(None, lambda: min(at - DAY, before + took + TO_NOTE))
    soon = now >= at - HOUR
    state = WindowState.HOUR if soon else WindowState.CALM
    left = share_left(at - DAY, at, now)
    item = AgendaItem(AgendaKind.STANDING_CALL, at, state, left, client.id, topics=topics)
    return AgendaEntry(item, lambda: at + took if soon else at - HOUR)


def call_changed_entry(client: Client, calendar: WorkCalendar, now: datetime) -> AgendaEntry:
    """List the most urgent standing call that the client is to be told of, due before they expect it."""

    def item(now: datetime) -> AgendaItem | None:
        changed = next(iter(changed_calls(client, calendar, now)), None)
        if changed is None:
            return None
        due = changed.due
        state = WindowState.CALM if now < due - HOUR else WindowState.HOUR
        if now >= due:
            state = WindowState.OVERDUE
        left = share_left(due - DAY, due, now)
        return AgendaItem(AgendaKind.CALL_CHANGED, due, state, left, client.id, changed=changed)

    def candidates(shown: AgendaItem | None) -> Iterator[datetime]:
        if shown and shown.changed:
            yield from (shown.due - HOUR, shown.due, shown.changed.until)

    return _entry(item, candidates, now)


def raised_entry(client: Client, topics: tuple[Topic, ...], _now: datetime) -> AgendaEntry:
    """List topics raised by a client who has no standing call."""
    raised = raised_by_client(topics)
    if not raised:
        return AgendaEntry(None, never)
    since = raised[0].created_at
    item = AgendaItem(AgendaKind.TOPICS, since, WindowState.HALF, 0.0, client.id, topics=topics)
    return AgendaEntry(item, never)


def call_to_note_entry(
    client: Client,
    topics: tuple[Topic, ...],
    noted: Sequence[datetime],
    calendar: WorkCalendar,
    now: datetime,
) -> AgendaEntry:
    """List a standing call that has ended, until it is noted or the next one has ended."""

    def item(now: datetime) -> AgendaItem | None:
        at = to_note(client, noted, now, calendar)
        if at is None:
            return None
        return AgendaItem(AgendaKind.CALL_TO_NOTE, at, WindowState.CALM, 0.0, client.id, topics=topics)

    def candidates(shown: AgendaItem | None) -> Iterator[datetime]:
        took = length(client)
        if shown:
            yield shown.due + took + TO_NOTE
        at: datetime | None = now - took
        for _call in range(3):
            at = next_standing_call(client, at, calendar) if at else None
            if at:
                yield at + took

    return _entry(item, candidates, now)


def calls_entry(
    client_id: str,
    calls: Sequence[CallFacts],
    topics: Sequence[Topic],
    client: Client | None,
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
) -> AgendaEntry:
    def item(now: datetime) -> AgendaItem | None:
        found = unanswered_calls(client_id, calls, client, settings, calendar, now)
        if found is None:
            return None
        window, theirs = found.window, {call.id for call in found.calls}
        return AgendaItem(
            AgendaKind.CALLS,
            window.due,
            window.state(now),
            window.share_left(now),
            client_id,
            unanswered=found,
            topics=tuple(topic for topic in topics if topic.call_id in theirs),
        )

    def candidates(shown: AgendaItem | None) -> Iterator[datetime]:
        yield from (call.at for call in calls)
        if shown and shown.unanswered:
            yield shown.unanswered.calls[0].at + FORGOTTEN
            change = shown.unanswered.window.next_change(now)
            if change:
                yield change

    return _entry(item, candidates, now)


def ladder_entry(
    client: Client,
    calls: Sequence[CallFacts],
    talks: Sequence[Conversation],
    owes_answer: bool,
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
) -> AgendaEntry:
    def ladder_at(now: datetime) -> Ladder:
        return ladder(client, calls, talks, settings, calendar, now, owes_answer=owes_answer)

    def item(now: datetime) -> AgendaItem | None:
        found = ladder_at(now)
        since = found.next_since
        if since is None:
            return None
        return AgendaItem(AgendaKind.LADDER, since, WindowState.HALF, 0.0, client.id, ladder=found)

    def candidates(_shown: AgendaItem | None) -> Iterator[datetime]:
        yield from (call.at for call in calls)
        yield from (talk.at for talk in talks)
        yield from (call.at + FORGOTTEN for call in calls if call.said_why)
        yield from next_changes(ladder_at(now))

    return _entry(item, candidates, now)


def _appearance(item: AgendaItem | None) -> object:
    """Return the fields whose change makes the item look different."""
    return item and (item.kind, item.due, item.state, item.unanswered, item.step)


def _entry(
    item: Callable[[datetime], AgendaItem | None],
    candidates: Callable[[AgendaItem | None], Iterable[datetime]],
    now: datetime,
) -> AgendaEntry:
    """Build an entry whose next change is the first later candidate at which the item looks different."""
    shown = item(now)

    def change() -> datetime | None:
        appearance = _appearance(shown)
        ahead = sorted({at for at in candidates(shown) if at > now})
        return next((at for at in ahead if _appearance(item(at)) != appearance), None)

    return AgendaEntry(shown, change)
