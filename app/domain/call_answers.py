"""The built-in text that answers a call not taken, and whether the call can wait for the next standing call.

Second seed (fr-client-boundaries): "I got your voicemail … can it wait for our call on Friday?"
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from .calls import next_standing_call
from .codes import CallOutcome, ClientStatus
from .entities import Client, Settings
from .facts import CallFacts
from .hours import WorkCalendar
from .reply import reply_due, reply_target

LONGEST_WAIT = timedelta(weeks=1)
"""The wait of a weekly rhythm. No client is asked by default to wait longer, unless they wait longer for any
reply."""

_WAITS: dict[str, str] = {
    CallOutcome.VOICEMAIL: "voicemail-next-call",
    CallOutcome.MISSED: "deferred-request",
}
_REPLY: dict[str, str] = {
    CallOutcome.VOICEMAIL: "voicemail-received",
    CallOutcome.MISSED: "missed-call",
}
_ASK_WHY = {True: "voicemail-why-next-call", False: "voicemail-why"}

CALL_SCRIPTS = frozenset({*_WAITS.values(), *_REPLY.values(), *_ASK_WHY.values()})

INVITING_SCRIPTS = frozenset({*_REPLY.values(), _ASK_WHY[False]})
"""Scripts of `CALL_SCRIPTS` that offer the client another call."""

BY_EMAIL = "call-by-email"
"""Script that answers a call in writing only, for clients who call too often."""


def call_script(call: CallFacts, *, waits: bool) -> str:
    """Return the id of the text that answers a call not taken; empty for a call taken.

    `waits`: it proposes to wait for the next standing call (see `standing_call_to_wait_for`). A voicemail
    that only says "call me back" is asked for its reason.
    """
    if call.outcome == CallOutcome.VOICEMAIL and call.said_why is False:
        return _ASK_WHY[waits]
    return (_WAITS if waits else _REPLY).get(call.outcome, "")


def standing_call_to_wait_for(
    call: CallFacts, client: Client, settings: Settings, calendar: WorkCalendar, now: datetime
) -> datetime | None:
    """Return the next standing call if the matter of `call` can wait for it, else None.

    There is none while no work goes on. The matter can wait if that is within `LONGEST_WAIT` of the call, in
    the user's days, or within the reply window.
    """
    at = next_standing_call(client, max(now, call.at), calendar)
    if at is None or client.status != ClientStatus.ACTIVE:
        return None
    wait = calendar.local(at).date() - calendar.local(call.at).date()
    window = reply_due(call.at, *reply_target(client, settings), calendar)
    return at if wait <= LONGEST_WAIT or at <= window else None


def call_to_answer(calls: Sequence[CallFacts]) -> CallFacts:
    """Return the call that one answer to all of `calls` (oldest first, not empty) is about.

    A voicemail says more than a missed call, and a reason more than "call me back".
    """
    return max(
        calls, key=lambda call: (call.outcome == CallOutcome.VOICEMAIL, call.said_why is True, call.at)
    )
