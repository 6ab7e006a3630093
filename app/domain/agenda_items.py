"""Building blocks of Today: the kinds of items, and one item as it stands at an instant."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from .codes import BoundaryStep
from .column_types import Question
from .entities import Conversation, Job, Message, Part, Topic, kind_of
from .exposure import Payment
from .facts import CallFacts
from .ladder import Ladder
from .missed_calls import UnansweredCalls
from .promised_calls import ChangedCall
from .reply import WindowState
from .waiting import Waiting


class AgendaKind(StrEnum):
    REPLY = "reply"
    PROMISE = "promise"
    INTERNAL_DEADLINE = "internal_deadline"
    DEADLINE = "deadline"
    FOLLOW_UP = "follow_up"
    SILENT = "silent"
    STANDING_CALL = "standing_call"
    CALL_TO_NOTE = "call_to_note"  # a standing call that has ended and is not noted as held or cancelled
    CALLS = "calls"  # voicemails and missed calls of one client
    CALL_CHANGED = "call_changed"  # a standing call at another time than the client expects
    TOPICS = "topics"  # topics from a client without a standing call
    APPLICATION = "application"
    OFFER = "offer"  # an offer of work to the user
    QUESTION = "question"  # a question that was asked and is due to be asked again
    TO_ASK = "to_ask"
    PAYMENT = "payment"
    LADDER = "ladder"  # the next step of the boundary ladder


UNCOUNTED = frozenset({AgendaKind.SILENT, AgendaKind.CALL_TO_NOTE, AgendaKind.LADDER, AgendaKind.TOPICS})
"""Kinds that can wait: the badge does not count them."""


_KINDS_IN_KEY = frozenset(
    {
        AgendaKind.PAYMENT,
        AgendaKind.CALL_TO_NOTE,
        AgendaKind.CALL_CHANGED,
        AgendaKind.CALLS,
        AgendaKind.LADDER,
        AgendaKind.TOPICS,
    }
)


@dataclass(frozen=True)
class OtherWork:
    """Inputs of Today besides open messages and jobs."""

    answered: Sequence[Message] = ()  # messages that need no reply but still have an open question
    owing: Sequence[tuple[Job, Sequence[Part]]] = ()  # jobs that may have unpaid deliveries, with their parts
    calls: Sequence[CallFacts] = ()  # of the last month; all since the first boundary conversation, if any
    conversations: Sequence[Conversation] = ()
    topics: Sequence[Topic] = ()  # not ticked off

    def client_records(self) -> Iterator[Message | Job | CallFacts | Conversation | Topic]:
        """Yield every record that names a client."""
        yield from self.topics
        yield from self.answered
        yield from (job for job, _parts in self.owing)
        yield from self.calls
        yield from self.conversations


NO_OTHER_WORK = OtherWork()


@dataclass(frozen=True)
class AgendaItem:
    """One item to do. Items that only wait (see `AgendaKind`) have a past `due` and are not overdue."""

    kind: AgendaKind
    due: datetime
    state: WindowState
    share_left: float
    client_id: str
    message: Message | None = None
    job: Job | None = None
    part: Part | None = None
    waiting: Waiting | None = None  # of an application or of an asked question
    question: Question | None = None  # of the message or job
    payment: Payment | None = None
    owed: Message | None = None  # of a payment: the client's message to answer before reminding them
    unanswered: UnansweredCalls | None = None
    ladder: Ladder | None = None
    changed: ChangedCall | None = None
    topics: tuple[Topic, ...] = ()  # of a standing call, or created from the calls to answer; oldest first
    snoozed_until: datetime | None = None  # only set in `Agenda.snoozed`

    @property
    def key(self) -> str:
        """A key that stays the same while the state of the item changes."""
        if self.question:
            return f"question:{self.question['id']}"
        record = self.message or self.part or self.job
        if self.kind in _KINDS_IN_KEY:
            return f"{self.kind}:{record.id if record else self.client_id}"
        return f"{kind_of(record)}:{record.id}" if record else f"call:{self.client_id}"

    @property
    def counts(self) -> bool:
        """Whether the badge counts it. A payment held back does not: the message to answer does."""
        return self.kind not in UNCOUNTED and self.owed is None

    @property
    def shown_at(self) -> datetime:
        """The instant to show in a row: the due time or, for items that only wait, the start of the wait.

        A payment reminder is due some days after the payment, and a chase some days after the question.
        """
        if self.payment:
            return self.payment.due
        if self.waiting:
            return self.waiting.since
        if self.kind is AgendaKind.SILENT and self.message:
            return self.message.at
        return self.due

    @property
    def step(self) -> BoundaryStep | None:
        """The next step of the boundary ladder."""
        return self.ladder.next if self.ladder else None


class AgendaEntry(NamedTuple):
    """An item as it stands now (None if not listed), and a function returning the instant of its next change.

    The function is lazy because building Today does not need that instant.
    """

    item: AgendaItem | None
    change: Callable[[], datetime | None]


def never() -> None:
    """Return None: the item does not change by itself."""
