"""The sections of a job's screen: money, time, messages, updates, rating, notes."""

from functools import partial

import flet as ft

from app.domain.codes import Direction, JobStatus
from app.domain.entities import Message, StatusUpdate
from app.domain.jobs import is_paid_by_part
from app.domain.pricing import whole_amount
from app.i18n import _, n_
from app.ui.components.autosave import AutosaveText
from app.ui.components.buttons import icon_button
from app.ui.components.layout import card, fact, heading
from app.ui.job.fee import net_lines
from app.ui.state import AppState
from app.viewmodels import job as model
from app.wording import words

SHOWN = 5  # messages and updates, each; the client's screen lists all


def money_section(app: AppState, page: model.JobPage) -> list[ft.Control]:
    """The fee, and how much of it is paid, owed and still to be earned."""
    job, money = page.job, page.money
    lines: list[ft.Control] = []
    if fee := words.fee(job, money.currency, app.format):
        lines.append(fact(words.fee_basis(job.basis), fee))
    whole = whole_amount(job)
    if many := words.quantity(job, app.format):
        comes_to = "" if whole is None else app.format.money(whole, money.currency)
        lines.append(fact(many, comes_to) if comes_to else fact(_("Quantity"), many))
    by_part = is_paid_by_part(page.parts)
    if by_part:
        lines.append(fact(_("All parts together"), app.format.money(money.total, money.currency)))
    under_way = job.status in (JobStatus.IN_PROGRESS, *model.OWED, JobStatus.PAID)
    shown = (
        (_("Paid"), money.paid, None),
        (_("Delivered, unpaid"), money.unpaid, ft.Colors.TERTIARY),
        (_("Still to deliver") if under_way else _("Not delivered"), money.remaining, None),
        (_("Given up"), money.written_off, None),
    )
    lines += [
        fact(label, app.format.money(minor, money.currency), color) for label, minor, color in shown if minor
    ]
    if by_part and (text := about_parts(app, money)):
        lines.append(ft.Text(text, color=ft.Colors.ON_SURFACE_VARIANT))
    if money.in_no_part > 0 and under_way:
        lines.append(
            ft.Row(
                [
                    ft.TextButton(
                        _("Add the rest as a part"),
                        icon=ft.Icons.ADD,
                        on_click=lambda _event: model.add_rest(app, job, money.in_no_part),
                    )
                ]
            )
        )
    payments = [part.amount or 0 for part in page.parts] if by_part else [whole or 0]
    lines += net_lines(job, payments, money.currency, app.format)
    if not lines:
        return []
    return [heading(_("Money")), card(ft.Column(lines, spacing=8, tight=True))]


def about_parts(app: AppState, money: model.Money) -> str:
    """Notes on parts without an amount, and on the difference between their sum and the job's price."""
    if money.uncounted:
        return n_(
            "{n} part has no amount and is not counted.",
            "{n} parts have no amount and are not counted.",
            money.uncounted,
        )
    if not money.in_no_part:
        return ""
    amount = app.format.money(abs(money.in_no_part), money.currency)
    if money.in_no_part > 0:
        return _("{amount} of the price of the whole job is in no part, and not counted.").format(
            amount=amount
        )
    return _("The parts come to {amount} more than the price of the whole job.").format(amount=amount)


def time_section(app: AppState, page: model.JobPage) -> list[ft.Control]:
    """Time spent against the estimate; time is added in half hours."""
    job = page.job
    lines: list[ft.Control] = [fact(_("Time spent"), app.format.hours(job.spent_minutes))]
    if job.estimate_minutes:
        over = job.spent_minutes > job.estimate_minutes
        lines += [
            fact(_("Estimate"), app.format.hours(job.estimate_minutes)),
            ft.ProgressBar(
                value=min(1, job.spent_minutes / job.estimate_minutes),
                color=ft.Colors.TERTIARY if over else ft.Colors.PRIMARY,
                border_radius=4,
            ),
        ]
        if over:
            lines.append(
                ft.Text(
                    _("{hours} over the estimate").format(
                        hours=app.format.hours(job.spent_minutes - job.estimate_minutes)
                    ),
                    color=ft.Colors.TERTIARY,
                )
            )
    lines.append(
        ft.Row(
            [
                ft.OutlinedButton(
                    _("Add {hours}").format(hours=app.format.hours(minutes)),
                    icon=ft.Icons.ADD,
                    on_click=lambda _event, minutes=minutes: model.add_time(app, job, minutes),
                )
                for minutes in (30, 60)
            ],
            wrap=True,
        )
    )
    return [heading(_("Time")), card(ft.Column(lines, spacing=8, tight=True))]


def rating_section(app: AppState, page: model.JobPage) -> list[ft.Control]:
    """The client's rating, from delivery on (first seed: a 5 brings the next client)."""
    job = page.job
    if job.status not in (*model.OWED, *model.SETTLED) and job.rating is None:
        return []
    stars = ft.Row(
        [
            icon_button(
                ft.Icons.STAR if (job.rating or 0) >= number else ft.Icons.STAR_BORDER,
                n_("{n} star", "{n} stars", number),
                partial(model.rate, app, job, None if job.rating == number else number),
                ft.Colors.PRIMARY,
            )
            for number in range(1, 6)
        ],
        spacing=0,
    )
    words_field = AutosaveText(
        _("The client's words"),
        job.rating_comment,
        lambda text: model.save_text(app, job, "rating_comment", text),
        multiline=True,
    )
    return [
        heading(_("Rating from the client")),
        card(
            ft.Column(
                [stars, words_field],
                spacing=8,
                tight=True,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            )
        ),
    ]


def notes_section(app: AppState, page: model.JobPage) -> list[ft.Control]:
    return [
        heading(_("Notes")),
        AutosaveText(
            _("Notes for yourself"),
            page.job.notes,
            lambda text: model.save_text(app, page.job, "notes", text),
            multiline=True,
        ),
    ]


def updates_section(app: AppState, page: model.JobPage) -> list[ft.Control]:
    """Updates sent to the client; a later "where are we?" is answered with the last one."""
    if not page.updates and page.job.status != JobStatus.IN_PROGRESS:
        return []
    rows = [_update_tile(app, update) for update in page.updates[:SHOWN]]
    if not rows:
        hint = _("Tell the client how it goes before they ask. Noted here, it answers their next check-in.")
        rows = [ft.Text(hint, color=ft.Colors.ON_SURFACE_VARIANT)]
    add = ft.TextButton(
        _("Note an update…"),
        icon=ft.Icons.ADD,
        on_click=lambda _event: app.open("update", "new"),
    )
    return [heading(_("Updates you sent"), add), *rows]


def _update_tile(app: AppState, update: StatusUpdate) -> ft.Control:
    return ft.ListTile(
        leading=ft.Icons.OUTBOX_OUTLINED,
        title=ft.Text(update.text, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS),
        subtitle=app.format.when(update.at, app.now),
        trailing=ft.Icons.CHEVRON_RIGHT,
        on_click=lambda _event: app.open("update", update.id),
        content_padding=ft.Padding(left=8, right=8),
    )


def messages_section(app: AppState, page: model.JobPage) -> list[ft.Control]:
    if not page.messages:
        return []
    return [heading(_("Messages")), *(_message_tile(app, message) for message in page.messages[:SHOWN])]


def _message_tile(app: AppState, message: Message) -> ft.Control:
    if message.replied_at:
        state = _("answered {when}").format(when=app.format.when(message.replied_at, app.now))
    elif not message.needs_reply:
        state = ""
    elif message.direction == Direction.IN:
        state = _("waits for your reply")
    else:
        state = _("waits for an answer")
    when = app.format.when(message.at, app.now)
    return ft.ListTile(
        leading=ft.Icons.CALL_RECEIVED if message.direction == Direction.IN else ft.Icons.CALL_MADE,
        title=ft.Text(
            words.message_title(message.summary, message.kind), max_lines=2, overflow=ft.TextOverflow.ELLIPSIS
        ),
        subtitle=_("{when} · {state}").format(when=when, state=state) if state else when,
        trailing=ft.Icons.CHEVRON_RIGHT,
        on_click=lambda _event: app.open("message", message.id),
        content_padding=ft.Padding(left=8, right=8),
    )
