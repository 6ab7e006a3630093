"""Jobs and parts: status, delivered, paid and owed amounts, and amounts as typed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from app.domain.amounts import LARGEST_AMOUNT, minor_digits, parse_amount
from app.domain.codes import FeeBasis, JobStatus
from app.domain.entities import Job, Part
from app.domain.errors import DomainError
from app.domain.jobs import (
    OPEN_STATUSES,
    STATUS_ORDER,
    allowed_next,
    deliver_part,
    delivered_now,
    derived_status,
    exposure,
    is_paid_in_part,
    paid_amount,
    pay_part,
    remaining,
    unpaid_delivered,
)
from tests.unit.domain.support import at, office

NOW = at("2026-03-24 10:00")


def part(amount: int | None = 0, delivered: bool = False, paid: bool = False) -> Part:
    return Part(amount=amount, delivered_at=NOW if delivered else None, paid_at=NOW if paid else None)


def test_a_half_paid_job_shows_paid_and_unpaid_amounts() -> None:
    # First seed: the paid data was delivered, the rest was finished and never paid.
    rows = [part(30_000, delivered=True, paid=True), part(20_000, delivered=True), part(25_000)]
    assert (paid_amount(rows), unpaid_delivered(rows), remaining(rows)) == (30_000, 20_000, 25_000)
    assert exposure([(Job(currency="JPY"), rows)]) == {"JPY": 20_000}


@given(st.lists(st.builds(part, st.none() | st.integers(0, 10**9), st.booleans(), st.booleans())))
def test_paid_unpaid_and_remaining_add_up_to_the_total(rows: list[Part]) -> None:
    whole = sum(row.amount or 0 for row in rows)
    assert paid_amount(rows) + unpaid_delivered(rows) + remaining(rows) == whole


def test_exposure_is_by_currency_without_settled_jobs() -> None:
    owed = part(500, delivered=True)
    found = exposure(
        [
            (Job(currency="EUR"), [owed, part(100)]),
            (Job(currency=""), [owed]),
            (Job(currency="USD"), [part(900, delivered=True, paid=True)]),
            (Job(currency="JPY", status=JobStatus.DELIVERED, fee=8000), []),
            (Job(currency="JPY", status=JobStatus.IN_PROGRESS, fee=8000), []),
            (Job(currency="JPY", status=JobStatus.DELIVERED, fee=2, basis=FeeBasis.PER_CHARACTER), []),
        ],
        default_currency="EUR",
    )
    assert found == {"EUR": 1000, "JPY": 8000}


def test_delivery_and_payment_can_be_undone() -> None:
    row = part(500)
    deliver_part(row, NOW)
    pay_part(row, NOW + timedelta(days=1))
    assert (row.delivered_at, row.paid_at) == (NOW, NOW + timedelta(days=1))
    pay_part(row, None)
    deliver_part(row, None)
    assert (row.delivered_at, row.paid_at) == (None, None)


SOME, ALL, PAID = (
    [part(delivered=True), part()],
    [part(delivered=True), part(delivered=True)],
    [part(delivered=True, paid=True)],
)


@pytest.mark.parametrize(
    ("status", "rows", "suggested"),
    [
        ("in_progress", [], "in_progress"),
        ("in_progress", SOME, "in_progress"),
        ("in_progress", ALL, "delivered"),
        ("in_progress", PAID, "paid"),
        ("accepted", ALL, "accepted"),
        ("delivered", SOME, "in_progress"),
        ("offered", [part()], "offered"),
        ("offered", SOME, "in_progress"),
        ("closed", ALL, "closed"),
        ("lost", PAID, "lost"),
    ],
)
def test_parts_imply_the_status(status: str, rows: list[Part], suggested: str) -> None:
    assert derived_status(Job(status=status), rows) == suggested


@pytest.mark.parametrize("status", JobStatus)
def test_every_status_has_a_next_status(status: JobStatus) -> None:
    following = allowed_next(status)
    assert following
    assert status not in following
    assert len(set(following)) == len(following)


def test_the_first_suggestions_lead_from_applied_to_closed() -> None:
    path = [JobStatus.APPLIED]
    while path[-1] != JobStatus.CLOSED:
        path.append(allowed_next(path[-1])[0])
    assert path == [status for status in STATUS_ORDER if status in OPEN_STATUSES] + [
        JobStatus.PAID,
        JobStatus.CLOSED,
    ]


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1,234.50", "USD", 123450),
        ("$1,234.50", "USD", 123450),
        ("1 234,50 €", "EUR", 123450),
        ("1\u202f234,50\u00a0€", "EUR", 123450),
        ("1.234,50", "EUR", 123450),
        ("1’234.50", "CHF", 123450),
        ("CHF 20", "CHF", 2000),
        ("20 eur", "EUR", 2000),
        ("0,5", "EUR", 50),
        ("1,234", "USD", 123400),
        ("1.234", "EUR", 123400),
        ("1,234,567", "USD", 123456700),
        ("¥12,000", "JPY", 12000),
        ("12,000", "JPY", 12000),  # full-width, as typed on Japanese keyboards
        ("12000円", "JPY", 12000),
        ("12000.00", "JPY", 12000),
        ("1.234", "KWD", 1234),
        ("5 000 F CFA", "XOF", 5000),
        (" 7 ", "EUR", 700),
        ("4.000,00 €", "EUR", 400000),
        ("4 000 €", "EUR", 400000),
        ("４，０００円", "JPY", 4000),
        ("４、０００円", "JPY", 4000),
        ("1万円", "JPY", 10_000),
        ("1万5千円", "JPY", 15_000),
        ("１万５千円", "JPY", 15_000),
        ("1万5000円", "JPY", 15_000),
        ("1万5,000円", "JPY", 15_000),
        ("1.5万円", "JPY", 15_000),
        ("¥12万", "JPY", 120_000),
        ("8千円", "JPY", 8_000),
        ("3億2,000万円", "JPY", 320_000_000),
        ("15k", "USD", 1_500_000),
        ("15K€", "EUR", 1_500_000),
        ("1,5 k€", "EUR", 150_000),
        ("$1.5k", "USD", 150_000),
        ("2k EUR", "EUR", 200_000),
        ("15 kr", "SEK", 1_500),
    ],
)
def test_typed_amounts_are_parsed(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "EUR"),
        ("much", "EUR"),
        ("-5", "EUR"),
        ("1.234.5.6", "EUR"),
        ("12,34,56", "EUR"),
        ("12,345,67", "EUR"),
        ("1.2345", "EUR"),
        ("12.5", "JPY"),
        ("3 50", "EUR"),
        ("12,", "EUR"),
        ("1e5", "EUR"),
        ("5百", "JPY"),
        ("1万2万", "JPY"),
        ("1千5万", "JPY"),
        ("1万50000", "JPY"),
        ("1.5万2千", "JPY"),
        ("1.500k", "USD"),  # ambiguous: 1,500 or 1,500,000
        ("5 kg", "EUR"),
        ("5M", "USD"),
        ("12 USD", "EUR"),  # currencies are not converted
        ("5\n6", "EUR"),
        ("9" * 20, "JPY"),
    ],
)
def test_ambiguous_amounts_are_rejected(text: str, currency: str) -> None:
    with pytest.raises(DomainError, match=r"^amount$"):
        parse_amount(text, currency)


@given(
    st.integers(0, LARGEST_AMOUNT),
    st.sampled_from(["JPY", "EUR", "USD", "GBP", "CHF", "KRW", "KWD", "XOF", "CAD"]),
    st.sampled_from(["en", "en_GB", "ja", "fr", "fr_CH", "fr_CA", "de", "de_CH"]),
)
def test_formatted_amounts_can_be_parsed(minor: int, currency: str, locale: str) -> None:
    printed = format_currency(Decimal(minor).scaleb(-minor_digits(currency)), currency, locale=locale)
    assert parse_amount(printed, currency) == minor


@given(st.text(max_size=20), st.sampled_from(["JPY", "EUR", "KWD"]))
def test_any_text_is_parsed_or_rejected(text: str, currency: str) -> None:
    try:
        minor = parse_amount(text, currency)
    except DomainError as error:
        assert error.code == "amount"  # noqa: PT017 - either outcome passes, but no other error
    else:
        assert 0 <= minor <= LARGEST_AMOUNT


# --- parts of a delivery note ----------------------------------------------------------------------------


HOUR = timedelta(hours=1)
PARIS = office()


def sent(title: str, ago: timedelta, paid_ago: timedelta | None = None) -> Part:
    return Part(title=title, delivered_at=NOW - ago, paid_at=None if paid_ago is None else NOW - paid_ago)


def named(*parts: Part) -> list[str]:
    return [each.title for each in delivered_now(parts, NOW, PARIS)]


def test_a_delivery_note_omits_parts_delivered_and_paid_before() -> None:
    assert named(sent("A", 2 * HOUR, HOUR), sent("B", HOUR / 4), Part(title="C")) == ["B"]


def test_a_delivery_note_omits_parts_delivered_earlier_that_day() -> None:
    assert named(sent("A", 2 * HOUR), sent("B", HOUR / 4)) == ["B"]


def test_parts_delivered_in_quick_succession_share_a_note() -> None:
    assert named(sent("A", HOUR), sent("B", HOUR / 2), sent("C", 0 * HOUR)) == ["A", "B", "C"]


def test_a_prepaid_part_is_in_its_delivery_note() -> None:
    assert named(sent("A", HOUR / 4, 48 * HOUR)) == ["A"]


def test_a_delivery_note_contains_only_todays_parts() -> None:
    assert named(sent("A", 24 * HOUR)) == []
    assert named() == []


@pytest.mark.parametrize(
    ("parts", "fits"),
    [
        ([part(paid=True), part()], True),
        ([part(delivered=True, paid=True), part(delivered=True), part()], True),
        ([part(delivered=True, paid=True), part(delivered=True)], False),  # everything is delivered
        ([part(delivered=True), part()], False),  # nothing is paid
        ([part(paid=True)], False),
        ([], False),
    ],
)
def test_work_can_be_withheld_only_between_paid_and_open_parts(parts: list[Part], fits: bool) -> None:
    assert is_paid_in_part(parts) is fits
