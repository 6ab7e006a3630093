"""A client at a glance: calls, boundary step, reply times and unpaid work."""

from datetime import timedelta
from functools import partial

import flet as ft

from app.domain.call_weeks import CallGlance, CallWeek
from app.domain.calls import call_allowance
from app.domain.codes import CallOutcome
from app.domain.exposure import late_payments, unpaid_limit
from app.domain.trust import ENOUGH, TrustNumbers
from app.i18n import Formatter, _, n_
from app.ui.components.buttons import tappable
from app.ui.components.layout import card, fact, heading, tally
from app.ui.components.rungs import rungs, standing
from app.ui.state import AppState
from app.viewmodels.client import ClientPage, is_about_calls
from app.viewmodels.exposure import late_line
from app.viewmodels.standing import call_in_words
from app.wording import ladder as labels
from app.wording import words

HEIGHT = 72  # pixels: height of the chart, which contains no text
BAR = 10


def glance(app: AppState, page: ClientPage) -> list[ft.Control]:
    return [
        *_topics(app, page),
        *_calls(app, page),
        *([_boundary(app, page)] if is_about_calls(page) else []),
        *_answers(app, page),
        *_owed(app, page),
    ]


# --- calls -----------------------------------------------------------------------------------------------


def _calls(app: AppState, page: ClientPage) -> list[ft.Control]:
    """The next standing call, the calls per week against the allowance, and the unscheduled ones by
    outcome.
    """
    calls, next_call = page.glance.calls, page.glance.next_call
    lines: list[ft.Control] = []
    if next_call:
        lines.append(fact(_("Next call"), call_in_words(app, page.client, next_call)))
    total = calls.total
    if total.unscheduled or total.scheduled:
        lines += [_chart(app, calls), _legend(calls)]
    if total.unscheduled:
        outcomes = ((CallOutcome.TAKEN, total.taken), (CallOutcome.MISSED, total.missed))
        counted = (*outcomes, (CallOutcome.VOICEMAIL, total.voicemail))
        lines.append(ft.Text(" · ".join(words.calls_by_outcome(outcome, n) for outcome, n in counted)))
    if total.already_sent:
        lines.append(tally(_("About things already sent"), str(total.already_sent)))
    if total.empty_voicemails:
        lines.append(tally(_("Voicemails that say nothing"), str(total.empty_voicemails)))
    if not lines:
        return []
    weeks = len(calls.weeks)
    return [
        heading(n_("Calls in {n} week", "Calls in {n} weeks", weeks)),
        card(ft.Column(lines, spacing=8, tight=True)),
    ]


def _chart(app: AppState, calls: CallGlance) -> ft.Control:
    """The chart, drawn with plain containers: a chart plug-in would enlarge the download."""
    allowance = calls.weeks[-1].allowance
    most = max(*(max(week.counts.unscheduled, week.counts.scheduled) for week in calls.weeks), allowance, 1)
    unit = HEIGHT / most
    bars = ft.Row(
        [_week(week, unit) for week in calls.weeks],
        vertical_alignment=ft.CrossAxisAlignment.END,
        spacing=0,
        height=HEIGHT,
    )
    line = ft.Container(
        height=1, left=0, right=0, bottom=allowance * unit, bgcolor=ft.Colors.ON_SURFACE_VARIANT
    )
    said = "; ".join(_week_in_words(app, week) for week in calls.weeks)
    ends = ft.Row(
        [_quiet(end) for end in axis(calls, app)],
        wrap=True,
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        width=float("inf"),
        run_spacing=0,
    )
    chart = ft.Column([ft.Stack([bars, line], height=HEIGHT), ends], spacing=4, tight=True)
    return ft.Semantics(content=chart, label=said, exclude_semantics=True, image=True, container=True)


def axis(calls: CallGlance, app: AppState) -> list[str]:
    """The chart's first day and today, as dates; one date if they are the same."""
    return list(dict.fromkeys(app.format.span(calls.weeks[0].start, app.now)))


def _week(week: CallWeek, unit: float) -> ft.Control:
    """A week's bars: unscheduled calls, those over the allowance on top; beside them the scheduled ones."""
    over = week.over
    within = week.counts.unscheduled - over
    return ft.Row(
        [
            ft.Column(
                [_bar(over * unit, ft.Colors.TERTIARY), _bar(within * unit, ft.Colors.PRIMARY)],
                spacing=0,
                tight=True,
            ),
            _bar(week.counts.scheduled * unit, ft.Colors.OUTLINE),
        ],
        alignment=ft.MainAxisAlignment.CENTER,
        vertical_alignment=ft.CrossAxisAlignment.END,
        spacing=2,
        expand=True,
    )


def _bar(height: float, color: ft.Colors) -> ft.Control:
    return ft.Container(width=BAR, height=height, bgcolor=color)


def _week_in_words(app: AppState, week: CallWeek) -> str:
    return _("Week of {day}: {unscheduled} unscheduled, {scheduled} scheduled").format(
        day=app.format.date(week.start),
        unscheduled=week.counts.unscheduled,
        scheduled=week.counts.scheduled,
    )


def _legend(calls: CallGlance) -> ft.Control:
    """The legend with the number of calls per colour; colours with no calls are left out."""
    over, allowance = sum(week.over for week in calls.weeks), calls.weeks[-1].allowance
    entries = [
        (color, text.format(n=n, allowance=allowance))
        for color, text, n in (
            (ft.Colors.PRIMARY, _("{n} unscheduled"), calls.total.unscheduled),
            (ft.Colors.TERTIARY, _("{n} of them over {allowance} a week"), over),
            (ft.Colors.OUTLINE, _("{n} scheduled"), calls.total.scheduled),
        )
        if n
    ]
    return ft.Column(
        [
            ft.Row(
                [
                    ft.Container(width=BAR, height=BAR, border_radius=2, bgcolor=color),
                    ft.Text(text, theme_style=ft.TextThemeStyle.BODY_SMALL, expand=True),
                ],
                spacing=6,
            )
            for color, text in entries
        ],
        spacing=4,
        tight=True,
    )


def _quiet(text: str) -> ft.Text:
    return ft.Text(text, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT)


def _topics(app: AppState, page: ClientPage) -> list[ft.Control]:
    """A link to the standing call, with its date and the number of topics."""
    next_call = page.glance.next_call
    if next_call is None and not page.topics and not is_about_calls(page):
        return []
    when = app.format.when(next_call, app.now) if next_call else _("No standing call yet")
    count = n_("{n} topic", "{n} topics", page.topics) if page.topics else _("No topics yet")
    content = ft.Row(
        [
            ft.Icon(ft.Icons.FORUM_OUTLINED, color=ft.Colors.ON_SURFACE_VARIANT),
            ft.Column(
                [
                    ft.Text(_("Topics for your next call"), weight=ft.FontWeight.W_600),
                    _quiet(f"{when} · {count}"),
                ],
                spacing=2,
                tight=True,
                expand=True,
            ),
            ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_SURFACE_VARIANT),
        ],
        spacing=12,
    )
    label = _("Topics for your next call: {when}. {count}").format(when=when, count=count)
    return [card(tappable(content, label, partial(app.open, "standing-call", page.client.id), 12), padding=4)]


# --- boundaries ------------------------------------------------------------------------------------------


def _boundary(app: AppState, page: ClientPage) -> ft.Control:
    """A link to the boundary ladder, with the current step and whether a next one is due."""
    ladder = page.glance.ladder
    note = labels.note(ladder, app.format, app.now, call_allowance(page.client, app.settings))
    where = standing(ladder)
    content = ft.Row(
        [
            ft.Column(
                [
                    _quiet(_("Boundaries")),
                    ft.Text(where, weight=ft.FontWeight.W_600),
                    rungs(max(ladder.step, int(ladder.standing_call))),
                    ft.Text(note, color=ft.Colors.TERTIARY if ladder.text or ladder.next else None),
                ],
                spacing=6,
                tight=True,
                expand=True,
            ),
            ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_SURFACE_VARIANT),
        ],
        spacing=8,
    )
    label = _("Boundaries: {where}. {note}").format(where=where, note=note)
    return card(tappable(content, label, partial(app.open, "ladder", page.client.id), 12), padding=4)


# --- answers and money -----------------------------------------------------------------------------------


def _answers(app: AppState, page: ClientPage) -> list[ft.Control]:
    """How fast the user answered this client in the last 90 days."""
    response = page.glance.response
    lines: list[ft.Control] = []
    if response.median_response is not None:
        lines.append(fact(*typical_answer(response, app.format)))
    if response.window_share is not None and response.answers >= ENOUGH:
        lines.append(tally(_("Answered in time"), app.format.percent(response.window_share)))
    if not lines:
        return []
    return [heading(_("Your answers in 90 days")), card(ft.Column(lines, spacing=8, tight=True))]


def typical_answer(response: TrustNumbers, fmt: Formatter) -> tuple[str, str]:
    """A label and the usual answer time, or the number of replies while there are too few."""
    if response.replies < ENOUGH:
        return _("Answered"), n_("{n} reply so far", "{n} replies so far", response.replies)
    return _("You usually answer in"), fmt.elapsed(timedelta(minutes=response.median_response or 0))


def _owed(app: AppState, page: ClientPage) -> list[ft.Control]:
    """The unpaid amount against the limit, and whether a reminder is due."""
    owed = page.glance.exposure
    if not owed:
        return []
    client = page.client
    lines: list[ft.Control] = []
    said = []
    for currency, minor in owed.items():
        limit = unpaid_limit(client, currency, app.settings)
        amount = app.format.money(minor, currency)
        if limit is not None:
            amount = _("{amount} (limit {limit})").format(
                amount=amount, limit=app.format.money(limit, currency)
            )
        over = limit is not None and minor > limit
        lines.append(fact(_("Delivered, unpaid"), amount, ft.Colors.TERTIARY if over else None))
        said.append(amount)
    late = late_payments(page.glance.payments, app.calendar, app.now)
    note = late_line(late, app.format) if late.count else _("None is late")
    lines.append(ft.Text(note, color=ft.Colors.TERTIARY if late.count else ft.Colors.ON_SURFACE_VARIANT))
    content = ft.Row(
        [
            ft.Column(lines, spacing=6, tight=True, expand=True),
            ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_SURFACE_VARIANT),
        ],
        spacing=8,
    )
    label = _("Delivered, unpaid: {amounts}. {note}").format(amounts=app.format.listed(said), note=note)
    return [card(tappable(content, label, partial(app.open, "exposure", client.id), 12), padding=4)]
