"""Reminders as a phone's own alarms: the system rings them, with the app closed and no network.

The system is told of what differs only. What it has is asked of it: a list kept here could disagree.
"""

import asyncio
import hashlib
import json
import logging
import re
import secrets
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from flet_notifications import (
    AndroidOptions,
    AndroidScheduleMode,
    DarwinOptions,
    Importance,
    LocalNotifications,
    NotificationAction,
    NotificationChannel,
    NotificationError,
    NotificationEvent,
    NotificationOptions,
    Priority,
)

from app.platform.base import Alarm, Answer, Event, Ringing, Subscription

MOST = 64 if sys.platform == "ios" else 400
"""Alarms at a time: iOS keeps an app's nearest 64 and drops the others; some Androids refuse over 500."""
SNOOZE = timedelta(hours=1)
CHANNEL = "reminders"
SMALL_ICON = "kaeru_status"  # build/phone_project.py puts it there
ACTIONS = frozenset({"replied", "snooze"})
STAMP = re.compile(r"(\d{13})-([0-9a-f]{4})-")
REFUSALS = (NotificationError, RuntimeError, TimeoutError)
"""What the plug-in, and Flet, say by when the system does not do what it is told."""

Told = TypeVar("Told")

log = logging.getLogger(__name__)


class PhoneNotifications:
    """Through flet-notifications. `tell` is called with what happens."""

    def __init__(self, now: Callable[[], datetime], tell: Callable[[Event], None]) -> None:
        self._now = now
        self._tell = tell
        self._answers: list[Answer] = []
        self._opened = ""
        # What a process before this one set may be gone (Android, once the app was forced to stop) or have
        # lost its buttons (iOS, where they are the process's), though the system still lists it.
        self._set_here: set[int] = set()
        self._mode: AndroidScheduleMode | None = None
        self._turn = asyncio.Lock()
        # iOS would ask while the app starts: the person is asked when they turn reminders on.
        self._service = LocalNotifications(
            default_icon=SMALL_ICON,
            request_alert_permission=False,
            request_sound_permission=False,
            request_badge_permission=False,
            on_action=self._on_action,
            on_tap=self._on_tap,
        )

    async def state(self) -> Ringing:
        try:
            allowed = await self._service.are_notifications_enabled()
            punctual = await self._service.can_schedule_exact_notifications()
        except REFUSALS:
            return Ringing("no")
        return Ringing("alarms", "granted" if allowed else "default", alarms=MOST, punctual=punctual)

    async def ask(self) -> Ringing:
        with suppress(*REFUSALS):
            if await self._service.request_permissions():
                return await self.state()
        return Ringing("alarms", "denied", alarms=MOST)

    async def ask_punctual(self) -> Ringing:
        with suppress(*REFUSALS):
            await self._service.request_exact_alarm_permission()
        return await self.state()

    async def subscribe(self, key: str) -> Subscription | None:
        return None  # it needs no server to ring: and so no push rings a second time

    async def unsubscribe(self) -> None:
        await self.set_alarms([])

    async def name(self, title: str, about: str) -> None:
        channel = NotificationChannel(id=CHANNEL, name=title, description=about, importance=Importance.HIGH)
        try:
            await self._service.create_notification_channel(channel)
        except REFUSALS as error:  # iOS has no such thing; and alarms ring under any name
            log.info("the channel keeps its name: %s", error)

    async def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        async with self._turn:  # two differences at a time would be two halves of none
            nearest = sorted(alarms, key=lambda alarm: alarm.at)[:MOST]
            wanted = {_number(alarm.key): alarm for alarm in nearest}
            there = {pending.id for pending in await _asked(self._service.get_pending_notifications())}
            for number in sorted(there - wanted.keys()):
                await _asked(self._service.cancel(number))
            mode = await self._mode_allowed()
            if mode is not self._mode:
                self._mode, self._set_here = mode, set()
            self._set_here &= there
            for number, alarm in wanted.items():
                if number not in self._set_here:
                    await self._set(number, alarm, mode)

    def show(self, notification: Mapping[str, object]) -> None:
        number = _number(str(notification.get("tag", "")))
        self._service.page.run_task(self._show, number, notification)

    def badge(self, count: int) -> None:
        pass  # flet-notifications sets a badge with a notification only

    async def answers(self) -> list[Answer]:
        return list(self._answers)

    async def forget(self, answers: Sequence[Answer]) -> None:
        self._answers = [answer for answer in self._answers if answer not in answers]

    async def opened_path(self) -> str:
        path, self._opened = self._opened, ""
        return path

    # --- towards the system ------------------------------------------------------------------------------

    async def _mode_allowed(self) -> AndroidScheduleMode:
        """Exact where the person lets it be; else within the quarter of an hour that Android takes."""
        exact = await _asked(self._service.can_schedule_exact_notifications())
        modes = AndroidScheduleMode
        return modes.EXACT_ALLOW_WHILE_IDLE if exact else modes.INEXACT_ALLOW_WHILE_IDLE

    async def _set(self, number: int, alarm: Alarm, mode: AndroidScheduleMode) -> None:
        # In UTC: the moment stays the same in another time zone.
        at = alarm.at.astimezone(UTC)
        if at <= self._now():
            return
        details = _details(alarm.notification)
        try:
            await self._service.schedule(number, at, schedule_mode=mode, **details)
        except REFUSALS as error:  # it keeps none of the others from ringing, and is tried again
            log.warning("an alarm was refused: %s", error)
        else:
            self._set_here.add(number)

    async def _show(self, number: int, notification: Mapping[str, object]) -> None:
        await self._service.show(number, **_details(notification))

    # --- and back: with the app closed the plug-in keeps these, and tells them once it runs --------------

    def _on_action(self, event: NotificationEvent) -> None:
        reminder = _payload(event)
        if event.action_id not in ACTIONS or not reminder:
            return
        now = self._now()
        until = now + SNOOZE if event.action_id == "snooze" else None
        values = {
            "item": reminder.get("item"),
            "action": event.action_id,
            "at": now.isoformat(),
            "until": until.isoformat() if until else None,
        }
        stamp = stamp_after(str(reminder.get("clock", "")), now)
        fields: dict[str, list[Any]] = {name: [value, stamp] for name, value in values.items()}
        self._answers.append(Answer(secrets.token_hex(16), fields))
        self._tell("answers")

    def _on_tap(self, event: NotificationEvent) -> None:
        self._opened = str(_payload(event).get("path", "/"))
        self._tell("open")


async def _asked(answer: Awaitable[Told]) -> Told:
    """What the system answers; OSError where it does not."""
    try:
        return await answer
    except REFUSALS as error:
        raise OSError(f"the system refused: {error}") from error


def stamp_after(known: str, now: datetime) -> str:
    """A stamp later than `known`, whatever the clock shows; as assets/web/worker/answers.js makes it."""
    milliseconds, counter = int(now.timestamp() * 1000), 0
    found = STAMP.match(known)
    if found and int(found[1]) >= milliseconds:
        whole = (int(found[1]) << 16) + int(found[2], 16) + 1
        milliseconds, counter = whole >> 16, whole & 0xFFFF
    return f"{milliseconds:013d}-{counter:04x}-{secrets.token_hex(4)}"


def _number(key: str) -> int:
    """How the system tells alarms apart: 31 bits."""
    return int.from_bytes(hashlib.sha256(key.encode(errors="surrogatepass")).digest()[:4]) >> 1


def _details(notification: Mapping[str, Any]) -> dict[str, Any]:
    """A notification as app/sync/reminders.py describes it, as flet-notifications takes it."""
    # Python does not run while the app is closed: an answer opens the app, which carries it out.
    actions = [
        NotificationAction(id=each["action"], title=each["title"], foreground=True)
        for each in notification.get("actions", ())
    ]
    kept = {name: notification.get(name) for name in ("path", "item", "clock")}
    android = AndroidOptions(priority=Priority.HIGH, importance="high", category="reminder")
    badge = notification.get("badge")
    ios = DarwinOptions(thread_identifier=notification.get("tag"), badge_number=badge)
    return {
        "title": notification.get("title"),
        "body": notification.get("body"),
        "payload": json.dumps(kept),
        "actions": actions,
        "channel_id": CHANNEL,
        "options": NotificationOptions(android=android, iOS=ios),
    }


def _payload(event: NotificationEvent) -> dict[str, Any]:
    """What came back; nothing where it is not ours."""
    try:
        kept = json.loads(event.payload)
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}
