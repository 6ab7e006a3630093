"""The fields for a script's blanks: texts, days and times."""

from collections.abc import Callable, Mapping
from datetime import datetime, time

import flet as ft

from app.domain.jobs import later_deadlines, next_due
from app.domain.reply import suggested_promises
from app.domain.scripts import NAMES
from app.i18n import _, speaking
from app.importexport.typed_vague import OPENING
from app.ui.components.fields import labelled, text_field
from app.ui.components.layout import NARROW
from app.ui.components.times import pick_day, pick_moment
from app.ui.state import AppState
from app.viewmodels.scripts import facts
from app.viewmodels.scripts.filling import Filling, ScriptPage
from app.viewmodels.scripts.labels import Blank, BlankKind

NOON = time(12)


def blank_field(
    app: AppState,
    page: ScriptPage,
    now: Filling,
    blank: Blank,
    typed: Mapping[str, str],
    on_type: Callable[[str], None],
    on_pick: Callable[[datetime], None],
) -> ft.Control:
    if blank.kind in (BlankKind.DAY, BlankKind.MOMENT):
        return _time_field(app, page, now, blank, on_pick)
    known = page.known.get(blank.name, "")
    example = "" if known else blank.example
    field = text_field(
        blank.label,
        typed.get(blank.name, known),
        on_type,
        helper=_helper(blank, example),
        multiline=blank.kind is BlankKind.TEXT,
    )
    field.key = blank.name  # keeps its identity when fields appear around it
    ready = ready_proposals(page) if blank.name == "proposal" else []
    if not ready:
        return field
    chips: list[ft.Control] = [
        ft.OutlinedButton(text, style=NARROW, on_click=lambda _event, text=text: on_type(text))
        for text in ready
    ]
    return ft.Column([field, ft.Row(chips, wrap=True, spacing=8, run_spacing=8)], spacing=8, tight=True)


def ready_proposals(page: ScriptPage) -> list[str]:
    """Common solutions, in the text's language, to insert with a tap and edit."""
    if page.script.moment != "problem":
        return []
    with speaking(page.script.language):
        return [
            _("I deliver what is finished on the agreed date, and the rest as soon as it is done."),
            _("We leave out what matters least to you, and the date stays as it is."),
            _("We agree on a later date for all of it."),
        ]


def _later_days(app: AppState, page: ScriptPage) -> list[datetime]:
    """Likely days for a later deadline."""
    job = page.situation.job
    due = next_due(job, page.situation.parts) if job else None
    return later_deadlines(due, app.now, app.calendar) if due else []


def _helper(blank: Blank, example: str) -> str:
    if blank.name in NAMES:
        return _("The text does without it, too.")
    return _("For example: {example}").format(example=example) if example else ""


def _time_field(
    app: AppState, page: ScriptPage, now: Filling, blank: Blank, on_pick: Callable[[datetime], None]
) -> ft.Control:
    """A day, or a day and time, from a dialog; for a promise, likely times as chips."""
    at = now.instants.get(blank.name)
    opens = at or app.now

    def ask() -> None:
        if blank.kind is BlankKind.MOMENT:
            usual = OPENING if blank.name == "next_call" else None
            pick_moment(app, opens, on_pick, title=blank.label, kept=at is not None, usual=usual)
        else:
            zone = app.format.zone
            pick_day(
                app,
                app.format.local(opens).date(),
                lambda day: on_pick(datetime.combine(day, NOON, zone)),
                title=blank.label,
            )

    shown = facts.worded(page.situation, blank.name, at) if at else page.known.get(blank.name, _("Choose…"))
    parts: list[ft.Control] = [ft.OutlinedButton(shown, icon=ft.Icons.EVENT, on_click=lambda _event: ask())]
    if blank.name == "due":
        parts += [
            ft.Chip(
                label=app.format.when(promise, app.now),
                selected=promise == at,
                on_select=lambda _event, promise=promise: on_pick(promise),
            )
            for promise in suggested_promises(app.now, app.calendar)
        ]
    if blank.name == "new_date":
        parts += [
            ft.Chip(
                label=app.format.day(day, app.now),
                selected=at is not None and app.format.local(day).date() == app.format.local(at).date(),
                on_select=lambda _event, day=day: on_pick(day),
            )
            for day in _later_days(app, page)
        ]
    error = _("This time has passed: choose a later one.") if blank.name in now.passed else ""
    if blank.name in now.too_early:
        error = _("This is before the start.")
    return labelled(blank.label, ft.Row(parts, wrap=True, spacing=8, run_spacing=4), error)
