"""The editor of weekly working hours: each weekday on or off, with any number of from–to spans."""

from collections.abc import Callable, Sequence
from datetime import time
from itertools import groupby

import flet as ft

from app.domain.column_types import WeeklyHours
from app.domain.hours import parse_clock, parse_weekly
from app.i18n import Formatter, _, speaking
from app.ui.components.buttons import menu_button, menu_item
from app.ui.components.fields import error_text
from app.ui.components.times import pick_time
from app.ui.state import AppState
from app.viewmodels import settings

WEEKDAYS = range(5)
WEEK = range(7)
USUAL = ["09:00", "18:00"]
# By default a switch is only 40 px high where a mouse is expected.
ROOMY = ft.Padding.symmetric(horizontal=4, vertical=4)

HoursChange = Callable[[WeeklyHours], None]


def weekly_hours(app: AppState, value: WeeklyHours, on_change: HoursChange, error: str = "") -> ft.Control:
    """One row per weekday, Monday first; `on_change` gets the whole new week."""
    parts: list[ft.Control] = [_day(app, value, day, on_change) for day in WEEK]
    if error:
        parts.append(error_text(error))
    return ft.Column(parts, spacing=0, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def week_in_words(value: WeeklyHours, formatter: Formatter) -> str:
    """A week in short, one line per group of equal days: "Mon–Fri 09:00–18:00". Empty for no hours."""
    week = parse_weekly(value)
    with speaking(formatter.language):
        between = _("{first}–{last}")
    lines = []
    for spans, grouped in groupby(WEEK, lambda day: week.get(day, ())):
        days = list(grouped)
        if spans:
            names = [formatter.weekday(day, "abbreviated") for day in dict.fromkeys((days[0], days[-1]))]
            hours = formatter.listed(formatter.hours_between(start, end) for start, end in spans)
            named = names[0] if len(names) == 1 else between.format(first=names[0], last=names[1])
            lines.append(_("{days} {hours}").format(days=named, hours=hours))
    return "\n".join(lines)


def _day(app: AppState, value: WeeklyHours, day: int, on_change: HoursChange) -> ft.Control:
    name = app.format.weekday(day)
    spans = value.get(str(day), [])

    def put(new: list[list[str]]) -> None:
        on_change(with_day(value, day, new))

    row: list[ft.Control] = [
        ft.Switch(
            label=app.format.begun(name),
            value=bool(spans),
            padding=ROOMY,
            on_change=lambda event: put([_likely(value)] if event.control.value else []),
        )
    ]
    if spans:
        edited = [_span(app, name, spans, index, put) for index in range(len(spans))]
        hours = [ft.Column(edited, spacing=0, tight=True), _menu(name, value, day, on_change)]
        row.append(ft.Row(hours, spacing=0, tight=True, vertical_alignment=ft.CrossAxisAlignment.START))
    # Hours wrap below the day if there is no room for both: on a narrow phone, at large text.
    return ft.Row(row, spacing=0, run_spacing=0, wrap=True, alignment=ft.MainAxisAlignment.SPACE_BETWEEN)


def _span(
    app: AppState, name: str, spans: list[list[str]], index: int, put: Callable[[list[list[str]]], None]
) -> ft.Control:
    first, last = spans[index]

    def replaced(span: list[str]) -> None:
        put([*spans[:index], span, *spans[index + 1 :]])

    return ft.Row(
        [
            _clock_button(
                app,
                _("{day} from {time}").format(day=name, time=_clock(app, first)),
                first,
                lambda chosen: replaced([chosen, last]),
            ),
            ft.Text(_("–"), semantics_label=""),
            _clock_button(
                app,
                _("{day} until {time}").format(day=name, time=_clock(app, last)),
                last,
                lambda chosen: replaced([first, chosen]),
            ),
        ],
        spacing=0,
        tight=True,
    )


def _clock_button(app: AppState, label: str, value: str, on_choose: Callable[[str], None]) -> ft.Control:
    shown = _read(value)
    return ft.TextButton(
        ft.Text(app.format.time(shown), semantics_label=label),
        style=ft.ButtonStyle(padding=ft.Padding(left=8, right=8, top=12, bottom=12)),
        on_click=lambda _event: pick_time(
            app, shown, lambda chosen: on_choose(chosen.strftime("%H:%M")), title=label
        ),
    )


def _menu(name: str, value: WeeklyHours, day: int, on_change: HoursChange) -> ft.Control:
    spans = value[str(day)]

    def copy_to(days: Sequence[int]) -> None:
        on_change({**value, **{str(other): [list(span) for span in spans] for other in days}})

    entries = [
        menu_item(
            ft.Icons.ADD,
            _("Add hours after a break"),
            lambda: on_change(with_day(value, day, [*spans, after_break(spans)])),
        ),
        menu_item(ft.Icons.CONTENT_COPY, _("Copy to Monday–Friday"), lambda: copy_to(WEEKDAYS)),
        menu_item(ft.Icons.CONTENT_COPY, _("Copy to every day"), lambda: copy_to(WEEK)),
    ]
    if len(spans) > 1:
        entries.insert(
            1,
            menu_item(
                ft.Icons.REMOVE,
                _("Remove the last hours"),
                lambda: on_change(with_day(value, day, spans[:-1])),
            ),
        )
    return menu_button(_("More for {name}").format(name=name), entries)


def with_day(value: WeeklyHours, day: int, spans: list[list[str]]) -> WeeklyHours:
    """The week with one day changed; a day without hours has no key."""
    changed = {**value, str(day): spans}
    return {key: kept for key, kept in sorted(changed.items()) if kept}


def _likely(value: WeeklyHours) -> list[str]:
    """Default hours for a day that is switched on: those of another day of this week."""
    return list(next((spans[0] for spans in value.values() if spans), USUAL))


def after_break(spans: list[list[str]]) -> list[str]:
    """A span that starts an hour after the last one, within the same day."""
    last = _read(spans[-1][1])
    start = min(last.hour + 1, 22)
    return [f"{start:02}:{last.minute:02}", f"{start + 1:02}:{last.minute:02}"]


def _clock(app: AppState, value: str) -> str:
    return app.format.time(_read(value))


def _read(value: str) -> time:
    try:
        return parse_clock(value)
    except ValueError:
        return time(9)


def week_names(app: AppState) -> dict[str, str]:
    """Names of the preset weeks, by their index."""
    return {str(index): week_in_words(week, app.format) for index, week in enumerate(settings.WEEKLY_PRESETS)}
