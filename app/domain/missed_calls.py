"""Calls not taken that need an answer: voicemails and missed calls.

Second seed (fr-client-boundaries): let it ring, then write later in the day. One answer covers all of a
client's calls since the last one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .call_answers import call_to_answer
from .codes import CallOutcome
from .entities import Client, Settings
from .facts import CallFacts
from .hours import WorkCalendar
from .reply import Window, reply_due, reply_target

FORGOTTEN = timedelta(days=30)
"""Older calls are no longer answered."""


@dataclass(frozen=True)
class UnansweredCalls:
    """One client's unanswered calls, oldest first. `window` applies the reply target to the oldest."""

    client_id: str
    calls: tuple[CallFacts, ...]
    window: Window

    @property
    def to_answer(self) -> CallFacts:
        """The call that the one answer to all of them is about."""
        return call_to_answer(self.calls)

    @property
    def voicemails(self) -> int:
        return sum(call.outcome == CallOutcome.VOICEMAIL for call in self.calls)

    @property
    def missed(self) -> int:
        return len(self.calls) - self.voicemails


def wants_answer(call: CallFacts) -> bool:
    """Return whether the call itself needs an answer: unscheduled, not taken, not answered, not deferred."""
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
    """Return the unanswered ones among a client's `calls`, or None. A call taken answers all earlier ones."""
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
