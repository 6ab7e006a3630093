"""Reply windows: when a client's message must be answered, and how close that is.

First seed (ja-reply-fast): answering within 24 hours is business etiquette; acknowledging at once and asking
instead of guessing earn trust.
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
    """How close a due time is. States only advance in this order."""

    CALM = "calm"
    HALF = "half"  # half of the window is gone
    HOUR = "hour"  # one hour left or less
    OVERDUE = "overdue"

    @property
    def severity(self) -> int:
        """0 for CALM, increasing."""
        return _SEVERITY[self]


_SEVERITY = {state: rank for rank, state in enumerate(WindowState)}


@dataclass(frozen=True)
class Window:
    """The time from a message, or a promise about it, to when its answer is due."""

    opened: datetime
    due: datetime
    promise: bool = False

    def state(self, now: datetime) -> WindowState:
        """HALF after half of the window, HOUR in the last hour, then OVERDUE."""
        if now >= self.due:
            return WindowState.OVERDUE
        if now >= self.due - HOUR:
            return WindowState.HOUR
        return WindowState.HALF if now >= self._half else WindowState.CALM

    def share_left(self, now: datetime) -> float:
        """The remaining share of the window, from 1.0 to 0.0."""
        return share_left(self.opened, self.due, now)

    def next_change(self, now: datetime) -> datetime | None:
        """The next instant at which the state changes; None once overdue."""
        return next((at for at in (self._half, self.due - HOUR, self.due) if at > now), None)

    @property
    def _half(self) -> datetime:
        # In a window under two hours HOUR precedes the half, so HALF never shows.
        return min(self.opened + (self.due - self.opened) / 2, self.due - HOUR)


def share_left(opened: datetime, due: datetime, now: datetime) -> float:
    """Return the remaining share of a span, from 1.0 to 0.0."""
    if now >= due:
        return 0.0
    return min((due - now) / (due - opened), 1.0) if due > opened else 1.0


def reply_target(client: Client | None, settings: Settings) -> tuple[int, ReplyBasis]:
    """Return the reply target in minutes and its basis: the client's, else the user's."""
    minutes = None if client is None else client.reply_minutes
    basis = (None if client is None else client.reply_basis) or settings.reply_basis
    return (
        settings.reply_minutes if minutes is None else minutes,
        ReplyBasis.BUSINESS if basis == ReplyBasis.BUSINESS else ReplyBasis.CLOCK,
    )


def reply_due(received: datetime, minutes: int, basis: ReplyBasis, calendar: WorkCalendar) -> datetime:
    """Return when the answer is due. On the business basis, each 24 h of the target is one business day.

    The remainder is counted in working minutes and capped at one more business day.
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
    """Return when the first answer is due: as set by hand, else by the reply target."""
    if message.due_at is not None:
        return message.due_at.astimezone(UTC)
    return reply_due(message.at, *reply_target(client, settings), calendar)


def reply_window(
    message: Message, client: Client | None, settings: Settings, calendar: WorkCalendar
) -> Window | None:
    """Return the current window; None if answered, if no answer is needed, or for the user's own messages.

    An acknowledgement with a promised time replaces the first window; one without it does not stop the clock.
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
    """Return whole minutes from receipt to reply; None while unanswered and for the user's own messages."""
    if message.direction != Direction.IN or message.replied_at is None:
        return None
    return (message.replied_at - message.at) // MINUTE


def answered_in_window(
    message: MessageFacts, client: Client | None, settings: Settings, calendar: WorkCalendar
) -> bool | None:
    """Return whether the answer was in time and, with a promise, the acknowledgement as well.

    None while unanswered, and if no answer is needed.
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
    """Return whether the answer is or was late: after the promised time, else after the first due time."""
    if message.direction != Direction.IN or not message.needs_reply:
        return False
    due = first_due(message, client, settings, calendar)
    if message.acknowledged_at is not None and message.promised_at is not None:
        due = message.promised_at
    return now >= due if message.replied_at is None else message.replied_at > due


def is_acknowledged_late(
    message: Message, client: Client | None, settings: Settings, calendar: WorkCalendar
) -> bool:
    """Return whether the acknowledgement came after the first due time."""
    at = message.acknowledged_at
    return at is not None and at > first_due(message, client, settings, calendar)


def overrun_window(
    message: Message,
    promised_at: datetime,
    client: Client | None,
    settings: Settings,
    calendar: WorkCalendar,
) -> Window | None:
    """Return the current window if a promise for `promised_at` is later than its end, else None."""
    window = reply_window(message, client, settings, calendar)
    return window if window is not None and promised_at > window.due else None


def suggested_promises(now: datetime, calendar: WorkCalendar) -> list[datetime]:
    """Suggest times the user can keep, soonest first.

    In two hours if that is working time, then the end of work today, on the next and on the third working
    day.
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
    """Suggest snooze times, soonest first: in one hour, in three, the next openings, next Monday."""
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
    """Round up to a quarter of an hour: nobody promises 14:07."""
    at = at.astimezone(UTC)
    quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    return quarter if quarter == at else quarter + 15 * MINUTE


def mark_replied(message: Message, at: datetime) -> None:
    """Mark the message as answered. Raises DomainError `before_received`."""
    if at < message.at:
        raise DomainError("before_received")
    message.replied_at = at
    message.snoozed_until = None


def set_replied_at(message: Message, at: datetime, now: datetime) -> None:
    """Correct when the message was answered.

    Raises DomainError `before_received` (`before_sent` for the user's own message), or `ahead`.
    """
    if at < message.at:
        raise DomainError("before_received" if message.direction == Direction.IN else "before_sent")
    if at > now:
        raise DomainError("ahead")
    message.replied_at = at


def acknowledge(message: Message, at: datetime, promised_at: datetime | None) -> None:
    """Record "received, I will answer by …". A later promise may move; the first acknowledgement stays.

    Raises DomainError `answered`, `before_received`, or `promise_past` (not after `at`).
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
    """Hide until `until`. Raises DomainError `before_received` for a time before the message."""
    if isinstance(entity, Message) and until <= entity.at:
        raise DomainError("before_received")
    entity.snoozed_until = until


def unsnooze(entity: Message | Job) -> None:
    entity.snoozed_until = None


def awaits_user(message: Message) -> bool:
    """Return whether the client waits for the user, and no question in the message waits for the client."""
    return (
        message.direction == Direction.IN
        and message.needs_reply
        and message.replied_at is None
        and not any(question["asked_at"] for question in open_questions(message))
    )


def open_questions(entity: Message | Job) -> list[Question]:
    """Return questions to ask or awaiting an answer (first seed: ask, do not decide on your own)."""
    return [question for question in entity.questions if question["answered_at"] is None]


def add_question(entity: Message | Job, text: str) -> Question:
    """Add a question to ask. Raises DomainError `required` for empty text."""
    if not text.strip():
        raise DomainError("required")
    question = Question(id=new_id(), text=text.strip(), asked_at=None, answered_at=None)
    entity.questions = [*entity.questions, question]
    return question


def mark_asked(entity: Message | Job, question_id: str, at: datetime | None) -> None:
    """Mark the question as asked; None undoes it. Raises DomainError `unknown_question`."""
    _change_question(entity, question_id, "asked_at", at)


def mark_answered(entity: Message | Job, question_id: str, at: datetime | None) -> None:
    """Mark the question as answered; None reopens it. Raises DomainError `unknown_question`."""
    _change_question(entity, question_id, "answered_at", at)


def remove_question(entity: Message | Job, question_id: str) -> None:
    """Remove a question; a missing one is not an error."""
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
