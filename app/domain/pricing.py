"""What a job comes to: price of one times quantity, and what a platform and the tax office take of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from .amounts import minor_digits
from .codes import FeeBasis
from .facts import JobFacts, PartFacts

OLD_BASES = frozenset({FeeBasis.PER_PIECE, FeeBasis.PER_HOUR, FeeBasis.PER_CHARACTER})
"""Those that versions without `unit_price` know: they keep the price of one in `fee`."""


def unit_price(job: JobFacts, currency: str) -> int | None:
    """Thousandths of the currency's main unit for one; None for a fixed fee, or none noted.

    `fee` wins where the two differ: an older version changed it.
    """
    if job.basis == FeeBasis.FIXED:
        return None
    of_fee = None if job.fee is None else round(job.fee * Decimal(10) ** (3 - minor_digits(currency)))
    return job.unit_price if of_fee is None else of_fee


def fee_of_unit(price: int | None, basis: str, currency: str) -> int | None:
    """The price of one in minor units, for older versions; None where it has none, or they know no such
    unit.
    """
    if price is None or basis not in OLD_BASES:
        return None
    minor = price * Decimal(10) ** (minor_digits(currency) - 3)
    return int(minor) if minor == int(minor) else None


def total(price: int, quantity: int, currency: str) -> int:
    """Minor units of the currency, from thousandths of its main unit and of a piece; half is rounded up."""
    exact = Decimal(price) * Decimal(quantity) * Decimal(10) ** (minor_digits(currency) - 6)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def of_minutes(price: int, minutes: int, currency: str) -> int:
    """Minor units for so much time at a price of an hour (thousandths of the main unit); rounded down."""
    exact = Decimal(price) * minutes / 60 * Decimal(10) ** (minor_digits(currency) - 3)
    return int(exact.quantize(Decimal(1), ROUND_DOWN))


def whole_amount(job: JobFacts) -> int | None:
    """Minor units for the whole job; None while that cannot be known: so many pieces, so many characters."""
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
    """Yen withheld at source from one payment of fees, before platform fees: 源泉徴収.

    10.21 % up to a million yen and 20.42 % of what is above it; fractions of a yen are dropped (Income Tax
    Act of Japan, art. 204 and 205, with the special income tax for reconstruction).
    """
    low, high = min(amount, _FIRST_MILLION), max(amount - _FIRST_MILLION, 0)
    exact = low * Decimal("0.1021") + high * Decimal("0.2042")
    return int(exact.quantize(Decimal(1), ROUND_DOWN))


@dataclass(frozen=True)
class Deductions:
    """Minor units: what is paid, what goes off, what arrives."""

    gross: int
    platform_fee: int = 0
    withheld: int = 0

    @property
    def net(self) -> int:
        return self.gross - self.platform_fee - self.withheld


def deductions(
    payments: Iterable[int], platform_fee: int | None, *, withholding: bool, currency: str
) -> Deductions:
    """Of several payments, each by itself. `platform_fee` is in hundredths of a percent; halves round up."""
    amounts = list(payments)
    share = Decimal(platform_fee or 0) / 10_000
    fees = sum(int((amount * share).quantize(Decimal(1), ROUND_HALF_UP)) for amount in amounts)
    taxed = withholding and currency == WITHHOLDING_CURRENCY
    return Deductions(sum(amounts), fees, sum(map(withheld_tax, amounts)) if taxed else 0)


def job_deductions(job: JobFacts, payments: Iterable[PartFacts | int], currency: str) -> Deductions:
    """Of the payments of a job: its parts, or amounts."""
    amounts = (each if isinstance(each, int) else each.amount or 0 for each in payments)
    return deductions(amounts, job.platform_fee, withholding=job.withholding, currency=currency)


# --- what platforms take -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlatformRate:
    """A platform's fee for the person who does the work: as it was on a day, with consumption tax."""

    share: int  # hundredths of a percent
    as_of: date
    up_to: int | None = None  # in yen: contracts it is the whole fee of


_PUBLISHED: dict[tuple[str, ...], PlatformRate] = {
    # crowdworks.jp/pages/guides/employee/fee: 20 % and tax of a contract with tax. Of what is above ¥100,000
    # it takes less, so that no one percentage holds for a larger contract.
    ("crowdworks", "クラウドワークス"): PlatformRate(2200, date(2023, 6, 30), up_to=100_000),
    # info.lancers.jp/28688
    ("lancers", "ランサーズ"): PlatformRate(1650, date(2022, 10, 1)),
}
"""Only what the platforms themselves publish; of others the user types the fee once."""


def published_rate(platform: str) -> PlatformRate | None:
    """What is known of a platform's fee, to be proposed, never applied by itself."""
    name = platform.strip().casefold()
    return next((rate for names, rate in _PUBLISHED.items() if name in names), None)
