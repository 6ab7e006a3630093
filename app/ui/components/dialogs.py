"""Questions the app asks over a screen: sure?, which time?, a date from the calendar."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

import flet as ft

from app.domain.hours import zone_of
from app.ui.i18n import _
from app.ui.phrases import keep_phrases
from app.ui.state import AppState
from app.ui.theme import DESTRUCTIVE


def confirm(
    app: AppState,
    title: str,
    text: str,
    action: str,
    on_confirm: Callable[[], None],
    *,
    cancel: str = "",
    destructive: bool = False,
) -> None:
    """Ask before something that cannot be taken back; Enter then keeps what `destructive` would take away."""
    agreed = False

    def confirmed(_event: ft.Event[ft.Button]) -> None:
        nonlocal agreed
        agreed = True
        app.page.pop_dialog()

    def dismissed(_event: ft.Event[ft.DialogControl]) -> None:
        # Only now: a dialog still closing while the screens below it change stays on screen for good.
        if agreed:
            on_confirm()

    app.page.show_dialog(
        ft.AlertDialog(
            title=ft.Text(keep_phrases(title), semantics_label=title),
            content=ft.Text(text),
            scrollable=True,
            actions=[
                ft.TextButton(
                    cancel or _("Cancel"),
                    autofocus=destructive,
                    on_click=lambda _event: app.page.pop_dialog(),
                ),
                ft.FilledButton(
                    action,
                    style=DESTRUCTIVE if destructive else None,
                    autofocus=not destructive,
                    on_click=confirmed,
                ),
            ],
            on_dismiss=dismissed,
        )
    )


def ask_text(
    app: AppState, title: str, label: str, value: str, action: str, on_answer: Callable[[str], None]
) -> None:
    """Ask for a short text. It is a name, so an empty answer is none."""
    answer, agreed = value, False

    def changed(event: ft.Event[ft.TextField]) -> None:
        nonlocal answer
        answer = event.control.value

    def confirmed() -> None:
        nonlocal agreed
        agreed = True
        app.page.pop_dialog()

    def dismissed(_event: ft.Event[ft.DialogControl]) -> None:
        if agreed and answer.strip():
            on_answer(answer.strip())

    field = ft.TextField(
        label=label,
        value=value,
        autofocus=True,
        max_length=100,
        on_change=changed,
        on_submit=lambda _event: confirmed(),
    )
    app.page.show_dialog(
        ft.AlertDialog(
            title=ft.Text(title),
            content=ft.Semantics(content=field, container=True),
            scrollable=True,
            actions=[
                ft.TextButton(_("Cancel"), on_click=lambda _event: app.page.pop_dialog()),
                ft.FilledButton(action, on_click=lambda _event: confirmed()),
            ],
            on_dismiss=dismissed,
        )
    )


def sheet(app: AppState, title: str, controls: Sequence[ft.Control]) -> None:
    """A list of choices at the thumb."""
    app.page.show_dialog(_bottom_sheet(app.page, title, controls))


ROW = 60  # pixels that a choice takes, about


def _bottom_sheet(page: ft.Page, title: str, controls: Sequence[ft.Control]) -> ft.BottomSheet:
    """As tall as its choices; what would not fit scrolls, and a scrolling sheet takes all it may."""
    name = ft.Text(keep_phrases(title), semantics_label=title, theme_style=ft.TextThemeStyle.TITLE_MEDIUM)
    height = page.height or 0
    wanted = (len(controls) + 2) * ROW
    fits = wanted <= 0.7 * height
    return ft.BottomSheet(
        ft.Semantics(
            content=ft.Container(
                ft.Column(
                    [ft.Semantics(content=name, header=True, heading_level=2, container=True), *controls],
                    tight=True,
                    spacing=4,
                    scroll=None if fits else ft.ScrollMode.AUTO,
                ),
                padding=ft.Padding(left=24, right=24, top=0, bottom=24),
            ),
            identifier="dialog",
            container=True,
        ),
        show_drag_handle=True,
        draggable=True,
        scrollable=True,
        size_constraints=None if fits else ft.BoxConstraints(max_height=min(0.9 * height, wanted)),
    )


def choose(title: str, options: Mapping[str, str], selected: str, on_select: Callable[[str], None]) -> None:
    """One of many, from a sheet that tells which one is chosen now."""
    page = ft.context.page

    def chosen(key: str) -> None:
        page.pop_dialog()
        on_select(key)

    rows = [
        ft.ListTile(
            title=label,
            selected=key == selected,
            trailing=ft.Icons.CHECK if key == selected else None,
            on_click=lambda _event, key=key: chosen(key),
            content_padding=ft.Padding(left=0, right=0),
        )
        for key, label in options.items()
    ]
    page.show_dialog(_bottom_sheet(page, title, rows))


def option(
    app: AppState, icon: ft.IconData, label: str, on_choose: Callable[[], None], note: str = ""
) -> ft.Control:
    """One choice of a sheet; choosing closes it."""

    def chosen(_event: ft.Event[ft.ListTile]) -> None:
        app.page.pop_dialog()
        on_choose()

    return ft.ListTile(
        leading=icon,
        title=label,
        subtitle=note or None,
        on_click=chosen,
        content_padding=ft.Padding(left=0, right=0),
    )


def choose_time(
    app: AppState, title: str, suggestions: Sequence[datetime], on_choose: Callable[[datetime], None]
) -> None:
    """One of a few likely times in one tap, or any other from the calendar."""
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
                lambda: pick_moment(app, suggestions[0] if suggestions else app.now, on_choose),
            ),
        ],
    )


def pick_moment(app: AppState, initial: datetime, on_choose: Callable[[datetime], None]) -> None:
    """A date, then a time, in the user's zone."""
    local = app.format.local(initial)
    pick_day(
        app,
        local.date(),
        lambda day: pick_time(
            app,
            local.time(),
            lambda chosen: on_choose(datetime.combine(day, chosen, tzinfo=app.format.zone)),
        ),
        confirm=_("Next"),
    )


def pick_day(app: AppState, initial: date, on_choose: Callable[[date], None], confirm: str = "") -> None:
    def chosen(event: ft.Event[ft.DatePicker]) -> None:
        if event.control.value is not None:
            on_choose(_day(app, event.control.value))

    app.page.show_dialog(
        ft.DatePicker(
            value=initial,
            first_date=date(initial.year - 10, 1, 1),
            last_date=date(initial.year + 10, 12, 31),
            cancel_text=_("Cancel"),
            confirm_text=confirm or _("OK"),
            help_text=_("Choose a date"),
            on_change=chosen,
        )
    )


def pick_days(app: AppState, title: str, on_choose: Callable[[date, date], None]) -> None:
    """A first and a last day, from a year ago to three years ahead."""
    today = app.format.local(app.now).date()

    def chosen(event: ft.Event[ft.DateRangePicker]) -> None:
        picker = event.control
        if picker.start_value is not None and picker.end_value is not None:
            on_choose(_day(app, picker.start_value), _day(app, picker.end_value))

    app.page.show_dialog(
        ft.DateRangePicker(
            first_date=today - timedelta(days=366),
            last_date=today + timedelta(days=3 * 366),
            current_date=today,
            help_text=title,
            cancel_text=_("Cancel"),
            confirm_text=_("OK"),
            save_text=_("Save"),
            on_change=chosen,
        )
    )


def _day(app: AppState, picked: date | datetime) -> date:
    """The day a picker stands on: it tells the midnight that begins it, on the device's own clock."""
    if isinstance(picked, datetime):
        return (picked.astimezone(zone_of(app.platform.time_zone)) if picked.tzinfo else picked).date()
    return picked


def pick_time(app: AppState, initial: time, on_choose: Callable[[time], None]) -> None:
    def chosen(event: ft.Event[ft.TimePicker]) -> None:
        if event.control.value is not None:
            on_choose(event.control.value)

    app.page.show_dialog(
        ft.TimePicker(
            value=time(initial.hour, initial.minute),
            cancel_text=_("Cancel"),
            confirm_text=_("OK"),
            help_text=_("Choose a time"),
            on_change=chosen,
        )
    )
