"""The last two steps of the ladder: the price of constant availability, and the user's decision."""

from functools import partial

import flet as ft

from app.domain.availability import RECOVERY_MINUTES, AvailabilitySum
from app.domain.codes import Decision, Stance
from app.domain.decision import Circumstances, WayOut
from app.domain.entities import Client
from app.i18n import _, n_
from app.ui.components.fields import radio_row, text_field
from app.ui.components.layout import card, fact, tally
from app.ui.state import AppState, use_app
from app.viewmodels import ladder as model
from app.viewmodels.amounts import amount_text, read_amount
from app.viewmodels.job_draft import hours_text, read_hours
from app.viewmodels.ladder import LadderPage, SetMinutes
from app.viewmodels.scripts.keys import key_of
from app.wording import ladder as labels
from app.wording import words

WAY_ICONS = {
    Decision.KEEP: ft.Icons.HANDSHAKE_OUTLINED,
    Decision.CHANGE_TERMS: ft.Icons.PRICE_CHANGE_OUTLINED,
    Decision.END: ft.Icons.STOP_OUTLINED,
}


# --- availability at a higher rate -----------------------------------------------------------------------


@ft.component
def Price(page: LadderPage, paid: int | None, set_paid: SetMinutes) -> ft.Control:
    """The calculation, line by line; the hours worked can be corrected."""
    app = use_app()
    known = page.price.paid_minutes if page.price else 0
    typed, set_typed = ft.use_state(hours_text(paid or known))
    error, set_error = ft.use_state("")

    def change(text: str) -> None:
        set_typed(text)
        minutes, problem = read_hours(text)
        set_error(problem)
        if not problem:
            set_paid(minutes or None)

    parts: list[ft.Control] = []
    if page.client.rate is None:
        parts += [
            ft.Text(_("Kaeru works it out once it knows your rate for them.")),
            ft.OutlinedButton(
                _("Note your rate…"),
                icon=ft.Icons.EDIT_OUTLINED,
                on_click=lambda _event: app.open("edit-client", page.client.id),
            ),
        ]
    else:
        parts.append(
            text_field(
                _("Hours in four weeks"),
                typed,
                change,
                error=error,
                helper=_("Worked for them, by what their jobs say: put it right."),
            )
        )
        parts += _calculation(app, page, page.price) if page.price else []
    return card(ft.Column(parts, spacing=10, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH))


def _calculation(app: AppState, page: LadderPage, price: AvailabilitySum) -> list[ft.Control]:
    currency = page.client.currency or app.settings.currency
    if not price.interrupted_minutes:
        return [ft.Text(_("You took no unscheduled call in these weeks: there is nothing to charge for."))]
    return [
        tally(
            n_("{n} call taken", "{n} calls taken", price.calls),
            app.format.hours(price.call_minutes) if price.call_minutes else _("no minutes noted"),
        ),
        tally(
            _("Getting back into the work, {n} min each").format(n=RECOVERY_MINUTES),
            app.format.hours(price.recovery_minutes),
        ),
        fact(
            _("Your rate"),
            _("{amount} an hour").format(amount=app.format.round_money(price.rate, currency)),
        ),
        ft.Text(
            _("{rate} × ({worked} + {interrupted}) ÷ {worked}, rounded up: {result}").format(
                rate=app.format.round_money(price.rate, currency),
                worked=app.format.hours(price.paid_minutes),
                interrupted=app.format.hours(price.interrupted_minutes),
                result=app.format.round_money(price.availability_rate, currency),
            ),
            color=ft.Colors.ON_SURFACE_VARIANT,
        ),
        ft.Text(
            _("Now, the interruptions cost you about {amount} a month.").format(
                amount=app.format.round_money(price.monthly, currency)
            )
        ),
        Offer(page.client, price),
    ]


@ft.component
def Offer(client: Client, price: AvailabilitySum) -> ft.Control:
    """The rate to offer: the stored one, else the calculated one; it can be overwritten."""
    app = use_app()
    currency = client.currency or app.settings.currency
    untyped: str | None = None
    typed, set_typed = ft.use_state(untyped)
    text = amount_text(model.rate_to_offer(client, price), currency, app.format) if typed is None else typed
    rate, problem = read_amount(text, currency)
    saved = rate is not None and client.availability_rate == rate
    parts: list[ft.Control] = [
        text_field(
            _("New hourly rate"),
            text,
            set_typed,
            error=problem,
            helper=_("Rounded to a figure one would name. Type another if you like."),
            suffix=app.format.unit(currency),
        )
    ]
    if rate is not None:
        parts.append(
            ft.Text(model.offer_in_words(app, client, rate), theme_style=ft.TextThemeStyle.TITLE_MEDIUM)
        )
    parts.append(
        ft.FilledTonalButton(
            _("This is the rate on call you noted") if saved else _("Use this rate"),
            icon=ft.Icons.CHECK,
            disabled=saved or not rate,
            on_click=lambda _event: model.use_rate(app, client, rate) if rate else None,
        )
    )
    return ft.Column(parts, spacing=10, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


# --- the decision ----------------------------------------------------------------------------------------


@ft.component
def Decide(page: LadderPage) -> ft.Control:
    """The user's stance, then every option with its considerations; none is recommended."""
    app = use_app()
    stance = page.stance

    def choose(value: str) -> None:
        model.set_stance(app, page.client, Stance(value))

    parts: list[ft.Control] = [
        card(
            ft.Column(
                [
                    ft.Text(
                        _("First: are you ready to lose this client?"),
                        theme_style=ft.TextThemeStyle.TITLE_SMALL,
                    ),
                    ft.RadioGroup(
                        ft.Column(
                            [radio_row(each.value, words.stance(each)) for each in Stance],
                            spacing=0,
                            tight=True,
                        ),
                        value=stance,
                        on_change=lambda event: choose(event.control.value),
                    ),
                ],
                spacing=8,
                tight=True,
            )
        )
    ]
    ways = page.ways_out(stance)
    if ways and page.circumstances:
        parts.append(card(ft.Column(_weighed(app, page.circumstances), spacing=8, tight=True)))
        parts += [_option(app, page, way) for way in ways]
        parts.append(ft.Text(_("Kaeru does not decide this for you."), color=ft.Colors.ON_SURFACE_VARIANT))
    return ft.Column(parts, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _weighed(app: AppState, around: Circumstances) -> list[ft.Control]:
    """The figures: share of the year's income, unpaid amounts, work, calls, rate."""
    lines = [
        tally(
            _("Share of your income in a year ({currency})").format(currency=app.format.unit(currency)),
            app.format.percent(share),
        )
        for currency, share in around.income_share.items()
    ]
    lines += [
        fact(_("Delivered, unpaid"), app.format.money(minor, currency), ft.Colors.TERTIARY)
        for currency, minor in around.unpaid.items()
    ]
    lines.append(tally(_("Jobs under way"), str(around.open_jobs)))
    lines.append(
        fact(
            _("Unscheduled calls a week lately"),
            _("{n} (limit {limit})").format(n=app.format.number(around.calls_a_week), limit=around.allowance),
        )
    )
    for currency, rate in around.effective_rate.items():
        with_all = around.usual_rate.get(currency)
        lines.append(tally(_("An hour for them earns"), app.format.money(round(rate), currency)))
        if with_all is not None:
            lines.append(tally(_("An hour for all clients"), app.format.money(round(with_all), currency)))
    return lines


def _option(app: AppState, page: LadderPage, way: WayOut) -> ft.Control:
    client = page.client
    buttons: list[ft.Control] = [
        ft.FilledTonalButton(
            _("I decide: {decision}").format(decision=labels.decision(way.decision)),
            on_click=partial(_decided, app, client.id, way.decision),
        )
    ]
    if way.script:
        buttons.append(
            ft.TextButton(
                _("The words for it…"),
                on_click=lambda _event: app.open("script", key_of(app, way.script, client.language)),
            )
        )
    return card(
        ft.Column(
            [
                ft.Row(
                    [
                        ft.Icon(WAY_ICONS[way.decision], color=ft.Colors.PRIMARY),
                        ft.Text(labels.decision(way.decision), weight=ft.FontWeight.W_600, expand=True),
                    ],
                    spacing=12,
                ),
                *(ft.Text(labels.concern(way.decision, concern)) for concern in way.concerns),
                ft.Row(buttons, wrap=True, spacing=8),
            ],
            spacing=8,
            tight=True,
        )
    )


def _decided(app: AppState, client_id: str, decision: Decision, _event: object) -> None:
    model.decide(app, client_id, decision)
