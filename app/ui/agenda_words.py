"""What a row of the agenda says, in Today and before the app runs: what is owed, to whom, until when."""

from datetime import datetime, timedelta

from app.domain.agenda import AgendaItem, AgendaKind
from app.domain.deadlines import DeadlinePhase, DeadlineView
from app.domain.reply import WindowState
from app.ui import words
from app.ui.i18n import Formatter, _


def time_left(at: datetime, now: datetime, formatter: Formatter) -> str:
    """How long until then, or how late it is: "3 hours left", "2 days late"."""
    left = formatter.until(at, now)
    if left < timedelta():
        return _("{duration} late").format(duration=formatter.duration(left))
    return _("{duration} left").format(duration=formatter.duration(left))


def agenda_kind(item: AgendaItem) -> str:
    """What the user owes, or waits for: the first words of a row in Today."""
    return {
        AgendaKind.REPLY: _("Reply"),
        AgendaKind.PROMISE: _("You promised an answer"),
        AgendaKind.INTERNAL_DEADLINE: _("Your own deadline"),
        AgendaKind.DEADLINE: _("Client's deadline"),
        AgendaKind.FOLLOW_UP: _("Follow up"),
        AgendaKind.SILENT: _("Client is silent"),
        AgendaKind.STANDING_CALL: _("Standing call"),
    }[item.kind]


def agenda_matter(item: AgendaItem) -> str:
    """What is to be done about what: the middle of an agenda row."""
    kind, subject = agenda_kind(item), agenda_subject(item)
    return _("{label}: {value}").format(label=kind, value=subject) if subject else kind


def agenda_subject(item: AgendaItem) -> str:
    """The matter of an agenda row."""
    if item.message:
        return words.message_title(item.message.summary, item.message.kind)
    if item.job:
        return words.work_title(item.job, item.part)
    return ""


def due_line(item: AgendaItem, now: datetime, formatter: Formatter) -> str:
    """When a row is due, and how long that is: "by 17:00 · 3 hours left"."""
    return _due(due_sentence(item), item.due, now, formatter)


def due_sentence(item: AgendaItem) -> str:
    """The same with its holes: {when}, and {left} in what can be late."""
    if item.kind is AgendaKind.STANDING_CALL:
        return "{when}"
    if item.kind in (AgendaKind.FOLLOW_UP, AgendaKind.SILENT):
        return _("since {when}")
    return _until_when(item.state is WindowState.OVERDUE)


def due_by(due: datetime, late: bool, now: datetime, formatter: Formatter) -> str:
    """Until when, and how long that is: "by 17:00 · 3 hours left", "since Fri 27 Nov · 2 days late"."""
    return _due(_until_when(late), due, now, formatter)


def deadline_by(view: DeadlineView, now: datetime, formatter: Formatter) -> str:
    """Until when a job or part is due. The user's own deadline is called so: it is not the client's."""
    late = view.state(now) is WindowState.OVERDUE
    line = due_by(view.current_due(now), late, now, formatter)
    own = view.phase(now) is DeadlinePhase.INTERNAL and view.internal != view.deadline
    return _("{label}: {value}").format(label=_("Your own deadline"), value=line) if own else line


def _until_when(late: bool) -> str:
    return _("since {when} · {left}") if late else _("by {when} · {left}")


def _due(sentence: str, due: datetime, now: datetime, formatter: Formatter) -> str:
    return sentence.format(when=formatter.when(due, now), left=time_left(due, now, formatter))
