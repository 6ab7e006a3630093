"""The list of jobs, filtered by status and searched by text, also in Japanese."""

from collections.abc import Callable

import flet as ft

from app.domain.codes import JobStatus
from app.domain.reply import WindowState
from app.i18n import _, n_, p_
from app.ui.components.buttons import icon_button, tappable
from app.ui.components.fields import chip_label, one_of, search_field
from app.ui.components.icons import JOB_STATUS_ICONS
from app.ui.components.layout import card, empty_state
from app.ui.components.ring import time_ring
from app.ui.components.tabs import tab_screen
from app.ui.job.view import status_pill
from app.ui.state import AppState, use_app
from app.ui.theme import STATE_COLORS
from app.viewmodels import jobs as model
from app.viewmodels.jobs import JobList, JobListRow, Shown
from app.wording import agenda as agenda_words
from app.wording import words

PAGE = 30
NEW_JOB = "/jobs/new/job"


@ft.component
def JobsScreen() -> ft.View:
    app = use_app()
    query, set_query = ft.use_state("")
    shown, set_shown = ft.use_state(Shown.OPEN)
    limit, set_limit = ft.use_state(PAGE)
    found = ft.use_memo(
        lambda: model.load(app, shown, query, limit), [app.revision, app.now, shown, query, limit]
    )

    def search(text: str) -> None:
        set_query(text)
        set_limit(PAGE)

    def show(chosen: Shown) -> None:
        set_shown(chosen)
        set_limit(PAGE)

    def search_all() -> None:
        show(Shown.ALL)

    controls: list[ft.Control] = [_job_row(app, row) for row in found.rows]
    if found.more:
        controls.append(
            ft.TextButton(
                _("Show more"), icon=ft.Icons.EXPAND_MORE, on_click=lambda _event: set_limit(limit + PAGE)
            )
        )
    if not found.rows:
        nothing = _nothing_found(shown, search_all, lambda: search("")) if query.strip() else None
        controls.append(nothing or _nothing_yet(app, found, shown))
    header = ft.Column(
        [search_field(_("Search jobs"), query, search), _filters(found.counts, shown, show)],
        spacing=8,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    return tab_screen(
        app,
        "/jobs",
        _("Jobs"),
        controls,
        header=header if found.counts[Shown.ALL] else None,
        actions=[
            icon_button(
                ft.Icons.CALENDAR_VIEW_WEEK, _("The weeks ahead"), lambda: app.open("workload", "week")
            ),
            icon_button(ft.Icons.HOURGLASS_EMPTY, _("Waiting for them"), lambda: app.open("waiting", "all")),
        ],
        add_label=_("Note a job"),
        add_route=NEW_JOB,
    )


def _filters(counts: dict[Shown, int], shown: Shown, on_show: Callable[[Shown], None]) -> ft.Control:
    labels = {
        Shown.OPEN: p_("jobs", "Open"),
        Shown.DELIVERED: p_("jobs", "Delivered"),
        Shown.DONE: p_("jobs", "Done"),
        Shown.ALL: p_("jobs", "All"),
    }
    return one_of(
        [
            ft.Chip(
                label=chip_label(_("{filter} {n}").format(filter=label, n=counts[each])),
                selected=each == shown,
                show_checkmark=False,
                on_select=lambda _event, each=each: on_show(each),
            )
            for each, label in labels.items()
        ]
    )


def _nothing_found(shown: Shown, search_all: Callable[[], None], clear: Callable[[], None]) -> ft.Control:
    if shown is not Shown.ALL:
        return empty_state(
            ft.Icons.SEARCH_OFF,
            _("Not among these"),
            _("Only the jobs of the chosen filter were searched."),
            _("Search all jobs"),
            search_all,
        )
    return empty_state(
        ft.Icons.SEARCH_OFF,
        _("No matching job"),
        _("Titles, platforms, parts, notes and clients are searched. Try fewer letters."),
        _("Clear search"),
        clear,
    )


def _nothing_yet(app: AppState, found: JobList, shown: Shown) -> ft.Control:
    if not found.counts[Shown.ALL]:
        return empty_state(
            ft.Icons.WORK_OUTLINE,
            _("Your jobs, each with room to spare"),
            _(
                "Note a job with its deadline. Kaeru sets a deadline of your own before it, "
                "and keeps what is delivered and what is paid apart."
            ),
            _("Note the first job"),
            lambda: app.go(NEW_JOB),
        )
    text = {
        Shown.OPEN: _("Nothing is under way. When you apply or get an offer, note it with +."),
        Shown.DELIVERED: _("No job that is delivered in full waits to be accepted or paid."),
        Shown.DONE: _("Jobs that are paid, closed, declined or lost are kept here."),
    }[shown]
    return empty_state(ft.Icons.SPA_OUTLINED, _("None right now"), text)


def _job_row(app: AppState, row: JobListRow) -> ft.Control:
    """A job's row; the whole row opens the job."""
    job = row.job
    title, who = words.job_title(job), words.client_name(row.client)
    due = _due_line(app, row)
    progress = (
        n_("{done} of {n} part", "{done} of {n} parts", row.parts, done=row.delivered) if row.parts else ""
    )
    unpaid = [
        _("{money} unpaid").format(money=app.format.money(minor, currency))
        for currency, minor in row.unpaid.items()
    ]
    status = "" if job.status == JobStatus.IN_PROGRESS else words.job_status(job.status)
    facts: list[ft.Control] = []
    if status:
        facts.append(status_pill(job.status))
    if progress:
        facts.append(_small(progress))
    facts += [_small(text, ft.Colors.TERTIARY) for text in unpaid]
    text = ft.Column(
        [
            ft.Text(title, weight=ft.FontWeight.W_600, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS),
            _small(
                _("{client} · {platform}").format(client=who, platform=job.platform) if job.platform else who
            ),
            *([_due_text(app, row, due)] if due else []),
            *([ft.Row(facts, wrap=True, spacing=12, run_spacing=4)] if facts else []),
        ],
        spacing=2,
        expand=True,
    )
    spoken = ". ".join(part for part in (title, who, job.platform, due, status, progress, *unpaid) if part)
    return ft.Container(
        card(
            tappable(
                ft.Row([_ring(app, row), text], spacing=12),
                spoken,
                lambda: app.open("job", job.id),
                padding=12,
            ),
            padding=0,
        ),
        key=job.id,
    )


def _ring(app: AppState, row: JobListRow) -> ft.Control:
    if row.due:
        due, state = row.due.current_due(app.now), row.due.state(app.now)
        return time_ring(app.format.until(due, app.now), row.due.share_left(app.now), state, app.format)
    icon = JOB_STATUS_ICONS.get(row.job.status, ft.Icons.WORK_OUTLINE)
    return ft.CircleAvatar(
        ft.Icon(icon, color=ft.Colors.ON_SURFACE_VARIANT),
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST,
        radius=24,
    )


def _due_line(app: AppState, row: JobListRow) -> str:
    """The next deadline: the user's own or, once that has passed, the client's."""
    if row.due is None:
        return ""
    return agenda_words.deadline_by(row.due, app.now, app.format)


def _due_text(app: AppState, row: JobListRow, line: str) -> ft.Control:
    state = row.due.state(app.now) if row.due else WindowState.CALM
    strong = state in (WindowState.HOUR, WindowState.OVERDUE)
    return ft.Text(
        line,
        theme_style=ft.TextThemeStyle.BODY_SMALL,
        color=STATE_COLORS[state] if strong else ft.Colors.ON_SURFACE_VARIANT,
        weight=ft.FontWeight.W_600 if strong else None,
    )


def _small(text: str, color: ft.Colors = ft.Colors.ON_SURFACE_VARIANT) -> ft.Control:
    return ft.Text(text, theme_style=ft.TextThemeStyle.BODY_SMALL, color=color)
