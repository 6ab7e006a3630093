"""Everything the user waits for from clients: since when, what to send next, and when to stop.

First seed (ja-reply-fast): offers stay unanswered and clients vanish; ask twice, then let go.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from .answers_owed import AnswersOwed
from .codes import ClientStatus, Direction, JobStatus, MessageKind
from .column_types import Question
from .entities import Client, Job, Message, Settings
from .errors import DomainError
from .hours import WorkCalendar
from .silence import FollowUpStep, silence

APPLICATION_PATIENCE = 2
"""An application is followed up once, after this multiple of `follow_up_days`."""


class WaitingKind(StrEnum):
    QUESTION = "question"
    OFFER = "offer"
    APPLICATION = "application"
    MESSAGE = "message"  # any other message that awaits an answer


@dataclass(frozen=True)
class Waiting:
    """An awaited answer. `due` is when the current step began; while waiting, when the next step begins."""

    kind: WaitingKind
    client_id: str
    since: datetime  # when it was sent, asked or applied for
    age_days: int  # business days since then
    step: FollowUpStep
    due: datetime
    asked: int  # follow-ups sent
    message: Message | None = None
    job: Job | None = None
    question: Question | None = None
    owed: Message | None = None  # the client's message to answer before chasing

    @property
    def script_moment(self) -> str:
        """The moment of the matching scripts; empty while there is nothing to send.

        Applications have their own scripts because nothing is agreed yet.
        """
        if self.owed:
            return ""
        if self.kind is WaitingKind.APPLICATION:
            return "apply-follow-up" if self.step == FollowUpStep.FOLLOW_UP_1 else ""
        return _MOMENTS.get(self.step, "")

    @property
    def stop(self) -> bool:
        """Whether to stop: no further message is sent, and the matter can be closed."""
        return self.step == FollowUpStep.SILENT


_MOMENTS = {
    FollowUpStep.FOLLOW_UP_1: "follow-up-1",
    FollowUpStep.FOLLOW_UP_2: "follow-up-2",
    FollowUpStep.SILENT: "silent",
}


def waiting_for(
    messages: Iterable[Message],
    jobs: Iterable[Job],
    clients: Mapping[str, Client],
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
) -> list[Waiting]:
    """Return all awaited answers, longest wait first, without clients whose status is ended.

    They are to the user's own messages, to questions in messages and jobs, and to applications. The clients'
    unanswered messages among `messages` hold a chase back.
    """
    found: list[Waiting] = []
    messages = list(messages)
    owed = AnswersOwed(messages)
    for message in messages:
        found.extend(_of_message(message, settings, calendar, now))
    for job in jobs:
        found.extend(_of_job(job, settings, calendar, now))
    ended = {client.id for client in clients.values() if client.status == ClientStatus.ENDED}
    kept = [
        each if each.step == FollowUpStep.WAITING else replace(each, owed=answer_first(each, owed))
        for each in found
        if each.client_id not in ended
    ]
    return sorted(kept, key=lambda each: (each.since, each.client_id, each.kind))


def answer_first(waiting: Waiting, owed: AnswersOwed) -> Message | None:
    """Return the client's message to answer before asking them again, or None."""
    if waiting.question and (item := waiting.message or waiting.job):
        return owed.first_about(item, waiting.since)
    if waiting.message:
        return owed.first_before_follow_up(waiting.message)
    return owed.first_about(waiting.job) if waiting.job else None


def application(job: Job, settings: Settings, calendar: WorkCalendar, now: datetime) -> Waiting:
    """Return the wait for the result of an application."""
    sent = job.followed_up_at
    last = datetime.fromisoformat(sent[-1]) if sent else job.started_at
    due = calendar.add_business_days(last, APPLICATION_PATIENCE * max(settings.follow_up_days, 1))
    overdue = FollowUpStep.SILENT if sent else FollowUpStep.FOLLOW_UP_1
    step = FollowUpStep.WAITING if now < due else overdue
    age = _age(job.started_at, calendar, now)
    return Waiting(WaitingKind.APPLICATION, job.client_id, job.started_at, age, step, due, len(sent), job=job)


def questions_asked(
    item: Message | Job, settings: Settings, calendar: WorkCalendar, now: datetime
) -> Iterable[Waiting]:
    """Yield the waits for answers to the questions asked in a message or about a job.

    The number of repetitions is not recorded: asking again restarts the wait.
    """
    for question in item.questions:
        if not question["asked_at"] or question["answered_at"]:
            continue
        since = datetime.fromisoformat(question["asked_at"])
        due = calendar.add_business_days(since, max(settings.follow_up_days, 1))
        yield Waiting(
            WaitingKind.QUESTION,
            item.client_id,
            since,
            _age(since, calendar, now),
            FollowUpStep.WAITING if now < due else FollowUpStep.FOLLOW_UP_1,
            due,
            0,
            message=item if isinstance(item, Message) else None,
            job=item if isinstance(item, Job) else None,
            question=question,
        )


def record_application_follow_up(job: Job, at: datetime) -> None:
    """Record a follow-up on an application.

    Raises DomainError `before_sent` if earlier than the application or the last follow-up.
    """
    if at < job.started_at or any(at < datetime.fromisoformat(text) for text in job.followed_up_at):
        raise DomainError("before_sent")
    job.followed_up_at = [*job.followed_up_at, at.astimezone(UTC).isoformat()]
    job.snoozed_until = None


def _of_message(
    message: Message, settings: Settings, calendar: WorkCalendar, now: datetime
) -> Iterable[Waiting]:
    waiting = silence(message, settings, calendar, now)
    if waiting is not None:
        step, due = waiting
        kind = _KINDS.get(message.kind, WaitingKind.MESSAGE)
        age, asked = _age(message.at, calendar, now), len(message.followed_up_at)
        yield Waiting(kind, message.client_id, message.at, age, step, due, asked, message=message)
    elif message.direction == Direction.IN:
        yield from questions_asked(message, settings, calendar, now)


def _of_job(job: Job, settings: Settings, calendar: WorkCalendar, now: datetime) -> Iterable[Waiting]:
    if job.status == JobStatus.APPLIED:
        yield application(job, settings, calendar, now)
    yield from questions_asked(job, settings, calendar, now)


def _age(since: datetime, calendar: WorkCalendar, now: datetime) -> int:
    """Return the business days that have passed; days off do not count."""
    first, last = calendar.local(since).date(), calendar.local(now).date()
    days = 0
    while first < last:
        first = calendar.next_working_day(first)
        days += first <= last
    return days


_KINDS: dict[str, WaitingKind] = {
    MessageKind.QUESTION: WaitingKind.QUESTION,
    MessageKind.OFFER: WaitingKind.OFFER,
}
