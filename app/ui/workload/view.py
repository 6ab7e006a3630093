"""The weeks ahead: first what no longer fits, then each day with its work and deadlines."""

import flet as ft

from app.domain.entities import Client, Job
from app.domain.workload import DayPlan, Overload, Task
from app.i18n import _
from app.ui.components.buttons import tappable
from app.ui.components.layout import card, empty_state, heading, screen
from app.ui.state import AppState, use_app
from app.viewmodels import workload as model
from app.viewmodels.scripts.keys import say
from app.wording import words

MOST_DAYS = 28
MOST_ROWS = 60


@ft.component
def WorkloadScreen() -> ft.View:
    app = use_app()
    days, set_days = ft.use_state(model.WEEK)
    ahead = ft.use_memo(lambda: model.load(app, days), [app.revision, app.now, days])
    if not ahead:
        return screen(app, _("The weeks ahead"), [_nothing(app)])
    controls: list[ft.Control] = [_summary(app, ahead)]
    if ahead.unknown:
        controls.append(heading(_("How much work is left?")))
        controls.append(
            ft.Text(
                _("These have no estimate, or are past it, so they are not counted yet."),
                color=ft.Colors.ON_SURFACE_VARIANT,
            )
        )
        controls += [_unknown(app, job, ahead.clients) for job in ahead.unknown[:MOST_ROWS]]
    if ahead.undated:
        controls.append(heading(_("By when?")))
        controls += [_unknown(app, job, ahead.clients) for job in ahead.undated[:MOST_ROWS]]
    if ahead.late:
        controls.append(heading(_("No longer fits")))
        controls += [overload_card(app, each, ahead.clients) for each in ahead.late[:MOST_ROWS]]
    controls.append(heading(_("Day by day")))
    late = {each.task.key for each in ahead.late}
    controls += [_day(app, day, late) for day in ahead.days]
    if days < MOST_DAYS:
        controls.append(
            ft.TextButton(
                _("One more week"),
                icon=ft.Icons.EXPAND_MORE,
                on_click=lambda _event: set_days(days + model.WEEK),
            )
        )
    return screen(app, _("The weeks ahead"), controls)


def _nothing(app: AppState) -> ft.Control:
    return empty_state(
        ft.Icons.CALENDAR_VIEW_WEEK,
        _("See early what will not fit"),
        _(
            "Give a job a deadline and an estimate. Kaeru lays the work into your days, "
            "and says so the moment something no longer fits."
        ),
        _("Note a job"),
        lambda: app.open("new", "job"),
    )


def _summary(app: AppState, ahead: model.Ahead) -> ft.Control:
    if ahead.late:
        icon, color = ft.Icons.WARNING_AMBER, ft.Colors.TERTIARY
    elif ahead.unknown or ahead.undated:
        icon, color = ft.Icons.HELP_OUTLINE, ft.Colors.TERTIARY
    else:
        icon, color = ft.Icons.CHECK_CIRCLE_OUTLINE, ft.Colors.PRIMARY
    planned = _("{hours} of work in {room} of working time").format(
        hours=app.format.hours(ahead.minutes), room=app.format.hours(ahead.room)
    )
    return card(
        ft.Row(
            [
                ft.Icon(icon, color=color, size=32),
                ft.Column(
                    [
                        *(
                            ft.Text(text, theme_style=ft.TextThemeStyle.TITLE_MEDIUM)
                            for text in model.summary(ahead)
                        ),
                        ft.Text(planned, color=ft.Colors.ON_SURFACE_VARIANT),
                    ],
                    spacing=2,
                    expand=True,
                ),
            ],
            spacing=16,
        )
    )


def overload_card(app: AppState, overload: Overload, clients: dict[str, Client]) -> ft.Control:
    """A task that does not fit, the date by which it would, and a script to say so."""
    task = overload.task
    job = task.job
    color = ft.Colors.ERROR if overload.misses_client else ft.Colors.TERTIARY
    parts: list[ft.Control] = [
        _task_line(app, task, clients, ft.Icon(ft.Icons.EVENT_BUSY, color=color)),
        ft.Text(model.overload_line(app, overload)),
    ]
    if job is not None:
        name = model.task_title(task)
        raise_it = ft.FilledTonalButton(
            ft.Semantics(
                content=ft.Text(_("Raise it now")),
                label=_("Raise it now: {job}").format(job=name),
                exclude_semantics=True,
            ),
            icon=ft.Icons.CAMPAIGN_OUTLINED,
            on_click=lambda _event: say(app, model.raise_script(app, overload), "job", job.id),
        )
        parts.append(ft.MergeSemantics(content=raise_it))
    return card(ft.Column(parts, spacing=8, tight=True), padding=12)


def _task_line(app: AppState, task: Task, clients: dict[str, Client], mark: ft.Control) -> ft.Control:
    title = model.task_title(task)
    job = task.job
    who = words.client_name(clients.get(job.client_id) if job else None)
    row = ft.Row(
        [
            mark,
            ft.Column(
                [
                    ft.Text(title, weight=ft.FontWeight.W_600),
                    _small(
                        _("{client} · {hours} left").format(client=who, hours=app.format.hours(task.minutes))
                    ),
                ],
                spacing=2,
                expand=True,
            ),
        ],
        spacing=12,
    )
    label = _("{job}. {client}").format(job=title, client=who)
    return tappable(row, label, lambda: app.open("job", job.id) if job else None)


def _day(app: AppState, day: DayPlan, late: set[str]) -> ft.Control:
    """A day: its load, its work and its deadlines."""
    share = min(1, day.planned / day.minutes) if day.minutes else 0
    # Stacked if the text is large.
    head = ft.Row(
        [
            ft.Text(model.day_title(app, day.day), weight=ft.FontWeight.W_600),
            _small(model.day_load(app, day)),
        ],
        wrap=True,
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        width=float("inf"),
        spacing=12,
        run_spacing=0,
    )
    parts: list[ft.Control] = [head]
    if day.minutes:
        bar = ft.ProgressBar(
            value=share, border_radius=4, bar_height=6, bgcolor=ft.Colors.SURFACE_CONTAINER_HIGHEST
        )
        parts.append(ft.Semantics(content=bar, exclude_semantics=True))
    parts += [_work(app, task, minutes) for task, minutes in day.work]
    parts += [_due(app, task, task.key in late) for task in day.due]
    return card(ft.Column(parts, spacing=6, tight=True), padding=12)


def _work(app: AppState, task: Task, minutes: int) -> ft.Control:
    return ft.Row(
        [
            ft.Text(model.task_title(task), expand=True),
            ft.Text(app.format.hours(minutes), color=ft.Colors.ON_SURFACE_VARIANT),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
        spacing=12,
    )


def _due(app: AppState, task: Task, late: bool) -> ft.Control:
    """A deadline on that day: the user's own or, once that has passed, the client's."""
    job = task.job
    if late:
        sentence = _("No longer fits by {time}: {job}")
    elif task.due < task.deadline:
        sentence = _("Be done by {time}: {job}")
    else:
        sentence = _("Client's deadline at {time}: {job}")
    text = sentence.format(time=app.format.time(task.due), job=model.task_title(task))
    return tappable(
        ft.Row(
            [
                ft.Icon(
                    ft.Icons.EVENT_BUSY if late else ft.Icons.FLAG_OUTLINED,
                    size=20,
                    color=ft.Colors.TERTIARY if late else ft.Colors.PRIMARY,
                ),
                ft.Text(text, expand=True, weight=ft.FontWeight.W_600),
            ],
            spacing=8,
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
        text,
        lambda: app.open("job", job.id) if job else None,
        padding=ft.Padding(left=0, right=4, top=10, bottom=10),
    )


def _unknown(app: AppState, job: Job, clients: dict[str, Client]) -> ft.Control:
    return ft.ListTile(
        leading=ft.Icons.HELP_OUTLINE,
        title=words.job_title(job),
        subtitle=model.unknown_line(app, job, clients.get(job.client_id)),
        trailing=ft.Icons.CHEVRON_RIGHT,
        on_click=lambda _event: app.open("edit-job", job.id),
        content_padding=ft.Padding(left=8, right=8),
    )


def _small(text: str) -> ft.Control:
    return ft.Text(text, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT)
