"""Import of a file: choose it, review the parsed entries and errors, select, add; can be undone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import flet as ft

from app.i18n import _, n_
from app.store.transactions import StorageError
from app.ui.components.client_choice import ClientChoice
from app.ui.components.fields import check_row, choice_chips, error_text
from app.ui.components.layout import card, empty_state, heading, screen
from app.ui.components.progress import WorkProgress
from app.ui.components.screen_work import use_work
from app.ui.state import AppState, use_app
from app.viewmodels import file_import as model
from app.viewmodels.file_import import Doubt, Found, Preview, Source
from app.viewmodels.services import LongTask, storage_message

PAGE = 40
ENDINGS = {Source.JOBS: ["csv", "tsv", "txt"], Source.DEADLINES: ["ics"]}
NOTHING = Preview([], [], None)


@dataclass(frozen=True, eq=False)
class _File:
    """A chosen file, compared by identity, so that choosing the same content again counts as a new file."""

    data: bytes


@dataclass(frozen=True)
class _Reading:
    """The state of a chosen file: being parsed, or its result."""

    has_file: bool
    work: LongTask | None  # set while there is no result to show
    found: Preview
    choose: Callable[[bytes], None]


def _use_reading(app: AppState, source: Source, day_first: bool | None) -> _Reading:
    """Hook: parses the file again when the answer about its date format or the stored data change."""
    nothing: _File | None = None
    file, set_file = ft.use_state(nothing)
    found, set_found = ft.use_state(NOTHING)
    reading, shown = use_work(app)

    def read() -> None:
        if file is not None:
            reading.start(
                _("Reading the file…"),
                model.preview(app, source, file.data, day_first),
                set_found,
                lambda error: app.say(storage_message(error)) if isinstance(error, StorageError) else None,
                lambda: set_file(None),
            )

    def choose(data: bytes) -> None:
        set_file(_File(data))
        set_found(NOTHING)

    ft.use_effect(read, [source, file, day_first, app.revision])
    return _Reading(file is not None, shown if found is NOTHING else None, found, choose)


@ft.component
def ImportScreen() -> ft.View:
    app = use_app()
    key = ft.use_route_params()["key"]
    source = Source(key) if key in set(Source) else Source.JOBS
    day_first, set_day_first = ft.use_state(cast("bool | None", None))
    chosen, set_chosen = ft.use_state(cast("frozenset[int] | None", None))
    client_id, set_client_id = ft.use_state("")
    error, set_error = ft.use_state("")
    limit, set_limit = ft.use_state(PAGE)
    reading = _use_reading(app, source, day_first)
    found = reading.found

    def picked(event: ft.FilePickerResultEvent) -> None:
        if event.files:
            reading.choose(event.files[0].bytes or b"")
            set_day_first(None)
            set_error("")
            set_chosen(None)
            set_limit(PAGE)

    picker = ft.use_memo(lambda: ft.FilePicker(on_result=picked), [])
    ticked = _ticked(found, chosen)

    def tick(each: int, on: bool) -> None:
        set_chosen(lambda before: _ticked(found, before) | {each} if on else _ticked(found, before) - {each})

    def answer(first: bool) -> None:
        set_day_first(first)
        set_error("")

    def choose_client(id_: str) -> None:
        set_client_id(id_)
        set_error("")

    def add() -> None:
        if found.doubt and day_first is None:
            set_error(_("Say first which day is meant."))
        elif source is Source.DEADLINES and not client_id:
            set_error(_("Choose whose deadlines these are."))
        else:
            app.page.run_task(_add, app, [each for each in found.found if each.key in ticked], client_id)

    if reading.work is not None:
        return screen(app, _title(source), [card(WorkProgress(reading.work))], close=True)
    return screen(
        app,
        _title(source),
        [
            *([] if reading.has_file else [_hint(source)]),
            _choose_file(picker, source, reading.has_file),
            *_date_question(found.doubt, day_first, answer, error),
            *_not_understood(found.troubles),
            *_left_out(found.left_out),
            *_client_field(found, source, client_id, choose_client, error),
            *_found(found, ticked, tick, limit, lambda: set_limit(limit + PAGE)),
        ],
        bottom=_add_button(len(ticked), add) if found.found else None,
        close=True,
    )


async def _add(app: AppState, found: list[Found], client_id: str) -> None:
    if await model.add(app, found, client_id):
        app.back()


def _title(source: Source) -> str:
    return _("Jobs from a spreadsheet") if source is Source.JOBS else _("Deadlines from a calendar")


def _ticked(found: Preview, chosen: frozenset[int] | None) -> frozenset[int]:
    """The entries to add: the new ones, until the user selects others."""
    return found.fresh if chosen is None else chosen


def _hint(source: Source) -> ft.Control:
    if source is Source.JOBS:
        return empty_state(
            ft.Icons.TABLE_ROWS_OUTLINED,
            _("Your list of jobs moves in"),
            _(
                "Save your table as CSV. The first row names the columns: Client and Job, and if you have "
                "them Deadline, Fee, Hours, Status, Rating. Other names and languages are understood too."
            ),
        )
    return empty_state(
        ft.Icons.CALENDAR_MONTH,
        _("Deadlines you keep in a calendar"),
        _("Export the calendar as an .ics file. Each event that lies ahead can become a job."),
    )


def _choose_file(picker: ft.FilePicker, source: Source, again: bool) -> ft.Control:
    # Browsers open a file dialog only during the tap itself; otherwise iOS does not open it at all.
    action = ft.PickFiles(
        picker,
        file_type=ft.FilePickerFileType.CUSTOM,
        allowed_extensions=ENDINGS[source],
        with_data=True,
    )
    label = _("Choose another file…") if again else _("Choose a file…")
    button = ft.OutlinedButton if again else ft.FilledButton
    return button(label, icon=ft.Icons.FOLDER_OPEN, action=action)


def _client_field(
    found: Preview, source: Source, client_id: str, on_choose: Callable[[str], None], error: str
) -> list[ft.Control]:
    """The client of imported deadlines: a calendar event does not name one."""
    if source is Source.JOBS or not found.found:
        return []
    return [ClientChoice(_("Whose deadlines are these?"), client_id, on_choose, error)]


def _date_question(
    doubt: Doubt | None, answer: bool | None, on_answer: Callable[[bool], None], error: str
) -> list[ft.Control]:
    """The question of how an ambiguous date is meant; it is not guessed."""
    if doubt is None:
        return []
    asked = _("Which day is {text}?").format(text=doubt.text)
    options = {"day": doubt.day_first, "month": doubt.month_first}
    selected = "" if answer is None else "day" if answer else "month"
    return [
        card(
            ft.Column(
                [
                    ft.Text(asked, theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
                    ft.Text(_("All dates of this kind in the file are then read the same way.")),
                    choice_chips(options, selected, lambda key: on_answer(key == "day")),
                    *([error_text(error)] if error else []),
                ],
                spacing=8,
                tight=True,
            )
        )
    ]


def _not_understood(lines: list[str]) -> list[ft.Control]:
    title = n_("{n} thing was not understood", "{n} things were not understood", len(lines))
    return _lines(title, ft.Icons.HELP_OUTLINE, lines)


def _left_out(lines: list[str]) -> list[ft.Control]:
    """Entries without errors that are not future deadlines."""
    return _lines(
        n_("{n} entry is left out", "{n} entries are left out", len(lines)), ft.Icons.EVENT_REPEAT, lines
    )


def _lines(title: str, icon: ft.IconData, lines: list[str]) -> list[ft.Control]:
    if not lines:
        return []
    rows: list[ft.Control] = [
        ft.Row(
            [
                ft.Icon(icon, size=20, color=ft.Colors.TERTIARY),
                ft.Text(line, expand=True),
            ],
            spacing=8,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
        for line in lines[:PAGE]
    ]
    if len(lines) > PAGE:
        more = len(lines) - PAGE
        rows.append(ft.Text(n_("And {n} more like these.", "And {n} more like these.", more)))
    return [heading(title), card(ft.Column(rows, spacing=10, tight=True))]


def _found(
    found: Preview,
    ticked: frozenset[int],
    tick: Callable[[int, bool], None],
    limit: int,
    more: Callable[[], None],
) -> list[ft.Control]:
    if not found.found:
        return []
    rows: list[ft.Control] = [_row(each, each.key in ticked, tick) for each in found.found[:limit]]
    if len(found.found) > limit:
        rows.append(ft.TextButton(_("Show more"), icon=ft.Icons.EXPAND_MORE, on_click=lambda _event: more()))
    return [heading(n_("{n} job found", "{n} jobs found", len(found.found))), *rows]


def _row(found: Found, on: bool, tick: Callable[[int, bool], None]) -> ft.Control:
    facts = [*found.facts, _("already in Kaeru")] if found.known else found.facts
    label = "\n".join((found.title, " · ".join(facts)))
    return check_row(label, on, lambda value: tick(found.key, value))


def _add_button(count: int, add: Callable[[], None]) -> ft.Control:
    return ft.FilledButton(
        n_("Add {n} job", "Add {n} jobs", count),
        icon=ft.Icons.ADD,
        width=float("inf"),
        disabled=not count,
        on_click=lambda _event: add(),
    )
