"""What the user waits for, and what can be done about it: no controls here."""

from dataclasses import dataclass

from app.domain.codes import JobStatus
from app.domain.entities import Client, Job
from app.domain.exposure import LatePayments, late_payments
from app.domain.silence import FollowUpStep
from app.domain.waiting import Waiting, WaitingKind, record_application_follow_up
from app.i18n import Formatter, _, n_
from app.store import queries
from app.viewmodels import items
from app.viewmodels import job as job_commands
from app.viewmodels import message as message_commands
from app.viewmodels.exposure import late_line
from app.viewmodels.services import AppServices
from app.wording import words


@dataclass(frozen=True)
class WaitingSection:
    """Waits at the same point, under what that point is called."""

    title: str
    note: str
    rows: list[Waiting]


@dataclass(frozen=True)
class WaitingList:
    sections: list[WaitingSection]
    clients: dict[str, Client]
    unpaid: dict[str, int]  # delivered: minor units by currency
    late: LatePayments

    @property
    def count(self) -> int:
        return sum(len(section.rows) for section in self.sections)


def load(app: AppServices) -> WaitingList:
    """What to do something about first: where to stop, where to ask again, where only to wait."""
    found = queries.waiting_for(app.store, app.now)
    held = [each for each in found if each.owed]
    stop = [each for each in found if each.stop and not each.owed]
    waiting = [each for each in found if each.step == FollowUpStep.WAITING]
    ask = [each for each in found if each not in held and each not in stop and each not in waiting]
    sections = [
        WaitingSection(_("Ask again"), _("Most silences are only a full inbox."), ask),
        WaitingSection(
            _("Time to stop"),
            _("You asked often enough. Keep your work safe, close it, and the door stays open."),
            stop,
        ),
        WaitingSection(
            _("Answer them first"),
            _("They wait for your answer to a message. Once they have it, you can ask again."),
            held,
        ),
        WaitingSection(_("Still in good time"), "", waiting),
    ]
    payments = queries.payments(app.store, app.now)
    return WaitingList(
        [section for section in sections if section.rows],
        queries.clients_by_id(app.store, {each.client_id for each in found}),
        queries.exposures(app.store).total,
        late_payments(payments, app.calendar, app.now),
    )


def nothing() -> tuple[str, str]:
    """What the page says while no answer is waited for: a title and a text. Payments are told apart."""
    return (
        _("No answer is missing"),
        _(
            "Questions you asked, offers and applications gather here until they are answered. "
            "Kaeru tells you when to ask again, and when to let go."
        ),
    )


def unpaid_lines(found: WaitingList, formatter: Formatter) -> tuple[str, str]:
    """The money that is waited for: how much in all, and how much of it is late."""
    amounts = formatter.listed(formatter.money(minor, currency) for currency, minor in found.unpaid.items())
    late = late_line(found.late, formatter) if found.late.count else _("None is late")
    return _("{label}: {value}").format(label=_("Delivered, unpaid"), value=amounts), late


def subject(waiting: Waiting) -> str:
    """What the answer is about: the question itself, else the message or the job."""
    if waiting.question:
        return waiting.question["text"]
    if waiting.message:
        return words.message_title(waiting.message.summary, waiting.message.kind)
    return words.job_title(waiting.job) if waiting.job else ""


def kind(waiting: Waiting) -> str:
    return {
        WaitingKind.QUESTION: _("Question"),
        WaitingKind.OFFER: _("Offer"),
        WaitingKind.APPLICATION: _("Application"),
        WaitingKind.MESSAGE: _("Message"),
    }[waiting.kind]


def age(app: AppServices, waiting: Waiting) -> str:
    """How long already, how often asked again, and when to do so while it is too early."""
    days = (
        n_("{n} working day", "{n} working days", waiting.age_days) if waiting.age_days else _("since today")
    )
    parts = [days]
    if waiting.asked:
        parts.append(n_("asked again {n} time", "asked again {n} times", waiting.asked))
    if waiting.step == FollowUpStep.WAITING:
        parts.append(_("ask again {day}").format(day=app.format.day_in_line(waiting.due, app.now)))
    return " · ".join(parts)


def place(waiting: Waiting) -> tuple[str, str]:
    """The screen it is about, as kind and key."""
    if waiting.message:
        return "message", waiting.message.id
    return ("job", waiting.job.id) if waiting.job else ("client", waiting.client_id)


def script_for(app: AppServices, waiting: Waiting, client: Client | None) -> str:
    """The text for this point of the wait; empty while there is nothing to say.

    Whoever waits for the user's answer is not chased.
    """
    if not waiting.script_moment:
        return ""
    channel = waiting.message.channel if waiting.message else ""
    found = items.scripts_for(app, client, [waiting.script_moment], channel)
    return found[0].id if found else ""


# --- commands ----------------------------------------------------------------------------------------------


def followed_up(app: AppServices, waiting: Waiting) -> None:
    """It was asked again. A question's wait begins anew; the others count how often."""
    if waiting.question and (item := waiting.message or waiting.job):
        items.mark_asked(app, item, waiting.question["id"])
    elif waiting.message:
        message_commands.followed_up(app, waiting.message)
    elif waiting.job:
        application_followed_up(app, waiting.job)


def application_followed_up(app: AppServices, job: Job) -> None:
    def change(current: Job) -> None:
        record_application_follow_up(current, app.now)

    if not app.is_repeated(f"followed-up/{job.id}"):
        app.write(lambda: app.store.update(Job, job.id, change), _("Follow-up noted"))


def answered(app: AppServices, waiting: Waiting) -> None:
    """The answer came: for an application, it is an offer."""
    if waiting.question and (item := waiting.message or waiting.job):
        items.mark_answered(app, item, waiting.question["id"])
    elif waiting.message:
        message_commands.mark_replied(app, waiting.message)
    elif waiting.job:
        job_commands.set_status(app, waiting.job, JobStatus.OFFERED)


def let_go(app: AppServices, waiting: Waiting) -> None:
    """Wait no longer: what was asked is settled without an answer."""
    if waiting.question and (item := waiting.message or waiting.job):
        items.remove_question(app, item, waiting.question["id"])
    elif waiting.message:
        message_commands.not_awaited(app, waiting.message)
    elif waiting.job:
        job_commands.set_status(app, waiting.job, JobStatus.LOST)
