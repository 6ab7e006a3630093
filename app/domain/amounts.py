"""Amounts of money and quantities as people type them."""

import re
import unicodedata

from .errors import DomainError

LARGEST_AMOUNT = 10**15  # minor units; exact in a JavaScript number, and in a backup

# ISO 4217: the currencies whose minor unit is not a hundredth.
_WHOLE_UNITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_MINOR_DIGITS = dict.fromkeys(_WHOLE_UNITS.split(), 0) | dict.fromkeys(_THOUSANDTHS.split(), 3)


def minor_digits(currency: str) -> int:
    """Digits after the decimal mark: 0 for yen, 2 for euros (ISO 4217)."""
    return _MINOR_DIGITS.get(currency.upper(), 2)


# What may stand before or behind an amount, with ¤ for any currency sign. Not "5万" or "5k": that is not 5.
_UNIT = r"(?:[A-Z]{0,2}¤ ?[A-Z]{0,2}|円|元|원|F ?CFA|FR?|KR)"


def parse_amount(text: str, currency: str) -> int:
    """Minor units from an amount as typed: "1,234.50", "1 234,50 €", "¥12,000", "12000円".

    A lone mark followed by three digits groups thousands, unless the currency has three decimals.
    DomainError `amount` for anything else: nothing is guessed, rounded, converted or below zero.
    """
    return _parse(text, currency, minor_digits(currency))


def parse_thousandths(text: str, currency: str = "", *, decimal_comma: bool = False) -> int:
    """Thousandths of a price of one or of a quantity: "1.2", "0,045 €", "1,500", "12 000".

    A lone point is a decimal mark; a lone comma before three digits is one only behind a zero, or with
    `decimal_comma`, where people write it so. DomainError `amount` as in `parse_amount`.
    """
    whole = r"[0-9]+[.,]" if decimal_comma else r"(?:[0-9]+\.|0,)"
    return _parse(text, currency, 3, decimals=rf"{whole}[0-9]{{3}}")


def _parse(text: str, currency: str, digits: int, *, decimals: str = "") -> int:
    typed = "".join(map(_plain, unicodedata.normalize("NFKC", text).strip())).upper()
    unit = rf"(?:{_UNIT}|{re.escape(currency.upper())})?"
    match = re.fullmatch(rf"{unit} ?\+?([0-9]|[0-9][0-9., '’]*[0-9]) ?{unit}", typed)
    if match is None:
        raise DomainError("amount")
    grouping = not re.fullmatch(decimals, match[1]) if decimals else digits != 3
    whole, rest = _split_decimals(match[1], grouping=grouping)
    grouped = re.fullmatch(r"[0-9]+|[0-9]{1,3}([., '’])[0-9]{3}(?:\1[0-9]{3})*", whole)
    if grouped is None or rest[digits:].strip("0"):
        raise DomainError("amount")
    minor = int(re.sub(r"[^0-9]", "", whole) + rest[:digits].ljust(digits, "0"))
    if minor > LARGEST_AMOUNT:
        raise DomainError("amount")
    return minor


def _plain(character: str) -> str:
    """Digits of any script as ASCII ones, currency signs as ¤."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return "¤" if unicodedata.category(character) == "Sc" else character


def _split_decimals(body: str, *, grouping: bool) -> tuple[str, str]:
    """The whole part, with its grouping, and the decimals. `grouping`: a lone mark may group thousands."""
    mark = max(body.rfind("."), body.rfind(","))
    whole, decimals = body[:mark], body[mark + 1 :]
    if mark < 0 or body[mark] in whole or not decimals.isdigit():
        return body, ""
    grouped_otherwise = re.search(r"[., '’]", whole) is not None
    if len(decimals) == 3 and grouping and not grouped_otherwise:
        return body, ""
    return whole, decimals
