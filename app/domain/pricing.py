"""Job totals from unit price and quantity, and deductions for platform fees and withholding tax."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from .amounts import minor_digits
from .codes import FeeBasis
from .facts import JobFacts, PartFacts

OLD_BASES = frozenset({FeeBasis.PER_PIECE, FeeBasis.PER_HOUR, FeeBasis.PER_CHARACTER})
"""Bases known to versions without `unit_price`; they keep the unit price in `fee`."""


def unit_price(job: JobFacts, currency: str) -> int | None:
    """Return the unit price in thousandths of the main unit; None for a fixed fee or if not set.

    If `fee` and `unit_price` differ, `fee` wins: an older version changed it.
    """
    if job.basis == FeeBasis.FIXED:
        return None
    of_fee = None if job.fee is None else round(job.fee * Decimal(10) ** (3 - minor_digits(currency)))
    return job.unit_price if of_fee is None else of_fee


def fee_of_unit(price: int | None, basis: str, currency: str) -> int | None:
    """Return the unit price in minor units for older versions.

    None if it has fractions of a minor unit, or if older versions do not know the basis.
    """
    if price is None or basis not in OLD_BASES:
        return None
    minor = price * Decimal(10) ** (minor_digits(currency) - 3)
    return int(minor) if minor == int(minor) else None


def total(price: int, quantity: int, currency: str) -> int:
    """Return minor units from thousandths of the main unit and thousandths of a piece; halves round up."""
    exact = Decimal(price) * Decimal(quantity) * Decimal(10) ** (minor_digits(currency) - 6)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def of_minutes(price: int, minutes: int, currency: str) -> int:
    """Return minor units for `minutes` at an hourly price in thousandths of the main unit; rounded down."""
    exact = Decimal(price) * minutes / 60 * Decimal(10) ** (minor_digits(currency) - 3)
    return int(exact.quantize(Decimal(1), ROUND_DOWN))


def whole_amount(job: JobFacts) -> int | None:
    """Return the whole job's amount in minor units; None while price, quantity or currency is unknown."""
    if job.basis == FeeBasis.FIXED:
        return job.fee
    price = unit_price(job, job.currency)
    if price is None or job.quantity is None or not job.currency:
        return None
    return total(price, job.quantity, job.currency)


# --- deductions --------------------------------------------------------------------------------------------

WITHHOLDING_CURRENCY = "JPY"
_FIRST_MILLION = 1_000_000


def withheld_tax(amount: int) -> int:
    """Return the yen withheld at source from one payment of fees, before platform fees: 源泉徴収.

    10.21 % up to a million yen and 20.42 % above it; fractions of a yen are dropped (Income Tax Act of Japan,
    art. 204 and 205, with the special income tax for reconstruction).
    """
    low, high = min(amount, _FIRST_MILLION), max(amount - _FIRST_MILLION, 0)
    exact = low * Decimal("0.1021") + high * Decimal("0.2042")
    return int(exact.quantize(Decimal(1), ROUND_DOWN))


@dataclass(frozen=True)
class Deductions:
    """Gross amount, deductions and net amount, in minor units."""

    gross: int
    platform_fee: int = 0
    withheld: int = 0

    @property
    def net(self) -> int:
        return self.gross - self.platform_fee - self.withheld


def deductions(
    payments: Iterable[int], platform_fee: int | None, *, withholding: bool, currency: str
) -> Deductions:
    """Deduct from several payments, each by itself. `platform_fee` is in 1/100 percent; halves round up."""
    amounts = list(payments)
    share = Decimal(platform_fee or 0) / 10_000
    fees = sum(int((amount * share).quantize(Decimal(1), ROUND_HALF_UP)) for amount in amounts)
    taxed = withholding and currency == WITHHOLDING_CURRENCY
    return Deductions(sum(amounts), fees, sum(map(withheld_tax, amounts)) if taxed else 0)


def job_deductions(job: JobFacts, payments: Iterable[PartFacts | int], currency: str) -> Deductions:
    """Deduct from a job's payments, given as parts or amounts."""
    amounts = (each if isinstance(each, int) else each.amount or 0 for each in payments)
    return deductions(amounts, job.platform_fee, withholding=job.withholding, currency=currency)


# --- platform fees -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlatformRate:
    """A platform's fee for the contractor, including consumption tax, as published on a date."""

    share: int  # hundredths of a percent
    as_of: date
    up_to: int | None = None  # in yen: the rate holds for contracts up to this amount


_PUBLISHED: dict[tuple[str, ...], PlatformRate] = {
    # crowdworks.jp/pages/guides/employee/fee: 20 % plus tax of the contract with tax. The share above
    # ¥100,000 is lower, so no single percentage holds for larger contracts.
    ("crowdworks", "クラウドワークス"): PlatformRate(2200, date(2023, 6, 30), up_to=100_000),
    # info.lancers.jp/28688
    ("lancers", "ランサーズ"): PlatformRate(1650, date(2022, 10, 1)),
}
"""Only rates published by the platforms; for others the user enters the fee once."""


def published_rate(platform: str) -> PlatformRate | None:
    """Return the published fee of a platform, or None. Callers propose it; they never apply it unasked."""
    name = platform.strip().casefold()
    return next((rate for names, rate in _PUBLISHED.items() if name in names), None)
