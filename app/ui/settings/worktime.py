"""Settings → Working time: weekly hours, days off and quiet hours."""

from collections.abc import Callable
from datetime import date, time
from typing import cast

import flet as ft

from app.domain.column_types import DayOff, WeeklyHours
from app.domain.hours import days_of
from app.i18n import _, n_
from app.ui.components.buttons import icon_button
from app.ui.components.fields import choice_chips, error_text, switch_row, text_field
from app.ui.components.holidays import PublicHolidays
from app.ui.components.layout import heading
from app.ui.components.settings_section import Keeper, section, use_keeper, why
from app.ui.components.times import pick_days, pick_time
from app.ui.components.weekly_hours import week_names, weekly_hours
from app.ui.state import AppState, use_app
from app.viewmodels import settings as model

USUAL_QUIET = ["20:00", "08:00"]
SHOWN = 60


@ft.component
def WorkTimeSection() -> ft.View:
    app = use_app()
    keeper = use_keeper(app)
    refused, set_refused = ft.use_state(
        cast("WeeklyHours | None", None)
    )  # rejected hours stay visible, to be corrected
    hours = (
        refused if refused is not None and "working_hours" in keeper.errors else app.settings.working_hours
    )

    def keep_hours(week: WeeklyHours) -> None:
        set_refused(week)
        keeper.keep({"working_hours": week})

    return section(
        app,
        _("Working time"),
        [
            heading(_("Your week")),
            choice_chips(
                week_names(app),
                model.week_preset(hours),
                lambda key: keep_hours(model.WEEKLY_PRESETS[int(key)]),
            ),
            weekly_hours(app, hours, keep_hours, keeper.errors.get("working_hours", "")),
            why(_("Business days, internal deadlines and the times you promise follow it.")),
            heading(_("Days off")),
            DaysOff(keeper),
            heading(_("Public holidays")),
            PublicHolidays(keeper),
            heading(_("Quiet hours")),
            *_quiet_hours(app, keeper),
        ],
        keeper,
    )


@ft.component
def DaysOff(keeper: Keeper) -> ft.Control:
    app = use_app()
    label, set_label = ft.use_state("")
    show_over, set_show_over = ft.use_state(False)
    ahead, over = model.upcoming(app.settings.days_off, app.format.local(app.now).date())

    def add(first: date, last: date) -> None:
        keeper.keep({"days_off": model.with_day_off(app.settings.days_off, first, last, label)})
        set_label("")

    parts: list[ft.Control] = [_day_off_row(app, span) for span in ahead[:SHOWN]]
    if over:
        parts.append(
            ft.TextButton(
                n_("{n} in the past", "{n} in the past", len(over)),
                icon=ft.Icons.EXPAND_LESS if show_over else ft.Icons.HISTORY,
                on_click=lambda _event: set_show_over(not show_over),
            )
        )
        if show_over:
            parts += [_day_off_row(app, span) for span in over[:SHOWN]]
    parts += [
        text_field(_("What for? (optional)"), label, set_label),
        ft.OutlinedButton(
            _("Add days off…"),
            icon=ft.Icons.EVENT_BUSY,
            on_click=lambda _event: pick_days(app, _("First and last day off"), add),
        ),
    ]
    if "days_off" in keeper.errors:
        parts.append(error_text(keeper.errors["days_off"]))
    return ft.Column(parts, spacing=8, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _day_off_row(app: AppState, span: DayOff) -> ft.Control:
    dates = model.day_off_dates(span, app.format)
    length = n_("{n} day", "{n} days", len(days_of(span)))
    return ft.ListTile(
        leading=ft.Icons.BEACH_ACCESS_OUTLINED,
        title=dates,
        subtitle=f"{span['label']} · {length}" if span["label"] else length,
        trailing=icon_button(
            ft.Icons.DELETE_OUTLINE,
            _("Remove {dates}").format(dates=dates),
            lambda: model.remove_day_off(app, span),
        ),
        content_padding=ft.Padding(left=8, right=0),
    )


def _quiet_hours(app: AppState, keeper: Keeper) -> list[ft.Control]:
    quiet = app.settings.quiet_hours
    span = model.quiet_span(quiet)
    parts: list[ft.Control] = [
        switch_row(
            _("Keep some hours quiet"),
            span is not None,
            lambda on: keeper.keep({"quiet_hours": USUAL_QUIET if on else []}),
        )
    ]
    if span:
        first, last = span
        parts.append(
            ft.Row(
                [
                    _clock_button(
                        app,
                        _("From {time}").format(time=app.format.time(first)),
                        first,
                        lambda chosen: keeper.keep({"quiet_hours": [_clock(chosen), _clock(last)]}),
                    ),
                    _clock_button(
                        app,
                        _("Until {time}").format(time=app.format.time(last)),
                        last,
                        lambda chosen: keeper.keep({"quiet_hours": [_clock(first), _clock(chosen)]}),
                    ),
                ],
                wrap=True,
            )
        )
    if "quiet_hours" in keeper.errors:
        parts.append(error_text(keeper.errors["quiet_hours"]))
    parts.append(
        why(
            _(
                "Outside your working hours nothing rings, but for the end of a snooze. "
                "In quiet hours nothing rings at all."
            )
        )
    )
    return parts


def _clock_button(app: AppState, label: str, value: time, on_choose: Callable[[time], None]) -> ft.Control:
    return ft.OutlinedButton(
        label,
        icon=ft.Icons.SCHEDULE,
        on_click=lambda _event: pick_time(app, value, on_choose, title=label),
    )


def _clock(value: time) -> str:
    return value.strftime("%H:%M")
