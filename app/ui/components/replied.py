"""Marking a client's message as replied to, which also settles its open questions."""

from functools import partial

import flet as ft

from app.domain.codes import Direction
from app.domain.entities import Message
from app.domain.reply import open_questions
from app.i18n import _, n_
from app.ui.components.dialogs import option, sheet
from app.ui.state import AppState
from app.viewmodels import message as model
from app.viewmodels.message import Questions


def mark_replied(app: AppState, message: Message) -> None:
    """Mark the message as replied to; if it has open questions, first ask whether the reply asked them."""
    questions = open_questions(message)
    if message.direction != Direction.IN or not questions:
        model.mark_replied(app, message)
        return
    sheet(
        app,
        n_("One question is still open", "{n} questions are still open", len(questions)),
        [
            *(ft.Text(_("“{title}”").format(title=question["text"])) for question in questions[:3]),
            option(
                app,
                ft.Icons.HOURGLASS_EMPTY,
                _("I asked with this reply"),
                partial(model.mark_replied, app, message, Questions.ASKED),
                note=_("The reply is noted, and Kaeru waits for their answer."),
            ),
            option(
                app,
                ft.Icons.CHECK,
                _("It is settled"),
                partial(model.mark_replied, app, message, Questions.SETTLED),
                note=_("The reply is noted, and nothing is left to ask."),
            ),
            option(
                app,
                ft.Icons.HELP_OUTLINE,
                _("I have not asked yet"),
                partial(model.mark_replied, app, message, Questions.OPEN),
                note=_("The reply is noted, and the question stays to be asked."),
            ),
        ],
    )
