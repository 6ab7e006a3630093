"""Actions and menus of rows in Today other than replies and deadlines."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import flet as ft

from app.domain.agenda import AgendaItem, AgendaKind
from app.domain.codes import BoundaryStep, Direction, JobStatus
from app.domain.entities import Client, Message
from app.domain.exposure import PaymentStep
from app.i18n import _
from app.ui.components.buttons import menu_item
from app.ui.components.move_call import ask_move
from app.ui.state import AppState
from app.viewmodels import call as call_commands
from app.viewmodels import exposure as exposure_commands
from app.viewmodels import items
from app.viewmodels import job as job_commands
from app.viewmodels import ladder as ladder_commands
from app.viewmodels import standing as standing_commands
from app.viewmodels import waiting as waiting_commands
from app.viewmodels.scripts.keys import say

NOT_NOW = timedelta(days=7)

ICONS: dict[AgendaKind, ft.IconData] = {
    AgendaKind.STANDING_CALL: ft.Icons.CALL_OUTLINED,
    AgendaKind.CALL_CHANGED: ft.Icons.CAMPAIGN_OUTLINED,
    AgendaKind.CALL_TO_NOTE: ft.Icons.EVENT_AVAILABLE_OUTLINED,
    AgendaKind.APPLICATION: ft.Icons.OUTBOX_OUTLINED,
    AgendaKind.OFFER: ft.Icons.LOCAL_OFFER_OUTLINED,
    AgendaKind.QUESTION: ft.Icons.HELP_OUTLINE,
    AgendaKind.TO_ASK: ft.Icons.CONTACT_SUPPORT_OUTLINED,
    AgendaKind.PAYMENT: ft.Icons.PAYMENTS_OUTLINED,
    AgendaKind.LADDER: ft.Icons.STAIRS_OUTLINED,
    AgendaKind.TOPICS: ft.Icons.FORUM_OUTLINED,
}
"""Icons of rows without a countdown ring."""

KINDS = frozenset({*ICONS, AgendaKind.CALLS})


@dataclass(frozen=True)
class RowAction:
    label: str
    icon: ft.IconData
    act: Callable[[], object]


def place(item: AgendaItem) -> tuple[str, str]:
    """The screen that a tap on the row opens, as kind and key."""
    if item.changed or item.kind in (
        AgendaKind.STANDING_CALL,
        AgendaKind.CALL_TO_NOTE,
        AgendaKind.TOPICS,
    ):
        return "standing-call", item.client_id
    if item.kind is AgendaKind.LADDER:
        return "ladder", item.client_id
    if item.unanswered:
        return "call", item.unanswered.to_answer.id
    if item.payment:
        return "exposure", item.client_id or exposure_commands.ALL
    if item.message:
        return "message", item.message.id
    return ("job", item.job.id) if item.job else ("client", item.client_id)


def target(item: AgendaItem) -> str:
    """The id of the record to scroll to on that screen; empty for its top."""
    if item.question:
        return item.question["id"]
    record = item.part or (item.job if item.payment else None)
    return record.id if record else ""


def quick(app: AppState, item: AgendaItem, client: Client | None, name: str) -> RowAction | None:
    """The row's main action, which usually completes it; the label includes the client's name."""
    action = _quick(app, item, client)
    if action is None:
        return None
    return RowAction(_("{label}: {value}").format(label=action.label, value=name), action.icon, action.act)


def _quick(app: AppState, item: AgendaItem, client: Client | None) -> RowAction | None:
    answered, done = ft.Icons.MARK_CHAT_READ_OUTLINED, ft.Icons.CHECK_CIRCLE_OUTLINE
    found: RowAction | None = None
    if item.unanswered:
        found = RowAction(_("I got back to them"), done, partial(call_commands.answered, app, item.client_id))
        if kept := next((topic.call_id for topic in item.topics if topic.call_id), None):
            found = RowAction(_("I told them"), done, partial(call_commands.told_by_id, app, kept))
    elif item.kind is AgendaKind.APPLICATION and item.waiting:
        label, waiting = _("I got an offer"), item.waiting
        found = RowAction(label, answered, partial(waiting_commands.answered, app, waiting))
    elif item.kind is AgendaKind.QUESTION and item.waiting:
        found = RowAction(_("They answered"), answered, partial(waiting_commands.answered, app, item.waiting))
    elif item.kind is AgendaKind.TO_ASK and item.question and (asks := item.message or item.job):
        found = RowAction(_("Asked"), done, partial(items.mark_asked, app, asks, item.question["id"]))
    elif item.kind is AgendaKind.OFFER and item.job:
        taken = partial(job_commands.set_status, app, item.job, JobStatus.IN_PROGRESS)
        found = RowAction(_("I take it"), done, taken)
    elif item.payment:
        found = RowAction(_("Paid"), done, partial(exposure_commands.paid, app, item.payment))
    elif item.kind is AgendaKind.LADDER and item.step is not BoundaryStep.DECIDE:
        found = RowAction(
            _("I said it"),
            ft.Icons.RECORD_VOICE_OVER_OUTLINED,
            partial(ladder_commands.said, app, item.client_id),
        )
    else:
        found = _quick_of_standing_call(app, item, client)
    return found


def _quick_of_standing_call(app: AppState, item: AgendaItem, client: Client | None) -> RowAction | None:
    if client and item.changed:
        told = partial(standing_commands.told_of_change, app, client, item.changed)
        return RowAction(_("I told them"), ft.Icons.CHECK_CIRCLE_OUTLINE, told)
    if client and _has_begun(app, item):
        held = partial(standing_commands.held, app, client, item.due)
        return RowAction(_("It took place"), ft.Icons.CHECK_CIRCLE_OUTLINE, held)
    if item.kind is AgendaKind.STANDING_CALL:
        opens = partial(app.open, "standing-call", item.client_id)
        return RowAction(_("Add a topic"), ft.Icons.PLAYLIST_ADD, opens)
    if item.kind is AgendaKind.TOPICS:
        opens = partial(app.open, "edit-client", item.client_id)
        return RowAction(_("Agree on a standing call…"), ft.Icons.EVENT_REPEAT, opens)
    return None


def _has_begun(app: AppState, item: AgendaItem) -> bool:
    calls = (AgendaKind.STANDING_CALL, AgendaKind.CALL_TO_NOTE)
    return item.kind in calls and item.due <= app.now


def keep(app: AppState, message: Message, client: Client | None) -> list[ft.PopupMenuItem]:
    """The menu entry that keeps a message for the client's standing call, if there is one."""
    if message.direction != Direction.IN or client is None or not client.standing_call_rule:
        return []
    kept = partial(standing_commands.keep_message, app, message)
    return [menu_item(ft.Icons.EVENT_REPEAT, _("Keep it for your next call"), kept)]


def menu(app: AppState, item: AgendaItem, client: Client | None) -> list[ft.PopupMenuItem]:
    """The row's other actions, in the order of use."""
    return [
        menu_item(each.icon, each.label, each.act)
        for each in (*_steps(app, item, client), *_words(app, item, client))
    ]


def _steps(app: AppState, item: AgendaItem, client: Client | None) -> list[RowAction]:
    found: list[RowAction] = []
    calls = (AgendaKind.STANDING_CALL, AgendaKind.CALL_TO_NOTE, AgendaKind.CALL_CHANGED)
    if item.kind in calls and client:
        found = _call_steps(app, item, client)
    elif item.unanswered and not item.topics:
        keep = partial(call_commands.keep_by_id, app, item.unanswered.to_answer.id)
        found = [RowAction(_("Keep it for your next call"), ft.Icons.EVENT_REPEAT, keep)]
    elif item.waiting:
        again = partial(waiting_commands.followed_up, app, item.waiting)
        let_go = partial(waiting_commands.let_go, app, item.waiting)
        found = [
            RowAction(_("I followed up"), ft.Icons.FORWARD_TO_INBOX, again),
            RowAction(_("Let it go"), ft.Icons.LOGOUT, let_go),
        ]
    elif item.kind is AgendaKind.TO_ASK and item.question and (asks := item.message or item.job):
        settled = partial(items.mark_answered, app, asks, item.question["id"])
        found = [RowAction(_("It is settled"), ft.Icons.CHECK, settled)]
    elif item.kind is AgendaKind.OFFER and item.job:
        declined = partial(job_commands.set_status, app, item.job, JobStatus.DECLINED)
        found = [RowAction(_("Decline it"), ft.Icons.DO_NOT_DISTURB_ON_OUTLINED, declined)]
    elif item.payment:
        reminded = partial(exposure_commands.reminded, app, item.payment)
        found = [] if item.owed else [RowAction(_("I reminded them"), ft.Icons.FORWARD_TO_INBOX, reminded)]
        if item.payment.step is PaymentStep.DECIDE:
            let_go = partial(exposure_commands.let_go, app, item.payment)
            found.append(RowAction(_("Close the job, let it go"), ft.Icons.LOGOUT, let_go))
    elif item.kind is AgendaKind.LADDER and client:
        later = partial(ladder_commands.snooze, app, client, app.now + NOT_NOW)
        if item.snoozed_until:
            later = partial(ladder_commands.snooze, app, client, None)
        label = _("Stop snoozing") if item.snoozed_until else _("Not this week")
        found = [RowAction(label, ft.Icons.SNOOZE, later)]
    return found


def _call_steps(app: AppState, item: AgendaItem, client: Client) -> list[RowAction]:
    if item.changed:
        leave = partial(standing_commands.settle_without_telling, app, client, item.changed)
        return [RowAction(_("No need to tell them"), ft.Icons.CLOSE, leave)]
    found = []
    if _has_begun(app, item):
        found.append(
            RowAction(
                _("It did not take place"),
                ft.Icons.EVENT_BUSY,
                partial(standing_commands.did_not_take_place, app, client, item.due),
            )
        )
    move = partial(ask_move, app, client, item.due)
    return [*found, RowAction(_("Move it…"), ft.Icons.EDIT_CALENDAR, move)]


def _words(app: AppState, item: AgendaItem, client: Client | None) -> list[RowAction]:
    """The action that opens the fitting script, if there is one."""
    script, about = "", place(item)
    if item.waiting:
        script = waiting_commands.script_for(app, item.waiting, client)
    elif item.changed:
        script = standing_commands.CALL_CHANGED
    elif item.payment and not item.owed:
        script, about = item.payment.script, ("job", item.payment.job.id)
    elif item.unanswered and client:
        script = call_commands.answering_script(app, item.unanswered.to_answer, client)
    if not script:
        return []
    return [RowAction(_("What to say"), ft.Icons.EDIT_NOTE, partial(say, app, script, *about))]
