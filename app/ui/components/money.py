"""Amounts as typed and as shown in a field, and the choice of their currency."""

from collections.abc import Callable

import flet as ft
from babel.numbers import format_decimal, get_currency_name

from app.domain.jobs import minor_digits, parse_amount
from app.ui.components.fields import dropdown
from app.ui.i18n import Formatter, _

_CURRENCIES = """AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR INR JPY KRW MAD MXN MYR NOK NZD PHP PLN
    RON SEK SGD THB TND TRY TWD UAH USD VND XAF XOF ZAR"""


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
    except ValueError:
        return None, _("This amount is not understood. Write it like 1200 or 1200.50.")


def currency_field(
    formatter: Formatter, value: str, on_select: Callable[[str], None], default_label: str = ""
) -> ft.Control:
    """One of the usual currencies or the one in use; with `default_label`, "" is a choice of its own."""
    codes = sorted({*_CURRENCIES.split(), *([value] if value else [])})
    options = {code: f"{code} · {get_currency_name(code, locale=formatter.locale)}" for code in codes}
    if default_label:
        options = {"": default_label, **options}
    return ft.Row([dropdown(_("Currency"), options, value, on_select)])
