"""Reminders as a phone's own alarms, which the system shows without the app or a network.

Only differences are sent to the system, compared with what it lists; a local copy could be wrong.
tests/unit/platform/alarm_system.py simulates the system, modelled on the plug-in's source.
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
"""Maximum number of alarms: iOS keeps only an app's nearest 64; some Android devices reject over 500."""
RENEWED = 20
"""Alarms of an earlier process to renew at a time: for each, the plug-in rewrites its whole list."""
SNOOZE = timedelta(hours=1)
CHANNEL = "reminders"
SMALL_ICON = "kaeru_status"  # created by build/phone_project.py
ACTIONS = frozenset({"replied", "snooze"})
STAMP = re.compile(r"(\d{13})-([0-9a-f]{4})-")
REFUSALS = (NotificationError, RuntimeError, TimeoutError)
"""What the plug-in and Flet raise if the system refuses a request."""

Reported = TypeVar("Reported")

log = logging.getLogger(__name__)


class PhoneNotifications:
    """Notifications by flet-notifications. `tell` is called with events."""

    def __init__(
        self, now: Callable[[], datetime], tell: Callable[[Event], None], journal: AnswerJournal
    ) -> None:
        self._now = now
        self._tell = tell
        self._journal = journal
        self._opened = ""
        # Numbers of alarms set by this process. Alarms of an earlier one may be lost (Android, after a forced
        # stop) or have lost their buttons (iOS), although the system still lists them.
        self._set_here: set[int] = set()
        self._turn = asyncio.Lock()
        # Otherwise iOS would ask at start-up; the user is asked when turning reminders on.
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
        # The plug-in requests these permissions on iOS; without any, it returns no without asking.
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
        return None  # alarms need no server; a push would duplicate them

    async def unsubscribe(self) -> None:
        await self.set_alarms([])

    async def name(self, title: str, about: str) -> None:
        channel = NotificationChannel(id=CHANNEL, name=title, description=about, importance=Importance.HIGH)
        try:
            await self._service.create_notification_channel(channel)
        except REFUSALS as error:  # iOS has no channels, and alarms work with any name
            log.info("the channel keeps its name: %s", error)

    async def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        async with self._turn:  # concurrent updates would compare with a half-updated list
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
                # A shown alarm is no longer scheduled, so this cancels none.
                await _asked(self._service.cancel(over.number, over.system_tag))

    def show(self, notification: Mapping[str, object]) -> None:
        number = _number(str(notification.get("tag", "")))
        self._service.page.run_task(self._show, number, notification)

    def badge(self, count: int) -> None:
        pass  # flet-notifications only sets a badge together with a notification

    async def answers(self) -> list[NotificationAnswer]:
        return self._journal.all()

    async def forget(self, answers: Sequence[NotificationAnswer]) -> None:
        self._journal.forget(answers)

    async def forget_everything(self) -> None:
        self._journal.forget(self._journal.all())

    async def opened_path(self) -> str:
        path, self._opened = self._opened, ""
        return path

    # --- calls to the system -----------------------------------------------------------------------------

    def _ask_for(self, *, everything: bool) -> None:
        self._service.request_alert_permission = everything
        self._service.request_sound_permission = everything
        self._service.request_badge_permission = everything
        self._service.update()

    def _wanted(self, alarms: Sequence[Alarm], there: Collection[int]) -> dict[int, Alarm]:
        """The alarms to be scheduled, by number, nearest first, up to the system's limit."""
        now = self._now()
        nearest = {_number(alarm.key): alarm for alarm in sorted(alarms, key=lambda alarm: alarm.at)}
        late = {
            _tag(alarm): alarm.at for number, alarm in nearest.items() if alarm.at <= now and number in there
        }
        wanted: dict[int, Alarm] = {}
        for number, alarm in nearest.items():
            if alarm.at <= now:
                rings = number in there
            else:  # a later reminder about the same item says the same
                rings = alarm.at - late.get(_tag(alarm), datetime.min.replace(tzinfo=UTC)) > MOST_LATE
            if rings and len(wanted) < MOST:
                wanted[number] = alarm
        return wanted

    def _to_set(
        self, wanted: dict[int, Alarm], there: Mapping[int, Mapping[str, Any]], mode: AndroidScheduleMode
    ) -> list[int]:
        """The numbers of the alarms to set now, nearest first.

        Those that the system does not list, or lists with another exactness. Also alarms set only by an
        earlier process, because they may be lost although the system lists them: all of them if there is a
        sign of that, otherwise the nearest few each time.
        """
        now = self._now()
        ahead = [number for number, alarm in wanted.items() if alarm.at > now]
        differing = [number for number in ahead if there.get(number, {}).get("mode") != mode.value]
        unsure = [number for number in ahead if number not in self._set_here and number not in differing]
        # On iOS, all notifications of an app share one set of buttons. The plug-in overwrites it with each
        # alarm, using only the alarms that this process has set.
        again = bool(differing) if IS_IOS else _lost(there.values(), now)
        doubtful = set(differing) | set(unsure if again else unsure[: 0 if IS_IOS else RENEWED])
        return [number for number in ahead if number in doubtful]

    async def _mode_allowed(self) -> AndroidScheduleMode:
        """Exact if the user permits it."""
        exact = await _asked(self._service.can_schedule_exact_notifications())
        modes = AndroidScheduleMode
        return modes.EXACT_ALLOW_WHILE_IDLE if exact else modes.INEXACT_ALLOW_WHILE_IDLE

    async def _set(self, number: int, alarm: Alarm, mode: AndroidScheduleMode) -> None:
        # In UTC, because the instant does not depend on the time zone.
        at = alarm.at.astimezone(UTC)
        details = _details(alarm.notification, alarm, mode)
        try:
            await self._service.schedule(number, at, schedule_mode=mode, **details)
        except REFUSALS as error:  # the others are still set, and this one is retried
            log.warning("an alarm was refused: %s", error)
        else:
            self._set_here.add(number)

    async def _shown(self) -> list["_Shown"]:
        """The visible notifications that alarms have shown."""
        active = await _asked(self._service.get_active_notifications())
        found = (_Shown.of(each.id, each.tag or str(_kept(each.payload).get("shown", ""))) for each in active)
        return [each for each in found if each is not None]

    async def _show(self, number: int, notification: Mapping[str, object]) -> None:
        await self._service.show(number, **_details(notification))

    # --- events; the plug-in stores them while the app is closed, and reports them at start-up -----------

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
    """Await the system's answer; raise OSError if it refuses."""
    try:
        return await answer
    except REFUSALS as error:
        raise OSError(f"the system refused: {error}") from error


def stamp_after(known: str, now: datetime) -> str:
    """A timestamp later than `known`, even if the clock is wrong; same as in assets/web/worker/answers.js."""
    milliseconds, counter = int(now.timestamp() * 1000), 0
    found = STAMP.match(known)
    if found and int(found[1]) >= milliseconds:
        whole = (int(found[1]) << 16) + int(found[2], 16) + 1
        milliseconds, counter = whole >> 16, whole & 0xFFFF
    return f"{milliseconds:013d}-{counter:04x}-{secrets.token_hex(4)}"


def _number(key: str) -> int:
    """The system's id for an alarm: 31 bits."""
    return int.from_bytes(hashlib.sha256(key.encode(errors="surrogatepass")).digest()[:4]) >> 1


def _tag(alarm: Alarm) -> str:
    """Identifies the item; the same for all alarms about it."""
    return str(alarm.notification.get("tag", ""))


@dataclass(frozen=True)
class _Shown:
    """A notification shown by an alarm. Its system tag contains the item's tag and the alarm's time.

    Android reports the tag but not the payload; iOS has no tags but reports the payload.
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
    """Whether an alarm is still listed long after its time: then the others are lost as well."""
    long_ago = int((now - 2 * MOST_LATE).timestamp() * 1000)
    return any(isinstance(at := each.get("at"), int) and at < long_ago for each in there)


def _details(
    notification: Mapping[str, Any], alarm: Alarm | None = None, mode: AndroidScheduleMode | None = None
) -> dict[str, Any]:
    """Convert a notification of app/sync/reminder_plan.py to arguments of flet-notifications."""
    # Python does not run while the app is closed, so an action has to open the app, which applies it.
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
    """Parse a payload; empty if it is not from this app."""
    try:
        kept = json.loads(payload)
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}
