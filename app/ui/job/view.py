"""The screen of a job: status, deadlines, money and scripts."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import flet as ft

from app.domain import jobs as rules
from app.domain.codes import JobStatus
from app.domain.deadlines import DeadlineView
from app.domain.entities import Job
from app.i18n import _
from app.ui.components import delivering
from app.ui.components.buttons import icon_button, menu_button, menu_item
from app.ui.components.checklist import Checklist
from app.ui.components.dialogs import option, sheet
from app.ui.components.icons import JOB_STATUS_ICONS
from app.ui.components.layout import card, empty_state, heading, screen
from app.ui.components.questions import questions_of
from app.ui.components.ring import time_ring
from app.ui.components.scripts import script_tile
from app.ui.components.take_job import take_section
from app.ui.components.times import choose_time
from app.ui.job.parts import parts_section
from app.ui.job.sections import (
    messages_section,
    money_section,
    notes_section,
    rating_section,
    time_section,
    updates_section,
)
from app.ui.state import AppState, use_app
from app.ui.theme import STATE_COLORS
from app.viewmodels import job as model
from app.wording import agenda as agenda_words
from app.wording import words


@ft.component
def JobScreen() -> ft.View:
    app = use_app()
    job_id = ft.use_route_params()["key"]
    page = ft.use_memo(lambda: model.load(app, job_id), [job_id, app.revision, app.now])
    if page is None:
        return screen(app, _("Job"), [job_gone()])
    job = page.job

    def delete() -> None:
        if model.delete(app, job):
            app.leave(job_id)

    return screen(
        app,
        words.client_name(page.client),
        [
            _header(app, page),
            *take_section(app, job),
            *parts_section(app, page),
            *money_section(app, page),
            *rating_section(app, page),
            *_occasion(app, page),
            *_questions(page),
            *_checklist(page),
            *([heading(_("What to say"))] if page.scripts else []),
            *(script_tile(app, script) for script in page.scripts[:4]),
            *updates_section(app, page),
            *messages_section(app, page),
            *time_section(app, page),
            *notes_section(app, page),
        ],
        actions=[
            icon_button(ft.Icons.EDIT_OUTLINED, _("Edit"), lambda: app.open("edit-job", job_id)),
            menu_button(
                _("More for this job"),
                [
                    menu_item(
                        ft.Icons.NEXT_PLAN_OUTLINED,
                        _("Continue as a new job"),
                        lambda: model.continue_as_new(app, job),
                    ),
                    menu_item(ft.Icons.DELETE_OUTLINE, _("Delete job"), delete),
                ],
            ),
        ],
        bottom=_bottom(app, page),
    )


def job_gone() -> ft.Control:
    return empty_state(ft.Icons.WORK_OFF_OUTLINED, _("This job is gone"), _("It was deleted."))


def _header(app: AppState, page: model.JobPage) -> ft.Control:
    parts: list[ft.Control] = [
        ft.Text(words.job_title(page.job), theme_style=ft.TextThemeStyle.TITLE_LARGE),
        _about(app, page),
        *_deadline_lines(app, page),
        _status_buttons(app, page),
    ]
    return card(ft.Column(parts, spacing=8, tight=True))


def _about(app: AppState, page: model.JobPage) -> ft.Control:
    """The status, the platform, and links to the client and to the job that this one continues."""
    row: list[ft.Control] = [status_pill(page.job.status)]
    if page.job.platform:
        row.append(ft.Text(page.job.platform, color=ft.Colors.ON_SURFACE_VARIANT))
    if page.client:
        client = page.client
        name = words.client_name(client)
        row.append(_link(ft.Icons.PERSON_OUTLINE, name, partial(app.open, "client", client.id)))
    if page.origin:
        title = _("Continues “{job}”").format(job=words.job_title(page.origin))
        row.append(_link(ft.Icons.HISTORY, title, partial(app.open, "job", page.origin.id)))
    return ft.Row(row, wrap=True, spacing=10, run_spacing=0)


def _link(icon: ft.IconData, label: str, act: Callable[[], None]) -> ft.Control:
    return ft.TextButton(label, icon=icon, on_click=lambda _event: act())


def status_pill(status: str) -> ft.Control:
    """The status with its icon."""
    return ft.Container(
        ft.Row(
            [
                ft.Icon(JOB_STATUS_ICONS.get(status, ft.Icons.WORK_OUTLINE), size=16),
                ft.Text(words.job_status(status), theme_style=ft.TextThemeStyle.LABEL_MEDIUM),
            ],
            spacing=6,
            tight=True,
        ),
        bgcolor=ft.Colors.SECONDARY_CONTAINER,
        border_radius=12,
        padding=ft.Padding(left=8, right=10, top=4, bottom=4),
    )


def _deadline_lines(app: AppState, page: model.JobPage) -> list[ft.Control]:
    """The user's deadline and the client's, each with the time left; the ring shows the earlier one."""
    if page.next_due is None:
        if page.job.deadline is None:
            return []
        when = app.format.when(page.job.deadline, app.now)
        return [ft.Text(_("Client's deadline: {when}").format(when=when), color=ft.Colors.ON_SURFACE_VARIANT)]
    part, view = page.next_due
    due, state = view.current_due(app.now), view.state(app.now)
    left = app.format.until(due, app.now)
    lines: list[ft.Control] = []
    if part:
        name = words.part_title(part, page.parts.index(part) + 1)
        lines.append(ft.Text(_("Next: {part}").format(part=name), weight=ft.FontWeight.W_600))
        lines.append(ft.Text(agenda_words.deadline_by(view, app.now, app.format), color=STATE_COLORS[state]))
    own = page.due.get(None)
    if own:
        lines += _both_deadlines(app, own)
    return [
        ft.Row(
            [
                time_ring(left, view.share_left(app.now), state, app.format, size=64),
                ft.Column(lines, spacing=2, expand=True),
            ],
            spacing=16,
        )
    ]


def _both_deadlines(app: AppState, view: DeadlineView) -> list[ft.Control]:
    lines: list[ft.Control] = []
    if view.internal != view.deadline:
        lines.append(_deadline(app, _("Your own deadline"), view, view.internal))
    lines.append(_deadline(app, _("Client's deadline"), view, view.deadline))
    return lines


def _deadline(app: AppState, label: str, view: DeadlineView, at: datetime) -> ft.Control:
    left = agenda_words.time_left(at, app.now, app.format)
    state = view.state(app.now)
    urgent = at == view.current_due(app.now) or at < app.now
    return ft.Column(
        [
            ft.Text(label, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT),
            ft.Text(
                _("{when} · {left}").format(when=app.format.when(at, app.now), left=left),
                color=STATE_COLORS[state] if urgent else None,
                weight=ft.FontWeight.W_600 if urgent else None,
            ),
        ],
        spacing=0,
        tight=True,
    )


def _steps(job: Job, suggested: JobStatus | None) -> list[JobStatus]:
    """The statuses to offer, most likely first: the one the parts suggest, then the usual next ones."""
    usual = rules.allowed_next(job.status)
    return list(dict.fromkeys([suggested, *usual] if suggested else usual))


def _status_buttons(app: AppState, page: model.JobPage) -> ft.Control:
    """The usual next statuses except the most likely one, and a button for any status."""
    job = page.job
    buttons: list[ft.Control] = [
        ft.OutlinedButton(
            words.job_step(job.status, status),
            icon=JOB_STATUS_ICONS[status],
            on_click=lambda _event, status=status: delivering.set_status(app, job, status),
        )
        for status in _steps(job, page.suggested)[1:]
    ]
    buttons.append(
        ft.TextButton(
            _("Other status…"), icon=ft.Icons.SWAP_HORIZ, on_click=lambda _event: _choose_status(app, job)
        )
    )
    return ft.Row(buttons, wrap=True, spacing=8, run_spacing=4)


def _choose_status(app: AppState, job: Job) -> None:
    sheet(
        app,
        _("Status of the job"),
        [
            option(
                app,
                JOB_STATUS_ICONS[status],
                words.job_status(status),
                partial(model.set_status, app, job, status),
                note=_("Now") if status == job.status else "",
            )
            for status in rules.STATUS_ORDER
        ],
    )


def _occasion(app: AppState, page: model.JobPage) -> list[ft.Control]:
    """Scripts for problems while work is under way, and for requests once it is done."""
    if not page.occasion:
        return []
    tiles = [script_tile(app, script) for script in page.occasion]
    if page.job.status != JobStatus.IN_PROGRESS:
        return [heading(_("While they are pleased")), *tiles]
    due = rules.next_due(page.job, page.parts)
    move = (
        [
            ft.TextButton(
                _("Move the deadline…"),
                icon=ft.Icons.EDIT_CALENDAR,
                on_click=lambda _event: _ask_deadline(app, page.job, due),
            )
        ]
        if due
        else []
    )
    return [heading(_("If something gets in the way")), *tiles, *move]


def _ask_deadline(app: AppState, job: Job, due: datetime) -> None:
    choose_time(
        app,
        _("New deadline, as agreed with the client"),
        rules.later_deadlines(due, app.now, app.calendar),
        lambda at: model.move_deadline(app, job, at),
    )


def _questions(page: model.JobPage) -> list[ft.Control]:
    """Open questions; not offered once the work is delivered."""
    over = page.job.status not in (*model.NOT_STARTED, JobStatus.IN_PROGRESS)
    return [] if over and not page.job.questions else [questions_of(page.job)]


def _checklist(page: model.JobPage) -> list[ft.Control]:
    if page.checklist is None:
        return []
    delivery = page.job.status == JobStatus.IN_PROGRESS
    clear = _("All clear: ready to deliver.") if delivery else _("All clear: you can take it on.")
    return [Checklist(page.job, page.checklist, clear, folded=delivery)]


def _bottom(app: AppState, page: model.JobPage) -> ft.Control:
    """The most likely next step."""
    job = page.job
    step = _steps(job, page.suggested)[0]
    to_deliver = sum(part.delivered_at is None for part in page.parts)
    whole = step == JobStatus.DELIVERED and to_deliver > 1
    row: list[ft.Control] = [
        ft.FilledButton(
            _("Mark all as delivered") if whole else words.job_step(job.status, step),
            icon=JOB_STATUS_ICONS[step],
            expand=True,
            on_click=lambda _event: delivering.set_status(app, job, step),
        )
    ]
    if job.status == JobStatus.IN_PROGRESS:
        row.append(
            icon_button(
                ft.Icons.OUTBOX_OUTLINED,
                _("Note an update you sent…"),
                lambda: app.open("update", "new"),
            )
        )
    return ft.Row(row)
