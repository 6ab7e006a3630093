"""The first run: three short steps, each of which can be skipped."""

from collections.abc import Callable
from functools import partial

import flet as ft

from app.domain.languages import LANGUAGES
from app.i18n import _
from app.ui.components.fields import choice_chips, text_field
from app.ui.components.frog import frog
from app.ui.components.holidays import country_field
from app.ui.components.layout import EDGE, heading, landmark
from app.ui.components.limit_field import UnpaidLimitField
from app.ui.components.restore import RestoreButton
from app.ui.components.scrolled import scrolled
from app.ui.components.settings_section import why
from app.ui.components.weekly_hours import week_names, weekly_hours
from app.ui.phrases import keep_phrases
from app.ui.state import AppState, use_app
from app.viewmodels import welcome as model
from app.viewmodels.settings import WEEKLY_PRESETS, problems, week_preset

WIDTH = 480  # pixels: a column narrow enough to read like a letter
STEPS = 3
BY_DAY = "by-day"


@ft.component
def WelcomeScreen() -> ft.View:
    app = use_app()
    step, set_step = ft.use_state(0)
    wrong = problems(app.settings)
    side = max(EDGE + 8, ((app.page.width or 0) - WIDTH) / 2)

    def go_on() -> None:
        if not wrong:
            set_step(step + 1)

    bodies: tuple[Callable[[], list[ft.Control]], ...] = (
        lambda: _intro(app),
        lambda: [AboutYou()],
        lambda: _start(app),
    )
    return ft.View(
        route="/",
        controls=[
            ft.SafeArea(
                landmark(
                    [
                        ft.Container(
                            _top_bar(app, step, lambda: set_step(step - 1)),
                            padding=ft.Padding(left=8, right=8, top=4),
                        ),
                        scrolled(
                            bodies[step](),
                            ft.Padding(left=side, right=side, top=8, bottom=24),
                            key=f"step-{step}",
                        ),
                        ft.Container(
                            _bottom(app, step, go_on),
                            padding=ft.Padding(left=side, right=side, top=8, bottom=16),
                        ),
                    ],
                ),
                expand=True,
            )
        ],
        padding=0,
    )


def _top_bar(app: AppState, step: int, back: Callable[[], None]) -> ft.Control:
    """The progress dots, with the Back and Skip buttons."""
    dots = ft.Semantics(
        content=ft.Row(
            [
                ft.Container(
                    width=24 if index == step else 8,
                    height=8,
                    border_radius=4,
                    bgcolor=ft.Colors.PRIMARY if index <= step else ft.Colors.OUTLINE_VARIANT,
                )
                for index in range(STEPS)
            ],
            spacing=6,
            tight=True,
        ),
        label=_("Step {step} of {steps}").format(step=step + 1, steps=STEPS),
    )
    start: ft.Control = (
        ft.TextButton(_("Back"), icon=ft.Icons.ARROW_BACK, on_click=lambda _event: back())
        if step
        else ft.Container(width=48)
    )
    skip = ft.TextButton(_("Skip"), on_click=lambda _event: model.finish(app))
    # Buttons as wide as their label, also at large text; the dots shrink.
    return ft.Row(
        [start, ft.Container(dots, expand=True, alignment=ft.Alignment.CENTER), skip],
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        spacing=4,
    )


def _bottom(app: AppState, step: int, go_on: Callable[[], None]) -> ft.Control:
    if step < STEPS - 1:
        return _full_width(ft.FilledButton(_("Next"), on_click=lambda _event: go_on()))
    return ft.Column(
        [
            _full_width(ft.FilledButton(_("Start"), on_click=lambda _event: model.finish(app))),
            _full_width(
                ft.FilledTonalButton(
                    _("Try with sample data"), on_click=lambda _event: model.finish(app, sample=True)
                )
            ),
        ],
        spacing=8,
        tight=True,
    )


def _full_width(button: ft.FilledButton | ft.FilledTonalButton) -> ft.Control:
    button.width = float("inf")
    return button


def _title(text: str) -> ft.Control:
    return ft.Semantics(
        content=ft.Text(
            keep_phrases(text),
            semantics_label=text,
            theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM,
            text_align=ft.TextAlign.CENTER,
        ),
        heading_level=1,
        container=True,
    )


def _intro(app: AppState) -> list[ft.Control]:
    return [
        ft.Container(frog(112), alignment=ft.Alignment.CENTER, padding=ft.Padding(top=64, bottom=8)),
        _title(_("Reply in time.\nGo home on time.")),
        ft.Text(
            _(
                "Kaeru keeps every client's message, call and deadline in order of what is due first, "
                "and knows what to say."
            ),
            text_align=ft.TextAlign.CENTER,
            color=ft.Colors.ON_SURFACE_VARIANT,
        ),
        ft.Container(
            choice_chips(
                LANGUAGES,
                app.settings.language,
                partial(model.choose_language, app),
                alignment=ft.MainAxisAlignment.CENTER,
            ),
            padding=ft.Padding(top=24),
        ),
    ]


@ft.component
def AboutYou() -> ft.Control:
    """Name and working hours: preset weeks, or hours day by day."""
    app = use_app()
    by_day, set_by_day = ft.use_state(False)
    settings = app.settings
    wrong = problems(settings)

    def choose_week(key: str) -> None:
        set_by_day(key == BY_DAY)
        if key != BY_DAY:
            model.apply_choices(app, working_hours=WEEKLY_PRESETS[int(key)])

    parts: list[ft.Control] = [
        _title(_("You and your time")),
        text_field(
            _("Your name"),
            settings.name,
            lambda text: model.apply_choices(app, name=text),
            helper=_("It signs your messages."),
            error=wrong.get("name", ""),
        ),
        heading(_("When do you work?")),
        choice_chips(
            {**week_names(app), BY_DAY: _("Day by day…")},
            BY_DAY if by_day else week_preset(settings.working_hours),
            choose_week,
        ),
    ]
    if by_day or "working_hours" in wrong:
        parts.append(
            weekly_hours(
                app,
                settings.working_hours,
                lambda week: model.apply_choices(app, working_hours=week),
                wrong.get("working_hours", ""),
            )
        )
    parts += [
        country_field(
            app.format,
            settings.holiday_country,
            lambda code: model.apply_choices(app, holiday_country=code),
        ),
        why(
            _(
                "Outside these hours and on public holidays, Kaeru leaves you in peace. "
                "You can change everything in Settings."
            )
        ),
        heading(_("Your money")),
        UnpaidLimitField(settings, app.format, lambda limit: model.apply_choices(app, unpaid_limit=limit)),
        why(_("Past this amount, Kaeru asks before you deliver more to a client who has not paid.")),
    ]
    return ft.Column(parts, spacing=12, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _start(app: AppState) -> list[ft.Control]:
    greeting = (
        _("Ready, {name}.").format(name=app.settings.name.strip())
        if app.settings.name.strip()
        else _("Ready.")
    )
    return [
        ft.Container(frog(80), alignment=ft.Alignment.CENTER, padding=ft.Padding(top=16)),
        _title(greeting),
        *(
            _point(icon, text)
            for icon, text in (
                (ft.Icons.ADD_CIRCLE_OUTLINE, _("When a client writes or calls, note it with +. Two taps.")),
                (ft.Icons.TODAY_OUTLINED, _("Today shows what needs you now, in order.")),
                (
                    ft.Icons.CLOUD_OFF_OUTLINED,
                    _(
                        "It works without a network. What you write stays on this device "
                        "unless you turn on sync."
                    ),
                ),
            )
        ),
        why(_("Sample data shows how it feels, and is removed again in one tap.")),
        ft.Container(RestoreButton(_("I have a backup…")), alignment=ft.Alignment.CENTER),
        ft.OutlinedButton(
            _("I sync on another device…"),
            icon=ft.Icons.DEVICES_OUTLINED,
            on_click=lambda _event: app.ask_for_key(),
        ),
    ]


def _point(icon: ft.IconData, text: str) -> ft.Control:
    return ft.Row([ft.Icon(icon, color=ft.Colors.PRIMARY), ft.Text(text, expand=True)], spacing=16)
