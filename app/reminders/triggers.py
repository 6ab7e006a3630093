"""Computes reminder triggers from the open messages, jobs and standing calls; plan.py plans them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from app.domain.answers_owed import AnswersOwed
from app.domain.calls import next_standing_call, standing_calls_between
from app.domain.codes import ClientStatus, Direction
from app.domain.deadlines import DeadlineView, job_deadlines
from app.domain.entities import Client, Job, Message, Part, Settings
from app.domain.hours import MINUTE, Span, WorkCalendar
from app.domain.reply import HOUR, Window, reply_window
from app.domain.silence import silence

BEFORE_DEADLINE = 2 * HOUR
BEFORE_CALL = 10 * MINUTE
DEFAULT_TTL = 12 * HOUR
"""How long a reminder without a natural end is shown."""


class ReminderKind(StrEnum):
    """The reason for a reminder, in ascending order of urgency."""

    OPEN_APP = "open_app"  # the end of the plan; opening the app extends it
    SNOOZE_OVER = "snooze_over"
    FOLLOW_UP = "follow_up"
    REPLY_HALF = "reply_half"
    INTERNAL_DEADLINE = "internal_deadline"
    DEADLINE_EVE = "deadline_eve"  # in the morning of the previous working day
    REPLY_OVERDUE = "reply_overdue"  # every working morning
    PROMISE_OVERDUE = "promise_overdue"
    SEVERAL_OVERDUE = "several_overdue"  # replaces several on devices with a limited number of alarms
    REPLY_SOON = "reply_soon"  # `Settings.reminder_minutes` before the due time
    PROMISE_SOON = "promise_soon"
    DEADLINE_SOON = "deadline_soon"
    STANDING_CALL = "standing_call"


RANK = {rule: rank for rank, rule in enumerate(ReminderKind)}
LEADS = frozenset(
    {
        ReminderKind.REPLY_SOON,
        ReminderKind.PROMISE_SOON,
        ReminderKind.DEADLINE_SOON,
        ReminderKind.STANDING_CALL,
    }
)
"""Kinds that announce an event, and lose their use the later they are shown."""
OVERDUE = frozenset({ReminderKind.REPLY_OVERDUE, ReminderKind.PROMISE_OVERDUE})
# Kinds that may be delayed by a phone's power saving.
LOW_URGENCY = frozenset(
    {
        ReminderKind.OPEN_APP,
        ReminderKind.SNOOZE_OVER,
        ReminderKind.FOLLOW_UP,
        ReminderKind.REPLY_HALF,
        ReminderKind.INTERNAL_DEADLINE,
    }
)


@dataclass(frozen=True)
class ReminderTrigger:
    """A rule applied to an item. `at` is when to remind; after `until` the reminder is useless.

    `thing` identifies the item and its deadline. A reply, a new promise or another follow-up results in a new
    `thing`.
    """

    rule: ReminderKind
    thing: str
    at: datetime
    due: datetime
    until: datetime
    client_id: str = ""
    message: Message | None = None
    job: Job | None = None
    part: Part | None = None

    @property
    def item(self) -> tuple[str, str]:
        """(kind, id) of the record to open; ("", "") for the app itself."""
        if self.message:
            return "message", self.message.id
        if self.job:
            return "job", self.job.id
        return ("client", self.client_id) if self.client_id else ("", "")


def reminder_triggers(
    now: datetime,
    horizon: datetime,
    settings: Settings,
    calendar: WorkCalendar,
    clients: Mapping[str, Client],
    messages: Iterable[Message],
    jobs: Iterable[Job],
    parts: Mapping[str, Sequence[Part]],
) -> Iterator[ReminderTrigger]:
    """Triggers of all kinds that are on in the settings. Repeating ones include one beyond the horizon."""
    days = _work_days(now, horizon, calendar)
    messages = list(messages)
    owed = AnswersOwed(messages)
    for message in messages:
        client = clients.get(message.client_id)
        if message.direction == Direction.OUT:
            ended = client is not None and client.status == ClientStatus.ENDED
            if settings.ring_follow_ups and not ended and not owed.before_follow_up(message):
                yield from _after_snooze(message, _follow_up(message, settings, calendar, now))
        elif settings.ring_replies and (window := reply_window(message, client, settings, calendar)):
            yield from _after_snooze(message, _reply(message, window, settings, days))
    if settings.ring_deadlines:
        for job in jobs:
            views = job_deadlines(job, parts.get(job.id, ()), settings, calendar)
            found = (each for part, view in views for each in _deadline(job, part, view, calendar))
            yield from _after_snooze(job, sorted(found, key=lambda each: (each.due, each.thing)))
    if settings.ring_calls:
        for client in clients.values():
            if client.standing_call_rule and client.status == ClientStatus.ACTIVE:
                yield from _standing_calls(client, now, horizon, calendar)


def _work_days(now: datetime, horizon: datetime, calendar: WorkCalendar) -> list[Span]:
    """The working days from before `now` to one after the horizon, each from first opening to last closing.

    The day before is included, because a quiet period may have delayed its morning reminder.
    """
    days: list[Span] = []
    day = calendar.previous_working_day(calendar.local(now).date())
    while not days or days[-1][0] <= horizon:
        spans = calendar.working_spans(day)
        days.append((spans[0][0], spans[-1][1]))
        day = calendar.next_working_day(day)
    return days


def _reply(
    message: Message, window: Window, settings: Settings, days: Iterable[Span]
) -> list[ReminderTrigger]:
    """Triggers at half of the window (not for promises), before it ends, and every working morning after."""
    clock = f"promise:{window.due:%Y%m%dT%H%M%S}" if window.promise else "reply"

    def trigger(rule: ReminderKind, at: datetime, until: datetime) -> ReminderTrigger:
        thing = f"message:{message.id}/{clock}"
        return ReminderTrigger(rule, thing, at, window.due, until, message.client_id, message=message)

    soon, late = (
        (ReminderKind.PROMISE_SOON, ReminderKind.PROMISE_OVERDUE)
        if window.promise
        else (ReminderKind.REPLY_SOON, ReminderKind.REPLY_OVERDUE)
    )
    offsets = (minutes * MINUTE for minutes in settings.reminder_minutes)
    before = sorted(window.due - offset for offset in offsets if window.due - offset > window.opened)
    found = [trigger(soon, at, window.due) for at in before]
    half = window.opened + (window.due - window.opened) / 2
    # In a short window, a trigger before the end precedes the half, which then adds nothing.
    if not window.promise and window.opened < half < min([*before, window.due]):
        found.append(trigger(ReminderKind.REPLY_HALF, half, window.due))
    found += [trigger(late, opens, closes) for opens, closes in days if opens > window.due]
    return found


def _follow_up(
    message: Message, settings: Settings, calendar: WorkCalendar, now: datetime
) -> list[ReminderTrigger]:
    waiting = silence(message, settings, calendar, now)
    if waiting is None or len(message.followed_up_at) > 1:  # from then on there are no more follow-ups
        return []
    due = waiting[1]
    thing = f"message:{message.id}/follow-up:{len(message.followed_up_at)}"
    return [
        ReminderTrigger(
            ReminderKind.FOLLOW_UP,
            thing,
            due,
            due,
            due + DEFAULT_TTL,
            message.client_id,
            message=message,
        )
    ]


def _deadline(
    job: Job, part: Part | None, view: DeadlineView, calendar: WorkCalendar
) -> Iterator[ReminderTrigger]:
    name = f"part:{part.id}" if part else f"job:{job.id}"
    thing = f"{name}/deadline:{view.deadline:%Y%m%dT%H%M%S}"

    def trigger(rule: ReminderKind, at: datetime, due: datetime) -> ReminderTrigger:
        return ReminderTrigger(rule, thing, at, due, due, job.client_id, job=job, part=part)

    if view.start < view.near < view.internal < view.deadline:
        yield trigger(ReminderKind.INTERNAL_DEADLINE, view.near, view.internal)
    day_before = calendar.previous_working_day(calendar.local(view.deadline).date())
    eve = calendar.working_spans(day_before)[0][0]
    if eve > view.start:
        yield trigger(ReminderKind.DEADLINE_EVE, eve, view.deadline)
    if view.deadline - BEFORE_DEADLINE > view.start:
        yield trigger(ReminderKind.DEADLINE_SOON, view.deadline - BEFORE_DEADLINE, view.deadline)


def _standing_calls(
    client: Client, now: datetime, horizon: datetime, calendar: WorkCalendar
) -> Iterator[ReminderTrigger]:
    length = timedelta(minutes=max(client.standing_call_minutes, 1))
    calls = standing_calls_between(client, now, horizon, calendar)
    beyond = next_standing_call(client, horizon, calendar)
    for at in [*calls, *([beyond] if beyond else [])]:
        thing = f"client:{client.id}/call:{at:%Y%m%dT%H%M%S}"
        yield ReminderTrigger(ReminderKind.STANDING_CALL, thing, at - BEFORE_CALL, at, at + length, client.id)


def _after_snooze(snoozed: Message | Job, found: Sequence[ReminderTrigger]) -> Iterator[ReminderTrigger]:
    """Drop triggers during a snooze. At its end, remind of the first item; keep all later triggers."""
    until = snoozed.snoozed_until
    if until is None or not found:
        yield from found
        return
    first = found[0]
    if first.rule is not ReminderKind.FOLLOW_UP or first.at < until:
        end = max(first.due, until + DEFAULT_TTL)
        yield replace(first, rule=ReminderKind.SNOOZE_OVER, at=until.astimezone(UTC), until=end)
    yield from (each for each in found if each.at >= until)
