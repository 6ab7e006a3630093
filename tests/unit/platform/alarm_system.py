"""A phone's alarms at Flet's end of the line, and the app in front of them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flet_notifications import LocalNotifications

from app.platform.base import Alarm
from app.platform.phone import PhonePlatform
from tests.unit.platform.screen import Screen

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
KNOWN = "1795500000000-0007-0a1b2c3d"


class System:
    """Android's or iOS's alarms, behind flutter_local_notifications; `asked` is all it was told to change."""

    def __init__(self) -> None:
        self.pending: dict[int, dict[str, Any]] = {}
        self.asked: list[tuple[str, int]] = []
        self.allowed, self.exact, self.agrees = True, True, True
        self.refused: set[str] = set()  # titles, and names of what it cannot do
        self.channel: dict[str, Any] = {}

    def __call__(self, name: str, arguments: dict[str, Any]) -> Any:
        if {name, arguments.get("title")} & self.refused:
            return "error:unsupported_platform:not here"
        if name in {"schedule", "cancel", "show"}:
            self.asked.append((name, arguments["id"]))
        if name == "schedule":
            self.pending[arguments["id"]] = arguments
        elif name == "create_notification_channel":
            self.channel = arguments
        elif name == "cancel":
            self.pending.pop(arguments["id"], None)
        elif name == "get_pending":
            return json.dumps([{"id": id_, "payload": each["payload"]} for id_, each in self.pending.items()])
        elif name == "request_permissions":
            self.allowed = self.agrees
        elif name == "request_exact_alarm_permission":
            self.exact = self.agrees
        answers = {
            "are_notifications_enabled": self.allowed,
            "request_permissions": self.allowed,
            "can_schedule_exact_notifications": self.exact,
            "request_exact_alarm_permission": self.exact,
        }
        return str(answers[name]).lower() if name in answers else "ok"

    def told(self) -> list[str]:
        """What it was told since it was last asked this."""
        told, self.asked = [name for name, _id in self.asked], []
        return told

    def times(self) -> list[datetime]:
        return sorted(datetime.fromisoformat(each["when"]["iso"]) for each in self.pending.values())


class Phone:
    """One process of the app on a phone whose system outlives it."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.screen = Screen(LocalNotifications=system, SecureStorage=self.keep)
        self.platform = PhonePlatform()

    async def start(self) -> "Phone":
        async def nothing() -> None:
            pass

        await self.platform.attach(self.screen.page, nothing, lambda: None)
        self.notifications = self.platform._notifications
        self.notifications._now = lambda: NOW
        return self

    def keep(self, name: str, _arguments: dict[str, Any]) -> None:
        raise RuntimeError(f"the keystore is locked: {name}")

    async def press(self, action: str, payload: str) -> None:
        """As the plug-in tells of it: at once, or as soon as the app that it started listens."""
        (service,) = (
            each for each in self.screen.page._services._services if isinstance(each, LocalNotifications)
        )
        event = {"id": 1, "action_id": action, "payload": payload, "response_type": "action"}
        await self.screen.happen(service, "action" if action else "tap", event)


def play(story: Callable[[Phone], Awaitable[None]]) -> System:
    system = System()

    async def run() -> None:
        await story(await Phone(system).start())

    asyncio.run(run())
    return system


def alarm(key: str, hours: float) -> Alarm:
    actions = [{"action": "replied", "title": "Replied"}, {"action": "snooze", "title": "Snooze 1 h"}]
    notification = {
        "title": key, "body": "", "actions": actions, "tag": key, "path": f"/message/{key}",
        "item": ["message", key], "badge": 2, "clock": KNOWN,
    }  # fmt: skip
    return Alarm(key, NOW + hours * HOUR, notification)
