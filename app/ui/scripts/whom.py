"""The choice of the client and job for which a script is filled in."""

from collections.abc import Callable

import flet as ft

from app.domain.entities import Client
from app.i18n import _
from app.ui.components.client_choice import ClientChoice
from app.ui.components.fields import dropdown
from app.ui.components.layout import card
from app.viewmodels.scripts.filling import ScriptPage
from app.wording import words


@ft.component
def ForWhom(client: Client | None, about: str, on_choose: Callable[[str], None]) -> ft.Control:
    """The client the text is for, and what it is `about`; a tap chooses another."""
    choosing, set_choosing = ft.use_state(False)

    def choose(chosen: str) -> None:
        set_choosing(False)
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
    return ClientChoice(_("For whom?"), client.id if client else "", choose, addable=False)


_JOB_BLANKS = frozenset({"job", "deadline", "parts_done", "parts_left", "amount", "last_update"})


def job_choice(page: ScriptPage, on_choose: Callable[[str], None]) -> list[ft.Control]:
    """The choice of the job, if the text refers to one and there is more than one."""
    job = page.situation.job
    about_job = _JOB_BLANKS if page.situation.message else _JOB_BLANKS | {"matter"}
    if not about_job & set(page.blanks) or not page.jobs or (job and len(page.jobs) == 1):
        return []
    titles = {"": _("No job")} | {other.id: other.title or _("Untitled job") for other in page.jobs}
    label = _("Job") if job else _("Which job is it about?")
    return [ft.Row([dropdown(label, titles, job.id if job else "", on_choose)])]
