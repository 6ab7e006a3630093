"""Unpaid work (first seed): reminders from polite to firm, then letting the payment go."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.entities import Client, Job, Message, Part
from app.domain.exposure import PaymentStep
from app.ui.components import delivering as guard
from app.ui.exposure.view import owed_first
from app.ui.state import AppState
from app.viewmodels import exposure
from app.viewmodels import job as jobs
from app.viewmodels import message as messages
from app.viewmodels.fitting_texts import fitting
from app.viewmodels.scripts.claims import Claim
from app.viewmodels.scripts.filling import filling, load
from app.viewmodels.sent import notes
from tests.unit.ui.support import open_app, said

START = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Clock:
    now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(clock: Clock) -> Iterator[AppState]:
    app = open_app(clock)
    app.store.save(
        Client(id="ngu", name="Nguyen", unpaid_limit=40_000, payment_days=14),
        Client(id="sato", name="Sato"),
        Job(id="column", client_id="ngu", title="Column", started_at=START - 90 * DAY),
        Part(
            job_id="column",
            title="First",
            amount=25_000,
            delivered_at=START - 80 * DAY,
            paid_at=START - 70 * DAY,
        ),
        Part(job_id="column", title="Second", amount=50_000, delivered_at=START - 60 * DAY),
        Job(
            id="page",
            client_id="sato",
            title="Page",
            status="delivered",
            started_at=START - 20 * DAY,
            delivered_at=START - DAY,
            fee=30_000,
            currency="JPY",
        ),
    )
    yield app
    app.store.close()


def shown(app: AppState, key: str = exposure.ALL) -> exposure.ExposurePage:
    page = exposure.load(app, key)
    assert page is not None
    return page


def test_amounts_owed_are_totalled_by_currency_and_listed_by_client(app: AppState) -> None:
    page = shown(app)
    assert page.total == {"EUR": 50_000, "JPY": 30_000}
    assert [(each.client.id, each.amount, each.over) for each in page.owed] == [
        ("ngu", 50_000, True),
        ("sato", 30_000, False),
    ]
    assert [payment.step for payment in page.payments] == [PaymentStep.REMIND, PaymentStep.WAITING]
    assert shown(app, "sato").total == {"JPY": 30_000}
    assert exposure.load(app, "nobody") is None


def test_an_unpaid_limit_in_another_currency_is_ignored(app: AppState) -> None:
    app.store.save(Client(id="sato", name="Sato", unpaid_limit=1, currency="EUR"))
    (owed,) = shown(app, "sato").owed
    assert (owed.limit, owed.over) == (None, False)


def test_reminders_go_from_polite_to_firm_and_letting_go_clears_the_amount(
    app: AppState, clock: Clock
) -> None:
    steps = []
    for _week in range(3):
        (payment,) = shown(app, "ngu").payments
        steps.append(payment.step)
        exposure.reminded(app, payment)
        assert exposure.reminded_today(app, shown(app, "ngu").payments[0])
        clock.now += 8 * DAY
        app.tick()
    assert steps == [PaymentStep.REMIND, PaymentStep.REMIND_FIRMLY, PaymentStep.DECIDE]
    exposure.let_go(app, shown(app, "ngu").payments[0])
    assert shown(app).total == {"JPY": 30_000}
    said(app).undo()
    assert shown(app).total == {"EUR": 50_000, "JPY": 30_000}


def test_paid_amounts_are_no_longer_owed(app: AppState) -> None:
    for payment in shown(app).payments:
        exposure.paid(app, payment)
    assert shown(app).total == {}
    assert shown(app, "ngu").payments == []


@pytest.mark.parametrize(("paid", "offered"), [(True, True), (False, False)])
def test_past_the_limit_the_paid_part_text_is_offered_only_if_a_part_is_paid(
    app: AppState, paid: bool, offered: bool
) -> None:
    job = Job(id="j", client_id="c", title="Site", started_at=START, currency="EUR")
    app.store.save(
        Client(id="c", name="Ana", currency="EUR", unpaid_limit=10_000),
        job,
        Part(job_id="j", amount=9_000, delivered_at=START, paid_at=START if paid else None),
        Part(job_id="j", amount=20_000),
    )
    app.page.height = 844
    excess = jobs.excess_by_part(app, job, Part(amount=20_000))
    assert excess is not None
    guard.ask_before_delivering(app, job, excess, lambda: None)
    shown = repr(app.page.said[-1])  # type: ignore[attr-defined]
    assert ("Send only the part that is paid for" in shown) is offered
    assert "Mark as delivered all the same" in shown


def test_one_tap_notes_a_copied_reminder(app: AppState) -> None:
    page = load(
        app, "payment-reminder", "/clients/exposure/all/job/column/script/payment-reminder", None, None
    )
    assert page is not None
    (note,) = [note for note in notes(app, page, filling(page, {}, {})) if note.label == "Reminder sent"]
    note.act()
    assert shown(app, "ngu").payments[0].step is PaymentStep.WAITING
    assert "Reminder sent" not in {note.label for note in notes(app, page, filling(page, {}, {}))}


# --- which reminders are offered ---------------------------------------------------------------------------

REMINDERS = {"payment-reminder", "payment-reminder-firm", "payment-last-notice"}


def offered(app: AppState, job_id: str, client_id: str) -> set[str]:
    """The reminders offered on the job page, for the client, and on the page of an unanswered message."""
    page, client = jobs.load(app, job_id), app.store.get(Client, client_id)
    assert page is not None
    assert client is not None
    found = {script.base for script in page.scripts} | {each.script.base for each in fitting(app, client)}
    message = messages.load(app, "chase")
    assert message is not None
    return (found | {script.base for script in message.scripts}) & REMINDERS


@pytest.fixture
def delivered(app: AppState) -> AppState:
    """Work invoiced on delivery and due in 30 days; the client has left another message unanswered."""
    asked = [(START - days * DAY).isoformat() for days in (30, 20)]
    app.store.save(
        Client(id="lin", name="Lin", payment_days=30),
        Job(id="map", client_id="lin", title="Map", status="delivered", delivered_at=START, fee=90_000),
        Message(id="chase", client_id="lin", at=START - 60 * DAY, direction="out", followed_up_at=asked),
    )
    return app


def test_no_reminder_is_offered_before_the_payment_is_late(delivered: AppState, clock: Clock) -> None:
    assert offered(delivered, "map", "lin") == set()
    page = jobs.load(delivered, "map")
    assert page is not None
    assert page.scripts[0].base == "delivery-note"
    clock.now = START + 30 * DAY
    delivered.tick()
    assert offered(delivered, "map", "lin") == set()
    clock.now += DAY
    delivered.tick()
    assert offered(delivered, "map", "lin") == {"payment-reminder"}


def test_only_the_next_reminder_is_offered(delivered: AppState, clock: Clock) -> None:
    clock.now = START + 40 * DAY
    delivered.tick()
    turns = []
    for _week in range(3):
        turns.append(offered(delivered, "map", "lin"))
        exposure.reminded(delivered, shown(delivered, "lin").payments[0])
        assert offered(delivered, "map", "lin") == set()
        clock.now += 8 * DAY
        delivered.tick()
    assert turns == [{"payment-reminder"}, {"payment-reminder-firm"}, {"payment-last-notice"}]


@pytest.mark.parametrize(("days", "stated"), [(1, True), (31, False)])
def test_a_reminder_text_is_unfounded_before_the_payment_is_late(
    delivered: AppState, clock: Clock, days: int, stated: bool
) -> None:
    clock.now = START + days * DAY
    delivered.tick()
    page = load(delivered, "payment-reminder", "/jobs/job/map/script/payment-reminder", None, None)
    assert page is not None
    assert (page.unfounded == [Claim.UNPAID]) is stated


def test_no_reminder_is_offered_while_a_reply_to_the_client_is_owed(
    delivered: AppState, clock: Clock
) -> None:
    clock.now = START + 40 * DAY
    delivered.store.save(Message(id="theirs", client_id="lin", job_id="map", at=clock.now - DAY))
    delivered.tick()
    page, client = jobs.load(delivered, "map"), delivered.store.get(Client, "lin")
    assert page is not None
    assert client is not None
    assert not {script.base for script in page.scripts} & REMINDERS
    assert not {each.script.base for each in fitting(delivered, client)} & REMINDERS


def test_a_reminder_sent_within_the_grace_period_can_be_noted(delivered: AppState, clock: Clock) -> None:
    clock.now = START + 31 * DAY
    delivered.tick()
    page = load(delivered, "payment-reminder", "/jobs/job/map/script/payment-reminder", None, None)
    assert page is not None
    assert "Reminder sent" in {note.label for note in notes(delivered, page, filling(page, {}, {}))}


def test_a_reminder_names_only_the_payments_at_its_step(app: AppState) -> None:
    """Of two late parts, only the one already reminded is in the firm reminder."""
    app.store.save(
        Job(id="two", client_id="ngu", title="Atlas", started_at=START - 90 * DAY, currency="EUR"),
        Part(
            job_id="two",
            amount=40_000,
            delivered_at=START - 60 * DAY,
            reminded_at=[(START - 9 * DAY).isoformat()],
        ),
        Part(job_id="two", position=1, amount=1_000, delivered_at=START - 15 * DAY),
    )
    amounts = {}
    for script in ("payment-reminder", "payment-reminder-firm"):
        page = load(app, script, f"/jobs/job/two/script/{script}", None, None)
        assert page is not None
        assert page.unfounded == []
        amounts[script] = page.known["amount"]
    assert amounts == {"payment-reminder": "€10.00", "payment-reminder-firm": "€400.00"}


def test_a_payment_given_up_offers_no_thanks_and_no_rating_request(app: AppState) -> None:
    exposure.let_go(app, shown(app, "ngu").payments[0])
    assert said(app).then == []
    page = jobs.load(app, "column")
    assert page is not None
    assert (page.occasion, page.scripts) == ([], [])


def test_an_owed_reply_holds_back_only_the_late_payment(app: AppState) -> None:
    app.store.save(
        Message(id="a", client_id="ngu", at=START - DAY), Message(id="b", client_id="sato", at=START - DAY)
    )
    page = shown(app)
    held = {payment.job.id: owed_first(page, payment) is not None for payment in page.payments}
    assert held == {"column": True, "page": False}
