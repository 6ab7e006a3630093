"""The second half of the client form: calls, money, and the user's stance on this client."""

from datetime import time

import flet as ft

from app.domain.calls import next_standing_call
from app.domain.codes import ClientStatus, Stance
from app.domain.hours import parse_clock, zone_of
from app.i18n import _, n_
from app.ui.client.sections import NUMBER, ClientForm
from app.ui.components.fields import choice_chips, labelled, radio_row, text_field, toggle_chips
from app.ui.components.layout import heading
from app.ui.components.money import currency_field
from app.ui.components.times import pick_time
from app.viewmodels.standing import call_in_words
from app.wording import words


def phone_calls(form: ClientForm) -> list[ft.Control]:
    app, draft, change = form.app, form.draft, form.change
    parts: list[ft.Control] = [
        heading(_("Calls")),
        form.text(
            _("Unscheduled calls"),
            "call_allowance",
            keyboard=NUMBER,
            helper=_(
                "As many a week are fine, answered or not. Empty: as in Settings ({n}). "
                "One or two keep you flexible."
            ).format(n=app.settings.call_allowance),
        ),
    ]
    if draft.other_rule:
        parts += [
            ft.Text(_("A standing call with a rhythm of its own: {rule}").format(rule=draft.other_rule)),
            ft.TextButton(
                _("Choose weekdays instead"),
                icon=ft.Icons.EDIT,
                on_click=lambda _event: change(other_rule=""),
            ),
        ]
        return parts
    days = {str(day): app.format.begun(app.format.weekday(day, "abbreviated")) for day in range(7)}
    chosen = [str(day) for day in draft.call_days]

    def toggle(key: str) -> None:
        kept = set(draft.call_days) ^ {int(key)}
        change(call_days=tuple(sorted(kept)))

    parts.append(labelled(_("Standing call on"), toggle_chips(days, chosen, toggle)))
    if draft.call_days:
        every = sorted({1, 2, draft.call_weeks})
        options = {str(n): n_("Every week", "Every {n} weeks", n) for n in every}
        parts.append(choice_chips(options, str(draft.call_weeks), lambda key: change(call_weeks=int(key))))
        parts += _standing_call(form)
    else:
        parts.append(
            ft.Text(
                _("A weekly call agreed in advance takes the place of calls at any hour."),
                color=ft.Colors.ON_SURFACE_VARIANT,
            )
        )
    return parts


def _standing_call(form: ClientForm) -> list[ft.Control]:
    app, draft, change = form.app, form.draft, form.change
    clock = parse_clock(draft.call_time)
    zone = zone_of(draft.time_zone, app.calendar.zone)
    at = next_standing_call(form.client, app.now, app.calendar)
    next_call = _("Next: {when}") if zone == app.format.zone else _("Next: {when} your time")

    def choose(chosen: time) -> None:
        change(call_time=f"{chosen:%H:%M}")

    label = _("At {time}") if zone == app.format.zone else _("At {time} their time")
    return [
        ft.Row(
            [
                ft.OutlinedButton(
                    label.format(time=app.format.time(clock)),
                    icon=ft.Icons.SCHEDULE,
                    style=ft.ButtonStyle(padding=14),
                    expand=True,
                    on_click=lambda _event: pick_time(app, clock, choose),
                )
            ]
        ),
        text_field(
            _("Minutes"),
            draft.call_minutes,
            lambda text: change(call_minutes=text),
            error=form.errors.get("standing_call_minutes", ""),
            keyboard=NUMBER,
        ),
        *(
            [
                ft.Text(
                    next_call.format(when=call_in_words(app, form.client, at)),
                    color=ft.Colors.ON_SURFACE_VARIANT,
                )
            ]
            if at
            else []
        ),
    ]


def money(form: ClientForm) -> list[ft.Control]:
    draft, change = form.draft, form.change
    default = _("As in Settings ({currency})").format(
        currency=form.app.format.unit(form.app.settings.currency)
    )
    unit = form.app.format.unit(draft.currency or form.app.settings.currency)
    decimal = ft.KeyboardType.TEXT  # not every language's number pad has a decimal comma
    return [
        heading(_("Money")),
        currency_field(form.app.format, draft.currency, lambda code: change(currency=code), default),
        form.text(_("Your rate an hour"), "rate", keyboard=decimal, suffix=unit),
        form.text(
            _("On-call rate"),
            "availability_rate",
            keyboard=decimal,
            suffix=unit,
            helper=_("An hour, when they want you available at any time."),
        ),
        form.text(
            _("Unpaid limit"),
            "unpaid_limit",
            keyboard=decimal,
            suffix=unit,
            helper=_unpaid_helper(form),
        ),
        form.text(
            _("Days to pay"),
            "payment_days",
            keyboard=NUMBER,
            helper=_("From the invoice or the delivery. Empty: as in Settings ({n}).").format(
                n=form.app.settings.payment_days
            ),
        ),
    ]


def _unpaid_helper(form: ClientForm) -> str:
    settings = form.app.settings
    if settings.unpaid_limit is None or (form.draft.currency or settings.currency) != settings.currency:
        return _("How much delivered work may be unpaid before you deliver more. Empty: no limit.")
    return _(
        "How much delivered work may be unpaid before you deliver more. Empty: as in Settings ({amount})."
    ).format(amount=form.app.format.money(settings.unpaid_limit, settings.currency))


def standing(form: ClientForm) -> list[ft.Control]:
    draft, change = form.draft, form.change
    lines = {
        Stance.MUST_KEEP: _("Keep the peace: adapt, and give up a little comfort before the client."),
        Stance.COULD_LOSE: _("Hold your line politely, knowing they may look for somebody always on call."),
        Stance.READY_TO_LEAVE: _("Change the terms or end it: you would rather lose them than go on so."),
    }
    return [
        heading(_("Where you stand")),
        ft.Text(
            _("Before you push back, know how far you are prepared to go with this client."),
            color=ft.Colors.ON_SURFACE_VARIANT,
        ),
        ft.RadioGroup(
            ft.Column(
                [radio_row(value.value, words.stance(value), line) for value, line in lines.items()],
                spacing=0,
                tight=True,
            ),
            value=draft.stance or None,
            on_change=lambda event: change(stance=event.control.value),
        ),
        labelled(
            _("Working together"),
            choice_chips(
                {value.value: words.client_status(value) for value in ClientStatus},
                draft.status,
                lambda key: change(status=key),
            ),
        ),
        heading(_("Notes")),
        form.text(_("Notes for yourself"), "notes", multiline=True),
    ]
