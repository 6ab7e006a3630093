"""The choice of a client: likely clients as chips, others by search, a new one by typing a name."""

from collections.abc import Callable, Sequence

import flet as ft

from app.domain.entities import Client
from app.i18n import _
from app.ui.components.fields import WithCaret, choice_chips, labelled, search_field
from app.ui.state import AppState, use_app
from app.viewmodels import record as model
from app.viewmodels.record import (
    is_known,
    likely_clients,
    new_client,
    new_client_split,
    split_label,
    split_of,
)
from app.wording import words

LIKELY = 8


@ft.component
def ClientChoice(
    label: str, selected: str, on_select: Callable[[str], None], error: str = "", addable: bool = True
) -> ft.Control:
    """Choose a client; `addable`: whether an unknown name can become a new client."""
    app = use_app()
    searching, set_searching = ft.use_state(False)
    query, set_query = ft.use_state("")
    clients = ft.use_memo(lambda: likely_clients(app, query), [app.revision, query])
    own = ft.use_memo(lambda: model.client(app, selected), [app.revision, selected])

    def choose(chosen: str) -> None:
        set_searching(False)
        set_query("")
        on_select(chosen)

    def added(client: Client | None) -> None:
        if client:
            choose(client.id)

    shown = {client.id: words.client_and_firm(client) for client in clients[:LIKELY]}
    if own and not query and own.id not in shown:
        shown = {own.id: words.client_and_firm(own), **shown}
    parts: list[ft.Control] = []
    if searching:
        parts.append(WithCaret(search_field(_("Client's name"), query, set_query, autofocus=True)))
    if shown:
        parts.append(choice_chips(shown, selected, choose))
    elif query and not addable:
        parts.append(ft.Text(_("No client of that name"), color=ft.Colors.ON_SURFACE_VARIANT))
    if addable:
        parts += _ways_to_add(app, clients, query.strip(), added)
    if not searching and (addable or len(clients) > LIKELY):
        parts.append(
            ft.TextButton(
                _("Another client…"),
                icon=ft.Icons.PERSON_SEARCH_OUTLINED,
                on_click=lambda _event: set_searching(True),
            )
        )
    return labelled(label, ft.Column(parts, spacing=4, tight=True), error)


def _ways_to_add(
    app: AppState,
    clients: Sequence[Client],
    typed: str,
    on_added: Callable[[Client | None], None],
) -> list[ft.Control]:
    """Buttons that add the typed name as a client.

    If the name seems to contain a person and an organisation, the first button adds the two separately.
    """
    if not typed or is_known(clients, typed):
        return []
    name = _("New client “{name}”").format(name=typed)
    ways: list[ft.Control] = [
        ft.TextButton(
            name, icon=ft.Icons.PERSON_ADD_ALT, on_click=lambda _event: on_added(new_client(app, typed))
        )
    ]
    if found := split_of(app, typed):
        ways.insert(
            0,
            ft.TextButton(
                split_label(found),
                icon=ft.Icons.CALL_SPLIT,
                on_click=lambda _event: on_added(new_client_split(app, found)),
            ),
        )
    return ways
