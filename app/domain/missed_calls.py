"""Calls that were not taken and want an answer: voicemails, and missed calls.

Second seed (fr-client-boundaries): let it ring, then write later in the day. One answer is for all the calls
of one client since the last one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .codes import CallOutcome
from .entities import Client, Settings
from .facts import CallFacts
from .hours import WorkCalendar
from .reply import Window, reply_due, reply_target

FORGOTTEN = timedelta(days=30)
"""A call so old is not answered any more."""


@dataclass(frozen=True)
class UnansweredCalls:
    """One client's, oldest first. `window` runs from the oldest: their target for replies holds."""

    client_id: str
    calls: tuple[CallFacts, ...]
    window: Window

    @property
    def newest(self) -> CallFacts:
        return self.calls[-1]

    @property
    def voicemails(self) -> int:
        return sum(call.outcome == CallOutcome.VOICEMAIL for call in self.calls)

    @property
    def missed(self) -> int:
        return len(self.calls) - self.voicemails


def wants_answer(call: CallFacts) -> bool:
    """Of a call alone: it was neither taken nor agreed on, not answered, and not put off to the next one."""
    return (
        not call.scheduled
        and call.outcome != CallOutcome.TAKEN
        and call.answered_at is None
        and call.deferred_to is None
    )


def unanswered_calls(
    client_id: str,
    calls: Iterable[CallFacts],
    client: Client | None,
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
) -> UnansweredCalls | None:
    """Those of one client, whose `calls` these are; None for none. Whoever was talked to is answered."""
    known = [call for call in calls if call.at <= now]
    talked = max((call.at for call in known if call.outcome == CallOutcome.TAKEN), default=None)
    since = now - FORGOTTEN if talked is None else max(talked, now - FORGOTTEN)
    found = sorted(
        (call for call in known if call.at > since and wants_answer(call)),
        key=lambda call: (call.at, call.id),
    )
    if not found:
        return None
    due = reply_due(found[0].at, *reply_target(client, settings), calendar)
    return UnansweredCalls(client_id, tuple(found), Window(found[0].at, due))
