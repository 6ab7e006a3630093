"""Delivery with a check of unpaid work: above the client's limit, the app asks before the next delivery.

First seed: a client went silent, and the finished second half of the work was never paid.
"""

from collections.abc import Callable
from functools import partial

import flet as ft

from app.domain.codes import JobStatus
from app.domain.entities import Job, Part
from app.domain.exposure import Excess
from app.domain.jobs import is_paid_in_part
from app.i18n import _
from app.ui.components.dialogs import option, sheet
from app.ui.state import AppState
from app.viewmodels import job as model
from app.viewmodels import paths
from app.viewmodels.items import PAID_PART_SCRIPT
from app.wording import words


def deliver_part(app: AppState, job: Job, part: Part) -> None:
    """Mark a part as delivered; ask first if that exceeds the client's limit of unpaid work."""
    _deliver(app, job, model.excess_by_part(app, job, part), partial(model.deliver_part, app, job, part))


def set_status(app: AppState, job: Job, status: JobStatus) -> None:
    """Set the status of a job and its parts; ask first if that exceeds the client's limit of unpaid work."""
    _deliver(app, job, model.excess_by_status(app, job, status), partial(model.set_status, app, job, status))


def deliver(app: AppState, job: Job) -> None:
    """Mark a job and all its parts as delivered; ask first if that exceeds the limit of unpaid work."""
    set_status(app, job, JobStatus.DELIVERED)


def _deliver(app: AppState, job: Job, excess: Excess | None, change: Callable[[], None]) -> None:
    if excess:
        ask_before_delivering(app, job, excess, change)
    else:
        change()


def ask_before_delivering(app: AppState, job: Job, excess: Excess, deliver: Callable[[], None]) -> None:
    """Show the amounts, and offer to deliver anyway or, if some part is paid, to send only the paid part.

    The second choice opens the script for it.
    """
    job_address = paths.stacked(app.page.route, "job", job.id)
    parts = model.parts_of(app, job.id)
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
