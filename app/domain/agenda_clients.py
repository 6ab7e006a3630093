"""How a client's standing calls, calls to answer and boundary ladder stand in Today at an instant."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from .agenda_items import AgendaItem, AgendaKind, Entry
from .calls import next_standing_call
from .entities import Client, Conversation, Settings, Topic
from .facts import CallFacts
from .hours import DAY, WorkCalendar
from .ladder import ladder, next_changes
from .missed_calls import FORGOTTEN, unanswered_calls
from .reply import HOUR, WindowState, share_left
from .standing_calls import TO_NOTE, length, to_note


def standing_call_entry(
    client: Client, topics: tuple[Topic, ...], calendar: WorkCalendar, now: datetime
) -> Entry:
    at = next_standing_call(client, now - length(client), calendar)
    if at is None:
        return Entry(None, None)
    if at > now + DAY:
        return Entry(None, at - DAY)
    soon = now >= at - HOUR
    state = WindowState.HOUR if soon else WindowState.CALM
    left = share_left(at - DAY, at, now)
    item = AgendaItem(AgendaKind.STANDING_CALL, at, state, left, client.id, topics=topics)
    return Entry(item, at + length(client) if soon else at - HOUR)


def call_to_note_entry(
    client: Client,
    topics: tuple[Topic, ...],
    noted: Sequence[datetime],
    calendar: WorkCalendar,
    now: datetime,
) -> Entry:
    """A standing call that has ended, until it is noted, or another has ended."""

    def item(now: datetime) -> AgendaItem | None:
        at = to_note(client, noted, now, calendar)
        if at is None:
            return None
        return AgendaItem(AgendaKind.CALL_TO_NOTE, at, WindowState.CALM, 0.0, client.id, topics=topics)

    shown = item(now)
    took = length(client)
    candidates = [shown.due + took + TO_NOTE] if shown else []
    after = now - took
    for _call in range(3):
        at = next_standing_call(client, after, calendar)
        if at is None:
            break
        candidates.append(at + took)
        after = at
    return _first_difference(item, shown, candidates, now)


def calls_entry(
    client_id: str,
    calls: Sequence[CallFacts],
    client: Client | None,
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
) -> Entry:
    def item(now: datetime) -> AgendaItem | None:
        found = unanswered_calls(client_id, calls, client, settings, calendar, now)
        if found is None:
            return None
        window = found.window
        return AgendaItem(
            AgendaKind.CALLS,
            window.due,
            window.state(now),
            window.share_left(now),
            client_id,
            unanswered=found,
        )

    shown = item(now)
    candidates = [call.at for call in calls if call.at > now]
    if shown and shown.unanswered:
        change = shown.unanswered.window.next_change(now)
        candidates += [shown.unanswered.calls[0].at + FORGOTTEN, *([change] if change else [])]
    return _first_difference(item, shown, candidates, now)


def ladder_entry(
    client: Client,
    calls: Sequence[CallFacts],
    talks: Sequence[Conversation],
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
) -> Entry:
    def item(now: datetime) -> AgendaItem | None:
        found = ladder(client, calls, talks, settings, calendar, now)
        since = found.next_since
        if since is None:
            return None
        return AgendaItem(AgendaKind.LADDER, since, WindowState.HALF, 0.0, client.id, ladder=found)

    found = ladder(client, calls, talks, settings, calendar, now)
    ahead = [call.at for call in calls if call.at > now] + [talk.at for talk in talks if talk.at > now]
    return _first_difference(item, item(now), [*ahead, *next_changes(found)], now)


def _face(item: AgendaItem | None) -> object:
    """What makes it another item to a reader."""
    return item and (item.kind, item.due, item.state, item.unanswered, item.step)


def _first_difference(
    item: Callable[[datetime], AgendaItem | None],
    shown: AgendaItem | None,
    candidates: Iterable[datetime],
    now: datetime,
) -> Entry:
    """The item as it is now, and the first of the candidates at which it is another one."""
    face = _face(shown)
    for at in sorted({at for at in candidates if at > now}):
        if _face(item(at)) != face:
            return Entry(shown, at)
    return Entry(shown, None)
