"""The screen of a client's standing call: its date, its topics and its outcome."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import flet as ft

from app.domain.codes import RaisedBy
from app.domain.entities import Client, Topic
from app.domain.standing_calls import CancelledCall
from app.i18n import _, n_
from app.ui.components.buttons import icon_button, menu_button, menu_item
from app.ui.components.dialogs import ask_text
from app.ui.components.drafts import left_note, use_draft
from app.ui.components.fields import check_row, segments, text_field
from app.ui.components.layout import button_bar, card, empty_state, heading, screen
from app.ui.components.move_call import ask_move
from app.ui.components.script_preview import ready_text
from app.ui.state import AppState, use_app
from app.viewmodels import standing as model
from app.viewmodels.draft_codecs import PlainText
from app.wording import words
from app.wording.calls import no_call_on


@ft.component
def StandingCallScreen() -> ft.View:
    app = use_app()
    client_id, path = ft.use_route_params()["key"], ft.use_view_path()
    page = ft.use_memo(lambda: model.load(app, client_id, path), [client_id, path, app.revision, app.now])
    if page is None:
        gone = empty_state(ft.Icons.PERSON_OFF_OUTLINED, _("This client is gone"), _("They were deleted."))
        return screen(app, _("Standing call"), [gone])
    client = page.client
    return screen(
        app,
        _("Call with {name}").format(name=words.client_name(client)),
        [
            *_calls(app, page),
            heading(_("Topics")),
            AddTopic(client_id),  # above the list: added topics do not move it, so it keeps the focus
            *(_topic(app, topic) for topic in page.open),
            *([] if page.open else [_no_topics()]),
            *_done(app, page),
        ],
        actions=[
            icon_button(ft.Icons.PERSON_OUTLINE, _("Open client"), lambda: app.open("client", client.id)),
        ],
    )


def _calls(app: AppState, page: model.StandingPage) -> list[ft.Control]:
    cards: list[ft.Control] = [*_to_tell(app, page)]
    if page.to_note:
        cards.append(_call(app, page.client, page.to_note, ended=True))
    if page.next_call:
        cards.append(_call(app, page.client, page.next_call, ended=False))
    if page.skipped:
        cards.append(_skipped(app, page.client, page.skipped))
    cards += [_cancelled(app, page.client, call) for call in page.cancelled]
    return cards or [_no_call(app, page)]


def _to_tell(app: AppState, page: model.StandingPage) -> list[ft.Control]:
    """A changed call that the client has not been told about, with the script for it."""
    if not page.changed:
        return []
    changed, client = page.changed[0], page.client
    told, name = app.format.when(changed.told, app.now), words.client_name(client)
    text = _("{name} expects your call: {when}. It does not take place. Tell them.").format(
        name=name, when=told
    )
    if changed.now_at:
        text = _("{name} expects your call: {when}. It has moved: {new}. Tell them.").format(
            name=name, when=told, new=app.format.when(changed.now_at, app.now)
        )
    buttons = button_bar(
        ft.FilledTonalButton(
            _("I told them"),
            icon=ft.Icons.CHECK,
            on_click=lambda _event: model.told_of_change(app, client, changed),
        ),
        ft.OutlinedButton(
            _("No need to tell them"),
            on_click=lambda _event: model.settle_without_telling(app, client, changed),
        ),
    )
    line = ft.Row(
        [ft.Icon(ft.Icons.CAMPAIGN_OUTLINED, color=ft.Colors.TERTIARY), ft.Text(text, expand=True)],
        spacing=12,
    )
    return [
        card(ft.Column([line, buttons], spacing=8, tight=True)),
        *(ready_text(app, page.text) if page.text else []),
    ]


def _cancelled(app: AppState, client: Client, call: CancelledCall) -> ft.Control:
    """A cancelled call, while it can still be restored."""
    day = app.format.when(call.at, app.now)
    return card(
        ft.Column(
            [
                ft.Row(
                    [
                        ft.Icon(ft.Icons.EVENT_BUSY, color=ft.Colors.ON_SURFACE_VARIANT),
                        ft.Text(_("Called off: {when}").format(when=day), expand=True),
                    ],
                    spacing=12,
                ),
                ft.TextButton(
                    _("It takes place after all"),
                    icon=ft.Icons.EVENT_AVAILABLE_OUTLINED,
                    tooltip=_("{label}: {value}").format(label=_("It takes place after all"), value=day),
                    on_click=lambda _event: model.restore(app, client.id, call),
                ),
            ],
            spacing=8,
            tight=True,
        )
    )


def _call(app: AppState, client: Client, at: datetime, *, ended: bool) -> ft.Control:
    """A call with its date, and the outcome to record; before its start it can only be cancelled."""
    when = app.format.when(at, app.now)
    under_way = at <= app.now and not ended
    title = _("Did your call take place?") if ended else _("Under way") if under_way else _("You talk next")
    off = ft.OutlinedButton(
        _("It did not take place") if ended or under_way else _("It will not take place"),
        on_click=lambda _event: model.did_not_take_place(app, client, at),
    )
    button = ft.FilledButton if ended or under_way else ft.OutlinedButton
    held = button(_("It took place"), on_click=lambda _event: model.held(app, client, at))
    choices = [held, off] if ended or under_way else [off]
    parts: list[ft.Control] = [
        ft.Text(title, color=ft.Colors.ON_SURFACE_VARIANT),
        ft.Text(
            _("{when} · {duration}").format(
                when=when, duration=n_("{n} minute", "{n} minutes", client.standing_call_minutes)
            ),
            theme_style=ft.TextThemeStyle.TITLE_MEDIUM,
        ),
        button_bar(*choices),
        _move_button(app, client, at),
    ]
    return card(ft.Column(parts, spacing=8, tight=True))


def _skipped(app: AppState, client: Client, calls: Sequence[datetime]) -> ft.Control:
    """The calls before the next one that fall on days off, with actions for the first of them."""
    text = no_call_on(calls, app.calendar, app.settings, app.format, app.now)
    first = calls[0]
    return card(
        ft.Column(
            [
                ft.Row(
                    [
                        ft.Icon(ft.Icons.EVENT_BUSY, color=ft.Colors.TERTIARY),
                        ft.Text(text, expand=True),
                    ],
                    spacing=12,
                ),
                ft.Row(
                    [
                        _move_button(app, client, first),
                        ft.TextButton(
                            _("Talk all the same: {day}").format(day=app.format.day_within(first, app.now)),
                            icon=ft.Icons.CALL_OUTLINED,
                            on_click=lambda _event: model.keep_on_day_off(app, client, first),
                        ),
                    ],
                    wrap=True,
                ),
            ],
            spacing=8,
            tight=True,
        )
    )


def _move_button(app: AppState, client: Client, at: datetime) -> ft.Control:
    """The button names the day, as there may be several calls on the screen."""
    return ft.TextButton(
        _("Move the call: {day}…").format(day=app.format.day(at, app.now)),
        icon=ft.Icons.EDIT_CALENDAR,
        on_click=lambda _event: ask_move(app, client, at),
    )


def _no_call(app: AppState, page: model.StandingPage) -> ft.Control:
    return card(
        ft.Column(
            [
                ft.Text(_("There is no standing call with this client.")),
                ft.Text(_("The topics stay here until there is one."), color=ft.Colors.ON_SURFACE_VARIANT),
                ft.FilledTonalButton(
                    _("Agree on a standing call…"),
                    icon=ft.Icons.EVENT_REPEAT,
                    on_click=lambda _event: app.open("edit-client", page.client.id),
                ),
            ],
            spacing=8,
            tight=True,
        )
    )


def _no_topics() -> ft.Control:
    return ft.Text(
        _("Nothing to talk about yet. What can wait for the call gathers here."),
        color=ft.Colors.ON_SURFACE_VARIANT,
    )


def _topic(app: AppState, topic: Topic) -> ft.Control:
    text = words.topic_text(topic)
    box = check_row(text, topic.done_at is not None, partial(model.tick_off, app, topic))
    note = _note(app, topic)
    lines: list[ft.Control] = [box]
    if note:
        lines.append(
            ft.Container(
                ft.Text(
                    note,
                    theme_style=ft.TextThemeStyle.BODY_SMALL,
                    color=ft.Colors.ON_SURFACE_VARIANT,
                ),
                padding=ft.Padding(left=40),
            )
        )
    return ft.Row(
        [
            ft.Column(lines, spacing=0, tight=True, expand=True),
            menu_button(_("More for {name}").format(name=text), _menu(app, topic)),
        ],
        key=topic.id,
        spacing=0,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _note(app: AppState, topic: Topic) -> str:
    """Who raised the topic, or when it was ticked off and what it became."""
    if topic.done_at is None:
        return _("They raised it") if topic.raised_by == RaisedBy.CLIENT else ""
    done = _("Talked about {when}").format(when=app.format.when(topic.done_at, app.now))
    became = words.topic_became(topic)
    return _("{done} · {became}").format(done=done, became=became) if became else done


def _menu(app: AppState, topic: Topic) -> list[ft.PopupMenuItem]:
    entries = []
    if topic.done_at is None:
        entries += [
            menu_item(ft.Icons.EDIT_OUTLINED, _("Edit…"), lambda: _ask_text(app, topic)),
            menu_item(
                ft.Icons.MAIL_OUTLINE, _("Answer it in writing"), lambda: model.make_message(app, topic)
            ),
            menu_item(ft.Icons.WORK_OUTLINE, _("Make a job of it"), lambda: model.make_job(app, topic)),
            menu_item(ft.Icons.OUTBOX_OUTLINED, _("Keep as an update…"), lambda: _ask_update(app, topic)),
        ]
    for kind, key in words.topic_links(topic):
        entries.append(menu_item(ft.Icons.OPEN_IN_NEW, words.topic_link(kind), partial(app.open, kind, key)))
    entries.append(menu_item(ft.Icons.DELETE_OUTLINE, _("Delete"), lambda: model.delete(app, topic)))
    return entries


def _ask_text(app: AppState, topic: Topic) -> None:
    ask_text(
        app,
        _("Change the topic"),
        _("Topic"),
        words.topic_text(topic),
        _("Save"),
        lambda text: model.edit(app, topic, text),
        max_length=None,
    )


def _ask_update(app: AppState, topic: Topic) -> None:
    ask_text(
        app,
        _("Keep as an update"),
        _("What you told them"),
        words.topic_text(topic),
        _("Save"),
        lambda text: model.make_update(app, topic, text),
        max_length=None,
    )


@ft.component
def AddTopic(client_id: str) -> ft.Control:
    """A field to add a topic, raised by either side."""
    app = use_app()
    draft = use_draft(app, f"topic/{client_id}", "", PlainText())
    text = draft.value
    raised_by, set_raised_by = ft.use_state(RaisedBy.ME.value)

    def set_text(typed: str) -> None:
        draft.set(lambda _before: typed)

    def add() -> None:
        if model.add(app, client_id, text, raised_by):
            draft.start_over()

    return ft.Column(
        [
            *left_note(draft),
            ft.Row(
                [
                    ft.Container(
                        text_field(_("Add a topic"), text, set_text, on_submit=add, adds_to_list=True),
                        expand=True,
                    ),
                    icon_button(ft.Icons.ADD, _("Add topic"), add),
                ]
            ),
            segments(
                {RaisedBy.ME.value: _("I raise it"), RaisedBy.CLIENT.value: _("They raise it")},
                raised_by,
                set_raised_by,
            ),
        ],
        spacing=8,
        tight=True,
    )


def _done(app: AppState, page: model.StandingPage) -> list[ft.Control]:
    if not page.done:
        return []
    return [heading(_("Talked about")), *(_topic(app, topic) for topic in page.done)]
