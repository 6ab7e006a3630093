"""A fake of a phone's alarms behind Flet: the Dart of flet-notifications, and Android or iOS below it.

`Plugin` follows notifications_service.dart and background_handler.dart of flet-notifications 0.1.4;
test_plugin_contract.py compares it with the installed files. Below is flutter_local_notifications 22. On
Android, FlutterLocalNotificationsPlugin.java keeps a list of scheduled notifications beside the AlarmManager,
and a notification is identified by tag and id. On iOS, FlutterLocalNotificationsPlugin.m denies a request for
no kind of permission without a prompt, and all notifications share one set of buttons.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from flet_notifications import LocalNotifications

from app.platform.base import Alarm
from app.platform.phone import PhonePlatform
from tests.unit.platform.screen import Screen

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
KNOWN = "1795500000000-0007-0a1b2c3d"

FLAGS = {
    "request_alert_permission": True, "request_sound_permission": True,
    "request_badge_permission": True, "request_critical_permission": False,
}  # fmt: skip
"""The permissions requested on iOS, with the Dart's defaults."""
MOST_ON_IOS = 64


class System:
    """State that outlives the app's process; `calls` holds all calls that change it."""

    def __init__(self, kind: Literal["android", "ios"] = "android") -> None:
        self.kind = kind
        self.now = NOW
        self.pending: dict[int, dict[str, Any]] = {}  # the plug-in's list on Android, the system's on iOS
        self.alarms: set[int] = set()  # ids that will ring
        self.active: dict[tuple[str | None, int], dict[str, Any]] = {}
        self.buttons: set[int] = set()  # iOS: the notifications whose buttons the system knows
        self.allowed, self.exact, self.agrees = True, True, True
        self.prompts = 0
        self.refused: set[str] = set()  # titles and method names that fail
        self.channel: dict[str, Any] = {}
        self.calls: list[tuple[str, int]] = []

    def take_calls(self) -> list[str]:
        """The names of the calls since the last time; clears them."""
        names, self.calls = [name for name, _id in self.calls], []
        return names

    def times(self) -> list[datetime]:
        return sorted(_time(each) for each in self.pending.values())

    def titles(self) -> list[str]:
        """The titles of the notifications shown."""
        return sorted(each["title"] for each in self.active.values())

    def force_stop(self) -> None:
        """Android then cancels the app's alarms; the plug-in's list is a file of the app and stays."""
        self.alarms.clear()

    def advance(self, time: timedelta, late: timedelta = timedelta()) -> None:
        """Advance the clock and ring what is due; inexact alarms ring `late` after their time."""
        self.now += time
        for id_, each in sorted(self.pending.items(), key=lambda item: _time(item[1])):
            exact = each["schedule_mode"].startswith("exact") or self.kind == "ios"
            if id_ in self.alarms and _time(each) + (timedelta() if exact else late) <= self.now:
                self.notify(each)
                del self.pending[id_]
                self.alarms.discard(id_)

    def notify(self, shown: dict[str, Any]) -> None:
        tag = shown["options"]["android"].get("tag") if self.kind == "android" else None
        self.active[tag, shown["id"]] = shown

    def request(self, *, something: bool) -> bool:
        """Request permission from the user, as in the system's dialog."""
        if self.kind == "ios" and not something:
            return False
        self.prompts += not self.allowed
        self.allowed = self.allowed or self.agrees
        return self.allowed


class Plugin:
    """LocalNotificationsService in one process. `properties` are the control's, as sent by Flet."""

    def __init__(self, system: System, properties: Callable[[], dict[str, Any]]) -> None:
        self._system = system
        self._properties = properties
        self._categories: set[int] = set()
        self.is_initialized = False
        self.methods: dict[str, Callable[[dict[str, Any]], str]] = {
            "show": self._show,
            "cancel": self._cancel,
            "schedule": self._schedule,
            "get_pending": self._get_pending,
            "get_active": self._get_active,
            "create_notification_channel": self._create_channel,
            "request_permissions": lambda _map: dart_bool(system.request(something=self._wants_something())),
            "can_schedule_exact_notifications": lambda _map: dart_bool(system.exact or system.kind == "ios"),
            "request_exact_alarm_permission": self._request_exact,
            "are_notifications_enabled": lambda _map: dart_bool(system.allowed),
        }

    def __call__(self, name: str, arguments: dict[str, Any]) -> str:
        if not self.is_initialized:
            self._initialize()
            self.is_initialized = True
        if {name, arguments.get("title")} & self._system.refused:
            return "error:unsupported_platform:not here"
        return self.methods[name](arguments)

    def _wants_something(self) -> bool:
        return any(self._properties().get(name, default) for name, default in FLAGS.items())

    def _initialize(self) -> None:
        if self._system.kind == "ios":
            if self._categories:  # without categories the set stays unchanged
                self._system.buttons = set(self._categories)
            self._system.request(something=self._wants_something())

    def _details(self, map_: dict[str, Any]) -> None:
        if map_["actions"]:
            self._categories.add(map_["id"])
            self._initialize()

    def _show(self, map_: dict[str, Any]) -> str:
        self._system.calls.append(("show", map_["id"]))
        self._details(map_)
        self._system.notify(map_)
        return "ok"

    def _schedule(self, map_: dict[str, Any]) -> str:
        system, id_ = self._system, map_["id"]
        system.calls.append(("schedule", id_))
        self._details(map_)
        if system.kind == "android" and map_["schedule_mode"].startswith("exact") and not system.exact:
            return "error:schedule_failed:PlatformException(exact_alarms_not_permitted)"
        if _time(map_) <= system.now:
            return "error:schedule_failed:Invalid argument (scheduledDate): Must be a date in the future"
        system.pending[id_] = map_
        system.alarms.add(id_)
        if system.kind == "ios":
            kept = sorted(system.pending, key=lambda each: _time(system.pending[each]))[:MOST_ON_IOS]
            system.pending = {each: system.pending[each] for each in kept}
        return "ok"

    def _cancel(self, map_: dict[str, Any]) -> str:
        system, id_ = self._system, map_["id"]
        system.calls.append(("cancel", id_))
        system.pending.pop(id_, None)
        system.alarms.discard(id_)
        tag = (map_.get("tag") or None) if system.kind == "android" else None
        system.active.pop((tag, id_), None)
        return "ok"

    def _get_pending(self, _map: dict[str, Any]) -> str:
        return json.dumps(
            [
                {"id": id_, "title": each["title"], "body": each["body"], "payload": each["payload"]}
                for id_, each in self._system.pending.items()
            ]
        )

    def _get_active(self, _map: dict[str, Any]) -> str:
        on_ios = self._system.kind == "ios"
        return json.dumps(
            [
                {
                    "id": id_, "channel_id": None if on_ios else each["channel_id"], "group_key": None,
                    "tag": tag, "title": each["title"], "body": each["body"],
                    "payload": each["payload"] if on_ios else None, "big_text": None,
                }
                for (tag, id_), each in self._system.active.items()
            ]
        )  # fmt: skip

    def _create_channel(self, map_: dict[str, Any]) -> str:
        if self._system.kind == "ios":
            return "error:unsupported_platform:channels are Android-only"
        self._system.channel = map_
        return "ok"

    def _request_exact(self, _map: dict[str, Any]) -> str:
        if self._system.kind == "ios":
            return "false"
        self._system.exact = self._system.exact or self._system.agrees
        return dart_bool(self._system.exact)


def dart_bool(answer: bool) -> str:
    return "true" if answer else "false"


def _time(scheduled: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(scheduled["when"]["iso"])


class Phone:
    """One process of the app on a phone; the system outlives it."""

    def __init__(self, system: System, *, keystore_locked: bool = True) -> None:
        self.system = system
        self._keystore_locked = keystore_locked
        plugin = Plugin(system, lambda: self.screen.latest_properties("LocalNotifications"))
        self.screen = Screen(LocalNotifications=plugin, SecureStorage=self.keep)
        self.platform = PhonePlatform()

    async def start(self) -> "Phone":
        async def nothing() -> None:
            pass

        await self.platform.attach(self.screen.page, nothing, lambda: None)
        self.notifications = self.platform._notifications
        self.notifications._now = lambda: self.system.now
        return self

    def keep(self, name: str, _arguments: dict[str, Any]) -> None:
        if self._keystore_locked:
            raise RuntimeError(f"the keystore is locked: {name}")

    async def press(self, action: str, payload: str) -> None:
        """Press a button, or tap if `action` is empty; the plug-in reports it once the app listens."""
        (service,) = (
            each for each in self.screen.page._services._services if isinstance(each, LocalNotifications)
        )
        event = {"id": 1, "action_id": action, "payload": payload, "response_type": "action"}
        await self.screen.emit(service, "action" if action else "tap", event)


def play(story: Callable[[Phone], Awaitable[None]], kind: Literal["android", "ios"] = "android") -> System:
    system = System(kind)

    async def run() -> None:
        await story(await Phone(system).start())

    asyncio.run(run())
    return system


def alarm(key: str, hours: float, tag: str = "") -> Alarm:
    actions = [{"action": "replied", "title": "Replied"}, {"action": "snooze", "title": "Snooze 1 h"}]
    notification = {
        "title": key, "body": "", "actions": actions, "tag": tag or key, "path": f"/message/{key}",
        "item": ["message", key], "badge": 2, "clock": KNOWN,
    }  # fmt: skip
    at = NOW + hours * HOUR
    return Alarm(key, at, at + 12 * HOUR, notification)
