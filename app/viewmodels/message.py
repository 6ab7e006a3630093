"""What a message's page shows, and the commands for a message."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain import reply, silence
from app.domain.answers import Matter
from app.domain.codes import Direction
from app.domain.entities import Client, Job, Message, StatusUpdate, Topic
from app.domain.jobs import OPEN_STATUSES
from app.domain.reply import Window
from app.domain.scripts import moments_for
from app.i18n import _
from app.store import queries
from app.store.content import ChecklistView, ScriptView
from app.store.unit_of_work import UnitOfWork
from app.viewmodels import answers, items, standing
from app.viewmodels.services import AppServices
from app.wording import words


@dataclass(frozen=True)
class MessagePage:
    """A message and the data shown on its page."""

    message: Message
    client: Client | None
    job: Job | None
    window: Window | None
    waiting: tuple[silence.FollowUpStep, datetime] | None
    answered_by: StatusUpdate | None
    checklist: ChecklistView | None
    scripts: list[ScriptView]
    matters: list[Matter]  # what the client may have answered with this message
    topic: Topic | None  # created from the message
    can_wait: bool  # whether it can be kept for the next call
    owed: Message | None = None  # for an outgoing message: the client's message to answer before following up


def load(app: AppServices, message_id: str) -> MessagePage | None:
    """None if there is no such message."""
    message = app.store.get(Message, message_id)
    if message is None:
        return None
    client = app.store.get(Client, message.client_id)
    job = app.store.get(Job, message.job_id) if message.job_id else None
    window = reply.reply_window(message, client, app.settings, app.calendar)
    waiting = silence.silence(message, app.settings, app.calendar, app.now)
    owed = queries.answers_owed(app.store).first_before_follow_up(message) if waiting else None
    updates = queries.updates_for(app.store, message.client_id) if message.client_id else []
    running = [job.id for job in queries.jobs_of(app.store, message.client_id) if job.status in OPEN_STATUSES]
    answered_by = silence.update_answering(message, updates, running)
    return MessagePage(
        message,
        client,
        job,
        window,
        waiting,
        answered_by,
        items.checklist_for(app, "reply"),
        [] if owed else fitting_scripts(app, message, client, answered_by, waiting),
        answers.open_with(app, message.client_id, message.at) if message.direction == Direction.IN else [],
        queries.topic_from(app.store, message, app.now),
        client is not None and _can_wait(app, client),
        owed,
    )


def _can_wait(app: AppServices, client: Client) -> bool:
    """Whether to offer the next call. Clients who never call and have no standing call are excluded."""
    return standing.next_call(app, client) is not None or bool(queries.calls_for(app.store, client.id))


def fitting_scripts(
    app: AppServices,
    message: Message,
    client: Client | None,
    answered_by: StatusUpdate | None,
    waiting: tuple[silence.FollowUpStep, datetime] | None,
) -> list[ScriptView]:
    """The scripts for the message's current state in the client's language, best first."""
    window = reply.reply_window(message, client, app.settings, app.calendar)
    moments = moments_for(
        message,
        app.now,
        answered_by=answered_by,
        waiting=waiting[0] if waiting else None,
        late=window is not None and window.due <= app.now,
    )
    payments = queries.payments(app.store, app.now, client.id) if client else []
    about = [each for each in payments if message.job_id in (None, each.job.id)]
    parts = queries.parts_of(app.store, [message.job_id])[message.job_id] if message.job_id else []
    job = app.store.get(Job, message.job_id) if message.job_id else None
    delay = items.delay_script(job, parts, app.now) if job else items.DELAY_EARLY
    scripts = items.fitting_delay(items.scripts_for(app, client, moments, message.channel), delay)
    return items.fitting_money(app, scripts, parts, about)


class Questions(StrEnum):
    """What happens to open questions when a message is answered."""

    OPEN = "open"  # unchanged
    ASKED = "asked"  # asked in the reply
    SETTLED = "settled"


def mark_replied(app: AppServices, message: Message, questions: Questions = Questions.OPEN) -> None:
    """Record the answer: the user's to the client, or the client's to the user."""

    def change(current: Message) -> None:
        reply.mark_replied(current, app.now)
        for question in reply.open_questions(current):
            if questions is Questions.ASKED and not question["asked_at"]:
                reply.mark_asked(current, question["id"], app.now)
            elif questions is Questions.SETTLED:
                reply.mark_answered(current, question["id"], app.now)

    confirmation = _("Reply noted") if message.direction == Direction.IN else _("Answer noted")
    _change(app, message, change, confirmation)


def reopen(app: AppServices, message: Message) -> None:
    def change(current: Message) -> None:
        current.replied_at = None

    _change(app, message, change, _("Waiting for a reply again"))


def acknowledge(app: AppServices, message: Message, promised_at: datetime) -> bool:
    confirmation = _("Acknowledged: answer by {when}").format(when=app.format.when(promised_at, app.now))
    client = app.store.get(Client, message.client_id)
    window = reply.overrun_window(message, promised_at, client, app.settings, app.calendar)
    if window is not None:
        confirmation = _("{said}, later than {due}").format(
            said=confirmation, due=app.format.when(window.due, app.now)
        )
    return _change(
        app, message, lambda current: reply.acknowledge(current, app.now, promised_at), confirmation
    )


def later_than_told(app: AppServices, message: Message, promised_at: datetime) -> str:
    """A warning if `promised_at` is later than the client can expect; otherwise empty."""
    client = app.store.get(Client, message.client_id)
    window = reply.overrun_window(message, promised_at, client, app.settings, app.calendar)
    if window is None:
        return ""
    when = app.format.when(window.due, app.now)
    if window.promise:
        return _("You told them {when}. This is later: say so, and why.").format(when=when)
    if window.due <= app.now:
        return _("Your reply time for this client ended {when}: this answer is late.").format(when=when)
    return _(
        "Later than your reply time for this client, which ends {when}. If they count on it, say that this "
        "one takes longer."
    ).format(when=when)


def set_replied_at(app: AppServices, message: Message, at: datetime) -> None:
    """Correct the time of the answer."""
    _change(
        app,
        message,
        lambda current: reply.set_replied_at(current, at, app.now),
        _("Answered: {when}").format(when=app.format.when(at, app.now)),
    )


def snooze(app: AppServices, message: Message, until: datetime) -> None:
    _change(
        app,
        message,
        lambda current: reply.snooze(current, until),
        _("Snoozed until {when}").format(when=app.format.when(until, app.now)),
    )


def unsnooze(app: AppServices, message: Message) -> None:
    _change(app, message, reply.unsnooze, _("Back in Today"))


def followed_up(app: AppServices, message: Message) -> None:
    if app.is_repeated(f"followed-up/{message.id}"):
        return
    _change(app, message, lambda current: silence.record_follow_up(current, app.now), _("Follow-up noted"))


def not_awaited(app: AppServices, message: Message) -> None:
    """Stop waiting for an answer."""

    def change(current: Message) -> None:
        current.needs_reply = False

    _change(app, message, change, _("No longer waited for"))


def usual_due(app: AppServices, client: Client | None, received: datetime) -> datetime:
    """The default reply deadline of a message received at `received`."""
    return reply.first_due(Message(at=received), client, app.settings, app.calendar)


def save(app: AppServices, initial: Message, edited: Message) -> bool:
    """Save the fields changed in the form. A message moved to another client is detached from its job."""

    def change(unit: UnitOfWork) -> None:
        message = unit.merge(initial, edited)
        job = unit.find(Job, message.job_id)
        if job and job.client_id != message.client_id:
            message.job_id = None

    return app.write(lambda: app.store.transact(change), _("Saved"))


def delete(app: AppServices, message: Message) -> bool:
    return app.write(lambda: app.store.delete(message), _("Message deleted"))


def _change(
    app: AppServices, message: Message, change: Callable[[Message], object], confirmation: str
) -> bool:
    return app.write(lambda: app.store.update(Message, message.id, change), confirmation)


def find(app: AppServices, message_id: str) -> Message | None:
    return app.store.get(Message, message_id)


@dataclass(frozen=True)
class FormChoices:
    """Options of the message form for the chosen client; `jobs` maps ids to titles."""

    client: Client | None
    jobs: dict[str, str]


def choices(app: AppServices, client_id: str) -> FormChoices:
    jobs = {"": _("No job")}
    for job in queries.jobs_of(app.store, client_id):
        jobs[job.id] = words.job_title(job)
    return FormChoices(app.store.get(Client, client_id), jobs)
