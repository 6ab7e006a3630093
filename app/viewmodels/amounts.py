"""Amounts, quantities and percentages as typed and as shown in a field."""

import re
import unicodedata
from decimal import Decimal

from babel.numbers import format_decimal

from app.domain.amounts import minor_digits, parse_amount, parse_quantity, parse_thousandths
from app.domain.errors import DomainError
from app.i18n import Formatter, _, decimal_comma


def amount_text(minor: int | None, currency: str, formatter: Formatter) -> str:
    """An amount as it stands in a field: without its sign, decimals only where there are some."""
    if minor is None:
        return ""
    digits = minor_digits(currency)
    pattern = "0" if minor % 10**digits == 0 else "0." + "0" * digits
    return format_decimal(minor / 10**digits, pattern, locale=formatter.locale)


def read_amount(text: str, currency: str) -> tuple[int | None, str]:
    """Minor units (None for nothing typed), and what is wrong with the text, in words."""
    if not text.strip():
        return None, ""
    try:
        return parse_amount(text, currency), ""
    except DomainError:
        return None, _("This amount is not understood. Write it like 1200 or 1200.50.")


def read_thousandths(text: str, currency: str = "", basis: str = "") -> tuple[int | None, str]:
    """A price of one in thousandths (None for nothing typed), and what is wrong with the text, in words."""
    if not text.strip():
        return None, ""
    try:
        return parse_thousandths(text, currency, decimal_comma=decimal_comma(), basis=basis), ""
    except DomainError:
        return None, _("This number is not understood. Write it like 1200, 1.2 or 0.045.")


def read_quantity(text: str, basis: str) -> tuple[int | None, str]:
    """How many, in thousandths (None for nothing typed), and what is wrong with the text, in words."""
    if not text.strip():
        return None, ""
    try:
        return parse_quantity(text, basis, decimal_comma=decimal_comma()), ""
    except DomainError:
        return None, _("This number is not understood. Write it like 1200, 1.2 or 0.045.")


def thousandths_text(value: int | None, formatter: Formatter) -> str:
    """The same as it stands in a field: as many decimals as there are."""
    return "" if value is None else format_decimal(Decimal(value) / 1000, "0.###", locale=formatter.locale)


def read_percent(text: str) -> tuple[int | None, str]:
    """Hundredths of a percent from "16.5" or « 16,5 % » (None for nothing typed), and what is wrong."""
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
