"""An update worth sending before a client asks: whoever hears from you has no reason to ring."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

import flet as ft

from app.domain.entities import Client
from app.domain.proactive import LOOK_BACK, UpdateSuggestion
from app.domain.trust import ENOUGH
from app.i18n import Formatter, _, n_
from app.ui import paths
from app.ui.components.buttons import icon_button, tappable
from app.ui.components.layout import card
from app.ui.components.scripts import say
from app.ui.state import AppState
from app.wording import words

SCRIPT = "progress-update"


def due(app: AppState, found: Iterable[UpdateSuggestion]) -> list[UpdateSuggestion]:
    """Those to send today."""
    tomorrow = app.calendar.local(app.now).date() + timedelta(days=1)
    end = datetime.combine(tomorrow, time(), app.calendar.zone)
    return [each for each in found if each.due < end]


def lines(suggestion: UpdateSuggestion, client: Client | None, formatter: Formatter) -> tuple[str, str]:
    """Whom to write to, and why now."""
    return (
        _("Tell {name} how “{job}” is going").format(
            name=words.client_name(client), job=words.job_title(suggestion.job)
        ),
        _why(suggestion, formatter),
    )


def _why(suggestion: UpdateSuggestion, formatter: Formatter) -> str:
    """How often they asked; after how long, once there are enough cases to call it usual."""
    span, counts = _span(suggestion.days), formatter.listed(_counts(suggestion))
    if suggestion.gaps < ENOUGH:
        return _("{span}: {counts}.").format(span=span, counts=counts)
    return _("{span}: {counts}, usually {gap} after your last word.").format(
        span=span, counts=counts, gap=formatter.elapsed(suggestion.usual_gap)
    )


def _span(days: int) -> str:
    """How long was looked at: less with a client one has known for less."""
    if days >= LOOK_BACK.days:
        return _("In three months")
    weeks = -(-days // 7)
    return n_("In {n} week", "In {n} weeks", weeks)


def _counts(suggestion: UpdateSuggestion) -> list[str]:
    """How often they were in touch: what was marked as a check-in counts as one, any other call as a call."""
    counts = []
    if suggestion.check_ins:
        counts.append(n_("{n} check-in", "{n} check-ins", suggestion.check_ins))
    if suggestion.calls:
        counts.append(n_("{n} unscheduled call", "{n} unscheduled calls", suggestion.calls))
    return counts


def suggestion_row(app: AppState, suggestion: UpdateSuggestion, client: Client | None) -> ft.Control:
    """A tap opens the words, the button notes that they were sent."""
    job = suggestion.job
    title, why = lines(suggestion, client, app.format)
    mark = ft.CircleAvatar(
        ft.Icon(ft.Icons.OUTBOX_OUTLINED, color=ft.Colors.ON_SECONDARY_CONTAINER),
        bgcolor=ft.Colors.SECONDARY_CONTAINER,
        radius=24,
    )
    text = ft.Column(
        [
            ft.Text(title, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS),
            ft.Text(why, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT),
        ],
        spacing=2,
        expand=True,
    )
    main = tappable(
        ft.Row([mark, text], spacing=12),
        _("{name}. {what}").format(name=title, what=why),
        lambda: say(app, SCRIPT, "job", job.id),
    )
    main.expand = True

    def note() -> None:
        app.go(paths.stacked(paths.stacked(app.page.route, "job", job.id), "update", "new"))

    sent = icon_button(
        ft.Icons.CHECK_CIRCLE_OUTLINE,
        _("I sent an update: {name}").format(name=words.client_name(client)),
        note,
        ft.Colors.PRIMARY,
    )
    return card(ft.Row([main, sent], spacing=0), padding=12)
