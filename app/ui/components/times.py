"""Dialogs for dates and times, typed in any common form; calendar and clock pickers are offered as a help.

The input mode of Flet's own pickers is not used: its time field rejects hours from 13, and its date field
accepts one form only.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial

import flet as ft

from app.domain.hours import zone_of
from app.i18n import _
from app.importexport.typed_vague import Edge
from app.ui.components.dialogs import option, sheet
from app.ui.components.typed import ReadTime, TimeQuestion, answer, understood, usual_time
from app.ui.state import AppState


def choose_time(
    app: AppState,
    title: str,
    suggestions: Sequence[datetime],
    on_choose: Callable[[datetime], object],
    *,
    usual: Edge | None = None,
) -> None:
    """Choose one of a few likely times, or type any other. `usual` as in `pick_moment`."""
    sheet(
        app,
        title,
        [
            *(
                option(app, ft.Icons.SCHEDULE, app.format.when(at, app.now), partial(on_choose, at))
                for at in suggestions
            ),
            option(
                app,
                ft.Icons.EDIT_CALENDAR,
                _("Another time…"),
                lambda: pick_moment(
                    app, suggestions[0] if suggestions else app.now, on_choose, title=title, usual=usual
                ),
            ),
        ],
    )


def pick_moment(
    app: AppState,
    initial: datetime,
    on_choose: Callable[[datetime], object],
    *,
    title: str = "",
    past: bool | None = False,
    kept: bool = False,
    usual: Edge | None = None,
) -> None:
    """Ask for a date and time, in the user's zone.

    `past`: the event has already happened; None: it may be past or future. A date typed without a time keeps
    the time of `initial` if that was set before (`kept`). Otherwise it takes the end of that working day for
    future events and its start for others, unless `usual` says otherwise.
    """
    question = TimeQuestion("moment", initial, app.now, app.format, past, app.calendar, kept, usual)
    _TimeDialog(app, question, title or _("Date and time"), on_choose).show()


def pick_day(
    app: AppState, initial: date, on_choose: Callable[[date], None], *, title: str = "", past: bool = False
) -> None:
    question = TimeQuestion(
        "day", datetime.combine(initial, time(12), app.format.zone), app.now, app.format, past, app.calendar
    )
    _TimeDialog(app, question, title or _("Date"), lambda at: on_choose(app.format.local(at).date())).show()


def pick_time(app: AppState, initial: time, on_choose: Callable[[time], None], *, title: str = "") -> None:
    """Ask for a time of day without a zone."""
    at = datetime.combine(app.format.local(app.now).date(), initial, app.format.zone)
    question = TimeQuestion("clock", at, app.now, app.format, calendar=app.calendar)
    _TimeDialog(
        app,
        question,
        title or _("Time"),
        lambda chosen: on_choose(app.format.local(chosen).time().replace(tzinfo=None)),
    ).show()


def pick_days(app: AppState, title: str, on_choose: Callable[[date, date], None]) -> None:
    """Ask for the first and the last day of a period, in two dialogs."""

    def first_chosen(first: date) -> None:
        def last_chosen(last: date) -> None:
            on_choose(first, last)

        pick_day(app, first, last_chosen, title=_("{title}: last day").format(title=title))

    today = app.format.local(app.now).date()
    pick_day(app, today, first_chosen, title=_("{title}: first day").format(title=title))


class _TimeDialog:
    """The dialog: a text field, the interpreted value, and buttons for the calendar and clock."""

    def __init__(
        self, app: AppState, question: TimeQuestion, title: str, on_choose: Callable[[datetime], object]
    ) -> None:
        self._app, self._question, self._title = app, question, title
        self._on_choose = on_choose
        self._answer = answer(question, question.text)
        self._next: Callable[[], object] | None = None  # called once the dialog has closed
        text = question.text
        self._field = ft.TextField(
            label={"moment": _("Date and time"), "day": _("Date"), "clock": _("Time")}[question.kind],
            value=text,
            autofocus=True,
            selection=ft.TextSelection(0, len(text)),
            max_length=100,
            counter="",
            helper=question.forms,
            helper_max_lines=4,
            error_max_lines=5,
            border=ft.OutlineInputBorder(border_radius=12),
            on_change=lambda event: self._typed(event.control.value),
            on_submit=lambda _event: self._confirm(),
        )
        self._result_text = ft.Text(theme_style=ft.TextThemeStyle.TITLE_SMALL)
        self._result_region = ft.Semantics(content=self._result_text, live_region=True)
        self._warning = ft.Text(color=ft.Colors.TERTIARY)
        self._choices = ft.Row(wrap=True, spacing=8, run_spacing=4)
        self._below = ft.Column(
            [self._result_region, self._warning, self._choices],
            spacing=4,
            tight=True,
        )
        self._fill()

    def show(self) -> None:
        helps: list[ft.Control] = []
        if self._question.kind != "clock":
            helps.append(self._picker_button(_("Calendar"), ft.Icons.CALENDAR_MONTH, self._calendar))
        if self._question.kind != "day":
            helps.append(self._picker_button(_("Clock"), ft.Icons.SCHEDULE, self._clock))
        self._app.page.show_dialog(
            ft.AlertDialog(
                title=ft.Text(self._title),
                content=ft.Container(
                    ft.Column(
                        [
                            # Room for the label, which rises onto the field's edge.
                            ft.Container(
                                ft.Semantics(content=self._field, container=True), padding=ft.Padding(top=6)
                            ),
                            self._below,
                            ft.Row(helps, wrap=True, spacing=4, run_spacing=0),
                        ],
                        spacing=8,
                        tight=True,
                        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
                    ),
                    width=420,
                ),
                scrollable=True,
                actions=[
                    ft.TextButton(_("Cancel"), on_click=lambda _event: self._app.page.pop_dialog()),
                    ft.FilledButton(_("OK"), on_click=lambda _event: self._confirm()),
                ],
                on_dismiss=lambda _event: self._dismissed(),
            )
        )

    def _typed(self, text: str) -> None:
        """Show the interpretation at once; an error is shown only on confirmation."""
        self._answer = answer(self._question, text)
        self._field.error = None
        self._fill()
        self._field.update()
        self._below.update()

    def _fill(self) -> None:
        found = self._answer
        self._result_text.value = _("Understood: {time}").format(time=found.said) if found.at else ""
        self._result_region.visible = found.at is not None
        self._warning.value, self._warning.visible = found.warning, bool(found.warning)
        self._choices.controls = [
            ft.OutlinedButton(
                self._app.format.date(day, "long"), on_click=lambda _event, day=day: self._take_day(day)
            )
            for day in found.choices
        ]
        self._choices.visible = bool(found.choices)

    def _take_day(self, day: date) -> None:
        """Take one of the possible days of an ambiguous date, with the typed time."""
        clock = self._answer.clock
        question = self._question
        self._take(understood(question, day, clock) if clock else usual_time(question, day))

    def _take(self, found: ReadTime) -> None:
        """Put a tapped answer into the field, as if it had been typed."""
        if found.at is None:
            return
        chosen = replace(self._question, at=found.at)
        self._field.value, self._field.error = chosen.text, None
        self._answer = found
        self._fill()
        self._field.update()
        self._below.update()

    def _confirm(self) -> None:
        if self._next is not None:
            return  # already confirmed: the dialog is closing
        at = self._answer.at
        if at is None:
            self._field.error = self._answer.error
            self._field.update()
            return
        self._next = lambda: self._on_choose(at)
        self._app.page.pop_dialog()

    def _dismissed(self) -> None:
        # Only after the dialog has closed: if the screens change while it closes, it is never removed.
        if self._next is not None:
            self._next()

    # --- calendar and clock pickers -----------------------------------------------------------------------

    def _picker_button(self, label: str, icon: ft.IconData, picker: Callable[[], None]) -> ft.Control:
        return ft.TextButton(label, icon=icon, on_click=lambda _event: self._open(picker))

    def _open(self, picker: Callable[[], None]) -> None:
        self._next = picker
        self._app.page.pop_dialog()

    def _shown(self) -> datetime:
        return self._app.format.local(self._answer.at or self._question.at)

    def _reopen(self, at: datetime) -> None:
        """Reopen the dialog with the picked value."""
        question = replace(self._question, at=at, kept=True)
        _TimeDialog(self._app, question, self._title, self._on_choose).show()

    def _calendar(self) -> None:
        shown = self._shown()

        def chosen(event: ft.Event[ft.DatePicker]) -> None:
            if event.control.value is not None:
                self._reopen(
                    datetime.combine(_day(self._app, event.control.value), shown.time(), shown.tzinfo)
                )

        self._app.page.show_dialog(
            ft.DatePicker(
                value=shown.date(),
                first_date=shown.date() - timedelta(days=3660),
                last_date=shown.date() + timedelta(days=3660),
                entry_mode=ft.DatePickerEntryMode.CALENDAR_ONLY,
                cancel_text=_("Cancel"),
                confirm_text=_("OK"),
                help_text=_("Choose a date"),
                on_change=chosen,
            )
        )

    def _clock(self) -> None:
        shown = self._shown()

        def chosen(event: ft.Event[ft.TimePicker]) -> None:
            if event.control.value is not None:
                self._reopen(datetime.combine(shown.date(), event.control.value, shown.tzinfo))

        self._app.page.show_dialog(
            ft.TimePicker(
                value=time(shown.hour, shown.minute),
                entry_mode=ft.TimePickerEntryMode.DIAL_ONLY,
                cancel_text=_("Cancel"),
                confirm_text=_("OK"),
                help_text=_("Choose a time"),
                on_change=chosen,
            )
        )


def _day(app: AppState, picked: date | datetime) -> date:
    """The day that a picker returned: a datetime is that day's midnight, in the device's zone."""
    if isinstance(picked, datetime):
        return (picked.astimezone(zone_of(app.platform.time_zone)) if picked.tzinfo else picked).date()
    return picked
