"""Delivered and unpaid work: amounts by client, limits, payment reminders and write-offs."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes import FeeBasis, JobStatus
from app.domain.entities import Client, Job, Part, Settings
from app.domain.errors import DomainError
from app.domain.exposure import (
    PaymentStep,
    exposures,
    income_shares,
    over_limit,
    payments,
    record_reminder,
    unpaid_limit,
)
from app.domain.jobs import set_status, settlement
from tests.unit.domain.support import at, office, paris_settings

NOW = at("2026-06-10 12:00")
DAY = timedelta(days=1)
SETTINGS = paris_settings(currency="EUR")


def owed(amount: int, delivered: datetime = NOW - 60 * DAY, **fields: object) -> Part:
    return Part(**({"amount": amount, "delivered_at": delivered} | fields))


def job(client: str = "nguyen", **fields: object) -> Job:
    return Job(**({"client_id": client, "started_at": NOW - 90 * DAY} | fields))


def test_amounts_in_different_currencies_are_not_added() -> None:
    found = exposures(
        [
            (job(currency="EUR"), [owed(500), Part(amount=900)]),
            (job(), [owed(200)]),
            (job("sato", currency="JPY"), [owed(20_000)]),
            (job("sato", currency="EUR"), [owed(100, paid_at=NOW)]),
        ],
        "EUR",
    )
    assert found.total == {"EUR": 700, "JPY": 20_000}
    assert found.by_client == {"nguyen": {"EUR": 700}, "sato": {"JPY": 20_000}}


rows = st.lists(
    st.tuples(
        st.builds(
            job,
            st.sampled_from("abc"),
            currency=st.sampled_from(["", "EUR", "JPY", "USD"]),
            status=st.sampled_from(list(JobStatus)),
            fee=st.none() | st.integers(0, 10**9),
            basis=st.sampled_from(list(FeeBasis)),
            delivered_at=st.sampled_from([None, NOW]),
            paid_at=st.sampled_from([None, NOW]),
        ),
        st.lists(
            st.builds(
                owed,
                st.integers(0, 10**9),
                st.sampled_from([None, NOW]),
                paid_at=st.sampled_from([None, NOW]),
            )
        ),
    )
)


@given(rows)
def test_the_total_equals_the_sums_by_client_and_by_payment(
    jobs: list[tuple[Job, list[Part]]],
) -> None:
    found = exposures(jobs, "EUR")
    by_currency: dict[str, int] = {}
    for amounts in found.by_client.values():
        for currency, amount in amounts.items():
            by_currency[currency] = by_currency.get(currency, 0) + amount
    assert found.total == by_currency
    awaited: dict[str, int] = {}
    for payment in payments(jobs, {}, SETTINGS, office(), NOW):
        awaited[payment.currency] = awaited.get(payment.currency, 0) + payment.amount
    assert awaited == found.total


@given(rows)
def test_each_amount_of_a_job_counts_once(jobs: list[tuple[Job, list[Part]]]) -> None:
    for each, parts in jobs:
        settled = settlement(each, parts)
        whole = settled.paid + settled.unpaid + settled.remaining + settled.written_off
        if parts:
            assert whole == sum(part.amount or 0 for part in parts)
        else:
            assert whole in (0, each.fee or 0)


def test_a_half_paid_job_is_withheld_and_written_off() -> None:
    # Half paid and the client silent: the rest is withheld and finally written off.
    column, parts = job(status=JobStatus.IN_PROGRESS), [owed(300, paid_at=NOW), owed(200), Part(amount=250)]
    assert exposures([(column, parts)], "EUR").total == {"EUR": 200}
    set_status(column, parts, JobStatus.CLOSED, NOW)
    assert exposures([(column, parts)], "EUR").total == {}
    assert payments([(column, parts)], {}, SETTINGS, office(), NOW) == []
    assert settlement(column, parts).written_off == 200
    assert parts[2].delivered_at is None


def test_a_job_without_parts_is_settled_as_a_whole() -> None:
    flyer = job(fee=800)
    set_status(flyer, [], JobStatus.DELIVERED, NOW)
    assert (flyer.delivered_at, settlement(flyer, []).unpaid) == (NOW, 800)
    set_status(flyer, [], JobStatus.CLOSED, NOW + DAY)
    assert settlement(flyer, []).written_off == 800
    set_status(flyer, [], JobStatus.IN_PROGRESS, NOW + DAY)
    assert (flyer.delivered_at, settlement(flyer, []).remaining) == (None, 800)
    set_status(flyer, [], JobStatus.PAID, NOW + DAY)
    assert (flyer.delivered_at, flyer.paid_at, settlement(flyer, []).paid) == (NOW + DAY, NOW + DAY, 800)
    set_status(flyer, [], JobStatus.CLOSED, NOW + DAY)
    assert settlement(flyer, []).paid == 800


@pytest.mark.parametrize(
    ("limit", "owes", "added", "currency", "unpaid"),
    [
        (None, 900, 900, "EUR", None),
        (1000, 900, 100, "EUR", None),
        (1000, 900, 101, "EUR", 1001),
        (1000, 2000, 0, "EUR", None),
        (1000, 900, 900, "JPY", None),
        (0, 0, 1, "EUR", 1),
    ],
)
def test_a_delivery_beyond_the_unpaid_limit_is_flagged(
    limit: int | None, owes: int, added: int, currency: str, unpaid: int | None
) -> None:
    client = Client(unpaid_limit=limit)
    excess = over_limit(client, {"EUR": owes}, added, currency, SETTINGS)
    assert (excess and excess.unpaid) == unpaid


def payment(part: Part, now: str, **client: object) -> tuple[str, str, datetime]:
    clients = {"nguyen": Client(id="nguyen", **client)}
    found = payments([(job(), [part])], clients, SETTINGS, office(), at(now))
    return found[0].step.value, found[0].script, found[0].since


@pytest.mark.parametrize(
    ("own", "usual", "client_currency", "currency", "limit"),
    [
        (None, None, "", "EUR", None),
        (None, 500, "", "EUR", 500),
        (300, 500, "", "EUR", 300),
        (None, 500, "USD", "USD", None),  # the usual limit is in the user's own currency
        (None, 500, "USD", "EUR", 500),
        (300, 500, "USD", "USD", 300),
        (300, 500, "USD", "EUR", None),
    ],
)
def test_a_client_without_a_limit_has_the_users_limit(
    own: int | None, usual: int | None, client_currency: str, currency: str, limit: int | None
) -> None:
    settings = Settings(currency="EUR", unpaid_limit=usual)
    client = Client(unpaid_limit=own, currency=client_currency)
    assert unpaid_limit(client, currency, settings) == limit
    found = over_limit(client, {}, 400, currency, settings)
    assert (found.limit if found else None) == (limit if limit is not None and limit < 400 else None)


def test_payment_reminders_get_firmer_weekly() -> None:
    part = owed(200, at("2026-04-01 10:00"))  # due on 1 May, a Friday
    assert payment(part, "2026-05-06 09:00") == ("waiting", "", at("2026-05-06 10:00"))
    assert payment(part, "2026-05-06 10:00")[:2] == ("remind", "payment-reminder")
    record_reminder(part, at("2026-05-06 11:00"))
    assert payment(part, "2026-05-13 10:59")[0] == "waiting"
    assert payment(part, "2026-05-13 11:00")[:2] == ("remind_firmly", "payment-reminder-firm")
    record_reminder(part, at("2026-05-13 11:00"))
    assert payment(part, "2026-05-20 11:00") == ("decide", "payment-last-notice", at("2026-05-20 11:00"))
    with pytest.raises(DomainError, match="before_sent"):
        record_reminder(part, at("2026-05-12 11:00"))


def test_the_clients_payment_term_starts_with_the_invoice() -> None:
    part = owed(200, at("2026-04-01 10:00"), invoiced_at=at("2026-04-10 10:00"))
    clients = {"nguyen": Client(id="nguyen", payment_days=14)}
    found = payments([(job(), [part])], clients, SETTINGS, office(), NOW)
    assert found[0].due == at("2026-04-24 10:00")
    assert payments([(job(), [part])], {}, SETTINGS, office(), NOW)[0].due == at("2026-05-10 10:00")


def test_a_reminder_before_the_due_date_does_not_count() -> None:
    part = owed(200, at("2026-04-01 10:00"), reminded_at=[at("2026-04-20 10:00").isoformat()])
    assert payment(part, "2026-05-06 10:00")[0] == PaymentStep.REMIND


@given(st.lists(st.integers(0, 90), max_size=4), st.lists(st.integers(0, 200), min_size=2, max_size=5))
def test_payment_steps_never_become_softer(gaps: list[int], days: list[int]) -> None:
    part = owed(200, NOW)
    when = NOW
    for gap in gaps:
        when += gap * DAY
        record_reminder(part, when)
    found = [
        payments([(job(), [part])], {}, SETTINGS, office(), when + day * DAY)[0].step for day in sorted(days)
    ]
    order = list(PaymentStep)
    assert [order.index(step) for step in found] == sorted(order.index(step) for step in found)


def test_income_shares_are_by_currency_and_period() -> None:
    year = NOW - 365 * DAY
    found = income_shares(
        [
            (job("a", currency="EUR"), [owed(300, paid_at=NOW - DAY), owed(999)]),
            (job("b", currency="EUR"), [owed(100, paid_at=NOW - DAY), owed(500, paid_at=year - DAY)]),
            (job("b", currency="JPY", fee=80, status=JobStatus.PAID, paid_at=NOW), []),
            (job("c", currency="JPY", fee=70, status=JobStatus.DELIVERED, delivered_at=NOW), []),
        ],
        year,
        "EUR",
    )
    assert found == {"a": {"EUR": 0.75}, "b": {"EUR": 0.25, "JPY": 1.0}}
