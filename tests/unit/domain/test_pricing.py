"""Unit price times quantity, platform fees and withholding tax."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.amounts import parse_quantity, parse_thousandths
from app.domain.codes import FeeBasis, JobStatus
from app.domain.entities import Job
from app.domain.errors import DomainError
from app.domain.jobs import settlement
from app.domain.pricing import (
    deductions,
    fee_of_unit,
    of_minutes,
    published_rate,
    total,
    unit_price,
    whole_amount,
    withheld_tax,
)


def job(**fields: Any) -> Job:
    return Job(**{"currency": "JPY", "basis": FeeBasis.PER_CHARACTER, **fields})


@pytest.mark.parametrize(
    ("text", "thousandths"),
    [
        ("1.2", 1_200),
        ("１．２円", 1_200),
        ("1,2", 1_200),
        ("0.045", 45),
        ("0,045", 45),
        ("1.234", 1_234),
        ("1,500", 1_500_000),
        ("12 000", 12_000_000),
        ("1,500.5", 1_500_500),
    ],
)
def test_a_unit_price_has_three_decimals_in_any_currency(text: str, thousandths: int) -> None:
    assert parse_thousandths(text, "JPY") == thousandths


def test_a_single_comma_is_a_decimal_mark_with_decimal_comma() -> None:
    assert parse_thousandths("1,234", "EUR", decimal_comma=True) == 1_234
    assert parse_thousandths("1,234", "EUR") == 1_234_000
    assert parse_thousandths("12 000", "EUR", decimal_comma=True) == 12_000_000


@pytest.mark.parametrize(
    ("text", "basis", "thousandths"),
    [
        ("４,０００字", "per_character", 4_000_000),
        ("4,000字", "per_character", 4_000_000),
        ("４０００文字", "per_character", 4_000_000),
        ("4、000字", "per_character", 4_000_000),
        ("1万字", "per_character", 10_000_000),
        ("1万2千字", "per_character", 12_000_000),
        ("4 000", "per_word", 4_000_000),
        ("4\u202f000 mots", "per_word", 4_000_000),
        ("4.000", "per_word", 4_000_000),
        ("4,000 words", "per_word", 4_000_000),
        ("15k words", "per_word", 15_000_000),
        ("12 pages", "per_page", 12_000),
        ("0.500", "per_page", 500),
        ("2,5 pages", "per_page", 2_500),
        ("３本", "per_piece", 3_000),
        ("1.5 h", "per_hour", 1_500),
        ("1,5 heure", "per_hour", 1_500),
        ("1.234", "per_hour", 1_234),
        ("2.5時間", "per_hour", 2_500),
        ("3 jours", "per_day", 3_000),
        ("３日間", "per_day", 3_000),
    ],
)
@pytest.mark.parametrize("decimal_comma", [False, True])
def test_typed_quantities_are_parsed(text: str, basis: str, thousandths: int, decimal_comma: bool) -> None:
    assert parse_quantity(text, basis, decimal_comma=decimal_comma) == thousandths


@pytest.mark.parametrize(
    ("text", "basis"),
    [
        *(("3 h", "per_word"), ("4,000語", "per_character"), ("4,000,00", "per_word"), ("4 00", "per_word")),
        *(("字", "per_character"), ("-5", "per_page"), ("1万2万字", "per_character"), ("many", "per_word")),
        *(("5 pages", "unknown"), ("5 pages", "fixed"), ("5 pages", "")),
    ],
)
def test_quantities_of_another_unit_are_rejected(text: str, basis: str) -> None:
    with pytest.raises(DomainError, match="amount"):
        parse_quantity(text, basis)


@pytest.mark.parametrize(
    ("text", "currency", "basis", "thousandths"),
    [
        ("1.2円/字", "JPY", "per_character", 1_200),
        ("文字単価１．２円", "JPY", "per_character", 1_200),
        ("1字1.2円", "JPY", "per_character", 1_200),
        ("0,08 €/mot", "EUR", "per_word", 80),
        ("0,08 € par mot", "EUR", "per_word", 80),
        ("$0.10 per word", "USD", "per_word", 100),
        ("120 € de l'heure", "EUR", "per_hour", 120_000),
        ("3千円/時間", "JPY", "per_hour", 3_000_000),
    ],
)
def test_a_unit_price_may_name_its_unit(text: str, currency: str, basis: str, thousandths: int) -> None:
    assert parse_thousandths(text, currency, basis=basis) == thousandths


@pytest.mark.parametrize("text", ["", "a lot", "-1", "1.2345", "5百", "1.2.3", "1.2円/語"])
def test_invalid_unit_prices_are_rejected(text: str) -> None:
    with pytest.raises(DomainError, match="amount"):
        parse_thousandths(text, "JPY")


@pytest.mark.parametrize(
    ("price", "quantity", "currency", "minor"),
    [
        (1_200, 3_000_000, "JPY", 3_600),  # 1.2 yen × 3,000 characters
        (1_250, 1_000, "JPY", 1),
        (500, 1_000, "JPY", 1),  # half a yen
        (45, 1_000_000, "USD", 4_500),  # $0.045 × 1,000 words
        (80_000, 1_500, "EUR", 12_000),  # €80 × 1.5 hours
        (1_500, 2_000, "TND", 3_000),
    ],
)
def test_the_job_total_is_price_times_quantity(price: int, quantity: int, currency: str, minor: int) -> None:
    assert total(price, quantity, currency) == minor
    assert whole_amount(job(unit_price=price, quantity=quantity, currency=currency)) == minor


def test_without_quantity_or_currency_the_total_is_unknown() -> None:
    assert whole_amount(job(unit_price=1_200)) is None
    assert whole_amount(job(unit_price=1_200, quantity=1_000, currency="")) is None
    assert whole_amount(job(quantity=1_000)) is None


def test_a_quantity_determines_the_owed_or_paid_amount() -> None:
    delivered = job(unit_price=1_200, quantity=3_000_000, status=JobStatus.DELIVERED)
    assert settlement(delivered, []).unpaid == 3_600
    assert settlement(job(unit_price=1_200, quantity=3_000_000, status=JobStatus.PAID), []).paid == 3_600


def test_old_records_keep_their_amounts() -> None:
    per_hour = job(basis=FeeBasis.PER_HOUR, fee=5_000, currency="EUR", status=JobStatus.DELIVERED)
    assert unit_price(per_hour, "EUR") == 50_000
    assert settlement(per_hour, []).unpaid == 0  # as before: the hours are unknown
    fixed = job(basis=FeeBasis.FIXED, fee=12_000, quantity=5_000, status=JobStatus.DELIVERED)
    assert settlement(fixed, []).unpaid == 12_000


@given(
    fee=st.integers(0, 10**9), minutes=st.integers(0, 10**6), currency=st.sampled_from(["JPY", "EUR", "TND"])
)
def test_hourly_totals_match_versions_without_unit_price(fee: int, minutes: int, currency: str) -> None:
    price = unit_price(job(basis=FeeBasis.PER_HOUR, fee=fee), currency)
    assert price is not None
    assert of_minutes(price, minutes, currency) == fee * minutes // 60


@pytest.mark.parametrize(
    ("price", "basis", "currency", "fee"),
    [
        (1_000, FeeBasis.PER_CHARACTER, "JPY", 1),
        (1_200, FeeBasis.PER_CHARACTER, "JPY", None),  # an older version would read 1 yen
        (75_500, FeeBasis.PER_HOUR, "EUR", 7_550),
        (1_000, FeeBasis.PER_WORD, "JPY", None),  # an older version would read a word's price as a fixed fee
        (None, FeeBasis.PER_HOUR, "EUR", None),
    ],
)
def test_fee_holds_only_prices_older_versions_understand(
    price: int | None, basis: FeeBasis, currency: str, fee: int | None
) -> None:
    assert fee_of_unit(price, basis, currency) == fee


def test_a_price_changed_by_an_older_version_wins() -> None:
    assert unit_price(job(fee=3, unit_price=2_000), "JPY") == 3_000
    assert unit_price(job(fee=None, unit_price=1_200), "JPY") == 1_200


@pytest.mark.parametrize(
    ("amount", "tax"),
    [
        (0, 0),
        (9, 0),  # 0.9189: fractions are dropped
        (10_000, 1_021),
        (33_333, 3_403),  # 3,403.2993
        (999_999, 102_099),  # 102,099.8979
        (1_000_000, 102_100),
        (1_000_001, 102_100),  # 102,100.2042
        (1_500_000, 204_200),
        (2_345_678, 376_887),  # 102,100 + 274,787.4476
    ],
)
def test_tax_withheld_at_source(amount: int, tax: int) -> None:
    assert withheld_tax(amount) == tax


def test_net_is_gross_minus_fee_and_tax() -> None:
    found = deductions([100_000], 1_650, withholding=True, currency="JPY")
    assert (found.gross, found.platform_fee, found.withheld, found.net) == (100_000, 16_500, 10_210, 73_290)


def test_each_payment_is_taxed_separately() -> None:
    """Two payments of 600,000 are each below the million."""
    found = deductions([600_000, 600_000], None, withholding=True, currency="JPY")
    assert found.withheld == 2 * 61_260


def test_tax_is_withheld_only_from_yen_and_only_if_enabled() -> None:
    assert deductions([50_000], None, withholding=True, currency="EUR").net == 50_000
    assert deductions([50_000], None, withholding=False, currency="JPY").net == 50_000


@given(amount=st.integers(0, 10**12), share=st.integers(0, 8_000))
def test_deductions_never_exceed_the_amount(amount: int, share: int) -> None:
    assert 0 <= deductions([amount], share // 2, withholding=True, currency="JPY").net <= amount


@pytest.mark.parametrize(
    ("platform", "share", "up_to"),
    [("Lancers", 1650, None), (" ランサーズ ", 1650, None), ("CrowdWorks", 2200, 100_000)],
)
def test_published_fees_are_found_by_name(platform: str, share: int, up_to: int | None) -> None:
    rate = published_rate(platform)
    assert rate is not None
    assert (rate.share, rate.up_to) == (share, up_to)


@pytest.mark.parametrize("platform", ["Coconala", "ココナラ", "Fiverr", "Upwork", "a friend", ""])
def test_unpublished_platform_fees_are_not_proposed(platform: str) -> None:
    assert published_rate(platform) is None
