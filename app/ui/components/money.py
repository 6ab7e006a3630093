"""Conversion of amounts for text fields, and the choice of a currency."""

from collections.abc import Callable

import flet as ft
from babel.numbers import get_currency_name

from app.i18n import Formatter, _
from app.ui.components.fields import dropdown

_CURRENCIES = """AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR INR JPY KRW MAD MXN MYR NOK NZD PHP PLN
    RON SEK SGD THB TND TRY TWD UAH USD VND XAF XOF ZAR"""


def currency_field(
    formatter: Formatter, value: str, on_select: Callable[[str], None], default_label: str = ""
) -> ft.Control:
    """A choice of common currencies and the one in use; with `default_label`, "" is an option too."""
    codes = sorted({*_CURRENCIES.split(), *([value] if value else [])})
    options = {
        code: f"{formatter.unit_and_code(code)} · {get_currency_name(code, locale=formatter.locale)}"
        for code in codes
    }
    if default_label:
        options = {"": default_label, **options}
    return ft.Row([dropdown(_("Currency"), options, value, on_select)])
