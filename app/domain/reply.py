"""Reply windows: until when a client's message is to be answered, and how close that is.

First seed (ja-reply-fast): answering within 24 hours is the etiquette of business mail; a quick word that
one has received it, and asking instead of guessing, is what earns trust.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal

from .codes import Direction, ReplyBasis
from .column_types import Question
from .entities import Client, Job, Message, Settings, new_id
from .errors import DomainError
from .facts import MessageFacts
from .hours import DAY_MINUTES, MINUTE, WorkCalendar

HOUR = timedelta(hours=1)


class WindowState(StrEnum):
    """How close an instant that is due has come; each state follows the one before, never the other way."""

    CALM = "calm"
    HALF = "half"  # half of the window is gone
    HOUR = "hour"  # one hour left
    OVERDUE = "overdue"

    @property
    def severity(self) -> int:
        """0 for calm, growing."""
        return _SEVERITY[self]


_SEVERITY = {state: rank for rank, state in enumerate(WindowState)}


@dataclass(frozen=True)
class Window:
    """The time from a message (or a promise about it) to when its answer is due."""

    opened: datetime
    due: datetime
    promise: bool = False

    def state(self, now: datetime) -> WindowState:
        """Half when half of it is gone, hour in its last hour, then overdue."""
        if now >= self.due:
            return WindowState.OVERDUE
        if now >= self.due - HOUR:
            return WindowState.HOUR
        return WindowState.HALF if now >= self._half else WindowState.CALM

    def share_left(self, now: datetime) -> float:
        """The part of the window that is left, from 1.0 to 0.0."""
        return share_left(self.opened, self.due, now)

    def next_change(self, now: datetime) -> datetime | None:
        """The instant at which the state changes next; None once overdue."""
        return next((at for at in (self._half, self.due - HOUR, self.due) if at > now), None)

    @property
    def _half(self) -> datetime:
        # In a window of under two hours "one hour left" comes before "half gone", which is then never shown.
        return min(self.opened + (self.due - self.opened) / 2, self.due - HOUR)


def share_left(opened: datetime, due: datetime, now: datetime) -> float:
    """The part of a span that is left, from 1.0 to 0.0."""
    if now >= due:
        return 0.0
    return min((due - now) / (due - opened), 1.0) if due > opened else 1.0


def reply_target(client: Client | None, settings: Settings) -> tuple[int, ReplyBasis]:
    """Minutes to answer in and how they count: the client's own, else the user's."""
    minutes = None if client is None else client.reply_minutes
    basis = (None if client is None else client.reply_basis) or settings.reply_basis
    return (
        settings.reply_minutes if minutes is None else minutes,
        ReplyBasis.BUSINESS if basis == ReplyBasis.BUSINESS else ReplyBasis.CLOCK,
    )


def reply_due(received: datetime, minutes: int, basis: ReplyBasis, calendar: WorkCalendar) -> datetime:
    """When the answer is due. On business days, every 24 h of the target are one of them.

    The rest of a target is counted in working minutes, and never comes to more than another business day.
    """
    if basis == ReplyBasis.CLOCK:
        return received.astimezone(UTC) + minutes * MINUTE
    days, rest = divmod(minutes, DAY_MINUTES)
    due = calendar.add_business_days(received, days)
    if not rest:
        return due
    return min(calendar.add_working_minutes(due, rest), calendar.add_business_days(received, days + 1))


def first_due(
    message: MessageFacts, client: Client | None, settings: Settings, calendar: WorkCalendar
) -> datetime:
    """When the first answer is due: as set by hand, else by the reply target."""
    if message.due_at is not None:
        return message.due_at.astimezone(UTC)
    return reply_due(message.at, *reply_target(client, settings), calendar)


def reply_window(
    message: Message, client: Client | None, settings: Settings, calendar: WorkCalendar
) -> Window | None:
    """The window that runs now; None for what is answered, needs no answer or is the user's own.

    An acknowledgement with a promise stops the first clock and starts the promise; one without stops nothing.
    """
    if message.direction != Direction.IN or not message.needs_reply or message.replied_at is not None:
        return None
    if message.acknowledged_at is not None and message.promised_at is not None:
        opened, due = message.acknowledged_at.astimezone(UTC), message.promised_at.astimezone(UTC)
        return Window(opened, due, promise=True)
    return Window(message.at.astimezone(UTC), first_due(message, client, settings, calendar))


def is_snoozed(entity: Message | Job, now: datetime) -> bool:
    return entity.snoozed_until is not None and now < entity.snoozed_until


def response_minutes(message: MessageFacts) -> int | None:
    """Whole minutes from received to replied; None while unanswered, and for the user's own messages."""
    if message.direction != Direction.IN or message.replied_at is None:
        return None
    return (message.replied_at - message.at) // MINUTE


def answered_in_window(
    message: MessageFacts, client: Client | None, settings: Settings, calendar: WorkCalendar
) -> bool | None:
    """Whether the answer came in time; with a promise, whether both it and the acknowledgement did.

    None while unanswered, and for what needs no answer.
    """
    if message.direction != Direction.IN or not message.needs_reply or message.replied_at is None:
        return None
    due = first_due(message, client, settings, calendar)
    if message.acknowledged_at is not None and message.promised_at is not None:
        return message.acknowledged_at <= due and message.replied_at <= message.promised_at
    return message.replied_at <= due


def is_answered_late(
    message: Message, client: Client | None, settings: Settings, calendar: WorkCalendar, now: datetime
) -> bool:
    """Whether the answer comes, or came, after its time: the promise's, else that of the first answer."""
    if message.direction != Direction.IN or not message.needs_reply:
        return False
    due = first_due(message, client, settings, calendar)
    if message.acknowledged_at is not None and message.promised_at is not None:
        due = message.promised_at
    return now >= due if message.replied_at is None else message.replied_at > due


def is_acknowledged_late(
    message: Message, client: Client | None, settings: Settings, calendar: WorkCalendar
) -> bool:
    """Whether the first word came after the time of the first answer."""
    at = message.acknowledged_at
    return at is not None and at > first_due(message, client, settings, calendar)


def suggested_promises(now: datetime, calendar: WorkCalendar) -> list[datetime]:
    """Times one can keep, soonest first: in two hours if one still works then, and at the end of work today,
    on the next working day, and on the third from now.
    """
    today = calendar.local(now).date()
    soon = _quarter_hour(now + 2 * HOUR)
    tomorrow = calendar.next_working_day(today)
    third = calendar.next_working_day(calendar.next_working_day(tomorrow))
    offered = {calendar.closing(tomorrow), calendar.closing(third)}
    if calendar.is_working_time(soon):
        offered.add(soon)
    if calendar.is_working_day(today):
        offered.add(calendar.closing(today))
    return sorted(at for at in offered if at > now)


def suggested_snoozes(now: datetime, calendar: WorkCalendar) -> list[datetime]:
    """Times to be reminded at, soonest first: in one hour, in three, at the next openings, next Monday."""
    today = calendar.local(now).date()
    monday = today + timedelta(days=7 - today.weekday())
    offered = {
        _quarter_hour(now + HOUR),
        _quarter_hour(now + 3 * HOUR),
        calendar.opening(today),
        calendar.opening(calendar.next_working_day(today)),
        calendar.opening(monday),
    }
    return sorted(at for at in offered if at > now)


def _quarter_hour(at: datetime) -> datetime:
    """The next full quarter of an hour from `at` on: nobody promises 14:07."""
    at = at.astimezone(UTC)
    quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    return quarter if quarter == at else quarter + 15 * MINUTE


def mark_replied(message: Message, at: datetime) -> None:
    """The answer went back. DomainError `before_received`."""
    if at < message.at:
        raise DomainError("before_received")
    message.replied_at = at
    message.snoozed_until = None


def set_replied_at(message: Message, at: datetime, now: datetime) -> None:
    """The answer went back at another time than it was noted.

    DomainError `before_received` (`before_sent` for the user's own message), or `ahead`.
    """
    if at < message.at:
        raise DomainError("before_received" if message.direction == Direction.IN else "before_sent")
    if at > now:
        raise DomainError("ahead")
    message.replied_at = at


def acknowledge(message: Message, at: datetime, promised_at: datetime | None) -> None:
    """Note "received, I will answer by …": the promise may move later on, the first acknowledgement stays.

    DomainError `answered`, `before_received`, or `promise_past` (not after `at`).
    """
    if message.replied_at is not None:
        raise DomainError("answered")
    if at < message.at:
        raise DomainError("before_received")
    if promised_at is not None and promised_at <= at:
        raise DomainError("promise_past")
    if message.acknowledged_at is None:
        message.acknowledged_at = at
    message.promised_at = promised_at
    message.snoozed_until = None


def snooze(entity: Message | Job, until: datetime) -> None:
    """Out of sight until then. DomainError `before_received` for a time before the message."""
    if isinstance(entity, Message) and until <= entity.at:
        raise DomainError("before_received")
    entity.snoozed_until = until


def unsnooze(entity: Message | Job) -> None:
    entity.snoozed_until = None


def awaits_user(message: Message) -> bool:
    """Whether the client waits for the user's answer, and not the user for theirs to a question of it."""
    return (
        message.direction == Direction.IN
        and message.needs_reply
        and message.replied_at is None
        and not any(question["asked_at"] for question in open_questions(message))
    )


def open_questions(entity: Message | Job) -> list[Question]:
    """What is to be asked, or asked and not answered yet (first seed: ask, do not decide on your own)."""
    return [question for question in entity.questions if question["answered_at"] is None]


def add_question(entity: Message | Job, text: str) -> Question:
    """Note something to ask. DomainError `required` for an empty one."""
    if not text.strip():
        raise DomainError("required")
    question = Question(id=new_id(), text=text.strip(), asked_at=None, answered_at=None)
    entity.questions = [*entity.questions, question]
    return question


def mark_asked(entity: Message | Job, question_id: str, at: datetime | None) -> None:
    """The question went out; None takes that back. DomainError `unknown_question`."""
    _change_question(entity, question_id, "asked_at", at)


def mark_answered(entity: Message | Job, question_id: str, at: datetime | None) -> None:
    """The question is settled; None opens it again. DomainError `unknown_question`."""
    _change_question(entity, question_id, "answered_at", at)


def remove_question(entity: Message | Job, question_id: str) -> None:
    """One that is not there is no error."""
    entity.questions = [question for question in entity.questions if question["id"] != question_id]


def _change_question(
    entity: Message | Job, question_id: str, field: Literal["asked_at", "answered_at"], at: datetime | None
) -> None:
    if all(question["id"] != question_id for question in entity.questions):
        raise DomainError("unknown_question")
    questions = [question.copy() for question in entity.questions]
    for question in questions:
        if question["id"] == question_id:
            question[field] = None if at is None else at.astimezone(UTC).isoformat()
    entity.questions = questions
