"""What messages and jobs share: open questions, checklists, and the scripts for their moments."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from app.domain import reply
from app.domain.codes import ChannelKind
from app.domain.entities import Client, Job, Message, Part
from app.domain.exposure import Payment
from app.domain.jobs import delay_of, is_paid_in_part
from app.domain.scripts import moments_for_job
from app.i18n import _
from app.store import content, queries
from app.store.content import ChecklistView, ScriptView
from app.viewmodels.services import AppServices

Item = Message | Job


def add_question(app: AppServices, item: Item, text: str) -> bool:
    if app.is_repeated(f"add-question/{item.id}/{text}"):
        return False
    return _change(app, item, lambda current: reply.add_question(current, text))


def mark_asked(app: AppServices, item: Item, question_id: str) -> None:
    _change(app, item, lambda current: reply.mark_asked(current, question_id, app.now), _("Marked as asked"))


def mark_answered(app: AppServices, item: Item, question_id: str) -> None:
    _change(
        app, item, lambda current: reply.mark_answered(current, question_id, app.now), _("Question answered")
    )


def remove_question(app: AppServices, item: Item, question_id: str) -> None:
    _change(app, item, lambda current: reply.remove_question(current, question_id), _("Question removed"))


def tick_item(app: AppServices, item: Item, checklist_id: str, line_id: str, done: bool) -> None:
    """Store the progress of a checklist in the message or job that it is used for."""

    def change(current: Item) -> None:
        ticked = [kept for kept in current.checklists.get(checklist_id, []) if kept != line_id]
        current.checklists = {**current.checklists, checklist_id: [*ticked, line_id] if done else ticked}

    _change(app, item, change)


def _change(app: AppServices, item: Item, change: Callable[[Item], object], confirmation: str = "") -> bool:
    return app.write(lambda: app.store.update(type(item), item.id, change), confirmation)


def checklist_for(app: AppServices, moment: str) -> ChecklistView | None:
    return next(iter(content.checklists(app.store, app.settings.language, moment)), None)


CHATS = frozenset(
    {
        *(ChannelKind.CHAT, ChannelKind.CHATWORK, ChannelKind.SLACK, ChannelKind.LINE, ChannelKind.SKYPE),
        *(ChannelKind.WHATSAPP, ChannelKind.TEAMS, ChannelKind.MESSENGER, ChannelKind.GOOGLE_CHAT),
    }
)
"""Channels for short messages."""


def scripts_for(
    app: AppServices, client: Client | None, moments: Iterable[str], channel: str = ""
) -> list[ScriptView]:
    """The scripts of these moments, in that order, in the client's language.

    Each has the form for `channel`, by default the channel last used with the client.
    """
    language = client.language if client else app.settings.language
    channel = channel or (client and queries.last_channel(app.store, client.id)) or ""
    by_moment: dict[str, list[ScriptView]] = {}
    for script in in_form(content.scripts(app.store, language), channel):
        by_moment.setdefault(script.moment, []).append(script)
    return [script for moment in moments for script in by_moment.get(moment, [])]


PAID_PART_SCRIPT = "paid-part-only"
PAYMENT = "payment"


def fitting_money(
    app: AppServices, scripts: Iterable[ScriptView], parts: Sequence[Part], payments: Iterable[Payment]
) -> list[ScriptView]:
    """The scripts without the payment scripts that do not apply.

    A reminder applies only when its turn comes, never before a payment is late. PAID_PART_SCRIPT applies if
    some parts are paid and others are unpaid and undelivered.
    """
    turn = {payment.reminder(app.calendar, app.now) for payment in payments} - {""}
    paid_in_part = is_paid_in_part(parts)

    def fits(script: ScriptView) -> bool:
        if script.base == PAID_PART_SCRIPT:
            return paid_in_part
        return script.moment != PAYMENT or script.base in turn or (script.own and bool(turn))

    return [script for script in scripts if fits(script)]


DELAY_EARLY, DELAY_LATE = "raise-delay-early", "raise-delay-late"


def delay_script(job: Job, parts: Sequence[Part], now: datetime) -> str:
    """The id of the script that announces a delay, depending on whether the date has passed."""
    return DELAY_LATE if delay_of(job, parts, (), now).has_passed(now) else DELAY_EARLY


def fitting_delay(scripts: Iterable[ScriptView], delay: str) -> list[ScriptView]:
    """The scripts without the delay script other than `delay`."""
    return [script for script in scripts if script.base not in {DELAY_EARLY, DELAY_LATE} - {delay}]


def offered_for_job(
    app: AppServices, client: Client | None, job: Job, parts: Sequence[Part]
) -> list[ScriptView]:
    """The scripts that fit a job now, best first.

    No payment script is offered while the client waits for an answer about the job.
    """
    payments = [each for each in queries.payments(app.store, app.now, job.client_id) if each.job.id == job.id]
    if queries.answers_owed(app.store).any_about(job):
        payments = []
    late = any(payment.reminder(app.calendar, app.now) for payment in payments)
    moments = moments_for_job(job, parts, app.now, payment_late=late)
    delay = delay_script(job, parts, app.now)
    scripts = fitting_money(app, fitting_delay(scripts_for(app, client, moments), delay), parts, payments)
    # A delay is announced before any other problem.
    return sorted(scripts, key=lambda script: script.base != delay) if moments[:1] == ["problem"] else scripts


def in_form(scripts: Sequence[ScriptView], channel: str) -> list[ScriptView]:
    """Each script once: in its chat form if it has one and `channel` is in CHATS, else in its usual form."""
    wanted = content.CHAT if channel in CHATS else ""
    fitting = {each.variant_of: each for each in scripts if each.variant_of and each.channel == wanted}
    return [fitting.get(each.builtin_id, each) for each in scripts if not each.variant_of]
