"""What the user waits for, and the commands for it."""

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
    """The waits at one stage; `title` and `note` describe the stage."""

    title: str
    note: str
    rows: list[Waiting]


@dataclass(frozen=True)
class WaitingList:
    sections: list[WaitingSection]
    clients: dict[str, Client]
    unpaid: dict[str, int]  # delivered and unpaid: minor units by currency
    late: LatePayments

    @property
    def count(self) -> int:
        return sum(len(section.rows) for section in self.sections)


def load(app: AppServices) -> WaitingList:
    """Load the sections in order: ask again, stop, answer first, still waiting."""
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
    """Title and text of the page while no answer is awaited. Payments are shown separately."""
    return (
        _("No answer is missing"),
        _(
            "Questions you asked, offers and applications gather here until they are answered. "
            "Kaeru tells you when to ask again, and when to let go."
        ),
    )


def unpaid_lines(found: WaitingList, formatter: Formatter) -> tuple[str, str]:
    """The unpaid total, and how much of it is late."""
    amounts = formatter.listed(formatter.money(minor, currency) for currency, minor in found.unpaid.items())
    late = late_line(found.late, formatter) if found.late.count else _("None is late")
    return _("{label}: {value}").format(label=_("Delivered, unpaid"), value=amounts), late


def subject(waiting: Waiting) -> str:
    """The subject of the wait: the question itself, else the message or the job."""
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
    """The age of the wait, the number of follow-ups, and the day of the next one if it lies ahead."""
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
    """Kind and key of the screen of the message, job or client waited for."""
    if waiting.message:
        return "message", waiting.message.id
    return ("job", waiting.job.id) if waiting.job else ("client", waiting.client_id)


def script_for(app: AppServices, waiting: Waiting, client: Client | None) -> str:
    """The id of the script for this stage of the wait; empty if there is none.

    Clients who wait for the user's answer get no follow-up.
    """
    if not waiting.script_moment:
        return ""
    channel = waiting.message.channel if waiting.message else ""
    found = items.scripts_for(app, client, [waiting.script_moment], channel)
    return found[0].id if found else ""


# --- commands --------------------------------------------------------------------------------------------


def followed_up(app: AppServices, waiting: Waiting) -> None:
    """Record a follow-up. It restarts the wait for a question; other waits count follow-ups."""
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
    """Record the answer. An application becomes an offer."""
    if waiting.question and (item := waiting.message or waiting.job):
        items.mark_answered(app, item, waiting.question["id"])
    elif waiting.message:
        message_commands.mark_replied(app, waiting.message)
    elif waiting.job:
        job_commands.set_status(app, waiting.job, JobStatus.OFFERED)


def let_go(app: AppServices, waiting: Waiting) -> None:
    """Stop waiting and settle the question, message or application without an answer."""
    if waiting.question and (item := waiting.message or waiting.job):
        items.remove_question(app, item, waiting.question["id"])
    elif waiting.message:
        message_commands.not_awaited(app, waiting.message)
    elif waiting.job:
        job_commands.set_status(app, waiting.job, JobStatus.LOST)
