"""Reminders as a phone's own alarms: the system rings them, with the app closed and no network.

The system is told of what differs only. What it has is asked of it: a list kept here could disagree.
What its side does is described by tests/unit/platform/alarm_system.py, after the plug-in's own source.
"""

import asyncio
import hashlib
import json
import logging
import re
import secrets
import sys
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
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

from app.platform.answers import AnswerJournal
from app.platform.base import (
    MOST_LATE,
    Alarm,
    Event,
    NotificationAnswer,
    NotificationCapability,
    PushSubscription,
)

IS_IOS = sys.platform == "ios"
MOST = 64 if IS_IOS else 400
"""Alarms at a time: iOS keeps an app's nearest 64 and drops the others; some Androids refuse over 500."""
RENEWED = 20
"""Alarms of an earlier process that are set anew at a time: for each, the plug-in rewrites its whole list."""
SNOOZE = timedelta(hours=1)
CHANNEL = "reminders"
SMALL_ICON = "kaeru_status"  # build/phone_project.py puts it there
ACTIONS = frozenset({"replied", "snooze"})
STAMP = re.compile(r"(\d{13})-([0-9a-f]{4})-")
REFUSALS = (NotificationError, RuntimeError, TimeoutError)
"""What the plug-in, and Flet, say by when the system does not do what it is told."""

Reported = TypeVar("Reported")

log = logging.getLogger(__name__)


class PhoneNotifications:
    """Through flet-notifications. `tell` is called with what happens."""

    def __init__(
        self, now: Callable[[], datetime], tell: Callable[[Event], None], journal: AnswerJournal
    ) -> None:
        self._now = now
        self._tell = tell
        self._journal = journal
        self._opened = ""
        # What a process before this one set may be gone (Android, once the app was forced to stop) or have
        # lost its buttons (iOS), though the system still lists it.
        self._set_here: set[int] = set()
        self._turn = asyncio.Lock()
        # With these, iOS would ask while the app starts: the person is asked when they turn reminders on.
        self._service = LocalNotifications(
            default_icon=SMALL_ICON,
            request_alert_permission=False,
            request_sound_permission=False,
            request_badge_permission=False,
            on_action=self._on_action,
            on_tap=self._on_tap,
        )

    async def state(self) -> NotificationCapability:
        try:
            allowed = await self._service.are_notifications_enabled()
            punctual = await self._service.can_schedule_exact_notifications()
        except REFUSALS:
            return NotificationCapability("no")
        return NotificationCapability(
            "alarms", "granted" if allowed else "default", alarms=MOST, punctual=punctual
        )

    async def ask(self) -> NotificationCapability:
        # The plug-in asks iOS for what these say at that moment; for nothing at all it answers no by itself.
        self._ask_for(everything=True)
        try:
            with suppress(*REFUSALS):
                if await self._service.request_permissions():
                    return await self.state()
        finally:
            self._ask_for(everything=False)
        return NotificationCapability("alarms", "denied", alarms=MOST)

    async def ask_punctual(self) -> NotificationCapability:
        with suppress(*REFUSALS):
            await self._service.request_exact_alarm_permission()
        return await self.state()

    async def subscribe(self, key: str) -> PushSubscription | None:
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
            mode = await self._mode_allowed()
            pending = await _asked(self._service.get_pending_notifications())
            there = {each.id: _kept(each.payload) for each in pending}
            wanted = self._wanted(alarms, there)
            for number in sorted(there.keys() - wanted.keys()):
                await _asked(self._service.cancel(number))
            self._set_here &= there.keys()
            for number in self._to_set(wanted, there, mode):
                await self._set(number, wanted[number], mode)

    async def shown(self) -> frozenset[str]:
        return frozenset(each.tag for each in await self._shown())

    async def withdraw(self, tags: Collection[str]) -> None:
        latest: dict[str, _Shown] = {}
        for each in sorted(await self._shown(), key=lambda each: each.at):
            over = each if each.tag in tags else latest.get(each.tag)
            latest[each.tag] = each
            if over is not None:
                # It rang, so no alarm has its number any more.
                await _asked(self._service.cancel(over.number, over.system_tag))

    def show(self, notification: Mapping[str, object]) -> None:
        number = _number(str(notification.get("tag", "")))
        self._service.page.run_task(self._show, number, notification)

    def badge(self, count: int) -> None:
        pass  # flet-notifications sets a badge with a notification only

    async def answers(self) -> list[NotificationAnswer]:
        return self._journal.all()

    async def forget(self, answers: Sequence[NotificationAnswer]) -> None:
        self._journal.forget(answers)

    async def forget_everything(self) -> None:
        self._journal.forget(self._journal.all())

    async def opened_path(self) -> str:
        path, self._opened = self._opened, ""
        return path

    # --- towards the system ------------------------------------------------------------------------------

    def _ask_for(self, *, everything: bool) -> None:
        self._service.request_alert_permission = everything
        self._service.request_sound_permission = everything
        self._service.request_badge_permission = everything
        self._service.update()

    def _wanted(self, alarms: Sequence[Alarm], there: Collection[int]) -> dict[int, Alarm]:
        """What is to ring, by number, the nearest first: as many as the system holds."""
        now = self._now()
        nearest = {_number(alarm.key): alarm for alarm in sorted(alarms, key=lambda alarm: alarm.at)}
        late = {
            _tag(alarm): alarm.at for number, alarm in nearest.items() if alarm.at <= now and number in there
        }
        wanted: dict[int, Alarm] = {}
        for number, alarm in nearest.items():
            if alarm.at <= now:
                rings = number in there
            else:  # what is still to ring about the same thing says the same
                rings = alarm.at - late.get(_tag(alarm), datetime.min.replace(tzinfo=UTC)) > MOST_LATE
            if rings and len(wanted) < MOST:
                wanted[number] = alarm
        return wanted

    def _to_set(
        self, wanted: dict[int, Alarm], there: Mapping[int, Mapping[str, Any]], mode: AndroidScheduleMode
    ) -> list[int]:
        """The numbers of the alarms to be set now, the nearest first.

        Those that the system does not list, or lists with another exactness. Of those that only a process
        before this one set, as it may have lost them though it lists them: all where there is a sign of that,
        else the nearest, and some more each time.
        """
        now = self._now()
        ahead = [number for number, alarm in wanted.items() if alarm.at > now]
        differing = [number for number in ahead if there.get(number, {}).get("mode") != mode.value]
        unsure = [number for number in ahead if number not in self._set_here and number not in differing]
        # iOS keeps the buttons of an app's notifications as one set, which the plug-in writes anew for each
        # that it sets, of those that this process has set.
        again = bool(differing) if IS_IOS else _lost(there.values(), now)
        doubtful = set(differing) | set(unsure if again else unsure[: 0 if IS_IOS else RENEWED])
        return [number for number in ahead if number in doubtful]

    async def _mode_allowed(self) -> AndroidScheduleMode:
        """Exact where the person lets it be."""
        exact = await _asked(self._service.can_schedule_exact_notifications())
        modes = AndroidScheduleMode
        return modes.EXACT_ALLOW_WHILE_IDLE if exact else modes.INEXACT_ALLOW_WHILE_IDLE

    async def _set(self, number: int, alarm: Alarm, mode: AndroidScheduleMode) -> None:
        # In UTC: the moment stays the same in another time zone.
        at = alarm.at.astimezone(UTC)
        details = _details(alarm.notification, alarm, mode)
        try:
            await self._service.schedule(number, at, schedule_mode=mode, **details)
        except REFUSALS as error:  # it keeps none of the others from ringing, and is tried again
            log.warning("an alarm was refused: %s", error)
        else:
            self._set_here.add(number)

    async def _shown(self) -> list["_Shown"]:
        """What is on the screen of notifications and came from an alarm."""
        active = await _asked(self._service.get_active_notifications())
        found = (_Shown.of(each.id, each.tag or str(_kept(each.payload).get("shown", ""))) for each in active)
        return [each for each in found if each is not None]

    async def _show(self, number: int, notification: Mapping[str, object]) -> None:
        await self._service.show(number, **_details(notification))

    # --- and back: with the app closed the plug-in keeps these, and tells them once it runs --------------

    def _on_action(self, event: NotificationEvent) -> None:
        reminder = _kept(event.payload)
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
        self._journal.add(NotificationAnswer(secrets.token_hex(16), fields))
        self._tell("answers")

    def _on_tap(self, event: NotificationEvent) -> None:
        self._opened = str(_kept(event.payload).get("path", "/"))
        self._tell("open")


async def _asked(answer: Awaitable[Reported]) -> Reported:
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


def _tag(alarm: Alarm) -> str:
    """What it is about; the same for each alarm about that."""
    return str(alarm.notification.get("tag", ""))


@dataclass(frozen=True)
class _Shown:
    """A notification that an alarm left. Its tag in the system says what it is about and when it was due.

    Android tells the tag and keeps the payload to itself; iOS knows no tags and tells the payload.
    """

    number: int
    tag: str
    at: int
    system_tag: str

    @classmethod
    def of(cls, number: int, system_tag: str) -> "_Shown | None":
        at, _separator, tag = system_tag.partition("/")
        return cls(number, tag, int(at), system_tag) if at.isdecimal() and tag else None

    @staticmethod
    def name(alarm: Alarm) -> str:
        return f"{int(alarm.at.timestamp())}/{_tag(alarm)}"


def _lost(there: Iterable[Mapping[str, Any]], now: datetime) -> bool:
    """Whether an alarm should have rung long ago and is still listed: then the others are gone as well."""
    long_ago = int((now - 2 * MOST_LATE).timestamp() * 1000)
    return any(isinstance(at := each.get("at"), int) and at < long_ago for each in there)


def _details(
    notification: Mapping[str, Any], alarm: Alarm | None = None, mode: AndroidScheduleMode | None = None
) -> dict[str, Any]:
    """A notification as app/sync/reminder_plan.py describes it, as flet-notifications takes it."""
    # Python does not run while the app is closed: an answer opens the app, which carries it out.
    actions = [
        NotificationAction(id=each["action"], title=each["title"], foreground=True)
        for each in notification.get("actions", ())
    ]
    kept = {name: notification.get(name) for name in ("path", "item", "clock")}
    android = AndroidOptions(priority=Priority.HIGH, importance="high", category="reminder")
    if alarm and mode:
        android.tag = _Shown.name(alarm)
        kept |= {
            "shown": android.tag,
            "mode": mode.value,
            # In milliseconds, for build/android/BootReceiver.java.
            "at": int(alarm.at.timestamp() * 1000),
            "until": int(alarm.until.timestamp() * 1000),
        }
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


def _kept(payload: str) -> dict[str, Any]:
    """What came back; nothing where it is not ours."""
    try:
        kept = json.loads(payload)
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}
