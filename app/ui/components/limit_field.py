"""The usual limit for unpaid work: common amounts, a typed amount, or none."""

from collections.abc import Callable

import flet as ft

from app.domain.amounts import minor_digits
from app.domain.entities import Settings
from app.i18n import Formatter, _
from app.ui.components.fields import choice_chips, labelled, text_field
from app.viewmodels.amounts import amount_text, read_amount

NONE, OTHER = "none", "other"


def usual_limits(currency: str) -> list[int]:
    """Common limits in minor units: 300, 500 and 1,000, times 100 for currencies without minor units."""
    digits = minor_digits(currency)
    return [amount * 100 if not digits else amount * 10**digits for amount in (300, 500, 1000)]


@ft.component
def UnpaidLimitField(
    settings: Settings, formatter: Formatter, on_save: Callable[[int | None], None]
) -> ft.Control:
    """Saves each choice, and each keystroke that yields a valid amount."""
    currency, limit = settings.currency, settings.unpaid_limit
    usual = usual_limits(currency)
    other, set_other = ft.use_state(limit is not None and limit not in usual)
    typed, set_typed = ft.use_state(amount_text(limit, currency, formatter))
    error, set_error = ft.use_state("")

    def choose(key: str) -> None:
        set_other(key == OTHER)
        set_error("")
        if key != OTHER:
            on_save(None if key == NONE else int(key))

    def change(text: str) -> None:
        set_typed(text)
        amount, problem = read_amount(text, currency)
        set_error(problem)
        if not problem:
            on_save(amount)

    options = {str(amount): formatter.money(amount, currency) for amount in usual}
    chosen = OTHER if other else NONE if limit is None else str(limit)
    parts: list[ft.Control] = [
        labelled(
            _("How much may be delivered and unpaid?"),
            choice_chips({NONE: _("No limit"), **options, OTHER: _("Other…")}, chosen, choose),
        )
    ]
    if other:
        unit = formatter.unit(currency)
        parts.append(text_field(_("Limit for each client"), typed, change, suffix=unit, error=error))
    return ft.Column(parts, spacing=8, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
