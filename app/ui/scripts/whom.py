"""For whom a script is filled in, and about which of their jobs."""

from collections.abc import Callable

import flet as ft

from app.domain.entities import Client
from app.ui import words
from app.ui.components.fields import dropdown, labelled, search_field
from app.ui.components.layout import card
from app.ui.i18n import _
from app.ui.record.model import likely_clients
from app.ui.scripts.filling import ScriptPage
from app.ui.state import use_app

LIKELY = 8  # clients in sight; a search finds the others


@ft.component
def ForWhom(client: Client | None, about: str, on_choose: Callable[[str], None]) -> ft.Control:
    """The client the text is for, and what it is `about`; a tap chooses another."""
    app = use_app()
    choosing, set_choosing = ft.use_state(False)
    query, set_query = ft.use_state("")
    clients = ft.use_memo(lambda: likely_clients(app, query), [app.revision, query])

    def choose(chosen: str) -> None:
        set_choosing(False)
        set_query("")
        on_choose(chosen)

    if client is not None and not choosing:
        return card(
            ft.ListTile(
                leading=ft.CircleAvatar(ft.Text(client.name[:1] or "?")),
                title=_("For {client}").format(client=words.client_name(client)),
                subtitle=ft.Text(about, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS) if about else None,
                trailing=ft.Text(_("Change"), color=ft.Colors.PRIMARY),
                on_click=lambda _event: set_choosing(True),
                content_padding=ft.Padding(left=12, right=12),
            ),
            padding=0,
        )
    chips = ft.Row(
        [
            ft.Chip(
                label=words.client_name(other),
                selected=client is not None and other.id == client.id,
                on_select=lambda _event, chosen=other.id: choose(chosen),
            )
            for other in clients[:LIKELY]
        ],
        wrap=True,
        spacing=8,
        run_spacing=4,
    )
    found = chips if clients else ft.Text(_("No client of that name"), color=ft.Colors.ON_SURFACE_VARIANT)
    many = len(clients) > LIKELY or bool(query)
    return labelled(
        _("For whom?"),
        ft.Column(
            [*([search_field(_("Search clients"), query, set_query)] if many else []), found],
            spacing=8,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
    )


_JOB_BLANKS = frozenset({"job", "deadline", "parts_done", "parts_left", "amount"})


def job_choice(page: ScriptPage, on_choose: Callable[[str], None]) -> list[ft.Control]:
    """Which of the client's jobs, where the text speaks of one and there is a choice."""
    job = page.situation.job
    about_job = _JOB_BLANKS if page.situation.message else _JOB_BLANKS | {"matter"}
    if not about_job & set(page.blanks) or not page.jobs or (job and len(page.jobs) == 1):
        return []
    titles = {"": _("No job")} | {other.id: other.title or _("Untitled job") for other in page.jobs}
    return [ft.Row([dropdown(_("Job"), titles, job.id if job else "", on_choose)])]
