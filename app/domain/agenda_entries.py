"""How messages and jobs stand in Today at an instant, and when that changes by itself."""

from datetime import datetime, timedelta
from functools import partial

from .agenda_items import AgendaItem, AgendaKind, Entry, never
from .codes import ClientStatus, Direction
from .column_types import Question
from .deadlines import DeadlinePhase, DeadlineView
from .entities import Client, Job, Message, Part, Settings
from .exposure import Payment, PaymentStep, payment_at
from .hours import WorkCalendar
from .reply import WindowState, reply_window
from .silence import SilenceStep, silence
from .waiting import Waiting, application, questions_asked


def message_entry(
    message: Message, client: Client | None, settings: Settings, calendar: WorkCalendar, now: datetime
) -> Entry:
    if message.direction == Direction.OUT:
        return _follow_up_entry(message, client, settings, calendar, now)
    window = reply_window(message, client, settings, calendar)
    if window is None:
        return Entry(None, never)
    kind = AgendaKind.PROMISE if window.promise else AgendaKind.REPLY
    item = AgendaItem(
        kind, window.due, window.state(now), window.share_left(now), message.client_id, message=message
    )
    return Entry(item, partial(window.next_change, now))


def _follow_up_entry(
    message: Message, client: Client | None, settings: Settings, calendar: WorkCalendar, now: datetime
) -> Entry:
    if client is not None and client.status == ClientStatus.ENDED:
        return Entry(None, never)
    waiting = silence(message, settings, calendar, now)
    if waiting is None:
        return Entry(None, never)
    step, due = waiting
    if step == SilenceStep.WAITING:
        return Entry(None, lambda: due)
    kind = AgendaKind.SILENT if step == SilenceStep.SILENT else AgendaKind.FOLLOW_UP
    return Entry(AgendaItem(kind, due, WindowState.HALF, 0.0, message.client_id, message=message), never)


def deadline_entry(
    job: Job, part: Part | None, view: DeadlineView, horizon: timedelta, now: datetime
) -> Entry:
    due = view.current_due(now)
    if due > now + horizon:
        return Entry(None, lambda: due - horizon)
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
    return Entry(item, partial(view.next_change, now))


def application_entry(job: Job, settings: Settings, calendar: WorkCalendar, now: datetime) -> Entry:
    return _waiting_entry(AgendaKind.APPLICATION, application(job, settings, calendar, now))


def asked_entry(
    item: Message | Job, question_id: str, settings: Settings, calendar: WorkCalendar, now: datetime
) -> Entry:
    found = questions_asked(item, settings, calendar, now)
    waiting = next(each for each in found if each.question and each.question["id"] == question_id)
    return _waiting_entry(AgendaKind.QUESTION, waiting)


def _waiting_entry(kind: AgendaKind, waiting: Waiting) -> Entry:
    if waiting.step == SilenceStep.WAITING:
        return Entry(None, lambda: waiting.due)
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
    return Entry(item, never)


def to_ask_entry(item: Message | Job, question: Question, now: datetime) -> Entry:
    message, job = (item, None) if isinstance(item, Message) else (None, item)
    since = item.at if isinstance(item, Message) else item.started_at
    if since > now:
        return Entry(None, lambda: since)
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
    return Entry(found, never)


def offer_entry(job: Job, now: datetime) -> Entry:
    if job.started_at > now:
        return Entry(None, lambda: job.started_at)
    return Entry(
        AgendaItem(AgendaKind.OFFER, job.started_at, WindowState.HALF, 0.0, job.client_id, job=job), never
    )


def payment_entry(payment: Payment, calendar: WorkCalendar, now: datetime) -> Entry:
    found = payment_at(payment, calendar, now)
    if found.step is PaymentStep.WAITING:
        return Entry(None, lambda: found.since)
    item = AgendaItem(
        AgendaKind.PAYMENT,
        found.since,
        WindowState.HALF,
        0.0,
        found.job.client_id,
        job=found.job,
        part=found.part,
        payment=found,
    )
    return Entry(item, never)
