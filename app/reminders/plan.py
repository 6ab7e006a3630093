"""The reminder plan: what will ring, when, and in which words, from state and `now` alone.

The same state gives the same reminders on every device, so that each can put the plan and none rings twice.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Literal

from app.domain.agenda import NO_OTHER_WORK, OtherWork, Stage, build_outlook
from app.domain.agenda_items import UNCOUNTED
from app.domain.entities import Client, Job, Message, Part, Settings
from app.domain.hours import DAY, WorkCalendar, work_calendar
from app.domain.reply import HOUR
from app.reminders.quiet_periods import MIN_GAP, QuietPeriods
from app.reminders.triggers import (
    DEFAULT_TTL,
    LEADS,
    LOW_URGENCY,
    OVERDUE,
    RANK,
    ReminderKind,
    ReminderTrigger,
    reminder_triggers,
)

HORIZON = 30 * DAY
EVERYTHING = 1_000_000
LIMIT = 500
"""The most reminders a plan holds: what the server keeps for an account."""
OVERDUE_MORNINGS = 5
"""So many mornings in a row a device's own alarms tell of what is overdue; then once a week."""

ReminderAction = Literal["replied", "snooze"]


@dataclass(frozen=True)
class Wording:
    """A notification in the user's language. `actions` are the buttons it offers, with their labels."""

    title: str
    body: str
    actions: tuple[tuple[ReminderAction, str], ...] = ()


@dataclass(frozen=True)
class PlanLimits:
    """What a plan must fit into.

    `lateness` is by how much alarms that the device sets for itself may ring late; None where each ring comes
    from the server, or from the open app.
    """

    count: int = LIMIT
    lateness: timedelta | None = None


SERVER_LIMITS = PlanLimits()


@dataclass(frozen=True)
class Reminder:
    """One ring. `key` is the same wherever and whenever it is planned, and another once anything of it is.

    Reminders of one `group` are about one thing: a later one takes the place of an earlier, and an answer
    ends them all. Both are plain text about the person's clients: hash them before they leave the device.
    """

    rule: ReminderKind
    key: str
    group: str
    item: tuple[str, str]  # kind and id of the record to open; ("", "") for the app itself
    client_id: str
    fire_at: datetime
    expires_at: datetime
    urgency: Literal["normal", "high"]
    wording: Wording
    badge: int  # what is due at that time, if nothing is done until then

    @property
    def path(self) -> str:
        """Where in the app it leads."""
        kind, id_ = self.item
        return f"/{kind}/{id_}" if kind else "/"


def plan(  # noqa: PLR0913, PLR0917 - all that Today is made of
    now: datetime,
    settings: Settings,
    clients: Mapping[str, Client],
    messages: Iterable[Message],
    jobs: Iterable[Job],
    parts: Mapping[str, Sequence[Part]],
    word: Callable[[ReminderTrigger], Wording],
    limits: PlanLimits = SERVER_LIMITS,
    others: OtherWork = NO_OTHER_WORK,
) -> list[Reminder]:
    """Every reminder after `now` and within 30 days, in order; at most `limits.count`, the nearest.

    `messages` are the unanswered ones of both directions; `parts` are by job id; `others` count on the badge.
    Nothing falls outside working hours, in quiet hours or on days off. The end of a snooze is an exception:
    the user chose its time, so quiet hours alone count. Nothing rings twice within half an hour for one
    thing. Where there would be more to come, the last one asks to open the app. `word` is told an occasion,
    with `at` when it will ring.

    Alarms that may be late are set so much earlier if they tell of a time to come, and never where they could
    ring late into the silence. Alarms of one morning about several overdue things are one.
    """
    now = now.astimezone(UTC)
    horizon = now + HORIZON
    calendar = work_calendar(settings)
    silence, asked = _silences(settings, calendar, now, horizon)
    messages, jobs = list(messages), list(jobs)
    found = reminder_triggers(now, horizon, settings, calendar, clients, messages, jobs, parts)
    settled = _settled(found, silence, asked)
    if limits.lateness:
        silence, asked = _silences(settings, calendar, now, horizon, limits.lateness)
        settled = _earlier(list(settled), silence, asked, limits.lateness, now)
    ahead = [each for each in _once_each(settled) if each.at > now]
    if limits.lateness is not None:
        ahead = _gathered(ahead)
    planned = _cut(ahead, now, horizon, calendar, silence, limits.count)
    outlook = build_outlook(now, horizon, EVERYTHING, settings, clients, messages, jobs, parts, others)
    badge = _badges(outlook)
    return [_reminder(each, word(each), badge(each.at)) for each in planned]


def _silences(
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
    horizon: datetime,
    lateness: timedelta = timedelta(),
) -> tuple[QuietPeriods, QuietPeriods]:
    """For what Kaeru reminds of by itself, and for what was asked for at its very time."""
    return (
        QuietPeriods(settings, calendar, now, horizon, lateness),
        QuietPeriods(settings, calendar, now, horizon, lateness, asked=True),
    )


def _settled(
    found: Iterable[ReminderTrigger], silence: QuietPeriods, asked: QuietPeriods
) -> Iterator[ReminderTrigger]:
    """Move each out of the silence, cut it to full seconds, and let it be of use for a while."""
    for each in found:
        quiet = asked if each.rule is ReminderKind.SNOOZE_OVER else silence
        yield _moved(each, quiet.settle(each.at, each.due))


def _earlier(
    found: Iterable[ReminderTrigger],
    silence: QuietPeriods,
    asked: QuietPeriods,
    lateness: timedelta,
    now: datetime,
) -> Iterator[ReminderTrigger]:
    """Move each so early that an alarm which rings late is in time, unless that is over."""
    for each in found:
        quiet = asked if each.rule is ReminderKind.SNOOZE_OVER else silence
        at = quiet.settle(each.at - lateness if each.rule in LEADS else each.at, each.due)
        yield _moved(each, at) if at > now else each


def _moved(trigger: ReminderTrigger, at: datetime) -> ReminderTrigger:
    at = at.replace(microsecond=0)
    return replace(trigger, at=at, until=max(trigger.until, at + MIN_GAP))


def _once_each(found: Iterable[ReminderTrigger]) -> list[ReminderTrigger]:
    """In order; where two about one thing come close together, the more pressing one."""
    kept: list[ReminderTrigger] = []
    for each in sorted(found, key=lambda each: (each.thing, each.at, RANK[each.rule])):
        if kept and kept[-1].thing == each.thing and each.at - kept[-1].at < MIN_GAP:
            if RANK[each.rule] >= RANK[kept[-1].rule]:
                kept[-1] = each
        else:
            kept.append(each)
    return sorted(kept, key=lambda each: (each.at, -RANK[each.rule], each.thing))


def _gathered(ahead: list[ReminderTrigger]) -> list[ReminderTrigger]:
    """What is overdue in one reminder a morning: on the first mornings, then weekly, and on the last.

    Else a few overdue messages fill all alarms that a phone holds, and nothing that is to come rings.
    """
    mornings = groupby((each for each in ahead if each.rule in OVERDUE), key=lambda each: each.at)
    together = [_together(list(group)) for _at, group in mornings]
    kept = together[:OVERDUE_MORNINGS]
    for each in together[OVERDUE_MORNINGS:]:
        if each.at - kept[-1].at >= 7 * DAY or each is together[-1]:
            kept.append(each)
    others = [each for each in ahead if each.rule not in OVERDUE]
    return sorted([*others, *kept], key=lambda each: (each.at, -RANK[each.rule], each.thing))


def _together(overdue: list[ReminderTrigger]) -> ReminderTrigger:
    if len(overdue) == 1:
        return overdue[0]
    at, due = overdue[0].at, min(each.due for each in overdue)
    return ReminderTrigger(
        ReminderKind.SEVERAL_OVERDUE, "overdue", at, due, max(each.until for each in overdue)
    )


def _cut(
    ahead: list[ReminderTrigger],
    now: datetime,
    horizon: datetime,
    calendar: WorkCalendar,
    silence: QuietPeriods,
    limit: int,
) -> list[ReminderTrigger]:
    """What fits, and "open the app" at its end if that is not all. The end moves on once a day."""
    last_day = calendar.previous_working_day(calendar.local(horizon).date())
    end = silence.settle(calendar.opening(last_day))
    if not now < end <= horizon:  # there is nothing but silence
        return [each for each in ahead if each.at <= horizon][:limit]
    planned = [each for each in ahead if each.at < end][:limit]
    if len(planned) < len(ahead):
        if len(planned) == limit:
            planned = planned[:-1]
            end = planned[-1].at
        planned.append(ReminderTrigger(ReminderKind.OPEN_APP, "app", end, end, end + 2 * DEFAULT_TTL))
    return planned


def _badges(outlook: Iterable[Sequence[Stage]]) -> Callable[[datetime], int]:
    """How many things are due at a time: as `due_count` says of Today."""
    starts: list[datetime] = []
    ends: list[datetime] = []
    for stages in outlook:
        following = [stage.since for stage in stages[1:]]
        for stage, end in zip(stages, [*following, None], strict=True):
            item = stage.item
            if item is None or item.snoozed_until is not None or item.kind in UNCOUNTED:
                continue
            start = max(stage.since, item.due - HOUR)
            if end is None or start < end:
                starts.append(start)
                ends += [end] if end else []
    starts.sort()
    ends.sort()
    return lambda at: bisect_right(starts, at) - bisect_right(ends, at)


def _reminder(trigger: ReminderTrigger, wording: Wording, badge: int) -> Reminder:
    said = [wording.title, wording.body, *map(list, wording.actions)]
    return Reminder(
        rule=trigger.rule,
        key=json.dumps([trigger.thing, trigger.rule, trigger.at.isoformat(), said], ensure_ascii=False),
        group=trigger.thing,
        item=trigger.item,
        client_id=trigger.client_id,
        fire_at=trigger.at,
        expires_at=trigger.until,
        urgency="normal" if trigger.rule in LOW_URGENCY else "high",
        wording=wording,
        badge=badge,
    )
