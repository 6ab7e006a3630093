"""What can be recorded once a text was sent: each with one button and undo."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial

from app.domain import reply
from app.domain.calls import start_by_rule
from app.domain.codes import BoundaryStep, ChannelKind, Direction, JobStatus
from app.domain.entities import Client, Job, Message, StatusUpdate
from app.domain.exposure import to_invoice
from app.domain.ladder import CONFIRMATION
from app.domain.missed_calls import wants_answer
from app.domain.promised_calls import changed_calls, is_told
from app.domain.silence import update_answering
from app.i18n import _, speaking
from app.store import queries
from app.viewmodels import call as call_commands
from app.viewmodels import exposure as exposure_commands
from app.viewmodels import job as job_commands
from app.viewmodels import ladder as ladder_commands
from app.viewmodels import message as message_commands
from app.viewmodels import standing as standing_commands
from app.viewmodels import update as update_commands
from app.viewmodels import waiting as waiting_commands
from app.viewmodels.record import usual_channel
from app.viewmodels.scripts import facts
from app.viewmodels.scripts.filling import Filling, ScriptPage
from app.viewmodels.services import AppServices

# Scripts of these moments report the state of the work, which answers a later check-in.
REPORTS_STATUS = frozenset({"update", "problem", "delivery"})
# Scripts of these moments are about calls.
ABOUT_CALLS = frozenset({"boundary-1", "boundary-2"})
# Scripts of these moments answer a call that was not taken.
ANSWERS_CALLS = frozenset({"voicemail", "check-in", "update", "boundary-3"})
# Scripts of these moments ask for an answer.
ASKS_FOR_ANSWER = frozenset(
    {"question", "negotiate", "problem", "quote", "payment", "apply"}
    | {"boundary-1", "boundary-2", "boundary-4"}
)


BOUNDARY_STEPS = {f"boundary-{step.value}": step for step in BoundaryStep if step is not BoundaryStep.FINE}


class NoteKind(StrEnum):
    """What a note records; determines its icon."""

    ASKED = "asked"
    ACKNOWLEDGED = "acknowledged"
    REPLIED = "replied"
    FOLLOWED_UP = "followed-up"
    CALL_AGREED = "call-agreed"
    ALREADY_TOLD = "already-told"
    DONE = "done"
    WRITTEN = "written"
    SPOKEN = "spoken"
    DEADLINE = "deadline"
    INVOICED = "invoiced"
    UPDATE = "update"
    WAITING = "waiting"


@dataclass(frozen=True)
class Note:
    """A fact to record with one button.

    `replies_to` is the message to mark as answered; its screen asks about open questions instead of calling
    `act`.
    """

    label: str
    kind: NoteKind
    act: Callable[[], object]
    replies_to: Message | None = None


def notes(app: AppServices, page: ScriptPage, filling: Filling) -> list[Note]:
    """The notes that apply, best first, without those already recorded."""
    return [
        *_about_message(app, page, filling),
        *_about_silence(app, page),
        *_about_call(app, page, filling),
        *_about_boundary(app, page),
        *_about_standing_call(app, page, filling),
        *_about_deadline(app, page, filling),
        *_about_invoice(app, page),
        *_about_payment(app, page),
        *_about_client(app, page, filling),
    ]


def _about_message(app: AppServices, page: ScriptPage, filling: Filling) -> Iterator[Note]:
    """A client's message is acknowledged, questioned or answered."""
    message, moment = page.situation.message, page.script.moment
    item = message or page.situation.job
    if moment == "question" and item and any(_not_asked(item)):
        yield Note(_("The question is asked"), NoteKind.ASKED, lambda: _mark_asked(app, item))
    if message is None or message.direction != Direction.IN or message.replied_at or not message.needs_reply:
        return
    due = filling.instants.get("due")
    if due and "due" in page.blanks:
        if message.acknowledged_at is None or message.promised_at != due:
            yield Note(
                _("Acknowledged: answer by {when}").format(when=app.format.when(due, app.now)),
                NoteKind.ACKNOWLEDGED,
                lambda: message_commands.acknowledge(app, message, due),
            )
        return
    yield Note(
        _("Mark as replied"), NoteKind.REPLIED, lambda: message_commands.mark_replied(app, message), message
    )


def _about_silence(app: AppServices, page: ScriptPage) -> Iterator[Note]:
    """A follow-up was sent, which restarts the wait."""
    situation = page.situation
    message, job = situation.message or situation.awaited, situation.job
    if page.script.moment not in facts.FOLLOW_UPS:
        return
    if message is None:
        if job and job.status == JobStatus.APPLIED and not _followed_up_now(app, job):
            yield Note(
                _("Follow-up sent"),
                NoteKind.FOLLOWED_UP,
                lambda: waiting_commands.application_followed_up(app, job),
            )
        return
    if (
        message.direction == Direction.OUT
        and message.replied_at is None
        and not _followed_up_now(app, message)
    ):
        yield Note(
            _("Follow-up sent"),
            NoteKind.FOLLOWED_UP,
            lambda: message_commands.followed_up(app, message),
        )


def _followed_up_now(app: AppServices, item: Message | Job) -> bool:
    """Whether a follow-up is already recorded today."""
    if not item.followed_up_at:
        return False
    last = datetime.fromisoformat(item.followed_up_at[-1])
    return app.format.local(last).date() == app.format.local(app.now).date()


def _about_call(app: AppServices, page: ScriptPage, filling: Filling) -> Iterator[Note]:
    """An untaken call waits for the next standing call, or an earlier update or this text answers it."""
    call, moment = page.situation.call, page.script.moment
    if call is None:
        return
    next_call = filling.instants.get("next_call")
    if moment == "voicemail" and "next_call" in page.blanks and next_call and call.deferred_to != next_call:
        when = app.format.when(next_call, app.now)
        yield Note(
            _("I told them it waits for the call: {when}").format(when=when),
            NoteKind.CALL_AGREED,
            lambda: call_commands.told(app, call),
        )
    update = update_answering(call, page.situation.updates)
    if moment == "check-in" and update and call.answered_by_update_id != update.id:
        yield Note(
            _("They already had it"),
            NoteKind.ALREADY_TOLD,
            lambda: call_commands.answered_by_update(app, call, update),
        )
    elif moment in ANSWERS_CALLS and wants_answer(call):
        yield Note(
            _("I got back to them"),
            NoteKind.DONE,
            lambda: call_commands.answered(app, call.client_id),
        )


def _about_standing_call(app: AppServices, page: ScriptPage, filling: Filling) -> Iterator[Note]:
    """The text told the client about a changed call, or mentioned the next one."""
    client, at = page.situation.client, filling.instants.get("next_call")
    if client is None:
        return
    if page.script.base == standing_commands.CALL_CHANGED:
        for changed in changed_calls(client, app.calendar, app.now)[:1]:
            yield Note(
                _("I told them"),
                NoteKind.DONE,
                partial(standing_commands.told_of_change, app, client, changed),
            )
    elif at and "next_call" in page.blanks and page.script.moment != "voicemail":
        known = is_told(client, at, app.calendar) or start_by_rule(client, at, app.calendar) is None
        if not known:
            yield Note(
                _("They know of the call: {when}").format(when=app.format.when(at, app.now)),
                NoteKind.CALL_AGREED,
                lambda: standing_commands.promise(app, client, at),
            )


def _about_boundary(app: AppServices, page: ScriptPage) -> Iterator[Note]:
    """The text took the ladder's next step."""
    client = page.situation.client
    ladder = queries.client_ladder(app.store, client.id, app.now) if client else None
    if client and ladder and ladder.script and ladder.script == page.script.base:
        written = page.script.channel == ChannelKind.EMAIL  # other forms may be spoken
        yield Note(
            _("It is sent") if written else _("I said it"),
            NoteKind.WRITTEN if written else NoteKind.SPOKEN,
            lambda: ladder_commands.said(app, client.id),
        )


def _about_deadline(app: AppServices, page: ScriptPage, filling: Filling) -> Iterator[Note]:
    """The text announced a later date: offer to move the deadline to it, at the same time of day."""
    job, day = page.situation.job, filling.instants.get("new_date")
    late = facts.delay(page.situation)
    due = late.due if late else None
    if job is None or late is None or due is None or day is None or "new_date" not in page.blanks:
        return
    named = [part.id for part in late.parts]
    local = app.format.local(due)
    to = datetime.combine(app.format.local(day).date(), local.time(), app.format.zone)
    if to > due:
        yield Note(
            _("Move the deadline to {when}").format(when=app.format.when(to, app.now)),
            NoteKind.DEADLINE,
            lambda: job_commands.move_deadline(app, job, to, named),
        )


def _about_invoice(app: AppServices, page: ScriptPage) -> Iterator[Note]:
    """The invoice was sent, which starts the payment period."""
    job = page.situation.job
    items = to_invoice(job, page.situation.parts) if job else []
    if job and items and page.script.moment == facts.INVOICE:
        ids = {item.id for item in items}
        yield Note(
            _("Invoiced today"),
            NoteKind.INVOICED,
            lambda: job_commands.invoiced(app, job, ids),
        )


def _about_payment(app: AppServices, page: ScriptPage) -> Iterator[Note]:
    """The due reminder was sent, for every payment of the job that it covers."""
    situation = page.situation
    if situation.client is None or situation.job is None:
        return
    due = [
        payment
        for payment in queries.payments(app.store, app.now, situation.client.id)
        if payment.job.id == situation.job.id and payment.reminder(app.calendar, app.now) == page.script.base
    ]
    if due and page.script.moment == facts.PAYMENT:
        yield Note(_("Reminder sent"), NoteKind.FOLLOWED_UP, lambda: exposure_commands.reminded(app, *due))


def _about_client(app: AppServices, page: ScriptPage, filling: Filling) -> Iterator[Note]:
    """Keep the text as an update for a later check-in, or wait for an answer to it."""
    text = filling.body
    situation, moment = page.situation, page.script.moment
    client = situation.client
    if client is None:
        return
    job_id = situation.job.id if situation.job else None
    if moment in REPORTS_STATUS and all(update.text != text for update in situation.updates):
        update = StatusUpdate(
            client_id=client.id,
            job_id=job_id,
            channel=_channel(app, page, client),
            at=app.now,
            created_at=app.now,
            text=text,
        )
        yield Note(
            _("Keep as an update, for when they check in"),
            NoteKind.UPDATE,
            lambda: update_commands.add(app, update),
        )
    if (
        moment in ASKS_FOR_ANSWER
        and page.script.base != CONFIRMATION
        and all(message.body != text for message in queries.waiting(app.store))
    ):
        question = Message(
            client_id=client.id,
            job_id=job_id,
            channel=_channel(app, page, client),
            direction=Direction.OUT,
            at=app.now,
            created_at=app.now,
            summary=subject(page, filling),
            body=text,
            boundary_step=BOUNDARY_STEPS.get(moment),
        )
        yield Note(
            _("Follow up if they don't answer"),
            NoteKind.WAITING,
            lambda: app.write(lambda: app.store.add(question), _("Waiting for their answer")),
        )


def subject(page: ScriptPage, filling: Filling) -> str:
    """The subject of the text in one line for the client; empty if unknown.

    The script's title is for the user only: "Hold firm and renew the offer" must not reach a client.
    """
    known, moment = filling.values, page.script.moment
    if filling.subject:
        return filling.subject
    if moment in ABOUT_CALLS:
        with speaking(page.script.language):
            return _("How best to reach me")
    about = ("matter", "job") if page.situation.message or moment in facts.FOLLOW_UPS else ("job", "matter")
    return next((known[name] for name in about if known.get(name, "").strip()), "")


def _channel(app: AppServices, page: ScriptPage, client: Client) -> str:
    return page.situation.message.channel if page.situation.message else usual_channel(app, client)


def _not_asked(item: Message | Job) -> Iterator[str]:
    return (question["id"] for question in reply.open_questions(item) if not question["asked_at"])


def _mark_asked(app: AppServices, item: Message | Job) -> None:
    def change(current: Message | Job) -> None:
        for question_id in _not_asked(current):
            reply.mark_asked(current, question_id, app.now)

    app.write(lambda: app.store.update(type(item), item.id, change), _("Marked as asked"))
