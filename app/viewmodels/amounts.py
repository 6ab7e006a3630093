"""Amounts, quantities and percentages as typed and as shown in a field."""

import re
import unicodedata
from decimal import Decimal

from babel.numbers import format_decimal

from app.domain.amounts import minor_digits, parse_amount, parse_quantity, parse_thousandths
from app.domain.errors import DomainError
from app.i18n import Formatter, _, decimal_comma


def amount_text(minor: int | None, currency: str, formatter: Formatter) -> str:
    """An amount for a field: without the currency sign, with decimals only if not zero."""
    if minor is None:
        return ""
    digits = minor_digits(currency)
    pattern = "0" if minor % 10**digits == 0 else "0." + "0" * digits
    return format_decimal(minor / 10**digits, pattern, locale=formatter.locale)


def read_amount(text: str, currency: str) -> tuple[int | None, str]:
    """Parse an amount into minor units (None if empty); the second value is an error message."""
    if not text.strip():
        return None, ""
    try:
        return parse_amount(text, currency), ""
    except DomainError:
        return None, _("This amount is not understood. Write it like 1200 or 1200.50.")


def read_thousandths(text: str, currency: str = "", basis: str = "") -> tuple[int | None, str]:
    """Parse a unit price into thousandths (None if empty); the second value is an error message."""
    if not text.strip():
        return None, ""
    try:
        return parse_thousandths(text, currency, decimal_comma=decimal_comma(), basis=basis), ""
    except DomainError:
        return None, _("This number is not understood. Write it like 1200, 1.2 or 0.045.")


def read_quantity(text: str, basis: str) -> tuple[int | None, str]:
    """Parse a quantity into thousandths (None if empty); the second value is an error message."""
    if not text.strip():
        return None, ""
    try:
        return parse_quantity(text, basis, decimal_comma=decimal_comma()), ""
    except DomainError:
        return None, _("This number is not understood. Write it like 1200, 1.2 or 0.045.")


def thousandths_text(value: int | None, formatter: Formatter) -> str:
    """A value in thousandths for a field, with up to three decimals."""
    return "" if value is None else format_decimal(Decimal(value) / 1000, "0.###", locale=formatter.locale)


def read_percent(text: str) -> tuple[int | None, str]:
    """Parse "16.5" or « 16,5 % » into hundredths of a percent (None if empty); then an error message."""
    plain = unicodedata.normalize("NFKC", text).replace("。", ".").replace("、", ",")
    plain = re.sub(r" ?(?:%|パーセント|percent|pour cent)$", "", plain.strip(), flags=re.IGNORECASE)
    if not plain:
        return None, ""
    match = re.fullmatch(r"(\d{1,3})(?:[.,](\d{1,2}))?", plain, re.ASCII)
    share = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) if match else -1
    if not 0 <= share <= 10_000:
        return None, _("Write a percentage from 0 to 100, like 16.5.")
    return share, ""


def percent_text(share: int | None, formatter: Formatter) -> str:
    return "" if share is None else format_decimal(Decimal(share) / 100, "0.##", locale=formatter.locale)
