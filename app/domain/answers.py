"""Find which open matters of a client an incoming message or call may answer.

Both seeds: clients who have answered are not chased, and clients who were answered do not wait.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .exposure import Payment, PaymentStep
from .missed_calls import UnansweredCalls
from .waiting import Waiting


class MatterKind(StrEnum):
    WAITING = "waiting"  # the user's message, offer or question
    APPLICATION = "application"
    PAYMENT = "payment"
    CALLS = "calls"  # voicemails and missed calls


@dataclass(frozen=True)
class Matter:
    """An open matter between the user and a client; exactly one of the last three fields is set."""

    kind: MatterKind
    since: datetime
    waiting: Waiting | None = None
    payment: Payment | None = None
    unanswered: UnansweredCalls | None = None

    @property
    def key(self) -> str:
        """A key that identifies the matter."""
        if self.waiting and self.waiting.question:
            return f"question:{self.waiting.question['id']}"
        if self.waiting:
            record = self.waiting.message or self.waiting.job
            return f"{self.kind}:{record.id if record else ''}"
        if self.payment:
            return f"payment:{(self.payment.part or self.payment.job).id}"
        return self.kind.value


def open_matters(
    at: datetime,
    waiting: Iterable[Waiting],
    payments: Iterable[Payment],
    unanswered: UnansweredCalls | None,
) -> list[Matter]:
    """Return one client's matters that were open at `at`, oldest first.

    Payments are included once overdue or once a reminder was sent.
    """
    found = [
        Matter(
            MatterKind.APPLICATION if each.job and not each.question else MatterKind.WAITING,
            each.since,
            waiting=each,
        )
        for each in waiting
    ]
    found += [
        Matter(MatterKind.PAYMENT, each.due, payment=each)
        for each in payments
        if each.step is not PaymentStep.WAITING or each.reminded
    ]
    if unanswered is not None:
        found.append(Matter(MatterKind.CALLS, unanswered.window.opened, unanswered=unanswered))
    return sorted((each for each in found if each.since <= at), key=lambda each: (each.since, each.key))
