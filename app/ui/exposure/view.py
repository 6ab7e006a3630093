"""Delivered, unpaid work: totals per client, and each payment with its reminders, from polite to firm."""

from functools import partial

import flet as ft

from app.domain.entities import Message
from app.domain.exposure import Payment, PaymentStep
from app.i18n import _
from app.ui.components.answer_first import answer_first
from app.ui.components.buttons import menu_button, menu_item
from app.ui.components.client_gone import gone
from app.ui.components.layout import card, empty_state, heading, screen
from app.ui.state import AppState, use_app
from app.viewmodels import exposure as model
from app.viewmodels.exposure import ExposurePage, Owed, late_line
from app.viewmodels.scripts.keys import say
from app.wording import agenda as agenda_words
from app.wording import words

PAGE = 30


@ft.component
def ExposureScreen() -> ft.View:
    app = use_app()
    key = ft.use_route_params()["key"]
    limit, set_limit = ft.use_state(PAGE)
    page = ft.use_memo(lambda: model.load(app, key), [key, app.revision, app.now])
    if page is None:
        return screen(app, _("Delivered, unpaid"), [gone()])
    title = (
        _("Unpaid: {name}").format(name=words.client_name(page.client))
        if page.client
        else _("Delivered, unpaid")
    )
    if not page.total:
        return screen(app, title, [empty_state(ft.Icons.PAYMENTS_OUTLINED, *model.nothing(page))])
    controls = [_total(app, page)]
    if page.client is None:
        controls += [heading(_("By client")), *(_owed(app, each) for each in page.owed[:limit])]
    controls.append(heading(_("Payments awaited")))
    controls += [_payment(app, page, payment) for payment in page.payments[:limit]]
    if max(len(page.owed), len(page.payments)) > limit:
        controls.append(
            ft.TextButton(
                _("Show more"), icon=ft.Icons.EXPAND_MORE, on_click=lambda _event: set_limit(limit + PAGE)
            )
        )
    return screen(app, title, controls)


def _total(app: AppState, page: ExposurePage) -> ft.Control:
    """The total per currency; for a single client also against the limit, if there is one."""
    lines: list[ft.Control] = []
    for currency, minor in page.total.items():
        amount = app.format.money(minor, currency)
        lines.append(ft.Text(amount, theme_style=ft.TextThemeStyle.HEADLINE_SMALL))
        if page.client:
            theirs = (each for each in page.owed if each.currency == currency)
            lines += [line for each in theirs for line in _against_limit(app, each)]
    if page.client is None:
        lines.append(_quiet(_("Finished, out of your hands, not paid for.")))
    if page.late.count:
        lines.append(ft.Text(late_line(page.late, app.format), color=ft.Colors.TERTIARY))
    if page.uncounted:
        lines.append(_quiet(model.uncounted_line(page)))
    return card(ft.Column(lines, spacing=6, tight=True))


def _against_limit(app: AppState, owed: Owed) -> list[ft.Control]:
    if owed.limit is None:
        return []
    limit = app.format.money(owed.limit, owed.currency)
    return [
        ft.ProgressBar(
            value=min(1, owed.amount / owed.limit) if owed.limit else 1,
            color=ft.Colors.TERTIARY if owed.over else ft.Colors.PRIMARY,
            border_radius=4,
        ),
        ft.Text(
            _("Over your limit of {limit}: wait for payment before you deliver more.").format(limit=limit)
            if owed.over
            else _("Your limit: {limit}").format(limit=limit),
            color=ft.Colors.TERTIARY if owed.over else ft.Colors.ON_SURFACE_VARIANT,
        ),
    ]


def _owed(app: AppState, owed: Owed) -> ft.Control:
    return card(
        ft.Column(
            [
                ft.Row(
                    [
                        ft.Text(words.client_name(owed.client), expand=True),
                        ft.Text(app.format.money(owed.amount, owed.currency), weight=ft.FontWeight.W_600),
                    ],
                    spacing=12,
                ),
                *_against_limit(app, owed),
            ],
            spacing=6,
            tight=True,
        ),
        on_click=partial(app.open, "exposure", owed.client.id),
        padding=14,
    )


# --- payments --------------------------------------------------------------------------------------------


def _payment(app: AppState, page: ExposurePage, payment: Payment) -> ft.Control:
    name = words.work_title(payment.job, payment.part)
    about = [] if page.client else [_quiet(words.client_name(page.clients.get(payment.job.client_id)))]
    late = payment.is_late(app.calendar, app.now)
    title: list[ft.Control] = [
        ft.Column(
            [
                ft.Text(name, weight=ft.FontWeight.W_600),
                *about,
                ft.Text(app.format.money(payment.amount, payment.currency), weight=ft.FontWeight.W_600),
            ],
            spacing=2,
            tight=True,
            expand=True,
        ),
        menu_button(_("More for {name}").format(name=name), _menu(app, payment)),
    ]
    return ft.Container(
        card(
            ft.Column(
                [
                    ft.Row(title, vertical_alignment=ft.CrossAxisAlignment.START),
                    ft.Text(
                        agenda_words.payment_line(payment.due, app.now, app.format),
                        color=ft.Colors.TERTIARY if late else None,
                    ),
                    *_reminded(app, payment),
                    ft.Text(_step(app, page, payment)),
                    *([answer_first(app, owed)] if (owed := owed_first(page, payment)) else []),
                    ft.Row(_buttons(app, page, payment), wrap=True, spacing=8, run_spacing=4),
                ],
                spacing=6,
                tight=True,
            ),
            padding=ft.Padding(left=16, right=4, top=8, bottom=12),
        ),
        key=payment.part.id if payment.part else payment.job.id,
    )


def _quiet(text: str) -> ft.Text:
    return ft.Text(text, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT)


def _reminded(app: AppState, payment: Payment) -> list[ft.Control]:
    if not payment.reminded:
        return []
    days = app.format.listed(app.format.day_within(at, app.now) for at in payment.reminded)
    return [_quiet(_("Reminded: {days}").format(days=days))]


def owed_first(page: ExposurePage, payment: Payment) -> Message | None:
    """The message to answer before sending the due reminder; None if no reminder is due."""
    return page.answers.first_about(payment.job) if payment.script else None


def _step(app: AppState, page: ExposurePage, payment: Payment) -> str:
    """What to do now."""
    if owed_first(page, payment):
        return _("They wait for your answer: give it before you remind them.")
    if payment.step is PaymentStep.WAITING:
        return _("Nothing to do before {day}.").format(day=app.format.day_within(payment.since, app.now))
    return {
        PaymentStep.REMIND: _("Time for a polite reminder: most are only forgotten."),
        PaymentStep.REMIND_FIRMLY: _("Ask again, firmly, and name a day."),
        PaymentStep.DECIDE: _(
            "Asked twice in vain: say the last word, keep what is not paid for, or let it go."
        ),
    }[payment.step]


def _buttons(app: AppState, page: ExposurePage, payment: Payment) -> list[ft.Control]:
    buttons: list[ft.Control] = []
    if payment.script and not owed_first(page, payment):
        buttons.append(
            ft.FilledTonalButton(
                _("Write the reminder…"),
                icon=ft.Icons.EDIT_NOTE,
                on_click=lambda _event: say(app, payment.script, "job", payment.job.id),
            )
        )
        if not model.reminded_today(app, payment):
            buttons.append(
                ft.OutlinedButton(_("Reminder sent"), on_click=lambda _event: model.reminded(app, payment))
            )
    buttons.append(
        ft.OutlinedButton(_("Paid"), icon=ft.Icons.CHECK, on_click=lambda _event: model.paid(app, payment))
    )
    return buttons


def _menu(app: AppState, payment: Payment) -> list[ft.PopupMenuItem]:
    return [
        menu_item(
            ft.Icons.WORK_OUTLINE,
            _("Open job"),
            partial(app.open, "job", payment.job.id, at=payment.part.id if payment.part else ""),
        ),
        menu_item(
            ft.Icons.INVENTORY_2_OUTLINED, _("Close the job, let it go"), partial(model.let_go, app, payment)
        ),
    ]
