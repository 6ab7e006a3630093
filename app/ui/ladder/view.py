"""The screen of a client's boundary ladder: current step, evidence, next step, result of the last one."""

from datetime import datetime
from functools import partial

import flet as ft

from app.domain.codes import BoundaryStep, ClientStatus, ConversationOutcome
from app.domain.entities import Conversation
from app.domain.hours import DAY
from app.domain.ladder import KEEP_TO_AGREEMENT, Evidence
from app.i18n import _, n_
from app.ui.components.buttons import icon_button, menu_button, menu_item
from app.ui.components.client_gone import gone
from app.ui.components.layout import button_bar, card, fact, heading, screen, tally
from app.ui.components.rungs import ladder_list, standing
from app.ui.components.script_preview import ready_text
from app.ui.components.times import pick_moment
from app.ui.ladder.last_steps import Decide, Price
from app.ui.state import AppState, use_app
from app.viewmodels import ladder as model
from app.viewmodels.client import rhythm
from app.viewmodels.ladder import LadderPage
from app.wording import ladder as labels
from app.wording import words

DAYS = 3  # days of evidence shown at first


@ft.component
def LadderScreen() -> ft.View:
    app = use_app()
    client_id, path = ft.use_route_params()["key"], ft.use_view_path()
    paid, set_paid = ft.use_state(_no_minutes())
    every_day, set_every_day = ft.use_state(False)
    page = ft.use_memo(
        lambda: model.load(app, client_id, path, paid), [client_id, path, paid, app.revision, app.now]
    )
    if page is None:
        return screen(app, _("Boundaries"), [gone()])
    days = None if every_day else DAYS
    return screen(
        app,
        _("Boundaries: {name}").format(name=words.client_name(page.client)),
        [
            _current_step(app, page),
            *_parts(
                page,
                _last(app, page),
                _evidence(app, page, days, lambda: set_every_day(True)),
                _next(app, page, paid, set_paid),
            ),
            *_earlier_steps(app, page),
        ],
        actions=[icon_button(ft.Icons.PERSON_OUTLINE, _("Open client"), lambda: _open_client(app, page))],
        bottom=_record_buttons(app, page),
    )


def _parts(
    page: LadderPage, last: list[ft.Control], why: list[ft.Control], following: list[ft.Control]
) -> list[ft.Control]:
    """The parts in order: evidence before a step of the user's own, but the answer to a refusal first."""
    return [*following, *last, *why] if page.ladder.answers else [*last, *why, *following]


def _no_minutes() -> int | None:
    return None


def _open_client(app: AppState, page: LadderPage) -> None:
    app.open("client", page.client.id)


# --- current step ----------------------------------------------------------------------------------------


def _current_step(app: AppState, page: LadderPage) -> ft.Control:
    ladder = page.ladder
    lines: list[ft.Control] = [
        ft.Text(standing(ladder), theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
        *ladder_list(ladder, _taken(app, page)),
    ]
    note = _note(app, page)
    if note:
        lines.append(ft.Text(note))
    if ladder.walks_down and page.client.status != ClientStatus.ENDED:
        lines.append(
            ft.Text(
                _("If it stays quiet until {day}, it goes one step down.").format(
                    day=app.format.day_within(ladder.walks_down, app.now)
                ),
                color=ft.Colors.ON_SURFACE_VARIANT,
            )
        )
    return card(ft.Column(lines, spacing=10, tight=True))


def _taken(app: AppState, page: LadderPage) -> dict[int, str]:
    """When each step was last taken, with its outcome; for the first step also the current standing call."""
    taken = {
        each.step: _("{when} · {state}").format(
            when=app.format.day(each.at, app.now), state=labels.outcome(each)
        )
        for each in reversed(page.said)
    }
    if page.ladder.standing_call:
        taken[BoundaryStep.PROPOSE] = _("Agreed: {call}").format(call=rhythm(app, page.client))
    return taken


def _note(app: AppState, page: LadderPage) -> str:
    """Why no step is due, or what to confirm in writing; empty if a step is next."""
    if page.ladder.next is not None:
        return ""
    return labels.note(page.ladder, app.format, app.now, page.allowance)


# --- result of the last step -----------------------------------------------------------------------------


def _last(app: AppState, page: LadderPage) -> list[ft.Control]:
    last, after = page.ladder.last, page.ladder.aftermath
    if last is None or after is None:
        return []
    lines: list[ft.Control] = [
        _step_taken(app, last),
        tally(_("Unscheduled calls a week before"), _number(app, after.before_a_week)),
    ]
    if app.now >= last.at + DAY:  # before that, there is no result yet
        lines += [
            tally(
                _("A week since"),
                _number(app, after.since_a_week),
                ft.Colors.TERTIARY if after.since_a_week > max(after.before_a_week, page.allowance) else None,
            ),
            ft.Text(_over_limit_line(after.beyond, last)),
        ]
    if last.outcome == ConversationOutcome.SAID and last.decision is None:
        lines += [
            ft.Text(_("What did they say?"), weight=ft.FontWeight.W_600),
            button_bar(
                ft.FilledTonalButton(
                    _("They agreed…"), on_click=lambda _event: app.open("agreement", last.id)
                ),
                ft.OutlinedButton(
                    _("They pushed back"), on_click=lambda _event: model.pushed_back(app, last)
                ),
            ),
        ]
    parts: list[ft.Control] = [
        heading(_("The last step")),
        card(ft.Column(lines, spacing=10, tight=True)),
    ]
    if page.follow_up:
        parts += [heading(_("Put it in writing")), *ready_text(app, page.follow_up)]
    return parts


def _over_limit_line(calls: int, last: Conversation) -> str:
    """The number of calls over the limit since; "agreed" only if the client has agreed."""
    if last.outcome != ConversationOutcome.AGREED:
        if not calls:
            return _("No call since was one too many.")
        return n_("{n} call since was one too many.", "{n} calls since were too many.", calls)
    if not calls:
        return _("No call since was over what you agreed.")
    return n_("{n} call since was over what you agreed.", "{n} calls since were over what you agreed.", calls)


def _number(app: AppState, value: float) -> str:
    return app.format.number(value)


def _step_taken(app: AppState, conversation: Conversation) -> ft.Control:
    """A step that was taken, its date and outcome, with a menu to correct them."""
    name = labels.step(conversation.step)
    items = [
        menu_item(ft.Icons.DELETE_OUTLINE, _("Delete"), partial(model.delete, app, conversation)),
    ]
    items.insert(
        0, menu_item(ft.Icons.EDIT_CALENDAR, _("Change the date…"), partial(_redate, app, conversation))
    )
    if conversation.outcome != ConversationOutcome.SAID:
        undo = partial(model.take_back_answer, app, conversation)
        items.insert(0, menu_item(ft.Icons.UNDO, _("Take the answer back"), undo))
    return ft.Row(
        [
            ft.Column(
                [
                    ft.Text(name, weight=ft.FontWeight.W_600),
                    ft.Text(
                        _("{when} · {state}").format(
                            when=app.format.when(conversation.at, app.now), state=labels.outcome(conversation)
                        ),
                        color=ft.Colors.ON_SURFACE_VARIANT,
                    ),
                ],
                spacing=2,
                tight=True,
                expand=True,
            ),
            menu_button(_("More for {name}").format(name=name), items),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _redate(app: AppState, conversation: Conversation) -> None:
    def moved(at: datetime) -> None:
        model.redate(app, conversation, at)

    pick_moment(app, conversation.at, moved, past=True)


def _earlier_steps(app: AppState, page: LadderPage) -> list[ft.Control]:
    """The steps before the last one."""
    earlier = page.said[1:]
    if not earlier:
        return []
    rows = ft.Column([_step_taken(app, each) for each in earlier], spacing=8, tight=True)
    return [heading(_("Earlier steps")), card(rows)]


# --- evidence --------------------------------------------------------------------------------------------


def _evidence(
    app: AppState, page: LadderPage, days: int | None, show_all: model.LadderCommand
) -> list[ft.Control]:
    """The evidence: the number of calls, and the times of those over the allowance."""
    evidence = page.ladder.evidence
    if not evidence.calls:
        return []
    lines = [*_counted(app, evidence, page.allowance)]
    by_day = model.by_day(evidence.dates, app.format)
    if by_day:
        lines.append(ft.Text(_("Over the allowance:"), weight=ft.FontWeight.W_600))
    for _day, instants in by_day[:days]:
        times = app.format.listed(app.format.time(at) for at in instants)
        lines.append(fact(app.format.day(instants[0], app.now), times))
    if days is not None and len(by_day) > days:
        lines.append(
            ft.TextButton(_("Show more"), icon=ft.Icons.EXPAND_MORE, on_click=lambda _event: show_all())
        )
    return [heading(_("Why")), card(ft.Column(lines, spacing=8, tight=True))]


def _counted(app: AppState, evidence: Evidence, allowance: int) -> list[ft.Control]:
    counts = evidence.counts
    lines: list[ft.Control] = [ft.Text(model.counted_in_words(app, evidence, allowance))]
    if counts.already_sent:
        lines.append(tally(_("About things already sent"), str(counts.already_sent)))
    if counts.empty_voicemails:
        lines.append(tally(_("Voicemails that say nothing"), str(counts.empty_voicemails)))
    if counts.minutes:
        lines.append(tally(_("Time they took"), app.format.hours(counts.minutes)))
    if evidence.busiest and evidence.busiest[1] > 1:
        day, most = evidence.busiest
        lines.append(fact(_("Most on one day"), _("{n} on {day}").format(n=most, day=app.format.date(day))))
    return lines


# --- next step -------------------------------------------------------------------------------------------


def _next(app: AppState, page: LadderPage, paid: int | None, set_paid: model.SetMinutes) -> list[ft.Control]:
    step = page.ladder.next
    if step is None:
        return []
    parts: list[ft.Control] = [
        heading(labels.note(page.ladder, app.format, app.now, page.allowance)),
        *(
            [ft.Text(_("They said no. These are the words to answer them with."))]
            if page.ladder.answers and page.text
            else []
        ),
        ft.Text(
            labels.hint(
                step,
                agreed=page.ladder.script == KEEP_TO_AGREEMENT,
                standing_call=page.ladder.standing_call,
            )
        ),
    ]
    if page.asks_price:
        parts.append(Price(page, paid, set_paid))
    if page.asks_decision:
        parts.append(Decide(page))
    if page.text:
        parts += ready_text(app, page.text)
    return parts


def _record_buttons(app: AppState, page: LadderPage) -> ft.Control | None:
    """The buttons that record a step as taken, now or earlier; a decision is recorded by choosing it."""
    client_id = page.client.id
    if page.to_note is None or page.asks_decision:
        return None

    def noted(at: datetime) -> None:
        model.said(app, client_id, at)

    def earlier(_event: ft.Event[ft.OutlinedButton]) -> None:
        pick_moment(app, app.now, noted, past=True)

    if page.ladder.next is None:
        return button_bar(ft.OutlinedButton(_("I talked about it already…"), on_click=earlier))
    return button_bar(
        ft.FilledButton(
            _("I said it"), icon=ft.Icons.CHECK, on_click=lambda _event: model.said(app, client_id)
        ),
        ft.OutlinedButton(_("Said earlier…"), icon=ft.Icons.EDIT_CALENDAR, on_click=earlier),
    )
