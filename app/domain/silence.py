"""Waiting for a client's answer: when to follow up, and when to treat the client as silent.

First seed (ja-reply-fast): clients vanish with work unpaid; noticing early and asking again politely is the
only defence.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from .codes import Direction
from .entities import Call, Message, Settings, StatusUpdate
from .errors import DomainError
from .hours import WorkCalendar

UPDATE_ANSWERS_FOR = timedelta(days=14)


class FollowUpStep(StrEnum):
    WAITING = "waiting"
    FOLLOW_UP_1 = "follow_up_1"
    FOLLOW_UP_2 = "follow_up_2"
    SILENT = "silent"


_OVERDUE_STEPS = (FollowUpStep.FOLLOW_UP_1, FollowUpStep.FOLLOW_UP_2, FollowUpStep.SILENT)


def silence(
    message_out: Message, settings: Settings, calendar: WorkCalendar, now: datetime
) -> tuple[FollowUpStep, datetime] | None:
    """Return the follow-up step and when it began; while waiting, when the next step begins.

    The first follow-up is due `follow_up_days` business days (3 by default) after the message, the second as
    long after the first; after another such period the client is silent. None if no answer is awaited.
    """
    if (
        message_out.direction != Direction.OUT
        or not message_out.needs_reply
        or message_out.replied_at is not None
    ):
        return None
    sent = message_out.followed_up_at
    last = datetime.fromisoformat(sent[-1]) if sent else message_out.at
    due = calendar.add_business_days(last, max(settings.follow_up_days, 1))
    if now < due:
        return FollowUpStep.WAITING, due
    return _OVERDUE_STEPS[min(len(sent), 2)], due


def record_follow_up(message: Message, at: datetime) -> None:
    """Record a follow-up. Raises DomainError `before_sent` if earlier than message or last follow-up."""
    if at < message.at or any(at < datetime.fromisoformat(text) for text in message.followed_up_at):
        raise DomainError("before_sent")
    message.followed_up_at = [*message.followed_up_at, at.astimezone(UTC).isoformat()]
    message.snoozed_until = None


def update_answering(
    item: Message | Call, updates: Iterable[StatusUpdate], running: Collection[str] = ()
) -> StatusUpdate | None:
    """Return the client's newest update in the 14 days before a check-in, about its job if it has one.

    `running` are the ids of the client's open jobs. If there are several, a check-in without a job may be
    about any of them, so no update answers it. Second seed: he calls to check on things already sent by
    e-mail.
    """
    if not item.job_id and len(running) > 1:
        return None
    fitting = [
        update
        for update in updates
        if update.client_id == item.client_id
        and (not item.job_id or update.job_id == item.job_id)
        and item.at - UPDATE_ANSWERS_FOR <= update.at <= item.at
    ]
    return max(fitting, key=lambda update: update.at, default=None)
