"""The list of clients, each with open replies, active jobs and this week's calls."""

from collections.abc import Callable

import flet as ft

from app.domain.codes import ClientStatus
from app.i18n import Formatter, _, n_
from app.ui.components.buttons import tappable
from app.ui.components.fields import choice_chips, search_field
from app.ui.components.icons import channel_icon
from app.ui.components.layout import card, empty_state
from app.ui.components.tabs import tab_screen
from app.ui.state import AppState, use_app
from app.viewmodels import clients as model
from app.viewmodels.exposure import ALL
from app.wording import ladder as labels
from app.wording import words
from app.wording.calls import calls_by_outcome

PAGE = 50
NEW_CLIENT = "/clients/edit-client/new"


@ft.component
def ClientsScreen() -> ft.View:
    app = use_app()
    query, set_query = ft.use_state("")
    status, set_status = ft.use_state(str(ClientStatus.ACTIVE))
    limit, set_limit = ft.use_state(PAGE)
    found = ft.use_memo(lambda: model.load(app), [app.revision, app.now])
    rows = ft.use_memo(lambda: found.shown(query, status), [app.revision, app.now, query, status])
    total = sum(found.counts.values())
    controls: list[ft.Control] = []
    header: list[ft.Control] = []
    if total:
        header.append(search_field(_("Search clients"), query, set_query))
    if total > found.counts[ClientStatus.ACTIVE] and not query.strip():
        header.append(_status_filter(found.counts, status, set_status))
    if found.unpaid and not query.strip():
        controls.append(_unpaid(app, found.unpaid))
    controls += [client_row(app, row) for row in rows[:limit]]
    if len(rows) > limit:
        controls.append(
            ft.TextButton(
                _("Show more"), icon=ft.Icons.EXPAND_MORE, on_click=lambda _event: set_limit(limit + PAGE)
            )
        )
    if not rows:
        controls.append(_nothing(app, total, query))
    return tab_screen(
        app,
        "/clients",
        _("Clients"),
        controls,
        header=_header(header) if header else None,
        add_label=_("New client"),
        add_route=NEW_CLIENT,
    )


def _header(controls: list[ft.Control]) -> ft.Control:
    return ft.Column(controls, spacing=8, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _unpaid(app: AppState, unpaid: dict[str, int]) -> ft.Control:
    """The total of unpaid work of all clients; a tap opens the list of payments."""
    amounts = app.format.listed(app.format.money(minor, currency) for currency, minor in unpaid.items())
    text = _("Delivered, unpaid: {amounts}").format(amounts=amounts)
    content = ft.Row(
        [
            ft.Icon(ft.Icons.PAYMENTS_OUTLINED, color=ft.Colors.PRIMARY),
            ft.Text(text, expand=True),
            ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_SURFACE_VARIANT),
        ],
        spacing=16,
    )
    return card(tappable(content, text, lambda: app.open("exposure", ALL), padding=12), padding=4)


def _status_filter(counts: dict[str, int], status: str, on_select: Callable[[str], None]) -> ft.Control:
    options = {
        value: _("{status} ({n})").format(status=words.client_status(value), n=count)
        for value, count in counts.items()
        if count or value in (status, ClientStatus.ACTIVE)
    }
    return choice_chips(options, status, on_select)


def _nothing(app: AppState, total: int, query: str) -> ft.Control:
    if query.strip():
        return empty_state(
            ft.Icons.PERSON_SEARCH_OUTLINED,
            _("No matching client"),
            _("Names, companies, addresses and notes are searched. Try fewer letters."),
        )
    if total:
        return empty_state(
            ft.Icons.PEOPLE_OUTLINE,
            _("Nobody here"),
            _("Choose another filter above, or add a client with +."),
        )
    return empty_state(
        ft.Icons.PEOPLE_OUTLINE,
        _("The people you work for"),
        _(
            "Note how each client reaches you, how fast you answer and which calls you agreed on. "
            "Kaeru keeps both sides to it."
        ),
        _("Add the first client"),
        lambda: app.go(NEW_CLIENT),
    )


def client_row(app: AppState, row: model.ClientListRow) -> ft.Control:
    """A client's row; the whole row opens the client."""
    client = row.client
    state = open_line(row)
    calls = calls_line(row, app.format)
    next_step = labels.next_step(row.ladder) if row.ladder else ""
    step = _("Next: {step}").format(step=next_step) if next_step else ""
    ended = client.status != ClientStatus.ACTIVE
    status = words.client_status(client.status) if ended else ""
    second: list[ft.Control] = [
        ft.Text(text, theme_style=ft.TextThemeStyle.BODY_SMALL, color=color)
        for text, color in (
            (client.organisation, ft.Colors.ON_SURFACE_VARIANT),
            (status, ft.Colors.ON_SURFACE_VARIANT),
            (state, ft.Colors.ON_SURFACE_VARIANT),
            (calls, ft.Colors.TERTIARY if row.calls.over else ft.Colors.ON_SURFACE_VARIANT),
            (step, ft.Colors.ON_SURFACE_VARIANT),
        )
        if text
    ]
    icons: list[ft.Control] = [
        ft.Icon(channel_icon(kind), size=16, color=ft.Colors.ON_SURFACE_VARIANT)
        for kind in dict.fromkeys(channel["kind"] for channel in client.channels[:5])
    ]
    name = words.client_name(client)
    channels = app.format.listed(words.channel(channel["kind"]) for channel in client.channels)
    content = ft.Row(
        [
            ft.CircleAvatar(ft.Text(name[:1])),
            ft.Column(
                [
                    ft.Row(
                        [
                            ft.Text(
                                name,
                                weight=ft.FontWeight.W_600,
                                max_lines=2,
                                overflow=ft.TextOverflow.ELLIPSIS,
                                expand=True,
                            ),
                            ft.Row(icons, spacing=6, tight=True),
                        ]
                    ),
                    *second,
                ],
                spacing=2,
                expand=True,
            ),
        ],
        spacing=16,
    )
    label = ". ".join(
        part for part in (name, client.organisation, channels, status, state, calls, step) if part
    )
    return ft.Container(
        card(tappable(content, label, lambda: app.open("client", client.id)), padding=8),
        key=client.id,
    )


def open_line(row: model.ClientListRow) -> str:
    """A client's open work: "2 to answer · 1 active job"."""
    owed = n_("{n} to answer", "{n} to answer", row.owed) if row.owed else ""
    jobs = n_("{n} active job", "{n} active jobs", row.jobs) if row.jobs else ""
    if owed and jobs:
        return _("{replies} · {jobs}").format(replies=owed, jobs=jobs)
    return owed or jobs


def calls_line(row: model.ClientListRow, formatter: Formatter) -> str:
    """This week's unscheduled calls with their outcomes and the limit; empty if there are none."""
    calls = row.calls
    if not calls.rung:
        return ""
    return _("Calls this week: {n} (limit {limit}). {outcomes}").format(
        n=calls.rung, limit=calls.allowance, outcomes=calls_by_outcome(calls, formatter)
    )
