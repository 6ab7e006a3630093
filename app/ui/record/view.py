"""The Record screen: what happened and with whom, saved in two taps."""

import flet as ft

from app.domain.entities import Client
from app.i18n import _
from app.ui.components.drafts import use_draft
from app.ui.components.fields import choice_chips, text_field
from app.ui.components.layout import empty_state, heading, screen
from app.ui.state import use_app
from app.viewmodels import record as model
from app.viewmodels.draft_codecs import PlainText


@ft.component
def RecordScreen() -> ft.View:
    app = use_app()
    key = ft.use_route_params()["key"]
    what, set_what = ft.use_state(key if key in model.WHAT else "message")
    typed = use_draft(app, "record", "", PlainText())
    query = typed.value
    ft.use_effect(lambda: None, [], typed.discard)
    clients = ft.use_memo(lambda: model.likely_clients(app, query), [app.revision, query])

    def set_query(text: str) -> None:
        typed.set(lambda _before: text)

    def record(client: Client) -> None:
        typed.save(lambda: model.record(app, what, client))

    def add_client() -> None:
        client = model.new_client(app, query)
        if client:
            record(client)

    def add_split() -> None:
        client = model.new_client_split(app, found) if found else None
        if client:
            record(client)

    rows: list[ft.Control] = [
        ft.ListTile(
            leading=ft.CircleAvatar(ft.Text(client.name[:1] or "?")),
            title=client.name,
            subtitle=client.organisation or None,
            on_click=lambda _event, client=client: record(client),
            content_padding=ft.Padding(left=4, right=4),
        )
        for client in clients
    ]
    exact = model.is_known(clients, query)
    found = None if exact else model.split_of(app, query)
    if found:
        rows.append(
            ft.ListTile(
                leading=ft.CircleAvatar(ft.Icon(ft.Icons.CALL_SPLIT)),
                title=model.split_label(found),
                on_click=lambda _event: add_split(),
                content_padding=ft.Padding(left=4, right=4),
            )
        )
    if query.strip() and not exact:
        rows.append(
            ft.ListTile(
                leading=ft.CircleAvatar(ft.Icon(ft.Icons.PERSON_ADD_ALT)),
                title=_("New client “{name}”").format(name=query.strip()),
                on_click=lambda _event: add_client(),
                content_padding=ft.Padding(left=4, right=4),
            )
        )
    if not rows:
        rows.append(
            empty_state(
                ft.Icons.PERSON_ADD_ALT,
                _("Who is it?"),
                _("Type the client's name above: it is added as you record."),
            )
        )
    return screen(
        app,
        _("Record"),
        [
            choice_chips(
                {
                    "message": _("Message"),
                    **({"sent": _("Sent message")} if key == "sent" else {}),
                    "call": _("Call"),
                    "job": _("Job"),
                },
                what,
                set_what,
            ),
            heading(
                {
                    "message": _("Who wrote?"),
                    "sent": _("Who did you write to?"),
                    "call": _("Who called?"),
                    "job": _("Who is it for?"),
                }[what]
            ),
            text_field(
                _("Client's name"),
                query,
                set_query,
                on_submit=lambda: add_client() if query.strip() and not exact else None,
            ),
            *rows,
        ],
        close=True,
        form=typed,
    )
