"""What the page of delivered, unpaid work shows, and its commands."""

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.answers_owed import AnswersOwed
from app.domain.codes import JobStatus
from app.domain.entities import Client
from app.domain.exposure import LatePayments, Payment, late_payments, record_reminder, unpaid_limit
from app.i18n import Formatter, _, n_
from app.store import queries
from app.store.unit_of_work import UnitOfWork
from app.viewmodels import job as job_commands
from app.viewmodels.services import AppServices

ALL = "all"
"""Key of the page about all clients."""


@dataclass(frozen=True)
class Owed:
    """What one client owes in one currency, in minor units; `limit` is None without one in that currency."""

    client: Client
    amount: int
    currency: str
    limit: int | None

    @property
    def over(self) -> bool:
        return self.limit is not None and self.amount > self.limit


@dataclass(frozen=True)
class ExposurePage:
    client: Client | None  # None for all clients
    total: dict[str, int]  # minor units by currency, never converted
    owed: list[Owed]  # by currency, largest amount first
    payments: list[Payment]  # next due first
    clients: dict[str, Client]
    uncounted: int  # number of unpaid deliveries without an amount, excluded from the totals
    late: LatePayments
    answers: AnswersOwed  # answers owed to clients, to be given before reminding them


def load(app: AppServices, key: str) -> ExposurePage | None:
    """Load the page of one client or of `ALL`; None if there is no such client."""
    client = None if key == ALL else app.store.get(Client, key)
    if client is None and key != ALL:
        return None
    found = queries.exposures(app.store)
    by_client = found.by_client if client is None else {key: found.by_client.get(key, {})}
    clients = queries.clients_by_id(app.store, by_client)
    owed = [
        Owed(clients[owner], amount, currency, unpaid_limit(clients[owner], currency, app.settings))
        for owner, amounts in by_client.items()
        if owner in clients
        for currency, amount in amounts.items()
    ]
    payments = queries.payments(app.store, app.now, None if client is None else key)
    return ExposurePage(
        client=client,
        total=found.total if client is None else by_client[key],
        owed=sorted(owed, key=lambda each: (each.currency, -each.amount)),
        payments=payments,
        clients=clients,
        uncounted=queries.without_amount(app.store, None if client is None else key),
        late=late_payments(payments, app.calendar, app.now),
        answers=queries.answers_owed(app.store),
    )


def nothing(page: ExposurePage) -> tuple[str, str]:
    """Title and text of the page without any amount."""
    if page.uncounted:
        return _("It is not known what is owed to you"), uncounted_line(page)
    return (
        _("Nothing is owed to you"),
        _("Work that is delivered and not yet paid adds up here, with a reminder when it is time."),
    )


def uncounted_line(page: ExposurePage) -> str:
    return n_(
        "{n} delivery has no amount and is not counted.",
        "{n} deliveries have no amount and are not counted.",
        page.uncounted,
    )


def reminded(app: AppServices, *payments: Payment) -> None:
    """Record that a reminder of these payments was sent now."""
    items = [payment.part or payment.job for payment in payments]

    def change(unit: UnitOfWork) -> None:
        for item in items:
            record_reminder(unit.get(type(item), item.id), app.now)

    if not app.is_repeated(f"reminded/{','.join(item.id for item in items)}"):
        app.write(lambda: app.store.transact(change), _("Reminder noted"))


def reminded_today(app: AppServices, payment: Payment) -> bool:
    """Whether a reminder of the payment is already recorded today."""
    if not payment.reminded:
        return False
    return _local_date(app, payment.reminded[-1]) == _local_date(app, app.now)


def _local_date(app: AppServices, at: datetime) -> date:
    return app.format.local(at).date()


def paid(app: AppServices, payment: Payment) -> None:
    if payment.part:
        job_commands.pay_part(app, payment.part)
    else:
        job_commands.set_status(app, payment.job, JobStatus.PAID)


def let_go(app: AppServices, payment: Payment) -> None:
    """Close the job: its unpaid amounts are written off and no longer counted (first seed)."""
    job_commands.set_status(app, payment.job, JobStatus.CLOSED)


def late_line(late: LatePayments, formatter: Formatter) -> str:
    """The late amounts by currency, and the number of late payments."""
    amounts = formatter.listed(formatter.money(minor, currency) for currency, minor in late.total.items())
    return n_("Late: {amounts} ({n} payment)", "Late: {amounts} ({n} payments)", late.count, amounts=amounts)
