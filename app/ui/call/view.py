"""The screen of a call, to read and edit; every choice is saved at once."""

from datetime import datetime

import flet as ft

from app.domain.codes import CallOutcome
from app.domain.entities import Call, StatusUpdate, Topic
from app.domain.missed_calls import wants_answer
from app.domain.standing_calls import was_called_off
from app.i18n import _, n_
from app.ui.components.answers import answers
from app.ui.components.autosave import AutosaveText
from app.ui.components.buttons import icon_button
from app.ui.components.dialogs import ask_if_ahead
from app.ui.components.fields import choice_chips, dropdown, labelled, moment_field, switch_row
from app.ui.components.layout import card, empty_state, heading, screen
from app.ui.components.script_preview import ready_text
from app.ui.components.scripts import script_tile
from app.ui.state import AppState, use_app
from app.viewmodels import call as model
from app.viewmodels import standing as standing_commands
from app.viewmodels.client_draft import read_count
from app.wording import ladder as labels
from app.wording import words

LONGEST = 24 * 60  # minutes


@ft.component
def CallScreen() -> ft.View:
    app = use_app()
    call_id, path = ft.use_route_params()["key"], ft.use_view_path()
    page = ft.use_memo(lambda: model.load(app, call_id, path), [call_id, path, app.revision, app.now])
    minutes_error, set_minutes_error = ft.use_state("")
    if page is None:
        gone = empty_state(ft.Icons.CALL_OUTLINED, _("This call is gone"), _("It was deleted."))
        return screen(app, _("Call"), [gone])
    call = page.call

    def save_minutes(text: str) -> None:
        minutes, error = read_count(text)
        if not error and (minutes or 0) > LONGEST:
            error = _("A call is at most a day long.")
        set_minutes_error(error)
        if not error:
            model.keep_typed(app, call_id, minutes=minutes or 0)

    def move(at: datetime) -> None:
        ask_if_ahead(app, at, lambda: model.change(app, call_id, at=at))

    def delete() -> None:
        if model.delete(app, call):
            app.leave(call_id)

    return screen(
        app,
        _title(page),
        [
            *(_cancelled_call(app, call) if was_called_off(call) else [_outcome(app, call)]),
            *answers(app, page.matters, call.at),
            *_allowance(page),
            *([_voicemail_reason(app, call)] if call.outcome == CallOutcome.VOICEMAIL else []),
            *_answer(app, page),
            *(ready_text(app, page.text) if page.text else []),
            *_answered(app, page),
            *_offer_to_keep(app, page),
            *_boundaries(app, page),
            moment_field(
                app,
                _("When"),
                call.at,
                lambda at: move(at) if at else None,
                clearable=False,
                past=True,
            ),
            switch_row(
                _("Scheduled in advance"),
                call.scheduled,
                lambda on: model.change(app, call_id, scheduled=on),
            ),
            AutosaveText(
                _("What was it about?"),
                call.note,
                lambda text: model.keep_typed(app, call_id, note=text.strip()),
                multiline=True,
            ),
            *(
                [
                    AutosaveText(
                        _("Minutes"),
                        str(call.minutes) if call.minutes else "",
                        save_minutes,
                        error=minutes_error,
                        keyboard=ft.KeyboardType.NUMBER,
                    )
                ]
                if call.outcome == CallOutcome.TAKEN
                else []
            ),
            *_job(app, page),
            *([heading(_("What else to say"))] if page.scripts else []),
            *(script_tile(app, script) for script in page.scripts[:6]),
        ],
        actions=[
            icon_button(
                ft.Icons.PERSON_OUTLINE, _("Open client"), lambda: app.open("client", call.client_id)
            ),
            icon_button(ft.Icons.DELETE_OUTLINE, _("Delete call"), delete),
        ],
    )


def _title(page: model.CallPage) -> str:
    """The title: a scheduled call is "with" the client, any other one "from" them."""
    name = words.client_name(page.client)
    return (_("Call with {name}") if page.call.scheduled else _("Call from {name}")).format(name=name)


def _cancelled_call(app: AppState, call: Call) -> list[ft.Control]:
    """A cancelled standing call, which can be restored until its time has come."""

    controls: list[ft.Control] = [ft.Text(_("You called this one off."))]
    cancelled = standing_commands.cancelled(app, call)
    if cancelled:
        known = cancelled

        def take_place() -> None:
            if standing_commands.restore(app, call.client_id, known):
                app.leave(call.id)

        controls.append(
            ft.OutlinedButton(
                _("It takes place after all"),
                icon=ft.Icons.EVENT_AVAILABLE_OUTLINED,
                on_click=lambda _event: take_place(),
            )
        )
    return controls


def _outcome(app: AppState, call: Call) -> ft.Control:
    names = {outcome.value: words.call_outcome(outcome) for outcome in CallOutcome}
    if call.scheduled:
        names[CallOutcome.MISSED] = _("It did not take place")
    return choice_chips(
        names,
        call.outcome,
        lambda outcome: model.change(app, call.id, outcome=outcome),
    )


def _allowance(page: model.CallPage) -> list[ft.Control]:
    """The week's remaining allowance: one or two calls keep a consultant flexible (seed)."""
    allowance = page.allowance
    if allowance is None:
        return []
    left = allowance.whole - allowance.made
    counted = n_(
        "{n} unscheduled call this week, {taken} answered. Your limit is {limit} a week.",
        "{n} unscheduled calls this week, {taken} answered. Your limit is {limit} a week.",
        allowance.made,
        taken=allowance.taken,
        limit=allowance.whole,
    )
    icon, color = ft.Icons.DO_NOT_DISTURB_ON_OUTLINED, ft.Colors.TERTIARY
    if left > 0:
        icon, color = ft.Icons.THUMBS_UP_DOWN_OUTLINED, ft.Colors.PRIMARY
        advice = n_("{n} more is fine: your choice.", "{n} more are fine: your choice.", left)
    elif not allowance.beyond:
        icon = ft.Icons.CHECK_CIRCLE_OUTLINED
        advice = _("The limit is reached: let the next one ring, then write.")
    elif allowance.whole:
        advice = _("This one is over the limit: let the next one ring, then write.")
    else:
        advice = _("You allow no unscheduled calls from them: let it ring, then write.")
    text = ft.Column([ft.Text(counted), ft.Text(advice)], spacing=4, tight=True, expand=True)
    return [card(ft.Row([ft.Icon(icon, color=color), text], spacing=12), padding=12)]


def _boundaries(app: AppState, page: model.CallPage) -> list[ft.Control]:
    """A link to the boundary ladder, where too many calls are dealt with, not in the answer to one call."""
    step = labels.next_step(page.ladder) if page.ladder else ""
    if not step or page.client is None:
        return []
    client_id = page.client.id
    return [
        card(
            ft.ListTile(
                leading=ft.Icons.STAIRS_OUTLINED,
                title=_("Boundaries"),
                subtitle=_("Next: {step}").format(step=step),
                trailing=ft.Icons.CHEVRON_RIGHT,
                on_click=lambda _event: app.open("ladder", client_id),
            ),
            padding=0,
        )
    ]


def _voicemail_reason(app: AppState, call: Call) -> ft.Control:
    options = {"yes": _("Said what it is about"), "no": _("Only “call me back”")}
    chosen = {True: "yes", False: "no", None: ""}[call.said_why]
    return labelled(
        _("The voicemail"),
        choice_chips(options, chosen, lambda key: model.change(app, call.id, said_why=key == "yes")),
    )


def _job(app: AppState, page: model.CallPage) -> list[ft.Control]:
    if not page.jobs:
        return []
    options = {"": _("No job"), **{job.id: words.job_title(job) for job in page.jobs}}
    call = page.call
    return [
        ft.Row(
            [
                dropdown(
                    _("Job"),
                    options,
                    call.job_id or "",
                    lambda key: model.change(app, call.id, job_id=key or None),
                )
            ]
        )
    ]


def _answer(app: AppState, page: model.CallPage) -> list[ft.Control]:
    """The update that answers the call: a check-in on something already sent counts as evidence."""
    call, update = page.call, page.answered or page.answer
    if update is None:
        return []
    known: StatusUpdate = update
    return [
        card(
            ft.Column(
                [
                    ft.Text(
                        _("Already sent ({when}):").format(when=app.format.when(known.at, app.now)),
                        weight=ft.FontWeight.W_600,
                    ),
                    ft.SelectionArea(content=ft.Text(known.text)),
                    switch_row(
                        _("The call only asked about this"),
                        call.answered_by_update_id == known.id,
                        lambda on: model.change(app, call.id, answered_by_update_id=known.id if on else None),
                    ),
                ],
                spacing=8,
                tight=True,
            )
        )
    ]


def _offer_to_keep(app: AppState, page: model.CallPage) -> list[ft.Control]:
    """The offer to keep the matter for the next standing call."""
    call, topic = page.call, page.topic
    if topic and topic.done_at is None:
        return [_kept_topic(app, page, topic)]
    if call.scheduled or topic or page.client is None:
        return []
    when = _("There is no standing call yet.")
    if page.next_call:
        when = standing_commands.call_in_words(app, page.client, page.next_call)
    keep = card(
        ft.ListTile(
            leading=ft.Icons.EVENT_REPEAT,
            title=_("Keep it for your next call"),
            subtitle=when,
            trailing=ft.Icons.ADD_TASK,
            on_click=lambda _event: model.keep(app, call),
        ),
        padding=0,
    )
    return [keep, *([] if page.next_call else [_agree(app, call.client_id)])]


def _agree(app: AppState, client_id: str) -> ft.Control:
    return ft.TextButton(
        _("Agree on a standing call…"),
        icon=ft.Icons.EVENT_REPEAT,
        on_click=lambda _event: app.open("edit-client", client_id),
    )


def _kept_topic(app: AppState, page: model.CallPage, topic: Topic) -> ft.Control:
    """The topic kept for the next standing call, with the call's date if there is one.

    The call counts as unanswered until the client was told so.
    """
    text = _("Kept for your next call")
    if page.next_call:
        when = app.format.when(page.next_call, app.now)
        text = _("Waits for your call on {when}").format(when=when)
    lines: list[ft.Control] = [ft.Text(text, weight=ft.FontWeight.W_600)]
    call = page.call
    if wants_answer(call):
        lines += [
            ft.Text(_("They do not know yet: tell them.")),
            ft.FilledTonalButton(
                _("I told them"), icon=ft.Icons.CHECK, on_click=lambda _event: model.told(app, call)
            ),
        ]
    lines.append(
        ft.Row(
            [
                ft.TextButton(
                    _("Topics"), on_click=lambda _event: app.open("standing-call", topic.client_id)
                ),
                ft.TextButton(
                    _("It does not wait"),
                    on_click=lambda _event: standing_commands.delete(app, topic),
                ),
                *([] if page.next_call else [_agree(app, topic.client_id)]),
            ],
            wrap=True,
        )
    )
    return card(ft.Column(lines, spacing=8, tight=True), padding=12)


def _answered(app: AppState, page: model.CallPage) -> list[ft.Control]:
    """Whether the user got back to the client about a call that was not taken."""
    call = page.call
    if call.scheduled or call.outcome == CallOutcome.TAKEN:
        return []
    if page.topic and page.topic.done_at is None and wants_answer(call):
        return []  # the card of the topic offers to tell them
    if call.answered_at:
        when = app.format.when(call.answered_at, app.now)
        return [
            ft.Row(
                [
                    ft.Text(_("You got back to them: {when}").format(when=when)),
                    ft.TextButton(_("Not yet"), on_click=lambda _event: model.not_answered(app, call)),
                ],
                alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
                wrap=True,
            )
        ]
    return [
        ft.FilledTonalButton(
            _("I got back to them"),
            icon=ft.Icons.CHECK,
            on_click=lambda _event: model.answered(app, call.client_id),
        )
    ]
