"""What a built-in text states beyond its blanks, and whether what is noted bears it out.

A text lists its claims at its head (`claims:`). One that nothing noted bears out is named before the text
goes out: a client is never told of a voicemail nobody left.
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
    MESSAGE = "message"  # they wrote
    LATE = "late"  # their answer was due before now
    CALLED = "called"  # they rang, and were not answered
    VOICEMAIL = "voicemail"  # they left one
    AGREED = "agreed"  # a standing call
    SEVERAL_CLIENTS = "several-clients"  # there are others to work for
    APPLIED = "applied"  # for the job
    FOLLOWED_UP = "followed-up"  # at least once, on what waits
    AHEAD = "ahead"  # the deadline
    OVERDUE = "overdue"  # the deadline has passed, and the work is not delivered
    DONE = "done"  # the job is delivered
    UNPAID = "unpaid"  # a payment is late
    PAID_IN_PART = "paid-in-part"  # and the rest is still to be delivered
    REMINDED = "reminded"  # of the payment, once at least
    REMINDED_TWICE = "reminded-twice"


def unfounded(stated: Iterable[str], situation: Situation) -> list[Claim]:
    """Those nothing noted bears out, in the order stated. A claim this version does not know is left out."""
    known = (Claim(each) for each in stated if each in set(Claim))
    return [claim for claim in known if not _TESTS[claim](situation)]


def in_words(claim: Claim) -> str:
    """What the text says, after "The text says that"."""
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
    """Also once the answer is noted: what the text said was true when it went out."""
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
    """The call itself, or another that the same answer covers: unanswered, or just answered."""
    rang = [*situation.calls, *([situation.call] if situation.call else [])]
    return any(
        call.outcome == CallOutcome.VOICEMAIL
        and not call.scheduled
        and (
            call.id == (situation.call.id if situation.call else "")
            or wants_answer(call)
            or (call.answered_at is not None and call.answered_at >= situation.now - JUST)
        )
        for call in rang
    )


def _agreed(situation: Situation) -> bool:
    return situation.client is not None and bool(situation.client.standing_call_rule)


def _applied(situation: Situation) -> bool:
    return situation.job is not None and situation.job.status == JobStatus.APPLIED


def _followed_up(situation: Situation) -> bool:
    item = situation.message or situation.awaited
    return item is not None and item.direction == Direction.OUT and bool(item.followed_up_at)


def _ahead(situation: Situation) -> bool:
    """Also while no deadline is noted: the user knows of one."""
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
    def told(situation: Situation) -> bool:
        payments = facts.asked_for(situation)
        return bool(payments) and all(len(payment.reminded) >= times for payment in payments)

    return told


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
