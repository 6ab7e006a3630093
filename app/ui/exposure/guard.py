"""Delivered but unpaid work adds up: past the client's limit, the next delivery is thought over first.

First seed: a client went silent, and the finished second half of the work was never paid.
"""

from collections.abc import Callable

import flet as ft

from app.domain.entities import Job
from app.domain.exposure import Excess
from app.domain.jobs import is_paid_in_part
from app.i18n import _
from app.store import queries
from app.ui import paths
from app.ui.components.dialogs import option, sheet
from app.ui.items import PAID_PART_SCRIPT
from app.ui.state import AppState
from app.wording import words


def over_limit(app: AppState, job: Job, currency: str, added: int) -> Excess | None:
    """None when `added` (minor units) may be delivered."""
    return queries.over_limit(app.store, job.client_id, added, currency) if added else None


def ask_before_delivering(app: AppState, job: Job, excess: Excess, deliver: Callable[[], None]) -> None:
    """Name the figures, then: only what is paid for, with the words for it, where some of it is; or all of
    it all the same.
    """
    job_address = paths.stacked(app.page.route, "job", job.id)
    parts = queries.parts_of(app.store, [job.id])[job.id]
    paid_part = option(
        app,
        ft.Icons.EDIT_NOTE,
        _("Send only the part that is paid for"),
        lambda: app.go(paths.stacked(job_address, "script", PAID_PART_SCRIPT)),
        note=_("Opens the words to say it with"),
    )
    sheet(
        app,
        _("Deliver before you are paid?"),
        [
            ft.Text(
                _("With this, {client} would owe you {unpaid}. You set a limit of {limit}.").format(
                    client=words.client_name(excess.client),
                    unpaid=app.format.money(excess.unpaid, excess.currency),
                    limit=app.format.money(excess.limit, excess.currency),
                )
            ),
            *([paid_part] if is_paid_in_part(parts) else []),
            option(
                app,
                ft.Icons.PAYMENTS_OUTLINED,
                _("See what is unpaid"),
                lambda: app.open("exposure", excess.client.id),
            ),
            option(app, ft.Icons.LOCAL_SHIPPING_OUTLINED, _("Mark as delivered all the same"), deliver),
        ],
    )
