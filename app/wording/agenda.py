"""Text of an agenda row, in Today and in the page's first paint: what is owed, to whom, until when."""

from datetime import datetime, timedelta

from app.domain.agenda import AgendaItem, AgendaKind
from app.domain.deadlines import DeadlinePhase, DeadlineView
from app.domain.promised_calls import ChangedCall
from app.domain.reply import WindowState
from app.i18n import Formatter, _, n_
from app.wording import ladder as labels
from app.wording import words
from app.wording.calls import counted_calls

NAMED = 2  # topics of a call named in a row
SINCE = frozenset(
    {
        AgendaKind.FOLLOW_UP,
        AgendaKind.SILENT,
        AgendaKind.APPLICATION,
        AgendaKind.QUESTION,
        AgendaKind.LADDER,
        AgendaKind.TOPICS,
    }
)
"""Kinds shown with the day the wait began: they have no due hour."""


def time_left(at: datetime, now: datetime, formatter: Formatter) -> str:
    """Return the time until `at`, or since: "3 hours left", "2 days late"."""
    left = formatter.until(at, now)
    if left < timedelta():
        return _("{duration} late").format(duration=formatter.duration(left))
    return _("{duration} left").format(duration=formatter.duration(left))


def agenda_kind(item: AgendaItem) -> str:
    """Return what the user owes or waits for: the first words of a row in Today."""
    return {
        AgendaKind.REPLY: _("Reply"),
        AgendaKind.PROMISE: _("You promised an answer"),
        AgendaKind.INTERNAL_DEADLINE: _("Your own deadline"),
        AgendaKind.DEADLINE: _("Client's deadline"),
        AgendaKind.FOLLOW_UP: _("Follow up"),
        AgendaKind.SILENT: _("Client is silent"),
        AgendaKind.STANDING_CALL: _("Standing call"),
        AgendaKind.CALL_TO_NOTE: _("Did your call take place?"),
        AgendaKind.CALLS: _("Calls to answer"),
        AgendaKind.CALL_CHANGED: _("Tell them about your call"),
        AgendaKind.APPLICATION: _("No answer to your application"),
        AgendaKind.OFFER: _("An offer to you"),
        AgendaKind.QUESTION: _("No answer to your question"),
        AgendaKind.TO_ASK: _("To ask"),
        AgendaKind.PAYMENT: _("Payment overdue"),
        AgendaKind.LADDER: _("Boundaries"),
        AgendaKind.TOPICS: _("Kept for your next call"),
    }[item.kind]


def agenda_matter(item: AgendaItem, formatter: Formatter) -> str:
    """Return the task and its subject: the middle of an agenda row."""
    kind, subject = agenda_kind(item), agenda_subject(item, formatter)
    return _("{label}: {value}").format(label=kind, value=subject) if subject else kind


def agenda_subject(item: AgendaItem, formatter: Formatter) -> str:
    """Return the subject of an agenda row."""
    if item.payment:
        amount = formatter.money(item.payment.amount, item.payment.currency)
        title = words.work_title(item.payment.job, item.payment.part)
        return _("{amount} · {title}").format(amount=amount, title=title)
    if item.unanswered:
        counted = counted_calls(item.unanswered, formatter)
        if item.topics:
            return _("{calls}, kept for your next call: tell them").format(calls=counted)
        return counted
    if item.changed:
        return _changed(item.changed, formatter)
    if item.ladder is not None:
        return labels.next_step(item.ladder)
    return _subject(item) or _topics(item, formatter)


def _changed(call: ChangedCall, formatter: Formatter) -> str:
    """Return what changed about a standing call."""
    old, new = call.told, call.now_at
    if new is None:
        return _("no call on {day}").format(day=formatter.weekday_date(old))
    if formatter.local(old).date() == formatter.local(new).date():
        return _("moved from {old} to {new}").format(old=formatter.time(old), new=formatter.time(new))
    return _("moved from {old} to {new}").format(
        old=formatter.short_weekday_date(old), new=formatter.short_weekday_date(new)
    )


def _subject(item: AgendaItem) -> str:
    """Return the text of the question, or the title of the message or job."""
    if item.question:
        return item.question["text"]
    if item.message:
        return words.message_title(item.message.summary, item.message.kind)
    return words.work_title(item.job, item.part) if item.job else ""


def _topics(item: AgendaItem, formatter: Formatter) -> str:
    """Return the first topics of a call, and the number of further ones."""
    named = [words.topic_text(topic) for topic in item.topics[:NAMED]]
    if len(item.topics) > NAMED:
        more = len(item.topics) - NAMED
        named.append(n_("{n} more topic", "{n} more topics", more))
    return formatter.listed(named)


def due_line(item: AgendaItem, now: datetime, formatter: Formatter) -> str:
    """Return when an item is due, and the remaining time: "by 17:00 · 3 hours left"."""
    return _due(due_sentence(item), item.shown_at, now, formatter)


def due_sentence(item: AgendaItem) -> str:
    """Return the template of `due_line`.

    Placeholders: {when} or {day} for `AgendaItem.shown_at`, and {left} for items that can be late.
    """
    if item.kind in (AgendaKind.STANDING_CALL, AgendaKind.CALL_TO_NOTE):
        return "{when}"
    if item.kind is AgendaKind.OFFER:
        return _("waits for your yes or no")
    if item.kind is AgendaKind.TO_ASK:
        return _("not asked yet")
    if item.kind is AgendaKind.PAYMENT:
        return _("Was due {day} · {left} · answer them first") if item.owed else payment_due(late=True)
    if item.kind in SINCE:
        return _("since {day}")
    return _until_when(item.state is WindowState.OVERDUE)


def due_by(due: datetime, late: bool, now: datetime, formatter: Formatter) -> str:
    """Return the due time and the time left or passed.

    Examples: "by 17:00 · 3 hours left", "since Fri 27 Nov · 2 days late".
    """
    return _due(_until_when(late), due, now, formatter)


def deadline_by(view: DeadlineView, now: datetime, formatter: Formatter) -> str:
    """Return when a job or part is due; the internal deadline is labelled as the user's own."""
    late = view.state(now) is WindowState.OVERDUE
    line = due_by(view.current_due(now), late, now, formatter)
    own = view.phase(now) is DeadlinePhase.INTERNAL and view.internal != view.deadline
    return _("{label}: {value}").format(label=_("Your own deadline"), value=line) if own else line


def payment_due(*, late: bool) -> str:
    """Return the template for a payment's due date, with placeholders {day} and {left}."""
    return _("Was due {day} · {left}") if late else _("Due {day} · {left}")


def payment_line(due: datetime, now: datetime, formatter: Formatter) -> str:
    """Return when a payment is due; it is late from the next day on."""
    days = (formatter.local(due).date() - formatter.local(now).date()).days
    if not days:
        return _("Due {day}").format(day=formatter.day_in_line(due, now))
    length = formatter.duration(timedelta(days=abs(days)))
    left = _("{duration} late") if days < 0 else _("{duration} left")
    return payment_due(late=days < 0).format(
        day=formatter.day_in_line(due, now), left=left.format(duration=length)
    )


def _until_when(late: bool) -> str:
    return _("since {when} · {left}") if late else _("by {when} · {left}")


def _due(sentence: str, due: datetime, now: datetime, formatter: Formatter) -> str:
    return sentence.format(
        when=formatter.when(due, now),
        day=formatter.day_in_line(due, now),
        left=time_left(due, now, formatter),
    )
