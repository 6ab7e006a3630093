"""The timeline of a client, day by day; each row opens the screen of its record."""

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.domain.codes import CallOutcome, Direction
from app.domain.entities import Call, Conversation, Job, Message, Part, StatusUpdate, Topic
from app.domain.standing_calls import was_called_off
from app.domain.timeline import TimelineEntry
from app.i18n import _
from app.ui.components.layout import heading
from app.ui.state import AppState
from app.viewmodels.client import Day
from app.wording import ladder as labels
from app.wording import words


@dataclass(frozen=True)
class TimelineRow:
    """A timeline entry as shown; `opens` is the kind and key of its screen."""

    icon: ft.IconData
    title: str
    about: str
    opens: tuple[str, str]


def timeline(app: AppState, days: list[Day], on_more: Callable[[], None] | None) -> list[ft.Control]:
    """The days, newest first; with `on_more`, a button loads older ones."""
    controls: list[ft.Control] = []
    for day in days:
        controls.append(heading(day.title))
        controls.append(ft.Column([_row(app, entry) for entry in day.entries], spacing=0, tight=True))
    if on_more:
        more = on_more
        controls.append(
            ft.TextButton(_("Show more"), icon=ft.Icons.EXPAND_MORE, on_click=lambda _event: more())
        )
    return controls


def _row(app: AppState, entry: TimelineEntry) -> ft.Control:
    shown = tell(entry)
    return ft.ListTile(
        key=f"{entry.kind}-{entry.entity.id}",
        leading=shown.icon,
        title=ft.Text(shown.title, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS),
        subtitle=_("{time} · {about}").format(time=app.format.time(entry.at), about=shown.about),
        on_click=lambda _event: app.open(*shown.opens),
        content_padding=ft.Padding(left=8, right=8),
    )


def tell(entry: TimelineEntry) -> TimelineRow:
    """Return the row for a timeline entry."""
    match entry.entity:
        case Topic() as topic:
            return _topic(topic)
        case Message() as message:
            return _message(message)
        case Call() as call:
            return _call(call)
        case StatusUpdate() as update:
            return TimelineRow(
                ft.Icons.OUTBOX_OUTLINED, update.text, _("Update you sent"), ("update", update.id)
            )
        case Conversation() as talk:
            icon = ft.Icons.RECORD_VOICE_OVER_OUTLINED
            return TimelineRow(icon, labels.step(talk.step), labels.outcome(talk), ("ladder", talk.client_id))
        case Part() | Job():
            return _work(entry.entity, entry)
    raise TypeError(entry.kind)


def _message(message: Message) -> TimelineRow:
    if message.direction == Direction.OUT:
        icon, about = ft.Icons.CALL_MADE, _("You wrote: {kind}")
    elif message.replied_at is None and message.needs_reply:
        icon, about = ft.Icons.MARK_EMAIL_UNREAD_OUTLINED, _("They wrote: {kind}, not answered yet")
    else:
        icon, about = ft.Icons.CALL_RECEIVED, _("They wrote: {kind}")
    return TimelineRow(
        icon,
        words.message_title(message.summary, message.kind),
        about.format(kind=words.message_kind(message.kind)),
        ("message", message.id),
    )


CALL_ICONS: dict[str, ft.IconData] = {
    CallOutcome.TAKEN: ft.Icons.CALL_OUTLINED,
    CallOutcome.MISSED: ft.Icons.PHONE_MISSED_OUTLINED,
    CallOutcome.VOICEMAIL: ft.Icons.VOICEMAIL_OUTLINED,
}


def _call(call: Call) -> TimelineRow:
    about = _("Scheduled call: {outcome}") if call.scheduled else _("Unscheduled call: {outcome}")
    if call.scheduled and call.outcome != CallOutcome.TAKEN:
        about = _("Scheduled call that did not take place")
    if was_called_off(call):
        about = _("Scheduled call that was called off")
    return TimelineRow(
        CALL_ICONS.get(call.outcome, ft.Icons.CALL_OUTLINED),
        call.note or _("Call"),
        about.format(outcome=words.call_outcome(call.outcome)),
        ("call", call.id),
    )


def _topic(topic: Topic) -> TimelineRow:
    opens = ("standing-call", topic.client_id)
    return TimelineRow(ft.Icons.EVENT_AVAILABLE_OUTLINED, words.topic_text(topic), _("Talked about"), opens)


def _work(part: Part | Job, entry: TimelineEntry) -> TimelineRow:
    if isinstance(part, Job):
        return TimelineRow(ft.Icons.WORK_OUTLINE, words.job_title(part), _("Job started"), ("job", part.id))
    job = words.job_title(entry.job) if entry.job else _("Job")
    if entry.kind == "part_paid":
        icon, about = ft.Icons.PAYMENTS_OUTLINED, _("Paid: {job}")
    else:
        icon, about = ft.Icons.TASK_ALT, _("Delivered: {job}")
    return TimelineRow(icon, part.title or job, about.format(job=job), ("job", part.job_id))
