"""Settings → Replies and deadlines: targets and limits, each with the reason for its default."""

from datetime import timedelta

import flet as ft

from app.domain.codes import ReplyBasis
from app.i18n import Formatter, _, n_
from app.ui.components.fields import choice_chips, labelled, segments
from app.ui.components.layout import heading
from app.ui.components.limit_field import UnpaidLimitField
from app.ui.components.settings_section import Keeper, NumberField, section, use_keeper, why
from app.ui.state import AppState, use_app
from app.viewmodels import settings as model

OTHER = "other"
WEEK_STARTS = (0, 5, 6)  # Monday, Saturday, Sunday: the first weekdays in use worldwide


@ft.component
def RepliesSection() -> ft.View:
    app = use_app()
    keeper = use_keeper(app)
    other, set_other = ft.use_state(False)
    settings = app.settings

    def choose_target(key: str) -> None:
        set_other(key == OTHER)
        if key != OTHER:
            keeper.keep({"reply_minutes": int(key)})

    controls = [
        heading(_("Replies")),
        labelled(
            _("Answer within"),
            choice_chips(_targets(app), OTHER if other else str(settings.reply_minutes), choose_target),
            keeper.errors.get("reply_minutes", ""),
        ),
    ]
    if other:
        controls.append(
            NumberField(
                _("Your own target, in hours"),
                settings.reply_minutes // 60,
                1,
                60 * 24,
                lambda hours: keeper.keep({"reply_minutes": hours * 60}),
            )
        )
    controls += [
        _basis(settings.reply_basis, keeper),
        why(
            _(
                "Within a day is good manners. Sooner is what clients trust and come back for. "
                "Each client can have a target of their own."
            )
        ),
        NumberField(
            _("Working days to wait"),
            settings.follow_up_days,
            1,
            30,
            lambda days: keeper.keep({"follow_up_days": days}),
            _("Clients fall silent too. Kaeru asks you to follow up before the work is in vain."),
        ),
        heading(_("Deadlines")),
        NumberField(
            _("Room kept, in percent"),
            settings.buffer_percent,
            0,
            90,
            lambda percent: keeper.keep({"buffer_percent": percent}),
            _("A part of the time you have, kept back: your own deadline comes before the client's."),
        ),
        NumberField(
            _("At least, in working days"),
            settings.buffer_days,
            0,
            30,
            lambda days: keeper.keep({"buffer_days": days}),
            _("Enough to raise a problem while it can still be solved."),
        ),
        heading(_("Calls")),
        NumberField(
            _("Calls a week, unscheduled"),
            settings.call_allowance,
            0,
            100,
            lambda calls: keeper.keep({"call_allowance": calls}),
            _("From each client, answered or not. One or two make you worth more. Two a day chain you down."),
        ),
        labelled(
            _("A week of calls begins on"),
            choice_chips(
                {
                    str(day): app.format.begun(app.format.weekday(day))
                    for day in sorted({*WEEK_STARTS, settings.first_weekday})
                },
                str(settings.first_weekday),
                lambda day: keeper.keep({"first_weekday": int(day)}),
            ),
        ),
        heading(_("Payments")),
        NumberField(
            _("Days clients have to pay"),
            settings.payment_days,
            0,
            365,
            lambda days: keeper.keep({"payment_days": days}),
            _("From the invoice, or else the delivery. Kaeru offers a polite reminder a few days later."),
        ),
        UnpaidLimitField(settings, app.format, lambda limit: keeper.keep({"unpaid_limit": limit})),
        why(_("For each client without a limit of their own. Past it, Kaeru asks before you deliver more.")),
    ]
    return section(app, _("Replies and deadlines"), controls, keeper)


def _targets(app: AppState) -> dict[str, str]:
    """The usual targets and the current one, shortest first."""
    settings = app.settings
    minutes = sorted({*model.REPLY_PRESETS, settings.reply_minutes})
    names = {str(target): target_name(target, settings.reply_basis, app.format) for target in minutes}
    return {**names, OTHER: _("Other…")}


def target_name(minutes: int, basis: str, formatter: Formatter) -> str:
    """A target in short: "4 hours", "2 working days"."""
    days, rest = divmod(minutes, model.MINUTES_A_DAY)
    if basis == ReplyBasis.BUSINESS and not rest:
        return n_("{n} working day", "{n} working days", days)
    return formatter.duration(timedelta(minutes=minutes))


def _basis(value: str, keeper: Keeper) -> ft.Control:
    return segments(
        {ReplyBasis.CLOCK: _("On the clock"), ReplyBasis.BUSINESS: _("In working time")},
        value,
        lambda basis: keeper.keep({"reply_basis": basis}),
    )
