"""Parse amounts of money and quantities as typed by the user."""

import re
import unicodedata
from decimal import Decimal

from .codes import FeeBasis
from .errors import DomainError

LARGEST_AMOUNT = 10**15  # minor units; exact as a JavaScript number and in a backup

# ISO 4217: the currencies whose minor unit is not 1/100.
_WHOLE_UNITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_MINOR_DIGITS = dict.fromkeys(_WHOLE_UNITS.split(), 0) | dict.fromkeys(_THOUSANDTHS.split(), 3)


def minor_digits(currency: str) -> int:
    """Return the number of decimal digits of a currency: 0 for yen, 2 for euros (ISO 4217)."""
    return _MINOR_DIGITS.get(currency.upper(), 2)


# Allowed before or after an amount; ¤ stands for any currency sign.
_UNIT = r"(?:[A-Z]{0,2}¤ ?[A-Z]{0,2}|円|元|원|F ?CFA|FR?|KR)"


# Units as typed after a number.
_COUNTED = {
    FeeBasis.PER_CHARACTER: "文?字|CHARACTERS?|CHARS?|CARACT[ÈE]RES?|SIGNES?",
    FeeBasis.PER_WORD: "単?語|ワード|WORDS?|MOTS?",
    FeeBasis.PER_PAGE: "頁|ページ|枚|PAGES?|FEUILLETS?|PP?\\.?",
    FeeBasis.PER_PIECE: "本|件|個|点|記事|PIECES?|PI[ÈE]CES?|PCS?\\.?|ARTICLES?|UNIT[ÉE]?S?|ITEMS?",
    FeeBasis.PER_HOUR: "時間|HOURS?|HEURES?|HRS?|H",
    FeeBasis.PER_DAY: "日間?|DAYS?|JOURS?|J",
}
_WHOLE = frozenset({FeeBasis.PER_CHARACTER, FeeBasis.PER_WORD, FeeBasis.PER_PAGE, FeeBasis.PER_PIECE})
"""Units that are never typed in thousandths: "4.000 words" means four thousand."""

_TEN_THOUSAND, _THOUSAND = 10_000, 1_000
_FACTORS = (("oku", _TEN_THOUSAND**2), ("man", _TEN_THOUSAND), ("sen", _THOUSAND))
_JA_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_JA_UNITS = re.compile(
    rf"(?:(?P<oku>{_JA_NUMBER})億)?(?:(?P<man>{_JA_NUMBER})万)?(?:(?P<sen>{_JA_NUMBER})千)?(?P<rest>[0-9,]+)?"
)
_THOUSANDS = re.compile(r"(?<![0-9.,])([0-9]{1,6}(?:[.,][0-9]{1,2})?) ?K(?=$|[ ¤]|[A-Z]{3}$)(?! ?R)")


def parse_amount(text: str, currency: str) -> int:
    """Parse an amount into minor units: "1,234.50", "1 234,50 €", "¥12,000", "12000円", "1万5千円", "15k".

    A single mark followed by three digits groups thousands, unless the currency has three decimals. Raises
    DomainError `amount` for anything else, negative amounts included; nothing is guessed, rounded or
    converted.
    """
    return _parse(text, currency, minor_digits(currency))


def parse_thousandths(text: str, currency: str = "", *, decimal_comma: bool = False, basis: str = "") -> int:
    """Parse a unit price or quantity into thousandths: "1.2", "0,045 €", "1,500", "12 000".

    A single point is a decimal mark. A single comma before three digits is one only after a zero, or with
    `decimal_comma` (locales that write it so). If `basis` (a FeeBasis) is given, a price may name that unit:
    "1.2円/字". Raises DomainError `amount` as in `parse_amount`.
    """
    whole = r"[0-9]+[.,]" if decimal_comma else r"(?:[0-9]+\.|0,)"
    counted = _COUNTED.get(FeeBasis(basis), "") if basis in set(FeeBasis) else ""
    each = rf"(?: ?(?:/|PER|PAR|A|À|DE L['’]|L['’]|LE|LA) ?(?:{counted}))?" if counted else ""
    before = rf"(?:1?(?:{counted})(?:単価)?)?" if counted else ""
    return _parse(text, currency, 3, decimals=rf"{whole}[0-9]{{3}}", before=before, behind=each)


def parse_quantity(text: str, basis: str, *, decimal_comma: bool = False) -> int:
    """Parse a quantity into thousandths: "4,000字", "４０００", "1万字", "4 000 mots", "1.5 h".

    Marks are read as in `parse_thousandths`, but for characters, words, pages and pieces a mark before three
    digits groups thousands. Raises DomainError `amount` for anything else, such as a unit of another `basis`.
    """
    whole = r"[0-9]+[.,]" if decimal_comma else r"(?:[0-9]+\.|0,)"
    if basis in _WHOLE:
        whole = r"0[.,]"
    counted = _COUNTED.get(FeeBasis(basis), "") if basis in set(FeeBasis) else ""
    behind = rf"(?: ?(?:{counted}))?" if counted else ""
    return _parse(text, "", 3, decimals=rf"{whole}[0-9]{{3}}", behind=behind)


def _parse(
    text: str, currency: str, digits: int, *, decimals: str = "", before: str = "", behind: str = ""
) -> int:
    typed = "".join(map(_plain, unicodedata.normalize("NFKC", text).strip())).upper()
    typed = _THOUSANDS.sub(_in_thousands, _JA_UNITS.sub(_in_digits, typed))
    unit = rf"(?:{_UNIT}|{re.escape(currency.upper())})?"
    match = re.fullmatch(rf"{before} ?{unit} ?\+?([0-9]|[0-9][0-9., '’]*[0-9]) ?{unit}{behind}", typed)
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


def _in_digits(match: re.Match[str]) -> str:
    """Rewrite 1万5千 as 15000; leave the text unless each part is smaller than the unit before it."""
    parts = [(match[name], factor) for name, factor in _FACTORS if match[name]]
    if not parts:
        return match[0]
    numbers = [(Decimal(number.replace(",", "")), factor) for number, factor in parts]
    if match["rest"]:
        if not re.fullmatch(r"[0-9]{1,4}|[0-9],[0-9]{3}", match["rest"]):
            return match[0]
        numbers.append((Decimal(match["rest"].replace(",", "")), 1))
    limits = [factor for _number, factor in numbers[:-1]]
    smaller = (number * factor for number, factor in numbers[1:])
    if any(part >= limit for part, limit in zip(smaller, limits, strict=True)):
        return match[0]
    if any(number % 1 for number, _factor in numbers[:-1]):
        return match[0]
    return _digits(sum((number * factor for number, factor in numbers), Decimal()))


def _in_thousands(match: re.Match[str]) -> str:
    """Rewrite 15K as 15000 and 1,5K as 1500."""
    return _digits(Decimal(match[1].replace(",", ".")) * _THOUSAND)


def _digits(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(character: str) -> str:
    """Map digits of any script to ASCII, currency signs to ¤, and Japanese punctuation to "," and "."."""
    if character in "、。":
        return "," if character == "、" else "."
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return "¤" if unicodedata.category(character) == "Sc" else character


def _split_decimals(body: str, *, grouping: bool) -> tuple[str, str]:
    """Split into whole part and decimals. `grouping`: a single mark may group thousands."""
    mark = max(body.rfind("."), body.rfind(","))
    whole, decimals = body[:mark], body[mark + 1 :]
    if mark < 0 or body[mark] in whole or not decimals.isdigit():
        return body, ""
    grouped_otherwise = re.search(r"[., '’]", whole) is not None
    if len(decimals) == 3 and grouping and not grouped_otherwise:
        return body, ""
    return whole, decimals
