"""What a job's page shows, and the commands for a job."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from app.domain import jobs as rules
from app.domain.codes import FeeBasis, JobStatus
from app.domain.deadlines import DeadlineView, job_deadlines
from app.domain.entities import Client, Job, Message, Part, StatusUpdate, fields_of, new_id
from app.domain.exposure import Excess
from app.domain.pricing import whole_amount
from app.i18n import _
from app.store import content, queries
from app.store.content import ChecklistView, ScriptView
from app.store.unit_of_work import UnitOfWork
from app.viewmodels import items
from app.viewmodels.scripts.keys import say
from app.viewmodels.services import AppServices, NextStep
from app.wording import words

SETTLED = (JobStatus.PAID, JobStatus.CLOSED)
OWED = (JobStatus.DELIVERED, JobStatus.ACCEPTED)
DELIVERY_NOTE = "delivery-note"
PROBLEM = "raise-problem-early"
# Scripts for the end of a job.
CLOSING = ("ask-for-rating", "ask-for-testimonial", "thanks-next-job")
NOT_STARTED = (JobStatus.APPLIED, JobStatus.OFFERED)


@dataclass(frozen=True)
class Money:
    """A job's earnings, in minor units of `currency`."""

    currency: str
    paid: int
    unpaid: int  # delivered and unpaid
    remaining: int  # neither delivered nor paid
    uncounted: int = 0  # parts without an amount, if others have one
    written_off: int = 0  # delivered and unpaid when the job was closed
    in_no_part: int = 0  # price of the job minus the sum of its parts; may be negative

    def __bool__(self) -> bool:
        return bool(self.total)

    @property
    def total(self) -> int:
        """The total of the parts, or of the job paid as a whole."""
        return self.paid + self.unpaid + self.remaining + self.written_off


class JobWithParts(NamedTuple):
    """A job and its parts, as opened or edited in the form."""

    job: Job
    parts: Sequence[Part]


@dataclass(frozen=True)
class JobPage:
    """A job and the data shown on its page."""

    job: Job
    client: Client | None
    parts: list[Part]
    money: Money
    due: dict[str | None, DeadlineView]  # by part id; None for the job's own
    next_due: tuple[Part | None, DeadlineView] | None
    suggested: JobStatus | None  # the status that the parts imply, if it differs
    checklist: ChecklistView | None
    scripts: list[ScriptView]
    occasion: list[ScriptView]  # scripts shown separately: about problems or the end of the job
    messages: list[Message]
    updates: list[StatusUpdate]
    origin: Job | None  # the job that it continues


def load(app: AppServices, job_id: str) -> JobPage | None:
    """Load the page; None if there is no such job."""
    job = app.store.get(Job, job_id)
    if job is None:
        return None
    client = app.store.get(Client, job.client_id)
    parts = queries.parts_of(app.store, [job.id])[job.id]
    due = job_deadlines(job, parts, app.settings, app.calendar)
    derived = rules.derived_status(job, parts)
    scripts = items.offered_for_job(app, client, job, parts)
    money = money_of(app, job, parts)
    apart = () if money.written_off else _separate_scripts(job, items.delay_script(job, parts, app.now))
    texts = content.scripts(app.store, client.language if client else app.settings.language) if apart else []
    moment = {JobStatus.IN_PROGRESS: "delivery"} | dict.fromkeys(NOT_STARTED, "take-job")
    return JobPage(
        job=job,
        client=client,
        parts=parts,
        money=money,
        due={part.id if part else None: view for part, view in due},
        next_due=min(due, key=lambda entry: entry[1].current_due(app.now), default=None),
        suggested=derived if derived != job.status else None,
        checklist=items.checklist_for(app, moment[JobStatus(job.status)]) if job.status in moment else None,
        scripts=[script for script in scripts if script.id not in apart],
        occasion=[script for id_ in apart for script in texts if script.id == id_],
        messages=queries.messages_for_job(app.store, job.id),
        updates=[
            update for update in queries.updates_for(app.store, job.client_id) if update.job_id == job.id
        ],
        origin=app.store.get(Job, job.continued_from_id) if job.continued_from_id else None,
    )


def _separate_scripts(job: Job, delay: str) -> tuple[str, ...]:
    if job.status == JobStatus.IN_PROGRESS:
        return (delay, PROBLEM)
    return CLOSING if job.status in (JobStatus.ACCEPTED, *SETTLED) else ()


def currency_of(app: AppServices, job: Job) -> str:
    return job.currency or app.settings.currency


def money_of(app: AppServices, job: Job, parts: Sequence[Part]) -> Money:
    settled, by_part, whole = rules.settlement(job, parts), rules.is_paid_by_part(parts), whole_amount(job)
    uncounted = sum(part.amount is None for part in parts) if by_part else 0
    money = Money(
        currency_of(app, job),
        settled.paid,
        settled.unpaid,
        settled.remaining,
        uncounted,
        settled.written_off,
    )
    if not by_part or whole is None or uncounted:
        return money
    return replace(money, in_no_part=whole - money.total)


def excess_by_part(app: AppServices, job: Job, part: Part) -> Excess | None:
    """How far delivering the part would exceed the client's unpaid limit; None if it would not."""
    return _excess(app, job, part.amount or 0)


def excess_by_status(app: AppServices, job: Job, status: JobStatus) -> Excess | None:
    """How far this status would exceed the client's unpaid limit; None if it would not."""
    if status not in OWED:
        return None
    parts = queries.parts_of(app.store, [job.id])[job.id]
    return _excess(app, job, money_of(app, job, parts).remaining)


def _excess(app: AppServices, job: Job, added: int) -> Excess | None:
    return queries.over_limit(app.store, job.client_id, added, currency_of(app, job)) if added else None


def deliver_part(app: AppServices, job: Job, part: Part) -> None:
    def change(current: Part) -> None:
        rules.deliver_part(current, app.now)

    confirmation, then = _("Marked as delivered"), next_step(app, job, JobStatus.DELIVERED)
    app.write(lambda: app.store.update(Part, part.id, change), confirmation, then=then)


def take_back_delivery(app: AppServices, part: Part) -> None:
    def change(current: Part) -> None:
        rules.deliver_part(current, None)

    app.write(lambda: app.store.update(Part, part.id, change), _("Marked as not delivered"))


def pay_part(app: AppServices, part: Part, paid: bool = True) -> None:
    def change(current: Part) -> None:
        rules.pay_part(current, app.now if paid else None)

    confirmation = _("Marked as paid") if paid else _("Marked as not paid")
    app.write(lambda: app.store.update(Part, part.id, change), confirmation)


def invoiced(app: AppServices, job: Job, ids: Collection[str]) -> None:
    """Record that the invoice for the job or parts with these ids was sent now."""

    def change(unit: UnitOfWork) -> None:
        for item in (unit.get(Job, job.id), *_parts(app, unit, job)):
            if item.id in ids:
                item.invoiced_at = app.now

    app.write(lambda: app.store.transact(change), _("Marked as invoiced"))


def set_status(app: AppServices, job: Job, status: JobStatus) -> None:
    """Set the status of the job and its parts."""
    parts = queries.parts_of(app.store, [job.id])[job.id]
    given_up = status == JobStatus.CLOSED and money_of(app, job, parts).unpaid  # then no thanks are proposed

    def change(unit: UnitOfWork) -> None:
        rules.set_status(unit.get(Job, job.id), _parts(app, unit, job), status, app.now)

    done = _("{job}: {status}").format(job=words.job_title(job), status=words.job_status(status))
    then = None if given_up else next_step(app, job, status)
    app.write(lambda: app.store.transact(change), done, then=then)


def next_step(app: AppServices, job: Job, status: JobStatus) -> NextStep | None:
    """The script usually sent after a job reaches this status; None if there is none."""
    texts = {
        JobStatus.DELIVERED: (_("Send the delivery note"), DELIVERY_NOTE),
        JobStatus.ACCEPTED: (_("Ask for a rating"), "ask-for-rating"),
        JobStatus.PAID: (_("Ask for a rating"), "ask-for-rating"),
        JobStatus.CLOSED: (_("Thank them, and offer to go on"), "thanks-next-job"),
    }
    if status not in texts:
        return None
    label, script = texts[status]
    return NextStep(label, lambda: say(app, script, "job", job.id))


def move_deadline(app: AppServices, job: Job, to: datetime, named: Collection[str] = ()) -> None:
    """Move the deadline of the parts with the ids `named`, else of the next part, else of the job."""

    def change(unit: UnitOfWork) -> None:
        parts = _parts(app, unit, job)
        moved = [part for part in parts if part.id in named]
        rules.move_deadline(unit.get(Job, job.id), parts, to, moved)

    confirmation = _("New deadline: {when}").format(when=app.format.when(to, app.now))
    app.write(lambda: app.store.transact(change), confirmation)


def _parts(app: AppServices, unit: UnitOfWork, job: Job) -> list[Part]:
    return [unit.get(Part, part.id) for part in queries.parts_of(app.store, [job.id])[job.id]]


def add_part(app: AppServices, job: Job, title: str, amount: int | None, due_at: datetime | None) -> bool:
    """Append a part. `amount` is in minor units of the job's currency."""
    if app.is_repeated(f"add-part/{job.id}/{title}"):
        return False
    parts = queries.parts_of(app.store, [job.id])[job.id]
    part = Part(
        job_id=job.id,
        position=max((other.position for other in parts), default=-1) + 1,
        title=title,
        amount=amount,
        due_at=due_at,
        created_at=app.now,
    )
    return app.write(lambda: app.store.add(part), _("Part added"))


def add_rest(app: AppServices, job: Job, amount: int) -> None:
    """Add a part for the share of the price that no part covers."""
    add_part(app, job, _("Balance"), amount, job.deadline)


def delete_part(app: AppServices, part: Part) -> None:
    app.write(lambda: app.store.delete(part), _("Part deleted"))


def add_time(app: AppServices, job: Job, minutes: int) -> None:
    def change(current: Job) -> None:
        current.spent_minutes += minutes

    confirmation = _("{hours} added").format(hours=app.format.hours(minutes))
    app.write(lambda: app.store.update(Job, job.id, change), confirmation)


def rate(app: AppServices, job: Job, stars: int | None) -> None:
    """Set the client's rating, 1 to 5; None removes it."""

    def change(current: Job) -> None:
        current.rating = stars

    confirmation = _("Rating noted") if stars else _("Rating removed")
    app.write(lambda: app.store.update(Job, job.id, change), confirmation)


def save_text(app: AppServices, job: Job, field: str, text: str) -> None:
    """Save a text typed on the job's page: the client's comment, or notes.

    Called when the screen closes; a deleted job is ignored silently.
    """
    if app.store.get(Job, job.id) is not None:
        app.write(lambda: app.store.update(Job, job.id, lambda current: setattr(current, field, text)))


def continue_as_new(app: AppServices, job: Job) -> None:
    """Create a job with the same client and terms, and open its form."""
    if app.is_repeated(f"continue/{job.id}"):
        return
    following = new_id()

    def change(unit: UnitOfWork) -> None:
        current = unit.get(Job, job.id)
        unit.add(
            Job(
                id=following,
                client_id=current.client_id,
                title=current.title,
                platform=current.platform,
                currency=current.currency,
                basis=current.basis,
                fee=current.fee if current.basis != FeeBasis.FIXED else None,
                unit_price=current.unit_price,
                platform_fee=current.platform_fee,
                withholding=current.withholding,
                continued_from_id=current.id,
                started_at=app.now,
                created_at=app.now,
            )
        )

    if app.write(lambda: app.store.transact(change), _("New job noted: it continues this one")):
        app.just_made.add(following)
        app.open("edit-job", following)


def save(app: AppServices, initial: JobWithParts, edited: JobWithParts) -> bool:
    """Save what the form changed in a job and its parts, in one transaction."""
    before = {part.id: part for part in initial.parts}
    after = {part.id: part for part in edited.parts}

    def change(unit: UnitOfWork) -> None:
        unit.merge(initial.job, edited.job)
        for id_, part in after.items():
            if id_ not in before:
                unit.add(part)
            elif fields_of(part) != fields_of(before[id_]):
                unit.merge(before[id_], part)
        deleted = (unit.find(Part, id_) for id_ in before.keys() - after.keys())
        unit.delete(*(part for part in deleted if part is not None))

    return app.write(lambda: app.store.transact(change), _("Saved"))


def delete(app: AppServices, job: Job) -> bool:
    return app.write(lambda: app.store.delete(job), _("Job deleted"))


def parts_of(app: AppServices, job_id: str) -> list[Part]:
    return queries.parts_of(app.store, [job_id])[job_id]


def exists(app: AppServices, job_id: str) -> bool:
    return app.store.get(Job, job_id) is not None
