"""Dialogs for the time until which a message is snoozed, or by which its answer is promised."""

from app.domain.entities import Message
from app.domain.reply import suggested_snoozes
from app.i18n import _
from app.importexport.typed_vague import OPENING
from app.ui.components.times import choose_time
from app.ui.state import AppState
from app.viewmodels import message as message_commands


def ask_promise(app: AppState, message: Message) -> None:
    """Open the screen that acknowledges a message and promises a time."""
    app.open("acknowledge", message.id)


def ask_snooze(app: AppState, message: Message) -> None:
    choose_time(
        app,
        _("Remind me again"),
        suggested_snoozes(app.now, app.calendar),
        lambda at: message_commands.snooze(app, message, at),
        usual=OPENING,
    )
