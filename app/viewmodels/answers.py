"""A client's open matters, and closing those that they have answered."""

from datetime import datetime

from app.domain import jobs as job_rules
from app.domain import reply
from app.domain.answers import Matter, MatterKind, open_matters
from app.domain.codes import JobStatus
from app.domain.entities import Call, Job, Message, Part
from app.domain.exposure import Payment
from app.domain.waiting import Waiting
from app.i18n import _
from app.store import queries
from app.store.unit_of_work import UnitOfWork
from app.viewmodels.services import AppServices
from app.wording import words
from app.wording.calls import counted_calls


def open_with(app: AppServices, client_id: str, at: datetime) -> list[Matter]:
    """The open matters that a message or call from the client at `at` may answer."""
    waiting = [each for each in queries.waiting_for(app.store, app.now) if each.client_id == client_id]
    payments = queries.payments(app.store, app.now, client_id)
    return open_matters(at, waiting, payments, queries.unanswered_calls(app.store, client_id, app.now))


def title(app: AppServices, matter: Matter) -> str:
    """The matter in one line."""
    if matter.payment:
        payment = matter.payment
        return _("Payment: {amount} for {job}").format(
            amount=app.format.money(payment.amount, payment.currency),
            job=words.work_title(payment.job, payment.part),
        )
    if matter.unanswered:
        return _("Their calls: {counts}").format(counts=counted_calls(matter.unanswered, app.format))
    waiting = matter.waiting
    if waiting is None:
        return ""
    if waiting.question:
        return _("Your question: {text}").format(text=waiting.question["text"])
    if waiting.message:
        subject = words.message_title(waiting.message.summary, waiting.message.kind)
        return _("Your message: {text}").format(text=subject)
    return _("Your application: {job}").format(job=words.job_title(waiting.job) if waiting.job else "")


def close(app: AppServices, matter: Matter, at: datetime, status: JobStatus = JobStatus.OFFERED) -> bool:
    """Close the matter as answered at `at`; `status` is the outcome of an application."""

    def change(unit: UnitOfWork) -> None:
        if matter.payment:
            _mark_paid(unit, matter.payment, at)
        elif matter.unanswered:
            for each in matter.unanswered.calls:
                if call := unit.find(Call, each.id):
                    call.answered_at = max(at, call.at)
        elif matter.waiting:
            _mark_answered(unit, matter.waiting, at, status)

    return app.write(lambda: app.store.transact(change), _confirmation(matter, status))


def _mark_paid(unit: UnitOfWork, payment: Payment, at: datetime) -> None:
    if payment.part:
        job_rules.pay_part(unit.get(Part, payment.part.id), at)
    else:
        job_rules.set_status(unit.get(Job, payment.job.id), (), JobStatus.PAID, at)


def _mark_answered(unit: UnitOfWork, waiting: Waiting, at: datetime, status: JobStatus) -> None:
    if waiting.question and (item := waiting.message or waiting.job):
        reply.mark_answered(unit.get(type(item), item.id), waiting.question["id"], at)
    elif waiting.message:
        reply.mark_replied(unit.get(Message, waiting.message.id), at)
    elif waiting.job:
        job_rules.set_status(unit.get(Job, waiting.job.id), (), status, at)


def _confirmation(matter: Matter, status: JobStatus) -> str:
    if matter.kind is MatterKind.PAYMENT:
        return _("Marked as paid")
    if matter.kind is MatterKind.APPLICATION:
        return _("Noted: {status}").format(status=words.job_status(status))
    return _("Answer noted")
