"""What is open with a client, and closing what they have answered: no controls here."""

from datetime import datetime

from app.domain import jobs as job_rules
from app.domain import reply
from app.domain.answers import Matter, MatterKind, open_matters
from app.domain.codes import JobStatus
from app.domain.entities import Call
from app.i18n import _
from app.store import queries
from app.store.store import Change
from app.ui.state import AppState
from app.wording import words
from app.wording.calls import counted_calls


def open_with(app: AppState, client_id: str, at: datetime) -> list[Matter]:
    """What something that the client sent or said at `at` may answer."""
    waiting = [each for each in queries.waiting_for(app.store, app.now) if each.client_id == client_id]
    payments = queries.payments(app.store, app.now, client_id)
    return open_matters(at, waiting, payments, queries.unanswered_calls(app.store, client_id, app.now))


def title(app: AppState, matter: Matter) -> str:
    """What it is, in a line."""
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


def close(app: AppState, matter: Matter, at: datetime, status: JobStatus = JobStatus.OFFERED) -> bool:
    """It was answered at `at`; an application with the `status` that says how."""

    def change() -> Change:
        if matter.payment:
            return _paid(app, matter, at)
        if matter.unanswered:
            calls = [app.store.get(Call, call.id) for call in matter.unanswered.calls]
            found = [call for call in calls if call is not None]
            for call in found:
                call.answered_at = max(at, call.at)
            return app.store.save(*found)
        return _answered(app, matter, at, status)

    return app.write(change, _said(matter, status))


def _paid(app: AppState, matter: Matter, at: datetime) -> Change:
    payment = matter.payment
    if payment is None:
        return Change()
    if payment.part:
        job_rules.pay_part(payment.part, at)
        return app.store.save(payment.part)
    job_rules.set_status(payment.job, (), JobStatus.PAID, at)
    return app.store.save(payment.job)


def _answered(app: AppState, matter: Matter, at: datetime, status: JobStatus) -> Change:
    waiting = matter.waiting
    item = waiting.message or waiting.job if waiting else None
    if waiting is None or item is None:
        return Change()
    if waiting.question:
        reply.mark_answered(item, waiting.question["id"], at)
    elif waiting.message:
        reply.mark_replied(waiting.message, at)
    elif waiting.job:
        job_rules.set_status(waiting.job, (), status, at)
    return app.store.save(item)


def _said(matter: Matter, status: JobStatus) -> str:
    if matter.kind is MatterKind.PAYMENT:
        return _("Marked as paid")
    if matter.kind is MatterKind.APPLICATION:
        return _("Noted: {status}").format(status=words.job_status(status))
    return _("Answer noted")
