"""Claims that built-in scripts make beyond their blanks, checked against the records.

A script lists its claims in its header (`claims:`). Before the text is sent, the user is warned of
unsupported claims, for example about a voicemail that nobody left.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum

from app.domain.codes import CallOutcome, Direction, JobStatus
from app.domain.jobs import is_paid_in_part
from app.domain.missed_calls import wants_answer
from app.domain.reply import is_acknowledged_late, is_answered_late
from app.domain.scripts import JUST
from app.i18n import _
from app.viewmodels.scripts import facts
from app.viewmodels.scripts.facts import Situation


class Claim(StrEnum):
    MESSAGE = "message"  # they sent the message
    LATE = "late"  # the answer to them is overdue
    CALLED = "called"  # they called, and the call was not taken
    VOICEMAIL = "voicemail"  # they left a voicemail
    AGREED = "agreed"  # a standing call is agreed
    SEVERAL_CLIENTS = "several-clients"  # the user works for several clients
    APPLIED = "applied"  # the user applied for the job
    FOLLOWED_UP = "followed-up"  # the user followed up at least once
    AHEAD = "ahead"  # the deadline has not passed
    OVERDUE = "overdue"  # the deadline of undelivered work has passed
    DONE = "done"  # the job is delivered
    UNPAID = "unpaid"  # a payment is late
    PAID_IN_PART = "paid-in-part"  # some parts are paid, others unpaid and undelivered
    REMINDED = "reminded"  # at least one reminder of the payment was sent
    REMINDED_TWICE = "reminded-twice"


def unfounded(claimed: Iterable[str], situation: Situation) -> list[Claim]:
    """The claims that no record supports, in the order stated. Unknown claims are ignored."""
    known = (Claim(each) for each in claimed if each in set(Claim))
    return [claim for claim in known if not _TESTS[claim](situation)]


def in_words(claim: Claim) -> str:
    """The claim as a clause that completes "The text says that"."""
    return {
        Claim.MESSAGE: _("they wrote to you"),
        Claim.LATE: _("your answer is late"),
        Claim.CALLED: _("they tried to reach you by phone"),
        Claim.VOICEMAIL: _("they left a voicemail"),
        Claim.AGREED: _("you agreed on a standing call"),
        Claim.SEVERAL_CLIENTS: _("you have other clients"),
        Claim.APPLIED: _("you applied for this job"),
        Claim.FOLLOWED_UP: _("you asked again before"),
        Claim.AHEAD: _("the deadline is still ahead"),
        Claim.OVERDUE: _("the deadline has passed"),
        Claim.DONE: _("the job is done"),
        Claim.UNPAID: _("a payment is late"),
        Claim.PAID_IN_PART: _("a part is paid for, and others are still to come"),
        Claim.REMINDED: _("you reminded them before"),
        Claim.REMINDED_TWICE: _("you reminded them twice"),
    }[claim]


def _wrote(situation: Situation) -> bool:
    return situation.message is not None and situation.message.direction == Direction.IN


def _late(situation: Situation) -> bool:
    """Also true once a late answer is recorded, as the claim was true when the text was sent."""
    message = situation.message
    if message is None:
        return False
    client, settings, calendar = situation.client, situation.settings, situation.calendar
    return is_answered_late(message, client, settings, calendar, situation.now) or is_acknowledged_late(
        message, client, settings, calendar
    )


def _called(situation: Situation) -> bool:
    call = situation.call
    return call is not None and not call.scheduled and call.outcome != CallOutcome.TAKEN


def _voicemail(situation: Situation) -> bool:
    """Whether this call, or another unanswered or just answered one, left a voicemail."""
    calls = [*situation.calls, *([situation.call] if situation.call else [])]
    return any(
        call.outcome == CallOutcome.VOICEMAIL
        and not call.scheduled
        and (
            call.id == (situation.call.id if situation.call else "")
            or wants_answer(call)
            or (call.answered_at is not None and call.answered_at >= situation.now - JUST)
        )
        for call in calls
    )


def _agreed(situation: Situation) -> bool:
    return situation.client is not None and bool(situation.client.standing_call_rule)


def _applied(situation: Situation) -> bool:
    return situation.job is not None and situation.job.status == JobStatus.APPLIED


def _followed_up(situation: Situation) -> bool:
    item = situation.message or situation.awaited
    return item is not None and item.direction == Direction.OUT and bool(item.followed_up_at)


def _ahead(situation: Situation) -> bool:
    """Also true without a recorded deadline, which the user may know."""
    late = facts.delay(situation)
    return late is None or not late.has_passed(situation.now)


def _overdue(situation: Situation) -> bool:
    late = facts.delay(situation)
    return late is not None and late.has_passed(situation.now)


def _done(situation: Situation) -> bool:
    done = (JobStatus.DELIVERED, JobStatus.ACCEPTED, JobStatus.PAID, JobStatus.CLOSED)
    return situation.job is not None and situation.job.status in done


def _unpaid(situation: Situation) -> bool:
    payments = facts.asked_for(situation)
    return bool(payments) and all(payment.is_late(situation.calendar, situation.now) for payment in payments)


def _reminded(times: int) -> Callable[[Situation], bool]:
    def enough_reminders(situation: Situation) -> bool:
        payments = facts.asked_for(situation)
        return bool(payments) and all(len(payment.reminded) >= times for payment in payments)

    return enough_reminders


_TESTS: dict[Claim, Callable[[Situation], bool]] = {
    Claim.MESSAGE: _wrote,
    Claim.LATE: _late,
    Claim.CALLED: _called,
    Claim.VOICEMAIL: _voicemail,
    Claim.AGREED: _agreed,
    Claim.SEVERAL_CLIENTS: lambda situation: situation.several_clients,
    Claim.APPLIED: _applied,
    Claim.FOLLOWED_UP: _followed_up,
    Claim.AHEAD: _ahead,
    Claim.OVERDUE: _overdue,
    Claim.DONE: _done,
    Claim.UNPAID: _unpaid,
    Claim.PAID_IN_PART: lambda situation: is_paid_in_part(situation.parts),
    Claim.REMINDED: _reminded(1),
    Claim.REMINDED_TWICE: _reminded(2),
}
