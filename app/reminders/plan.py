"""The reminder plan: which notifications are shown, when and with which text, from state and `now` only.

The same state results in the same reminders on every device, so each can send the plan and none is
duplicated.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Literal

from app.domain.agenda import NO_OTHER_WORK, OtherWork, Stage, build_outlook
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
"""Maximum number of reminders in a plan: the server's limit for an account."""
OVERDUE_MORNINGS = 5
"""Number of consecutive mornings on which a device's own alarms repeat overdue items; then weekly."""

ReminderAction = Literal["replied", "snooze"]


@dataclass(frozen=True)
class Wording:
    """A notification's text in the user's language. `actions` are its buttons and their labels."""

    title: str
    body: str
    actions: tuple[tuple[ReminderAction, str], ...] = ()


@dataclass(frozen=True)
class PlanLimits:
    """Limits of a plan.

    `lateness` is the maximum delay of alarms that the device sets itself; None if reminders come from the
    server or from the open app.
    """

    count: int = LIMIT
    lateness: timedelta | None = None


SERVER_LIMITS = PlanLimits()


@dataclass(frozen=True)
class Reminder:
    """One planned notification. `key` is the same on every device, and changes whenever any field changes.

    Reminders of one `group` are about the same item: a later one replaces an earlier one, and an answer ends
    all of them. Both contain plain text about clients; hash them before they leave the device.
    """

    rule: ReminderKind
    key: str
    group: str
    item: tuple[str, str]  # (kind, id) of the record to open; ("", "") for the app itself
    client_id: str
    fire_at: datetime
    expires_at: datetime
    urgency: Literal["normal", "high"]
    wording: Wording
    badge: int  # number of items due at that time if nothing is done until then

    @property
    def path(self) -> str:
        """The path in the app that a tap opens."""
        kind, id_ = self.item
        return f"/{kind}/{id_}" if kind else "/"


def plan(  # noqa: PLR0913, PLR0917 - the input of Today
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
    """Every reminder after `now` and within 30 days, in order; at most the first `limits.count`.

    `messages` are the unanswered ones of both directions; `parts` are by job id; `others` only count on the
    badge. Reminders never fall outside working hours, in quiet hours or on days off. Only quiet hours apply
    to the end of a snooze, because the user chose its time. Two reminders about one item are at least half an
    hour apart. If the limit cuts reminders off, the last one asks to open the app. `word` receives a trigger
    whose `at` is the final time.

    If alarms may be late, reminders of upcoming events are set earlier by that delay, and none is set where
    it could be shown late in a quiet period. Alarms about several overdue items are combined into one per
    morning.
    """
    now = now.astimezone(UTC)
    horizon = now + HORIZON
    calendar = work_calendar(settings)
    quiet_periods, snooze_periods = _quiet_periods(settings, calendar, now, horizon)
    messages, jobs = list(messages), list(jobs)
    found = reminder_triggers(now, horizon, settings, calendar, clients, messages, jobs, parts)
    allowed = _outside_quiet_periods(found, quiet_periods, snooze_periods)
    if limits.lateness:
        quiet_periods, snooze_periods = _quiet_periods(settings, calendar, now, horizon, limits.lateness)
        allowed = _shifted_by_lateness(list(allowed), quiet_periods, snooze_periods, limits.lateness, now)
    ahead = [each for each in _deduplicated(allowed) if each.at > now]
    if limits.lateness is not None:
        ahead = _combine_overdue(ahead)
    planned = _truncated(ahead, now, horizon, calendar, quiet_periods, limits.count)
    outlook = build_outlook(now, horizon, EVERYTHING, settings, clients, messages, jobs, parts, others)
    badge = _badges(outlook)
    return [_reminder(each, word(each), badge(each.at)) for each in planned]


def _quiet_periods(
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
    horizon: datetime,
    lateness: timedelta = timedelta(),
) -> tuple[QuietPeriods, QuietPeriods]:
    """The quiet periods for regular reminders, and those for times that the user chose."""
    return (
        QuietPeriods(settings, calendar, now, horizon, lateness),
        QuietPeriods(settings, calendar, now, horizon, lateness, only_quiet_hours=True),
    )


def _outside_quiet_periods(
    found: Iterable[ReminderTrigger], quiet_periods: QuietPeriods, snooze_periods: QuietPeriods
) -> Iterator[ReminderTrigger]:
    """Move each trigger out of quiet periods, truncate to seconds, ensure a minimum TTL."""
    for each in found:
        periods = snooze_periods if each.rule is ReminderKind.SNOOZE_OVER else quiet_periods
        yield _moved_to(each, periods.nearest_allowed(each.at, each.due))


def _shifted_by_lateness(
    found: Iterable[ReminderTrigger],
    quiet_periods: QuietPeriods,
    snooze_periods: QuietPeriods,
    lateness: timedelta,
    now: datetime,
) -> Iterator[ReminderTrigger]:
    """Move each trigger earlier by `lateness`, so that a late alarm is in time, unless that has passed."""
    for each in found:
        periods = snooze_periods if each.rule is ReminderKind.SNOOZE_OVER else quiet_periods
        at = periods.nearest_allowed(each.at - lateness if each.rule in LEADS else each.at, each.due)
        yield _moved_to(each, at) if at > now else each


def _moved_to(trigger: ReminderTrigger, at: datetime) -> ReminderTrigger:
    at = at.replace(microsecond=0)
    return replace(trigger, at=at, until=max(trigger.until, at + MIN_GAP))


def _deduplicated(found: Iterable[ReminderTrigger]) -> list[ReminderTrigger]:
    """Sort triggers. Of two about one item that are closer than `MIN_GAP`, keep the more urgent one."""
    kept: list[ReminderTrigger] = []
    for each in sorted(found, key=lambda each: (each.thing, each.at, RANK[each.rule])):
        if kept and kept[-1].thing == each.thing and each.at - kept[-1].at < MIN_GAP:
            if RANK[each.rule] >= RANK[kept[-1].rule]:
                kept[-1] = each
        else:
            kept.append(each)
    return sorted(kept, key=lambda each: (each.at, -RANK[each.rule], each.thing))


def _combine_overdue(ahead: list[ReminderTrigger]) -> list[ReminderTrigger]:
    """Combine overdue items into one reminder per morning: on the first mornings, then weekly, and on the
    last.

    Otherwise a few overdue messages use up all alarms of a phone, and upcoming events are missed.
    """
    mornings = groupby((each for each in ahead if each.rule in OVERDUE), key=lambda each: each.at)
    combined = [_combined(list(group)) for _at, group in mornings]
    kept = combined[:OVERDUE_MORNINGS]
    for each in combined[OVERDUE_MORNINGS:]:
        if each.at - kept[-1].at >= 7 * DAY or each is combined[-1]:
            kept.append(each)
    others = [each for each in ahead if each.rule not in OVERDUE]
    return sorted([*others, *kept], key=lambda each: (each.at, -RANK[each.rule], each.thing))


def _combined(overdue: list[ReminderTrigger]) -> ReminderTrigger:
    if len(overdue) == 1:
        return overdue[0]
    at, due = overdue[0].at, min(each.due for each in overdue)
    return ReminderTrigger(
        ReminderKind.SEVERAL_OVERDUE, "overdue", at, due, max(each.until for each in overdue)
    )


def _truncated(
    ahead: list[ReminderTrigger],
    now: datetime,
    horizon: datetime,
    calendar: WorkCalendar,
    quiet_periods: QuietPeriods,
    limit: int,
) -> list[ReminderTrigger]:
    """Truncate to the limit, ending with "open the app" if anything was cut. The end moves once a day."""
    last_day = calendar.previous_working_day(calendar.local(horizon).date())
    end = quiet_periods.nearest_allowed(calendar.opening(last_day))
    if not now < end <= horizon:  # quiet periods cover the whole horizon
        return [each for each in ahead if each.at <= horizon][:limit]
    planned = [each for each in ahead if each.at < end][:limit]
    if len(planned) < len(ahead):
        if len(planned) == limit:
            planned = planned[:-1]
            end = planned[-1].at
        planned.append(ReminderTrigger(ReminderKind.OPEN_APP, "app", end, end, end + 2 * DEFAULT_TTL))
    return planned


def _badges(outlook: Iterable[Sequence[Stage]]) -> Callable[[datetime], int]:
    """The number of due items as a function of time, consistent with `due_count` on Today."""
    starts: list[datetime] = []
    ends: list[datetime] = []
    for stages in outlook:
        following = [stage.since for stage in stages[1:]]
        for stage, end in zip(stages, [*following, None], strict=True):
            item = stage.item
            if item is None or item.snoozed_until is not None or not item.counts:
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
