"""Trust: the metrics in sentences, the spiral they form, and clients' comments."""

from collections.abc import Callable

import flet as ft

from app.domain.trust import PERIODS, RatedJob
from app.i18n import _, n_
from app.ui.components.buttons import icon_button, tappable
from app.ui.components.fields import segments
from app.ui.components.layout import card, empty_state, heading
from app.ui.components.tabs import tab_screen
from app.ui.state import AppState, use_app
from app.ui.trust import advice
from app.ui.trust.chart import chart
from app.viewmodels import trust as model
from app.viewmodels.scripts.keys import say
from app.viewmodels.trust import Metric, SpiralStep, TrustPage
from app.wording import words

PAGE = 10
INDENT = 20  # pixels of indentation per turn of the spiral


@ft.component
def TrustScreen() -> ft.View:
    app = use_app()
    days, set_days = ft.use_state(model.USUAL_DAYS)
    limit, set_limit = ft.use_state(PAGE)
    page = ft.use_memo(lambda: model.load(app, days), [app.revision, app.now, days])
    controls: list[ft.Control]
    if page:
        controls = [
            *_spiral(page),
            *_advice(app, page),
            *_metrics(page),
            *_ratings(app, page, limit, lambda: set_limit(limit + PAGE)),
        ]
    else:
        controls = [_nothing(app)]
    periods = {str(each): n_("{n} day", "{n} days", each) for each in PERIODS}
    return tab_screen(
        app,
        "/trust",
        _("Trust"),
        controls,
        header=segments(periods, str(days), lambda chosen: set_days(int(chosen))),
        actions=[
            icon_button(ft.Icons.SHARE_OUTLINED, _("Share…"), lambda: app.open("trust-share", str(days)))
        ]
        if page
        else [],
    )


def _nothing(app: AppState) -> ft.Control:
    return empty_state(
        ft.Icons.INSIGHTS_OUTLINED,
        _("Quick answers come back to you"),
        _(
            "Answer in time and deliver by the date you gave: good ratings follow, clients come back, "
            "and the work pays better. As you note messages and jobs, your numbers appear here."
        ),
        _("Note a message"),
        lambda: app.open("new", "message"),
    )


def _spiral(page: TrustPage) -> list[ft.Control]:
    """The steps of the spiral; each leads to the next and is indented further."""
    steps: list[ft.Control] = [_step(number, step) for number, step in enumerate(page.spiral)]
    if page.rising:
        steps.append(
            ft.Row(
                [
                    ft.Icon(ft.Icons.AUTORENEW, size=20, color=ft.Colors.PRIMARY),
                    ft.Text(
                        _("Your spiral turns upwards."),
                        color=ft.Colors.PRIMARY,
                        weight=ft.FontWeight.W_600,
                        expand=True,
                    ),
                ],
                spacing=8,
            )
        )
    return [heading(_("The good spiral")), card(ft.Column(steps, spacing=8, tight=True))]


def _step(number: int, step: SpiralStep) -> ft.Control:
    icon = ft.Icons.SUBDIRECTORY_ARROW_RIGHT if number else ft.Icons.REPLY
    row = ft.Row(
        [
            ft.Icon(icon, size=20, color=ft.Colors.PRIMARY),
            ft.Column(
                [ft.Text(step.title), ft.Text(step.value, weight=ft.FontWeight.W_600)],
                spacing=0,
                expand=True,
            ),
            _trend(step.better),
        ],
        spacing=8,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    return ft.Container(row, padding=ft.Padding(left=INDENT * number))


def _trend(better: bool | None) -> ft.Control:
    """Better or worse than in the previous period, with a label for screen readers."""
    if better is None:
        return ft.Container(width=20)
    return ft.Icon(
        ft.Icons.TRENDING_UP if better else ft.Icons.TRENDING_DOWN,
        size=20,
        color=ft.Colors.PRIMARY if better else ft.Colors.TERTIARY,
        semantics_label=_("better than before") if better else _("not as good as before"),
    )


def _advice(app: AppState, page: TrustPage) -> list[ft.Control]:
    found = page.advice
    if found is None:
        return []
    script = advice.SCRIPTS[found.lever]
    return [
        heading(_("What would raise it most")),
        card(
            ft.Column(
                [
                    ft.Text(advice.title(found.lever), theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
                    ft.Text(advice.text(found, app.format)),
                    ft.FilledTonalButton(
                        _("What to say"), icon=ft.Icons.EDIT_NOTE, on_click=lambda _event: say(app, script)
                    ),
                ],
                spacing=8,
                tight=True,
            )
        ),
    ]


def _metrics(page: TrustPage) -> list[ft.Control]:
    if not page.metrics:
        return []
    return [heading(_("In numbers")), *(_metric(each, page.ends) for each in page.metrics)]


def _metric(metric: Metric, ends: tuple[str, str]) -> ft.Control:
    title = ft.Text(metric.title, color=ft.Colors.ON_SURFACE_VARIANT)
    value = ft.Text(metric.value, theme_style=ft.TextThemeStyle.TITLE_LARGE, expand=True)
    head = ft.Column([title, ft.Row([value, _trend(metric.better)], spacing=8)], spacing=0, tight=True)
    small = ft.TextThemeStyle.BODY_SMALL
    parts: list[ft.Control] = [head]
    if metric.points:
        parts += [chart(metric, ends), ft.Text(metric.sentence, theme_style=small)]
    if metric.before:
        before = _("The time before: {value}").format(value=metric.before)
        parts.append(ft.Text(before, theme_style=small, color=ft.Colors.ON_SURFACE_VARIANT))
    return card(ft.Column(parts, spacing=8, tight=True))


def _ratings(app: AppState, page: TrustPage, limit: int, more: Callable[[], None]) -> list[ft.Control]:
    rated = page.report.rated
    if not rated:
        return []
    rows = [_rated(app, page, each) for each in rated[:limit]]
    if len(rated) > limit:
        rows.append(ft.TextButton(_("Show more"), icon=ft.Icons.EXPAND_MORE, on_click=lambda _event: more()))
    return [heading(_("What clients said")), *rows]


def _rated(app: AppState, page: TrustPage, rated: RatedJob) -> ft.Control:
    who = _("{client} · {job}").format(
        client=words.client_name(page.clients.get(rated.client_id)), job=rated.title or _("Untitled job")
    )
    given = n_("{n} star", "{n} stars", rated.stars)
    parts: list[ft.Control] = [
        ft.Row(
            [
                ft.Icon(
                    ft.Icons.STAR if number <= rated.stars else ft.Icons.STAR_BORDER,
                    size=18,
                    color=ft.Colors.PRIMARY,
                )
                for number in range(1, 6)
            ],
            spacing=0,
        )
    ]
    if rated.comment.strip():
        parts.append(ft.Text(_("“{comment}”").format(comment=rated.comment.strip())))
    parts.append(ft.Text(who, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT))
    spoken = ". ".join(part for part in (given, rated.comment.strip(), who) if part)
    body = ft.Column(parts, spacing=4, tight=True)
    return card(tappable(body, spoken, lambda: app.open("job", rated.job_id), padding=12), padding=0)
