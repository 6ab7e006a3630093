"""First seed: a client went silent half paid; reminders from polite to firm, then the job is let go."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.entities import Client, Job, Part
from app.domain.exposure import PaymentStep
from app.ui.exposure import guard
from app.ui.exposure import model as exposure
from app.ui.scripts.filling import filling, load
from app.ui.scripts.sent import notes
from app.ui.state import AppState
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


def test_what_is_owed_in_all_and_by_client_each_in_its_currency(app: AppState) -> None:
    page = shown(app)
    assert page.total == {"EUR": 50_000, "JPY": 30_000}
    assert [(each.client.id, each.amount, each.over) for each in page.owed] == [
        ("ngu", 50_000, True),
        ("sato", 30_000, False),
    ]
    assert [payment.step for payment in page.payments] == [PaymentStep.REMIND, PaymentStep.WAITING]
    assert shown(app, "sato").total == {"JPY": 30_000}
    assert exposure.load(app, "nobody") is None


def test_a_limit_in_another_currency_says_nothing(app: AppState) -> None:
    app.store.save(Client(id="sato", name="Sato", unpaid_limit=1, currency="EUR"))
    (owed,) = shown(app, "sato").owed
    assert (owed.limit, owed.over) == (None, False)


def test_reminders_go_from_polite_to_firm_and_closing_lets_it_go(app: AppState, clock: Clock) -> None:
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


def test_what_is_paid_is_owed_no_more(app: AppState) -> None:
    for payment in shown(app).payments:
        exposure.paid(app, payment)
    assert shown(app).total == {}
    assert shown(app, "ngu").payments == []


@pytest.mark.parametrize(("paid", "offered"), [(True, True), (False, False)])
def test_past_the_limit_the_paid_part_is_offered_only_where_one_is_paid(
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
    excess = guard.over_limit(app, job, "EUR", 20_000)
    assert excess is not None
    guard.ask_before_delivering(app, job, excess, lambda: None)
    shown = repr(app.page.said[-1])  # type: ignore[attr-defined]
    assert ("Send only the part that is paid for" in shown) is offered
    assert "Mark as delivered all the same" in shown


def test_a_reminder_copied_is_noted_in_one_tap(app: AppState) -> None:
    page = load(
        app, "payment-reminder", "/clients/exposure/all/job/column/script/payment-reminder", None, None
    )
    assert page is not None
    (note,) = [note for note in notes(app, page, filling(page, {}, {})) if note.label == "Reminder sent"]
    note.act()
    assert shown(app, "ngu").payments[0].step is PaymentStep.WAITING
    assert "Reminder sent" not in {note.label for note in notes(app, page, filling(page, {}, {}))}
