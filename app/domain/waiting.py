"""Everything the user waits for a client to answer: how long already, what to say next, and when to stop.

First seed (ja-reply-fast): offers stay without an answer, and clients vanish; one asks twice, then lets go.
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
"""An application is followed up once, after so many times the days a client is given to answer."""


class WaitingKind(StrEnum):
    QUESTION = "question"
    OFFER = "offer"
    APPLICATION = "application"
    MESSAGE = "message"  # anything else that was written and waits


@dataclass(frozen=True)
class Waiting:
    """An answer that has not come. `due` is when the step began; while waiting, when the next one does."""

    kind: WaitingKind
    client_id: str
    since: datetime  # sent, asked or applied
    age_days: int  # business days since then
    step: FollowUpStep
    due: datetime
    asked: int  # follow-ups sent
    message: Message | None = None
    job: Job | None = None
    question: Question | None = None
    owed: Message | None = None  # it is time for more than waiting, but this is to be answered first

    @property
    def script_moment(self) -> str:
        """The moment of the texts that fit; empty while there is nothing to say yet.

        Nothing is agreed yet with whoever has an application: they are asked in other words.
        """
        if self.owed:
            return ""
        if self.kind is WaitingKind.APPLICATION:
            return "apply-follow-up" if self.step == FollowUpStep.FOLLOW_UP_1 else ""
        return _MOMENTS.get(self.step, "")

    @property
    def stop(self) -> bool:
        """Enough: nothing more is sent, and the matter can be closed."""
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
    """All of it, the longest wait first: the user's own messages, questions asked within messages and jobs,
    and applications. Nothing of a client with whom work has ended.

    The clients' unanswered messages among `messages` hold a chase back.
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
    """The client's message that is to be answered before they are asked again."""
    if waiting.question and (item := waiting.message or waiting.job):
        return owed.first(item, waiting.since)
    if waiting.message:
        return owed.first_before_follow_up(waiting.message)
    return owed.first(waiting.job) if waiting.job else None


def application(job: Job, settings: Settings, calendar: WorkCalendar, now: datetime) -> Waiting:
    """The wait for what becomes of an application."""
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
    """The waits for the answers to the questions asked in a message or about a job.

    A question keeps no count of how often it was asked again: asking anew starts its wait anew.
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
    """A follow-up on an application went out. DomainError `before_sent` when earlier than it or the last."""
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
    """Business days that have passed; those off do not count as waiting."""
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
