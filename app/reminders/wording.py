"""The text of reminders on a lock screen: client, subject, due time and actions."""

from app.domain.entities import Client
from app.i18n import Formatter, _
from app.reminders.plan import ReminderAction, Wording
from app.reminders.triggers import ReminderKind, ReminderTrigger
from app.wording import words

LONGEST = 120  # characters of the subject; fits on a lock screen and into a sealed box


def reminder(trigger: ReminderTrigger, client: Client | None, formatter: Formatter) -> Wording:
    """A reminder's text in the current language. It may be read a day later, so it never says "tomorrow"."""
    name = words.client_name(client) if client else _("your client")
    when = formatter.dated(trigger.due, trigger.at)
    title, body = _sentences(trigger.rule, _matter(trigger))
    return Wording(
        title.format(name=name, when=when),
        body.format(name=name, when=when, matter=_matter(trigger)),
        _actions(trigger),
    )


def test_ring() -> Wording:
    return Wording(_("Kaeru can ring here"), _("This is how a reminder looks. Tap it to open the app."))


def unreadable() -> Wording:
    """The text for a push that is outdated or unreadable: browsers require every push to show something."""
    return Wording(_("Kaeru reminds you"), _("Open the app to see what is due."))


def alarms() -> Wording:
    """Name and description of the notification channel in the phone's settings."""
    return Wording(_("Reminders"), _("Replies, promises, deadlines, follow-ups and standing calls"))


def _sentences(rule: ReminderKind, matter: str) -> tuple[str, str]:
    """Templates of title and body, with {name}, {when} and {matter}."""
    said = "{matter}" if matter else ""
    late = _("{matter} · due since {when}") if matter else _("Due since {when}")
    return {
        ReminderKind.REPLY_HALF: (_("Reply to {name} by {when}"), said),
        ReminderKind.REPLY_SOON: (_("Almost due: reply to {name} by {when}"), said),
        ReminderKind.REPLY_OVERDUE: (_("{name} still waits for your reply"), late),
        ReminderKind.PROMISE_SOON: (_("You promised {name} an answer by {when}"), said),
        ReminderKind.PROMISE_OVERDUE: (_("{name} still waits for the answer you promised"), late),
        ReminderKind.INTERNAL_DEADLINE: (_("Your own deadline for {name}: {when}"), said),
        ReminderKind.DEADLINE_EVE: (_("Deadline for {name}: {when}"), said),
        ReminderKind.DEADLINE_SOON: (_("Last hours: {name} expects this by {when}"), said),
        ReminderKind.STANDING_CALL: (_("Call with {name} at {when}"), _("Your standing call")),
        ReminderKind.FOLLOW_UP: (_("No answer from {name} yet"), _("Follow up: {matter}") if matter else ""),
        ReminderKind.SNOOZE_OVER: (_("Snoozed until now: {name}"), said),
        # Without a number, because some may have been answered since.
        ReminderKind.SEVERAL_OVERDUE: (_("Several replies are overdue"), _("Today shows who is waiting.")),
        ReminderKind.OPEN_APP: (
            _("Open Kaeru once"),
            _("This was the last planned reminder. Opening it plans the next."),
        ),
    }[rule]


def _matter(trigger: ReminderTrigger) -> str:
    if trigger.message:
        text = words.message_title(trigger.message.summary, trigger.message.kind)
    elif trigger.job:
        text = words.work_title(trigger.job, trigger.part)
    else:
        return ""
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _actions(trigger: ReminderTrigger) -> tuple[tuple[ReminderAction, str], ...]:
    snooze: tuple[ReminderAction, str] = "snooze", _("Snooze 1 h")
    if trigger.message:
        done = _("They answered") if trigger.message.direction == "out" else _("Replied")
        return ("replied", done), snooze
    return (snooze,) if trigger.job else ()
