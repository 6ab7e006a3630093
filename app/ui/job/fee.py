"""The fee in a job's form and on its screen: unit price, quantity, deductions and net amount."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import flet as ft

from app.domain.codes import FeeBasis, JobStatus
from app.domain.entities import Job
from app.domain.pricing import (
    WITHHOLDING_CURRENCY,
    Deductions,
    PlatformRate,
    deductions,
    job_deductions,
    published_rate,
    total,
)
from app.i18n import Formatter, _, p_
from app.ui.components.fields import choice_chips, labelled, moment_field, switch_row, text_field
from app.ui.components.layout import card, fact, heading
from app.ui.components.money import currency_field
from app.ui.state import AppState
from app.viewmodels.amounts import percent_text
from app.viewmodels.job_draft import JobDraft, read_terms
from app.wording import words

FeeChange = Callable[..., None]
NUMBER = ft.KeyboardType.TEXT  # not every numeric keyboard has a decimal separator


def fee_fields(
    app: AppState, draft: JobDraft, errors: dict[str, str], change: FeeChange, last_fees: Mapping[str, int]
) -> list[ft.Control]:
    """The fields for the fee and its deductions, with the net amount shown while typing."""
    fixed = draft.basis == FeeBasis.FIXED
    return [
        heading(_("Fee")),
        labelled(
            _("How it is paid"),
            choice_chips(
                {basis.value: words.fee_basis(basis) for basis in FeeBasis},
                draft.basis,
                lambda basis: change(basis=basis),
            ),
        ),
        price_field(app, draft, errors, change),
        *(
            []
            if fixed
            else [
                text_field(
                    words.quantity_label(draft.basis),
                    draft.quantity,
                    lambda text: change(quantity=text),
                    error=errors.get("quantity", ""),
                    helper=_("May stay empty until it is known."),
                )
            ]
        ),
        currency_field(app.format, draft.currency, lambda currency: change(currency=currency)),
        *_deduction_fields(app, draft, errors, change, last_fees),
        *_result(app.format, draft),
        *([] if draft.is_paid_by_part else _settled_fields(app, draft, errors, change)),
    ]


def price_field(app: AppState, draft: JobDraft, errors: dict[str, str], change: FeeChange) -> ft.Control:
    return text_field(
        _("Fee for the whole job") if draft.basis == FeeBasis.FIXED else _("Price of one"),
        draft.fee,
        lambda text: change(fee=text),
        error=errors.get("fee", ""),
        suffix=app.format.unit(draft.currency),
    )


def setter(change: FeeChange, name: str) -> Callable[[datetime | None], None]:
    """Return a callback that sets the field called `name`."""
    return lambda at: change(**{name: at})


SETTLED = (JobStatus.DELIVERED, JobStatus.ACCEPTED, JobStatus.PAID, JobStatus.CLOSED)


def _settled_fields(
    app: AppState, draft: JobDraft, errors: dict[str, str], change: FeeChange
) -> list[ft.Control]:
    """The dates of delivery, invoice and payment of a job paid as a whole.

    Delivery and payment are shown only once the job's status is that far.
    """
    delivered = draft.status in SETTLED or draft.delivered_at is not None
    paid = draft.status in SETTLED[2:] or draft.paid_at is not None
    shown = {
        "delivered_at": (p_("job", "Delivered"), delivered),
        "invoiced_at": (p_("job", "Invoiced"), True),
        "paid_at": (p_("job", "Paid"), paid),
    }
    return [
        moment_field(
            app,
            label,
            getattr(draft, name),
            setter(change, name),
            past=True,
            error=errors.get(name, ""),
        )
        for name, (label, shows) in shown.items()
        if shows
    ]


def _deduction_fields(
    app: AppState, draft: JobDraft, errors: dict[str, str], change: FeeChange, last_fees: Mapping[str, int]
) -> list[ft.Control]:
    rows: list[ft.Control] = [
        text_field(
            _("Platform fee (%)"),
            draft.platform_fee,
            lambda text: change(platform_fee=text),
            error=errors.get("platform_fee", ""),
            helper=_("What the platform keeps of each payment. Empty: nothing."),
        )
    ]
    proposals = fee_proposals(app.format, draft, last_fees)
    if proposals:
        rows.append(
            ft.Row(
                [
                    ft.OutlinedButton(label, on_click=lambda _event, text=text: change(platform_fee=text))
                    for text, label in proposals.items()
                ],
                wrap=True,
                spacing=8,
                run_spacing=4,
            )
        )
    if draft.currency == WITHHOLDING_CURRENCY:
        rows.append(
            switch_row(
                _("Income tax is withheld at source"),
                draft.withholding,
                lambda on: change(withholding=on),
                note=_(
                    "10.21% of each payment as noted here, and 20.42% of what is above ¥1,000,000. Fractions "
                    "of a yen are dropped."
                ),
            )
        )
    return rows


def fee_proposals(formatter: Formatter, draft: JobDraft, last_fees: Mapping[str, int]) -> dict[str, str]:
    """Proposed platform fees, by the text to enter: the last one used there, else the published one."""
    if not draft.platform.strip() or draft.platform_fee.strip():
        return {}
    last = last_fees.get(draft.platform.strip().casefold())
    if last is not None:
        text = percent_text(last, formatter)
        return {text: _("{percent}%, as in your last job there").format(percent=text)}
    rate = published_rate(draft.platform)
    if rate is None:
        return {}
    text = percent_text(rate.share, formatter)
    return {text: _published(rate, text, formatter)}


def _published(rate: PlatformRate, text: str, formatter: Formatter) -> str:
    if rate.up_to is None:
        return _("{percent}%, as of {year}").format(percent=text, year=rate.as_of.year)
    money = formatter.money(rate.up_to, WITHHOLDING_CURRENCY)
    return _("{percent}% up to {amount}, as of {year}").format(
        percent=text, amount=money, year=rate.as_of.year
    )


def _result(formatter: Formatter, draft: JobDraft) -> list[ft.Control]:
    """The total of the entered values."""
    terms = read_terms(draft)
    currency = draft.currency
    gross = terms.fee
    if draft.basis != FeeBasis.FIXED:
        gross = (
            None
            if terms.unit_price is None or terms.quantity is None
            else total(terms.unit_price, terms.quantity, currency)
        )
    if gross is None or any(terms.errors.values()):
        return []
    payments = [gross]
    found = deductions(payments, terms.platform_fee, withholding=draft.withholding, currency=currency)
    lines = deduction_lines(found, currency, formatter)
    if not lines and draft.basis == FeeBasis.FIXED:
        return []
    if not lines:
        lines = [fact(_("Comes to"), formatter.money(gross, currency))]
    return [card(ft.Column(lines, spacing=8, tight=True))]


def deduction_lines(found: Deductions, currency: str, formatter: Formatter) -> list[ft.Control]:
    """The lines from gross to net; nothing without deductions."""
    if found.net == found.gross:
        return []
    lines = [fact(_("Gross"), formatter.money(found.gross, currency))]
    if found.platform_fee:
        lines.append(fact(_("Platform fee"), formatter.money(-found.platform_fee, currency)))
    if found.withheld:
        lines.append(fact(_("Tax withheld"), formatter.money(-found.withheld, currency)))
    lines.append(fact(_("Net"), formatter.money(found.net, currency)))
    return lines


def net_lines(job: Job, payments: Sequence[int], currency: str, formatter: Formatter) -> list[ft.Control]:
    """The lines from gross to net, and the net income per hour, for a job's screen."""
    found = job_deductions(job, payments, currency)
    lines = deduction_lines(found, currency, formatter)
    if job.spent_minutes and found.gross:
        rate = round(found.net * 60 / job.spent_minutes)
        label = _("An hour earns, net") if lines else _("An hour earns")
        lines.append(fact(label, formatter.money(rate, currency)))
    return lines
