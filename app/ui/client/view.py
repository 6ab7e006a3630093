"""The screen of a client: contact, agreed terms and timeline."""

from collections.abc import Callable

import flet as ft

from app.domain.codes import ChannelKind, ClientStatus
from app.domain.column_types import Channel
from app.domain.contact import reply_link, text_message_link
from app.domain.entities import Client
from app.i18n import _
from app.ui.client.agreed import agreed_facts, facts
from app.ui.client.overview import glance
from app.ui.client.timeline import timeline
from app.ui.components.buttons import icon_button, menu_button, menu_item
from app.ui.components.client_gone import gone
from app.ui.components.contact import opening
from app.ui.components.icons import channel_icon
from app.ui.components.layout import card, empty_state, heading, screen
from app.ui.components.update_suggestion import suggestion_row
from app.ui.state import AppState, use_app
from app.viewmodels import client as model
from app.wording import words

PAGE = 20
SIDE_BY_SIDE = 600  # pixels: width from which the five buttons fit side by side
ROOMY = ft.ButtonStyle(padding=14)  # a large tap target that grows with its text


@ft.component
def ClientScreen() -> ft.View:
    app = use_app()
    client_id = ft.use_route_params()["key"]
    limit, set_limit = ft.use_state(PAGE)
    page = ft.use_memo(lambda: model.load(app, client_id, limit), [client_id, limit, app.revision, app.now])
    if page is None:
        return screen(app, _("Client"), [gone()])
    client = page.client
    history = timeline(app, page.days, (lambda: set_limit(limit + PAGE)) if page.more else None)
    return screen(
        app,
        words.addressed(client) or words.client_name(client),
        [
            *_who(client),
            *_status_notice(app, client),
            *([suggestion_row(app, page.suggested, client)] if page.suggested else []),
            _quick_actions(app, client),
            ft.Column([_channel(app, channel) for channel in client.channels], spacing=0, tight=True),
            *glance(app, page),
            *_agreed(app, page),
            heading(_("How you work with them")),
            card(ft.Column(facts(app, page), spacing=10, tight=True)),
            *([_notes(client)] if client.notes else []),
            *(history or [_no_history()]),
        ],
        actions=[
            icon_button(ft.Icons.EDIT_OUTLINED, _("Edit"), lambda: app.open("edit-client", client.id)),
            menu_button(_("More for {name}").format(name=words.client_name(client)), _menu(app, client)),
        ],
    )


def _who(client: Client) -> list[ft.Control]:
    """The organisation and the reading of the name."""
    known = " · ".join(filter(None, (client.organisation, client.reading)))
    return [ft.Text(known, color=ft.Colors.ON_SURFACE_VARIANT)] if known else []


def _menu(app: AppState, client: Client) -> list[ft.PopupMenuItem]:
    def to(status: ClientStatus) -> Callable[[], None]:
        return lambda: model.set_status(app, client, status)

    def delete() -> None:
        if model.delete(app, client):
            app.leave(client.id)

    entries = []
    if client.status != ClientStatus.ACTIVE:
        entries.append(menu_item(ft.Icons.PLAY_ARROW_OUTLINED, _("Reactivate"), to(ClientStatus.ACTIVE)))
    if client.status == ClientStatus.ACTIVE:
        entries.append(menu_item(ft.Icons.PAUSE, _("Pause"), to(ClientStatus.PAUSED)))
    if client.status != ClientStatus.ENDED:
        entries.append(menu_item(ft.Icons.STOP_OUTLINED, _("End the work"), to(ClientStatus.ENDED)))
    entries.append(menu_item(ft.Icons.DELETE_OUTLINE, _("Delete client"), delete))
    return entries


def _agreed(app: AppState, page: model.ClientPage) -> list[ft.Control]:
    lines = agreed_facts(app, page)
    return [heading(_("What you agreed")), card(ft.Column(lines, spacing=10, tight=True))] if lines else []


def _status_notice(app: AppState, client: Client) -> list[ft.Control]:
    """A notice if the client is paused or ended."""
    if client.status == ClientStatus.ACTIVE:
        return []
    text = (
        _("Paused: no work for now.")
        if client.status == ClientStatus.PAUSED
        else _("You ended the work with this client.")
    )
    return [
        card(
            ft.Row(
                [
                    ft.Text(text),
                    ft.TextButton(
                        _("Reactivate"),
                        on_click=lambda _event: model.set_status(app, client, ClientStatus.ACTIVE),
                    ),
                ],
                alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
                wrap=True,
            )
        )
    ]


def _quick_actions(app: AppState, client: Client) -> ft.Control:
    roomy = app.width < SIDE_BY_SIDE  # on a phone, two per row, at full width

    def action(icon: ft.IconData, label: str, act: Callable[[], None]) -> ft.Control:
        return ft.FilledTonalButton(
            label, icon=icon, style=ROOMY, expand=roomy or None, on_click=lambda _event: act()
        )

    message = action(ft.Icons.MAIL_OUTLINE, _("Message"), lambda: model.record(app, client, "message"))
    call = action(ft.Icons.CALL_OUTLINED, _("Call"), lambda: model.record(app, client, "call"))
    job = action(ft.Icons.WORK_OUTLINE, _("Job"), lambda: model.record(app, client, "job"))
    update = action(ft.Icons.OUTBOX_OUTLINED, _("Update"), lambda: app.open("update", "new"))
    say = ft.OutlinedButton(
        _("What to say…"),
        icon=ft.Icons.EDIT_NOTE,
        style=ROOMY,
        expand=roomy or None,
        on_click=lambda _event: app.open("say", client.id),
    )
    if not roomy:
        return ft.Row([message, call, job, update, say], wrap=True, spacing=8, run_spacing=8)
    return ft.Column([ft.Row([message, call]), ft.Row([job, update]), ft.Row([say])], spacing=8, tight=True)


def _channel(app: AppState, channel: Channel) -> ft.Control:
    """A channel: a tap copies the address; another button writes or calls if the device can."""
    handle = channel["handle"]
    name = words.channel(channel["kind"])
    if not handle:
        return ft.ListTile(leading=channel_icon(channel["kind"]), title=name, content_padding=8)
    tile = ft.ListTile(
        leading=channel_icon(channel["kind"]),
        title=handle,
        subtitle=name,
        action=ft.CopyToClipboard(handle),
        on_click=lambda _event: app.say(_("Copied: {text}").format(text=handle)),
        content_padding=ft.Padding(left=8, right=0),
        expand=True,
    )
    contact = _contact(channel)
    # Beside the tile, not in it: screen readers cannot reach a button inside a button.
    return ft.Row([tile, contact], spacing=0) if contact else ft.Row([tile])


def _contact(channel: Channel) -> ft.Control | None:
    """Buttons for a channel's links: mail, chat or, for a telephone number, call and text message."""
    links = [
        (
            reply_link(channel),
            ft.Icons.CALL if channel["kind"] == ChannelKind.PHONE else ft.Icons.OPEN_IN_NEW,
        ),
        (text_message_link(channel), ft.Icons.SMS_OUTLINED),
    ]
    texts = {"tel": _("Call {handle}"), "sms": _("Send a text message to {handle}")}
    buttons: list[ft.Control] = []
    for link, icon in links:
        if link is not None:
            text = texts.get(link.address[:3], _("Write to {handle}"))
            label = text.format(handle=channel["handle"])
            buttons.append(
                ft.IconButton(ft.Icon(icon, semantics_label=label), tooltip=label, action=opening(link))
            )
    return ft.Row(buttons, spacing=0, tight=True) if buttons else None


def _notes(client: Client) -> ft.Control:
    return ft.Container(
        ft.Column(
            [heading(_("Notes")), ft.SelectionArea(content=ft.Text(client.notes))],
            spacing=4,
            tight=True,
        ),
        padding=ft.Padding(left=8, right=8),
    )


def _no_history() -> ft.Control:
    return empty_state(
        ft.Icons.HISTORY,
        _("Nothing noted yet"),
        _("Messages, calls, updates and jobs with this client gather here, the newest first."),
    )
