"""What a list of Today is made of: the kinds of things in it, and one thing as it stands at an instant."""

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
    CALL_TO_NOTE = "call_to_note"  # a standing call that has ended: was it held?
    CALLS = "calls"  # voicemails and missed calls of one client
    TOPICS = "topics"  # what a client raised, where no standing call is agreed that it waits for
    APPLICATION = "application"
    OFFER = "offer"  # of work, made to the user
    QUESTION = "question"  # asked, and to be asked again
    TO_ASK = "to_ask"
    PAYMENT = "payment"
    LADDER = "ladder"  # the next step of the boundary ladder


UNCOUNTED = frozenset({AgendaKind.SILENT, AgendaKind.CALL_TO_NOTE, AgendaKind.LADDER, AgendaKind.TOPICS})
"""What can wait for a calm moment: the badge does not nag about it."""


_KINDS_IN_KEY = frozenset(
    {
        AgendaKind.PAYMENT,
        AgendaKind.CALL_TO_NOTE,
        AgendaKind.CALLS,
        AgendaKind.LADDER,
        AgendaKind.TOPICS,
    }
)


@dataclass(frozen=True)
class OtherWork:
    """What Today shows beside open messages and jobs."""

    answered: Sequence[Message] = ()  # messages that need no reply any more, with a question that is open
    owing: Sequence[tuple[Job, Sequence[Part]]] = ()  # jobs something may be owed for, with their parts
    calls: Sequence[CallFacts] = ()  # of the last month, and of those talked to since the first talk
    conversations: Sequence[Conversation] = ()
    topics: Sequence[Topic] = ()  # those not ticked off

    def named(self) -> Iterator[Message | Job | CallFacts | Conversation | Topic]:
        """All that names a client."""
        yield from self.topics
        yield from self.answered
        yield from (job for job, _parts in self.owing)
        yield from self.calls
        yield from self.conversations


NO_OTHER_WORK = OtherWork()


@dataclass(frozen=True)
class AgendaItem:
    """One thing to do. What only waits (see `AgendaKind`) is due in the past, yet not overdue."""

    kind: AgendaKind
    due: datetime
    state: WindowState
    share_left: float
    client_id: str
    message: Message | None = None
    job: Job | None = None
    part: Part | None = None
    waiting: Waiting | None = None  # of an application, and of a question that was asked
    question: Question | None = None  # of the message or job
    payment: Payment | None = None
    unanswered: UnansweredCalls | None = None
    ladder: Ladder | None = None
    topics: tuple[Topic, ...] = ()  # of a standing call, or made of the calls to answer; as they were raised
    snoozed_until: datetime | None = None  # set in `Agenda.snoozed` only

    @property
    def key(self) -> str:
        """The same for the same thing, whatever becomes of its state."""
        if self.question:
            return f"question:{self.question['id']}"
        thing = self.message or self.part or self.job
        if self.kind in _KINDS_IN_KEY:
            return f"{self.kind}:{thing.id if thing else self.client_id}"
        return f"{kind_of(thing)}:{thing.id}" if thing else f"call:{self.client_id}"

    @property
    def told(self) -> datetime:
        """The instant that a row names: when it is due, or, of what only waits, when that began.

        A reminder falls due some days after a payment was, and a chase some days after the question.
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
        """The step of the boundary ladder to take."""
        return self.ladder.next if self.ladder else None


class AgendaEntry(NamedTuple):
    """A thing as it stands now (or None: not in the list yet), and when that changes by itself.

    Today itself does not ask when: that is worked out once somebody does.
    """

    item: AgendaItem | None
    change: Callable[[], datetime | None]


def never() -> None:
    """It does not change by itself."""
