"""Today's entries for messages and jobs, each with the instant of its next change."""

from datetime import datetime, timedelta
from functools import partial

from .agenda_items import AgendaEntry, AgendaItem, AgendaKind, never
from .codes import ClientStatus, Direction
from .column_types import Question
from .deadlines import DeadlinePhase, DeadlineView
from .entities import Client, Job, Message, Part, Settings
from .exposure import Payment, PaymentStep, payment_at
from .hours import WorkCalendar
from .reply import WindowState, reply_window
from .silence import FollowUpStep, silence
from .waiting import Waiting, application, questions_asked


def message_entry(
    message: Message, client: Client | None, settings: Settings, calendar: WorkCalendar, now: datetime
) -> AgendaEntry:
    if message.direction == Direction.OUT:
        return _follow_up_entry(message, client, settings, calendar, now)
    window = reply_window(message, client, settings, calendar)
    if window is None:
        return AgendaEntry(None, never)
    kind = AgendaKind.PROMISE if window.promise else AgendaKind.REPLY
    item = AgendaItem(
        kind, window.due, window.state(now), window.share_left(now), message.client_id, message=message
    )
    return AgendaEntry(item, partial(window.next_change, now))


def _follow_up_entry(
    message: Message, client: Client | None, settings: Settings, calendar: WorkCalendar, now: datetime
) -> AgendaEntry:
    if client is not None and client.status == ClientStatus.ENDED:
        return AgendaEntry(None, never)
    waiting = silence(message, settings, calendar, now)
    if waiting is None:
        return AgendaEntry(None, never)
    step, due = waiting
    if step == FollowUpStep.WAITING:
        return AgendaEntry(None, lambda: due)
    kind = AgendaKind.SILENT if step == FollowUpStep.SILENT else AgendaKind.FOLLOW_UP
    return AgendaEntry(
        AgendaItem(kind, due, WindowState.HALF, 0.0, message.client_id, message=message), never
    )


def deadline_entry(
    job: Job, part: Part | None, view: DeadlineView, horizon: timedelta, now: datetime
) -> AgendaEntry:
    due = view.current_due(now)
    if due > now + horizon:
        return AgendaEntry(None, lambda: due - horizon)
    internal = view.phase(now) == DeadlinePhase.INTERNAL
    item = AgendaItem(
        AgendaKind.INTERNAL_DEADLINE if internal else AgendaKind.DEADLINE,
        due,
        view.state(now),
        view.share_left(now),
        job.client_id,
        job=job,
        part=part,
    )
    return AgendaEntry(item, partial(view.next_change, now))


def application_entry(job: Job, settings: Settings, calendar: WorkCalendar, now: datetime) -> AgendaEntry:
    return _waiting_entry(AgendaKind.APPLICATION, application(job, settings, calendar, now))


def asked_entry(
    item: Message | Job, question_id: str, settings: Settings, calendar: WorkCalendar, now: datetime
) -> AgendaEntry:
    found = questions_asked(item, settings, calendar, now)
    waiting = next(each for each in found if each.question and each.question["id"] == question_id)
    return _waiting_entry(AgendaKind.QUESTION, waiting)


def _waiting_entry(kind: AgendaKind, waiting: Waiting) -> AgendaEntry:
    if waiting.step == FollowUpStep.WAITING:
        return AgendaEntry(None, lambda: waiting.due)
    item = AgendaItem(
        kind,
        waiting.due,
        WindowState.HALF,
        0.0,
        waiting.client_id,
        message=waiting.message,
        job=waiting.job,
        waiting=waiting,
        question=waiting.question,
    )
    return AgendaEntry(item, never)


def to_ask_entry(item: Message | Job, question: Question, now: datetime) -> AgendaEntry:
    message, job = (item, None) if isinstance(item, Message) else (None, item)
    since = item.at if isinstance(item, Message) else item.started_at
    if since > now:
        return AgendaEntry(None, lambda: since)
    found = AgendaItem(
        AgendaKind.TO_ASK,
        since,
        WindowState.HALF,
        0.0,
        item.client_id,
        message=message,
        job=job,
        question=question,
    )
    return AgendaEntry(found, never)


def offer_entry(job: Job, now: datetime) -> AgendaEntry:
    if job.started_at > now:
        return AgendaEntry(None, lambda: job.started_at)
    return AgendaEntry(
        AgendaItem(AgendaKind.OFFER, job.started_at, WindowState.HALF, 0.0, job.client_id, job=job), never
    )


def payment_entry(
    payment: Payment, owed: Message | None, calendar: WorkCalendar, now: datetime
) -> AgendaEntry:
    """List a payment to ask for; with the message to answer first (`owed`), if there is one."""
    found = payment_at(payment, calendar, now)
    if found.step is PaymentStep.WAITING:
        return AgendaEntry(None, lambda: found.since)
    item = AgendaItem(
        AgendaKind.PAYMENT,
        found.since,
        WindowState.HALF,
        0.0,
        found.job.client_id,
        job=found.job,
        part=found.part,
        payment=found,
        owed=owed,
    )
    return AgendaEntry(item, never)
